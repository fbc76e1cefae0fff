"""A finding as the page draws it: words for its number, and a dot with whiskers on a scale."""

import math
from dataclasses import dataclass
from typing import TypeGuard

from reasonscope.findings import Finding
from reasonscope.stats import Estimate

SHARE_ENDS = (0.01, 0.05, 0.2, 1.0)
"""Right ends of the scale for shares; few, so that rows can be compared at a glance."""

DIP = 0.05
"""An interval that goes below nought by less than this share of the scale is drawn to nought."""

UNSPOKEN = frozenset({"", "count", "correlation", "ratio"})
"""Units that are no words after a number."""

WIDTH, PAD = 240.0, 8.0
"""Width of the drawing in its own units, and the margin at both ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whisker:
    """Where an estimate stands on the drawing, in its units from the left."""

    dot: float
    low: float | None
    """Left end of the interval; None: no interval."""
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingView:
    """Everything that the page says of one finding, as text and places."""

    instrument: str
    name: str
    sentence: str
    assessed: bool
    value: str
    unit: str
    """What of :attr:`value` is its unit, if that is more than a percent sign."""
    interval: str
    control: str
    """The control's value and interval in words; empty: there is no control."""
    control_meaning: str
    basis: str
    """What it rests on: observations and clusters."""
    method: str
    better: str
    scale: tuple[str, str]
    """What stands at the left and right end of the drawing."""
    zero: float | None
    """Where no difference stands on the drawing, if that is not one of its ends."""
    mark: Whisker | None
    control_mark: Whisker | None


def number(value: float, unit: str) -> str:
    """A value in its unit, with about three digits.

    >>> number(0.9347, "share"), number(1234.5, "tokens"), number(0.0421, "nats")
    ('93.5 %', '1,234 tokens', '0.0421 nats')
    >>> number(-0.031, "points")
    '-3.1 points'
    """
    if not math.isfinite(value):
        return "not a finite number"
    if unit == "points":
        points = 100 * value or 0.0
        if not points:
            return "0 points"
        return f"{points:+.2g} points" if abs(points) < 1 else f"{round(points, 1):+g} points"
    if unit == "share":
        percent = 100 * value
        return f"{percent:.2g} %" if abs(percent) < 1 else f"{round(percent, 1):g} %"
    digits = 0 if value == int(value) or abs(value) >= 1000 else 3
    plain = f"{value:,.0f}" if digits == 0 else f"{value:.{digits}g}"
    return plain if unit in UNSPOKEN else f"{plain} {unit}"


def view(finding: Finding) -> FindingView:
    """The finding ready for the page."""
    estimate, control = finding.estimate, finding.control
    assessed = _is_number(estimate.value)
    left, right = _scale(finding)
    return FindingView(
        instrument=finding.instrument,
        name=finding.name,
        sentence=finding.sentence,
        assessed=assessed,
        value=number(estimate.value, finding.unit) if _is_number(estimate.value) else "",
        unit="" if finding.unit in UNSPOKEN | {"share"} else finding.unit,
        interval=_interval(estimate, finding.unit),
        control=_control(control, finding.unit),
        control_meaning=finding.control_meaning,
        basis=_basis(estimate),
        method=_method(estimate),
        better={"higher": "Higher is better.", "lower": "Lower is better."}.get(finding.better, ""),
        scale=(number(left, finding.unit), number(right, finding.unit)),
        zero=_place(0.0, left, right) if left < 0 < right else None,
        mark=_whisker(estimate, left, right) if assessed else None,
        control_mark=None if control is None else _whisker(control, left, right),
    )


def _is_number(value: float | None) -> TypeGuard[float]:
    return value is not None and math.isfinite(value)


def _interval(estimate: Estimate, unit: str) -> str:
    low, high = estimate.low, estimate.high
    if low is None or high is None:
        return ""
    if unit in ("share", "points"):
        return f"{number(low, unit).rpartition(' ')[0]} to {number(high, unit)}"
    return f"{number(low, '')} to {number(high, '')}"


def _control(control: Estimate | None, unit: str) -> str:
    if control is None:
        return ""
    if control.value is None:
        return "could not be assessed"
    interval = _interval(control, unit)
    return number(control.value, unit) + (f" ({interval})" if interval else "")


def _basis(estimate: Estimate) -> str:
    if not estimate.n:
        return "nothing to count"
    clusters = estimate.clusters
    word = "problem" if clusters == 1 else "problems"
    groups = "" if clusters is None or clusters == estimate.n else f" in {clusters:,} {word}"
    return f"n = {estimate.n:,}{groups}"


def _method(estimate: Estimate) -> str:
    if not estimate.method:
        return ""
    return f"{100 * estimate.level:g} % interval: {estimate.method}"


def _scale(finding: Finding) -> tuple[float, float]:
    """The ends of the drawing: from 0 to a round number at or beyond all that is shown."""
    estimates = [e for e in (finding.estimate, finding.control) if e is not None]
    held = [v for e in estimates for v in (e.value, e.low, e.high) if _is_number(v)]
    low, high = min([0.0, *held]), max([0.0, *held])
    if -low < DIP * high:
        low = 0.0
    if finding.unit == "share" and 0 <= low <= high <= 1:
        return 0.0, next(end for end in SHARE_ENDS if end >= (high if held else 1.0))
    return -_round_up(-low) or 0.0, _round_up(high) if high > low else low + 1.0


def _round_up(value: float) -> float:
    """The next of 1, 2, 5 times a power of ten, and their like, at or above a value.

    >>> _round_up(37), _round_up(0.0), _round_up(5)
    (40.0, 0.0, 5.0)
    """
    if value <= 0:
        return 0.0
    power = 10.0 ** math.floor(math.log10(value))
    steps = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
    return next(step * power for step in steps if step * power >= value * (1 - 1e-9))


def _whisker(estimate: Estimate, left: float, right: float) -> Whisker | None:
    dot = _place(estimate.value, left, right)
    if dot is None:
        return None
    low, high = (_place(end, left, right) for end in (estimate.low, estimate.high))
    return Whisker(dot=dot, low=low, high=high)


def _place(value: float | None, left: float, right: float) -> float | None:
    """Where a value stands on the drawing; None: it is unknown."""
    if not _is_number(value):
        return None
    share = (value - left) / (right - left)
    return round(PAD + min(max(share, 0.0), 1.0) * (WIDTH - 2 * PAD), 2)
