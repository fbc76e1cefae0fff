"""Planted returns in prose: where each stands, where it goes, what comes of it; checks beside them.

A planted trace works through things of a list, one sentence each, then comes back to some of
them. Between stand distractors that only look again: "wait, let me double-check that",
"alternatively ... same result", "they wait for the bus".
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from random import Random

import numpy as np

from reasonscope.instrument import Calibration
from reasonscope.planting import effect, rate
from reasonscope.provenance import seed_for
from reasonscope.stats import Estimate
from reasonscope.structure.backtracking.rates import Counted, between, within
from reasonscope.structure.backtracking.rows import Returns, examine
from reasonscope.traces.schema import Case, Problem, Step, Trace

THINGS = tuple(
    re.findall(
        "[a-z]+",
        "apples bricks candles drums eggs flags gloves hammers inks jars kites lamps mugs needles "
        "oars pens quilts ropes spoons tents urns vases wheels yarns zippers",
    )
)
"""What the bills are made of."""
BANK = 120
"""Traces of each kind that are really examined; simulated studies draw from them."""
PROBLEMS = 60
"""Problems of a simulated study."""
LIFT = 0.6
"""Planted: a wrong trace is of the kind that turns back with this chance more, of what is left."""
SPREAD = (2.0, 4.0)
"""Beta law of the problems' own share of traces that turn back."""

_WORKED = (
    "Next, the {thing}: {a} * {b} = {v} dollars.\n",
    "For the {thing} that makes {a} * {b} = {v}.\n",
    "So the {thing} cost {a} * {b} = {v} in all.\n",
)
_FILLER = (
    "That is one more line of the bill.\n",
    "Now to the following line.\n",
    "They wait for the bus in the meantime, which costs nothing.\n",
    "The shop opens again on Monday, and the owner goes back home by then.\n",
)
_CHECKS = (
    "Wait, let me double-check that. {a} * {b} = {v}, yes.\n",
    "Hold on, is that right? {a} times {b} is {v}. Yes, that's correct.\n",
    "Let me recompute the {thing}: {a} * {b} = {v}. Same result.\n",
    "Alternatively, the {thing} one by one give {a} * {b} = {v}. Same answer as before.\n",
    "But wait, just to be sure, {a} * {b} = {v}. That checks out.\n",
)
_RETURNS = {
    "rejection": (
        "Wait, no, the {thing} are not that dear.\n",
        "Wait, that's not right for the {thing}.\n",
        "Hmm, I made a mistake with the {thing}.\n",
    ),
    "alternative": (
        "Alternatively, maybe the {thing} are sold by the dozen.\n",
        "Another way to read this is that the {thing} come for free.\n",
    ),
    "restart": (
        "Let me go back to the {thing}.\n",
        "Let me think again about the {thing}.\n",
    ),
    "doubt": (
        "Wait, but does the price of the {thing} include the tax?\n",
        "But wait, maybe the {thing} were bought twice.\n",
    ),
}
_AFTER = (
    "Then the price would be {a} * {b} = {v}.\n",
    "Under that reading {a} * {b} = {v}.\n",
)
_UNSAID = ("The shop may have its own rule for them.\n", "The list is silent on it.\n")


@dataclass(frozen=True, slots=True)
class Planted:
    """A trace with what was planted in it."""

    case: Case
    returns: tuple[tuple[int, int], ...]
    """The step of each planted return, and the step it goes back to."""
    repairs: tuple[bool | None, ...]
    """Whether another value follows; None: no value follows."""


