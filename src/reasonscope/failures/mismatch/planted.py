"""Planted mismatches: traces whose answer text gives another answer than the thinking."""

import random
from dataclasses import replace
from functools import cache, partial

import numpy as np

from reasonscope.failures.mismatch.rows import examine
from reasonscope.instrument import Calibration
from reasonscope.planting import effect, rate
from reasonscope.problems.answers import candidates
from reasonscope.provenance import seed_for
from reasonscope.stats import Estimate, clustered_proportion
from reasonscope.traces.schema import Case, Problem, Trace
from reasonscope.traces.segment import steps_of

BANK = 60
"""Traces of each kind that are really examined; simulated studies draw from them."""
PROBLEMS, SAMPLES = 100, 3
SPREAD = 8.0
"""Concentration of the Beta law of the problems' own rates."""
PLANTED, NULL = 0.2, 0.08
"""Shares of disagreement in the planted and in the null study."""

_THOUGHTS = (
    "So the answer is {n}.",
    "Thus the total must be right. Therefore, the final answer is {n}.",
    "Everything checks out.\n\n**Final Answer** \\boxed{{{n}}}",
    "Wait, no, that was wrong. So the answer is {n}.",
)
_ANSWERS = ("The answer is {n}.", "\\[\n\\boxed{{{n}}}\n\\]", "**Answer:** ${n}", "#### {n}")
_TEMPTING = (
    "A first guess: the answer is {other}. But that counts the boxes twice.",
    "If she had sold none, the answer would be {other}.",
    "The user says the answer is {other}, which cannot be.",
    "Perhaps {other}? No.",
)


def planted_case(seed: int, index: int, agrees: bool) -> Case:
    """A trace that thinks of a wrong number on its way and ends its thinking with an answer."""
    rng = random.Random(seed_for("planted mismatch", seed, index))
    truth = rng.randint(20, 9_000)
    other = truth + rng.choice([-7, -1, 1, 10])
    problem = Problem.make(f"Planted {index}?", answer=str(truth), answer_kind="number")
    ends = rng.choice(_THOUGHTS).format(n=truth)
    reasoning = f"Let me see.\n\n{rng.choice(_TEMPTING).format(other=other)}\n\n{ends}"
    trace = Trace.make(
        problem, reasoning, model="planted", opening="<think>", closing="</think>", form="tags",
        answer=rng.choice(_ANSWERS).format(n=truth if agrees else other),
    )  # fmt: skip
    case = Case(problem, trace, tuple(steps_of(trace)))
    found = tuple(candidates(problem, trace, case.steps))
    return replace(case, measured={"answers": found, "verdicts": ()})


@cache
def _bank(seed: int, agrees: bool) -> tuple[bool | None, ...]:
    return tuple(
        row.agrees for index in range(BANK) for row in examine(planted_case(seed, index, agrees))
    )


def simulated(truth: float, bank_seed: int, seed: int) -> Estimate:
    """The share of disagreement found in a study where it is ``truth`` over all problems."""
    rng = np.random.default_rng(seed_for("mismatch study", seed, truth))
    own = rng.beta(SPREAD * truth, SPREAD * (1 - truth), PROBLEMS)
    disagree = rng.random((PROBLEMS, SAMPLES)) < own[:, None]
    drawn = rng.integers(0, BANK, (PROBLEMS, SAMPLES))
    banks = (_bank(bank_seed, True), _bank(bank_seed, False))
    hits, sizes = [], []
    for bad, picks in zip(disagree, drawn, strict=True):
        outcomes = [banks[int(b)][int(p)] for b, p in zip(bad, picks, strict=True)]
        known = [outcome for outcome in outcomes if outcome is not None]
        hits.append(known.count(False))
        sizes.append(len(known))
    return clustered_proportion(hits, sizes)


def calibrate(seed: int, n: int) -> list[Calibration]:
    """Disagreement told from agreement, and the interval of its share on simulated studies."""
    few = min(n, BANK)
    apart = [examine(planted_case(seed, i, False))[0].agrees is False for i in range(few)]
    alike = [examine(planted_case(seed, i, True))[0].agrees is False for i in range(few)]
    return [
        effect(
            "mismatch",
            f"{PLANTED:.0%} of the traces answer otherwise; null: {NULL:.0%}, to be left in",
            partial(simulated, PLANTED, seed),
            partial(simulated, NULL, seed),
            truth=PLANTED,
            nothing=NULL,
            seed=seed,
            n=n,
        ),
        Calibration(
            instrument="mismatch",
            plant=f"{few} answers that differ from the thinking's; null: the same one, with "
            "another number reported or tried on the way",
            power=rate(apart),
            false_positive=rate(alike),
            note="exact: no level is set here, so false positives should be none",
        ),
    ]
