"""Reads the words of an order problem: things, places, comparisons, directions.

A sentence is rewritten as a short canonical string, in which templates can be matched without
knowing the problem: ``T3`` is a thing, ``P2`` a place counted from the start, ``Q2`` a bare
ordinal whose direction the text must give, ``LT``/``GT`` "is nearer to the start/end than",
``ADJ`` directly, ``DF``/``DR`` a direction header, ``K`` the kind of thing ("birds").
"""

import re
from dataclasses import dataclass, field
from functools import cached_property

from reasonscope.verify.logic.axes import Axis

ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth",
    "tenth", "eleventh", "twelfth",
)  # fmt: skip
NUMBERS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12,
}  # fmt: skip
MAX_THINGS = 12
"""More things than this are not read: the solver's work must stay small."""

_ORDINAL = rf"(?:{'|'.join(ORDINALS)}|\d{{1,2}}(?:st|nd|rd|th))"
_PLACE_NOUN = r"(?: (?:position|place|spot|slot|one|person|K))?"


def ordinal_value(word: str) -> int:
    """The number of an ordinal word.

    >>> ordinal_value("third"), ordinal_value("11th")
    (3, 11)
    """
    return ORDINALS.index(word) + 1 if word in ORDINALS else int(word[:-2])


def ordinal_word(number: int) -> str:
    """The word of a small number.

    >>> ordinal_word(3), ordinal_word(40)
    ('third', '40th')
    """
    return ORDINALS[number - 1] if 1 <= number <= len(ORDINALS) else f"{number}th"


def _any_of(phrases: tuple[str, ...]) -> str:
    longest_first = sorted(phrases, key=len, reverse=True)
    return "|".join(re.escape(phrase) for phrase in longest_first) or r"(?!)"


def _aliases(names: tuple[str, ...]) -> dict[str, int]:
    """Every way to write each thing, without those that two things share."""
    heads = {name.split()[-1] for name in names}
    found: dict[str, int | None] = {}
    for index, name in enumerate(names):
        ways = {name}
        if len(heads) == 1 and " " in name:
            ways.add(name.rsplit(" ", 1)[0])
        ways |= {name[:-1]} if name.endswith("s") and len(name) > 3 else {name + "s"}
        if name.endswith(("oes", "ches")):
            ways.add(name[:-2])
        for way in ways:
            found[way] = index if found.get(way, index) == index else None
    return {way: index for way, index in found.items() if index is not None}


@dataclass(frozen=True)
class Lexicon:
    """The words of one problem: its things, its axis, and the noun for its kind of thing."""

    names: tuple[str, ...]
    """The things, in lower case, without article."""
    axis: Axis
    kind: str = ""
    """Singular noun for the things, such as ``bird``; empty: unknown."""
    _memo: dict[str, str] = field(default_factory=dict, compare=False, repr=False)

    @property
    def size(self) -> int:
        """How many things, and so places, there are."""
        return len(self.names)

    @property
    def relation_name(self) -> str:
        """The phrase for "nearer to the start than", such as ``left of``."""
        return self.axis.nearer_start[0]

    def place_name(self, place: int) -> str:
        """A place in the words of the axis, such as ``the second from the left``."""
        start = (*self.axis.start, *self.axis.start_names)[0]
        if self.axis.counted:
            return ordinal_word(place)
        if place == 1:
            return f"the {start}"
        if self.axis.name == "space":
            return f"the {ordinal_word(place)} from the left"
        return f"the {ordinal_word(place)}-{start}"

    @cached_property
    def _alias(self) -> dict[str, int]:
        ways = _aliases(self.names)
        return {self._kind_pattern.sub("K", way): index for way, index in ways.items()}

    @cached_property
    def _kind_pattern(self) -> re.Pattern[str]:
        kinds = [re.escape(self.kind) + "s?"] if self.kind else []
        return re.compile(rf"\b(?:{'|'.join([*kinds, 'objects?', 'items?'])})\b")

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        axis, article = self.axis, r"(?:\b(?:the|an?) )?"
        sides = (*axis.start, *axis.end, *axis.start_names, *axis.end_names)
        name = rf"(?:the )?(?:{_any_of(sides)})(?: (?:expensive|beautiful|beautifully|hungry))?"
        start, end = _any_of(axis.start), _any_of(axis.end)
        sups = f"{start}|{end}"
        near = _any_of((*axis.start_names, *axis.end_names))
        compare = _any_of((*axis.nearer_start, *axis.nearer_end))
        return re.compile(
            rf"(?P<direction>\bfrom {name} to {name})(?![\w])"
            rf"|(?P<directly>\b(?:directly|immediately|just)\b)"
            rf"|{article}(?P<compare>\b(?:to the |on the )?(?:{compare}))\b"
            rf"|{article}\b(?P<tolast>{_ORDINAL})[ -]to[ -]last\b{_PLACE_NOUN}"
            rf"|{article}\b(?P<fromside>{_ORDINAL}){_PLACE_NOUN} from (?:the )?(?P<side>{near})\b"
            rf"{_PLACE_NOUN}"
            rf"|{article}\b(?P<nth>{_ORDINAL})[ -](?:the )?(?P<nthside>{sups})\b{_PLACE_NOUN}"
            rf"|{article}\b(?P<sup>{sups})\b{_PLACE_NOUN}"
            rf"|{article}\b(?P<last>last)\b{_PLACE_NOUN}"
            rf"|{article}\b(?P<ordinal>{_ORDINAL})\b{_PLACE_NOUN}"
            rf"|{article}\b(?P<thing>{_any_of(tuple(self._alias))})\b"
        )

    def _from_end(self, phrase: str) -> bool:
        return phrase in self.axis.end or phrase in self.axis.end_names

    def _direction(self, phrase: str) -> str:
        first = phrase.removeprefix("from ").split(" to ", 1)[0].removeprefix("the ")
        return "DR" if self._from_end(first) else "DF"

    def _place(self, match: re.Match[str]) -> str | None:
        if match["tolast"]:
            return f"P{self.size + 1 - ordinal_value(match['tolast'])}"
        if match["sup"]:
            return f"P{self.size if self._from_end(match['sup']) else 1}"
        if match["last"]:
            return f"P{self.size}" if self.axis.counted else "QL"
        for number, side in (("fromside", "side"), ("nth", "nthside")):
            if match[number]:
                value = ordinal_value(match[number])
                return f"P{self.size + 1 - value if self._from_end(match[side]) else value}"
        return None

    def _token(self, match: re.Match[str]) -> str:
        if match["thing"]:
            return f"T{self._alias[match['thing']]}"
        if match["ordinal"]:
            return f"Q{ordinal_value(match['ordinal'])}"
        if match["direction"]:
            return self._direction(match["direction"])
        if match["directly"]:
            return "ADJ"
        if match["compare"]:
            phrase = re.sub(r"^(?:to|on) the ", "", match["compare"])
            return "GT" if phrase in self.axis.nearer_end else "LT"
        return self._place(match) or match[0]

    def canonical(self, sentence: str) -> str:
        """The sentence in lower case with its meaningful phrases as tokens.

        >>> from reasonscope.verify.logic.axes import AXES
        >>> words = Lexicon(("blue jay", "crow", "owl"), AXES[0], "bird")
        >>> words.canonical("The crow is the second from the right, so the owl isn't the leftmost.")
        "T1 is P2, so T2 isn't P1."
        """
        plain = re.sub(r"\s+", " ", sentence.lower().replace("’", "'").replace("*", ""))
        return self._pattern.sub(self._token, self._kind_pattern.sub("K", plain)).strip()
