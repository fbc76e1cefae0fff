"""Findings of the paired instrument."""

from reasonscope.failures.paired.estimates import (
    ROLLOUTS,
    Asked,
    asked,
    biased,
    biased_control,
    contradictory,
    exchanged,
    lean,
    lean_control,
)
from reasonscope.findings import Finding
from reasonscope.stats import Estimate
from reasonscope.traces.store import Study

NO_PAIRS = "no two questions here exclude each other (see the docs page on how to name pairs)"


def found_pairs(study: Study) -> list[Asked]:
    """The pairs of table ``pairs`` whose two questions both have answers."""
    return asked(study.rows("select model, pair, side, yes from pairs order by sample, trace_id"))


def conclude(study: Study) -> list[Finding]:
    """Contradictions and the lean towards yes, each beside its control."""
    found = found_pairs(study)
    contradictions = Finding.of(
        "paired",
        "contradictory_share",
        contradictory(found),
        "{} of the answers to two questions that exclude each other are both yes or both no",
        missing=NO_PAIRS,
        control=exchanged(found),
        control_meaning="the second question taken from another pair",
        better="lower",
    )
    if not found:
        return [contradictions]
    return [
        contradictions,
        Finding.of(
            "paired",
            "yes_lean_points",
            lean(found),
            "Both yes is more frequent than both no by {}",
            missing=NO_PAIRS,
            unit="points",
            control=lean_control(found),
            control_meaning="yes and no renamed by the toss of a coin in each pair",
        ),
        Finding.of(
            "paired",
            "biased_pair_share",
            biased(found),
            "{} of the pairs get the same answer to both questions beyond chance",
            missing=f"no pair has {ROLLOUTS} or more answers to each of its questions",
            control=biased_control(found),
            control_meaning="one question beside itself: its answers halved, one half turned round",
            better="lower",
        ),
        _assessed(study, found),
    ]


def _assessed(study: Study, found: list[Asked]) -> Finding:
    ((rows, read),) = study.rows("select count(*), count(yes) from pairs")
    used = sum(len(one.first) + len(one.second) for one in found)
    return Finding.of(
        "paired",
        "paired_trace_share",
        Estimate(value=used / rows if rows else None, n=rows, method="count"),
        f"{{}} of the {rows:,} traces on such questions answer yes or no and have a counterpart "
        f"({read:,} answer yes or no)",
        missing=NO_PAIRS,
    )
