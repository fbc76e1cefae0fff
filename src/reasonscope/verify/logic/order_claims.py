"""What a sentence about an order says: relations, places, and places left open."""

from dataclasses import dataclass

from reasonscope.verify.logic.order_language import Lexicon


@dataclass(frozen=True, slots=True)
class Before:
    """The first thing is nearer to the start of the axis than the second."""

    first: int
    second: int
    directly: bool = False
    """With nothing between them."""


@dataclass(frozen=True, slots=True)
class Placed:
    """At least one of the (thing, place) pairs holds; or, if not ``holds``, none of them."""

    pairs: frozenset[tuple[int, int]]
    holds: bool = True

    @property
    def fixed(self) -> tuple[int, int] | None:
        """The one (thing, place) that is claimed; None where there is a choice."""
        return next(iter(self.pairs)) if self.holds and len(self.pairs) == 1 else None


@dataclass(frozen=True, slots=True)
class LeftOpen:
    """These places are said to be unknown, or free for any thing."""

    places: frozenset[int]
    anything: bool = False
    """Each is said to be free for any thing at all, not only unknown."""


Claim = Before | Placed
Statement = Before | Placed | LeftOpen


def at(thing: int, place: int) -> Placed:
    """The claim that a thing has a place.

    >>> at(2, 1).fixed
    (2, 1)
    """
    return Placed(frozenset({(thing, place)}))


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def describe(claim: Statement, words: Lexicon) -> str:
    """The claim in plain words.

    >>> from reasonscope.verify.logic.axes import AXES
    >>> describe(at(1, 2), Lexicon(("crow", "owl"), AXES[0]))
    'owl is the second from the left'
    """
    if isinstance(claim, LeftOpen):
        places = [words.place_name(place) for place in sorted(claim.places)]
        return f"the place {_listed(places)} is open"
    if isinstance(claim, Before):
        relation = ("directly " if claim.directly else "") + words.relation_name
        return f"{words.names[claim.first]} is {relation} {words.names[claim.second]}"
    things = sorted({thing for thing, _ in claim.pairs})
    places = [words.place_name(place) for place in sorted({place for _, place in claim.pairs})]
    named = _listed([words.names[thing] for thing in things])
    return f"{named} {'is' if claim.holds else 'is not'} {_listed(places)}"


def true_in(claim: Claim, order: tuple[int, ...]) -> bool:
    """Whether the claim holds in one complete order: ``order[place - 1]`` is a thing.

    >>> true_in(Before(0, 2), (2, 1, 0))
    False
    """
    if isinstance(claim, Before):
        gap = order.index(claim.second) - order.index(claim.first)
        return gap == 1 if claim.directly else gap > 0
    found = any(1 <= place <= len(order) and order[place - 1] == t for t, place in claim.pairs)
    return found == claim.holds
