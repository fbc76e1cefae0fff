"""Doubts about what ran together: two statements on one line, or a sum done in parts.

Where line breaks were lost, the value of one equation stands right before the left side of the
next (``= 20.66 (-755/288) * 5 = ...``). Each function returns a plain reason, or nothing, and is
asked only when an equation fails.
"""

import re
from collections.abc import Iterator

from reasonscope.verify.arithmetic.tokens import Token
from reasonscope.verify.arithmetic.tree import Binary, Tree
from reasonscope.verify.equations.chain import Side
from reasonscope.verify.equations.compare import Expression, leaves, match, worth_of
from reasonscope.verify.equations.scene import Scene

_ENDS = frozenset(("num", "close", "sup", "bang", "percent", "pi"))
_BEGINS = frozenset(("open", "frac", "root", "binom"))
_MOST_CUTS = 12
"""Places of one side at which a new statement is tried."""
_COMMA = re.compile(r"\s?,")


def side_by_side(scene: Scene) -> str | None:
    """Two operands with only a blank between them: a product, or two statements."""
    for side in (scene.left.side, scene.right.side):
        for i in range(len(side.tokens) - 1):
            x, y = side.tokens[i], side.tokens[i + 1]
            if x.kind in _ENDS and y.kind in _BEGINS and _blank(scene.text, x, y):
                return "a bracket behind a blank may begin something new"
            if x.kind == "num" and y.kind == "num" and not _mixed(side, i):
                return "two numbers stand side by side"
    return None


def _blank(text: str, x: Token, y: Token) -> bool:
    return any(sign.isspace() for sign in text[x.end : y.start][:8])


def _mixed(side: Side, i: int) -> bool:
    """Whether a number and a fraction behind it look like one number, such as ``2 1/2``."""
    before = side.tokens[i - 1].text if i else ""
    top, bottom = side.tokens[i + 1], side.tokens[i + 3] if i + 3 < len(side.tokens) else None
    if not top.text.isascii():
        return True
    proper = bottom is not None and (len(top.text), top.text) < (len(bottom.text), bottom.text)
    return proper and before != "/"


def new_start(scene: Scene) -> str | None:
    """The left side without its beginning, or the right one without its end, would be right."""
    text = scene.text
    adrift = _adrift(scene) or scene.link < len(scene.fragment.relations) - 1
    for cut, tight in _cuts(text, scene.left.side):
        head, rest = scene.left.side.tokens[:cut], scene.left.side.tokens[cut:]
        again = [t.text for t in head] == [t.text for t in rest[: len(head)]]
        if tight and (again or _fits(rest, scene.right.side.tokens, scene)):
            return "its left side may begin with the value of another equation"
        if adrift and len(rest) > 2 and _fits(rest[1:], scene.right.side.tokens, scene):
            return "only the last part of its left side may be meant"
    for cut, tight in _cuts(text, scene.right.side):
        if tight and _fits(scene.left.side.tokens, scene.right.side.tokens[:cut], scene):
            return "its right side may run into another equation"
    return None


def _cuts(text: str, side: Side) -> Iterator[tuple[int, bool]]:
    """Places of plus and minus signs inside a side, and whether one looks like a number's own."""
    found = 0
    for i, token in enumerate(side.tokens):
        if i and token.kind == "op" and token.text in "+-–" and found < _MOST_CUTS:
            found += 1
            yield i, text[token.start - 1].isspace() and not text[token.end].isspace()


def _fits(left: list[Token], right: list[Token], scene: Scene) -> bool:
    found = match(Expression(Side(left)), Expression(Side(right)), scene.bindings.values)
    if found is not None and scene.fragment.relations[scene.link] == "≈":
        return found[0] != "no"
    return found is not None and found[0] in ("equal", "rounded")


def _adrift(scene: Scene) -> bool:
    """Whether the link before this one does not hold either."""
    previous = scene.fragment.sides[scene.link - 1].tokens if scene.link else []
    return bool(previous) and not _fits(previous, scene.left.side.tokens, scene)


def in_parts(scene: Scene) -> str | None:
    """``317 * 11 = 317 * 10 = 3170``, and the rest follows: the sum is done in parts."""
    left, right = ([t.text for t in e.side.tokens[:3]] for e in (scene.left, scene.right))
    kinds = [t.kind for t in scene.right.side.tokens[:3]]
    if left[:2] == right[:2] and left[2:] != right[2:] and kinds == ["num", "op", "num"]:
        return "its right side may be one part of its left side"
    last, first = _last_term(scene.left.tree), _first_term(scene.right.tree)
    if last is not None and first is not None and scene.right.signs:
        known = scene.bindings.values
        if worth_of(last, known) == worth_of(first, known) is not None:
            return "its terms may be rewritten one by one"
    whole = scene.b.value.denominator == 1 and scene.a.value // 1 == scene.b.value
    divided = any(token.text == "/" for token in scene.left.side.tokens)
    if scene.right.signs and whole and divided:
        return "a division in it may be meant without its remainder"
    return None


def _last_term(tree: Tree | None) -> Tree | None:
    return tree.right if isinstance(tree, Binary) and tree.sign in "+-" else None


def _first_term(tree: Tree | None) -> Tree | None:
    summed = False
    while isinstance(tree, Binary) and tree.sign in "+-":
        tree, summed = tree.left, True
    return tree if summed else None


def running(scene: Scene) -> str | None:
    """A running total: ``+ 3 * 2 = 6 = 20`` or ``6 = 14 + 6``."""
    if scene.link == 0 or scene.left.signs:
        return None
    first = scene.fragment.sides[0].tokens
    goes_on = (first and first[0].kind == "op") or scene.fragment.before.kind == "op"
    if scene.right.signs == 0 and (goes_on or _adrift(scene)):
        return "it may be a running total"
    if any(term == scene.a.value for term in _terms(scene.right.tree)):
        return "its right side may go on from its left side"
    return None


def _terms(tree: Tree | None) -> Iterator[object]:
    while isinstance(tree, Binary) and tree.sign in "+-":
        yield from (leaf.value for leaf in leaves(tree.right))
        tree = tree.left


def between(scene: Scene) -> str | None:
    """``30/2 < k < 300/2 ≈ 15 < k < 150``: the sign stands between two inequalities."""
    signs = scene.fragment.relations
    if set("<>≤≥") & set(signs[: scene.link]) and set("<>≤≥") & set(signs[scene.link + 1 :]):
        return "it stands between inequalities"
    return None


def thousands(scene: Scene) -> str | None:
    """``9546 + 450 ≈ 10,`` and a break: a number of thousands was cut at its comma."""
    if scene.right.signs or not scene.b.value or not _COMMA.match(scene.text, scene.end):
        return None
    if abs(scene.a.value / scene.b.value - 1000) <= 20:
        return "its right side may be cut at the comma of the thousands"
    return None


def named(scene: Scene) -> str | None:
    """``the innermost (1 + 3) is 9``: the bracket names a thing that is spoken of."""
    tokens = scene.left.side.tokens
    if scene.link or not scene.fragment.in_words[0] or scene.fragment.before.kind != "word":
        return None
    opened = sum(token.kind == "open" for token in tokens)
    if opened == 1 and tokens[0].kind == "open" and tokens[-1].kind == "close":
        return "a bracket may only name what is spoken of"
    return None


JOINED = (side_by_side, new_start, in_parts, running, between, thousands, named)
"""The doubts about what ran together."""
