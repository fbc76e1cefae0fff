"""Replay: what an allocator would have found on published traces, and for how many tokens.

The published accuracy after each prefix is taken as the true one and rollouts are drawn from it.
That is all the public data can give: it holds 80 to 100 answers a prefix as one share.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from reasonscope.bench.anchors_data import Published, published_traces
from reasonscope.errors import SetupError
from reasonscope.provenance import seed_for
from reasonscope.stats import Estimate, mean_by_cluster
from reasonscope.structure.anchors.budget.allocation import Policy
from reasonscope.structure.anchors.budget.bisection import Bisection
from reasonscope.structure.anchors.budget.deciding import judged
from reasonscope.structure.anchors.budget.racing import Racing
from reasonscope.structure.anchors.budget.separate import (
    separate_importances,
    separately_reported,
)
from reasonscope.structure.anchors.budget.simulation import simulated
from reasonscope.structure.anchors.budget.tallies import Tallies
from reasonscope.structure.anchors.budget.uniform import Uniform

TOP = 5
LEAST = 0.1
FALSE_BELOW = LEAST / 2
"""A reported step is a false discovery where its true importance is smaller, or of other sign."""


@dataclass(frozen=True, slots=True)
class Contender:
    """A way to spend rollouts and to say which steps are anchors."""

    policy: Policy
    judging: Literal["separate", "pooled"]
    """By the two sides of each step alone, or by all rollouts together."""
    forced: bool = False
    """Rollouts are forced answers: some tokens each, off what the model would do."""

    @property
    def name(self) -> str:
        """Such as ``uniform 100, separate``."""
        said = f"{self.policy.name}, {self.judging}"
        return f"forced {said.removeprefix('uniform ')}" if self.forced else said


CONTENDERS: dict[str, Contender] = {
    "uniform-100": Contender(Uniform(100), "separate"),
    "uniform-50": Contender(Uniform(50), "separate"),
    "uniform-20": Contender(Uniform(20), "separate"),
    "uniform-10": Contender(Uniform(10), "separate"),
    "uniform-100-pooled": Contender(Uniform(100), "pooled"),
    "uniform-20-pooled": Contender(Uniform(20), "pooled"),
    "forced-10": Contender(Uniform(10), "separate", forced=True),
    "bisection": Contender(Bisection(), "pooled"),
    "racing": Contender(Racing(), "pooled"),
}
"""Ways to find anchors, by the name that ``--allocator`` takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """One trace, replayed once or several times with one contender; shares are means."""

    contender: str
    trace: str
    problem_id: str
    tokens: float
    """Tokens sampled."""
    uniform_tokens: float
    """Tokens of 100 rollouts at every prefix."""
    recall: float
    """Share of the true top five that are reported."""
    false: float
    """Share of the reported steps that are false discoveries; 0 where none is reported."""
    reported: float
    """Steps reported."""
    ranked: float
    """Share of the true top five among the five that look largest, whatever is reported."""


@dataclass(frozen=True, slots=True)
class AnchorsScore:
    """What each contender found and spent; intervals over traces, clustered by problem."""

    rows: tuple[Replayed, ...]
    truth: str
    repeats: int
    unreadable: int

    def estimates(self, contender: str) -> dict[str, Estimate]:
        """Means over traces of each figure."""
        held = [row for row in self.rows if row.contender == contender]
        problems = [row.problem_id for row in held]
        figures: dict[str, list[float]] = {
            "tokens": [row.tokens for row in held],
            "tokens_share": [row.tokens / row.uniform_tokens for row in held],
            "recall": [row.recall for row in held],
            "false_share": [row.false for row in held],
            "reported": [row.reported for row in held],
            "ranked": [row.ranked for row in held],
        }
        return {name: mean_by_cluster(values, problems) for name, values in figures.items()}

    @property
    def contenders(self) -> tuple[str, ...]:
        """Their names, in the order in which they were run."""
        return tuple(dict.fromkeys(row.contender for row in self.rows))

    def to_json(self) -> dict[str, Any]:
        """The score as a JSON object."""
        return {
            "truth": self.truth,
            "repeats": self.repeats,
            "traces": len({row.trace for row in self.rows}),
            "unreadable": self.unreadable,
            "contenders": {
                contender: {
                    name: {"value": e.value, "low": e.low, "high": e.high}
                    for name, e in self.estimates(contender).items()
                }
                for contender in self.contenders
            },
        }

    def summary(self) -> str:
        """The score as a table for a person."""
        head = (
            f"{len({row.trace for row in self.rows})} traces, {self.repeats} replays each, truth "
            f"{self.truth}; {self.unreadable} unreadable. Means over traces, intervals by problem\n"
            f"{'':28}{'tokens':>11}{'saved':>10}{'top five found':>24}{'false':>24}"
            f"{'reported':>10}{'largest':>9}"
        )
        return "\n".join([head, *(self._line(name) for name in self.contenders)])

    def _line(self, contender: str) -> str:
        found = self.estimates(contender)
        share = found["tokens_share"].value
        return (
            f"{contender:28}{_number(found['tokens'].value, ',.0f'):>11}"
            f"{_number(1 / share if share else None, '.1f') + ' x':>10}"
            f"{_share(found['recall']):>24}{_share(found['false_share']):>24}"
            f"{_number(found['reported'].value, '.1f'):>10}"
            f"{_number(found['ranked'].value, '.2f'):>9}"
        )


