"""Planted answers: traces whose final answer is known to be right or wrong, in many dresses."""

import random

from reasonscope.instrument import Calibration
from reasonscope.outcomes.planting import coverage
from reasonscope.planting import rate
from reasonscope.problems.answers import final_answer
from reasonscope.provenance import seed_for
from reasonscope.traces.schema import Case, Problem, Trace

DRESSES = (
    "So the total is \\boxed{{{n}}}.",
    "**Final Answer:** {n}",
    "The answer is {n}.",
    "Adding it all up, Maria needs ${n} in all.\n\n**Answer:** ${n}",
    "Therefore:\n\\[\n\\boxed{{{grouped}}}\n\\]",
    "#### {n}",
    "Each of the 12 boxes weighs 3 kg.\n\nThe final answer is \\(\\boxed{{{n} \\text{{ kg}}}}\\).",
)
"""How the text after the reasoning states its answer."""

ACCURACY = 0.7
"""Planted accuracy of the simulated studies."""


def planted_answer(seed: int, index: int, right: bool) -> Case:
    """A trace that says other numbers on its way and then the right answer, or a wrong one.

    Half of the wrong traces hold the right number in their reasoning: an extractor that looks
    there calls them right.
    """
    rng = random.Random(seed_for("planted answer", seed, index, right))
    truth = rng.randint(10, 99_999)
    wrong = truth + rng.choice([-1, 1]) * rng.choice([1, 2, 7, 10, 100])
    stated = truth if right else wrong
    tempting = wrong if right else truth
    reasoning = f"Let me see. Perhaps the answer is {rng.choice([tempting, truth * 3])}. Hmm."
    problem = Problem.make(
        f"Planted question {index}?", answer=str(truth), answer_kind="number", family="planted"
    )
    answer = rng.choice(DRESSES).format(n=stated, grouped=f"{stated:,}")
    trace = Trace.make(
        problem,
        reasoning,
        model="planted",
        opening="<think>",
        closing="</think>",
        answer=answer,
        form="tags",
    )
    return Case(problem, trace)


def calibrate(seed: int, n: int) -> list[Calibration]:
    """Wrong answers told from right ones, and how often the interval of accuracy holds."""
    right = [_judged(planted_answer(seed, i, right=True)) for i in range(n)]
    wrong = [_judged(planted_answer(seed, i, right=False)) for i in range(n)]
    simulated = coverage(
        [verdict is True for verdict in right],
        [verdict is True for verdict in wrong],
        ACCURACY,
        "answers",
        seed,
    )
    return [
        Calibration(
            instrument="answers",
            plant="wrong final answers; null: right ones; temptation in the reasoning",
            power=rate([verdict is False for verdict in wrong]),
            false_positive=rate([verdict is False for verdict in right]),
            coverage=simulated.coverage,
            bias=simulated.bias,
            note="real traces state answers in more ways than the planted ones",
        ),
        Calibration(
            instrument="answers",
            plant="an answer in reasoning that never ends; null: the same, ended",
            power=rate([_unfinished(seed, i) for i in range(n)]),
            false_positive=rate([verdict is None for verdict in right]),
            note="an unfinished trace has no final answer, however often it names a number",
        ),
    ]


def _judged(case: Case) -> bool | None:
    found = final_answer(case.problem, case.trace)
    return None if found is None else found.correct


def _unfinished(seed: int, index: int) -> bool:
    case = planted_answer(seed, index, right=True)
    cut = Trace.make(
        case.problem, case.trace.reasoning + case.trace.answer, opening="<think>", form="unclosed"
    )
    return final_answer(case.problem, cut) is None
