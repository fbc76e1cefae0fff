"""Two expressions and a sign between them: does it hold, exactly or as a rounding?

Every reading that the signs allow is tried (percent, mixed numbers, units by size, ...); one that
holds is enough. ``≈`` is lenient: one unit in the last digit shown, or two in a hundred.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import product
from typing import Any, Literal

from reasonscope.verify.arithmetic.limits import Refusal
from reasonscope.verify.arithmetic.parse import Parser
from reasonscope.verify.arithmetic.tree import (
    Ambiguity,
    Aside,
    Binary,
    Call,
    Evaluation,
    Measured,
    Mixed,
    Negative,
    Number,
    Percent,
    Reading,
    Tree,
)
from reasonscope.verify.equations.chain import Side
from reasonscope.verify.equations.sizes import unit_scale

Match = Literal["equal", "rounded", "whole", "near", "close", "no"]
"""From exact equality, over a correct rounding to the digits shown, one to a whole number, within
one unit of the last digit shown, and within two in a hundred, to none of these."""

_ORDER: tuple[Match, ...] = ("equal", "rounded", "whole", "near", "close", "no")
_CHOICES: dict[Ambiguity, tuple[Any, ...]] = {
    "percent": ("hundredth", "plain", "relative"),
    "mixed": (True, False),
    "units": (False, True),
    "power_sign": (False, True),
    "aside": (False, True),
    "tight": (False, True),
}
_CLOSE = Fraction(1, 50)
_NEGLIGIBLE = Fraction(1, 10**40)


@dataclass(frozen=True, slots=True)
class Worth:
    """What an expression is worth under one reading."""

    value: Fraction
    exact: bool
    ulp: Fraction | None
    """One unit of the last digit shown, if the expression is a number as written."""
    decimals: bool
    """Whether it is written with a decimal point."""
    open_ended: bool


@dataclass
class Expression:
    """A side of an equation, parsed once and worth something under each reading."""

    side: Side
    _worths: dict[Reading, Worth | None] = field(default_factory=dict)

    @cached_property
    def _parsed(self) -> tuple[Parser, Tree] | str:
        return self._parse(tight=False)

    def _parse(self, *, tight: bool) -> tuple[Parser, Tree] | str:
        try:
            parser = Parser(self.side.tokens, unit_scale=unit_scale, tight=tight)
            return parser, parser.whole()
        except Refusal as refusal:
            return str(refusal)

    @property
    def tree(self) -> Tree | None:
        """The expression; None: not understood."""
        return None if isinstance(self._parsed, str) else self._parsed[1]

    @property
    def refusal(self) -> str:
        """Why it was not understood."""
        return self._parsed if isinstance(self._parsed, str) else ""

    @property
    def names(self) -> set[str]:
        """The variables in it."""
        return set() if isinstance(self._parsed, str) else self._parsed[0].names

    @property
    def ambiguities(self) -> set[Ambiguity]:
        """What in it can be read in several ways."""
        return set() if isinstance(self._parsed, str) else self._parsed[0].ambiguities

    @property
    def signs(self) -> int:
        """How many operations it holds; 0: a number as written."""
        return 0 if isinstance(self._parsed, str) else self._parsed[0].signs

    def worth(self, variables: Mapping[str, Fraction], reading: Reading) -> Worth | None:
        """What it is worth; None: could not tell (see :attr:`why`)."""
        if not self.names and reading in self._worths:
            return self._worths[reading]
        worth = self._evaluate(variables, reading)
        self._worths[reading] = worth
        return worth

    why: str = ""
    """Why the last evaluation gave nothing."""

    def _evaluate(self, variables: Mapping[str, Fraction], reading: Reading) -> Worth | None:
        parsed = self._parse(tight=True) if reading.tight else self._parsed
        if isinstance(parsed, str):
            self.why = parsed
            return None
        evaluation = Evaluation(variables, reading)
        try:
            value = evaluation.value(parsed[1])
        except Refusal as refusal:
            self.why = str(refusal)
            return None
        shown = shown_digit(parsed[1], evaluation, reading)
        return Worth(value, evaluation.exact, *shown)


def shown_digit(
    tree: Tree, evaluation: Evaluation, reading: Reading
) -> tuple[Fraction | None, bool, bool]:
    """One unit of the last digit shown, whether there is a point, and whether dots follow."""
    match tree:
        case Number(decimals=decimals, open_ended=dots):
            return Fraction(1, 10**decimals), decimals > 0, dots
        case Negative(inner=inner):
            return shown_digit(inner, evaluation, reading)
        case Percent(inner=inner):
            ulp, point, dots = shown_digit(inner, evaluation, reading)
            scale = 1 if reading.percent == "plain" else 100
            return (None if ulp is None else ulp / scale), point, dots
        case Measured(inner=inner, scale=scale):
            ulp, point, dots = shown_digit(inner, evaluation, reading)
            return (None if ulp is None else ulp * (scale if reading.units else 1)), point, dots
        case Aside(inner=inner) if reading.aside:
            return shown_digit(inner, evaluation, reading)
        case Binary(sign="*", left=left, right=Binary(sign="^", left=Number(value=ten)) as power):
            ulp, point, dots = shown_digit(left, evaluation, reading)
            scaled = None if ulp is None or ten != 10 else ulp * evaluation.value(power)
            return scaled, scaled is not None, dots
        case Binary(sign="*", left=left, right=Number(value=value)) if value in (10**6, 10**9):
            ulp, point, dots = shown_digit(left, evaluation, reading)
            return (None if ulp is None else ulp * value), point, dots
    return None, False, False


def readings(ambiguities: set[Ambiguity]) -> Iterator[Reading]:
    """All readings of what can be read in several ways, the usual one first."""
    names = sorted(ambiguities)
    for values in product(*(_CHOICES[name] for name in names)):
        yield Reading(**dict(zip(names, values, strict=True)))


def match(
    left: Expression, right: Expression, variables: Mapping[str, Fraction]
) -> tuple[Match, Worth, Worth] | None:
    """The best match of two expressions over all readings, with their worths; None: unknown."""
    best: tuple[Match, Worth, Worth] | None = None
    for reading in readings(left.ambiguities | right.ambiguities):
        a, b = left.worth(variables, reading), right.worth(variables, reading)
        if a is None or b is None:
            continue
        found = _match(a, b)
        if best is None or _ORDER.index(found) < _ORDER.index(best[0]):
            best = found, a, b
        if found == "equal":
            break
    return best


def _match(a: Worth, b: Worth) -> Match:
    distance = abs(a.value - b.value)
    if distance == 0:
        return "equal"
    if not (a.exact and b.exact) and distance <= _NEGLIGIBLE * (1 + abs(a.value)):
        return "equal"
    found: Match = "no"
    for shown, other in ((b, a), (a, b)):
        step = _as_shown(shown, other, distance)
        found = step if _ORDER.index(step) < _ORDER.index(found) else found
    if found == "no" and distance <= _CLOSE * max(abs(a.value), abs(b.value)):
        return "close"
    return found


def _as_shown(shown: Worth, other: Worth, distance: Fraction) -> Match:
    """How a number as written matches an exact value: rounded, cut off, or neither."""
    if shown.ulp is None:
        return "no"
    if other.ulp is not None and other.ulp >= shown.ulp:
        return "no"
    if (shown.decimals and distance * 2 <= shown.ulp) or (
        shown.open_ended and distance < shown.ulp
    ):
        return "rounded"
    if not shown.decimals:
        return "whole" if distance * 2 <= shown.ulp else "no"
    return "near" if distance < shown.ulp else "no"


def holds(sign: str, found: Match, a: Worth, b: Worth) -> bool | None:
    """Whether a relation holds; None: near enough that it may be meant as a rounding."""
    match sign:
        case "=":
            return True if found in ("equal", "rounded") else None if found == "near" else False
        case "≈":
            if found == "no" and abs(a.value - b.value) >= 1:
                return False
            return True if found in ("equal", "rounded", "whole", "near") else None
        case "≠":
            return found != "equal"
        case "<":
            return a.value < b.value
        case ">":
            return a.value > b.value
        case "≤":
            return a.value <= b.value
        case "≥":
            return a.value >= b.value
    return None


def worth_of(tree: Tree, variables: Mapping[str, Fraction]) -> Fraction | None:
    """What a tree is worth in the usual reading; None: could not tell."""
    try:
        return Evaluation(variables).value(tree)
    except Refusal:
        return None


def with_remainder(left: Expression, quotient: Worth, remainder: int) -> bool | None:
    """Whether a division of whole numbers leaves this quotient and remainder; None: no division."""
    match left.tree:
        case Binary(sign="/", left=Number(value=a), right=Number(value=b)) if b:
            return quotient.value * b + remainder == a and remainder < b
    return None


def leaves(tree: Tree) -> Iterator[Number]:
    """The numbers in an expression, as written."""
    stack = [tree]
    while stack:
        node = stack.pop()
        match node:
            case Number():
                yield node
            case Negative(inner=inner) | Percent(inner=inner) | Measured(inner=inner):
                stack.append(inner)
            case Binary(left=a, right=b) | Mixed(whole=a, part=b) | Aside(inner=a, remark=b):
                stack.extend((a, b))
            case Call(arguments=arguments):
                stack.extend(arguments)
