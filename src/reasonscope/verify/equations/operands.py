"""What may follow a number: words that are its unit, words that are operators.

Each function looks at a few tokens ahead and says where it stopped; none looks further than
a dozen, so that finding equations stays linear.
"""

from collections.abc import Sequence

from reasonscope.verify.arithmetic.tokens import Token
from reasonscope.verify.equations.sizes import unit_scale
from reasonscope.verify.equations.vocabulary import ABOUT, FILLERS, RELATION_WORDS, STOPS

END = Token("end", "", -1, -1)
_LONGEST_UNIT = 7
_STARTS = frozenset(("num", "frac", "root", "binom", "pi"))
_NEGATIONS = frozenset(("not", "isn't", "doesn't", "never"))


def at(tokens: Sequence[Token], i: int) -> Token:
    """The token at a place, or an end mark."""
    return tokens[i] if 0 <= i < len(tokens) else END


def skip_silent(tokens: Sequence[Token], i: int) -> int:
    """The next place that holds neither a formula's delimiter nor a currency sign."""
    while at(tokens, i).kind in ("delim", "currency"):
        i += 1
    return i


def starts_operand(tokens: Sequence[Token], i: int) -> bool:
    """Whether an operand can start here: a number, a bracket, a function, a lone letter."""
    i = skip_silent(tokens, i)
    token = at(tokens, i)
    if token.kind == "op" and token.text in "+-–":
        i = skip_silent(tokens, i + 1)
        token = at(tokens, i)
    if token.kind in _STARTS:
        return True
    if token.kind == "open":
        return at(tokens, i + 1).kind != "word" or is_name(at(tokens, i + 1).text)
    return token.kind == "word" and is_name(token.text)


def starts_number(tokens: Sequence[Token], i: int) -> bool:
    """Whether a number, perhaps with a sign or a currency, starts here."""
    i = skip_silent(tokens, i)
    if at(tokens, i).text == "-":
        i = skip_silent(tokens, i + 1)
    return at(tokens, i).kind in ("num", "frac")


def is_name(text: str) -> bool:
    """Whether a word looks like a variable: one letter, or letters with a subscript."""
    return (len(text) == 1 and text not in "I") or "_" in text


def word_operator(tokens: Sequence[Token], i: int) -> tuple[str, int] | None:
    """The operator that words spell here, and where its right side starts."""
    token = at(tokens, i)
    text = token.text.lower()
    if text in ("plus", "minus", "times", "x"):
        sign = {"plus": "+", "minus": "-"}.get(text, "*")
        before, after = at(tokens, i - 1), skip_silent(tokens, i + 1)
        number = at(tokens, after).kind in ("num", "frac", "root")
        aside = at(tokens, after + 1).kind == "num" and at(tokens, after + 2).kind == "close"
        spaced = token.start > before.end and at(tokens, after).kind == "open" and not aside
        minus = text != "x" and starts_number(tokens, i + 1)
        return (
            (sign, i + 1)
            if number or minus or (spaced and token.end < at(tokens, after).start)
            else None
        )
    if text in ("multiplied", "divided") and at(tokens, i + 1).text == "by":
        return ("*" if text[0] == "m" else "/", i + 2) if starts_operand(tokens, i + 2) else None
    return None


def of_operator(tokens: Sequence[Token], i: int) -> bool:
    """Whether "of" multiplies here: behind a percentage or a fraction, before a number."""
    if at(tokens, i).text != "of" or not starts_number(tokens, i + 1):
        return False
    j = i - 1
    while at(tokens, j).kind == "delim":
        j -= 1
    before = at(tokens, j)
    plain = (
        before.kind == "num" and at(tokens, j - 1).text == "/" and at(tokens, j - 2).kind == "num"
    )
    return before.kind in ("percent", "close") or before.text in ("percent", "½", "¼", "¾") or plain


