"""What a step mentions that another may use: values, words, symbols; one bounded pass."""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

CHARACTERS = 1_500
"""A longer step is read at its start and at its end, so many characters each."""
VALUES, WORDS = 24, 60
"""Most different values and words that are read of one step."""
SHARED, SHARED_WEIGHT = 2, 1.0
"""Fewest words and values that alike steps share, and least rarity of all of them together."""

_PIECE = re.compile(
    r"(\d{1,3}(?:,\d{3}){1,9}(?:\.\d{1,20})?|\d{1,30}(?:\.\d{1,20})?)"
    r"|([^\W\d_]{1,30}(?:['’][a-z]{1,2})?)|([=≈])|([+*/×÷^−-])|\\[A-Za-z]{1,20}"
)
SHORTEST = 30
"""A shorter trace is taken to have so many steps: in few steps nothing would be rare."""


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_MAKES = _words("is equals equal gives give get gets becomes makes are leaves approx")
_LETS = _words("let let's call denote define")
_PLAIN = _words(
    "the an of to in on for and or is are was be been it its this that these those we you they he "
    "she so if then than as at by with from have has had do does did doe not no can could would "
    "should will let me my our don isn ll ve re but just also there here which what when how all "
    "each one some more now okay ok yes hmm wait right think maybe really because about into out "
    "up get got make sure see say need like very any only same too other them their two where "
    "therefore thus since first next actually again equal equals give gives getting "
    "mean means well i a us per say said problem question being both after before while still "
    "thing way"
)


@dataclass(frozen=True, slots=True)
class Mentions:
    """What one step says that another may use."""

    values: tuple[str, ...]
    """Different numbers in order of first mention, without commas and final zeros."""
    made: frozenset[str]
    """Those that stand right of an equals sign or of a word such as "gives", before no operator."""
    results: frozenset[str]
    """Those that the step itself works out, as 12 in "3 * 4 = 12", and has not named before."""
    words: frozenset[str]
    """Content words in lower case, without a final s."""
    symbols: frozenset[str]
    """Single letters that stand for something."""
    defined: frozenset[str]
    """Those that the step gives a meaning: ``x =``, ``let x be``."""


def read(text: str) -> Mentions:
    """The mentions of one step.

    >>> found = read("Let x be the price. So, 1,200 * 3 = 3600.0")
    >>> found.values, sorted(found.made), sorted(found.defined)
    (('1200', '3', '3600'), ['3600'], ['x'])
    """
    values: dict[str, None] = {}
    made: set[str] = set()
    results: set[str] = set()
    words: dict[str, None] = {}
    symbols: dict[str, bool] = {}
    asks = text.rstrip().endswith("?")  # "is it 12?" computes nothing
    after = let = worked = False
    equals = False
    symbol = fresh = ""  # the piece before, where it is a symbol, or a value just made
    for number, word, sign, operator in _PIECE.findall(_bounded(text)):
        if word:
            lower = word.lower()
            after = lower in _MAKES and not asks
            symbol = word if len(word) == 1 and word not in "aIs" else ""
            if symbol:
                symbols[word] = symbols.get(word, False) or let
            elif lower not in _PLAIN and len(lower) > 2 and "'" not in lower and "’" not in lower:
                words[lower[:-1] if lower[-1] == "s" and len(lower) > 3 else lower] = None
            let = lower in _LETS or (let and lower == "us")
            fresh = ""
        elif number:
            value = plain_number(number)
            if worked and equals and value not in values:
                results.add(value)
            values[value] = None
            fresh = value if after and value not in made else ""
            if after:
                made.add(value)
            after, symbol = False, ""
        elif sign:
            if symbol:
                symbols[symbol] = True
            after, symbol, fresh = True, "", ""
        elif operator:
            made.discard(fresh)  # "= 12" of "= 12 + 5" is no result
            results.discard(fresh)
            after, worked = False, True
        equals = bool(sign)
    kept = tuple(values)[:VALUES]
    return Mentions(
        values=kept,
        made=frozenset(made.intersection(kept)),
        results=frozenset(results.intersection(kept)),
        words=frozenset(tuple(words)[:WORDS]),
        symbols=frozenset(symbols),
        defined=frozenset(name for name, given in symbols.items() if given),
    )


def _bounded(text: str) -> str:
    if len(text) <= 2 * CHARACTERS:
        return text
    return f"{text[:CHARACTERS]} {text[-CHARACTERS:]}"


def plain_number(text: str) -> str:
    """A number without commas, leading zeros, and final zeros behind the point.

    >>> plain_number("1,200.50"), plain_number("007"), plain_number("3.0")
    ('1200.5', '7', '3')
    """
    if text.isdigit() and text[0] != "0":
        return text
    whole, point, part = text.replace(",", "").partition(".")
    part = part.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{part}" if point and part else "")


def rarities(told: Sequence[Mentions]) -> dict[str, float]:
    """How much each word and value says, from 0 (in every step, or a small number) to 1.

    One minus the log of its number of steps over the log of all steps, of which ``SHORTEST`` are
    assumed at least; numbers of one digit count a quarter, of two digits .6, since they are
    everywhere.
    """
    seen: Counter[str] = Counter()
    for said in told:
        seen.update(said.words)
        seen.update(said.values)
    whole = math.log(max(len(told), SHORTEST) + 1)
    return {one: (1 - math.log(count) / whole) * _size(one) for one, count in seen.items()}


def _size(one: str) -> float:
    if not one[0].isdigit() or len(one) >= 3:
        return 1.0
    return 0.6 if len(one) == 2 else 0.25


def likeness(one: Mentions, other: Mentions, rarity: Mapping[str, float]) -> float:
    """What share of the words and values of the longer step both have, the rarer counting more.

    Two steps that share fewer than ``SHARED`` of them, or only frequent ones, are not alike: 0.
    """
    common = [*(one.words & other.words), *(v for v in one.values if v in other.values)]
    weight = sum(rarity[each] for each in common)
    if len(common) < SHARED or weight < SHARED_WEIGHT:
        return 0.0
    return weight / max(_mass(one, rarity), _mass(other, rarity))


def _mass(said: Mentions, rarity: Mapping[str, float]) -> float:
    return sum(rarity[w] for w in said.words) + sum(rarity[v] for v in said.values)
