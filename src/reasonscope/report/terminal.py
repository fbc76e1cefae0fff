"""One trace in a terminal: question, answer, a strip of steps, and each step with its verdicts.

Nothing of the trace is read as markup, and no control character of it reaches the terminal.
"""

import re
from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from reasonscope.report.brief import Brief, brief
from reasonscope.report.panel import Mark
from reasonscope.report.states import (
    GLYPHS,
    SEVERITY,
    WORDS,
    State,
    first_error,
    outcome,
    shares,
    step_states,
    verdict_state,
)
from reasonscope.traces.schema import Candidate, Case, Verdict

STYLES: dict[State, str] = {
    "bad": "bold red",
    "retracted": "magenta",
    "good": "green",
    "open": "yellow",
    "none": "bright_black",
}

STEP_CHARS = 600
"""A longer step is cut in the middle."""

MOST_STEPS = 400
"""Of more steps, those with a verdict or an answer are shown, with their neighbours."""

_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]"
)


def plain(text: str) -> str:
    r"""Text that a terminal can only print: controls and direction marks show as their codes.

    >>> plain("a\x1b[31mred\u202eb")
    'a⟨1b⟩[31mred⟨202e⟩b'
    """
    return _UNSAFE.sub(lambda match: f"⟨{ord(match.group()):02x}⟩", text)


def show(
    case: Case,
    verdicts: Sequence[Verdict],
    candidates: Sequence[Candidate],
    console: Console,
    marks: Sequence[Mark] = (),
) -> None:
    """Print one trace with its verdicts and candidate answers, as wide as the console.

    Steps are counted from 1, as in the report; ``step_index`` in the tables counts from 0.

    Args:
        case: the trace with its problem and steps.
        verdicts: the trace's verdicts.
        candidates: the answers that it states.
        console: where to print.
        marks: instruments' marks on it: categories and returns are shown.
    """
    states = step_states(len(case.steps), verdicts)
    said = brief(marks, len(states))
    _print_head(case, verdicts, candidates, console)
    console.print(strip(states, max(console.width - 2, 1)), no_wrap=True, crop=True)
    for line in (_summary(states), *(Text(plain(line)) for line in said.summary)):
        console.print(line, style="bright_black")
    shown = _shown(states, candidates)
    before = -1
    for index in shown:
        if index > before + 1:
            console.print(Text(f"     … {index - before - 1:,} steps …"), style="bright_black")
        _print_step(case.steps[index].text, index, states[index], said, console)
        _print_notes(index, verdicts, candidates, console)
        before = index
    if before + 1 < len(states):
        console.print(Text(f"     … {len(states) - before - 1:,} steps …"), style="bright_black")
    _print_answer(case, verdicts, candidates, console)


def strip(states: Sequence[State], width: int) -> Text:
    """One sign a step, or a share of the steps when there are more steps than columns.

    >>> strip(("good", "none", "bad"), 80).plain, strip(("good", "none", "bad", "none"), 2).plain
    ('✓·✕', '✓✕')
    """
    drawn = Text()
    for _, _, state in shares(states, width):
        drawn.append(GLYPHS[state], style=STYLES[state])
    return drawn


def _print_head(
    case: Case, verdicts: Sequence[Verdict], candidates: Sequence[Candidate], console: Console
) -> None:
    trace, problem = case.trace, case.problem
    about = (trace.trace_id, trace.model, problem.family, f"{len(trace.reasoning):,} characters")
    console.print(Text(plain(" · ".join(about))), style="bright_black")
    console.print(Text(plain(problem.question)), style="bold")
    ending = outcome(trace, verdicts, candidates)
    word = {True: "right", False: "wrong", None: "outcome unknown"}[ending.correct]
    state: State = {True: "good", False: "bad", None: "open"}[ending.correct]  # type: ignore[assignment]
    final = next((c.text for c in reversed(candidates) if c.final), None)
    line = Text("reference ")
    line.append(_short(problem.answer or "unknown", 120), style="bold").append(" · answer ")
    line.append(_short(final if final is not None else "none found", 120), style="bold")
    line.append(f" {GLYPHS[state]} {word}", style=STYLES[state])
    console.print(line)


