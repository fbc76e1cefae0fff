"""The report: one HTML file with everything in it, which works from disk without a network.

The page runs one script, named by its hash in the Content-Security-Policy, and takes one
stylesheet, named likewise; nothing else may load or run. Data stands in script elements that no
browser executes, and the script makes elements from it by ``textContent`` alone.
"""

import base64
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from reasonscope.findings import Finding
from reasonscope.report import plots
from reasonscope.report.facts import Facts, facts
from reasonscope.report.grid import grid
from reasonscope.report.overview import overview
from reasonscope.report.panel import Figure, Mark, Panel
from reasonscope.report.payload import Payload, json_text, payload
from reasonscope.report.selection import select
from reasonscope.report.standing import Standing, standing
from reasonscope.report.states import GLYPHS, SEVERITY, WORDS
from reasonscope.report.writing import write_whole
from reasonscope.traces.store import Study

INDEX_ROW_BYTES = 260
"""About what a row of the list of traces takes."""

SCRIPTS = ("data", "marks", "strip", "text", "list", "reader", "keys", "main")
"""The parts of the page's script, in the order in which they are joined."""

MORE = 1.2
"""Traces are chosen for so much of the budget: costs are estimates, packing then cuts exactly."""

OPEN_FINDINGS = 6
"""More findings of one panel are folded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedPanel:
    """A panel that could not be made; the page shows why, and goes on."""

    name: str
    title: str
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What the page must know of an instrument besides its panel."""

    name: str
    """As in its panel and its findings."""
    title: str
    """A few words, for the list of panels."""
    headlines: tuple[str, ...] = ()
    """Names of findings that stand at the head of the page, in order."""


Marks = Callable[[Sequence[str]], Iterable[Mark | FailedPanel]]
"""Gives the marks on the named traces, and for an instrument that fails to, the error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawn:
    """A figure as the page shows it: two drawings, or the error."""

    title: str
    wide: str = ""
    narrow: str = ""
    error: str = ""


def write_report(
    study: Study,
    panels: Sequence[Panel | FailedPanel],
    marks: Marks,
    out: Path | None = None,
    budget_bytes: int = 8_000_000,
    heads: Sequence[Head] = (),
) -> Path:
    """Write the study's page and return its path (default: ``report.html`` in the study).

    The same study, panels and marks give the same file. The file is written under another name
    and renamed, so a page that is there already is replaced whole or not at all.

    Args:
        study: what to show.
        panels: the instruments' panels, in order.
        marks: gives the instruments' marks on the named traces; called once.
        out: where to write.
        budget_bytes: about the most bytes that traces and their list may take; the rest of the
            page (script, style, figures) comes on top. When not all traces fit, the most
            telling are embedded, and the page says which and why.
        heads: the instruments' titles, and which of their findings stand at the head of the page.

    Raises:
        SetupError: the file cannot be written.
    """
    text = render(study, panels, marks, budget_bytes, heads)
    path = out if out is not None else study.path / "report.html"
    return write_whole(path, text, "the report to", "Name another file with --out.")


def render(
    study: Study,
    panels: Sequence[Panel | FailedPanel],
    marks: Marks,
    budget_bytes: int = 8_000_000,
    heads: Sequence[Head] = (),
) -> str:
    """The page's text; see :func:`write_report`."""
    known = facts(study)
    held, failed = _traces(study, known, marks, budget_bytes)
    order = [panel.name for panel in panels]
    first = {head.name: head.headlines for head in heads}
    found = standing(study.records("findings", Finding), order, first)
    shown = _panels([*panels, *failed], {head.name: head.title for head in heads}, found)
    style, script = _asset("style.css"), _script()
    return (
        _environment()
        .get_template("page.html.j2")
        .render(
            overview=overview(study, known),
            standing=found,
            headlines=_headlines(shown, found),
            panels=shown,
            payload=held,
            index=Markup(json_text({**held.index, "study": study.name})),  # noqa: S704
            states=[(state, GLYPHS[state], WORDS[state]) for state in SEVERITY],
            style=Markup(style),  # noqa: S704
            script=Markup(script),  # noqa: S704
            style_hash=_sha256(style),
            script_hash=_sha256(script),
        )
    )


