"""Traces whose importances are known in closed form, and rollouts drawn from them.

A plant is what a Markov trace comes to for someone who resamples it: the distribution of answers
after each number of kept steps, and how often the step that comes in the place of step *i* equals
it, or says the same in other words. A rollout from ``kept = i`` whose first step equals step *i*
goes on as one from ``kept = i + 1`` (that is what Markov means); the others answer so that the
mixture is the distribution at ``kept = i``. What follows the step that leaves is not written.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING, Literal

from reasonscope.provenance import content_id, seed_for
from reasonscope.structure.anchors.rollout import Request, Rollout

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Kind = Literal["null", "key", "several", "chain", "redundant", "swap", "paraphrase", "lookalike"]
"""``null``: answers do not depend on the steps. ``key``: one step decides. ``several``: ``keys``
steps do, upwards and downwards. ``chain``: each of a row of steps must be right. ``redundant``:
two steps, each sufficient. ``swap``: one step decides which wrong answer comes, never whether it
is right. ``paraphrase``: a key step that is said in many ways. ``lookalike``: a key step whose
likenesses miss what decides."""

EQUAL, SIMILAR, DIFFERENT = 0, 1, 2
"""What a resampled step is to the trace's own: the same text, the same in other words, another."""

_ANSWERS = ("right", "wrong", "also wrong")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """Rollouts of one prefix, an entry of each array for every rollout."""

    left: "NDArray[np.intp]"
    """The first step that is not the trace's own text; the number of steps: none."""
    likeness: "NDArray[np.intp]"
    """Whether that step is similar or different."""
    answer: "NDArray[np.intp]"
    """0: right, 1 and 2: wrong, -1: it never answers."""


