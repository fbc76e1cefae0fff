"""Traces as the page carries them: a light index, and blocks of compressed JSON read on demand.

Offsets count UTF-16 units, as the browser's strings do. Blocks hold traces in the order of the
selection, so that a page over its budget drops the least wanted ones.
"""

import base64
import gzip
import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from reasonscope.report.facts import Facts
from reasonscope.report.marking import Categories, apart, categories, columns, legend
from reasonscope.report.panel import Mark
from reasonscope.report.selection import Selection, telling
from reasonscope.report.states import SEVERITY, State, shares, step_states, verdict_state
from reasonscope.traces.schema import Candidate, Verdict
from reasonscope.traces.store import Study

BLOCK_CHARS = 400_000
"""A block is closed once its JSON is this long: opening a trace then takes milliseconds."""

TEXT_SHARE = 0.9
"""What traces may take of a budget that does not hold them all; the rest is for their arcs."""

GLANCE_CELLS = 32
"""Cells of the tiny strip beside each trace in the list."""

CORE_LAYERS = frozenset({"verdicts", "answers"})
"""Layers that the page draws from the study's own tables; marks of these names add nothing."""

_TRACES = """
select t.trace_id, coalesce(p.question, ''), p.answer, p.choices, t.reasoning, t.answer, t.form,
    t.finish_reason, t.sample, coalesce(s.ends, [])
from traces t left join problems p using (problem_id)
left join (select trace_id, list(char_end order by index) as ends from steps
    where trace_id in (select unnest(?)) group by trace_id) s using (trace_id)
where t.trace_id in (select unnest(?))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """What the page carries of the traces."""

    index: dict[str, Any]
    """Rows for all traces listed, and the words they refer to by number."""
    blocks: tuple[str, ...]
    """Base64 of gzip of a JSON list of traces."""
    arcs: tuple[str, ...]
    """The same of marks that point to another step and are shown for the current step only."""
    arcs_missing: tuple[int, int]
    """How many traces stand without such marks for want of room, of how many that have them."""
    selection: Selection
    """The traces that are in the blocks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """One trace as JSON."""

    text: str
    arcs: str
    """Its arcs; empty: it has none."""
    glance: str
    """The states of its steps in a few digits."""


@dataclass(frozen=True, slots=True)
class _Packed:
    """Blocks, and the block and place of each name in them."""

    blocks: tuple[str, ...]
    place: dict[str, tuple[int, int]]

    @property
    def size(self) -> int:
        """Characters of all blocks."""
        return sum(map(len, self.blocks))


def json_text(held: Any) -> str:
    r"""JSON that may stand in a script element: no character of it can end the element.

    >>> json_text("</script>&")
    '"\\u003c/script\\u003e\\u0026"'
    """
    text = json.dumps(held, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def units(text: str) -> Callable[[int | None], int | None]:
    """A function from offsets in characters to offsets in UTF-16 units.

    >>> units("a\N{GRINNING FACE}b")(2)
    3
    """
    wide = [] if text.isascii() else [i for i, c in enumerate(text) if c > "\uffff"]
    return lambda place: None if place is None else place + bisect_left(wide, place)


def payload(
    study: Study,
    facts: Sequence[Facts],
    selection: Selection,
    marks: Iterable[Mark],
    budget_bytes: float,
    index_rows: int,
) -> Payload:
    """The chosen traces in compressed blocks within a budget, and an index of up to so many rows.

    Args:
        study: where the traces are.
        facts: one entry a trace of the study.
        selection: the traces wanted, the most wanted first.
        marks: instruments' marks on these traces.
        budget_bytes: the most bytes that the blocks may take together.
        index_rows: the most rows of the index; embedded traces come first.
    """
    found = list(marks)
    table = categories(mark for mark in found if mark.layer not in CORE_LAYERS)
    held = traces_of(study, tuple(selection.chosen), found, table)
    texts = {name: held[name].text for name in selection.chosen}
    traces = _fitted(texts, budget_bytes)
    if len(traces.place) < len(texts):
        traces = _fitted(texts, TEXT_SHARE * budget_bytes)
    with_arcs = {name: held[name].arcs for name in traces.place if held[name].arcs}
    arcs = _fitted(with_arcs, budget_bytes - traces.size)
    kept = selection.keep(list(traces.place))
    glances = {name: held[name].glance for name in traces.place}
    index = _index(facts, kept, (traces.place, arcs.place), glances, index_rows)
    return Payload(
        index={**index, "categories": legend(table)},
        blocks=traces.blocks,
        arcs=arcs.blocks,
        arcs_missing=(len(with_arcs) - len(arcs.place), len(with_arcs)),
        selection=kept,
    )


def _fitted(texts: dict[str, str], room: float) -> _Packed:
    """As many texts as fit, the first first, in compressed blocks."""
    blocks: list[str] = []
    place: dict[str, tuple[int, int]] = {}
    for whole in _groups(texts):
        group, block = _fitting(texts, whole, room)
        if not group:
            break
        room -= len(block)
        place |= {name: (len(blocks), number) for number, name in enumerate(group)}
        blocks.append(block)
    return _Packed(tuple(blocks), place)


def traces_of(
    study: Study, ids: Sequence[str], marks: Iterable[Mark], table: Categories
) -> dict[str, Carried]:
    """Each trace as JSON, with its arcs apart and the glance of its steps' states."""
    wanted = list(ids)
    verdicts = _by_trace(study.of_traces("verdicts", Verdict, wanted))
    answers = _by_trace(study.of_traces("answers", Candidate, wanted))
    others = _by_trace(mark for mark in marks if mark.layer not in CORE_LAYERS)
    found: dict[str, Carried] = {}
    for row in study.rows(_TRACES, [wanted, wanted]):
        name, count = row[0], len(row[-1])
        inner, after = units(row[4]), units(row[5])
        rows, arcs = apart(others[name], count)
        states = step_states(count, verdicts[name])
        held = _trace(row, states, verdicts[name], answers[name])
        held["marks"] = columns(rows, count, table, inner, after)
        found[name] = Carried(
            text=json_text(held),
            arcs=json_text(columns(arcs, count, table, inner, after)) if arcs else "",
            glance=glance(states),
        )
    return found


def _by_trace(rows: Iterable[Any]) -> defaultdict[str, list[Any]]:
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.trace_id].append(row)
    return found


