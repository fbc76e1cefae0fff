"""Answers that are the same have one form; answers that are not have two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasonscope.problems.answers import compare
from reasonscope.structure.anchors.forms import normal_form
from reasonscope.traces.schema import AnswerKind, Problem


def problem(answer: str | None, kind: AnswerKind, **more: str | tuple[str, ...]) -> Problem:
    return Problem.make("?", answer=answer, answer_kind=kind, **more)  # type: ignore[arg-type]


NUMBER = problem("5", "number")
CHOICE = problem("B", "choice", choices=("a barn owl", "a cat", "17"))
TEXT = problem("owl", "text")
EXPRESSION = problem("\\frac{x}{2}", "expression")


@pytest.mark.parametrize(
    ("of", "wordings", "form"),
    [
        (NUMBER, ["5", "5.0", "\\boxed{5}", "$5$", "five", "10/2", "5 apples", "**5**"], "5"),
        (NUMBER, ["-0.5", "-1/2", "−.5"], "-1/2"),
        (NUMBER, ["1,200", "1200.00", "$1{,}200$"], "1200"),
        (CHOICE, ["B", "(B)", "B) a cat", "a cat", "\\text{B}"], "B"),
        (CHOICE, ["17", "(C)"], "C"),
        (TEXT, ["owl", "The owl.", "**Owl**"], "owl"),
        (problem("[ ]", "text"), ["[ ( ) ]", "[()]"], "[()]"),
        (EXPRESSION, ["\\frac{x}{2}", "\\dfrac{x}{2}", "$\\frac{x}{2}$"], "\\frac{x}{2}"),
        (EXPRESSION, ["(2*6)+4", "( 2 \\times 6 ) + 4", "(2 × 6) + 4"], "(2*6)+4"),
        (problem(None, "unknown"), ["5", "5.0", "\\boxed{5}"], "5"),
    ],
)
def test_wordings_of_one_answer_have_one_form(of: Problem, wordings: list[str], form: str) -> None:
    assert {normal_form(text, of) for text in wordings} == {form}


@pytest.mark.parametrize(
    ("of", "one", "other"),
    [
        (NUMBER, "17", "7"),
        (NUMBER, "0.333", "1/3"),
        (NUMBER, "5", "-5"),
        (CHOICE, "A", "B"),
        (TEXT, "owl", "barn owl"),
        (EXPRESSION, "x/2", "2/x"),
        (EXPRESSION, "X", "x"),
    ],
)
def test_control_different_answers_have_different_forms(of: Problem, one: str, other: str) -> None:
    assert normal_form(one, of) != normal_form(other, of)


def test_what_rounds_to_the_reference_has_its_form() -> None:
    """10/3 is right where the reference is 3.33, and counts as the same answer."""
    of = problem("3.33", "number")
    assert compare("10/3", of).correct
    assert normal_form("10/3", of, True) == normal_form("3.33", of, True) == "333/100"


def test_of_many_right_answers_each_keeps_its_own_form() -> None:
    of = problem(
        "(2 * 6) + 4", "expression", family="reach", extra={"numbers": [4, 6, 2], "target": 16}
    )
    assert normal_form("( 6 * 2 ) + 4", of, True) == "(6*2)+4"
    assert normal_form("12 / 4", of, False) == "12/4"


@pytest.mark.parametrize("text", ["9" * 100_000, "{" * 50_000, "\\boxed{" * 9000, "1/0", "", " "])
@pytest.mark.parametrize("of", [NUMBER, CHOICE, TEXT, EXPRESSION])
def test_strange_answers_have_a_form(of: Problem, text: str) -> None:
    assert isinstance(normal_form(text, of), str)


@given(st.integers(-(10**9), 10**9), st.integers(1, 999))
def test_a_fraction_keeps_its_value(above: int, below: int) -> None:
    from fractions import Fraction

    assert Fraction(normal_form(f"{above}/{below}", NUMBER)) == Fraction(above, below)


@given(st.text(max_size=60), st.sampled_from([NUMBER, CHOICE, TEXT, EXPRESSION]))
def test_a_form_is_the_form_of_itself_boxed(text: str, of: Problem) -> None:
    form = normal_form(text, of)
    if form and not set(form) & set("{}\\") and form.strip() == form:
        assert normal_form(f"\\boxed{{{form}}}", of) == normal_form(form, of)
