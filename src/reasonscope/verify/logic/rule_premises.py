"""Reads a problem of facts and rules: its premises, and the statement that it asks about."""

import re
from dataclasses import dataclass
from functools import lru_cache

from reasonscope.verify.logic.rule_language import Literal, Rule, RuleWords, constants_of

MAX_QUESTION = 12_000
MAX_RULES = 120
MAX_CONSTANTS = 24

_ASKS = re.compile(
    r"\b(?:true or false|true, false,? or (?:unknown|uncertain))\b"
    r"\s*[?:]*\s*(?P<what>[^\n?]{0,300})",
    re.IGNORECASE,
)
_OPTION = re.compile(r"^[ \t]*\(?([A-Z])[).][ \t]*(true|false|unknown|uncertain)\b", re.I | re.M)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


@dataclass(frozen=True)
class RuleProblem:
    """A problem of facts and rules as read."""

    words: RuleWords
    premises: tuple[Rule, ...]
    texts: tuple[str, ...]
    """The sentence of each premise."""
    asked: Literal | None
    """The statement that the question asks about."""
    options: tuple[tuple[str, str], ...]
    """Letter and ``true``/``false``/``unknown`` of each option, in lower case."""
    complete: bool
    """Every sentence before the question could be read."""


def looks_like_rules(question: str) -> bool:
    """Whether a question asks for the truth of a statement; cheap."""
    if len(question) > MAX_QUESTION:
        return False
    return "true or false" in question or "true, false" in question


@lru_cache(maxsize=512)
def read_rules(question: str) -> RuleProblem | None:
    """The facts and rules that a question states; None where it states none."""
    if len(question) > MAX_QUESTION:
        return None
    asks = _ASKS.search(question)
    if asks is None:
        return None
    stem_end = question.rfind("\n", 0, asks.start()) + 1
    last_stop = max(question.rfind(". ", 0, asks.start()) + 1, stem_end)
    body = question[:last_stop]
    words = RuleWords.of(constants_of(f"{body}\n{asks['what']}"))
    sentences = [s.strip().lstrip("-*• ") for s in _SENTENCE.split(body) if s.strip()]
    if not sentences or len(sentences) > MAX_RULES or len(words.constants) > MAX_CONSTANTS:
        return None
    read = [(words.rule(sentence), sentence) for sentence in sentences]
    known = [(rule, sentence) for rule, sentence in read if rule is not None]
    if len(known) < 2:
        return None
    asked = words.rule(asks["what"])
    return RuleProblem(
        words=words,
        premises=tuple(rule for rule, _ in known),
        texts=tuple(sentence for _, sentence in known),
        asked=asked.head[0] if asked and not asked.body and len(asked.head) == 1 else None,
        options=tuple((a.lower(), b.lower()) for a, b in _OPTION.findall(question)),
        complete=len(known) == len(read),
    )
