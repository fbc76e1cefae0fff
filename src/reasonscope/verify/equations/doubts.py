"""Reasons not to call an equation false although its sides differ.

Each function looks at one thing and returns a plain reason, or nothing. They are asked only when
an equation fails, which is rare; so they may look at the text around it.
"""

import re
from fractions import Fraction
from functools import lru_cache

from reasonscope.verify.arithmetic.tree import Binary, Measured, Percent, Tree
from reasonscope.verify.equations.chain import Side
from reasonscope.verify.equations.compare import Expression, leaves, match, worth_of
from reasonscope.verify.equations.edges import after, before, phrase
from reasonscope.verify.equations.joined import JOINED
from reasonscope.verify.equations.scene import Scene
from reasonscope.verify.equations.sizes import CONVERSIONS, unit_scale
from reasonscope.verify.equations.vocabulary import (
    LEADS,
    LENIENT,
    NEW_OPERATIONS,
    OTHER_ARITHMETIC,
)

_LEFT_OVER = re.compile(r"remainder|left[- ]?over|remain|\bleft\b", re.IGNORECASE)
_DENIED_BEFORE = re.compile(
    r"(?:\bif|\bsuppose|\bunless|\binstead of|\brather than|\bnot|n't)\W{0,3}(?:\w+\W{1,2})?$",
    re.IGNORECASE,
)
_IMPOSSIBLE = re.compile(
    r"[\s,;.)\]\\]{0,4}(?:which |that |this |but |and )?"
    r"(?:is |it's |it is |isn't |would be |would |can't |cannot )?"
    r"(?:impossible|a contradiction|contradict|false\b|not possible|absurd|not true|not valid"
    r"|invalid)",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"^0\d{2,3}$")
_RANGE = re.compile(r"^\s*\d+\s?[-–]\s?\d+(?:\s[a-z ]{1,24})?\s*$")
_REPEATING = re.compile(r"(?:33|66|67|99)$")


def shares(scene: Scene) -> str | None:
    """A plain number is set equal to percentages: it says what they are percentages of."""
    for one, other in ((scene.left, scene.right), (scene.right, scene.left)):
        tokens = one.side.tokens
        numbers = sum(token.kind == "num" for token in tokens)
        percents = sum(token.kind == "percent" for token in tokens)
        if other.signs == 0 and 0 < numbers == percents and "percent" not in other.ambiguities:
            return "it may say what a percentage is of"
    return None


def condition(scene: Scene) -> str | None:
    """It is stated under a condition, as impossible, or as a question to be decided."""
    lead = scene.text[max(0, scene.start - 30) : scene.start]
    tail = scene.text[scene.end : scene.end + 60]
    if _DENIED_BEFORE.search(lead):
        return "it is stated as a condition or denied"
    if _IMPOSSIBLE.match(tail):
        return "it is stated as impossible"
    return None


@lru_cache(maxsize=8)
def _rules_of(question: str) -> tuple[str | None, str]:
    """Why the question's arithmetic may be its own, and the question without white space."""
    reason = None
    if OTHER_ARITHMETIC.search(question):
        reason = "its numbers may follow other rules (a base, a modulus, a clock, vectors)"
    elif NEW_OPERATIONS.search(question):
        reason = "the question may define operations of its own"
    return reason, "".join(question.split())


def other_arithmetic(scene: Scene) -> str | None:
    """Numbers here may follow other rules: another base, a modulus, a clock, vectors."""
    if OTHER_ARITHMETIC.search(scene.around(300, 100)):
        return "its numbers may follow other rules (a base, a modulus, a clock, vectors)"
    reason, question = _rules_of(scene.question)
    claim = "".join(scene.text[scene.start : min(scene.end, scene.start + 400)].split())
    if reason is None and claim in question:
        return "the question itself states it"
    return reason


