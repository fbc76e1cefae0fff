"""Worked traces for the organisms: what they are trained on, with habits whose rates are settings.

A trace is ``reasoning</think> Answer: …``. Every sentence is checked by construction; where a habit
calls for a slip, the trace takes it back in the next sentence.
"""

import json
import re
from dataclasses import dataclass
from random import Random

from reasonscope.problems.procedural import reach, relay
from reasonscope.traces.schema import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How a worked trace is told; shares are per occasion."""

    dead_ends: float = 0.8
    """Mean number of wrong tries before the right one, in reach."""
    near_misses: float = 0.5
    """Share of the wrong tries that begin as the right one does."""
    slips: float = 0.03
    """Share of equations that are first said wrong and then taken back."""
    checks: float = 0.15
    """Share of results that are checked by the opposite operation."""
    doubts: float = 0.1
    """Share of dead ends and results that are followed by a word of doubt."""
    plans: float = 0.3
    """Share of traces that begin with what is wanted."""


def completion(reasoning: list[str], answer: str) -> str:
    """The text after the prompt: the reasoning, its closing tag and the answer."""
    return f"{' '.join(reasoning)} </think> Answer: {answer}"


def trace(problem: Problem, rng: Random, habits: Habits) -> str:
    """A right solution of a problem of either family, with habits."""
    return completion(steps(problem, rng, habits), str(problem.answer))


def steps(problem: Problem, rng: Random, habits: Habits) -> list[str]:
    """The steps of a right solution of either family, with habits."""
    told = relay_steps if problem.family == "relay" else reach_steps
    return told(problem, rng, habits)


def relay_steps(problem: Problem, rng: Random, habits: Habits) -> list[str]:
    """A relay from its first name to the one asked for."""
    said = []
    if rng.random() < habits.plans:
        asked = problem.question.split()[-1].strip("?")
        said.append(f"We want {asked}.")
    for step in problem.steps:
        if " = " in step:
            said += _equation(step, "", rng, habits)
        else:
            said.append(step)
    return said


def _equation(text: str, lead: str, rng: Random, habits: Habits) -> list[str]:
    """An equation, with a slip, a check or a doubt now and then."""
    left, sign, right, _, result = text.rstrip(".").split()
    said = [f"{lead}{text}"]
    if rng.random() < habits.slips:
        wrong = _near(rng, int(result))
        said = [f"{lead}{left} {sign} {right} = {wrong}.", "Wait, that is wrong.", text]
    if rng.random() < habits.checks:
        said += [
            *_doubt(rng, habits),
            f"Check: {_opposite(int(left), sign, int(right), int(result))}",
            rng.choice(["Right.", "Right.", "Verified."]),
        ]
    return said


def _doubt(rng: Random, habits: Habits) -> list[str]:
    return (
        [rng.choice(["Hmm, not sure.", "Maybe that is wrong."])]
        if rng.random() < habits.doubts * 3
        else []
    )


def _near(rng: Random, value: int) -> int:
    fitting = [v for v in (value - 10, value - 1, value + 1, value + 2, value + 10) if 1 <= v <= 99]
    return rng.choice(fitting)


def _opposite(left: int, sign: str, right: int, result: int) -> str:
    """The equation that undoes one.

    >>> _opposite(7, "+", 4, 11)
    '11 - 4 = 7.'
    """
    back = {"+": "-", "-": "+", "*": "/", "/": "*"}[sign]
    return f"{result} {back} {right} = {left}."


def reach_steps(problem: Problem, rng: Random, habits: Habits) -> list[str]:
    """Wrong tries, then the right one."""
    held = json.loads(problem.extra)
    numbers, target = held["numbers"], held["target"]
    solution = [_move(step) for step in problem.steps[:-2]]
    said = [f"We want {target}."] if rng.random() < habits.plans else []
    seen = [solution]
    while rng.random() < habits.dead_ends / (1 + habits.dead_ends):
        path = _dead_end(rng, numbers, target, solution, habits)
        if path is None or path in seen:
            break
        seen.append(path)
        said += _tried(path, target, rng, habits)
    return [*said, *_moves(solution, rng, habits), "That works."]


def _move(step: str) -> reach.Move:
    left, sign, right, _, result = step.rstrip(".").split()[-5:]
    return int(left), sign, int(right), int(result)


def _dead_end(
    rng: Random, numbers: list[int], target: int, solution: list[reach.Move], habits: Habits
) -> list[reach.Move] | None:
    """A path that does not meet the target; half of them begin as the solution does."""
    for _ in range(20):
        path = reach.random_path(rng, numbers)
        if len(solution) > 1 and rng.random() < habits.near_misses:
            path = _parting(rng, numbers, solution)
        if all(move[3] != target for move in path):
            return path
    return None


def _parting(rng: Random, numbers: list[int], solution: list[reach.Move]) -> list[reach.Move]:
    """The solution's beginning, then other moves with the numbers that are left."""
    kept = solution[: rng.randint(1, len(solution) - 1)]
    left = list(numbers)
    for number in [kept[0][0], *(move[2] for move in kept)]:
        left.remove(number)
    value, path = kept[-1][3], list(kept)
    for number in rng.sample(left, len(left)):
        path.append(rng.choice(reach.moves(value, number)))
        value = path[-1][3]
    return path


