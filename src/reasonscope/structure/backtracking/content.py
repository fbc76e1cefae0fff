"""What a step is about: its words and values, and which earlier steps share them.

Rare words and values of a trace weigh most. One index serves a whole trace: looking up a text
reads only the steps that share one of its rarest tokens, at most :data:`POSTINGS` of each.
"""

import math
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from reasonscope.traces.schema import Step

POSTINGS = 60
"""Most earlier steps of one token that are compared: the first and the last of them."""
STEP_CHARACTERS = 2_000
"""A step's words are read up to here."""
NEAR = 0.8
"""A step is as good a target as the best if it is this near to it."""

_TOKEN = re.compile(r"\d[\d,]{0,20}(?:\.\d{1,12})?|[A-Za-z]{1,24}")
_STOP = frozenset(
    re.findall(
        "[a-z]+",
        """
        about actually after again all also alternatively am an and another answer any are aren
        as assume at back be because been before being between both but by came can case check
        come consider correct could did didn different do does doesn don down each earlier even
        first for from get give given gives go going got had hang has have he hence her here him
        his hmm hold how however if in instead into is isn it its just know let lets like ll
        look made make may maybe me mean meaning means might more much must my need no not now
        of off okay on one only or other our out over perhaps problem question re really right
        said same say says second see seem seems she should since so some step still such
        suppose sure than that the their them then there therefore these they think this those
        though thought through thus to too try trying two up us use used using ve very wait want
        was wasn way we well were what when where which who why will with won would wrong yeah
        yep yes you your
        """,
    )
)
"""Words that say nothing of what a step is about, cues among them."""


def tokens(text: str) -> frozenset[str]:
    """The words and values of a text that say what it is about.

    Words lose a plural s; values lose their commas; single letters count where capital or x, y, n.

    >>> sorted(tokens("So the 3 boxes cost $1,200.50, right?"))
    ['1200.50', '3', 'box', 'cost']
    """
    named = map(_token, set(_TOKEN.findall(text, 0, STEP_CHARACTERS)))
    return frozenset(token for token in named if token)


@lru_cache(maxsize=50_000)
def _token(word: str) -> str:
    """The token that a word or value counts as; empty: none."""
    if word[0].isdigit():
        return word.replace(",", "").rstrip(".")
    if len(word) == 1:
        return "" if word in "aisItm" else word
    low = word.lower()
    return "" if low in _STOP else _stem(low)


def _stem(word: str) -> str:
    if len(word) > 4 and word.endswith("es") and word[-3] in "sxzh":
        return word[:-2]
    return word[:-1] if len(word) > 3 and word[-1] == "s" and word[-2] != "s" else word


@dataclass(frozen=True, slots=True)
class Match:
    """An earlier step that shares what a text is about."""

    step: int
    score: float
    """Like a cosine of the two sets of tokens, rare ones weighing more; 0 to about 1.4. A step's
    own length counts half, the trace's mean step the other half: a two-word step is no better
    target than a full one."""
    shared: int
    """How many tokens are shared."""
    rarest: str
    """The rarest of them."""


class Index:
    """The steps of a trace by what they are about."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self.tokens = [
            tokens(step.text) or frozenset([step.text.strip().lower()[:40]]) for step in steps
        ]
        self._places: dict[str, list[int]] = {}
        for place, held in enumerate(self.tokens):
            for token in held:
                self._places.setdefault(token, []).append(place)
        count = max(len(steps), 1)
        self._weight = {
            token: math.log(1 + count / len(places)) for token, places in self._places.items()
        }
        self._most = math.log(1 + count)
        norms = [math.sqrt(self.mass(held)) for held in self.tokens]
        mean = sum(norms) / count or 1.0
        self._norm = [(norm + mean) / 2 for norm in norms]

    def weight(self, token: str) -> float:
        """How rare a token is in the trace; one that never occurs is as rare as one that does."""
        return self._weight.get(token, self._most)

    def mass(self, held: Iterable[str]) -> float:
        """How much a set of tokens says: the sum of their weights."""
        return sum(map(self.weight, held))

    def rare(self, token: str) -> bool:
        """Whether at most eight steps, or one in forty, hold the token."""
        places = self._places.get(token, ())
        return len(places) <= max(8, len(self.tokens) // 40)

    def earlier(self, about: frozenset[str], before: int, least: float) -> list[Match]:
        """Steps before a place that share enough tokens with a text, the best first."""
        sums: Counter[int] = Counter()
        for token in about:
            weight = self.weight(token)
            for place in _ends(self._places.get(token, []), before):
                sums[place] += weight  # type: ignore[assignment]
        norm = math.sqrt(sum(self._asked(token, before) for token in about)) or 1.0
        found = [
            self._match(place, top / (norm * self._norm[place]), about & self.tokens[place])
            for place, top in sums.items()
            if top >= least * norm * self._norm[place]
        ]
        return sorted(found, key=lambda match: (-match.score, match.step))

    def _asked(self, token: str, before: int) -> float:
        """The weight of a token in a text that looks back: half where it is new in the trace."""
        places = self._places.get(token)
        return self.weight(token) if places and places[0] < before else self._most / 2

    def _match(self, place: int, score: float, both: frozenset[str]) -> Match:
        return Match(place, score, len(both), max(both, key=lambda one: (self.weight(one), one)))


def _ends(places: Sequence[int], before: int) -> Sequence[int]:
    """The places before one, or, of many, the first and the last."""
    stop = bisect_left(places, before)
    if stop <= POSTINGS:
        return places[:stop]
    half = POSTINGS // 2
    return [*places[:half], *places[stop - half : stop]]


def alike(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two steps say nearly the same: four fifths of their tokens are shared.

    >>> alike(tokens("Each box holds 3 pens"), tokens("each box holds 3 pens, so")), alike(
    ...     tokens("Each box holds 3 pens"), tokens("Each box holds 4 pens"))
    (True, False)
    """
    return len(one & other) >= 0.8 * len(one | other)
