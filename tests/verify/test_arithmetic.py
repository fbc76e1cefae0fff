"""Exact arithmetic on hostile text: what it is worth, and what is refused."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reasonscope.verify.arithmetic import evaluate, explain, written
from reasonscope.verify.arithmetic.tokens import scan


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3 * 60", 180),
        ("3 × 60 ÷ 2", 90),
        ("8 + -7", 1),
        ("5 - -9", 14),
        ("(-5 + 9 * -4 - 0) * 7", -287),
        ("{3*[2+(1)]}", 9),
        ("2(3) + (4)(5)", 26),
        ("2^10", 1024),
        ("2**10", 1024),
        ("2^{-1}", Fraction(1, 2)),
        ("2^3^2", 512),
        ("-3^2", -9),
        ("2³ + √16", 12),
        ("1,234,567 + 1", 1234568),
        ("1{,}000", 1000),
        (".5 + 0.25", Fraction(3, 4)),
        ("50% + 1", Fraction(3, 2)),
        ("1 1/2 + 2½", 4),
        ("5!", 120),
        ("7 // 2", 3),
        ("$10 x 1.2".replace("x", "*"), 12),
        (r"\$10 \cdot 1.2", 12),
        (r"\frac{3}{4} \times 8", 6),
        (r"\dfrac12 + \tfrac{1}{2}", 1),
        (r"1\frac{1}{2}", Fraction(3, 2)),
        (r"\left(3+4\right)^2", 49),
        (r"\left[ 3 + 4 \right] \, \cdot \; 2", 14),
        (r"3 \text{ cups} \div 2 \text{ cups}", Fraction(3, 2)),
        (r"\sqrt{16} + \sqrt[3]{27}", 7),
        (r"\binom{5}{2}", 10),
        (r"\lfloor 7/2 \rfloor + \lceil 7/2 \rceil", 7),
        ("7 – 2 − 1", 4),
        ("9^0.5", 3),
    ],
)
def test_worth_by_hand(text, value):
    assert evaluate(text) == value


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("9**9**9", "4,000 digits"),
        ("9^(9^9)", "4,000 digits"),
        ("10^5000", "4,000 digits"),
        ("2^100000", "4,000 digits"),
        ("5000!", "whole number from 0"),
        ("1" * 4001, "more than 4,000 digits"),
        ("7" * 1_000_000, "20,000 characters"),
        ("(" * 100_000 + "1", "20,000 characters"),
        ("(" * 100 + "1" + ")" * 100, "deeper"),
        ("2^" * 100 + "2", "deeper"),
        ("+".join("1" * 300), "more than 400 signs"),
        ("1/0", "divides by zero"),
        ("0^-1", "power of zero"),
        ("2^0.3", "not a whole number"),
        ("√2", "irrational"),
        ("√-4", "missing"),
        (r"\sqrt{-4}", "root of a negative"),
        ("2x + 3", "value of x"),
        ("f(3)", "function f"),
        ("1 +", "ends"),
        ("(1", "do not match"),
        ("(1]3", "not understood"),
        ("3 4", "'4' is not understood"),
        ("3:4", "not understood"),
        ("1011_2", "not understood"),
        ("[1, 2]", "do not match"),
        (r"\frac{1}{2", "do not match"),
        (r"\frac{1}", "missing"),
        ("", "ends"),
        ("__import__('os')", "not understood"),
    ],
)
def test_refused_with_a_reason(text, why):
    outcome = explain(text)
    assert outcome.value is None
    assert why in outcome.reason


def test_a_variable_is_worth_what_it_is_bound_to():
    assert evaluate("2A + x_1", {"A": Fraction(3), "x_1": Fraction(1, 2)}) == Fraction(13, 2)
    assert evaluate("x_{1} / 2", {"x_1": Fraction(1)}) == Fraction(1, 2)


def test_17_is_not_7():
    assert evaluate("17") != evaluate("7")


def test_a_thousand_is_not_a_list():
    assert evaluate("1,000") == 1000
    assert evaluate("1,00") is None
    assert evaluate("1,2345") is None


def test_one_half_of_three_is_not_a_sixth_by_default():
    assert evaluate("1/2(3)") == Fraction(3, 2)


def test_written_for_a_person():
    assert written(Fraction(1, 3)) == "1/3"
    assert written(Fraction(-1, 8)) == "-0.125"
    assert len(written(Fraction(10**3999))) < 60


def test_a_large_fraction_is_written_without_a_float():
    assert written(Fraction(10**3000, 3**500)).startswith("about 2750")
    assert written(Fraction(1, 3**500)).startswith("about ")


def test_percent_signs_do_not_pile_up():
    assert evaluate("5" + "%" * 300) == Fraction(5, 100**300)
    assert evaluate("(" + "9" * 3990 + ")" + "%" * 399) is None


_trees = st.recursive(
    st.integers(0, 99).map(lambda n: (str(n), Fraction(n))),
    lambda inner: st.tuples(inner, st.sampled_from("+-*/"), inner).map(
        lambda t: (f"({t[0][0]} {t[1]} {t[2][0]})", _apply(t[1], t[0][1], t[2][1]))
    ),
    max_leaves=12,
)


def _apply(sign, a, b):
    if a is None or b is None or (sign == "/" and b == 0):
        return None
    return {"+": a + b, "-": a - b, "*": a * b, "/": a / b if b else None}[sign]


@settings(max_examples=150, deadline=None)
@given(_trees)
def test_agrees_with_fractions(tree):
    text, value = tree
    assert evaluate(text) == value


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_a_value_or_a_reason(text):
    outcome = explain(text)
    assert (outcome.value is None) == bool(outcome.reason)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="0123456789+-*/^(){}[]\\ .,%$!√½³ frac", max_size=80))
def test_any_signs_are_a_value_or_a_reason(text):
    outcome = explain(text)
    assert (outcome.value is None) == bool(outcome.reason)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_tokens_stand_where_they_say_and_do_not_overlap(text):
    tokens = scan(text)
    ends = [0, *(token.end for token in tokens)]
    assert all(end <= token.start < token.end for end, token in zip(ends, tokens, strict=False))
