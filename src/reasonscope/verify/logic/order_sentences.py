"""Reads a sentence of a trace into statements about an order.

Only sentences that fit a template whole are read; everything else says nothing here. What is
supposed, asked or offered as an option is not a statement.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

from reasonscope.verify.logic.order_claims import Before, Claim, LeftOpen, Placed, Statement, at
from reasonscope.verify.logic.order_language import Lexicon

MAX_SENTENCE = 2_000
"""Characters of a sentence that are looked at; a longer one is not read."""

_P, _T = r"P-?\d+", r"T\d+"
_JOIN = r"(?:, and |, or |, | and | or )"
_PLACES = rf"{_P}(?:(?:{_JOIN}| to | through |-){_P})*"
_THINGS = rf"{_T}(?:{_JOIN}{_T})*"
_MUST = (
    r"(?:is|are|was|were|'s|must be|must have been|has to be|have to be|should be|will be|finished"
    r"|must have finished|must finish|has to finish|finishes|came|comes|ends up|goes|is placed"
    r"|sits|is put)(?: (?:in|at|on|as|therefore|thus|then|also|either|actually|always))*"
)
_CAN = r"(?:can be|could be|may be|can finish|could finish|can go|can only be)"
_NOT = (
    r"(?:is not|are not|isn't|aren't|was not|were not|cannot be|can not be|can't be|must not be"
    r"|did not finish|didn't finish|cannot finish|can't finish|cannot have finished"
    r"|could not have finished|couldn't be|could not be)(?: (?:in|at|on))?"
)
_OPEN = (
    r"(?:(?:either )?any(?:one| of the remaining)?(?: (?:other )?K)?|an? unknown(?: K)?"
    r"|unknown(?: K)?|unknown)"
)
_VERB_BEFORE_RELATION = (
    r"(?:(?:is|are|was|were|must be|has to be|finished|must have finished|sings|does|do|came"
    r"|should be|must|costs?|also)(?: also)? )?"
)

_ITEM = re.compile(
    rf"(?P<places>{_PLACES}) (?:(?P<must>{_MUST})|(?P<can>{_CAN})) "
    rf"(?:either )?(?:(?P<open>{_OPEN})"
    rf"|(?P<not>not )?(?P<things>{_THINGS})(?P<orany> or any K)?)(?!\w)"
)
_RELATION = re.compile(
    rf"(?P<left>{_T}(?:(?:, and |, | and ){_T})*) {_VERB_BEFORE_RELATION}(?P<not>not )?"
    rf"(?P<adj>ADJ )?(?P<way>LT|GT) (?P<right>{_T}(?:(?:, and |, | and ){_T})*)"
)
_THING_AT = re.compile(
    rf"(?P<things>{_T}(?: and {_T})*) (?:(?P<must>{_MUST})|(?P<not>{_NOT})) (?:either )?"
    rf"(?P<places>{_PLACES})(?P<bound> or (?:higher|lower|better|worse|above|below))?(?: K)?"
)
_AT_THING = re.compile(
    rf"(?P<place>{_P})(?: K)? (?:(?P<must>{_MUST})|(?P<not>{_NOT})) (?P<things>{_THINGS})"
)
_ONLY = re.compile(
    rf"(?:(?:the )?only (?:remaining )?K (?:that|who|which) (?:can|could) (?:be|finish)(?: in)? "
    rf"(?P<place1>{_P}) is (?P<thing1>{_T})"
    rf"|(?P<thing2>{_T}) (?:is|are) the only K (?:that|who|which) (?:can|could) (?:be|finish)"
    rf"(?: in)? (?P<place2>{_P}))"
)
_CHAIN = re.compile(rf"{_T}(?: ?[<>] ?{_T})+")
_ANSWER = re.compile(r"(?:so )?(?:the )?(?:correct |final )?answer is:? ?\(?(?P<letter>[a-z])\)?")
_TOKEN = re.compile(r"[PT]-?\d+")
_LEAD = re.compile(
    r"(?:(?:so|then|therefore|thus|hence|and|but|also|now|finally|this means(?: that)?|that means"
    r"(?: that)?|we (?:previously|also|now|already)? ?(?:concluded|know|found)(?: that)?"
    r"|we (?:can )?(?:conclude|see|deduce)(?: that)?|by process of elimination|because|since"
    r"|according to (?:this|the) (?:ordering|order)|given that|it follows that"
    r"|this tells us(?: that)?"
    r"|statement \d+:?|clue \d+:?|from (?:statement|clue) \d+:?|\d+[.)]|[-•])(?:,|:)? ?)*"
)
_AND = re.compile(rf",? and (?=T\d+ (?:{_MUST}|{_NOT}|LT|GT) )")
_SUBJECT = re.compile(rf"(?:{_LEAD.pattern})({_T}) ")
_PRONOUN = re.compile(r"^(?:it|they|he|she) ")
_SPLIT = re.compile(r",? so (?:that )?|, which means (?:that )?|, but |; ")
_HYPOTHETICAL = re.compile(
    r"\b(?:if|suppose|supposing|assume|assuming|say|maybe|perhaps|might|would|wouldn't|option|"
    r"possible|possibly|possibility|possibilities|imagine|example|e\.g|try|trying|unless|whether|"
    r"either way|scenario|case|contradict\w*|incorrect|wrong|false|not sure|wait|doesn't|"
    r"alternatively|claims?|hmm|choice|could|impossible|let's|let me|or)\b|\?"
)
_PROTOCOL_HYPOTHETICAL = re.compile(
    r"\b(?:if|suppose|supposing|assume|assuming|maybe|perhaps|might|would|option)\b|\?"
)


@dataclass(frozen=True, slots=True)
class Said:
    """One statement that a sentence makes."""

    statement: Statement
    listed: bool = False
    """It is an entry of a listed arrangement ("first is A, then second is B")."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """What was read in a sentence."""

    said: tuple[Said, ...]
    reverse: bool | None
    """The direction that holds after it: True where lists run from the end of the axis."""
    letter: str | None = None
    """The option that it gives as the answer."""


def _numbers(text: str) -> list[int]:
    return [int(token[1:]) for token in _TOKEN.findall(text)]


def _places(text: str) -> frozenset[int]:
    """The places of a list, with ranges filled in."""
    places: set[int] = set()
    for part in re.split(_JOIN, text):
        ends = _numbers(part)
        if len(ends) == 2 and abs(ends[0] - ends[1]) <= 20:
            places.update(range(min(ends), max(ends) + 1))
        else:
            places.update(ends)
    return frozenset(places)


def resolve_ordinals(canonical: str, words: Lexicon, reverse: bool | None) -> str:
    """The canonical text with bare ordinals as places, where the direction is known."""
    if reverse is None:
        if not words.axis.counted and words.axis.name != "space":
            return canonical
        reverse = False

    def place(match: re.Match[str]) -> str:
        count = words.size if match[1] == "L" else int(match[1])
        return f"P{words.size + 1 - count if reverse else count}"

    return re.sub(r"Q(\d+|L)", place, canonical)


def _entry(match: re.Match[str], words: Lexicon) -> list[Said]:
    places = _places(match["places"])
    if match["open"] or match["orany"]:
        anything = bool(match["open"]) and " any" in f" {match['open']}"
        return [Said(LeftOpen(places, anything), listed=True)]
    things = _numbers(match["things"])
    if match["not"]:
        return [Said(Placed(frozenset((t, p) for t in things for p in places), holds=False), True)]
    if len(places) > 1 and len(things) == len(places) and " or " not in match["places"]:
        return [Said(Placed(frozenset((t, p) for p in places)), True) for t in things]
    if len(places) > 1 and len(things) == 1 and " or " not in match["places"]:
        return [Said(at(things[0], p), listed=True) for p in sorted(places)]
    return [Said(Placed(frozenset((t, p) for t in things for p in places)), listed=True)]


def _thing_at(match: re.Match[str], words: Lexicon) -> list[Claim]:
    places = _places(match["places"])
    bound = match["bound"]
    if bound:
        up = bound.split()[-1] in ("higher", "better", "above")
        edge = next(iter(places))
        places = frozenset(range(1, edge + 1) if up else range(edge, words.size + 1))
    things = _numbers(match["things"])
    return [Placed(frozenset((t, p) for p in places), holds=not match["not"]) for t in things]


def _relation(match: re.Match[str]) -> list[Claim]:
    forward = (match["way"] == "LT") != bool(match["not"])
    if match["not"] and match["adj"]:
        return []
    pairs = [(a, b) for a in _numbers(match["left"]) for b in _numbers(match["right"])]
    adjacent = bool(match["adj"])
    return [Before(a, b, adjacent) if forward else Before(b, a, adjacent) for a, b in pairs]


def _at_thing(match: re.Match[str]) -> list[Claim]:
    place, things = int(match["place"][1:]), _numbers(match["things"])
    return [Placed(frozenset((t, place) for t in things), holds=not match["not"])]


def _chain(text: str, words: Lexicon) -> list[Claim]:
    signs = re.findall(r"[<>]", text)
    if words.axis.greater is None or len(set(signs)) != 1:
        return []
    things = _numbers(text)
    if len(set(things)) != len(things):
        return []
    if (signs[0] == ">") != (words.axis.greater == "start"):
        things.reverse()
    return [Before(a, b) for a, b in pairwise(things)]


def _clause(clause: str, words: Lexicon) -> list[Claim]:
    text = clause.strip(" .,!:")
    text = text[_LEAD.match(text).end() :].strip(" ,:")  # type: ignore[union-attr]
    if match := _RELATION.fullmatch(text):
        return _relation(match)
    if match := _THING_AT.fullmatch(text):
        return _thing_at(match, words)
    if match := _AT_THING.fullmatch(text):
        return _at_thing(match)
    if match := _ONLY.fullmatch(text):
        place, thing = match["place1"] or match["place2"], match["thing1"] or match["thing2"]
        return [at(int(thing[1:]), int(place[1:]))]
    return _chain(text, words) if _CHAIN.fullmatch(text) else []


def _clauses(clause: str, words: Lexicon) -> list[Claim]:
    """The claims of a clause, or, where it cannot be read whole, of its halves round "and"."""
    whole = _clause(clause, words)
    return whole or [claim for half in _AND.split(clause) for claim in _clause(half, words)]


def _with_subject(clauses: list[str]) -> list[str]:
    """Clauses with a leading pronoun replaced by the thing that the clause before began with."""
    subject, out = None, []
    for clause in clauses:
        if subject is not None:
            clause = _PRONOUN.sub(f"{subject} ", clause)
        found = _SUBJECT.match(clause)
        subject = found[1] if found else None
        out.append(clause)
    return out


def read_sentence(
    sentence: str, words: Lexicon, reverse: bool | None = None, *, strict: bool = True
) -> Sentence:
    """The statements of a sentence; ``strict`` reads nothing that is hedged in any way."""
    if len(sentence) > MAX_SENTENCE:
        return Sentence((), reverse)
    text = words.canonical(sentence)
    header = re.search(r"\b(DF|DR)\b:?", text)
    if header:
        reverse = header[1] == "DR"
    text = resolve_ordinals(text, words, reverse)
    hedged = _HYPOTHETICAL if strict else _PROTOCOL_HYPOTHETICAL
    answer = _ANSWER.search(text)
    if hedged.search(text):
        return Sentence((), reverse)
    if header:
        said = [s for m in _ITEM.finditer(text, header.end()) for s in _entry(m, words)]
    else:
        clauses = _with_subject(_SPLIT.split(text))
        said = [Said(claim) for clause in clauses for claim in _clauses(clause, words)]
    return Sentence(tuple(said), reverse, answer["letter"] if answer else None)
