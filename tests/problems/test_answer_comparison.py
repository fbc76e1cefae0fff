"""Answers against references: exact where it can be, open where it cannot."""

import json
import multiprocessing
import os
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasonscope.problems.answers import Comparison, compare
from reasonscope.problems.answers.bounded import (
    MAX_INPUT,
    TIMED_OUT,
    BoundedEquality,
    expressions_equal,
)
from reasonscope.problems.answers.comparison import (
    MAX_ANSWER,
    compare_expressions,
    compare_numbers,
    compare_words,
    option_index,
)
from reasonscope.problems.answers.reference import kind_of, reference
from reasonscope.problems.answers.worker import equal
from reasonscope.traces.schema import Problem


def number(answer: str | None) -> Problem:
    return Problem.make("?", answer=answer, answer_kind="number")


def choice(answer: str, *choices: str) -> Problem:
    return Problem.make("?", answer=answer, answer_kind="choice", choices=choices)


# -- numbers -------------------------------------------------------------------------------


def test_17_is_not_7() -> None:
    assert compare("17", number("7")).correct is False
    assert compare("7", number("17")).correct is False


@pytest.mark.parametrize(
    ("given", "reference"),
    [
        ("1,234", "1234"),
        ("$12", "12"),
        ("3.50", "3.5"),
        ("1/2", "0.5"),
        ("0.5", "1/2"),
        ("540 meters", "540"),
        ("540", "540 meters"),
        (r"\boxed{540}", "540"),
        (r"\boxed{540} meters", "540"),
        ("3 * 180 = 540", "540"),
        ("50%", "50"),
        ("50", "50%"),
        ("0.5", "50%"),
        ("50%", "0.5"),
        ("50 percent", "50%"),
        ("3.333", "3.33"),
        ("10/3", "3.33"),
        ("2.5 million", "2.5"),
        ("$70k", "70000"),
        ("70k", "70"),
        ("2.5 million", "2500000"),
        ("twelve", "12"),
        ("2:00 PM", "2"),
    ],
)
def test_the_same_number_is_right(given: str, reference: str) -> None:
    assert compare(given, number(reference)).correct is True


@pytest.mark.parametrize(
    ("given", "reference"),
    [
        ("0.5", "50"),
        ("0.5%", "50%"),
        ("5%", "50%"),
        ("17.4", "17"),
        ("3.54", "3.5"),
        ("3.3", "3.33"),
        ("3", "3.33"),
        ("3.34", "3.33"),
        ("-5", "5"),
        ("12", "1,2345"),
        ("1.2 million", "2.1 million"),
        ("$70k", "7000"),
    ],
)
def test_another_number_is_not_right(given: str, reference: str) -> None:
    assert compare(given, number(reference)).correct is not True


@pytest.mark.parametrize(
    "given",
    ["no idea", "Cannot be determined", "18 hours and 48 minutes", "86 glasses and 42 plates", ""],
)
def test_what_is_no_number_is_left_open(given: str) -> None:
    assert compare(given, number("1128")).correct is None


def test_two_boxes_are_two_answers() -> None:
    found = compare(r"\boxed{86} glasses and \boxed{42}", number("128"))
    assert found == Comparison(None, "states 2 answers")


def test_without_a_reference_nothing_is_told() -> None:
    assert compare("5", number(None)) == Comparison(None, "no reference answer")


def test_a_worked_reference_counts_after_its_mark() -> None:
    worked = number("3 * 3 = <<3*3=9>>9\n9 * 60 = 540\n#### 540")
    assert reference(worked) == "540"
    assert compare("540", worked).correct is True


def test_an_endless_answer_is_not_compared() -> None:
    assert compare("9" * (MAX_ANSWER + 1), number("9")).correct is None


@given(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9))
def test_whole_numbers_are_right_exactly_when_equal(a: int, b: int) -> None:
    assert compare_numbers(str(a), str(b)).correct is (a == b)


@given(st.text(max_size=60), st.sampled_from(["7", "B", "the owl", "] }"]))
def test_comparing_never_fails(given_text: str, wanted: str) -> None:
    kind = {"7": "number", "B": "choice"}.get(wanted, "text")
    problem = Problem.make("?", answer=wanted, answer_kind=kind)
    if "\\" not in given_text and "^" not in given_text:
        assert compare(given_text, problem).reason


# -- options -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("B", 1),
        ("(B)", 1),
        ("b.", 1),
        ("B) the raven", 1),
        ("(B) the raven", 1),
        ("option B", 1),
        (r"\text{B}", 1),
        ("The raven.", 1),
        ("raven", 1),
        ("**the owl**", 0),
        ("(B) the owl", None),
        ("the barn owl", None),
        ("D", None),
        ("", None),
    ],
)
def test_an_option_is_named_by_letter_or_text(text: str, index: int | None) -> None:
    assert option_index(text, ("the owl", "the raven", "the hawk")) == index


def test_an_option_17_is_not_an_option_7() -> None:
    assert option_index("7", ("17", "7")) == 1
    assert option_index("17", ("17", "7")) == 0
    assert option_index("1", ("17", "7")) is None


def test_equal_values_name_an_option() -> None:
    assert option_index("0.50", ("1/2", "1/3")) == 0


def test_a_letter_is_a_label_even_where_another_option_reads_so() -> None:
    assert option_index("A", ("b", "a")) == 0


def test_letters_are_compared_where_the_options_are_unknown() -> None:
    unknown = Problem.make("?", answer="(C)")
    assert kind_of(unknown) == "choice"
    assert compare("C", unknown).correct is True
    assert compare("(A)", unknown).correct is False


