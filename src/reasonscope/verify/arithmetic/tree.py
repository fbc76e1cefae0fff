"""Expression trees and what they are worth, exactly, within bounds.

Some ways of writing have more than one meaning (``5%`` as 0.05 or as the number 5 with a sign
beside it; ``1 1/2`` as one and a half or as a product). A :class:`Reading` chooses; the equation
verifier tries all readings that an equation's signs allow.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import comb, factorial, isqrt
from typing import Literal

from reasonscope.verify.arithmetic.limits import (
    MAX_BITS,
    MAX_EXPONENT,
    MAX_FACTORIAL,
    Refusal,
)

PI = Fraction(31415926535897932384626433832795028841971693993751, 10**49)
_ROOT_SCALE = 10**60

Ambiguity = Literal["percent", "mixed", "units", "power_sign", "aside", "tight"]


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to understand what can be understood in several ways."""

    percent: Literal["hundredth", "plain", "relative"] = "hundredth"
    """``5%`` is 0.05, or 5, or (after + and -) five hundredths of what stands before."""
    mixed: bool = True
    """``1 1/2`` is one and a half; else the product."""
    units: bool = False
    """Units count by their size (2 hours is 7,200 seconds); else they are ignored."""
    power_sign: bool = False
    """``-3^2`` is (-3)^2; else -(3^2)."""
    aside: bool = False
    """``14 (7 * 2)`` is 14 with a remark; else the product."""
    tight: bool = False
    """``1/2(3)`` is 1/(2*3) and ``6 / 1/2`` is 6/(1/2); else from left to right."""


PLAIN = Reading()


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written."""

    value: Fraction
    decimals: int
    """Digits after the point."""
    open_ended: bool = False
    """Written with dots behind it, such as 0.333..."""


@dataclass(frozen=True, slots=True)
class Name:
    """A variable."""

    name: str


@dataclass(frozen=True, slots=True)
class Negative:
    """Minus something; ``power`` says that it is -a^b, which some read as (-a)^b."""

    inner: "Tree"


@dataclass(frozen=True, slots=True)
class Binary:
    """Two things joined by ``+ - * /`` or ``^``."""

    sign: str
    left: "Tree"
    right: "Tree"


@dataclass(frozen=True, slots=True)
class Percent:
    """Something with a percent sign."""

    inner: "Tree"


@dataclass(frozen=True, slots=True)
class Mixed:
    """A whole number with a fraction right behind it."""

    whole: "Tree"
    part: "Tree"


@dataclass(frozen=True, slots=True)
class Measured:
    """Something with a unit that has a known size."""

    inner: "Tree"
    scale: Fraction
    """In units of its kind's base; ignored unless the reading counts units."""


@dataclass(frozen=True, slots=True)
class Aside:
    """A number, a space, and something in brackets: a product or a remark."""

    inner: "Tree"
    remark: "Tree"


@dataclass(frozen=True, slots=True)
class Call:
    """``root``, ``floor``, ``ceil``, ``factorial``, ``binom`` or ``pi`` of its arguments."""

    name: str
    arguments: tuple["Tree", ...]


Tree = Number | Name | Negative | Binary | Percent | Mixed | Measured | Aside | Call


def _fits(value: Fraction) -> Fraction:
    if value.numerator.bit_length() > MAX_BITS or value.denominator.bit_length() > MAX_BITS:
        raise Refusal("a number grows past 4,000 digits")
    return value