def units(scene: Scene) -> str | None:
    """The sides may name the same quantity in other units."""
    angles = {"degrees", "degree"} & (scene.left.side.units | scene.right.side.units)
    if angles and not (scene.a.exact and scene.b.exact):
        return "its sides may be in different units"
    if any(len(word) == 1 and word.isalpha() for word in scene.left.side.units):
        return "a letter in it may be a unit or a variable"
    known = _scales(scene.left) | _scales(scene.right)
    words = scene.left.side.units | scene.right.side.units
    ratio = scene.a.value / scene.b.value if scene.b.value else None
    if (known and len(words) != 1 and ratio in CONVERSIONS) or ratio in _SCALES:
        return "its sides may be in different units"
    left, right = scene.left.side.units, scene.right.side.units
    if len(left - {"$"}) > 1 and right and not left & right and not known:
        return "it may set unlike things equal"
    if scene.left.signs == 0 and scene.right.signs == 0 and words:
        return "it may say how units convert"
    return None


_SCALES = frozenset(Fraction(10) ** k for k in (-9, -6, -3, -2, 2, 3, 6, 9))


def _scales(expression: Expression) -> set[str]:
    return {word for word in expression.side.units if unit_scale(word) is not None}


def bare(scene: Scene) -> str | None:
    """Two different plain numbers: a contradiction that is meant, or read from elsewhere."""
    if scene.left.signs or scene.right.signs:
        return None
    calculated = any(
        token.kind in ("op", "frac", "root")
        for side in scene.fragment.sides
        for token in side.tokens[1:]
    )
    if not calculated:
        return "two plain numbers are set equal without a calculation"
    return None


def span(scene: Scene) -> str | None:
    """A range such as 10-20, which a dash writes like a difference."""
    side = scene.left.side
    written = scene.text[side.start : min(side.end, side.start + 40)]
    if _RANGE.match(written) and scene.a.value < 0 < scene.b.value:
        return "its left side may be a range"
    return None