def _number(value: float | None, form: str) -> str:
    return "unknown" if value is None else format(value, form)


def _share(estimate: Estimate) -> str:
    if estimate.low is None or estimate.high is None:
        return _number(estimate.value, ".2f")
    return f"{estimate.value:.2f} [{max(estimate.low, 0):.2f}, {min(estimate.high, 1):.2f}]"


TRUTHS = ("published", "denoised")


def anchors_bench(
    folder: str | Path,
    allocators: tuple[str, ...] = (),
    truth: str = "published",
    repeats: int = 1,
    seed: int = 0,
    total: Callable[[int], None] | None = None,
    progress: Callable[[], None] | None = None,
) -> AnchorsScore:
    """What allocators find on the published accuracies, and what they spend.

    With ``published`` the shares stand as they are: every step then has some importance, most of
    it the noise of about 100 answers. With ``denoised`` the curve is flat but for the jumps that
    the published answers show (:meth:`.anchors_data.Published.denoised`).

    Args:
        folder: traces in the format of thought-anchors.
        allocators: names of :data:`CONTENDERS`; none: all.
        truth: which accuracies are true.
        repeats: replays of each trace.
        seed: seed of the replays.
        total: told once how many traces will be replayed, over all allocators.
        progress: called after each of them.

    Raises:
        SetupError: an allocator or a truth is unknown.
    """
    _check(allocators, truth)
    held, unreadable = published_traces(folder)
    names = allocators or tuple(CONTENDERS)
    if total is not None:
        total(len(held) * len(names))
    rows = []
    for name in names:
        for trace in held:
            rows.append(_replayed(name, trace, truth, repeats, seed))
            if progress is not None:
                progress()
    return AnchorsScore(tuple(rows), truth, repeats, unreadable)


def _check(allocators: tuple[str, ...], truth: str) -> None:
    wrong = [f"no allocator {name!r}" for name in allocators if name not in CONTENDERS]
    wrong += [] if truth in TRUTHS else [f"no truth {truth!r}"]
    if wrong:
        raise SetupError(
            f"{'; '.join(wrong)}; allocators are {', '.join(CONTENDERS)}, "
            f"truths {' and '.join(TRUTHS)}"
        )


def _replayed(name: str, trace: Published, truth: str, repeats: int, seed: int) -> Replayed:
    contender = CONTENDERS[name]
    accuracies = trace.denoised() if truth == "denoised" else trace.accuracies
    dice = np.random.default_rng(seed_for("bench anchors", seed, name, trace.trace_id, truth))
    figures = np.mean(
        [_figures(contender, trace, accuracies, dice) for _ in range(repeats)], axis=0
    )
    return Replayed(
        contender=contender.name,
        trace=trace.trace_id,
        problem_id=trace.problem_id,
        uniform_tokens=trace.setting.uniform_tokens(),
        tokens=float(figures[0]),
        recall=float(figures[1]),
        false=float(figures[2]),
        reported=float(figures[3]),
        ranked=float(figures[4]),
    )


def _figures(
    contender: Contender,
    trace: Published,
    accuracies: "np.ndarray[Any, np.dtype[np.float64]]",
    dice: np.random.Generator,
) -> list[float]:
    """Tokens, recall, false share, steps reported, recall of the five that look largest."""
    setting = trace.forced_setting() if contender.forced else trace.setting
    drawn_from = trace.forced if contender.forced else accuracies
    tally = simulated(contender.policy, setting, drawn_from, dice)
    reported, sizes = _said(contender, tally)
    true = np.diff(accuracies)
    top = true_top(true)
    wrong = [i for i in reported if abs(true[i]) < FALSE_BELOW or true[i] * sizes[i] < 0]
    ranked = set(np.argsort(-np.abs(sizes), kind="stable")[:TOP].tolist())
    return [
        setting.tokens(tally.asked + tally.fresh_asked),
        len(top & reported) / len(top) if top else 1.0,
        len(wrong) / max(len(reported), 1),
        float(len(reported)),
        len(top & ranked) / len(top) if top else 1.0,
    ]


def true_top(true: "np.ndarray[Any, np.dtype[np.float64]]") -> set[int]:
    """The steps of the five largest importances that count as some."""
    order = np.argsort(-np.abs(true), kind="stable")[:TOP].tolist()
    return {step for step in order if abs(true[step]) >= FALSE_BELOW}


def _said(contender: Contender, tally: Tallies) -> "tuple[set[int], np.ndarray[Any, Any]]":
    if contender.judging == "separate":
        return set(separately_reported(tally)), separate_importances(tally)
    steps = judged(tally, LEAST)
    return (
        {one.step for one in steps if one.anchor},
        np.asarray([one.expected for one in steps]),
    )