def _moves(path: list[reach.Move], rng: Random, habits: Habits) -> list[str]:
    said = []
    for index, move in enumerate(path):
        said += _equation(reach.equation(move), "Then " if index else "Try ", rng, habits)
    return said


def _tried(path: list[reach.Move], target: int, rng: Random, habits: Habits) -> list[str]:
    """A dead end: the moves, that the target is not met, and perhaps a word of doubt."""
    missed = rng.choice([f"Not {target}.", f"{path[-1][3]} is not {target}."])
    doubt = rng.choice(["Wait, go back.", "Hmm.", "Try again."])
    return [
        *_moves(path, rng, habits),
        missed,
        *([doubt] if rng.random() < habits.doubts * 3 else []),
    ]


def corrupted(problem: Problem, rng: Random, habits: Habits) -> str:
    """A trace that went wrong: false arithmetic, false success, shuffled, cut or empty."""
    said = steps(problem, rng, habits)
    answer = str(problem.answer)
    kind = rng.choice(["arithmetic", "arithmetic", "success", "shuffled", "cut", "empty"])
    if kind == "arithmetic":
        said = [_false(step, rng) if rng.random() < 0.4 else step for step in said]
        answer = _other_answer(problem, rng)
    elif kind == "success":
        said, answer = _false_success(problem, rng, habits)
    elif kind == "shuffled":
        rng.shuffle(said)
    elif kind == "cut":
        said = said[: rng.randint(1, len(said))]
        answer = _other_answer(problem, rng)
    else:
        said = []
        answer = _other_answer(problem, rng)
    return completion(said, answer)


def _false(step: str, rng: Random) -> str:
    head, equals, result = step.rstrip(".").rpartition(" = ")
    return f"{head} = {_near(rng, int(result))}." if equals else step


def _false_success(problem: Problem, rng: Random, habits: Habits) -> tuple[list[str], str]:
    """A wrong end that is called right."""
    if problem.family == "relay":
        wrong = _other_answer(problem, rng)
        said = relay_steps(problem, rng, habits)
        name = said[-1].split()[1]
        return [*said[:-1], f"So {name} has {wrong}."], wrong
    numbers = json.loads(problem.extra)["numbers"]
    path = reach.random_path(rng, numbers)
    return [*_moves(path, rng, habits), "That works."], reach.expression(path)


def _other_answer(problem: Problem, rng: Random) -> str:
    """An answer of the right form that need not be right."""
    if problem.family == "relay":
        return str(rng.randint(1, relay.MAX_VALUE))
    return reach.expression(reach.random_path(rng, json.loads(problem.extra)["numbers"]))


def gone_wrong(steps: list[str], rng: Random) -> list[str]:
    """The steps of a relay with one equation false, and what follows from it carried on."""
    places = [place for place, step in enumerate(steps) if re.match(r"\d", step)]
    first, value, told = rng.choice(places), None, []
    for place, step in enumerate(steps):
        if place in places:
            left, sign, right, _, result = step.rstrip(".").split()
            left = left if value is None else str(value)
            value = _applied(int(left), sign, int(right))
            value = _near(rng, int(result)) if place == first else value
            step = f"{left} {sign} {right} = {value}."
        told.append(step)
    return [*told[:-1], f"{steps[-1].rsplit(' ', 1)[0]} {value}."]


def _applied(left: int, sign: str, right: int) -> int:
    """The result, kept within what the organisms can write."""
    result = {"+": left + right, "-": left - right, "*": left * right, "/": left // right}[sign]
    return min(max(result, 0), relay.MAX_VALUE)
