"""The returns of one trace: where each starts, where it goes, whether it repairs, and loops."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from reasonscope.provenance import seed_for
from reasonscope.structure.backtracking.claims import claims, differs
from reasonscope.structure.backtracking.content import Index, alike
from reasonscope.structure.backtracking.cues import cues
from reasonscope.structure.backtracking.events import (
    BEFORE,
    BODY,
    Event,
    Reading,
    ReturnKind,
    decide,
    events,
    reading,
)
from reasonscope.structure.backtracking.targets import Looked, Target, TargetEvidence, target
from reasonscope.traces.schema import Case, Verdict

LOOP = 3
"""Returns to the same step, or to steps that say nearly the same, that make a loop."""
GROUPS = 200
"""Most different targets of one trace that are told apart when loops are looked for."""


@dataclass(frozen=True, slots=True)
class Return:
    """One place where a trace turns back."""

    step: int
    """The step in which it turns back."""
    char_start: int
    """Where the cue begins in the reasoning."""
    char_end: int
    """The end of the step that says so."""
    cue: str
    """The words of the cue."""
    kind: ReturnKind
    target: int | None
    """The step that is returned to; None: it cannot be told."""
    evidence: TargetEvidence
    repairs: bool | None
    """What follows gives another value to what was claimed; False: the same value; None: untold."""
    loop: int | None
    """The number of the loop that it belongs to; None: none."""
    chance_target: int
    """An earlier step drawn at random, for the control."""
    chance_repairs: bool | None
    """The same comparison of values at a random place of the trace, for the control."""


Told = tuple[Event, Reading, ReturnKind]


def returning(case: Case) -> tuple[list[Told], int]:
    """The events of a trace that are returns, and how many only look again.

    An event in the first step is neither: there is nothing to go back to.
    """
    found = [event for event in events(case, cues(case.trace.reasoning, case.steps)) if event.first]
    kept: list[Told] = []
    for event in found:
        read = reading(case, event)
        kind = decide(case, event, read)
        if kind is not None:
            kept.append((event, read, kind))
    return kept, len(found) - len(kept)


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in a trace."""

    returns: tuple[Return, ...] = ()
    checks: int = 0
    """How many events only look again."""
    chance_loops: int = 0
    """Loops where each target is drawn at random among the earlier steps."""

    @property
    def loops(self) -> int:
        """How many loops there are."""
        return len({one.loop for one in self.returns} - {None})


def find_returns(case: Case) -> Found:
    """The returns of a trace in order, its checks, and its loops by chance."""
    kept, checks = returning(case)
    if not kept:
        return Found(checks=checks)
    index, verdicts = Index(case.steps), _retracted(case)
    goals: list[Target] = []
    known: dict[int, int] = {}
    for event, read, kind in kept:
        goal = target(case, Looked(index, verdicts, known), event, read, kind)
        if goal.step is not None:
            known[event.first] = goal.step
        goals.append(goal)
    loops = loop_numbers([goal.step for goal in goals], index)
    rng = random.Random(seed_for("chance", case.trace.trace_id))
    made = tuple(
        _made(case, one, goal, loop, rng)
        for one, goal, loop in zip(kept, goals, loops, strict=True)
    )
    drawn = [None if one.target is None else one.chance_target for one in made]
    return Found(made, checks, len(set(loop_numbers(drawn, index)) - {None}))


def _retracted(case: Case) -> dict[int, int]:
    """Steps that take a false claim back, with the step of the claim."""
    rows = case.rows("verdicts", Verdict) if "verdicts" in case.measured else ()
    return {
        row.retracted_by: row.step_index
        for row in rows
        if row.retracted_by is not None and row.step_index is not None
    }


def _made(
    case: Case,
    one: Told,
    goal: Target,
    loop: int | None,
    rng: random.Random,
) -> Return:
    event, read, kind = one
    return Return(
        step=event.first,
        char_start=event.cue.start,
        char_end=case.steps[event.last].char_end,
        cue=event.cue.text[:40],
        kind=kind,
        target=goal.step,
        evidence=goal.evidence,
        repairs=_repairs(case, read, goal),
        loop=loop,
        chance_target=rng.randrange(event.first),
        chance_repairs=_by_chance(case, rng.randrange(len(case.steps))),
    )


def _repairs(case: Case, read: Reading, goal: Target) -> bool | None:
    """Against what stood right before and what the target claims; a false claim taken back is."""
    if goal.evidence == "verdict":
        return True
    if goal.step is None or read.changed is not None:
        return read.changed
    return differs(claims(case.steps[goal.step].text), read.after)


def _by_chance(case: Case, place: int) -> bool | None:
    """Whether claims behind a place differ from those before it."""
    texts = [step.text for step in case.steps[max(0, place - BEFORE) : place + BODY]]
    middle = min(place, BEFORE)
    sides = texts[:middle], texts[middle:]
    before, after = ([c for text in side for c in claims(text)] for side in sides)
    return differs(before, after)


def loop_numbers(targets: Sequence[int | None], index: Index) -> list[int | None]:
    """For each return the number of the loop that it belongs to; None: none.

    Targets that say nearly the same are one; :data:`LOOP` returns to one make a loop. Past
    :data:`GROUPS` different targets, further ones are told apart by their place alone.
    """
    groups: list[tuple[int, list[int]]] = []
    by_step: dict[int, int] = {}
    for at, step in enumerate(targets):
        if step is None:
            continue
        if step not in by_step:
            by_step[step] = _group(step, groups, index)
        groups[by_step[step]][1].append(at)
    numbers: list[int | None] = [None] * len(targets)
    for number, members in enumerate(m for _, m in groups if len(m) >= LOOP):
        for at in members:
            numbers[at] = number
    return numbers


def _group(step: int, groups: list[tuple[int, list[int]]], index: Index) -> int:
    """The group whose first target says nearly the same, else a new one."""
    own = index.tokens[step]
    for number, (first, _) in enumerate(groups[:GROUPS]):
        if alike(own, index.tokens[first]):
            return number
    groups.append((step, []))
    return len(groups) - 1
