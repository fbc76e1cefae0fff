"""Tokens to an expression tree, by recursive descent with caps on length and depth.

Precedence, from loose to tight: ``+ -``; ``* /`` and products without a sign; unary minus;
``^`` (right to left); ``! %`` and units behind a number. Anything left over is a refusal.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction

from reasonscope.verify.arithmetic.limits import MAX_DEPTH, MAX_DIGITS, MAX_TOKENS, Refusal
from reasonscope.verify.arithmetic.tokens import Token
from reasonscope.verify.arithmetic.tree import (
    Ambiguity,
    Aside,
    Binary,
    Call,
    Measured,
    Mixed,
    Name,
    Negative,
    Number,
    Percent,
    Tree,
)

_VULGAR = {
    "½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅕": (1, 5), "⅖": (2, 5),
    "⅗": (3, 5), "⅘": (4, 5), "⅙": (1, 6), "⅚": (5, 6), "⅛": (1, 8), "⅜": (3, 8), "⅝": (5, 8),
    "⅞": (7, 8),
}  # fmt: skip
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_CLOSING = {"(": ")", "{": "}", "⌊": "⌋", "⌈": "⌉"}
_END = Token("end", "", -1, -1)

UnitScale = Callable[[str], Fraction | None]


def number(text: str) -> Number:
    """A number as written: separators of thousands removed, digits after the point counted.

    >>> number("1,234.50")
    Number(value=Fraction(2469, 2), decimals=2, open_ended=False)
    """
    if text in _VULGAR:
        return Number(Fraction(*_VULGAR[text]), 0)
    if len(text) > MAX_DIGITS:
        raise Refusal(f"a number has more than {MAX_DIGITS:,} digits")
    plain = text.replace("{,}", "").replace(",", "")
    whole, _, part = plain.partition(".")
    return Number(Fraction(int(whole + part or "0"), 10 ** len(part)), len(part))


class Parser:
    """One pass over the tokens of one expression."""

    def __init__(
        self, tokens: Sequence[Token], *, unit_scale: UnitScale | None = None, tight: bool = False
    ) -> None:
        if len(tokens) > MAX_TOKENS:
            raise Refusal(f"an expression has more than {MAX_TOKENS} signs")
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self._unit_scale = unit_scale
        self._tight = tight
        self.ambiguities: set[Ambiguity] = set()
        """What the expression holds that can be read in several ways."""
        self.names: set[str] = set()
        """The variables it uses."""
        self.signs = 0
        """How many operations it holds."""

    def whole(self) -> Tree:
        """The tree of all tokens.

        Raises:
            Refusal: something is left over, missing, or over a cap.
        """
        tree = self._sum()
        if self._at < len(self._tokens):
            raise Refusal(f"'{self._tokens[self._at].text[:20]}' is not understood")
        return tree

    # -- looking ---------------------------------------------------------------------------

    def _peek(self, ahead: int = 0) -> Token:
        at = self._at + ahead
        return self._tokens[at] if at < len(self._tokens) else _END

    def _take(self) -> Token:
        token = self._peek()
        self._at += 1
        return token

    def _gap(self) -> bool:
        """Whether white space stands before the next token."""
        return self._peek().start > self._tokens[self._at - 1].end

    # -- loose to tight --------------------------------------------------------------------

    def _sum(self) -> Tree:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Refusal(f"brackets nest deeper than {MAX_DEPTH}")
        tree = self._product()
        while self._peek().kind == "op" and self._peek().text in "+-–":
            sign = "+" if self._take().text == "+" else "-"
            self.signs += 1
            tree = Binary(sign, tree, self._product())
        self._depth -= 1
        return tree

    def _product(self) -> Tree:
        tree = self._signed()
        while True:
            token = self._peek()
            if token.kind == "op" and token.text in ("*", "/", "//"):
                self._take()
                self.signs += 1
                tree = Binary(token.text, tree, self._divisor(token.text))
            elif self._starts_factor(token):
                self.signs += 1
                tree = self._joined(tree)
            else:
                return tree

    def _divisor(self, sign: str) -> Tree:
        written = sign == "/" and self._gap() and self._fraction_written()
        tree = self._signed()
        if written:
            self.ambiguities.add("tight")
            if self._tight:
                self._take()
                tree = Binary("/", tree, self._power())
        while sign == "/" and self._starts_factor(self._peek()):
            self.ambiguities.add("tight")
            if not self._tight:
                break
            tree = Binary("*", tree, self._power())
        return tree

    def _fraction_written(self) -> bool:
        """``1/2`` without white space, which after a spaced ``/`` may be meant as one number."""
        top, slash, bottom = self._peek(), self._peek(1), self._peek(2)
        numbers = top.kind == "num" and slash.text == "/" and bottom.kind == "num"
        return numbers and top.end == slash.start and slash.end == bottom.start

    def _starts_factor(self, token: Token) -> bool:
        return token.kind in ("open", "frac", "root", "word", "binom", "pi")

    def _joined(self, tree: Tree) -> Tree:
        """A product without a sign, or a number with a remark in brackets behind it."""
        remark = self._gap() and self._peek().kind == "open" and self._peek().text == "("
        right = self._power()
        if remark:
            self.ambiguities.add("aside")
            return Aside(tree, right)
        return Binary("*", tree, right)

    def _signed(self) -> Tree:
        negative = False
        after = self._tokens[self._at - 1].text if self._at else ""
        if after in ("*", "/") and self._peek().text == "+":
            raise Refusal("two operators stand side by side")
        for _ in range(4):
            token = self._peek()
            if token.kind != "op" or token.text not in "+-–":
                break
            negative ^= self._take().text != "+"
        tree = self._power()
        if negative and isinstance(tree, Binary) and tree.sign == "^":
            self.ambiguities.add("power_sign")
        return Negative(tree) if negative else tree

    def _power(self) -> Tree:
        tree = self._behind(self._atom())
        token = self._peek()
        if token.kind == "op" and token.text == "^":
            self._take()
            self.signs += 1
            self._depth += 1
            if self._depth > MAX_DEPTH:
                raise Refusal(f"powers nest deeper than {MAX_DEPTH}")
            exponent = self._signed()
            self._depth -= 1
            return self._behind(Binary("^", tree, exponent))
        return tree

    def _behind(self, tree: Tree) -> Tree:
        """What stands behind a number: percent, factorial, superscript, unit."""
        while True:
            token = self._peek()
            if token.kind == "percent":
                tree = Percent(tree)
                self.ambiguities.add("percent")
            elif token.kind == "bang":
                self.signs += 1
                tree = Call("factorial", (tree,))
            elif token.kind == "sup":
                self.signs += 1
                power = int(token.text.translate(_SUPERSCRIPTS))
                tree = Binary("^", tree, Number(Fraction(power), 0))
            elif token.kind == "scale":
                tree = Binary("*", tree, number(token.text))
            elif token.kind == "unit":
                tree = self._measured(tree, token.text)
            else:
                return tree
            self._take()

    def _measured(self, tree: Tree, unit: str) -> Tree:
        scale = None if self._unit_scale is None else self._unit_scale(unit)
        if scale is None:
            return tree
        self.ambiguities.add("units")
        return Measured(tree, scale)

    # -- what an operand is ----------------------------------------------------------------

    def _atom(self) -> Tree:
        token = self._take()
        match token.kind:
            case "num":
                return self._number(token)
            case "open":
                return self._bracket(token)
            case "word":
                following = self._peek()
                if following.kind == "open" and following.start == token.end:
                    raise Refusal(f"the function {token.text[:20]} is not understood")
                self.names.add(token.text)
                return Name(token.text)
            case "frac":
                self.signs += 1
                return Binary("/", *self._pair())
            case "binom":
                self.signs += 1
                return Call("binom", self._pair())
            case "root":
                self.signs += 1
                return self._root()
            case "pi":
                return Call("pi", ())
            case "end":
                raise Refusal("it ends where a number was expected")
        raise Refusal(f"'{token.text[:20]}' is not understood")

    def _number(self, token: Token) -> Tree:
        tree = number(token.text)
        following = self._peek()
        if following.kind == "dots":
            self._take()
            return Number(tree.value, tree.decimals, open_ended=True)
        if tree.decimals == 0 and self._fraction_follows():
            self.ambiguities.add("mixed")
            self.signs += 1
            return Mixed(tree, self._part())
        return tree

    def _fraction_follows(self) -> bool:
        following = self._peek()
        if following.kind == "frac" or following.text in _VULGAR:
            return True
        slash, bottom = self._peek(1), self._peek(2)
        return following.kind == "num" and slash.text == "/" and bottom.kind == "num"

    def _part(self) -> Tree:
        token = self._take()
        if token.kind == "frac":
            return Binary("/", *self._pair())
        if token.text in _VULGAR:
            return number(token.text)
        self._take()
        return Binary("/", number(token.text), number(self._take().text))

    def _bracket(self, token: Token) -> Tree:
        tree = self._sum()
        closing = self._take()
        if closing.kind != "close" or closing.text != _CLOSING[token.text]:
            raise Refusal("brackets do not match")
        if token.text == "⌊":
            return Call("floor", (tree,))
        return Call("ceil", (tree,)) if token.text == "⌈" else tree

    def _group(self) -> Tree:
        token = self._take()
        if token.kind != "open":
            raise Refusal("a LaTeX argument is missing")
        return self._bracket(token)

    def _pair(self) -> tuple[Tree, Tree]:
        r"""The two arguments of \frac: two groups, or two bare digits as in \frac12."""
        token = self._peek()
        if token.kind == "num" and len(token.text) == 2 and token.text.isdigit():
            self._take()
            return number(token.text[0]), number(token.text[1])
        return self._group(), self._group()

    def _root(self) -> Tree:
        token = self._peek()
        if token.kind == "num":
            return Call("root", (number(self._take().text),))
        if token.kind == "open" and self._tokens[self._at - 1].end == token.start:
            inner = self._group()
            following = self._peek()
            if token.text == "(" and following.kind == "open" and following.text == "{":
                return Call("root", (self._group(), inner))
            return Call("root", (inner,))
        return Call("root", (self._group(),))