def test_letter_and_text_of_a_reference_agree() -> None:
    assert compare("B", choice("raven", "owl", "raven")).correct is True
    assert compare("owl", choice("B", "owl", "raven")).correct is False
    assert compare("the parrot", choice("B", "owl", "raven")).correct is None
    assert compare("B", choice("parrot", "owl", "raven")).correct is None


# -- texts ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "wanted", "correct"),
    [
        ("The owl.", "owl", True),
        ("a barn owl", "owl", None),
        ("No", "yes", False),
        ("Yes.", "yes", True),
        ("False", "Unknown", False),
        ("maybe", "yes", None),
        ("beta alpha", "alpha beta", False),
        ("alpha, beta", "alpha beta", True),
        ("17", "7", False),
        ("7.0", "7", True),
    ],
)
def test_texts(given: str, wanted: str, correct: bool | None) -> None:
    assert compare_words(given, wanted).correct is correct


@pytest.mark.parametrize(
    ("given", "correct"), [("] }", True), ("]}", True), ('"] }"', True), ("}", False), ("x", None)]
)
def test_brackets(given: str, correct: bool | None) -> None:
    assert compare_words(given, "] }").correct is correct


# -- expressions ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "wanted", "correct"),
    [
        (r"\frac{14}{3}", r"\dfrac{14}{3}", True),
        ("6-5i", "6 - 5i", True),
        ("-5i + 6", "6 - 5i", True),
        ("90", r"90^\circ", True),
        (r"2\sqrt{185}", r"2\sqrt{113}", False),
        (r"\sqrt{4}", "2", True),
        (r"\text{east}", "east", True),
        ("East", r"\text{east}", True),
        ("somewhere", "x + 1", None),
        ("(2, 1)", "(1, 2)", False),
    ],
)
def test_expressions(given: str, wanted: str, correct: bool | None) -> None:
    assert compare_expressions(given, wanted).correct is correct


def test_plain_numbers_never_reach_math_verify() -> None:
    fresh = BoundedEquality()
    assert compare_expressions("2", "3").correct is False
    assert fresh._child is None


@pytest.mark.parametrize(
    ("answer", "kind"),
    [("12", "number"), ("(B)", "choice"), (r"\frac{x}{2}", "expression"), ("an owl", "text"),
     ("] }", "text"), (None, "unknown")],
)  # fmt: skip
def test_kinds_are_told_from_the_reference(answer: str | None, kind: str) -> None:
    assert kind_of(Problem.make("?", answer=answer)) == kind


# -- bounds --------------------------------------------------------------------------------


@pytest.fixture
def short() -> BoundedEquality:
    bounded = BoundedEquality(timeout_seconds=0.3)
    bounded("1", "1")
    yield bounded
    bounded.close()


@pytest.mark.parametrize("bomb", ["9^{9^{9^{9}}}", "9999999!"])
def test_a_bomb_is_ended_and_the_next_comparison_works(bomb: str, short: BoundedEquality) -> None:
    assert short("2", bomb) == (None, TIMED_OUT)
    short._timeout = 20
    assert short("2", r"\sqrt{4}")[0] is True


def test_too_long_an_expression_is_not_sent(short: BoundedEquality) -> None:
    child = short._child
    assert short("x" * (MAX_INPUT + 1), "x")[0] is None
    assert short._child is child


def test_the_child_is_kept_and_outcomes_are_remembered(short: BoundedEquality) -> None:
    short._timeout = 20
    first = short(r"\frac{1}{3}", r"\frac{2}{6}")
    child = short._child
    assert child is not None
    short(r"\frac{1}{4}", r"\frac{2}{8}")
    assert short._child is child
    asked = short._count
    assert short(r"\frac{1}{3}", r"\frac{2}{6}") == first
    assert short._count == asked


def test_a_child_that_was_killed_is_replaced(short: BoundedEquality) -> None:
    short._timeout = 20
    assert short._child is not None
    short._child.process.kill()
    short._child.process.wait()
    short("x", "x + 0")
    assert short("x", "x + 1")[0] is False


def test_threads_may_compare_at_once() -> None:
    outcomes: list[bool | None] = []
    threads = [
        threading.Thread(
            target=lambda k=k: outcomes.append(expressions_equal(f"{k}x", f"x*{k}")[0])
        )
        for k in range(2, 6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [True] * 4


def _in_child(pair: tuple[str, str]) -> tuple[bool | None, int]:
    return expressions_equal(*pair)[0], os.getpid()


def test_pool_workers_compare_each_with_a_child_of_their_own() -> None:
    expressions_equal("y", "y + 0")
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        ((same, pid),) = pool.map(_in_child, [("2y", "y + y")])
    assert same is True
    assert pid != os.getpid()
    assert expressions_equal("3y", "y + y")[0] is False


def test_a_forked_process_leaves_its_parents_child_alone() -> None:
    expressions_equal("z", "z + 0")
    parents = expressions_equal._child
    assert parents is not None
    bounded = BoundedEquality()
    bounded._child = parents
    returncode = parents.process.returncode
    bounded._forget()
    parents.process.returncode = returncode
    assert bounded._child is None
    assert parents.process.poll() is None


def test_the_worker_says_what_it_cannot_read() -> None:
    assert equal("1", "")[0] is None
    assert equal("", "1")[0] is None


def test_requests_are_plain_json() -> None:
    assert json.loads(json.dumps({"reference": "1", "given": '"\n'}))["given"] == '"\n'
