"""The panel of training dynamics: what the reward said, what was true, how behaviour changed."""

from reasonscope.dynamics.curves.drawing import MOST_RUNS, Curve, Plot, figure
from reasonscope.dynamics.curves.series import Run, read
from reasonscope.findings import percent
from reasonscope.report.panel import Panel, Table
from reasonscope.traces.store import Study

MOST_SAMPLES = 12
"""Steps in the table of kept completions; of more, the first, the last and some between."""

PLOTS = (
    Plot(
        about="Length",
        curves=(
            Curve("length_tokens", "", "all"),
            Curve("length_tokens", "right", "right"),
            Curve("length_tokens", "wrong", "wrong"),
        ),
        title="tokens of a completion",
    ),
    Plot(
        about="Entropy",
        curves=(
            Curve("entropy_nats", "", "all tokens"),
            Curve("entropy_nats", "step_start", "first of a step"),
            Curve("entropy_nats", "result", "number after ="),
            Curve("entropy_nats", "answer", "answer"),
        ),
        title="nats at a token",
        least=0.0,
    ),
    Plot(
        about="Steps",
        curves=(
            Curve("valid_step_share", "", "judged steps that are right"),
            Curve("label_share", "self_checking", "steps that check"),
            Curve("label_share", "uncertainty_management", "steps that doubt"),
        ),
        title="share of steps",
        share=True,
    ),
    Plot(
        about="Looking again",
        curves=(
            Curve("checks_per_1k_tokens", "", "checks"),
            Curve("backtracks_per_1k_tokens", "", "turns back"),
        ),
        title="per 1,000 tokens",
        least=0.0,
    ),
    Plot(
        about="Endings",
        curves=(
            Curve("answered_share", "", "answered"),
            Curve("truncated_share", "", "cut at the limit"),
            Curve("constant_group_share", "", "groups that teach nothing"),
        ),
        title="share",
        share=True,
    ),
    Plot(
        about="The update",
        curves=(
            Curve("kl_nats", "", "KL in nats"),
            Curve("clip_share", "", "clipped tokens"),
            Curve("grad_norm", "", "gradient norm"),
            Curve("loss", "", "loss"),
        ),
        title="",
        apart=True,
    ),
)
"""What is drawn below reward and truth, in order."""

PROXY = (
    Curve("reward", "", "reward (what is trained on)"),
    Curve("truth_share", "", "truly right"),
    Curve("truth_share", "held_out", "truly right, held out"),
)


def panel(study: Study) -> Panel:
    """Reward and truth, length, entropy, steps, endings and the update, run over run."""
    runs = read(study)
    figures = [figure(_proxy(runs), runs), *(figure(plot, runs) for plot in PLOTS)]
    return Panel(
        name="curves",
        title=_title(runs),
        lead=_lead(runs),
        figures=tuple(held for held in figures if held is not None),
        tables=tuple(table for table in (_samples(study),) if table.rows),
        misleads="Bands are sampling error alone (1.96 standard errors by problem); a policy "
        "also wanders from step to step. Each step has other problems, so neighbouring points "
        "differ by luck. The true share is measured on the problems of the training step unless "
        "it says held out: it can rise by learning these problems by heart. Labels, checks and "
        "returns come from a small sample of each step, and label shares are as labelled, errors "
        "included. A shorter completion has fewer chances to check: read the rates per 1,000 "
        "tokens, not the looks of a trace.",
    )


def _proxy(runs: dict[str, Run]) -> Plot:
    """Reward and truth on one scale where the reward lies between 0 and 1, else apart."""
    rewards = [own["reward", ""].values for own in runs.values() if ("reward", "") in own]
    share = all(values.min() >= 0 and values.max() <= 1 for values in rewards)
    return Plot(
        about="Reward and truth",
        curves=PROXY,
        title="reward; share right" if share else "",
        share=share,
        apart=not share,
        dashed=True,
    )


def _title(runs: dict[str, Run]) -> str:
    if not runs:
        return "No training run was recorded"
    steps = max(int(series.steps[-1]) + 1 for own in runs.values() for series in own.values())
    who = f"run {next(iter(runs))}" if len(runs) == 1 else f"{len(runs)} runs"
    return f"Training, step by step: {who}, {steps:,} steps"


def _lead(runs: dict[str, Run]) -> str:
    said = "Above each plot stand the means of the first and the last tenth of the steps."
    if any(("reward", "") in own for own in runs.values()):
        said = (
            "The reward is what training maximises; the other curves say what it got. “Truly "
            "right” is judged by an independent verifier, so where the reward rises and truth does "
            f"not, the reward is being gamed. {said}"
        )
    if len(runs) > MOST_RUNS:
        said += f" The {MOST_RUNS} runs with the most steps are drawn."
    return f"{said} {_cost(runs)}".strip()


def _cost(runs: dict[str, Run]) -> str:
    """What recording costs, as the first run that knows it says at its last step."""
    for run in runs.values():
        if ("recorder_share", "") in run:
            share = float(run["recorder_share", ""].values[-1])
            return f"Recording takes {percent(share)} of the training's time."
    return ""


def _samples(study: Study) -> Table:
    """The steps whose completions were kept as traces, with how many of them are right."""
    rows = study.rows(
        "select regexp_extract(t.model, '^(.*)@([0-9]+)$', 1) as run, "
        "cast(regexp_extract(t.model, '^(.*)@([0-9]+)$', 2) as bigint) as step, count(*), "
        "count(*) filter (where a.correct), min(t.trace_id) from traces t "
        "left join (select trace_id, bool_or(correct) as correct from answers where final "
        "group by all) a using (trace_id) "
        "where regexp_matches(t.model, '^.*@[0-9]{1,15}$') group by all order by all"
    )
    kept = rows
    if len(rows) > MOST_SAMPLES:
        places = {round(i * (len(rows) - 1) / (MOST_SAMPLES - 1)) for i in range(MOST_SAMPLES)}
        kept = [rows[place] for place in sorted(places)]
    return Table(
        title=f"Completions kept as traces of the model RUN@STEP, at {len(rows):,} steps: choose "
        "one as the model in the list of traces, or measure them like any others",
        columns=("run", "step", "traces", "known to be right", "one of them"),
        rows=tuple((run, step, n, right, trace[:8]) for run, step, n, right, trace in kept),
    )