@dataclass(frozen=True, kw_only=True)
class Plant:
    """A trace with known importances, to draw rollouts from."""

    kind: Kind
    seed: int
    answers: tuple[tuple[float, ...], ...]
    """For each number of kept steps, 0 to all, the probabilities of the right answer, a wrong one
    and another wrong one, among rollouts that answer."""
    equal: tuple[float, ...]
    """For each step how often its resample is the same text."""
    similar: tuple[float, ...]
    """For each step how often its resample is other text of the same meaning."""
    misled: tuple[int, ...] = ()
    """Steps whose similar resamples go on as the different ones do: likeness deceives there."""
    cut: float = 0.0
    """Share of rollouts that never answer, whatever was kept."""
    keys: tuple[int, ...] = ()
    """Steps where something was planted."""

    def __post_init__(self) -> None:
        lowest = min(min(row) for kept in range(self.steps) for row in self._rows(kept))
        if lowest < -1e-9:
            raise ValueError(f"no mixture gives these answers: a probability of {lowest:.3f}")

    @property
    def steps(self) -> int:
        """How many steps the trace has."""
        return len(self.equal)

    @cached_property
    def trace_id(self) -> str:
        """The id of the planted trace: the same plant has the same id."""
        shown = [self.kind, self.seed, self.answers, self.equal, self.similar, self.cut]
        return content_id("plant", *shown)

    def probability(self, kept: int) -> float:
        """P(right | so many steps kept), among rollouts that answer."""
        return self.answers[kept][0]

    def importance(self, step: int) -> float:
        """Resampling importance for accuracy: positive where keeping the step helps."""
        return self.probability(step + 1) - self.probability(step)

    def counterfactual(self, step: int) -> float:
        """Importance against only those rollouts whose new step means something else."""
        return self.probability(step + 1) - self._rows(step)[DIFFERENT][0]

    def own_text(self, step: int) -> str:
        """The text of a step of the trace."""
        return f"Step {step} as it stands.\n"

    def alike(self, original: str, resampled: str) -> bool:
        """Whether two steps mean the same, exactly."""
        return resampled == original or resampled.startswith(
            original[: original.find(" as ")] + ","
        )

    def roll(self, request: Request, base: int = 0) -> Rollout:
        """The rollout of a request; the same request gives the same rollout."""
        seed = request.seed(self.trace_id, base)
        forced, dice = request.arm == "forced", Random(seed)
        text, row = ("", self.answers[request.kept]) if forced else self._walked(request, dice)
        answer = None if dice.random() < self.cut else _fallen(dice.random(), row)
        return Rollout(
            trace_id=self.trace_id,
            kept=request.kept,
            index=request.index,
            arm=request.arm,
            inserted=request.inserted,
            seed=seed,
            text=text,
            step=text[: text.find("\n") + 1],
            tokens=self.tokens(request),
            ended=answer is not None,
            answer=None if answer is None else _ANSWERS[answer],
            correct=None if answer is None else answer == 0,
        )

    def tokens(self, request: Request) -> int:
        """What a rollout costs: twenty tokens for every step that is not kept, ten to answer."""
        return 10 if request.arm == "forced" else 20 * (self.steps - request.kept) + 10

    def outcomes(self, kept: int, draws: int, rng: "np.random.Generator") -> "Outcomes":
        """Many rollouts from one prefix at once, without their text."""
        import numpy as np

        left = np.full(draws, self.steps)
        likeness = np.full(draws, DIFFERENT)
        answer = np.full(draws, -1)
        going = np.arange(draws)
        for step in range(kept, self.steps + 1):
            like = np.searchsorted(
                np.cumsum(self._shares(step))[:2], rng.random(len(going)), "right"
            )
            leaving = like != EQUAL
            gone, how = going[leaving], like[leaving]
            bounds = np.cumsum(np.asarray(self._rows(step)), axis=1)[:, :2]
            left[gone], likeness[gone] = step, how
            answer[gone] = (rng.random(len(gone))[:, None] >= bounds[how]).sum(axis=1)
            going = going[~leaving]
        answer[rng.random(draws) < self.cut] = -1
        return Outcomes(left=left, likeness=likeness, answer=answer)

    def _walked(self, request: Request, dice: Random) -> tuple[str, tuple[float, ...]]:
        """What is written until it leaves the trace, and the answers that follow from there."""
        text, step = "", request.kept
        while step < self.steps:
            likeness = _fallen(dice.random(), self._shares(step))
            if likeness != EQUAL:
                way = dice.randrange(90)
                said = f"Step {step}, put" if likeness == SIMILAR else f"Other step {step},"
                return f"{text}{said} in way {way}.\n", self._rows(step)[likeness]
            text, step = text + self.own_text(step), step + 1
        return text, self.answers[step]

    def _shares(self, kept: int) -> tuple[float, float, float]:
        """How often the step after the kept ones is equal, similar, different."""
        if kept == self.steps:
            return 0.0, 0.0, 1.0
        equal, similar = self.equal[kept], self.similar[kept]
        return equal, similar, 1 - equal - similar

    def _rows(self, kept: int) -> tuple[tuple[float, ...], ...]:
        """Answers of rollouts by the likeness of their step: equal, similar, different."""
        return self._all_rows[kept]

    @cached_property
    def _all_rows(self) -> list[tuple[tuple[float, ...], ...]]:
        return [self._split(kept) for kept in range(self.steps + 1)]

    def _split(self, kept: int) -> tuple[tuple[float, ...], ...]:
        now = self.answers[kept]
        if kept == self.steps:
            return now, now, now
        following, (equal, similar, _) = self.answers[kept + 1], self._shares(kept)
        share = equal if kept in self.misled else equal + similar
        rest = tuple((a - share * b) / (1 - share) for a, b in zip(now, following, strict=True))
        return following, rest if kept in self.misled else following, rest


def _fallen(die: float, shares: Sequence[float]) -> int:
    """Which of the shares a die in [0, 1) falls into."""
    for place, share in enumerate(shares[:-1]):
        die -= share
        if die < 0:
            return place
    return len(shares) - 1