def relation(tokens: Sequence[Token], i: int) -> tuple[str, int] | None:
    """The relation that stands here, in signs or words, and where its right side starts."""
    token = at(tokens, i)
    if token.kind == "rel":
        return _sign_relation(tokens, i)
    if token.kind != "word" or token.text.lower() not in RELATION_WORDS | _NEGATIONS | {"does"}:
        return None
    sign, j = "=", i
    for _ in range(7):
        j = skip_silent(tokens, j)
        text = at(tokens, j).text.lower()
        if starts_number(tokens, j):
            return (sign, j) if j > i else None
        if text in _NEGATIONS:
            sign = "≠"
        elif text in ABOUT:
            sign = "≈"
        elif text not in RELATION_WORDS and text not in FILLERS and text != "does":
            return None
        j += 1
    return None


def _sign_relation(tokens: Sequence[Token], i: int) -> tuple[str, int]:
    sign, j = at(tokens, i).text, i + 1
    for _ in range(5):
        token = at(tokens, j)
        if token.text == "≈" or token.text.lower() in ABOUT:
            sign = "≈" if sign == "=" else sign
        elif not _filler(tokens, j):
            break
        j += 1
    return sign, j


def _filler(tokens: Sequence[Token], j: int) -> bool:
    """Words between a relation and its number, such as "a total of"."""
    text = at(tokens, j).text
    if text in ("a", "an"):
        return at(tokens, j + 1).text == "total"
    return text in FILLERS and not starts_operand(tokens, j)


def unit_end(tokens: Sequence[Token], i: int, depth: int) -> int | None:
    """Where the words of a unit end, if they stand between a number and what needs it.

    ``3 sprints/session * ...``: the words are a unit, since an operator follows. Words that run
    into prose are none; the expression has ended before them.
    """
    j = i
    if at(tokens, j).text == "-" and _hyphen(tokens, j):
        j += 1
    for _ in range(_LONGEST_UNIT):
        token = at(tokens, j)
        if token.kind == "word":
            if j > i and (
                word_operator(tokens, j) or of_operator(tokens, j) or relation(tokens, j)
            ):
                return j
            if token.text.lower() in STOPS and not _times_as_unit(tokens, j):
                return None
            if is_name(token.text) and not _known_letter(token.text):
                return None
        elif token.text == "^" and j > i and at(tokens, j + 1).kind == "num":
            j += 1
        elif not _joins_units(tokens, j):
            return j if j > i and _needs_number(tokens, j, depth) else None
        j += 1
    return None


def _joins_units(tokens: Sequence[Token], j: int) -> bool:
    token = at(tokens, j)
    if token.text == "/":
        return per_unit(tokens, j)
    return token.kind in ("unit", "sup") or (token.text == "-" and _hyphen(tokens, j))


def per_unit(tokens: Sequence[Token], j: int) -> bool:
    """Whether a slash is followed by a unit, as in ``60 meters/sprint``."""
    after = at(tokens, j + 1)
    if after.kind == "word":
        return not is_name(after.text) or _known_letter(after.text)
    return after.kind == "unit"


def _known_letter(text: str) -> bool:
    return text == "a" or unit_scale(text) is not None


def _times_as_unit(tokens: Sequence[Token], j: int) -> bool:
    return at(tokens, j).text == "times" and not starts_operand(tokens, j + 1)


def _hyphen(tokens: Sequence[Token], j: int) -> bool:
    before, token, after = at(tokens, j - 1), at(tokens, j), at(tokens, j + 1)
    glued = before.end == token.start and token.end == after.start
    return after.kind == "word" and glued and after.text.islower() and len(after.text) > 1


def _needs_number(tokens: Sequence[Token], j: int, depth: int) -> bool:
    token = at(tokens, j)
    if token.kind == "op" and token.text != "^":
        return starts_operand(tokens, j + 1)
    if token.kind == "rel":
        return starts_operand(tokens, _sign_relation(tokens, j)[1])
    return token.kind == "close" and depth > 0


def aside_end(tokens: Sequence[Token], i: int) -> int | None:
    """Where a remark of words in brackets ends, such as ``(apples)``; None: it is no remark."""
    if at(tokens, i - 1).end == at(tokens, i).start:
        return None
    for j in range(i + 1, i + 8):
        kind = at(tokens, j).kind
        if kind == "close":
            return j + 1 if j > i + 1 else None
        if kind not in ("word", "unit") and at(tokens, j).text != "/":
            return None
        if at(tokens, j).text.lower() in STOPS or (j == i + 1 and is_name(at(tokens, j).text)):
            return None
    return None
