"""The steps instrument: which steps are right, which are wrong, and where the first error is.

Each verdict of :func:`reasonscope.verify.judge.judge` is a row of table ``verdicts``. A step is
wrong if it holds a wrong claim that the trace does not take back, right if it holds a right
claim and no wrong one, and otherwise not judged.
"""

from collections.abc import Iterable, Sequence

from reasonscope.findings import Finding
from reasonscope.instrument import Instrument
from reasonscope.outcomes.mending import mended
from reasonscope.outcomes.step_table import JUDGED, TRACES
from reasonscope.outcomes.steps_panel import panel
from reasonscope.outcomes.steps_planted import calibrate
from reasonscope.report.panel import Mark, MarkKind
from reasonscope.shares import share_of, with_problem
from reasonscope.stats import Estimate, clustered_proportion
from reasonscope.traces.schema import Case, ErrorRow, Verdict
from reasonscope.traces.store import Study
from reasonscope.verify.judge import FAILED, judge, step_outcome

CONTROL_TRACES = 50
"""Most traces that are mended and judged again for the control."""
CONTROL_CHARACTERS = 200_000
"""A longer trace is left out of the control, which judges each trace several times."""


def examine(case: Case) -> list[Verdict | ErrorRow]:
    """Every verdict on the trace's steps, and an error row for each verifier that failed."""
    verdicts = judge(case)
    return [*verdicts, *(_failure(v) for v in verdicts if v.reason.startswith(FAILED))]


def _failure(verdict: Verdict) -> ErrorRow:
    return ErrorRow(
        source=f"instrument steps: {verdict.verifier}",
        place=verdict.trace_id,
        error=verdict.reason,
    )


def conclude(study: Study) -> list[Finding]:
    """Shares of false, checkable and retracted claims, and how often an error is located."""
    return [
        _false_steps(study),
        _judged_steps(study),
        _traces_with_error(study),
        _located(study),
        _retracted(study),
    ]


def _false_steps(study: Study) -> Finding:
    estimate = share_of(study, JUDGED, "outcome = false", "outcome is not null")
    return Finding.of(
        "steps",
        "false_step_share",
        estimate,
        "{} of the steps that could be judged hold a wrong claim which is not taken back",
        missing="no step holds a claim that the verifiers understand",
        control=_mended_control(study),
        control_meaning="the same traces with each wrong equation mended, judged again",
        better="lower",
    )


def _judged_steps(study: Study) -> Finding:
    estimate = share_of(study, JUDGED, "outcome is not null", "true")
    return Finding.of(
        "steps",
        "judged_step_share",
        estimate,
        "{} of all steps hold a claim that could be judged",
        missing="there are no steps",
    )


def _traces_with_error(study: Study) -> Finding:
    estimate = share_of(study, TRACES, "wrong", "judged")
    return Finding.of(
        "steps",
        "trace_with_false_step_share",
        estimate,
        "{} of the traces with a judged step hold at least one such wrong step",
        missing="no trace has a judged step",
        better="lower",
    )


def _located(study: Study) -> Finding:
    """Needs table ``answers``; without it nothing can be said."""
    estimate = share_of(study, TRACES, "wrong", "correct = false")
    return Finding.of(
        "steps",
        "located_error_share",
        estimate,
        "{} of the traces with a wrong answer hold a wrong step that shows where it broke",
        missing="no final answer is known to be wrong",
        control=share_of(study, TRACES, "wrong", "correct"),
        control_meaning="the same among traces with a right answer",
    )


def _retracted(study: Study) -> Finding:
    among = "correct = false and step_index is not null"
    estimate = share_of(study, with_problem("verdicts"), "retracted", among)
    return Finding.of(
        "steps",
        "retracted_claim_share",
        estimate,
        "{} of the wrong claims are taken back by the trace itself",
        missing="no wrong claim was found",
        better="higher",
    )


def _mended_control(study: Study) -> Estimate | None:
    """False steps left when each wrong equation gets its right side: flagged traces first."""
    sample = study.rows(
        "select t.trace_id from traces t "
        "left join (select distinct trace_id from verdicts where correct = false and not retracted)"
        " f using (trace_id) where length(t.reasoning) <= ? "
        "order by f.trace_id is null, md5(t.trace_id) limit ?",
        [CONTROL_CHARACTERS, CONTROL_TRACES],
    )
    tallies: dict[str, tuple[int, int]] = {}
    for case in study.cases_of([row[0] for row in sample]):
        wrong, judged = _tally(mended(case, judge))
        before = tallies.get(case.problem.problem_id, (0, 0))
        tallies[case.problem.problem_id] = (before[0] + wrong, before[1] + judged)
    if not any(judged for _, judged in tallies.values()):
        return None
    return clustered_proportion([t[0] for t in tallies.values()], [t[1] for t in tallies.values()])


def _tally(case: Case) -> tuple[int, int]:
    """How many steps of a case are wrong, and how many are judged."""
    outcomes = [step_outcome(verdicts) for verdicts in _by_step(judge(case)).values()]
    return outcomes.count(False), len(outcomes) - outcomes.count(None)


def _by_step(verdicts: Iterable[Verdict]) -> dict[int | None, list[Verdict]]:
    found: dict[int | None, list[Verdict]] = {}
    for verdict in verdicts:
        found.setdefault(verdict.step_index, []).append(verdict)
    return found


def marks(study: Study, trace_ids: Sequence[str]) -> list[Mark]:
    """A mark for each verdict, where its claim stands."""
    return [
        Mark(
            trace_id=row.trace_id,
            step_index=row.step_index,
            layer="verdicts",
            kind=_kind(row),
            text=_says(row),
            char_start=row.char_start,
            char_end=row.char_end,
        )
        for row in study.of_traces("verdicts", Verdict, trace_ids)
    ]


def _kind(row: Verdict) -> MarkKind:
    if row.retracted:
        return "retracted"
    return {True: "good", False: "bad", None: "open"}[row.correct]  # type: ignore[return-value]


def _says(row: Verdict) -> str:
    text = row.reason
    if row.expected is not None:
        text += f" (expected {row.expected})"
    if row.retracted:
        text += "; the trace takes this back"
        text += "" if row.retracted_by is None else f" in step {row.retracted_by + 1}"
    return text


INSTRUMENT = Instrument(
    name="steps",
    title="Steps",
    row=Verdict,
    table="verdicts",
    examine=examine,
    conclude=conclude,
    panel=panel,
    headlines=("false_step_share",),
    marks=marks,
    calibrate=calibrate,
)
