"""Reasons not to call an equation false although its sides differ.

Each function looks at one thing and returns a plain reason, or nothing. They are asked only when
an equation fails, which is rare; so they may look at the text around it.
"""

import re
from dataclasses import dataclass
from fractions import Fraction

from reasonscope.verify.arithmetic.tokens import Token
from reasonscope.verify.arithmetic.tree import Binary, Measured, Percent
from reasonscope.verify.equations.bindings import Bindings
from reasonscope.verify.equations.compare import Expression, Worth, leaves, match, worth_of
from reasonscope.verify.equations.fragments import Fragment, Side
from reasonscope.verify.equations.sizes import CONVERSIONS, unit_scale
from reasonscope.verify.equations.vocabulary import (
    CLEAR_OF,
    HYPOTHETICAL,
    LEADS,
    LENIENT,
    NEW_OPERATIONS,
    OTHER_ARITHMETIC,
    STOPS,
    UNSAFE_AFTER,
    UNSAFE_BEFORE,
)

_UNSAFE_KINDS = frozenset(
    ("num", "opaque", "command", "dots", "other", "op", "close", "unit", "bang", "percent", "sup",
     "frac", "root", "binom", "pi", "rel")
)  # fmt: skip
_AFTER_KINDS = frozenset(
    ("num", "bang", "opaque", "command", "op", "open", "other", "percent", "sup", "frac", "root", "binom",
     "pi", "rel")
)  # fmt: skip
_CLEAR = frozenset(("newline", "end", "gap", "punct", "question", "arrow", "bar"))
_REMAINDER = re.compile(
    r"[\s,;(]{0,3}(?:and |with )?(?:a |an )?(?:remainder|remaining|rem\b|left|[rR]\b|[rR](?=\d)|leftover)"
)
_OPERATOR_AND_WORDS = re.compile(r"[-+*×·/÷](?:\s?[A-Za-z']{1,15}){1,4}\s?[$(]?$")
_OTHER_SUM = re.compile(r"\d\s?[+*×·/÷-]\s?\$?\d[^,;:.=\n]*$")
_OPERATOR = re.compile(r"[-+*×·/÷]\s?\$?$")
_SPLIT_NUMBER = re.compile(r"\d,\s?\$?$|[-+*/=(]\s?\$?\s?\.\s?$")
_GOES_ON = re.compile(
    r"(?:\.\()|(?:\s{0,2}[A-Za-z'/%]{1,15}){0,3}\s?(?:\band\s+(?:an?\s+)?[\d($½¼¾⅓⅔\\]|\band\s+a\s+(?:half|quarter|third)"
    r"|[+*×·÷/^]\s?[\w$(\\])"
)
_LEFT_OVER = re.compile(r"remainder|left[- ]?over|remain|\bleft\b", re.IGNORECASE)
_AFTER_NUMBER = re.compile(r"\d and$")
_CLOCK = re.compile(r"^0\d{2,3}$")
_RANGE = re.compile(r"^\s*\d+\s?[-–]\s?\d+\s*$")
_REPEATING = re.compile(r"(?:33|66|67|99)$")


@dataclass(frozen=True, slots=True)
class Scene:
    """An equation whose sides differ, with all that may excuse it."""

    text: str
    question: str
    fragment: Fragment
    link: int
    """Which relation of the fragment."""
    left: Expression
    right: Expression
    a: Worth
    b: Worth
    bindings: Bindings
    rounded: frozenset[Fraction]
    """Values that the trace rounded before."""

    @property
    def start(self) -> int:
        """Start of the whole chain in the text."""
        return next(side.start for side in self.fragment.sides if side.start >= 0)

    @property
    def end(self) -> int:
        """End of the whole chain in the text."""
        return max(side.end for side in self.fragment.sides)

    def around(self, before: int, after: int) -> str:
        """The text around the chain."""
        return self.text[max(0, self.start - before) : self.end + after]


def before(scene: Scene) -> str | None:
    """What stands in front may belong to the expression."""
    if scene.link > 0:
        return None
    token = scene.fragment.before
    first = scene.left.side.tokens[0]
    if first.kind == "op" and (first.text != "-" or token.kind not in _CLEAR):
        return "its left side may begin further left"
    if token.kind in _UNSAFE_KINDS:
        return f"what stands before it ('{token.text[:12]}') may belong to it"
    if _SPLIT_NUMBER.search(scene.text, max(0, scene.start - 30), scene.start):
        return "a number in front may be split by a comma or point"
    if token.kind == "open" and scene.text[token.start] == "{":
        return "a bracket that holds it is not closed"
    if token.kind == "open" and _OPERATOR.search(scene.text, max(0, token.start - 5), token.start):
        return "a bracket that holds it is not closed"
    if token.kind == "word" and token.end == scene.start:
        return f"'{token.text[:12]}' touches its left side"
    if token.kind == "word":
        return _word_before(scene, token)
    return None


def phrase(scene: Scene) -> str | None:
    """Its left side is a number within a phrase, or a share of something."""
    if scene.link > 0:
        return None
    word = scene.fragment.before.kind in ("word", "unit")
    if scene.left.signs == 0 and (word or scene.left.side.units - {"$"}):
        return "its left side is a number within a phrase"
    if scene.left.signs == 0 and len(scene.fragment.relations) == 1:
        return "it may set up what is known about a number"
    lead = scene.text[max(0, scene.start - 80) : scene.start]
    if _OPERATOR_AND_WORDS.search(lead) or _OTHER_SUM.search(lead):
        return "its left side may begin further left"
    if scene.fragment.in_words[0] and abs(scene.a.value) < 1 and scene.left.signs == 1:
        return "its left side may be a share of something"
    return None


