"""What changed in each run, in sentences."""

from collections.abc import Iterator
from dataclasses import dataclass

from reasonscope.dynamics.curves.change import FEWEST, change, shuffled
from reasonscope.dynamics.curves.series import Run, read
from reasonscope.findings import Finding
from reasonscope.traces.store import Study

MOST_RUNS = 8
"""Runs whose changes are findings, those with the most steps first."""
CONTROL = "the same steps in shuffled order"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question about a run: how much a curve changed."""

    finding: str
    name: str
    part: str = ""
    what: str
    """What changes, as the sentence begins."""
    unit: str
    better: str = ""


ASKED = (
    Asked(
        finding="truth_change_points",
        name="truth_share",
        what="The share of completions that are truly right",
        unit="points",
        better="higher",
    ),
    Asked(
        finding="held_out_truth_change_points",
        name="truth_share",
        part="held_out",
        what="On held-out problems the share that is truly right",
        unit="points",
        better="higher",
    ),
    Asked(finding="reward_change", name="reward", what="The reward", unit="reward"),
    Asked(finding="length_change_tokens", name="length_tokens", what="Length", unit="tokens"),
    Asked(
        finding="entropy_change_nats",
        name="entropy_nats",
        what="The policy's entropy",
        unit="nats",
    ),
    Asked(
        finding="validity_change_points",
        name="valid_step_share",
        what="The share of judged steps that are right",
        unit="points",
        better="higher",
    ),
    Asked(
        finding="checking_change_per_1k_tokens",
        name="checks_per_1k_tokens",
        what="Checking",
        unit="per 1k tokens",
    ),
)


def conclude(study: Study) -> list[Finding]:
    """The change of each curve from the first to the last tenth of each run's steps.

    Of several runs the one with the most steps has the plain names; to those of the others their
    run is added.
    """
    runs = read(study)
    found: list[Finding] = []
    for place, (run, held) in enumerate(runs.items()):
        if place == MOST_RUNS:
            break
        found.extend(_findings(run if len(runs) > 1 else "", held, plain=place == 0))
    return found


def _findings(run: str, held: Run, *, plain: bool) -> Iterator[Finding]:
    """One run's findings; what it has no curve of is not asked."""
    for asked in ASKED:
        series = held.get((asked.name, asked.part))
        if series is None:
            continue
        control = shuffled(series)
        steps = f"first to the last tenth of {len(series):,} steps"
        yield Finding.of(
            "curves",
            asked.finding if plain else f"{asked.finding}/{run}",
            change(series),
            f"{f'{run}: ' if run else ''}{asked.what} changes by {{}}{_said(asked.unit)} "
            f"from the {steps}{_caution(len(series))}",
            missing=f"the run has {len(series)} step",
            unit=asked.unit,
            control=control if control.value is not None else None,
            control_meaning=CONTROL,
            better=asked.better,
        )


def _said(unit: str) -> str:
    """The unit as it stands behind the number; points are said by the number itself."""
    return "" if unit in ("points", "reward") else f" {unit}"


def _caution(steps: int) -> str:
    return "" if steps >= FEWEST else " (few steps: only sampling error is in the interval)"
