"""What commands print: results on stdout, progress and remarks on stderr."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from reasonscope.findings import Finding
from reasonscope.stats import Estimate

DONE, FIX, PARTLY = 0, 2, 3

errors = Console(stderr=True)
"""Where progress and remarks go."""


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """A progress display on stderr with rate and remaining time."""
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TaskProgressColumn(show_speed=True),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=errors,
        transient=True,
    ) as progress:
        yield progress


def say(line: str) -> None:
    """One line on stdout; controls in what a trace says show as their codes."""
    from reasonscope.report.terminal import plain

    print(plain(line))


def remark(line: str) -> None:
    """One line on stderr, of which nothing is read as markup or reaches the terminal as control."""
    from reasonscope.report.terminal import plain

    errors.print(plain(line), markup=False)


def print_json(held: Any) -> None:
    """One JSON value on stdout."""
    print(json.dumps(held, ensure_ascii=False, indent=1, allow_nan=False))


def shown(value: float | None, unit: str) -> str:
    """A number as a person writes it.

    >>> shown(0.9512, "share"), shown(1234.6, "tokens"), shown(None, "share")
    ('95.1 %', '1,235', 'unknown')
    """
    if value is None:
        return "unknown"
    if unit == "share":
        return f"{100 * value + 0.0:.1f} %".replace("-0.0 %", "0.0 %")
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def interval(estimate: Estimate, unit: str) -> str:
    """A value with its interval.

    >>> interval(Estimate(value=0.951, low=0.93, high=0.966), "share")
    '95.1 % [93.0 to 96.6]'
    """
    value = shown(estimate.value, unit)
    if estimate.low is None or estimate.high is None:
        return value
    low, high = shown(estimate.low, unit), shown(estimate.high, unit)
    return f"{value} [{low.removesuffix(' %')} to {high.removesuffix(' %')}]"


def print_findings(findings: Sequence[Finding], as_json: bool) -> None:
    """Findings as a list of JSON objects, or as sentences with interval and control."""
    if as_json:
        print_json([finding.to_json() for finding in findings])
        return
    from reasonscope.cli.told import tell
    from reasonscope.instruments import instruments

    tell(findings, instruments())
