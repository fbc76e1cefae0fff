"""A search as a tree of states and a walk on it, read off the arithmetic of a trace.

A state is the numbers that are left; an operation makes a child of the state where it is done.
That is the current one or one above it (above it, where the words say that it goes back): the one
where most of the next four operations can be done, of equals the nearest. Where a step lists the
numbers that it goes back to, it is the state with these. Off the path, it is the latest state that
has both numbers. What fits nowhere is counted as unread.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from reasonscope.structure.search.puzzles import Puzzle
from reasonscope.structure.search.sums import Operation, sums
from reasonscope.traces.schema import Step

Category = Literal["calculation", "verification", "backtracking"]

MOST_NODES = 5_000
"""A walk is read up to here."""
ANYWHERE = 50
"""Latest states among which one off the path is looked for."""

AHEAD = 4
"""Coming operations that help to tell which state is meant."""

_CHECKS = re.compile(
    r"\b(?:check\w{0,3}|verif\w{1,5}|confirm\w{0,4}|double-?check|make sure|indeed|final answer"
    r"|the answer is|answer:)|\\boxed",
    re.IGNORECASE,
)
_BACK = re.compile(
    r"\b(?:back|instead|alternatively|another|different(?:ly)?|start over|restart|again|undo"
    r"|other (?:way|option)|doesn't work|does not work|no good|dead end|too (?:big|small|high|low"
    r"|large))\b",
    re.IGNORECASE,
)
_LISTED = re.compile(
    r"\bback to\b[^\d\n]{0,40}(\d{1,9}(?:(?:,| and|, and) \d{1,9}){0,7})", re.IGNORECASE
)


@dataclass(slots=True)
class Node:
    """A state of the search."""

    parent: int | None
    left: tuple[Fraction, ...]
    """The numbers that are left, sorted."""
    result: Fraction | None
    """What was reached last; None: the given numbers."""
    children: dict[object, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Arrow:
    """One move on the tree."""

    start: int
    end: int
    category: Category
    step: int
    """The step of the trace that makes it."""


@dataclass(slots=True)
class Walk:
    """A tree and the walk on it."""

    nodes: list[Node]
    arrows: list[Arrow] = field(default_factory=list)
    unread: int = 0
    """Operations that fit no state."""
    leaving: bool = False
    """The words say that it goes back, and nothing was computed since."""
    stated: bool = False
    """The current state was just listed in full."""

    @property
    def here(self) -> int:
        """The current node."""
        return self.arrows[-1].end if self.arrows else 0

    def leaves(self) -> set[int]:
        """Nodes without children, the root aside."""
        return {at for at, node in enumerate(self.nodes) if at and not node.children}


def walk_of(puzzle: Puzzle, steps: Sequence[Step]) -> Walk:
    """The walk that the steps of a trace describe."""
    root = Node(None, tuple(sorted(map(Fraction, puzzle.numbers))), None)
    walk, events = Walk([root]), [event for step in steps for event in _events(step)]
    checked = -1
    for at, event in enumerate(events):
        if len(walk.nodes) >= MOST_NODES:
            break
        if event.listed:
            _go_to(walk, event)
        elif event.operation is None:
            walk.leaving = True
        else:
            checked = event.step if event.checks else checked
            _place(walk, event, _ahead(events, at), checked == event.step)
    return walk


@dataclass(frozen=True, slots=True)
class _Event:
    """An operation, a list of numbers that it goes back to, or words of going back."""

    step: int
    operation: Operation | None = None
    listed: tuple[Fraction, ...] = ()
    checks: bool = False
    """The words before it speak of checking."""


def _events(step: Step) -> Iterator[_Event]:
    """What one step says, in order."""
    place = 0
    for one in sums(step.text):
        said = step.text[place : one.start]
        place = one.start
        checks = _CHECKS.search(said) is not None
        yield from _turns(said, step.index)
        for operation in one.operations:
            yield _Event(step.index, operation, checks=checks)
    yield from _turns(step.text[place:], step.index)


def _turns(said: str, step: int) -> Iterator[_Event]:
    listed = _LISTED.search(said)
    if listed is not None:
        numbers = sorted(Fraction(n) for n in re.findall(r"\d+", listed[1]))
        yield _Event(step, listed=tuple(numbers))
    elif _BACK.search(said):
        yield _Event(step)


def _ahead(events: Sequence[_Event], at: int) -> list[Operation]:
    """This operation and those that follow before it says that it goes back or checks."""
    found: list[Operation] = []
    for event in events[at : at + AHEAD]:
        if event.operation is None or (found and event.checks):
            break
        found.append(event.operation)
    return found


def _path(walk: Walk) -> list[int]:
    """The current node and those above it."""
    found: list[int] = []
    place: int | None = walk.here
    while place is not None:
        found.append(place)
        place = walk.nodes[place].parent
    return found


def _latest(walk: Walk) -> range:
    """The latest nodes, the last first."""
    return range(len(walk.nodes) - 1, max(-1, len(walk.nodes) - ANYWHERE), -1)


def _go_to(walk: Walk, event: _Event) -> None:
    """Go to the state whose numbers are listed."""
    walk.leaving = False
    for place in (*_path(walk), *_latest(walk)):
        if walk.nodes[place].left == event.listed:
            _jump(walk, place, event.step, "backtracking")
            walk.stated = True
            return


def _jump(walk: Walk, place: int, step: int, category: Category) -> None:
    if place != walk.here:
        walk.arrows.append(Arrow(walk.here, place, category, step))


def _place(walk: Walk, event: _Event, ahead: Sequence[Operation], checks: bool) -> None:
    """Make or visit the child of the state where an operation can be done."""
    operation = ahead[0]
    place = _state_for(walk, ahead)
    walk.leaving = walk.stated = False
    if place is None:
        walk.unread += 1
        return
    node = walk.nodes[place]
    child = node.children.get(operation.key)
    category: Category = "verification" if checks and child is not None else "calculation"
    _jump(walk, place, event.step, "verification" if checks else "backtracking")
    if child is None:
        child = len(walk.nodes)
        node.children[operation.key] = child
        walk.nodes.append(Node(place, _after(node.left, operation), operation.result))
    walk.arrows.append(Arrow(place, child, category, event.step))


def _state_for(walk: Walk, ahead: Sequence[Operation]) -> int | None:
    """The state on the path where most of the coming operations can be done, the nearest of these.

    Off the path, the latest state where the first can be done. None: nowhere.
    """
    path = _path(walk)
    if walk.stated and _done(walk.nodes[walk.here].left, ahead[:1]):
        return walk.here
    tried = path[1:] if walk.leaving and len(path) > 1 else path
    best = max(tried, key=lambda at: _done(walk.nodes[at].left, ahead))  # max keeps the nearest
    if _done(walk.nodes[best].left, ahead):
        return best
    return next((at for at in _latest(walk) if _done(walk.nodes[at].left, ahead[:1])), None)


def _done(left: tuple[Fraction, ...], ahead: Sequence[Operation]) -> int:
    """How many of the coming operations can be done one after another."""
    for number, operation in enumerate(ahead):
        wanted, held = Counter([operation.left, operation.right]), Counter(left)
        if any(held[one] < count for one, count in wanted.items()):
            return number
        left = _after(left, operation)
    return len(ahead)


def _after(left: tuple[Fraction, ...], operation: Operation) -> tuple[Fraction, ...]:
    held = Counter(left)
    held.subtract([operation.left, operation.right])
    held[operation.result] += 1
    return tuple(sorted(held.elements()))
