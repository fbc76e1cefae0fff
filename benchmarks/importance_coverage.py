"""Whether intervals of importance hold what they should, and anchors are what they are called.

Usage: python benchmarks/importance_coverage.py [--traces N] [--only PART]

Parts: ``intervals`` (exact coverage of the difference of two shares over every table, three ways),
``shared`` (coverage where neighbouring steps share rollouts), ``null`` (traces without any anchor
that are said to have one), ``planted`` (false discoveries and recall where there are some),
``racing`` (both under the racing allocator, a quarter as many traces), ``distances`` (bias,
coverage and level of the distance of answers).
"""

import argparse
from collections.abc import Callable, Iterable
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from reasonscope.provenance import seed_for
from reasonscope.stats import Estimate, newcombe
from reasonscope.structure.anchors.budget.allocation import Allocator, Setting
from reasonscope.structure.anchors.budget.racing import Racing
from reasonscope.structure.anchors.distances import distance
from reasonscope.structure.anchors.importance import partings
from reasonscope.structure.anchors.intervals import (
    Parting,
    Tally,
    accuracy_importance,
    anchors,
    difference,
    p_value,
)
from reasonscope.structure.anchors.planted import Kind, Plant, plant
from reasonscope.structure.anchors.rollout import Request, Rollout

SIZES = ((8, 8), (8, 16), (16, 16), (16, 40), (32, 32), (20, 100), (50, 50), (100, 100))
SHARES = (0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 0.98)


def exact(ours: Callable[[Tally, Tally], Estimate], n: int, m: int) -> NDArray[np.float64]:
    """Coverage at every pair of shares, summed over all tables."""
    tables = list(product(range(n + 1), range(m + 1)))
    made = [ours(Tally(right=x, wrong=n - x), Tally(right=y, wrong=m - y)) for x, y in tables]
    low = np.array([e.low for e in made], dtype=float).reshape(n + 1, m + 1)
    high = np.array([e.high for e in made], dtype=float).reshape(n + 1, m + 1)
    found = []
    for p, q in product(SHARES, SHARES):
        chances = np.outer(binom.pmf(np.arange(n + 1), n, p), binom.pmf(np.arange(m + 1), m, q))
        held = (low - 1e-12 <= p - q) & (p - q <= high + 1e-12)
        found.append(float((chances * held).sum()))
    return np.array(found)


def agresti_caffo(one: Tally, two: Tally) -> Estimate:
    """The difference of two shares with one success and one failure added to each side."""
    p, q = (one.right + 1) / (one.known + 2), (two.right + 1) / (two.known + 2)
    error = 1.96 * (p * (1 - p) / (one.known + 2) + q * (1 - q) / (two.known + 2)) ** 0.5
    return Estimate(value=p - q, low=p - q - error, high=p - q + error)


def newcombes(one: Tally, two: Tally) -> Estimate:
    """Newcombe's interval, as in reasonscope.stats."""
    return newcombe(one.right, one.known, two.right, two.known)


def intervals() -> None:
    for n, m in SIZES:
        for name, ways in (
            ("mover of jeffreys (ours)", difference),
            ("newcombe", newcombes),
            ("agresti and caffo", agresti_caffo),
        ):
            told(f"{n:3} and {m:3} rollouts, {name}", exact(ways, n, m))


def told(name: str, coverage: NDArray[np.float64]) -> None:
    inside = ((coverage >= 0.93) & (coverage <= 0.97)).mean()
    print(
        f"{name:48} mean {coverage.mean():.3f}  least {coverage.min():.3f}  "
        f"most {coverage.max():.3f}  within [.93, .97] {inside:.0%}",
        flush=True,
    )