def _summary(states: Sequence[State]) -> Text:
    """The key to the strip, with counts."""
    parts = [f"{GLYPHS[s]} {WORDS[s]} {states.count(s):,}" for s in SEVERITY if s in states]
    first = first_error(states)
    if first is not None:
        parts.append(f"first error in step {first + 1:,}")
    return Text(f"{len(states):,} steps: " + " · ".join(parts) if states else "no steps")


def _shown(states: Sequence[State], candidates: Sequence[Candidate]) -> list[int]:
    """The steps to print: all of a trace of usual length, else the telling ones and neighbours."""
    if len(states) <= MOST_STEPS:
        return list(range(len(states)))
    telling = [i for i, state in enumerate(states) if state in ("bad", "retracted")]
    telling += [c.step_index for c in candidates if c.step_index is not None]
    near = {i + by for i in telling for by in (-1, 0, 1) if 0 <= i + by < len(states)}
    return sorted({0, len(states) - 1, *near})[:MOST_STEPS]


def _print_step(text: str, index: int, state: State, said: Brief, console: Console) -> None:
    line = Table.grid(padding=(0, 1))
    line.add_column(width=4, justify="right", style="bright_black")
    line.add_column(width=1, style=STYLES[state])
    line.add_column(ratio=1)
    words = Text(_short(text, STEP_CHARS))
    if index in said.categories:
        words.append(f"  ‹{plain(said.categories[index])}›", style="bright_black")
    line.add_row(Text(str(index + 1)), Text(GLYPHS[state]), words)
    console.print(line)
    for target, why in said.returns.get(index, []):
        note = Text(f"↩ returns to step {target + 1:,}: {_short(why, 300)}", style="magenta")
        console.print(Padding(note, (0, 0, 0, 7)))


def _print_notes(
    index: int | None,
    verdicts: Sequence[Verdict],
    candidates: Sequence[Candidate],
    console: Console,
) -> None:
    for verdict in verdicts:
        if verdict.step_index == index:
            state = verdict_state(verdict)
            note = Text(f"{GLYPHS[state]} {_reason(verdict)}", style=STYLES[state])
            console.print(Padding(note, (0, 0, 0, 7)))
    for candidate in candidates:
        if candidate.step_index == index:
            state = {True: "good", False: "bad", None: "open"}[candidate.correct]  # type: ignore[assignment]
            name = "final answer" if candidate.final else "candidate answer"
            note = Text(f"▲ {name} {_short(candidate.text, 120)}", style=STYLES[state])
            console.print(Padding(note, (0, 0, 0, 7)))


def _reason(verdict: Verdict) -> str:
    said = f"{WORDS[verdict_state(verdict)]}: {_short(verdict.reason, 300)}"
    if verdict.claim:
        said += f" [{_short(verdict.claim, 120)}]"
    if verdict.expected is not None:
        said += f"; expected {_short(verdict.expected, 120)}"
    if verdict.retracted_by is not None:
        said += f"; taken back in step {verdict.retracted_by + 1:,}"
    return said


def _print_answer(
    case: Case, verdicts: Sequence[Verdict], candidates: Sequence[Candidate], console: Console
) -> None:
    if case.trace.answer.strip():
        console.print(Text("\nafter the reasoning"), style="bright_black")
        console.print(Text(_short(case.trace.answer, 3 * STEP_CHARS)))
    _print_notes(None, verdicts, candidates, console)


def _short(text: str, most: int) -> str:
    """Printable text without surrounding space, cut in the middle where it is too long."""
    clean = text.strip() if len(text) <= 4 * most else text[: 2 * most].strip()
    if len(clean) > most or len(text) > 4 * most:
        head, tail = clean[: most * 2 // 3], text.rstrip()[-most // 3 :]
        clean = f"{head} … {len(text) - len(head) - len(tail):,} more … {tail}"
    return plain(clean)