def _traces(
    study: Study, known: Sequence[Facts], marks: Marks, budget: float
) -> tuple[Payload, list[FailedPanel]]:
    """The traces that fit, with their marks; marks that fail are told as a failed panel."""
    list_budget = min(INDEX_ROW_BYTES * len(known), budget / 8)
    selection = select(known, MORE * (budget - list_budget))
    failed: list[FailedPanel] = []
    found: list[Mark] = []
    try:
        for one in marks(list(selection.chosen)):
            if isinstance(one, FailedPanel):
                failed.append(one)
            else:
                found.append(one)
    except Exception as error:  # instruments are not ours alone: the page survives them
        reason = f"{type(error).__name__}: {error}"
        failed.append(FailedPanel(name="marks", title="Marks on the steps", error=reason))
    rows = int(list_budget / INDEX_ROW_BYTES)
    held = payload(study, known, selection, found, budget - list_budget, rows)
    return held, failed


def _panels(
    panels: Sequence[Panel | FailedPanel], titles: Mapping[str, str], found: Standing
) -> list[dict[str, Any]]:
    """The panels as the template shows them; findings without a panel get one of their own."""
    named = {panel.name for panel in panels}
    lonely = [name for name in (*found.headlines, *found.others) if name not in named]
    shown = [_panel(number, panel, found) for number, panel in enumerate(panels)]
    shown += [
        _section(f"panel-{len(shown) + number}", name, titles.get(name, name), found)
        for number, name in enumerate(dict.fromkeys(lonely))
    ]
    return [held | {"short": titles.get(held["name"], held["title"])} for held in shown]


def _section(anchor: str, name: str, title: str, found: Standing) -> dict[str, Any]:
    """What every part of the page that belongs to one instrument has."""
    return {
        "anchor": anchor,
        "name": name,
        "title": title,
        "findings": found.others.get(name, []),
        "headlines": name in found.headlines,
        "missing": sum(len(held.names) for held in found.reasons(name)),
        "idle": "",
        "error": "",
        "panel": None,
        "tables": (),
        "figures": [],
    }


def _panel(number: int, panel: Panel | FailedPanel, found: Standing) -> dict[str, Any]:
    held = _section(f"panel-{number}", panel.name, panel.title, found)
    if isinstance(panel, FailedPanel):
        return held | {"error": panel.error}
    drawn = [_drawn(figure, f"f{number}-{n}") for n, figure in enumerate(panel.figures)]
    own = {"panel": panel, "figures": drawn, "tables": [grid(table) for table in panel.tables]}
    return held | own | {"idle": found.idle(panel.name)}


def _headlines(shown: Sequence[dict[str, Any]], found: Standing) -> list[dict[str, Any]]:
    """The findings of the page's head, by instrument, with the way to its panel."""
    place = {held["name"]: held for held in reversed(shown)}
    return [
        {"anchor": place[name]["anchor"], "title": place[name]["short"], "findings": findings}
        for name, findings in found.headlines.items()
    ]


def _drawn(figure: Figure, prefix: str) -> _Drawn:
    try:
        return _Drawn(
            title=figure.title,
            wide=plots.svg(figure.chart, figure.alt, f"{prefix}w", plots.WIDE),
            narrow=plots.svg(figure.chart, figure.alt, f"{prefix}n", plots.NARROW),
        )
    except Exception as error:  # a plot that fails is told in its place
        return _Drawn(title=figure.title, error=f"{type(error).__name__}: {error}")


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("reasonscope.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["open_findings"] = OPEN_FINDINGS
    return made


@cache
def _asset(name: str) -> str:
    folder = files("reasonscope.report") / "templates"
    return folder.joinpath(*name.split("/")).read_text(encoding="utf-8")


def _script() -> str:
    """The page's one script: its parts in one scope of their own."""
    parts = "\n".join(_asset(f"js/{name}.js") for name in SCRIPTS)
    return f'(() => {{\n"use strict";\n{parts}\n}})();\n'


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