class _Writer:
    """Sentences as steps, and the things that were worked out so far."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.texts: list[str] = []
        self.worked: dict[str, tuple[int, int, int]] = {}
        """By thing, its step and its two factors."""
        self.free = rng.sample(THINGS, len(THINGS))

    def say(self, forms: Sequence[str], **fields: object) -> int:
        """Write one sentence of a form; returns its step."""
        self.texts.append(self.rng.choice(forms).format(**fields))
        return len(self.texts) - 1

    def work(self) -> None:
        """Work out the next thing, perhaps with a distractor behind it."""
        thing, a, b = self.free.pop(), self.rng.randint(3, 40), self.rng.randint(3, 40)
        place = self.say(_WORKED, thing=thing, a=a, b=b, v=a * b)
        self.worked[thing] = (place, a, b)
        if self.rng.random() < 0.4:
            self.say(_CHECKS, thing=thing, a=a, b=b, v=a * b)
        if self.rng.random() < 0.4:
            self.say(_FILLER)

    def turn_back(self, thing: str, repairs: bool | None) -> tuple[int, int]:
        """Go back to a thing; returns the step that does and the step of the thing."""
        place, a, b = self.worked[thing]
        here = self.say(_RETURNS[self.rng.choice(list(_RETURNS))], thing=thing)
        if repairs is None:
            self.say(_UNSAID)
        else:
            wrong = a * b + self.rng.choice([-10, -1, 1, 10])
            self.say(_AFTER, a=a, b=b, v=wrong if repairs else a * b)
        return here, place


def planted_trace(
    seed: int, returns: int, *, loop: bool = False, repairs: bool | None = None, things: int = 8
) -> Planted:
    """A trace of some things worked out, that then turns back so many times.

    Args:
        seed: of the trace.
        returns: how often it turns back.
        loop: always to the same thing, rather than to different ones.
        repairs: whether another value follows each return; None: no value follows.
        things: how many things are worked out.
    """
    rng = Random(seed_for("planted returns", seed, returns, loop, str(repairs)))
    writer = _Writer(rng)
    writer.say(["A bill has many lines, and its sum is asked for.\n"])
    for _ in range(things - returns // 2):
        writer.work()
    goals = rng.sample(sorted(writer.worked), max(1, min(returns, len(writer.worked))))
    made = []
    for number in range(returns):
        made.append(writer.turn_back(goals[0 if loop else number % len(goals)], repairs))
        writer.work()
    return Planted(_case(seed, writer.texts), tuple(made), (repairs,) * returns)


def _case(seed: int, texts: Sequence[str]) -> Case:
    problem = Problem.make(f"Planted bill {seed}?", family="planted")
    trace = Trace.make(problem, "".join(texts), model="planted")
    steps, place = [], 0
    for index, text in enumerate(texts):
        end = place + len(text)
        steps.append(
            Step(trace_id=trace.trace_id, index=index, char_start=place, char_end=end, text=text)
        )
        place = end
    return Case(problem, trace, tuple(steps))


def examined(made: Planted) -> Returns:
    """The instrument's row of a planted trace."""
    return examine(made.case)[0]


def calibrate(seed: int, n: int) -> list[Calibration]:
    """Returns, repairs and loops found where planted; and the intervals of the two differences."""
    return [
        _found(seed, n),
        _repaired(seed, n),
        _looped(seed, n),
        _within(seed, n),
        _between(seed, n),
    ]


def _found(seed: int, n: int) -> Calibration:
    hits, flags = [], []
    for index in range(n):
        made = planted_trace(seed_for("found", seed, index), 1)
        row = examined(made)
        hits.append(list(zip(row.return_steps, row.targets, strict=True)) == list(made.returns))
        flags.append(bool(examined(planted_trace(seed_for("none", seed, index), 0)).kinds))
    return Calibration(
        instrument="backtracking",
        plant="a return to a known step; null: the same without it, with checks and stories",
        power=rate(hits),
        false_positive=rate(flags),
        note="found: that return and no other, with its target; real prose has more ways to say it",
    )


def _repaired(seed: int, n: int) -> Calibration:
    sides: dict[bool, list[bool]] = {True: [], False: []}
    for index in range(n):
        for repairs, seen in sides.items():
            made = planted_trace(seed_for("repaired", seed, index), 1, repairs=repairs)
            seen.append(True in examined(made).repairs)
    return Calibration(
        instrument="backtracking",
        plant="a return after which another value follows; null: the same value follows",
        power=rate(sides[True]),
        false_positive=rate(sides[False]),
        note="a value that follows in other words than before cannot be compared",
    )


