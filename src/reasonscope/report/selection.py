"""Which traces the page embeds when not all fit: the most telling of each kind, then a sample."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from reasonscope.provenance import content_id
from reasonscope.report.facts import Facts

BYTES_PER_BYTE = 0.45
"""Embedded bytes for one byte of text: gzip to about a third, base64 adds a third of that."""
BYTES_PER_RECORD = 30
BYTES_PER_STEP = 4
BYTES_PER_TRACE = 350


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """A kind of trace that a reader wants to see, and in which order."""

    reason: str
    """As the page says it, after a number."""
    holds: Callable[[Facts], bool]
    rank: Callable[[Facts], tuple[float, str]]
    """Sorting key; its last part is a hash of the id, so that ties do not follow the id."""


def _by_hash(fact: Facts) -> tuple[float, str]:
    return (0, content_id("sample", fact.trace_id))


def _most(count: Callable[[Facts], float]) -> Callable[[Facts], tuple[float, str]]:
    return lambda fact: (-count(fact), content_id("sample", fact.trace_id))


STRATA: tuple[Stratum, ...] = (
    Stratum(
        reason="with a wrong answer whose first error is located",
        holds=lambda fact: fact.correct is False and fact.first_error is not None,
        rank=_by_hash,
    ),
    Stratum(
        reason="with a wrong answer in which no false step was found",
        holds=lambda fact: fact.correct is False and fact.first_error is None,
        rank=_by_hash,
    ),
    Stratum(
        reason="right in spite of a false step never taken back",
        holds=lambda fact: fact.correct is True and fact.wrong > 0,
        rank=_most(lambda fact: fact.wrong),
    ),
    Stratum(
        reason="with an error taken back on the way",
        holds=lambda fact: fact.retracted > 0,
        rank=_most(lambda fact: fact.retracted),
    ),
    Stratum(
        reason="of unknown outcome",
        holds=lambda fact: fact.correct is None,
        rank=_by_hash,
    ),
    Stratum(reason="among the longest", holds=lambda _: True, rank=_most(lambda f: f.chars)),
    Stratum(reason="among the shortest", holds=lambda _: True, rank=_most(lambda f: -f.chars)),
    Stratum(reason="drawn at random", holds=lambda _: True, rank=_by_hash),
)
"""The kinds in the order in which they take turns; a trace counts for the first that takes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The traces to embed, and why each is among them."""

    total: int
    """How many traces the study holds."""
    chosen: dict[str, str] = field(default_factory=dict)
    """Trace id to reason, the most wanted first."""

    @property
    def complete(self) -> bool:
        """Whether every trace is among them."""
        return len(self.chosen) == self.total

    def keep(self, ids: Sequence[str]) -> "Selection":
        """The same selection, cut down to some of its traces."""
        kept = set(ids)
        held = {name: why for name, why in self.chosen.items() if name in kept}
        return Selection(total=self.total, chosen=held)

    def counts(self) -> list[tuple[str, int]]:
        """How many traces each reason brought in, in the order of :data:`STRATA`."""
        reasons = list(self.chosen.values())
        return [(s.reason, reasons.count(s.reason)) for s in STRATA if s.reason in reasons]


def telling(fact: Facts) -> int:
    """The number of the first kind that a trace belongs to: lower is more telling."""
    return next(number for number, stratum in enumerate(STRATA) if stratum.holds(fact))


def cost(fact: Facts) -> float:
    """About how many bytes the trace will take in the page."""
    per_text = BYTES_PER_BYTE * fact.weight
    per_record = BYTES_PER_RECORD * fact.records + BYTES_PER_STEP * fact.steps
    return BYTES_PER_TRACE + per_text + per_record


def select(facts: Sequence[Facts], budget_bytes: float) -> Selection:
    """The traces that fit a budget: the kinds take turns, each offering its most wanted next.

    The same facts give the same selection. A trace too large for what is left is passed over.
    When everything fits, everything is chosen.
    """
    queues = [sorted(filter(s.holds, facts), key=s.rank) for s in STRATA]
    places = [0] * len(queues)
    chosen: dict[str, str] = {}
    left = budget_bytes
    while any(place < len(queue) for place, queue in zip(places, queues, strict=True)):
        for number, queue in enumerate(queues):
            place, fact = _next(queue, places[number], chosen, left)
            places[number] = place
            if fact is not None:
                chosen[fact.trace_id] = STRATA[number].reason
                left -= cost(fact)
    return Selection(total=len(facts), chosen=chosen)


def _next(
    queue: Sequence[Facts], place: int, chosen: dict[str, str], left: float
) -> tuple[int, Facts | None]:
    """The queue's next trace that is new and fits, and the place after it."""
    while place < len(queue):
        fact = queue[place]
        place += 1
        if fact.trace_id not in chosen and cost(fact) <= left:
            return place, fact
    return place, None
