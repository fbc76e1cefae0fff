"""The equation verifier on any text: a verdict or nothing, never an exception."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reasonscope.traces.schema import Case, Problem, Step, Trace
from reasonscope.verify.equations import check

PROBLEM = Problem.make("?")
SIGNS = st.sampled_from(
    [
        *"=+*/^(){}$%!&≈≠?.<|½²\n",
        " = ",
        " - ",
        "\\frac{",
        "\\sqrt",
        "\\\\",
        "3",
        "12",
        "0.5",
        "1,000",
        " x ",
        "A",
        " eggs",
        " is ",
        " of ",
        "...",
        "\\text{",
        "\\[",
        "\\]",
        " Wait, no ",
        " remainder 2",
    ]
)


def examined(text):
    trace = Trace.make(PROBLEM, text)
    if not trace.reasoning:
        return []
    step = Step(
        trace_id=trace.trace_id,
        index=0,
        char_start=0,
        char_end=len(trace.reasoning),
        text=trace.reasoning,
    )
    verdicts = check(Case(PROBLEM, trace, (step,)))
    for verdict in verdicts:
        assert 0 <= verdict.char_start < verdict.char_end <= len(trace.reasoning)
        assert trace.reasoning.startswith(verdict.claim, verdict.char_start)
        assert verdict.correct is False or not verdict.retracted
    return verdicts


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_any_text(text):
    examined(text)


@settings(max_examples=400, deadline=None)
@given(st.lists(SIGNS, max_size=60).map("".join))
def test_any_signs(text):
    examined(text)


@settings(max_examples=200, deadline=None)
@given(st.integers(-99, 99), st.integers(-99, 99), st.sampled_from("+-*"), st.integers(-3, 3))
def test_false_exactly_when_the_sum_is_wrong(a, b, sign, slip):
    value = {"+": a + b, "-": a - b, "*": a * b}[sign] + slip
    verdicts = examined(f"So the result: {a} {sign} {b} = {value} in all.")
    assert [v.correct for v in verdicts] in ([slip == 0], [None])
    assert verdicts[0].correct is not None or slip


@pytest.mark.parametrize(
    "text",
    [
        "7" * 1_000_000 + " = 7",
        "9**9**9 = 9^9^9",
        "(" * 100_000 + "1 = 1",
        "=" * 200_000,
        "1+" * 20_000 + "1 = 2",
        "x" * 1_000_000,
        "\\frac{" * 20_000 + "1 = 1",
        "\\text{" + "a" * 300_000 + " = 3",
        "is 5 " * 50_000,
        "\u202e" * 100_000 + "3 + 4 = 8",
        "\x00\x01\x02 = \x03",
        "5 apples " * 20_000 + "= 3",
        "$" * 200_000 + "1 = 2",
    ],
    ids=lambda text: text[:12].encode("unicode_escape").decode(),
)
def test_hostile_text_ends(text):
    examined(text)


def test_more_equations_than_are_judged_is_said():
    verdicts = examined("2 + 2 = 4. " * 20_100)
    assert len(verdicts) == 20_001
    assert verdicts[-1].correct is None
    assert "more than 20,000" in verdicts[-1].reason