def shares(scene: Scene) -> str | None:
    """A plain number is set equal to percentages: it says what they are percentages of."""
    for one, other in ((scene.left, scene.right), (scene.right, scene.left)):
        tokens = one.side.tokens
        numbers = sum(token.kind == "num" for token in tokens)
        percents = sum(token.kind == "percent" for token in tokens)
        if other.signs == 0 and 0 < numbers == percents and "percent" not in other.ambiguities:
            return "it may say what a percentage is of"
    return None


def _word_before(scene: Scene, token: Token) -> str | None:
    word = token.text.lower()
    lead = scene.text[max(0, token.start - 40) : token.start].lower().split()
    if word == "of":
        return (
            None if lead and lead[-1].strip("*_(") in CLEAR_OF else "it may be a part of something"
        )
    if (
        word in UNSAFE_BEFORE
        or _AFTER_NUMBER.search(" ".join(lead[-1:] + [word]))
        or len(word) == 1
        and word not in "ai"
    ):
        return f"the word '{token.text}' before it may change its left side"
    if word in HYPOTHETICAL or (lead and lead[-1] in HYPOTHETICAL):
        return "it is stated as a condition"
    return None


def after(scene: Scene) -> str | None:
    """What stands behind may belong to the expression."""
    if scene.link < len(scene.fragment.relations) - 1:
        return None
    token = scene.fragment.after
    behind = scene.text[scene.end : scene.end + 60]
    if _REMAINDER.match(behind):
        return "a remainder follows"
    if _GOES_ON.match(behind):
        return "its right side may go on behind it"
    if token.kind in _AFTER_KINDS and not _new_start(scene, token):
        return f"what stands behind it ('{token.text[:12]}') may belong to it"
    if token.kind == "word" and token.start == scene.end and unit_scale(token.text) is None:
        return f"'{token.text}' touches its right side"
    if token.kind == "word" and (token.text.lower() in UNSAFE_AFTER or _lone(token.text)):
        return f"the word '{token.text}' behind it may change its right side"
    if token.kind == "word" and re.match(
        r"[\s\w'-]{0,30}\b(?:more|less|fewer|times|than|squared)\b", behind
    ):
        return "the words behind it may change its right side"
    return None


def _lone(word: str) -> bool:
    return len(word) == 1 and word not in "aAI"


def _new_start(scene: Scene, token: Token) -> bool:
    """A bracket with words, a dash with prose behind it, or a star of Markdown opens a remark."""
    gap = scene.text[scene.end : token.start].isspace()
    rest = scene.text[token.end : token.end + 24]
    if token.kind == "open":
        return gap and token.text == "("
    if token.text == "*":
        return not re.match(r"\s*[\w(\\$]", rest)
    word = re.match(r"-?\s+([a-z']+)", rest)
    return token.text in "-–" and gap and word is not None and word.group(1) in STOPS


def condition(scene: Scene) -> str | None:
    """It is stated under a condition, as impossible, or as a question to be decided."""
    lead = scene.text[max(0, scene.start - 30) : scene.start]
    tail = scene.text[scene.end : scene.end + 60]
    if re.search(
        r"(?:\bif|\bsuppose|\bunless|\binstead of|\brather than|\bnot|n't)\W{0,3}(?:\w+\W{1,2}){0,1}$",
        lead,
        re.I,
    ):
        return "it is stated as a condition or denied"
    if re.match(
        r"[\s,;.)\]\\]{0,4}(?:which |that |this |but |and )?(?:is |it's |it is |isn't |would be |would |can't |cannot )?(?:impossible|a contradiction|contradict|false\b|not possible|absurd|not true|not valid|invalid)",
        tail,
        re.I,
    ):
        return "it is stated as impossible"
    return None


def other_arithmetic(scene: Scene) -> str | None:
    """Numbers here may follow other rules: another base, a modulus, a clock, vectors."""
    if OTHER_ARITHMETIC.search(scene.around(300, 100)) or OTHER_ARITHMETIC.search(scene.question):
        return "its numbers may follow other rules (a base, a modulus, a clock, vectors)"
    if NEW_OPERATIONS.search(scene.question):
        return "the question may define operations of its own"
    squeezed = "".join(scene.text[scene.start : scene.end].split())
    if squeezed and squeezed in "".join(scene.question.split()):
        return "the question itself states it"
    return None


def units(scene: Scene) -> str | None:
    """The sides may name the same quantity in other units."""
    known = _scales(scene.left) | _scales(scene.right)
    words = scene.left.side.units | scene.right.side.units
    ratio = scene.a.value / scene.b.value if scene.b.value else None
    if (known and len(words) != 1 and ratio in CONVERSIONS) or ratio in _SCALES:
        return "its sides may be in different units"
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
    written = scene.text[side.start : side.end]
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
    for expression in (scene.left, scene.right):
        tree = expression.tree
        for leaf in leaves(tree) if tree is not None and expression.signs else ():
            if leaf.open_ended or leaf.decimals >= 3 or leaf.value in scene.rounded:
                return "a number in it is itself rounded"
            if leaf.decimals and _REPEATING.search(
                str(leaf.value.numerator * 100 // leaf.value.denominator)
            ):
                return "a number in it is itself rounded"
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
        if token.kind == "op" and scene.text[token.start].isalpha():
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


ALL = (variables, before, phrase, after, shares, condition, bare, span, inputs, whole, run_on, restated,
       last_part, clock, units, compared,
       other_arithmetic)  # fmt: skip
"""Every doubt, the cheap ones first."""


def doubt(scene: Scene) -> str | None:
    """The first reason not to call it false; None: it is false."""
    for ask in ALL:
        reason = ask(scene)
        if reason is not None:
            return reason
    return None