def parted(made: Plant, n: int, traces: int, rng: np.random.Generator) -> Iterable[list[Parting]]:
    """The partings of many traces of one plant, with n rollouts at every prefix of each."""
    steps = made.steps
    left = np.zeros((traces, steps + 1, 3), dtype=int)
    having = np.zeros((traces, steps + 1, 3), dtype=int)
    whose = np.repeat(np.arange(traces), n)
    for kept in range(steps + 1):
        drawn = made.outcomes(kept, traces * n, rng)
        kind = np.where(drawn.answer < 0, 2, (drawn.answer > 0).astype(int))
        np.add.at(left, (whose, drawn.left, kind), 1)
        for prefix in range(kept, steps + 1):
            has = drawn.left >= prefix
            np.add.at(having[:, prefix], (whose[has], kind[has]), 1)
            if not has.any():
                break
    for one in range(traces):
        yield [
            Parting(
                stayed=tally(having[one, step] - left[one, step]),
                left=tally(left[one, step]),
                beyond=tally(having[one, step + 1]),
            )
            for step in range(steps)
        ]


def tally(counts: NDArray[np.int_]) -> Tally:
    return Tally(right=int(counts[0]), wrong=int(counts[1]), unknown=int(counts[2]))


INNER = ((0.1, 0.0), (0.5, 0.0), (0.9, 0.0), (0.05, 0.3), (0.3, 0.4), (0.6, 0.35), (0.5, -0.4))
KINDS: tuple[Kind, ...] = ("null", "several")
OUTER = ((0.02, 0.0), (0.98, 0.0))
"""Accuracy before the key step, and what it adds; the outer ones never come near a half."""


def shared(traces: int) -> None:
    """Coverage at the key step and the one before, by rollouts and by how many are equal."""
    for n, equal in product((8, 16, 32, 100), (0.0, 0.3, 0.7)):
        for name, plants in (("accuracy .1 to .95", INNER), ("accuracy .02, .98", OUTER)):
            cells = [
                at for chance, effect in plants for at in held(n, equal, chance, effect, traces)
            ]
            told(f"{n:3} rollouts, {equal:.0%} repeat, {name}", np.array(cells))


def held(n: int, equal: float, chance: float, effect: float, traces: int) -> list[float]:
    """How often the intervals of two steps hold their importance."""
    made = plant("key", 6, seed=1, chance=chance, effect=effect, equal=equal, similar=0.0)
    rng = np.random.default_rng(seed_for("shared", n, equal, chance, effect))
    steps = (made.keys[0] - 1, made.keys[0])
    hits = np.zeros(len(steps))
    for parting in parted(made, n, traces, rng):
        for place, step in enumerate(steps):
            e, truth = accuracy_importance(parting[step]), made.importance(step)
            if e.low is not None and e.high is not None:
                hits[place] += e.low - 1e-12 <= truth <= e.high + 1e-12
    return [float(hit / traces) for hit in hits]


def called(parting: list[Parting]) -> list[bool]:
    found = anchors([p_value(one.beyond, one.left) for one in parting])
    return [bool(is_anchor) for _, is_anchor in found]


def null_traces(traces: int) -> None:
    for n, equal in product((8, 16, 32, 100), (0.0, 0.3)):
        for chance in (0.1, 0.3, 0.5, 0.9):
            made = plant("null", 40, seed=1, chance=chance, equal=equal, similar=0.0)
            rng = np.random.default_rng(seed_for("null", n, equal, chance))
            found = [any(called(parting)) for parting in parted(made, n, traces, rng)]
            print(
                f"null traces, {n:3} rollouts, {equal:.0%} repeat, accuracy {chance}: "
                f"{np.mean(found):.1%} of {traces} have an anchor",
                flush=True,
            )


def planted_traces(traces: int) -> None:
    for n, keys in product((16, 32, 100), (1, 5)):
        false, hits = [], []
        for number in range(traces):
            kind: Kind = "several" if keys > 1 else "key"
            made = plant(kind, 40, seed=number, chance=0.4, effect=0.5, keys=keys)
            rng = np.random.default_rng(seed_for("several", n, number))
            steps = [
                at
                for at, is_one in enumerate(called(next(iter(parted(made, n, 1, rng)))))
                if is_one
            ]
            hits.append(np.mean([key in steps for key in made.keys]))
            false.append(sum(step not in made.keys for step in steps) / max(1, len(steps)))
        print(
            f"{keys} of 40 steps planted (up to .5), {n:3} rollouts: false discoveries "
            f"{np.mean(false):.1%}, found {np.mean(hits):.1%}",
            flush=True,
        )


