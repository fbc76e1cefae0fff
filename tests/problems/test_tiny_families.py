"""The two families for tiny models: what makes them readable by a very small transformer."""

import json
import re

import pytest

from reasonscope.problems.checks import own_check
from reasonscope.problems.procedural import generate, reach, relay


@pytest.mark.parametrize("hops", [1, 3, 6])
def test_a_relay_leads_to_its_answer(hops):
    for problem in generate("relay", 30, seed=1, hops=hops):
        start = int(re.search(r"has (\d+)\.", problem.question)[1])
        results = [int(step.rstrip(".").split()[-1]) for step in problem.steps if " = " in step]
        lefts = [int(step.split()[0]) for step in problem.steps if " = " in step]
        assert lefts == [start, *results[:-1]]
        assert problem.answer == str(results[-1])
        assert len(results) == hops
        assert max(results) <= relay.MAX_VALUE


def test_each_name_of_a_relay_passes_on_once_and_each_change_is_told_once():
    for problem in generate("relay", 100, seed=2):
        told = re.findall(r"([A-Z]\w+) (\w+ \d+) makes (\w+)", problem.question)
        assert len({giver for giver, _, _ in told}) == len(told)
        assert len({change for _, change, _ in told}) == len(told)


def test_distractors_are_counted_and_off_the_way():
    for problem in generate("relay", 30, seed=3, hops=2, distractors=3):
        told = problem.question.count(" makes ")
        assert told == 5
        assert sum(" makes " in step for step in problem.steps) == 2


@pytest.mark.parametrize("numbers", [2, 3, 4])
def test_the_known_answer_of_reach_passes_its_check(numbers):
    for problem in generate("reach", 40, seed=1, numbers=numbers):
        assert own_check(problem.answer, problem).correct
        assert len(json.loads(problem.extra)["numbers"]) == numbers


def test_a_wrong_expression_is_wrong_in_reach():
    problem = reach.make(0, 0, numbers=3)
    first = json.loads(problem.extra)["numbers"][0]
    assert own_check(f"{first} + {first}", problem).correct is False


def test_every_move_is_whole_and_within_bounds():
    for value in (1, 6, 50, 99):
        for left, sign, right, result in reach.moves(value, 3):
            assert 1 <= result <= reach.MAX_VALUE
            assert {"+": left + right, "-": left - right, "*": left * right, "/": left / right}[
                sign
            ] == result
