r"""Bounded exact arithmetic on plain text and LaTeX: never ``eval``, never a float.

The one function most callers need is ``evaluate(text, variables) -> Fraction | None``;
``explain`` gives the reason as well. Understood: ``+ - * / × · ÷ ^ **``, brackets of all kinds,
unary signs, decimals, separators of thousands, percent, products without a sign (``2(3)``),
mixed numbers, factorials, exact square roots, ``\frac \binom \sqrt \times \cdot \div`` and the
rest of LaTeX's decoration, currency signs and ``\text{units}`` (ignored). Anything over a cap of
:mod:`~reasonscope.verify.arithmetic.limits`, or not fully understood, is None.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from reasonscope.verify.arithmetic.limits import MAX_TOKENS, Refusal
from reasonscope.verify.arithmetic.parse import Parser
from reasonscope.verify.arithmetic.tokens import Token, scan
from reasonscope.verify.arithmetic.tree import Evaluation

__all__ = ["Outcome", "Refusal", "evaluate", "explain", "written"]

_IGNORED = frozenset(("currency", "delim"))
_LONGEST = 20_000
_NONE: Mapping[str, Fraction] = {}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an expression is worth, or why that could not be told."""

    value: Fraction | None
    """The exact value; None: could not tell."""
    reason: str = ""
    """Why there is no value; empty where there is one."""


def explain(text: str, variables: Mapping[str, Fraction] = _NONE) -> Outcome:
    """The exact value of an expression, or the reason why there is none.

    >>> explain("9**9**9").reason
    'a power grows past 4,000 digits'
    >>> explain("2x + 3").reason
    'the value of x is not known'
    """
    if len(text) > _LONGEST:
        return Outcome(None, f"it has more than {_LONGEST:,} characters")
    evaluation = Evaluation(variables)
    try:
        value = evaluation.value(Parser(_cleaned(text)).whole())
    except Refusal as refusal:
        return Outcome(None, str(refusal))
    if not evaluation.exact:
        return Outcome(None, "its value is irrational")
    return Outcome(value)


def evaluate(text: str, variables: Mapping[str, Fraction] = _NONE) -> Fraction | None:
    r"""The exact value of an expression in plain text or LaTeX; None: could not tell.

    Args:
        text: The expression alone, without a relation sign or prose.
        variables: Values of the names that it may use.

    >>> evaluate(r"\frac{3}{4} \times 8 - -9")
    Fraction(15, 1)
    >>> evaluate("2(3) + 1,000.5 ÷ 0.5")
    Fraction(2007, 1)
    >>> evaluate("A * 2", {"A": Fraction(1, 3)})
    Fraction(2, 3)
    >>> evaluate("2 ** 0.3") is None
    True
    """
    return explain(text, variables).value


def _cleaned(text: str) -> list[Token]:
    tokens = [token for token in scan(text) if token.kind not in _IGNORED]
    if len(tokens) > MAX_TOKENS:
        raise Refusal(f"an expression has more than {MAX_TOKENS} signs")
    return tokens


def written(value: Fraction) -> str:
    """A value for a person: a whole number, a short decimal, or a fraction.

    >>> written(Fraction(5, 4)), written(Fraction(10, 3)), written(Fraction(-7))
    ('1.25', '10/3', '-7')
    """
    if value.denominator == 1:
        return _cut(str(value.numerator))
    for places in range(1, 7):
        scaled = value * 10**places
        if scaled.denominator == 1:
            digits = str(abs(scaled.numerator)).zfill(places + 1)
            sign = "-" if value < 0 else ""
            return _cut(f"{sign}{digits[:-places]}.{digits[-places:]}")
    if value.denominator > 10**9:
        # Such a fraction says nothing to a person; a large one does not fit a float.
        near = f"{float(value):.7g}" if abs(value) < 10**6 else str(round(value))
        return _cut(f"about {near}")
    return _cut(f"{value.numerator}/{value.denominator}")


def _cut(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:24]}… ({len(text)} characters)"