def racing(traces: int) -> None:
    """The same where rollouts go where they still decide something, so that numbers are unequal."""
    for kind in KINDS:
        false: list[float] = []
        hits: list[bool] = []
        some: list[bool] = []
        inside: list[bool] = []
        for number in range(traces):
            made = plant(kind, 25, seed=number, chance=0.5, effect=0.5, keys=3)
            texts = [made.own_text(step) for step in range(made.steps)]
            parting = partings(raced(made, texts), texts)
            steps = [at for at, is_one in enumerate(called(parting)) if is_one]
            some.append(bool(steps))
            hits.extend(key in steps for key in made.keys)
            false.append(sum(step not in made.keys for step in steps) / max(1, len(steps)))
            for step, one in enumerate(parting):
                e = accuracy_importance(one)
                if e.low is not None and e.high is not None:
                    inside.append(e.low <= made.importance(step) <= e.high)
        found = f"found {np.mean(hits):.1%}, " if hits else ""
        print(
            f"raced, {kind}, {traces} traces of 25 steps: {np.mean(some):.1%} have an anchor, "
            f"{found}false discoveries {np.mean(false):.1%}, intervals hold {np.mean(inside):.1%}",
            flush=True,
        )


def raced(made: Plant, texts: list[str]) -> list[Rollout]:
    """The rollouts that the racing allocator asks for, at a fifth of the published budget."""
    costs = tuple(float(made.tokens(Request(kept=at, index=0))) for at in range(made.steps + 1))
    allocator = Allocator(Racing(), Setting(costs, tuple(texts)))
    rows = []
    while not allocator.finished:
        for request in allocator.asked():
            rows.append(made.roll(request))
            allocator.tell(rows[-1])
    return rows


def distances(traces: int) -> None:
    law = np.array([0.5, 0.3, 0.1, 0.05, 0.03, 0.02])
    for n, moved in product((10, 30, 100), (0.0, 0.1, 0.2, 0.4)):
        other = law + moved * np.array([-1, 0.7, 0, 0.3, 0, 0])
        middle = (law + other) / 2
        with np.errstate(divide="ignore", invalid="ignore"):
            truth = float(sum(np.nansum(p * np.log2(p / middle)) for p in (law, other)) / 2)
        rng = np.random.default_rng(seed_for("distances", n, moved))
        sides = [[rng.multinomial(n, p) for p in (law, other)] for _ in range(traces)]
        made = [
            distance(counted(one), counted(two), seed=at) for at, (one, two) in enumerate(sides)
        ]
        held = [d.low is not None and d.high is not None and d.low <= truth <= d.high for d in made]
        apart = [d.p is not None and d.p <= 0.05 for d in made]
        print(
            f"{n:3} rollouts, {moved} of the answers moved, {truth:.3f} bits: counted "
            f"{mean(d.counted for d in made):.3f}, corrected {mean(d.value for d in made):.3f}, "
            f"interval holds it {np.mean(held):.1%}, told apart {np.mean(apart):.1%}",
            flush=True,
        )


def counted(side: NDArray[np.int_]) -> dict[str | None, int]:
    return {str(number): int(count) for number, count in enumerate(side) if count}


def mean(values: Iterable[float | None]) -> float:
    return float(np.mean([value for value in values if value is not None]))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--traces", type=int, default=400, help="simulated traces of each kind")
    parser.add_argument(
        "--only", choices=["intervals", "shared", "null", "planted", "racing", "distances"]
    )
    args = parser.parse_args()
    parts: dict[str, Callable[[], None]] = {
        "intervals": intervals,
        "shared": lambda: shared(args.traces),
        "null": lambda: null_traces(args.traces),
        "planted": lambda: planted_traces(args.traces),
        "racing": lambda: racing(args.traces // 4),
        "distances": lambda: distances(args.traces),
    }
    for name, part in parts.items():
        if args.only in (None, name):
            print(name)
            part()


if __name__ == "__main__":
    main()
