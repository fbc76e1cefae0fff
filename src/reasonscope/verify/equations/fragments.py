"""Finding equations: runs of tokens that are one expression after another with relations between.

A run grows from an operand as long as each token fits what stands before it. Prose ends it. What
stands right before and right after is kept, since it decides whether the run is the whole of what
was meant.
"""

from collections.abc import Iterator, Sequence

from reasonscope.verify.arithmetic.tokens import Token
from reasonscope.verify.equations.chain import Fragment, Side
from reasonscope.verify.equations.operands import (
    aside_end,
    at,
    is_name,
    of_operator,
    per_unit,
    relation,
    starts_operand,
    unit_end,
    word_operator,
)
from reasonscope.verify.equations.sizes import unit_scale
from reasonscope.verify.equations.vocabulary import SCALES, STOPS

_OPENERS = frozenset(("num", "open", "frac", "root", "binom", "pi"))
_STARTERS = _OPENERS | {"rel", "op"}
_POWERS = {"squared": "²", "cubed": "³"}
_MAX_SIDE = 420
_MAX_CHAIN = 1_000
_MAX_BLANK = 6


class Finder:
    """Reads a list of tokens once and yields the fragments that hold a relation."""

    def __init__(self, tokens: Sequence[Token], names: frozenset[str] = frozenset()) -> None:
        self._tokens = tokens
        self._names = names
        self._i = 0
        self._first = 0

    def fragments(self) -> Iterator[Fragment]:
        """The fragments of the tokens, in order."""
        tokens, names = self._tokens, self._names
        while self._i < len(tokens):
            start = self._i
            kind, text, _, _ = tokens[start]
            # Most tokens are prose: they are passed over here, without a call.
            if kind in _STARTERS or (
                kind == "word" and (len(text) == 1 or "_" in text or text in names)
            ):
                yield from self._run()
            if self._i == start:
                self._i += 1

    def _clear(self, place: int) -> None:
        self._sides = [Side()]
        self._relations: list[str] = []
        self._places: list[int] = []
        self._words: list[bool] = []
        self._stack: list[int] = []
        self._operand = False
        self._first = place

    def _made(self, after: Token) -> Iterator[Fragment]:
        if self._relations:
            i = self._first - 1
            while at(self._tokens, i).kind in ("delim", "currency"):
                i -= 1
            yield Fragment(
                self._sides, self._relations, self._places, at(self._tokens, i), after, self._words
            )

    def _push(self, token: Token, *, operand: bool) -> None:
        side = self._sides[-1]
        side.tokens.append(token)
        if side.start < 0:
            side.start = token.start
        side.end = token.end
        self._operand = operand

    def _run(self) -> Iterator[Fragment]:
        tokens = self._tokens
        self._clear(self._i)
        if not self._can_start():
            return
        if at(tokens, self._i - 1).kind == "currency":
            self._sides[0].units.add("$")
        while len(self._sides[-1].tokens) < _MAX_SIDE and len(self._sides) < _MAX_CHAIN:
            before = self._i
            token = at(tokens, before)
            if token.kind in ("delim", "currency"):
                self._silent(token)
            elif found := self._relation_here():
                yield from self._relate(*found)
            elif not (self._after_operand(token) if self._operand else self._operand_here(token)):
                break
            if self._i == before:
                break
        if self._sides[-1].tokens or self._relations:
            yield from self._made(at(tokens, self._i))

    def _can_start(self) -> bool:
        token = at(self._tokens, self._i)
        if token.kind in _OPENERS or token.kind == "rel":
            return True
        if token.kind == "op":
            return starts_operand(self._tokens, self._i + 1)
        return token.kind == "word" and self._named(token)

    def _named(self, token: Token) -> bool:
        return is_name(token.text) or token.text in self._names

    def _silent(self, token: Token) -> None:
        if token.kind == "currency":
            self._sides[-1].units.add("¢" if token.text == "¢" else "$")
        self._i += 1

    # -- relations -------------------------------------------------------------------------

    def _relation_here(self) -> tuple[str, int, bool] | None:
        token = at(self._tokens, self._i)
        if token.kind == "rel":
            sign, j = relation(self._tokens, self._i) or (token.text, self._i + 1)
            return sign, j, False
        if token.kind == "word" and self._operand and self._calculated():
            found = relation(self._tokens, self._i)
            if found is not None:
                return found[0], found[1], True
        return None

    def _calculated(self) -> bool:
        return any(t.kind in ("op", "frac", "root", "of") for t in self._sides[-1].tokens[1:])

    def _relate(self, sign: str, j: int, in_words: bool) -> Iterator[Fragment]:
        if self._stack:
            yield from self._reopen()
        if self._sides[-1].tokens and not self._operand:
            self._clear(self._i)
        self._relations.append(sign)
        self._places.append(at(self._tokens, self._i).start)
        self._words.append(in_words)
        self._sides.append(Side())
        self._operand = False
        self._i = j

    def _reopen(self) -> Iterator[Fragment]:
        """A relation inside brackets: what stood before the bracket is a fragment of its own."""
        depth = self._stack[-1]
        side = self._sides[-1]
        inner = side.tokens[depth + 1 :]
        outer = side.tokens[:depth]
        bracket = side.tokens[depth]
        side.tokens = outer
        if outer:
            side.end = outer[-1].end
            yield from self._made(bracket)
        units = side.units
        self._clear(self._i)
        self._sides[-1].units = units
        for token in inner:
            self._push(token, operand=True)
        while at(self._tokens, self._first - 1).start > bracket.start:
            self._first -= 1

    # -- operands --------------------------------------------------------------------------

    def _operand_here(self, token: Token) -> bool:
        self._i += 1
        if token.kind == "num" or token.kind == "pi":
            self._push(token, operand=True)
        elif token.kind == "open":
            self._stack.append(len(self._sides[-1].tokens))
            self._push(token, operand=False)
        elif token.kind in ("frac", "root", "binom"):
            self._push(token, operand=False)
            if token.kind == "frac" and at(self._tokens, self._i).kind == "num":
                self._push(at(self._tokens, self._i), operand=True)
                self._i += 1
        elif token.kind == "op" and token.text in "+-–" and starts_operand(self._tokens, self._i):
            self._push(token, operand=False)
        elif token.kind == "word" and self._named(token) and self._name_fits():
            self._push(token, operand=True)
        elif token.kind == "newline" and self._waiting():
            return True
        elif token.kind == "op" and not self._sides[-1].tokens and not self._relations:
            self._push(token, operand=False)
        else:
            self._i -= 1
            return False
        return True

    def _name_fits(self) -> bool:
        """A lone letter is a variable unless it starts prose, such as "a" before a word."""
        following = at(self._tokens, self._i)
        return following.kind != "word" or word_operator(self._tokens, self._i) is not None

    def _waiting(self) -> bool:
        """Whether a line may break here: after a relation or an operator."""
        tokens = self._sides[-1].tokens
        return bool(self._relations and not tokens) or bool(tokens and tokens[-1].kind == "op")

    def _after_operand(self, token: Token) -> bool:
        handler = getattr(self, f"_after_{token.kind}", None)
        return handler(token) if handler is not None else False

    def _after_op(self, token: Token) -> bool:
        if token.text == "/" and per_unit(self._tokens, self._i):
            if self._unit():
                return True
            if not starts_operand(self._tokens, self._i + 1):
                return False
        if not starts_operand(self._tokens, self._i + 1):
            following = at(self._tokens, self._i + 1)
            if following.kind != "newline" or not starts_operand(self._tokens, self._i + 2):
                return token.text == "-" and self._unit()
        self._i += 1
        self._push(token, operand=False)
        return True

    def _after_open(self, token: Token) -> bool:
        skipped = aside_end(self._tokens, self._i)
        if skipped is not None:
            self._absorb(skipped)
            return True
        if token.text == "(" and not starts_operand(self._tokens, self._i + 1):
            return False
        self._i += 1
        self._stack.append(len(self._sides[-1].tokens))
        self._push(token, operand=False)
        return True

    def _after_close(self, token: Token) -> bool:
        if not self._stack:
            return False
        self._stack.pop()
        self._i += 1
        self._push(token, operand=True)
        return True

    def _after_percent(self, token: Token) -> bool:
        self._i += 1
        self._push(token, operand=True)
        return True

    def _after_sup(self, token: Token) -> bool:
        """A power; behind a unit, as in cm², it belongs to the unit."""
        if self._sides[-1].tokens[-1].kind == "unit":
            self._i += 1
            return True
        return self._after_percent(token)

    def _after_bang(self, token: Token) -> bool:
        """A factorial stands tight behind its number and is not the end of a sentence."""
        following = at(self._tokens, self._i + 1)
        tight = at(self._tokens, self._i - 1).end == token.start
        if not tight or following.kind not in ("op", "rel", "close", "open"):
            return False
        self._i += 1
        self._push(token, operand=True)
        return True

    def _after_dots(self, token: Token) -> bool:
        last = self._sides[-1].tokens[-1]
        if last.kind != "num" or "." not in last.text or last.end != token.start:
            return False
        return self._after_percent(token)

    def _after_frac(self, token: Token) -> bool:
        self._i += 1
        self._push(token, operand=False)
        return True

    _after_root = _after_frac
    _after_binom = _after_frac

    def _after_pi(self, token: Token) -> bool:
        return self._after_percent(token)

    def _after_num(self, token: Token) -> bool:
        """Two numbers side by side are one only as a mixed number: ``1 1/2``, ``2½``."""
        last = self._sides[-1].tokens[-1]
        slash, bottom = at(self._tokens, self._i + 1), at(self._tokens, self._i + 2)
        mixed = slash.text == "/" and bottom.kind == "num" and slash.end == bottom.start
        if last.kind != "num" or not (mixed or not token.text.isascii()):
            return False
        self._i += 1
        self._push(token, operand=True)
        return True

    def _after_unit(self, token: Token) -> bool:
        if any(word.lower() in STOPS for word in token.text.split()):
            return False
        self._absorb(self._i + 1)
        return True

    def _after_newline(self, token: Token) -> bool:
        """A chain goes on over a line break if the next line starts with a relation."""
        j = self._i
        while at(self._tokens, j).kind in ("newline", "delim") and j < self._i + _MAX_BLANK:
            j += 1
        if at(self._tokens, j).kind != "rel" or self._stack:
            return False
        sign, operand = relation(self._tokens, j) or ("", j + 1)
        if not starts_operand(self._tokens, operand):
            return False
        self._i = j
        return bool(sign)

    def _after_word(self, token: Token) -> bool:
        text = token.text.lower()
        operator = word_operator(self._tokens, self._i)
        if operator is not None:
            self._push(Token("op", operator[0], token.start, token.end), operand=False)
            self._i = operator[1]
        elif of_operator(self._tokens, self._i):
            self._i += 1
            self._push(Token("op", "*", token.start, token.end), operand=False)
        elif text in SCALES:
            self._i += 1
            self._push(Token("scale", str(SCALES[text]), token.start, token.end), operand=True)
        elif text == "percent":
            self._i += 1
            self._push(Token("percent", "%", token.start, token.end), operand=True)
        elif text in _POWERS:
            self._i += 1
            self._push(Token("sup", _POWERS[text], token.start, token.end), operand=True)
        elif self._product_of_letters(token):
            return False
        elif is_name(token.text) and self._glued(token):
            self._i += 1
            self._push(token, operand=True)
        else:
            return self._unit()
        return True

    def _product_of_letters(self, token: Token) -> bool:
        """Letters that touch a number and are no unit, as in ``4rz``."""
        touches = at(self._tokens, self._i - 1).end == token.start
        short = 1 < len(token.text) <= 3 and token.text.isalpha()
        return touches and short and unit_scale(token.text) is None

    def _glued(self, token: Token) -> bool:
        """A letter is a variable if it touches its number, as in ``2x``, or a formula goes on."""
        touches = at(self._tokens, self._i - 1).end == token.start
        last = self._sides[-1].tokens[-1]
        return touches or last.kind == "word"

    def _unit(self) -> bool:
        end = unit_end(self._tokens, self._i, len(self._stack))
        if end is None:
            return self._last_unit()
        self._absorb(end)
        return True

    def _last_unit(self) -> bool:
        """The unit behind the last number is noted, though prose may follow it."""
        token = at(self._tokens, self._i)
        rate = token.text == "/"
        word = at(self._tokens, self._i + rate)
        if word.kind != "word":
            return False
        if self._relations:
            self._sides[-1].units.add(word.text)
        if rate or unit_scale(word.text) is None or word.text.lower() in STOPS:
            return False
        self._absorb(self._i + 1)
        return True

    def _absorb(self, end: int) -> None:
        first = True
        for token in self._tokens[self._i : end]:
            if token.kind in ("word", "unit"):
                words = token.text.strip()
                if words:
                    self._sides[-1].units.add(words)
                    if first and token.text != "per":
                        self._push(Token("unit", words, token.start, token.end), operand=True)
                first = False
            elif token.text == "/":
                first = False
        last = at(self._tokens, end - 1)
        self._sides[-1].end = max(self._sides[-1].end, last.end)
        self._i = end


def find(tokens: Sequence[Token], names: frozenset[str] = frozenset()) -> list[Fragment]:
    """The chains of equations in a list of tokens.

    Args:
        tokens: As :func:`reasonscope.verify.arithmetic.tokens.scan` gives them.
        names: Words of several letters that are variables here.

    >>> from reasonscope.verify.arithmetic.tokens import scan
    >>> [fragment.relations for fragment in find(scan("so 3 * 4 = 12 eggs, and 12 + 1 is 13."))]
    [['='], ['=']]
    """
    return list(Finder(tokens, names).fragments())
