"""How well our verifiers find the first wrong step, on sets that people labelled."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from reasonscope.stats import Estimate, wilson
from reasonscope.traces.formats import read
from reasonscope.traces.schema import Case, ErrorRow, Reading, Verdict
from reasonscope.traces.segment import steps_of
from reasonscope.verify.judge import VERIFIERS, first_error, judge

PUBLISHED = {
    "simulators.arithmetic": (0.971, 0.758),
    "simulators.brackets": (0.928, 1.0),
    "simulators.swaps": (0.831, 0.85),
}
"""Exact first error and clean kept of a plain symbolic check on all of BIG-Bench-Mistake
(SCIENCE §4), by the verifier that the set calls for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One labelled trace, judged: the label's first error and ours."""

    place: str
    """Which record of the file, counted from 1."""
    trace_id: str
    label: int | None
    """The labelled step, from 0; None: no error."""
    ours: int | None
    """The first step that we call wrong; None: none."""
    labelled_flagged: bool
    """The labelled step is among all that we call wrong."""
    verifier: str
    """Who called our step wrong; empty where none is."""
    reason: str
    """Why; empty where no step is called wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstErrorScore:
    """How often the first step that we call wrong is the labelled one; intervals by Wilson."""

    n: int
    """Traces judged."""
    exact_first_error: Estimate
    """Among traces with a labelled error: share whose first flagged step is the labelled one."""
    clean_kept: Estimate
    """Among traces labelled right: share without a flag."""
    flag_precision: Estimate
    """Among traces with a labelled error in which we flag a step: share flagged at the label."""
    labelled_step_flagged: Estimate
    """Among traces with a labelled error: share in which we flag the labelled step at all."""
    f1: float | None
    """Harmonic mean of exact_first_error and clean_kept, as ProcessBench defines it."""
    verifier: str
    """The verifier that most of the problems call for; ``equations`` if none is."""
    unreadable: int
    """Records that could not be read, or that carry no label; not in any share."""
    disagreements: tuple[Judged, ...]
    """Every trace in which label and verdict differ."""

    def to_json(self) -> dict[str, Any]:
        """The score as a flat JSON object, with intervals, counts and all disagreements."""
        published = PUBLISHED.get(self.verifier)
        return {
            "n": self.n,
            "exact_first_error": self.exact_first_error.value,
            "clean_kept": self.clean_kept.value,
            "flag_precision": self.flag_precision.value,
            "f1": self.f1,
            "n_wrong": self.exact_first_error.n,
            "n_clean": self.clean_kept.n,
            "unreadable": self.unreadable,
            "labelled_step_flagged": self.labelled_step_flagged.value,
            "intervals": {
                name: [estimate.low, estimate.high] for name, estimate, _ in self._shares()
            },
            "verifier": self.verifier,
            "published_exact_first_error": None if published is None else published[0],
            "published_clean_kept": None if published is None else published[1],
            "disagreements": [asdict(judged) for judged in self.disagreements],
        }

    def _shares(self) -> tuple[tuple[str, Estimate, str], ...]:
        return (
            ("exact_first_error", self.exact_first_error, "first flag is the labelled step"),
            ("clean_kept", self.clean_kept, "clean traces left alone"),
            (
                "flag_precision",
                self.flag_precision,
                "of flagged wrong traces, flagged at the label",
            ),
            ("labelled_step_flagged", self.labelled_step_flagged, "labelled step flagged at all"),
        )

    def summary(self) -> str:
        """The score for a person: each share with its interval, the published figure beside."""
        published = dict(
            zip(("exact_first_error", "clean_kept"), PUBLISHED.get(self.verifier, ()), strict=False)
        )
        lines = [f"{self.n} traces judged, {self.unreadable} unreadable; verifier {self.verifier}"]
        for name, estimate, meaning in self._shares():
            beside = f"; published {published[name]:.3f}" if name in published else ""
            lines.append(f"  {meaning}: {_written(estimate)}{beside}")
        lines.append(f"  f1: {'unknown' if self.f1 is None else format(self.f1, '.3f')}")
        lines += [_disagreement(judged) for judged in self.disagreements]
        return "\n".join(lines)


def _written(estimate: Estimate) -> str:
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return "unknown (no such traces)"
    return f"{estimate.value:.3f} ({estimate.low:.3f} to {estimate.high:.3f}, n = {estimate.n})"


def _disagreement(judged: Judged) -> str:
    label = "none" if judged.label is None else f"step {judged.label}"
    ours = "none" if judged.ours is None else f"step {judged.ours}"
    why = f" ({judged.verifier}: {judged.reason})" if judged.reason else ""
    return f"  {judged.place}: label {label}, ours {ours}{why}"


def first_error_bench(
    path: str | Path, format: str = "auto", progress: Callable[[], None] | None = None
) -> FirstErrorScore:
    """The score of our verifiers on a file of labelled traces.

    Labels are taken as they stand: where one is wrong it counts against us, and the trace is
    among the disagreements with the reason.

    Args:
        path: a file of BIG-Bench-Mistake or ProcessBench.
        format: ``bigbench-mistake``, ``processbench``, or ``auto``.
        progress: called after each trace.
    """
    judged: list[Judged] = []
    called: Counter[str] = Counter()
    unreadable = 0
    for number, item in enumerate(read(path, format=format), start=1):
        label = None if isinstance(item, ErrorRow) else label_of(item)
        if isinstance(item, ErrorRow) or label is None:
            unreadable += 1
        else:
            called.update(_called(item))
            judged.append(judged_one(item, label[0], f"record {number}"))
        if progress is not None:
            progress()
    most = [name for name, count in called.items() if 2 * count > len(judged)]
    return score(judged, verifier=most[0] if most else "equations", unreadable=unreadable)


def label_of(reading: Reading) -> tuple[int | None] | None:
    """The labelled first error, in a tuple: ``(None,)`` is a clean trace; None: no label.

    >>> from reasonscope.traces.schema import Problem, Trace
    >>> problem = Problem.make("1 + 1 = ?")
    >>> label_of(Reading(problem=problem, trace=Trace.make(problem, "2", extra={"first_error": 0})))
    (0,)
    """
    extra = json.loads(reading.trace.extra)
    if "first_error" not in extra:
        return None
    label = extra["first_error"]
    usable = label is None or (isinstance(label, int) and not isinstance(label, bool))
    return (label,) if usable else None


def _called(reading: Reading) -> list[str]:
    """Which verifiers the problem calls for, the equations apart."""
    return [v.name for v in VERIFIERS if v.name != "equations" and v.applies(reading.problem)]


def judged_one(reading: Reading, label: int | None, place: str) -> Judged:
    """A labelled trace with our first error beside the label."""
    steps = tuple(steps_of(reading.trace, reading.step_ends))
    verdicts = judge(Case(reading.problem, reading.trace, steps))
    ours = first_error(verdicts)
    wrong = [v for v in verdicts if v.correct is False and not v.retracted]
    at: Verdict | None = next((v for v in wrong if v.step_index == ours and ours is not None), None)
    return Judged(
        place=place,
        trace_id=reading.trace.trace_id,
        label=label,
        ours=ours,
        labelled_flagged=label is not None and any(v.step_index == label for v in wrong),
        verifier="" if at is None else at.verifier,
        reason="" if at is None else at.reason,
    )


def score(judged: list[Judged], *, verifier: str, unreadable: int = 0) -> FirstErrorScore:
    """The shares of a list of judged traces."""
    wrong = [one for one in judged if one.label is not None]
    clean = [one for one in judged if one.label is None]
    flagged = [one for one in wrong if one.ours is not None]
    exact = wilson(sum(one.ours == one.label for one in wrong), len(wrong))
    kept = wilson(sum(one.ours is None for one in clean), len(clean))
    return FirstErrorScore(
        n=len(judged),
        exact_first_error=exact,
        clean_kept=kept,
        flag_precision=wilson(sum(one.ours == one.label for one in flagged), len(flagged)),
        labelled_step_flagged=wilson(sum(one.labelled_flagged for one in wrong), len(wrong)),
        f1=harmonic_mean(exact.value, kept.value),
        verifier=verifier,
        unreadable=unreadable,
        disagreements=tuple(one for one in judged if one.ours != one.label),
    )


def harmonic_mean(one: float | None, other: float | None) -> float | None:
    """The harmonic mean of two shares; 0 where either is 0, None where either is unknown.

    >>> harmonic_mean(0.5, 1.0)
    0.6666666666666666
    """
    if one is None or other is None:
        return None
    return 0.0 if one + other == 0 else 2 * one * other / (one + other)
