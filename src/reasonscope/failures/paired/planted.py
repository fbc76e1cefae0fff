"""Planted bias: a sampler that says yes with a known chance, whatever it is asked."""

import random
from dataclasses import dataclass, replace
from functools import cache, partial

from reasonscope.failures.paired.estimates import Asked, asked, contradictory, lean
from reasonscope.failures.paired.rows import examine
from reasonscope.instrument import Calibration
from reasonscope.planting import effect
from reasonscope.problems.answers import candidates
from reasonscope.provenance import seed_for
from reasonscope.stats import Estimate
from reasonscope.traces.schema import Case, Problem, Trace

_ENDS = (
    "{}.", "**{}**", "The answer is {}.", "**Answer:** {}", "{}, as the clues say.",
    "So the answer is \\boxed{{\\text{{{}}}}}.",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """The chances of a planted study."""

    pairs: int = 60
    rollouts: int = 3
    yes: float = 0.2
    """Chance to say yes whatever is asked."""
    error: float = 0.1
    """Chance of the wrong answer otherwise, alike for yes and no."""

    @property
    def chances(self) -> tuple[float, float]:
        """Chance of a yes to the question whose answer is yes, and to the other."""
        return (
            self.yes + (1 - self.yes) * (1 - self.error),
            self.yes + (1 - self.yes) * self.error,
        )


def true_lean(law: Law) -> float:
    """Both yes less both no: the chances of yes add up to 1 plus this, which is ``law.yes``."""
    return sum(law.chances) - 1


def true_contradictory(law: Law) -> float:
    """Both yes or both no."""
    one, other = law.chances
    return one * other + (1 - one) * (1 - other)


def planted_case(yes: bool, dress: int, reverse: bool) -> Case:
    """A trace on "Is P larger than Q?" or its reverse that answers yes or no."""
    one, other = ("Q", "P") if reverse else ("P", "Q")
    right = "No" if reverse else "Yes"
    problem = Problem.make(f"Is {one} larger than {other}?", answer=right, answer_kind="text")
    end = _ENDS[dress % len(_ENDS)].format("Yes" if yes else "No")
    trace = Trace.make(
        problem, "Let me compare. No, wait. Yes, I see.", model="planted", opening="<think>",
        closing="</think>", answer=end, form="tags",
    )  # fmt: skip
    return replace(Case(problem, trace), measured={"answers": tuple(candidates(problem, trace))})


@cache
def _examined(yes: bool, dress: int, reverse: bool) -> tuple[str, str, bool | None]:
    (row,) = examine(planted_case(yes, dress, reverse))
    return row.model, row.side, row.yes


def planted_study(law: Law, seed: int) -> list[Asked]:
    """The pairs of a study whose answers were really read."""
    rng = random.Random(seed_for("planted pairs", seed))
    rows = []
    for index in range(law.pairs):
        for reverse, chance in zip((False, True), law.chances, strict=True):
            for _ in range(law.rollouts):
                says = rng.random() < chance
                model, side, yes = _examined(says, int(rng.random() * len(_ENDS)), reverse)
                rows.append((model, str(index), side, yes))
    return asked(rows)


def _lean(law: Law, seed: int) -> Estimate:
    return lean(planted_study(law, seed))


def _contradictory(law: Law, seed: int) -> Estimate:
    return contradictory(planted_study(law, seed))


BIASED = Law()
FAIR = replace(BIASED, yes=0.0)
OFTEN = Law(yes=0.4)


def calibrate(seed: int, n: int) -> list[Calibration]:
    """The lean of a sampler that says yes too often, and the share of its contradictions."""
    return [
        effect(
            "paired",
            "yes in 20 % of all answers whatever is asked; null: errors alike for yes and no",
            partial(_lean, BIASED),
            partial(_lean, FAIR),
            truth=true_lean(BIASED),
            seed=seed,
            n=n,
        ),
        effect(
            "paired",
            "contradictions of a sampler that says yes in 40 %; null: in none, to be left in",
            partial(_contradictory, OFTEN),
            partial(_contradictory, FAIR),
            truth=true_contradictory(OFTEN),
            nothing=true_contradictory(FAIR),
            seed=seed,
            n=n,
            note="errors of chance contradict each other too; only the lean tells bias from them",
        ),
    ]