class Evaluation:
    """One evaluation of trees under one reading; remembers whether a value was irrational."""

    def __init__(self, variables: Mapping[str, Fraction], reading: Reading = PLAIN) -> None:
        self._variables = variables
        self._reading = reading
        self.exact = True
        """False once an irrational number was replaced by 50 of its digits."""

    def value(self, tree: Tree) -> Fraction:
        """The worth of a tree.

        Raises:
            Refusal: it has an unknown, divides by zero or grows over a cap.
        """
        match tree:
            case Number(value=value):
                return value
            case Binary():
                return self._binary(tree)
            case Name(name=name):
                if name not in self._variables:
                    raise Refusal(f"the value of {name} is not known")
                return self._variables[name]
            case Negative(inner=inner):
                return self._negative(inner)
            case Percent(inner=inner):
                scale = 1 if self._reading.percent == "plain" else 100
                return _fits(self.value(inner) / scale)
            case Mixed(whole=whole, part=part):
                a, b = self.value(whole), self.value(part)
                return _fits(a + b if self._reading.mixed else a * b)
            case Measured(inner=inner, scale=scale):
                worth = self.value(inner)
                return _fits(worth * scale) if self._reading.units else worth
            case Aside(inner=inner, remark=remark):
                worth = self.value(inner)
                return worth if self._reading.aside else _fits(worth * self.value(remark))
            case Call():
                return self._call(tree)

    def _negative(self, inner: Tree) -> Fraction:
        if self._reading.power_sign and isinstance(inner, Binary) and inner.sign == "^":
            return self._power(-self.value(inner.left), self.value(inner.right))
        return -self.value(inner)

    def _binary(self, tree: Binary) -> Fraction:
        left, right = self.value(tree.left), self.value(tree.right)
        relative = self._reading.percent == "relative" and isinstance(tree.right, Percent)
        match tree.sign:
            case "+":
                return _fits(left * (1 + right) if relative else left + right)
            case "-":
                return _fits(left * (1 - right) if relative else left - right)
            case "*":
                return _fits(left * right)
            case "/":
                if right == 0:
                    raise Refusal("it divides by zero")
                return _fits(left / right)
            case "//":
                if right == 0:
                    raise Refusal("it divides by zero")
                return Fraction(left // right)
            case _:
                return self._power(left, right)

    def _power(self, base: Fraction, exponent: Fraction) -> Fraction:
        if exponent.denominator == 2:
            return self._power(self._root(base), exponent * 2)
        if exponent.denominator != 1:
            raise Refusal("a power is not a whole number")
        times = exponent.numerator
        size = max(abs(base.numerator).bit_length(), base.denominator.bit_length())
        if abs(times) > MAX_EXPONENT or (size > 1 and (size - 1) * abs(times) > MAX_BITS):
            raise Refusal("a power grows past 4,000 digits")
        if base == 0 and times <= 0:
            raise Refusal("it has a power of zero without a value")
        return _fits(base**times)

    def _root(self, value: Fraction) -> Fraction:
        if value < 0:
            raise Refusal("it has the root of a negative number")
        top, bottom = isqrt(value.numerator), isqrt(value.denominator)
        if top * top == value.numerator and bottom * bottom == value.denominator:
            return Fraction(top, bottom)
        self.exact = False
        scaled = value * _ROOT_SCALE * _ROOT_SCALE
        return Fraction(isqrt(scaled.numerator // scaled.denominator), _ROOT_SCALE)

    def _call(self, tree: Call) -> Fraction:
        if tree.name == "pi":
            self.exact = False
            return PI
        values = [self.value(argument) for argument in tree.arguments]
        match tree.name, values:
            case "root", [x]:
                return self._root(x)
            case "root", [x, degree]:
                return _whole_root(x, degree)
            case "floor", [x]:
                return Fraction(x.numerator // x.denominator)
            case "ceil", [x]:
                return Fraction(-(-x.numerator // x.denominator))
            case "factorial", [x]:
                return Fraction(factorial(_small(x)))
            case "binom", [n, k]:
                return Fraction(comb(_small(n), _small(k)))
        raise Refusal(f"{tree.name} is not understood")


def _small(value: Fraction) -> int:
    if value.denominator != 1 or not 0 <= value <= MAX_FACTORIAL:
        raise Refusal(f"a count is not a whole number from 0 to {MAX_FACTORIAL:,}")
    return value.numerator


def _whole_root(value: Fraction, degree: Fraction) -> Fraction:
    """The exact root of small degree, by search around the floating-point value."""
    if degree not in (2, 3, 4, 5) or value.denominator != 1 or not 0 <= value < 10**15:
        raise Refusal("a root is not exact")
    n = degree.numerator
    near = round(float(value) ** (1 / n))
    for candidate in (near - 1, near, near + 1):
        if candidate**n == value:
            return Fraction(candidate)
    raise Refusal("a root is not exact")
