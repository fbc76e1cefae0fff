"""Findings as a person reads them in a terminal: headlines first, then instrument by instrument."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from rich.console import Console
from rich.text import Text

from reasonscope.findings import Finding
from reasonscope.instrument import Instrument
from reasonscope.report.standing import Standing, Unassessed, standing
from reasonscope.report.terminal import plain
from reasonscope.report.whiskers import FindingView

HEAD = "What was found"
LEAST_WIDTH = 40
"""A narrower terminal is written to as if it were so wide."""
HARD = "\u00a0"
"""A space that no line ends at."""
BEFORE, UNDER = "  · ", "    "
"""What stands before a finding's first line, and before its others."""
TITLE, DETAIL = "bold", "bright_black"


def tell(
    findings: Iterable[Finding], tools: Mapping[str, Instrument], console: Console | None = None
) -> None:
    """Print findings at the width of the terminal."""
    console = console or Console()
    for line in lines(findings, tools, console.width):
        console.print(line, soft_wrap=True)


def lines(
    findings: Iterable[Finding], tools: Mapping[str, Instrument], width: int
) -> Iterator[Text]:
    """The lines that :func:`tell` prints, none longer than the width allows words to be.

    Args:
        findings: of one or of all instruments.
        tools: the instruments by name, in order, with their titles and headlines.
        width: columns of the terminal.
    """
    held = standing(findings, list(tools), {t.name: t.headlines for t in tools.values()})
    width = max(width, LEAST_WIDTH)
    if held.headlines:
        yield Text(HEAD, TITLE)
        for one in chain.from_iterable(held.headlines.values()):
            yield from _headline(one, width)
        yield Text()
    for name in _below(held):
        yield Text(tools[name].title if name in tools else plain(name), TITLE)
        for one in held.others.get(name, ()):
            yield from _line(one, width)
        for group in held.reasons(name):
            yield from _wrapped(_unassessed(group), width, DETAIL)
        yield Text()


def _below(held: Standing) -> list[str]:
    """Instruments with something to say after the headlines, in the findings' order."""
    silent = [group.instrument for group in held.unassessed if group.instrument not in held.others]
    return [*held.others, *dict.fromkeys(silent)]


def _headline(one: FindingView, width: int) -> Iterator[Text]:
    """A sentence of its own, then interval and basis, then the control."""
    interval = f"95 % interval {one.interval}, " if one.interval else ""
    yield from _wrapped(f"{one.sentence}.", width)
    yield from _wrapped(interval + one.basis, width, DETAIL, UNDER)
    if one.control:
        yield from _wrapped(_control(one), width, DETAIL, UNDER)


def _line(one: FindingView, width: int) -> Iterator[Text]:
    """One line where all of it fits, else the sentence and below it the rest."""
    interval = f"[{one.interval}], " if one.interval else ""
    rest = interval + one.basis + (f"; {_control(one)}" if one.control else "")
    whole = list(_wrapped(f"{one.sentence}  {rest}", width))
    if len(whole) == 1:
        whole[0].stylize(DETAIL, len(whole[0]) - len(rest))
        yield whole[0]
    else:
        yield from _wrapped(one.sentence, width)
        yield from _wrapped(rest, width, DETAIL, UNDER)


def _control(one: FindingView) -> str:
    meaning = f": {one.control_meaning}" if one.control_meaning else ""
    return f"control {one.control}{meaning}"


def _unassessed(group: Unassessed) -> str:
    """One line for all findings that one reason leaves without a value."""
    count = len(group.names)
    named = f"{count} findings" if count > 1 else group.names[0]
    return f"{named} could not be assessed: {group.reason}"


def _wrapped(text: str, width: int, style: str = "", before: str = BEFORE) -> Iterator[Text]:
    """Lines of a text; a number is not torn from its percent sign, nor ``n`` from its number."""
    kept = plain(text).replace(" %", HARD + "%").replace("n = ", f"n{HARD}={HARD}")
    for line in textwrap.wrap(
        kept, width, initial_indent=before, subsequent_indent=UNDER, break_on_hyphens=False
    ):
        yield Text(line.replace(HARD, " "), style)
