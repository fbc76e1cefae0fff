"""Where a trace turns back, told from where it only looks again.

A cue opens an event: its own sentences (the head) and what follows up to the next cue (the body).
The event is a **check** where the head speaks of checking and no value changes, where the trace
is content soon after ("yes, that's right"), or where another way gives the value that stood
before. It is a **return** where the head takes something back (rejection), leaves the way for
another (alternative), says that it starts again (restart), or reopens what was said and is not
content with it at once (doubt).
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from reasonscope.structure.backtracking.claims import Claim, claims, differs, replaced
from reasonscope.structure.backtracking.content import tokens
from reasonscope.structure.backtracking.cues import CHECK, Cue, content_with, denies
from reasonscope.traces.schema import Case

ReturnKind = Literal["rejection", "alternative", "restart", "doubt"]

KINDS: tuple[ReturnKind, ...] = ("rejection", "alternative", "restart", "doubt")

BODY = 12
"""Most steps behind a cue that belong to its event."""
BEFORE = 12
"""Steps before a cue whose claims stand."""
SOON = 2
"""Steps within which contentment makes any event a check."""
SOON_AFTER_DOUBT = 6
"""The same for a doubt that has been thought about."""
BARE = 3
"""A head with fewer words and values than this says nothing of its own."""

_HEDGE = re.compile(
    r"\b(?:perhaps|maybe|possibly|might|could|if|is\sthere|did\si|am\si|whether|would|any)\b",
    re.IGNORECASE,
)
_OBJECTS = re.compile(
    r"\b(?:but|maybe|perhaps|if|what|how|why|does|do|is\sit|problem|question|actually|no|not|n['’]t"
    r"|earlier|think|might|should|or|another|unless|says?|states?|stuck|confus\w{1,4})\b|n['’]t\b|\?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Event:
    """A cue with its head and body, as places of steps."""

    cue: Cue
    first: int
    """The step in which the cue stands."""
    last: int
    """The last step of the head."""
    stop: int
    """The first step that is no longer of the body."""
    kinds: frozenset[str]
    """Kinds of all cues in the head."""


def events(case: Case, found: Sequence[Cue]) -> list[Event]:
    """Cues as events: a bare "wait, hold on" is one with the sentence that follows it."""
    heads: list[tuple[Cue, int]] = []
    for number, cue in enumerate(found):
        if not heads or cue.step > heads[-1][1]:
            heads.append((cue, _head_end(case, found[number : number + 1 + 2 * SOON])))
    firsts = [*(cue.step for cue, _ in heads[1:]), len(case.steps)]
    return [
        Event(
            cue,
            cue.step,
            last,
            max(last + 1, min(after, last + 1 + BODY)),
            _kinds(cue, last, found),
        )
        for (cue, last), after in zip(heads, firsts)
    ]


def _head_end(case: Case, found: Sequence[Cue]) -> int:
    """The last step of the head of the first cue: it goes on while it is bare and cues follow."""
    cue, last = found[0], found[0].step
    said = len(tokens(case.steps[last].text))
    ahead = {other.step for other in found[1:]}
    while said < BARE and last + 1 in ahead and last < cue.step + SOON:
        last += 1
        said += len(tokens(case.steps[last].text))
    return last


def _kinds(cue: Cue, last: int, found: Sequence[Cue]) -> frozenset[str]:
    start = bisect_left(found, cue.start, key=lambda one: one.start)
    stop = bisect_right(found, last, key=lambda one: one.step)
    return frozenset(one.kind for one in found[start:stop])


@dataclass(frozen=True, slots=True)
class Reading:
    """What an event says, and what was claimed before and after it."""

    head: str
    body: tuple[str, ...]
    before: tuple[Claim, ...]
    after: tuple[Claim, ...]

    @property
    def changed(self) -> bool | None:
        """Whether what follows claims another value than what stood before; None: untold."""
        if replaced(self.head) is not None:
            return True
        return differs(self.before, self.after)

    @property
    def as_before(self) -> bool:
        """Whether what follows comes to the last value that was claimed before."""
        if not self.before:
            return False
        value = self.before[-1].value
        return len(value) > 1 and any(claim.value == value for claim in self.after)

    def content(self, within: int = BODY) -> bool:
        """Whether the head or the next steps are content with what was there."""
        return any(content_with(text) for text in (self.head, *self.body[:within]))


def reading(case: Case, event: Event) -> Reading:
    """The texts and claims of an event."""
    steps = case.steps
    start = max(0, event.first - BEFORE)
    own = steps[event.first]
    cut = event.cue.start - own.char_start
    head = own.text[cut:] + "".join(step.text for step in steps[event.first + 1 : event.last + 1])
    body = tuple(step.text for step in steps[event.last + 1 : event.stop])
    before = [claim for step in steps[start : event.first] for claim in claims(step.text)]
    before += claims(own.text[:cut])
    after = [claim for text in (head, *body) for claim in claims(text)]
    return Reading(head, body, tuple(before), tuple(after))


def decide(case: Case, event: Event, read: Reading) -> ReturnKind | None:
    """The kind of return that an event is; None: it only looks again."""
    end = case.steps[event.last].char_end
    denied = "deny" in event.kinds or denies(case.trace.reasoning, event.cue.start, end)
    if denied and not _HEDGE.search(read.head) and not content_with(read.head):
        return "rejection"
    if "redo" in event.kinds or _checks(read):
        return "rejection" if read.changed and not read.content() else None
    if read.content(SOON):
        return None
    if event.kinds & {"other", "again"}:
        if read.content() or (read.as_before and not read.changed):
            return None
        return "alternative" if "other" in event.kinds else "restart"
    if read.content(SOON_AFTER_DOUBT) or not (_OBJECTS.search(read.head) or read.changed):
        return None
    return "doubt"


def _checks(read: Reading) -> bool:
    """Whether the head speaks of checking, or is bare and the next step does."""
    if CHECK.search(read.head):
        return True
    bare = len(tokens(read.head)) < BARE
    return bare and bool(read.body) and CHECK.search(read.body[0]) is not None