def _trace(
    row: Sequence[Any],
    states: Sequence[State],
    verdicts: Sequence[Verdict],
    answers: Sequence[Candidate],
) -> dict[str, Any]:
    name, question, reference, choices, reasoning, answer, form, finish, sample, ends = row
    inner, after = units(reasoning), units(answer)
    return {
        "id": name,
        "question": question,
        "reference": reference,
        "choices": choices,
        "reasoning": reasoning,
        "answer": answer,
        "form": form,
        "finish": finish,
        "sample": sample,
        "ends": [inner(end) for end in ends],
        "states": "".join(str(SEVERITY.index(state)) for state in states),
        "verdicts": [_verdict(verdict, inner) for verdict in verdicts],
        "candidates": [
            _candidate(c, inner if c.step_index is not None else after) for c in answers
        ],
    }


Place = Callable[[int | None], int | None]


def _verdict(held: Verdict, place: Place) -> list[Any]:
    state = SEVERITY.index(verdict_state(held))
    span = [place(held.char_start), place(held.char_end)]
    said = [held.verifier, held.reason, held.claim, held.expected]
    return [held.step_index, state, *span, *said, held.retracted_by]


def _candidate(held: Candidate, place: Place) -> list[Any]:
    span = [place(held.char_start), place(held.char_end)]
    return [held.step_index, held.correct, *span, held.text, held.final, held.reason]


def glance(states: Sequence[State], cells: int = GLANCE_CELLS) -> str:
    """The states of a trace in a few digits, each the most telling of its share of the steps.

    >>> glance(("good", "bad", "none", "none"), cells=2)
    '04'
    """
    return "".join(str(SEVERITY.index(state)) for _, _, state in shares(states, cells))


def _groups(held: dict[str, str]) -> Iterator[list[str]]:
    """Runs of traces whose JSON together just passes the size of a block."""
    group: list[str] = []
    size = 0
    for name, text in held.items():
        group.append(name)
        size += len(text)
        if size >= BLOCK_CHARS:
            yield group
            group, size = [], 0
    if group:
        yield group


def _fitting(held: dict[str, str], group: list[str], room: float) -> tuple[list[str], str]:
    """As many of a group's first traces as fit, found by halving, and their block."""
    while group:
        block = _packed(held[name] for name in group)
        if len(block) <= room:
            return group, block
        group = group[: len(group) // 2]
    return [], ""


def _packed(texts: Iterable[str]) -> str:
    raw = ("[" + ",".join(texts) + "]").encode("utf-8")
    return base64.b64encode(gzip.compress(raw, compresslevel=6, mtime=0)).decode("ascii")


def _index(
    facts: Sequence[Facts],
    selection: Selection,
    places: tuple[dict[str, tuple[int, int]], dict[str, tuple[int, int]]],
    glances: dict[str, str],
    most: int,
) -> dict[str, Any]:
    """Columns by name, rows of values, and the words that rows name by number."""
    place, arcs = places
    words = {key: sorted({getattr(f, key) or "" for f in facts}) for key in _WORDS}
    number = {key: {word: n for n, word in enumerate(held)} for key, held in words.items()}
    rank = {name: n for n, name in enumerate(selection.chosen)}
    embedded = [fact for fact in facts if fact.trace_id in place]
    others = [fact for fact in facts if fact.trace_id not in place]
    listed = (embedded + others)[: max(most, len(embedded))]
    rows = [
        [
            fact.trace_id,
            (fact.question or "")[:160],
            fact.correct,
            fact.by,
            fact.chars,
            fact.steps,
            fact.checked,
            fact.wrong,
            fact.retracted,
            fact.first_error,
            *(number[key][getattr(fact, key) or ""] for key in _WORDS),
            telling(fact),
            rank.get(fact.trace_id),
            *place.get(fact.trace_id, (None, None)),
            *arcs.get(fact.trace_id, (None, None)),
            glances.get(fact.trace_id, ""),
        ]
        for fact in listed
    ]
    return {"columns": _COLUMNS, "rows": rows, "words": words, "total": len(facts)}


_WORDS = ("model", "family", "condition")

_COLUMNS = (
    "id", "question", "correct", "by", "chars", "steps", "checked", "wrong", "retracted",
    "firstError", "model", "family", "condition", "telling", "rank", "block", "place",
    "arcBlock", "arcPlace", "glance",
)  # fmt: skip
