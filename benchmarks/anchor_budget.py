"""What allocators find and spend on planted traces, and how often intervals hold the truth.

Four parts, each with its own question:

    found      recall of the planted anchors, false discoveries and tokens, by trace length and size
    coverage   intervals of importance by fresh rollouts; steps dismissed though they matter
    null       traces in which no step matters: how often an anchor is reported, and what is spent
    speed      milliseconds of deciding, for each rollout asked for

    python benchmarks/anchor_budget.py found -n 100
    python benchmarks/anchor_budget.py coverage -n 1000
    python benchmarks/anchor_budget.py null -n 1000
    python benchmarks/anchor_budget.py speed

Plants are those of ``structure/anchors/planted.py``: five steps of half to all of the stated size,
up or down, in an otherwise flat trace; a tenth of the resampled steps repeat the trace's own.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from reasonscope.provenance import seed_for
from reasonscope.stats import Estimate, mean_by_cluster, wilson
from reasonscope.structure.anchors.budget.allocation import Policy, Setting, expected_costs
from reasonscope.structure.anchors.budget.bisection import Bisection
from reasonscope.structure.anchors.budget.deciding import StepJudged, judged
from reasonscope.structure.anchors.budget.racing import Racing
from reasonscope.structure.anchors.budget.separate import separately_reported
from reasonscope.structure.anchors.budget.simulation import simulated
from reasonscope.structure.anchors.budget.tallies import Tallies
from reasonscope.structure.anchors.budget.uniform import Uniform
from reasonscope.structure.anchors.planted import Plant, plant

LENGTHS = (20, 60, 120)
SIZES = (0.2, 0.4, 0.6)
WAYS: dict[str, tuple[Policy, bool]] = {
    "uniform 100, separate": (Uniform(100), False),
    "uniform 100, pooled": (Uniform(100), True),
    "uniform 20, separate": (Uniform(20), False),
    "uniform 20, pooled": (Uniform(20), True),
    "bisection": (Bisection(), True),
    "racing": (Racing(), True),
}


@dataclass(frozen=True)
class Found:
    """One planted trace and what was said of it."""

    true: frozenset[int]
    reported: frozenset[int]
    judged: tuple[StepJudged, ...]
    importances: NDArray[np.float64]
    tokens_share: float
    """Of what 100 rollouts at every prefix take."""
    seconds: float
    rollouts: int

    @property
    def recall(self) -> float:
        """Share of the planted steps that are reported."""
        return len(self.true & self.reported) / max(len(self.true), 1)

    @property
    def false(self) -> float:
        """Share of the reported steps that do nothing; 0: none is reported."""
        return len(self.reported - self.true) / max(len(self.reported), 1)


def one(way: str, kind: str, steps: int, size: float, number: int) -> Found:
    """A planted trace, searched in one way."""
    policy, pooled = WAYS[way]
    dice = np.random.default_rng(seed_for("anchor budget", way, kind, steps, size, number))
    made = planted(kind, steps, size, number)
    setting = Setting(expected_costs([20] * steps, 10))
    accuracies = np.asarray([made.probability(kept) for kept in range(steps + 1)])
    began = time.process_time()
    tally = simulated(policy, setting, accuracies, dice, same=made.equal)
    seconds = time.process_time() - began
    said = judged(tally) if pooled else ()
    asked = tally.asked + tally.fresh_asked
    return Found(
        true=frozenset(made.keys),
        reported=frozenset(s.step for s in said if s.anchor) if pooled else plain(tally),
        judged=said,
        importances=np.diff(accuracies),
        tokens_share=setting.tokens(asked) / setting.uniform_tokens(),
        seconds=seconds,
        rollouts=int(asked.sum()),
    )


def plain(tally: Tallies) -> frozenset[int]:
    """Steps reported by the two sides of each alone."""
    return separately_reported(tally)


def planted(kind: str, steps: int, size: float, number: int) -> Plant:
    """A plant of this kind whose base accuracy leaves room for its steps."""
    dice = np.random.default_rng(seed_for("anchor budget plant", kind, steps, size, number))
    while True:
        chance, seed = float(dice.uniform(0.1, 0.9)), int(dice.integers(1 << 40))
        try:
            return plant(kind, steps, seed, chance=chance, effect=size)  # type: ignore[arg-type]
        except ValueError:
            continue


def lengths(number: int, low: int = 12, high: int = 60) -> int:
    """How many steps trace ``number`` has."""
    return int(np.random.default_rng(seed_for("anchor budget length", number)).integers(low, high))


def each(task: Callable[[int], Found], n: int, jobs: int) -> Iterator[Found]:
    """The task for every number below n."""
    if jobs == 1:
        yield from map(task, range(n))
        return
    with ProcessPoolExecutor(jobs) as pool:
        yield from pool.map(task, range(n), chunksize=5)


def found(n: int, jobs: int) -> None:
    """Recall, false discoveries and tokens."""
    print(f"{'steps':>5} {'size':>5} {'way':24}{'recall':>22}{'false':>22}{'tokens':>8}")
    for steps in LENGTHS:
        for size in SIZES:
            for way in WAYS:
                rows = list(each(partial(one, way, "several", steps, size), n, jobs))
                share = float(np.mean([row.tokens_share for row in rows]))
                recall, false = mean([r.recall for r in rows]), mean([r.false for r in rows])
                line = f"{steps:5} {size:5.1f} {way:24}{recall:>22}{false:>22}{share:8.3f}"
                print(line, flush=True)


def varied(way: str, kind: str, number: int) -> Found:
    """A trace of 12 to 59 steps; planted sizes are up to .2, .4 or .6 by turns."""
    return one(way, kind, lengths(number), SIZES[number % len(SIZES)], number)


def coverage(n: int, jobs: int) -> None:
    """Intervals of the candidates and of the reported; steps dismissed wrongly."""
    for rows in growing(each(partial(varied, "racing", "several"), n, jobs), n):
        told_coverage(rows)


def growing(rows: Iterator[Found], n: int) -> Iterator[list[Found]]:
    """All rows so far, after every tenth of them: a long run can be read before its end."""
    held: list[Found] = []
    for row in rows:
        held.append(row)
        if len(held) % max(n // 10, 1) == 0 or len(held) == n:
            print(f"--- {len(held)} traces", flush=True)
            yield held


def told_coverage(rows: list[Found]) -> None:
    """Print what these traces say of coverage and of dismissals."""
    sides = [(s, row.importances[s.step]) for row in rows for s in row.judged]
    for name, held in (
        ("candidates", [pair for pair in sides if pair[0].fresh is not None]),
        ("reported", [pair for pair in sides if pair[0].fresh is not None and pair[0].anchor]),
    ):
        print(f"coverage, {name}: {shown(covered(held))}")
    confirmed = [pair for pair in sides if pair[0].confirmed]
    wrong = wilson(sum(true == 0 for _, true in confirmed), len(confirmed))
    print(f"confirmed steps that do nothing: {shown(wrong)}")
    dismissed = [true for said, true in sides if said.dismissed]
    wrong = wilson(sum(abs(true) >= 0.1 for true in dismissed), len(dismissed))
    print(f"dismissed steps whose importance is .1 or more: {shown(wrong)}")
    for least in (0.1, 0.2, 0.3):
        large = [said for said, true in sides if abs(true) >= least]
        missed = wilson(sum(said.dismissed for said in large), len(large))
        print(f"dismissed though the importance is {least} or more: {shown(missed)}")
    print(f"false discoveries, mean share: {mean([row.false for row in rows])}")


def covered(pairs: list[tuple[StepJudged, float]]) -> Estimate:
    """How often the fresh interval holds the true importance."""
    ends = [(said.fresh, true) for said, true in pairs]
    hits = sum(
        e is not None and e.low is not None and e.high is not None and e.low <= true <= e.high
        for e, true in ends
    )
    return wilson(hits, len(pairs))


def null(n: int, jobs: int) -> None:
    """Traces in which nothing matters."""
    for rows in growing(each(partial(varied, "racing", "null"), n, jobs), n):
        silent = wilson(sum(not row.reported for row in rows), len(rows))
        print(f"null traces without a reported anchor: {shown(silent)}")
        print(f"tokens, share of uniform 100: {mean([r.tokens_share for r in rows])}", flush=True)


def speed(n: int, jobs: int) -> None:
    """Deciding, for each rollout asked for."""
    rows = [one("racing", "several", 150, 0.4, number) for number in range(min(n, 5))]
    each_ms = [1e3 * row.seconds / row.rollouts for row in rows]
    print(f"150 steps: {np.mean(each_ms):.3f} ms of processor time a rollout asked for")


def mean(values: list[float]) -> str:
    """The mean with its interval."""
    return shown(mean_by_cluster(values, list(range(len(values)))))


def shown(estimate: Estimate) -> str:
    """A share with its interval and what it rests on."""
    if estimate.value is None or estimate.low is None or estimate.high is None:
        return "unknown"
    return f"{estimate.value:.3f} [{estimate.low:.3f}, {estimate.high:.3f}]"


def main() -> None:
    """Run one part."""
    parts = {"found": found, "coverage": coverage, "null": null, "speed": speed}
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("part", choices=sorted(parts))
    parser.add_argument("-n", type=int, default=100, help="planted traces of each kind")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    held = parser.parse_args()
    began = time.perf_counter()
    parts[held.part](held.n, held.jobs)
    print(f"{time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
