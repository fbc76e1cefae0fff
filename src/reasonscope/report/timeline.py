"""One trace as a small piece of static HTML for notebooks: no script, everything escaped."""

from collections.abc import Sequence
from html import escape

from reasonscope.report.brief import Brief, brief
from reasonscope.report.panel import Mark
from reasonscope.report.states import (
    GLYPHS,
    SEVERITY,
    WORDS,
    State,
    outcome,
    shares,
    step_states,
    verdict_state,
)
from reasonscope.traces.schema import Candidate, Case, Verdict

CELLS = 120
"""Most cells of the strip; more steps share cells."""

STEPS = 60
"""Most steps that are written out."""

_COLOURS: dict[State, str] = {
    "bad": "#d9571f",
    "retracted": "#a78fd6",
    "good": "#4fae99",
    "open": "#9aa1ab",
    "none": "#d9dde2",
}


def timeline_html(
    case: Case,
    verdicts: Sequence[Verdict] = (),
    candidates: Sequence[Candidate] = (),
    marks: Sequence[Mark] = (),
) -> str:
    """The question, the outcome, a strip of steps, and the steps with verdicts, as HTML.

    Args:
        case: the trace with its problem and steps.
        verdicts: the trace's verdicts.
        candidates: the answers that it states.
        marks: instruments' marks on it: categories and returns are shown.
    """
    said = brief(marks, len(case.steps))
    states = step_states(len(case.steps), verdicts)
    pieces = [
        f"<p><b>{_text(case.problem.question, 600)}</b></p>",
        _ending(case, verdicts, candidates),
        _strip(states),
        _legend(states, said),
        _steps(case, states, said, verdicts, candidates),
    ]
    body = "".join(piece for piece in pieces if piece)
    return f'<div style="font-family:system-ui,sans-serif;max-width:56em">{body}</div>'


def _text(text: str, most: int) -> str:
    """Escaped text in isolation, so that direction marks in it end with it."""
    clean = text.strip() if len(text) <= 4 * most else text[: 2 * most].strip()
    short = clean if len(clean) <= most else f"{clean[:most]}…"
    return f"<bdi>{escape(short)}</bdi>"


def _ending(case: Case, verdicts: Sequence[Verdict], candidates: Sequence[Candidate]) -> str:
    ending = outcome(case.trace, verdicts, candidates)
    word = {True: "✓ right", False: "✕ wrong", None: "? outcome unknown"}[ending.correct]
    final = next((c.text for c in reversed(candidates) if c.final), "none found")
    reference = case.problem.answer if case.problem.answer is not None else "unknown"
    return (
        f"<p>reference {_text(reference, 120)} · answer {_text(final, 120)} · {word} · "
        f"{_text(case.trace.model, 60)}</p>"
    )


def _strip(states: Sequence[State]) -> str:
    """One cell a step (or a share of them), coloured by its most telling state."""
    drawn = []
    for start, end, state in shares(states, CELLS):
        sign = GLYPHS[state] if state in ("bad", "retracted") else "&nbsp;"
        place = f"{start + 1}" if end == start + 1 else f"{start + 1}–{end}"
        drawn.append(
            f'<span title="step {place}: {WORDS[state]}" style="flex:1;min-width:2px;height:1.3em;'
            f"text-align:center;font-size:11px;overflow:hidden;color:#fff;"
            f'background:{_COLOURS[state]}">{sign}</span>'
        )
    label = f"{len(states)} steps" if states else "no steps"
    style = "display:flex;gap:1px;margin:.4em 0"
    return f'<div role="img" aria-label="{label}" style="{style}">{"".join(drawn)}</div>'


def _legend(states: Sequence[State], said: Brief) -> str:
    counts = [f"{GLYPHS[s]} {WORDS[s]} {states.count(s):,}" for s in SEVERITY if s in states]
    lines = [" · ".join(counts), *(_text(line, 600) for line in said.summary)] if counts else []
    return "".join(f'<p style="font-size:85%;opacity:.75">{line}</p>' for line in lines)


def _steps(
    case: Case,
    states: Sequence[State],
    said: Brief,
    verdicts: Sequence[Verdict],
    candidates: Sequence[Candidate],
) -> str:
    """Steps in a closed fold; of many, those that are false or state an answer come first."""
    order = range(len(states))
    if len(states) > STEPS:
        telling = {i for i in order if states[i] in ("bad", "retracted")}
        telling |= {c.step_index for c in candidates if c.step_index is not None}
        kept = sorted(telling & set(order))[:STEPS]
        kept += [i for i in order if i not in telling][: STEPS - len(kept)]
        order_kept = sorted(kept)
    else:
        order_kept = list(order)
    if not order_kept:
        return ""
    items = "".join(_item(case, i, states[i], said, verdicts) for i in order_kept)
    title = f"{len(order_kept):,} of {len(states):,} steps"
    return f'<details><summary>{title}</summary><div style="font-size:92%">{items}</div></details>'


def _item(case: Case, index: int, state: State, said: Brief, verdicts: Sequence[Verdict]) -> str:
    lines = [
        f"{GLYPHS[verdict_state(v)]} {WORDS[verdict_state(v)]}: {_text(v.reason, 300)}"
        for v in verdicts
        if v.step_index == index
    ]
    lines += [
        f"↩ returns to step {target + 1:,}: {_text(why, 300)}"
        for target, why in said.returns.get(index, [])
    ]
    notes = "".join(f'<div style="margin-left:2.6em;opacity:.85">{line}</div>' for line in lines)
    does = said.categories.get(index, "")
    return (
        f'<div style="margin:.25em 0"><span style="opacity:.6">{index + 1}</span> '
        f'<b style="color:{_COLOURS[state] if state != "none" else "inherit"}">{GLYPHS[state]}</b> '
        f"{_text(case.steps[index].text, 600)}"
        f"{f' <i>‹{_text(does, 120)}›</i>' if does else ''}</div>{notes}"
    )
