"""Doubts at the edges: what stands before and behind an equation may belong to it."""

import re

from reasonscope.verify.arithmetic.tokens import Token
from reasonscope.verify.equations.scene import Scene
from reasonscope.verify.equations.sizes import unit_scale
from reasonscope.verify.equations.vocabulary import (
    CLEAR_OF,
    HYPOTHETICAL,
    STOPS,
    UNSAFE_AFTER,
    UNSAFE_BEFORE,
)

_UNSAFE_KINDS = frozenset(
    ("num", "opaque", "command", "dots", "other", "op", "close", "unit", "bang", "percent", "sup",
     "frac", "root", "binom", "pi", "rel")
)  # fmt: skip
_AFTER_KINDS = frozenset(
    ("num", "bang", "opaque", "command", "op", "open", "other", "percent", "sup", "frac", "root",
     "binom", "pi", "rel")
)  # fmt: skip
_CLEAR = frozenset(("newline", "end", "gap", "punct", "question", "arrow", "bar"))
_REMAINDER = re.compile(
    r"[\s,;(]{0,3}(?:and |with )?(?:a |an )?"
    r"(?:remainder|remaining|rem\b|left|[rR]\b|[rR](?=\d)|leftover)"
)
_OPERATOR_AND_WORDS = re.compile(r"[-+*×·/÷](?:\s?[A-Za-z']{1,15}){1,4}\s?[$(]?$")
_OTHER_SUM = re.compile(r"\d\s?[+*×·/÷-]\s?\$?\d[^,;:.=\n]*$")
_OPERATOR = re.compile(r"[-+*×·/÷]\s?\$?$")
_OPENS = frozenset(' \t\r\n\u00a0([{$*"“‘`:=;>|,.\\!?_~')
_CLEAR_SIGNS = frozenset(("newline", "delim", "arrow", "currency", "bar", "mark", "space"))
_LISTED = re.compile(r",\s?000|,\d|,\s\d{3}(?![\d.])(?!\s?[-+*/×=])")
_SPLIT_NUMBER = re.compile(r"\d,\s?\$?$|[\w²³)}\]],\$?$|[-+*/=(]\s?\$?\s?\.\s?$")
_GOES_ON = re.compile(
    r"(?:\.\()|(?:\s{0,2}[A-Za-z'/%]{1,15}){0,3}\s?"
    r"(?:\band\s+(?:an?\s+)?[\d($½¼¾⅓⅔\\]|\band\s+a\s+(?:half|quarter|third)"
    r"|[+*×·÷/^]\s?[\w$(\\])"
)
_ALL_OVER = re.compile(r"\s?,?\s?(?:all |everything )?(?:over|divided by)\b")
_BROKEN_OFF = re.compile(r"\s?[=≈]\s?(?:wait|hmm)\b", re.IGNORECASE)
_AFTER_NUMBER = re.compile(r"\d and$")


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
    if scene.start and scene.text[scene.start - 1] not in _OPENS and token.kind not in _CLEAR_SIGNS:
        return "what touches its left side may belong to it"
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
    if scene.left.signs == 0:
        return "it may set up what is known about a number"
    lead = scene.text[max(0, scene.start - 80) : scene.start]
    if _OPERATOR_AND_WORDS.search(lead) or _OTHER_SUM.search(lead):
        return "its left side may begin further left"
    if scene.fragment.in_words[0] and abs(scene.a.value) < 1 and scene.left.signs == 1:
        return "its left side may be a share of something"
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
        or _AFTER_NUMBER.search(" ".join([*lead[-1:], word]))
        or (len(word) == 1 and word not in "ai")
    ):
        return f"the word '{token.text}' before it may change its left side"
    if word in HYPOTHETICAL or (lead and lead[-1] in HYPOTHETICAL):
        return "it is stated as a condition"
    return None


def after(scene: Scene) -> str | None:
    """What stands behind may belong to the expression."""
    if any(side.tokens for side in scene.fragment.sides[scene.link + 2 :]):
        return None
    token = scene.fragment.after
    behind = scene.text[scene.end : scene.end + 60]
    if _REMAINDER.match(behind):
        return "a remainder follows"
    if _LISTED.match(behind):
        return "a list or a split number follows"
    if _ALL_OVER.match(behind):
        return "its right side may be the top of a fraction"
    if _BROKEN_OFF.match(behind):
        return "the calculation is broken off behind it"
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