def plant(
    kind: Kind,
    steps: int,
    seed: int,
    *,
    chance: float = 0.4,
    effect: float = 0.4,
    keys: int = 5,
    equal: float = 0.1,
    similar: float = 0.2,
    cut: float = 0.0,
) -> Plant:
    """A planted trace; where its key steps stand is drawn from the seed.

    Args:
        kind: What is planted.
        steps: How many steps the trace has; at least three.
        seed: Of the places and sizes.
        chance: P(right) before any step is kept.
        effect: What the key step adds; negative: it harms. For ``several`` the largest effect
            of a step, for ``chain`` and ``redundant`` what all their steps add together.
        keys: How many steps ``several`` and ``chain`` plant.
        equal: How often a resampled step is the same text, at most; where the step decides much
            it is less, since no mixture could give the effect.
        similar: The same for other text of the same meaning.
        cut: Share of rollouts that never answer.

    Raises:
        ValueError: Probabilities fall outside [0, 1], or there are too few steps.

    >>> made = plant("key", 10, seed=1, chance=0.3, effect=0.5)
    >>> [round(made.importance(step), 2) for step in made.keys]
    [0.5]
    """
    import numpy as np

    if steps < 3 or not 0 <= cut < 1:
        raise ValueError("a plant needs at least three steps and a share of cut below 1")
    rng = np.random.default_rng(seed_for("plant", kind, steps, seed))
    if kind == "paraphrase":
        equal, similar = 0.15, 0.45
    jumps = _jumps(kind, steps, effect, chance, keys, rng)
    right = [
        chance + sum(jump for at, jump in jumps.items() if at < kept) for kept in range(steps + 1)
    ]
    swapped = min(jumps) if kind == "swap" else None
    rows = [
        _answers(chance if kind == "swap" else p, kept, swapped) for kept, p in enumerate(right)
    ]
    if not all(0 <= p <= 1 for row in rows for p in row):
        raise ValueError(f"a probability lies outside [0, 1]: chance {chance}, effect {effect}")
    shares = [_room(rows[i], rows[i + 1], equal, similar) for i in range(steps)]
    return Plant(
        kind=kind,
        seed=seed,
        answers=tuple(rows),
        equal=tuple(share[0] for share in shares),
        similar=tuple(share[1] for share in shares),
        misled=tuple(sorted(jumps)) if kind == "lookalike" else (),
        cut=cut,
        keys=tuple(sorted(jumps)),
    )


def _jumps(
    kind: Kind,
    steps: int,
    effect: float,
    chance: float,
    keys: int,
    rng: "np.random.Generator",
) -> dict[int, float]:
    """What each planted step adds to P(right)."""
    if kind == "null":
        return {}
    if kind == "redundant":
        one, two = sorted(int(at) for at in rng.choice(steps - 1, 2, replace=False))
        return {one: effect * _MISS**2, two: 0.0}
    if kind not in ("several", "chain"):
        return {int(rng.integers(steps // 4, max(steps // 4 + 1, 3 * steps // 4))): effect}
    places = sorted(int(at) for at in rng.choice(steps, min(keys, steps), replace=False))
    if kind == "chain":
        # Each of n steps is got right with the same probability r; r ** (n - done) is left.
        each, n = 0.8, len(places)
        left = [each ** (n - done) for done in range(n + 1)]
        scale = effect / (1 - left[0])
        return {at: scale * (left[i + 1] - left[i]) for i, at in enumerate(places)}
    return _wandering(places, chance, effect, rng)


_MISS = 0.3
"""How often a redundant step, resampled, does not do the work."""


def _wandering(
    places: Sequence[int], chance: float, effect: float, rng: "np.random.Generator"
) -> dict[int, float]:
    """Jumps of half to all of the effect, or less, so that P(right) stays within [.05, .95]."""
    level, jumps = chance, {}
    for at in places:
        size = abs(effect) * float(rng.uniform(0.5, 1.0))
        rooms = {1: 0.95 - level, -1: level - 0.05}
        signs = [sign for sign, room in rooms.items() if size <= room]
        sign = signs[int(rng.integers(len(signs)))] if signs else max(rooms, key=rooms.__getitem__)
        jumps[at] = sign * min(size, max(0.0, rooms[sign]))
        level += jumps[at]
    return jumps


def _answers(right: float, kept: int, swapped: int | None) -> tuple[float, ...]:
    """Right, wrong, and another wrong answer; which wrong one is likely changes at the swap."""
    wrong = 1 - right
    first = 0.8 if swapped is None or kept <= swapped else 0.2
    return right, wrong * first, wrong * (1 - first)


def _room(
    before: Sequence[float], after: Sequence[float], equal: float, similar: float
) -> tuple[float, float]:
    """The shares of equal and similar, shrunk where no mixture could give the row before."""
    most = min((a / b for a, b in zip(before, after, strict=True) if b > 0), default=1.0)
    shrink = min(1.0, 0.9 * most / (equal + similar)) if equal + similar > 0 else 1.0
    return equal * shrink, similar * shrink
