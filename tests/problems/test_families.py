"""What every family owes: a right answer that its check takes, seeds that do not overlap."""

import json
import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reasonscope.errors import SetupError
from reasonscope.problems.answers import candidates, compare, final_answer
from reasonscope.problems.answers.comparison import Comparison
from reasonscope.problems.procedural import FAMILIES, generate
from reasonscope.traces.schema import Problem, Trace

NAMES = sorted(FAMILIES)
EASIEST = {name: {k: s.low for k, s in FAMILIES[name].settings.items()} for name in NAMES}
HARDEST = {name: {k: s.high for k, s in FAMILIES[name].settings.items()} for name in NAMES}


def check(problem: Problem, answer: str) -> Comparison:
    return FAMILIES[problem.family].check(problem, answer)


def right(problem: Problem) -> str:
    assert problem.answer is not None
    return problem.answer


@pytest.mark.parametrize("name", NAMES)
@given(seed=st.integers(0, 2**31), index=st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_the_known_answer_is_right(name: str, seed: int, index: int) -> None:
    problem = FAMILIES[name].make(seed, index)
    assert check(problem, right(problem)).correct is True
    assert compare(right(problem), problem).correct is True


@pytest.mark.parametrize("name", NAMES)
def test_another_problems_answer_is_wrong(name: str) -> None:
    problems = list(generate(name, 60, seed=0))
    pairs = [(a, b) for a, b in pairwise(problems) if a.answer != b.answer]
    verdicts = [check(a, right(b)).correct for a, b in pairs]
    assert verdicts
    assert True not in verdicts or name in ("swaps", "order", "beliefs")
    assert verdicts.count(False) >= 0.8 * len(verdicts)


@pytest.mark.parametrize("name", NAMES)
def test_words_alone_are_never_right(name: str) -> None:
    problem = FAMILIES[name].make(0, 0)
    for text in ("", "I do not know", "the answer", "\\boxed{}", "x" * 30_000):
        assert compare(text, problem).correct is not True


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_and_index_give_the_same_problem(name: str) -> None:
    make = FAMILIES[name].make
    assert make(7, 3) == make(7, 3)
    assert list(generate(name, 5, seed=7))[3] == make(7, 3)


@pytest.mark.parametrize("name", NAMES)
def test_neighbouring_seeds_and_indices_share_almost_nothing(name: str) -> None:
    here = [p.problem_id for p in generate(name, 150, seed=0)]
    there = [p.problem_id for p in generate(name, 150, seed=1)]
    assert len(set(here)) >= 149
    assert len(set(here) & set(there)) <= 1


@pytest.mark.parametrize("name", NAMES)
def test_the_global_generator_is_left_alone(name: str) -> None:
    random.seed(5)
    before = random.getstate()
    first = FAMILIES[name].make(0, 0)
    assert random.getstate() == before
    random.seed(6)
    assert FAMILIES[name].make(0, 0) == first


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("level", [EASIEST, HARDEST])
def test_the_bounds_of_every_setting_work(name: str, level: dict[str, dict[str, int]]) -> None:
    for problem in generate(name, 3, 0, **level[name]):
        assert check(problem, right(problem)).correct is True


@pytest.mark.parametrize("name", NAMES)
def test_the_last_step_gives_the_answer(name: str) -> None:
    for problem in generate(name, 20, seed=2):
        assert problem.family == name
        assert all(step.strip() for step in problem.steps)
        trace = Trace.make(problem, "\n".join(problem.steps))
        found = final_answer(problem, trace)
        assert found is not None
        assert found.correct is True
        assert candidates(problem, trace)[-1].final


@pytest.mark.parametrize("name", NAMES)
def test_every_family_says_what_it_is(name: str) -> None:
    family = FAMILIES[name]
    assert family.name == name
    assert family.summary
    assert all(s.low <= s.high and s.meaning for s in family.settings.values())


def test_wrong_settings_are_all_listed() -> None:
    with pytest.raises(SetupError) as caught:
        generate("chain", 1, 0, hops=99, leaps=2)
    assert len(caught.value.problems) == 2
    assert "hops must be 1 to 12, found 99" in str(caught.value)
    assert "no setting 'leaps'" in str(caught.value)


def test_an_unknown_family_names_those_there_are() -> None:
    with pytest.raises(SetupError, match="beliefs, chain, countdown"):
        generate("chess", 1, 0)


def test_without_a_number_problems_have_no_end() -> None:
    endless = generate("dyck", None, 0)
    assert len([next(endless) for _ in range(30)]) == 30


@pytest.mark.parametrize(("name", "knob"), [("chain", "hops"), ("swaps", "swaps")])
def test_fixing_one_setting_changes_no_other_draw(name: str, knob: str) -> None:
    free = FAMILIES[name].make(0, 0)
    drawn = json.loads(free.extra)[knob]
    assert FAMILIES[name].make(0, 0, **{knob: drawn}).problem_id == free.problem_id
