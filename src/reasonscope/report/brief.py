"""Marks in few words, for the terminal and the notebook: what a step does, where it returns to."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from reasonscope.report.marking import ARCS_ALWAYS, NAME_CHARACTERS, aims
from reasonscope.report.panel import Mark

MOST_LAYERS = 4
MOST_CATEGORIES = 8
"""More layers, and more categories of one, are not named in the summary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """What is said of one trace's steps, by step; all of it is text of a study, to be escaped."""

    categories: dict[int, str] = field(default_factory=dict)
    """What the step is, such as ``self checking``; several are joined."""
    returns: dict[int, list[tuple[int, str]]] = field(default_factory=dict)
    """The steps that it returns to, and what the mark says."""
    summary: tuple[str, ...] = ()
    """A line for each layer with categories: how many steps of which."""


def brief(marks: Iterable[Mark], steps: int) -> Brief:
    """The categories and returns among the marks of a trace with so many steps.

    >>> mark = Mark(trace_id="t", step_index=2, layer="labels", kind="neutral", text="",
    ...             category="self_checking")
    >>> brief([mark], 3).summary
    ('labels: self checking 1',)
    """
    held = [mark for mark in marks if mark.step_index is not None and mark.step_index < steps]
    categories: defaultdict[int, list[str]] = defaultdict(list)
    returns: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for mark in held:
        assert mark.step_index is not None
        if mark.category:
            categories[mark.step_index].append(_words(mark.category))
            counts[mark.layer][_words(mark.category)] += 1
        if mark.layer in ARCS_ALWAYS and mark.target is not None and aims(mark, steps):
            returns[mark.step_index].append((mark.target, mark.text))
    return Brief(
        categories={step: ", ".join(dict.fromkeys(said)) for step, said in categories.items()},
        returns=dict(returns),
        summary=tuple(_line(layer, counts[layer]) for layer in list(counts)[:MOST_LAYERS]),
    )


def _words(category: str) -> str:
    return category[:NAME_CHARACTERS].replace("_", " ")


def _line(layer: str, counted: Counter[str]) -> str:
    """One layer's categories, the most frequent first."""
    ranked: Sequence[tuple[str, int]] = sorted(counted.items(), key=lambda held: (-held[1], held))
    said = [f"{name} {count:,}" for name, count in ranked[:MOST_CATEGORIES]]
    rest = sum(count for _, count in ranked[MOST_CATEGORIES:])
    return f"{layer[:NAME_CHARACTERS]}: " + " · ".join(
        [*said, *([f"others {rest:,}"] * bool(rest))]
    )
