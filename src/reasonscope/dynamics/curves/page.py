"""The page of a training run, rewritten while it goes on: one file, no script, no network."""

import base64
import hashlib
import time
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from reasonscope.dynamics.curves.panel import panel
from reasonscope.report import plots
from reasonscope.report.panel import Figure
from reasonscope.report.writing import write_whole
from reasonscope.traces.store import Study

FILE = "dynamics.html"
"""The page's name in the study."""
TEXTS = 2
"""Completions that are shown of a step."""
CHARACTERS = 2_000
"""Most characters of a completion and of a question that are shown."""
OWN_STYLE = """
.figures{grid-template-columns:repeat(auto-fit,minmax(min(30rem,100%),1fr));gap:2.4rem 2rem}
main pre{white-space:pre-wrap;overflow-wrap:anywhere}
.stopped{white-space:pre-line}
"""
"""What this page adds to the report's style."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A figure as the page shows it: the drawing, or why there is none."""

    title: str
    drawn: str = ""
    """Marked as safe where it is an SVG of our own."""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """A completion as the page shows it."""

    question: str
    text: str


@dataclass(frozen=True, slots=True)
class Sample:
    """Completions of one step of a run."""

    model: str
    step: int
    texts: tuple[Text, ...]


def write_page(
    study: Study,
    *,
    running: bool = False,
    stopped: str = "",
    every: int = 30,
    standing: str = "",
    warnings: tuple[str, ...] = (),
) -> Path:
    """Write ``dynamics.html`` in the study and return its path; an older page is replaced whole.

    Args:
        study: what to show.
        running: the run goes on; the page then reloads itself.
        stopped: why the run ended before its last step; empty: it did not.
        every: seconds after which it does.
        standing: how far the run is, in a sentence.
        warnings: what must be seen first, such as what the recorder could not do.

    Raises:
        SetupError: the file cannot be written.
    """
    text = render(
        study,
        running=running,
        stopped=stopped,
        every=every,
        standing=standing,
        warnings=warnings,
    )
    return write_whole(study.path / FILE, text, "the page")


def render(
    study: Study,
    *,
    running: bool = False,
    stopped: str = "",
    every: int = 30,
    standing: str = "",
    warnings: tuple[str, ...] = (),
) -> str:
    """The page's text; see :func:`write_page`."""
    held = panel(study)
    style = _asset("reasonscope.report", "templates/style.css") + OWN_STYLE
    digest = hashlib.sha256(style.encode()).digest()
    return _template().render(
        name=study.name,
        running=running,
        stopped=stopped,
        written=time.strftime("%H:%M:%S UTC", time.gmtime()),
        every=every,
        standing=standing,
        warnings=warnings,
        panel=held,
        figures=[_drawn(figure, f"d{number}") for number, figure in enumerate(held.figures)],
        samples=_samples(study),
        style=Markup(style),  # noqa: S704
        style_hash=base64.b64encode(digest).decode("ascii"),
    )


def _drawn(figure: Figure, prefix: str) -> Drawn:
    try:
        drawing = plots.svg(figure.chart, figure.alt, prefix, plots.WIDE)
        return Drawn(title=figure.title, drawn=drawing)
    except Exception as error:  # a plot that fails is told in its place
        return Drawn(title=figure.title, error=f"{type(error).__name__}: {error}")


def _samples(study: Study) -> list[Sample]:
    """Completions of the first, a middle and the last step of the run with the most of them."""
    rows = study.rows(
        "select distinct model, regexp_extract(model, '^(.*)@[0-9]{1,15}$', 1) as run, "
        "cast(regexp_extract(model, '@([0-9]{1,15})$', 1) as bigint) as step from traces "
        "where regexp_matches(model, '@[0-9]{1,15}$') order by run, step"
    )
    runs: dict[str, list[tuple[str, int]]] = {}
    for model, run, step in rows:
        runs.setdefault(run, []).append((model, step))
    steps = max(runs.values(), key=len, default=[])
    places = sorted({0, len(steps) // 2, len(steps) - 1}) if steps else []
    chosen = [steps[place] for place in places]
    return [Sample(model, step, _texts(study, model)) for model, step in chosen]


def _texts(study: Study, model: str) -> tuple[Text, ...]:
    rows: list[tuple[Any, ...]] = study.rows(
        "select p.question, t.opening || t.reasoning || t.closing || t.answer "
        "from traces t join problems p using (problem_id) where t.model = ? "
        "order by t.trace_id limit ?",
        [model, TEXTS],
    )
    return tuple(Text(_cut(question), _cut(text)) for question, text in rows)


def _cut(text: str) -> str:
    return text if len(text) <= CHARACTERS else f"{text[:CHARACTERS]}…"


@cache
def _template() -> Template:
    made = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return made.from_string(_asset("reasonscope.dynamics.curves", "dynamics.html.j2"))


@cache
def _asset(package: str, name: str) -> str:
    return files(package).joinpath(*name.split("/")).read_text(encoding="utf-8")