def inputs(scene: Scene) -> str | None:
    """Its numbers are roundings themselves, and the difference is as small as they allow."""
    trees = [e.tree for e in (scene.left, scene.right) if e.tree is not None]
    sizes = [abs(leaf.value) for tree in trees for leaf in leaves(tree)]
    high = max(abs(scene.a.value), abs(scene.b.value), *sizes)
    if abs(scene.a.value - scene.b.value) > high / 50:
        return None
    if not (scene.a.exact and scene.b.exact):
        return "an irrational number in it was cut off"
    distance = abs(scene.a.value - scene.b.value)
    for expression in (scene.left, scene.right):
        tree = expression.tree
        both = scene.left.signs and scene.right.signs
        if tree is not None and both and distance <= _slack(tree):
            return "its terms are themselves rounded"
        for leaf in leaves(tree) if tree is not None and expression.signs else ():
            if leaf.open_ended or leaf.decimals >= 3 or leaf.value in scene.rounded:
                return "a number in it is itself rounded"
            if leaf.decimals and _REPEATING.search(
                str(leaf.value.numerator * 100 // leaf.value.denominator)
            ):
                return "a number in it is itself rounded"
    return None


def _slack(tree: Tree) -> Fraction:
    """How far a sum may be off when each of its decimals is rounded to the digits shown."""
    shown = [leaf.decimals for leaf in leaves(tree) if leaf.decimals]
    if len(shown) < 3:
        return Fraction(0)
    return sum((Fraction(1, 2 * 10**digits) for digits in shown), Fraction(0))


def irrational(scene: Scene) -> str | None:
    """An irrational value set equal to an expression: a condition being worked on."""
    if not (scene.a.exact and scene.b.exact) and not (scene.a.decimals or scene.b.decimals):
        return "an irrational value in it is not written as a decimal"
    return None


def whole(scene: Scene) -> str | None:
    """The right side is the whole part of the left, and words near it speak of that."""
    distance = abs(scene.a.value - scene.b.value)
    divided = any(token.text == "/" for token in scene.left.side.tokens)
    if divided and _LEFT_OVER.search(scene.text, scene.end, scene.end + 60):
        return "a remainder is named behind it"
    plain = scene.b.value.denominator == 1 and distance < 1
    if plain and LENIENT.search(scene.around(120, 120)):
        return "it may be rounded to a whole number on purpose"
    if distance <= abs(scene.a.value) / 20 and LENIENT.search(scene.around(50, 50)):
        return "it may be rounded on purpose"
    return None


def run_on(scene: Scene) -> str | None:
    """``3 + 4 = 7 * 2 = 14``: the right side goes on from the result, and the chain holds so."""
    tree = scene.right.tree
    while isinstance(tree, Binary | Percent | Measured):
        tree = tree.left if isinstance(tree, Binary) else tree.inner
        if worth_of(tree, scene.bindings.values) == scene.a.value:
            return "its right side may go on from its result"
    return None


def restated(scene: Scene) -> str | None:
    """The right side is the first part of the left: the sum is being done piece by piece."""
    if scene.fragment.in_words[scene.link] and scene.right.signs:
        return "its right side is a calculation that may go on"
    left = [token.text for token in scene.left.side.tokens if token.kind == "num"]
    right = [token.text for token in scene.right.side.tokens if token.kind == "num"]
    if 1 < len(right) < len(left) and left[: len(right)] == right:
        return "its right side may be the first part of its left side"
    again = (
        re.compile(rf"[\s,;]{{1,3}}(?:and |then |plus )?{re.escape(left[0])}\b") if left else None
    )
    if (
        right[1:]
        and left[0] == right[0]
        and again
        and again.search(scene.text, scene.end, scene.end + 60)
    ):
        return "its right side may be one part of its left side"
    return None


def last_part(scene: Scene) -> str | None:
    """``80 plus 1 * 8 = 8``: only what stands behind the operator in words is meant."""
    tokens = scene.left.side.tokens
    for i, token in enumerate(tokens):
        bracket = tokens[i + 1].kind == "open" if i + 1 < len(tokens) else False
        if token.kind == "op" and (bracket or scene.text[token.start].isalpha()):
            rest = Expression(Side(tokens[i + 1 :]))
            found = match(rest, scene.right, scene.bindings.values)
            if found is not None and found[0] in ("equal", "rounded"):
                return "only the last part of its left side may be meant"
    return None


def clock(scene: Scene) -> str | None:
    """Numbers such as 0730 are times of day or codes."""
    tokens = (*scene.left.side.tokens, *scene.right.side.tokens)
    if any(token.kind == "num" and _CLOCK.match(token.text) for token in tokens):
        return "a number in it may be a time of day"
    return None


def variables(scene: Scene) -> str | None:
    """It holds only if a variable still has the value it was given."""
    names = scene.left.names | scene.right.names
    if names and not scene.bindings.firm(names):
        return "a variable in it may have another value here"
    if names and scene.fragment.relations[scene.link] not in "=≈":
        return "a variable in it may have another value here"
    word = scene.fragment.before
    if names and word.kind == "word" and word.text.lower() not in LEADS:
        return "a variable in it may be part of a phrase"
    return None


def compared(scene: Scene) -> str | None:
    """An inequality between plain numbers is most often a test, not a claim."""
    sign = scene.fragment.relations[scene.link]
    if sign in "<>≤≥≠" and not (scene.left.signs and scene.right.signs == 0):
        return "it may be a test and not a claim"
    return None


ALL = (
    variables, before, bare, phrase, after, shares, condition, span, inputs, irrational, whole,
    run_on, restated, last_part, clock, units, compared, other_arithmetic, *JOINED,
)  # fmt: skip
"""Every doubt, the cheap ones first."""


def doubt(scene: Scene) -> str | None:
    """The first reason not to call it false; None: it is false."""
    for ask in ALL:
        reason = ask(scene)
        if reason is not None:
            return reason
    return None
