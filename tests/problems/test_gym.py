"""reasoning-gym: reseeded by hash, scored exactly, quiet, and loaded only when needed."""

import random
import subprocess
import sys
from itertools import pairwise

import pytest

from reasonscope.errors import SetupError
from reasonscope.problems.answers import compare
from reasonscope.problems.gym import (
    AS_NUMBERS,
    AS_TEXTS,
    BY_VERIFIER,
    MAX_ANSWER,
    check_gym,
    gym_names,
    gym_problems,
)
from reasonscope.traces.schema import Problem

QUICK = ("chain_sum", "gcd", "maze", "caesar_cipher", "syllogism", "cryptarithm", "shortest_path")


def right(problem: Problem) -> str:
    assert problem.answer is not None
    return problem.answer


def test_17_is_not_7() -> None:
    """The package's default scorer gives "17" half credit where the truth is "7"."""
    import reasoning_gym

    made = reasoning_gym.create_dataset("count_bits", seed=0, size=1)
    assert made.score_answer(answer="17", entry={"answer": "7"}) == 0.5
    problem = Problem.make("?", answer="7", answer_kind="number", family="gym:count_bits")
    assert compare("17", problem).correct is False
    assert compare("7", problem).correct is True


@pytest.mark.parametrize("name", QUICK)
def test_the_known_answer_is_right_and_another_is_not(name: str) -> None:
    problems = list(gym_problems(name, 6, seed=0))
    assert all(compare(right(p), p).correct is True for p in problems)
    others = [(p, q) for p, q in pairwise(problems) if p.answer != q.answer]
    assert not any(
        compare(right(q), p).correct is True for p, q in others if name not in BY_VERIFIER
    )
    assert all(compare("junk", p).correct is not True for p in problems)


@pytest.mark.slow
@pytest.mark.parametrize("name", gym_names())
def test_every_data_set_takes_its_own_answer_and_no_junk(name: str) -> None:
    here = list(gym_problems(name, 4, seed=0))
    assert all(compare(right(p), p).correct is True for p in here)
    for junk in ("junk", "17 junk 17", "[]", "{}", "0" * 300, "(" * 500, "\n" * 50, "9**9**9"):
        assert all(compare(junk, p).correct is not True for p in here)


@pytest.mark.parametrize("name", ["chain_sum", "caesar_cipher"])
def test_neighbouring_seeds_share_nothing(name: str) -> None:
    here = {p.problem_id for p in gym_problems(name, 40, seed=0)}
    there = {p.problem_id for p in gym_problems(name, 40, seed=1)}
    assert len(here) == 40
    assert not here & there


def test_the_packages_own_seeding_does_share() -> None:
    """The trap that the reseeding avoids: its seeds are seed + index."""
    import reasoning_gym

    here = {item["question"] for item in reasoning_gym.create_dataset("chain_sum", seed=0, size=40)}
    there = {
        item["question"] for item in reasoning_gym.create_dataset("chain_sum", seed=1, size=40)
    }
    assert len(here & there) == 39


def test_problems_are_the_same_again_and_leave_the_global_generator_alone() -> None:
    random.seed(3)
    before = random.getstate()
    first = list(gym_problems("gcd", 3, seed=5))
    assert random.getstate() == before
    assert list(gym_problems("gcd", 3, seed=5)) == first


def test_several_right_answers_are_all_taken() -> None:
    problem = next(gym_problems("palindrome_generation", 1, seed=0))
    letters = right(problem)
    half = len(letters) // 2
    inside = letters[:half]
    other = inside[::-1] + letters[half : len(letters) - half] + inside
    assert compare(other, problem).correct is True
    assert compare(other[:-1], problem).correct is False


def test_its_verifier_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    problem = next(gym_problems("tower_of_hanoi", 1, seed=0))
    assert compare("Move disk 1 from Peg 9 to Peg 7", problem).correct is False
    printed = capsys.readouterr()
    assert printed.out == printed.err == ""


def test_a_changed_item_is_left_open() -> None:
    problem = next(gym_problems("cryptarithm", 1, seed=0))
    forged = Problem.make("another", answer=problem.answer, family=problem.family)
    assert check_gym(forged, right(problem)).correct is None
    other = Problem.make(
        "another", answer=problem.answer, family=problem.family, extra={"item_seed": 1}
    )
    assert check_gym(other, right(problem)).correct is None


@pytest.mark.parametrize(
    ("wanted", "answer", "correct"),
    [
        ("olleh", "olleh", True),
        ("olleh", '"Olleh."', True),
        ("olleh", "the word olleh backwards", None),
        ("olleh", "hello", False),
        ("[3, 41]", "[3,41]", True),
        ("the cat", "cat", False),
        ("1 0\n0 1", "1 0 0 1", True),
        ("1 0\n0 1", "1 0 1 0", False),
    ],
)
def test_texts_are_equal_but_for_case_spaces_and_quotes(
    wanted: str, answer: str, correct: bool | None
) -> None:
    problem = Problem.make("?", answer=wanted, answer_kind="text", family="gym:spell_backward")
    assert check_gym(problem, answer).correct is correct


@pytest.mark.parametrize(
    ("answer", "correct"), [("105.5325", True), ("105.53254", False), ("x", None)]
)
def test_numbers_are_not_rounded(answer: str, correct: bool | None) -> None:
    problem = Problem.make(
        "?", answer="105.5325", answer_kind="number", family="gym:decimal_chain_sum"
    )
    assert check_gym(problem, answer).correct is correct


def test_an_unknown_data_set_is_refused_with_a_list() -> None:
    with pytest.raises(SetupError, match="chain_sum"):
        gym_problems("countdown", 1, 0)
    stray = Problem.make("?", answer="1", family="gym:countdown")
    assert check_gym(stray, "1").correct is None


def test_an_endless_answer_is_not_checked() -> None:
    problem = Problem.make("?", answer="7", answer_kind="number", family="gym:count_bits")
    assert check_gym(problem, "7" * (MAX_ANSWER + 1)).correct is None


def test_no_data_set_is_listed_twice() -> None:
    assert len(set(gym_names())) == len(AS_NUMBERS) + len(AS_TEXTS) + len(BY_VERIFIER)


def test_comparing_a_plain_answer_does_not_load_the_package() -> None:
    code = (
        "import sys; from reasonscope.problems.answers import compare; "
        "from reasonscope.traces.schema import Problem; "
        "compare('7', Problem.make('?', answer='7', answer_kind='number')); "
        "assert 'reasoning_gym' not in sys.modules and 'sympy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
