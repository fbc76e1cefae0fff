"""Altair charts as inline SVG: no script, no network, colours that follow the page's theme.

Charts are drawn with a few sentinel colours. Afterwards each becomes a class, whose colour the
page's stylesheet sets for light, dark and print. What Vega writes is not trusted: only elements
and attributes that draw are kept, so that no link, handler or outside address survives.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

import altair as alt
import vl_convert
from markupsafe import Markup

from reasonscope.errors import ReasonscopeError
from reasonscope.traces.schema import LABELS

INK, MUTED, GRID = "#20242a", "#5d6570", "#e1e4e8"
ACCENT = "#2b5c94"
GOOD, BAD, RETRACTED, OPEN, NONE = "#00806a", "#c2410c", "#7352b5", "#8b929c", "#c9ced5"
PAPER = "#fdfdfc"
SERIES = ("#2b5c94", "#b8860b", "#4f9c8f", "#a6527a", "#77808c", "#6b4c2a")
"""Colours for categories that are not verdicts."""

OUTCOME_COLOURS: dict[str, str] = {
    "right": GOOD,
    "wrong": BAD,
    "not comparable": OPEN,
    "no final answer": NONE,
}
"""The colour of each outcome, for an altair scale; the page turns them into its own."""

CATEGORIES = (
    "#9e5400", "#a09624", "#255c70", "#4594f0", "#b47896", "#6c51c3", "#740100", "#34218f",
    "#2f7d32", "#a3279b", "#7a6f5d", "#3a4450",
)  # fmt: skip
"""Colours for categories of steps, as on the strips: the eight labels first."""

LABEL_COLOURS: dict[str, str] = dict(zip(LABELS, CATEGORIES, strict=False))
"""The colour of each label of a step, for an altair scale."""

_CLASSES = {
    INK: "ink", MUTED: "muted", GRID: "grid", ACCENT: "accent", PAPER: "paper", GOOD: "good",
    BAD: "bad", RETRACTED: "retracted", OPEN: "open", NONE: "none",
    **{colour: f"series{number}" for number, colour in enumerate(SERIES) if number},
    **{colour: f"cat{number}" for number, colour in enumerate(CATEGORIES)},
}  # fmt: skip

WIDE, NARROW = 430, 240
"""Widths in pixels of a plot's inner frame, on a desk and on a phone."""

MAX_SVG_BYTES = 1_500_000
"""A larger drawing is refused: it would take the page's budget; plot a summary instead."""


