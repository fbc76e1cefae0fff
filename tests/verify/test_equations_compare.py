"""Comparing two expressions: equal, rounded, near, and what each sign makes of it."""

from fractions import Fraction

import pytest

from reasonscope.verify.arithmetic.tokens import scan
from reasonscope.verify.equations.bindings import Bindings
from reasonscope.verify.equations.chain import Side
from reasonscope.verify.equations.compare import (
    Expression,
    holds,
    leaves,
    match,
    readings,
    with_remainder,
    worth_of,
)


def expression(text):
    units = {"hours", "minutes", "km", "m", "dozen"}
    tokens = [t._replace(kind="unit") if t.text in units else t for t in scan(text)]
    return Expression(Side(tokens, 0, len(text), set()))


def matched(left, right, variables=None):
    found = match(expression(left), expression(right), variables or {})
    return None if found is None else found[0]


@pytest.mark.parametrize(
    ("left", "right", "how"),
    [
        ("3 + 4", "7", "equal"),
        ("10/3", "3.33", "rounded"),
        ("3.33", "10/3", "rounded"),
        ("20/3", "6.66", "near"),
        ("20/3", "6.68", "close"),
        ("20/3", "6.7", "rounded"),
        ("10/3", "3", "whole"),
        ("10/3", "4", "no"),
        ("10/3", "3.333...", "rounded"),
        ("1.01", "1.02", "close"),
        ("100", "101", "close"),
        ("100", "103", "no"),
        ("50%", "0.5", "equal"),
        ("25/50 * 100", "50%", "equal"),
        ("100 - 20%", "80", "equal"),
        ("1 1/2", "1.5", "equal"),
        ("14 (7 * 2)", "14", "equal"),
        ("6 / 1/2", "12", "equal"),
        ("-3^2", "9", "equal"),
        ("-3^2", "-9", "equal"),
        ("2 hours", "120 minutes", "equal"),
        ("2 hours", "230 minutes", "no"),
        ("√2", "1.414", "rounded"),
        ("√8", "2√2", "equal"),
        ("√8", "3√2", "no"),
        ("2^0.3", "7", None),
        ("1 +", "7", None),
        ("x", "7", None),
    ],
)
def test_match(left, right, how):
    assert matched(left, right) == how


def test_a_variable_is_looked_up():
    assert matched("x + 1", "3", {"x": Fraction(2)}) == "equal"
    assert matched("x + 1", "4", {"x": Fraction(2)}) == "no"


@pytest.mark.parametrize(
    ("sign", "left", "right", "truth"),
    [
        ("=", "7", "7", True),
        ("=", "20/3", "6.67", True),
        ("=", "20/3", "6.66", None),
        ("=", "20/3", "7", False),
        ("≈", "20/3", "7", True),
        ("≈", "20/3", "6.66", True),
        ("≈", "100.4", "101.1", None),
        ("≈", "20/3", "9", False),
        ("≠", "3", "4", True),
        ("≠", "3", "3", False),
        ("<", "3", "4", True),
        ("<", "4", "4", False),
        ("≤", "4", "4", True),
        (">", "3", "4", False),
        ("≥", "4", "4", True),
        ("≡", "3", "3", None),
    ],
)
def test_what_a_sign_makes_of_it(sign, left, right, truth):
    found = match(expression(left), expression(right), {})
    assert holds(sign, *found) is truth


def test_remainders():
    seven = expression("17/2")
    worth = expression("8").worth({}, next(readings(set())))
    assert with_remainder(seven, worth, 1) is True
    assert with_remainder(seven, worth, 2) is False
    assert with_remainder(expression("17+2"), worth, 1) is None


def test_leaves_and_worth():
    tree = expression("3 * (4 + 5%)").tree
    assert sorted(leaf.value for leaf in leaves(tree)) == [3, 4, 5]
    assert worth_of(tree, {}) == Fraction(1215, 100)
    assert worth_of(expression("x").tree, {}) is None


def test_readings_begin_with_the_usual_one():
    first, *rest = readings({"percent", "mixed"})
    assert (first.percent, first.mixed) == ("hundredth", True)
    assert len(rest) == 5


def test_a_refused_expression_says_why():
    broken = expression("(1")
    assert broken.tree is None
    assert broken.refusal == "brackets do not match"
    assert broken.names == set()
    assert broken.signs == 0


def test_bindings_are_firm_until_set_again():
    bindings = Bindings()
    bindings.bind("A", Fraction(3), firm=True)
    assert bindings.firm({"A"})
    bindings.bind("A", Fraction(3), firm=True)
    assert bindings.firm({"A"})
    bindings.bind("A", Fraction(4), firm=True)
    assert not bindings.firm({"A"})
    assert bindings.values["A"] == 4


def test_bindings_under_a_condition_are_never_firm():
    bindings = Bindings()
    bindings.bind("x", Fraction(3), firm=False)
    assert not bindings.firm({"x"})
    assert not bindings.firm({"y"})


def test_an_unknown_is_never_firm():
    bindings = Bindings()
    bindings.unknown({"x"})
    bindings.bind("x", Fraction(3), firm=True)
    assert not bindings.firm({"x"})
