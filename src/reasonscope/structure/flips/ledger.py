"""Candidate answers in order: which are one and the same, and how one follows another."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from reasonscope.problems.answers.comparison import compare_texts
from reasonscope.problems.answers.quantities import read_quantity
from reasonscope.problems.answers.reference import kind_of
from reasonscope.structure.flips.reached import reached
from reasonscope.structure.flips.row import Flips
from reasonscope.traces.lengths import tokens_before, tokens_counted
from reasonscope.traces.schema import Candidate, Case, Problem

MAX_ENTRIES = 500
"""Candidates of one trace that are kept."""
MAX_ANSWERS = 20
"""Different answers of one trace that are told apart by comparison; later ones by their text."""
MAX_TEXT = 40
"""Characters of a candidate that the table keeps."""

Transition = Literal[
    "right_to_right",
    "wrong_to_same",
    "wrong_to_other",
    "wrong_to_right",
    "right_to_wrong",
    "open_to_same",
    "open_to_other",
]


@dataclass(frozen=True, slots=True)
class Entry:
    """One candidate answer in the reasoning."""

    step: int
    place: int
    identity: int
    correct: bool | None
    text: str
    stated: bool


def entries(case: Case, stated: Sequence[Candidate]) -> list[Entry]:
    """The candidates of a trace's reasoning in order: those stated and those only reached.

    The same answer again in the same step or the next one ("15 sheep. So S = 15.") is still the
    same candidate; the later mention only adds that it was stated.
    """
    same = identities(case.problem, stated)
    found = [
        Entry(c.step_index, c.char_start, same[c.order], c.correct, c.text, True)
        for c in stated
        if c.step_index is not None
    ]
    by_order = {c.order: c for c in stated}
    for place in reached(case.problem, case.steps, stated):
        said = by_order[place.answer]
        spot = (place.step_index, place.char_start, same[place.answer])
        found.append(Entry(*spot, said.correct, said.text, False))
    return _joined(sorted(found, key=lambda e: (e.place, not e.stated)))


def _joined(found: Sequence[Entry]) -> list[Entry]:
    """Runs of one answer in neighbouring steps as one candidate, at the run's beginning."""
    kept: list[Entry] = []
    last_step = -2
    for entry in found:
        again = bool(kept) and entry.identity == kept[-1].identity
        if not (again and entry.step <= last_step + 1):
            kept.append(entry)
        elif entry.stated:
            kept[-1] = replace(kept[-1], stated=True)
        last_step = entry.step
    return kept


def identities(problem: Problem, stated: Sequence[Candidate]) -> dict[int, int]:
    """For each candidate (by order) the number of its answer: equal answers share one.

    Right answers to a problem are the same answer, unless several are possible. Two wrong ones
    are the same where their quantities are equal, or where comparing one with the other says so.
    """
    groups: list[Candidate] = []
    known: dict[tuple[str, bool | None], int] = {}
    numbers: dict[int, int] = {}
    for candidate in stated:
        key = (candidate.text, candidate.correct)
        if key not in known:
            known[key] = next(
                (i for i, one in enumerate(groups) if _same(problem, one, candidate, len(groups))),
                len(groups),
            )
            if known[key] == len(groups):
                groups.append(candidate)
        numbers[candidate.order] = known[key]
    return numbers


def _same(problem: Problem, one: Candidate, other: Candidate, groups: int) -> bool:
    if one.correct != other.correct:
        return False
    if one.correct and problem.answer is not None:
        return True
    first, second = read_quantity(one.text), read_quantity(other.text)
    if first is not None and second is not None and kind_of(problem) != "choice":
        return first.value == second.value
    if one.text.split() == other.text.split():
        return True
    return groups <= MAX_ANSWERS and compare_texts(other.text, one.text, problem).correct is True


def transition(one: Entry, other: Entry) -> Transition:
    """The class of the step from one candidate to the next (Kang 2510.08308, §3)."""
    same = one.identity == other.identity
    if one.correct is None or other.correct is None:
        return "open_to_same" if same else "open_to_other"
    if one.correct:
        return "right_to_right" if other.correct else "right_to_wrong"
    if other.correct:
        return "wrong_to_right"
    return "wrong_to_same" if same else "wrong_to_other"


def ledger(case: Case, stated: Sequence[Candidate]) -> Flips:
    """The row of one trace, from the candidates that table ``answers`` holds of it."""
    found = entries(case, stated)
    kept = found[:MAX_ENTRIES]
    before = tokens_before(case.steps)
    first = kept[0] if kept else None
    right = next(_matching(kept, lambda e: e.correct is True), None)
    again = _repeated(kept)
    moves = Counter[str](transition(a, b) for a, b in pairwise(kept))
    return Flips(
        trace_id=case.trace.trace_id,
        outcomes="".join({True: "T", False: "F", None: "?"}[e.correct] for e in kept),
        answers=tuple(e.text[:MAX_TEXT] for e in kept),
        identities=tuple(e.identity for e in kept),
        steps=tuple(e.step for e in kept),
        stated=tuple(e.stated for e in kept),
        tokens_at=tuple(before[e.step + 1] for e in kept),
        tokens=before[-1],
        counted=tokens_counted(case.steps),
        capped=len(found) > len(kept),
        right_to_right=moves["right_to_right"],
        wrong_to_same=moves["wrong_to_same"],
        wrong_to_other=moves["wrong_to_other"],
        wrong_to_right=moves["wrong_to_right"],
        right_to_wrong=moves["right_to_wrong"],
        open_to_same=moves["open_to_same"],
        open_to_other=moves["open_to_other"],
        first_correct=None if first is None else first.correct,
        first_tokens=None if first is None else before[first.step + 1],
        right_tokens=None if right is None else before[right.step + 1],
        repeat_correct=None if again is None else again.correct,
        repeat_tokens=None if again is None else before[again.step + 1],
        final_correct=next((c.correct for c in stated if c.final), None),
    )


def _matching(kept: Sequence[Entry], wanted: Callable[[Entry], bool]) -> Iterator[Entry]:
    return (entry for entry in kept if wanted(entry))


def _repeated(kept: Sequence[Entry]) -> Entry | None:
    """The first candidate whose answer an earlier one had."""
    seen: set[int] = set()
    for entry in kept:
        if entry.identity in seen:
            return entry
        seen.add(entry.identity)
    return None