def _names(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_ELEMENTS = _names(
    "svg g path text tspan rect line circle ellipse polygon polyline defs clipPath "
    "linearGradient radialGradient stop"
)
_ATTRIBUTES = _names(
    "transform d x y x1 y1 x2 y2 dx dy cx cy r rx ry width height points offset fill stroke "
    "fill-opacity stroke-opacity opacity stroke-width stroke-dasharray stroke-dashoffset "
    "stroke-linecap stroke-linejoin stroke-miterlimit text-anchor font-size font-weight "
    "font-style dominant-baseline clip-path id stop-color stop-opacity viewBox "
    "gradientUnits clipPathUnits fx fy"
)
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LOCAL_REFERENCE = re.compile(r"url\(#([A-Za-z0-9_-]{1,64})\)")
_COLOUR = re.compile(
    r"#[0-9a-fA-F]{3,8}|rgba?\([0-9 .,%]{1,60}\)|[a-zA-Z]{1,24}|url\(#[\w-]{1,80}\)"
)


def values(rows: Iterable[Mapping[str, Any]]) -> alt.Data:
    """Rows as an altair data source, without pandas.

    >>> values([{"x": 1}]).to_dict()
    {'values': [{'x': 1}]}
    """
    return alt.Data(values=[dict(row) for row in rows])


def theme(width: int) -> dict[str, Any]:
    """The Vega-Lite configuration of every plot in the report, for frames of one width."""
    words = {"labelColor": MUTED, "titleColor": MUTED, "labelFontSize": 12, "titleFontSize": 12}
    axis = {**words, "titleFontWeight": "normal", "domainColor": GRID, "tickColor": GRID}
    axis |= {"gridColor": GRID, "labelLimit": 150 if width < WIDE else 240, "titlePadding": 8}
    legend: dict[str, Any] = {"titleFontWeight": "normal", "orient": "top", "symbolType": "square"}
    legend |= {"columnPadding": 22, "columns": 4 if width == WIDE else 2}
    return {
        "background": None,
        "padding": {"left": 18, "right": 18, "top": 5, "bottom": 5},
        "font": "system-ui, sans-serif",
        "view": {"stroke": None, "continuousWidth": width, "continuousHeight": 200},
        "axis": axis,
        "axisX": {"tickCount": 4 if width < WIDE else 7, "labelOverlap": True},
        "legend": {**words, **legend},
        "headerRow": {"labelOrient": "top", "labelAnchor": "start", "labelPadding": 4},
        "header": {**words, "labelFontSize": 12, "labelAngle": 0, "labelAlign": "left"},
        "title": {"color": INK, "fontSize": 13, "fontWeight": "normal", "anchor": "start"},
        "range": {"category": list(SERIES)},
        "mark": {"color": ACCENT},
        "text": {"color": MUTED, "fontSize": 12},
    }


def svg(
    chart: Any, label: str, prefix: str, width: int = WIDE, most_bytes: int = MAX_SVG_BYTES
) -> Markup:
    """An altair chart (or Vega-Lite mapping) as a safe ``<svg>`` that takes the page's colours.

    Args:
        chart: the chart; its own configuration goes before the report's theme.
        label: what it shows, for those who cannot see it.
        prefix: put before every id in the drawing, so that drawings on one page do not mix.
        width: inner width in pixels of frames that state none.
        most_bytes: a larger drawing is refused.
    """
    spec = _printable(chart if isinstance(chart, Mapping) else chart.to_dict())
    own = {key: held for key, held in spec.get("config", {}).items() if key != "view"}
    spec["config"] = _merged(theme(width), own)
    drawn = vl_convert.vegalite_to_svg(spec, allowed_base_urls=[])
    if len(drawn) > most_bytes:
        raise ReasonscopeError(
            f"this plot takes {len(drawn):,} characters, more than {most_bytes:,}; "
            "plot a summary of the data instead"
        )
    return clean_svg(drawn, label, prefix)


def _printable(held: Any) -> Any:
    """A JSON value whose texts are valid in XML: vl-convert aborts the whole process otherwise."""
    if isinstance(held, str):
        return _NOT_XML.sub("\ufffd", held)
    if isinstance(held, Mapping):
        return {_printable(key): _printable(value) for key, value in held.items()}
    if isinstance(held, list | tuple):
        return [_printable(value) for value in held]
    return held


def _merged(base: dict[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """``base`` with ``over`` put on top, mappings merged one level deep."""
    merged = dict(base)
    for key, held in over.items():
        below = merged.get(key)
        both = isinstance(below, dict) and isinstance(held, Mapping)
        merged[key] = {**below, **held} if both else held  # type: ignore[dict-item]
    return merged


def clean_svg(drawn: str, label: str, prefix: str) -> Markup:
    """The drawing with only elements and attributes that draw, and theme colours as classes."""
    root = ElementTree.fromstring(_NOT_XML.sub("\ufffd", drawn))  # noqa: S314 (no entities below)
    kept = _kept(root, prefix)
    if kept is None:
        raise ReasonscopeError("the drawing is not an SVG")
    for key in ("width", "height"):
        kept.attrib.pop(key, None)
    kept.set("xmlns", "http://www.w3.org/2000/svg")
    kept.set("role", "img")
    kept.set("aria-label", label)
    natural = root.get("width", "")
    if natural.replace(".", "", 1).isdigit():
        kept.set("width", natural)
    return Markup(ElementTree.tostring(kept, encoding="unicode"))  # noqa: S704 (built above)


def _kept(node: ElementTree.Element, prefix: str) -> ElementTree.Element | None:
    tag = _local(node.tag)
    if tag not in _ELEMENTS:
        return None
    kept = ElementTree.Element(tag, _attributes(node.attrib, prefix))
    kept.text = node.text if tag in ("text", "tspan") else None
    for child in node:
        below = _kept(child, prefix)
        if below is not None:
            below.tail = child.tail if tag in ("text", "tspan") else None
            kept.append(below)
    return kept


def _local(tag: object) -> str:
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _attributes(held: Mapping[str, str], prefix: str) -> dict[str, str]:
    kept: dict[str, str] = {}
    classes: list[str] = []
    for name, value in held.items():
        if name not in _ATTRIBUTES:
            continue
        if name in ("fill", "stroke", "stop-color"):
            theme_class = _CLASSES.get(value.lower())
            if theme_class and name != "stop-color":
                classes.append(f"{name[0]}-{theme_class}")
            elif _COLOUR.fullmatch(value):
                kept[name] = _renamed(value, prefix)
        elif name == "id":
            kept[name] = f"{prefix}-{value}"
        else:
            kept[name] = _renamed(value, prefix)
    if classes:
        kept["class"] = " ".join(classes)
    return kept


def _renamed(value: str, prefix: str) -> str:
    """References to ids within the drawing, renamed; other addresses are dropped."""
    if "url(" not in value:
        return value
    match = _LOCAL_REFERENCE.fullmatch(value)
    return f"url(#{prefix}-{match.group(1)})" if match else "none"


def class_names() -> Sequence[str]:
    """The theme's colour names, for which the stylesheet must have a fill and a stroke."""
    return sorted(_CLASSES.values())