def _looped(seed: int, n: int) -> Calibration:
    sides: dict[bool, list[bool]] = {True: [], False: []}
    for index in range(n):
        for loop, seen in sides.items():
            made = planted_trace(seed_for("looped", seed, index), 4, loop=loop)
            seen.append(examined(made).loops > 0)
    return Calibration(
        instrument="backtracking",
        plant="four returns to the same step; null: four returns to four steps",
        power=rate(sides[True]),
        false_positive=rate(sides[False]),
        note="found: a loop of three or more",
    )


@dataclass(frozen=True, slots=True)
class _Bank:
    """Examined traces that turn back often, and seldom: rows of (returns, tokens)."""

    often: np.ndarray
    seldom: np.ndarray

    def mean_rate(self, side: np.ndarray) -> float:
        """The mean of the traces' own rates."""
        return float(np.mean(1000 * side[:, 0] / side[:, 1]))


@cache
def _bank() -> _Bank:
    def rows(returns: range, name: str) -> np.ndarray:
        held = []
        for index in range(BANK):
            count = returns[index % len(returns)]
            row = examined(planted_trace(seed_for("bank", name, index), count))
            held.append((len(row.kinds), row.tokens))
        return np.array(held)

    return _Bank(rows(range(2, 5), "often"), rows(range(2), "seldom"))


def _drawn(rng: np.random.Generator, chance: np.ndarray) -> np.ndarray:
    """For each chance the (returns, tokens) of a trace, of the kind that turns back or not."""
    bank = _bank()
    often = rng.random(len(chance)) < chance
    picks = rng.integers(0, BANK, len(chance))
    return np.where(often[:, None], bank.often[picks], bank.seldom[picks])


def _traces(rows: np.ndarray, right: bool | None, name: str = "") -> list[Counted]:
    return [Counted(f"{name}{i}", int(r), int(t), right) for i, (r, t) in enumerate(rows)]


def _mixed_study(seed: int, lift: float) -> Estimate:
    """A right and a wrong trace of each problem."""
    rng = np.random.default_rng(seed)
    own = rng.beta(*SPREAD, PROBLEMS)
    right, wrong = _drawn(rng, own), _drawn(rng, own + (1 - own) * lift)
    return within([*_traces(right, True), *_traces(wrong, False)])


def _within(seed: int, n: int) -> Calibration:
    bank = _bank()
    left = SPREAD[1] / sum(SPREAD)
    truth = LIFT * left * (bank.mean_rate(bank.often) - bank.mean_rate(bank.seldom))
    return effect(
        "backtracking",
        "wrong traces turn back more than right ones of the same problem; null: as often",
        lambda one: _mixed_study(one, LIFT),
        lambda one: _mixed_study(one, 0.0),
        truth=truth,
        seed=seed,
        n=n,
        note=f"{PROBLEMS} problems with a right and a wrong trace each",
    )


def _split_study(seed: int, lift: float) -> Estimate:
    """Wrong and right traces of different problems, one each."""
    rng = np.random.default_rng(seed)
    own = rng.beta(*SPREAD, 2 * PROBLEMS)
    first, second = own[:PROBLEMS], own[PROBLEMS:]
    wrong = _drawn(rng, first + (1 - first) * lift)
    return between(_traces(wrong, False, "w"), _traces(_drawn(rng, second), True, "r"))


def _pooled(bank: _Bank, share: float) -> float:
    """The rate that sums of returns over sums of tokens tend to."""
    tops = share * bank.often[:, 0].mean() + (1 - share) * bank.seldom[:, 0].mean()
    bottoms = share * bank.often[:, 1].mean() + (1 - share) * bank.seldom[:, 1].mean()
    return float(1000 * tops / bottoms)


def _between(seed: int, n: int) -> Calibration:
    bank, own = _bank(), SPREAD[0] / sum(SPREAD)
    return effect(
        "backtracking",
        "wrong traces turn back more than right ones of other problems; null: as often",
        lambda one: _split_study(one, LIFT),
        lambda one: _split_study(one, 0.0),
        truth=_pooled(bank, own + (1 - own) * LIFT) - _pooled(bank, own),
        seed=seed,
        n=n,
        note=f"{PROBLEMS} problems on each side, equally hard: real ones are not",
    )
