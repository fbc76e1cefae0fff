"""Where each finding stands on the page: at its head, in its instrument's panel, or unassessed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from reasonscope.findings import Finding
from reasonscope.report.whiskers import FindingView, view

NO_VALUE = "This could not be assessed: "
"""How the sentence of a finding without a value begins; the page says it once for all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unassessed:
    """Findings of one instrument that have no value, for one reason."""

    instrument: str
    reason: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """All findings of a study, each in one place."""

    headlines: dict[str, list[FindingView]] = field(default_factory=dict)
    """By instrument, what stands at the head of the page."""
    others: dict[str, list[FindingView]] = field(default_factory=dict)
    """By instrument, what stands with its panel."""
    unassessed: list[Unassessed] = field(default_factory=list)

    @property
    def unassessed_count(self) -> int:
        """How many findings have no value."""
        return sum(len(held.names) for held in self.unassessed)

    def reasons(self, instrument: str) -> list[Unassessed]:
        """Why findings of one instrument have no value."""
        return [held for held in self.unassessed if held.instrument == instrument]

    def idle(self, instrument: str) -> str:
        """Why an instrument found nothing to assess; empty: it assessed something, or is new."""
        if instrument in self.headlines or instrument in self.others:
            return ""
        reasons = self.reasons(instrument)
        return reasons[0].reason if reasons else ""


def standing(
    findings: Iterable[Finding], order: Sequence[str], headlines: Mapping[str, Sequence[str]]
) -> Standing:
    """Every finding in its place, instruments in the order given and unknown ones last.

    Args:
        findings: of the whole study.
        order: the instruments' names.
        headlines: by instrument, the names of findings for the head of the page, in order.
    """
    groups: dict[str, list[Finding]] = {name: [] for name in order}
    for finding in findings:
        groups.setdefault(finding.instrument, []).append(finding)
    held = Standing()
    for name, group in groups.items():
        _place(held, name, group, list(headlines.get(name, ())))
    return held


def _place(held: Standing, name: str, group: Sequence[Finding], first: list[str]) -> None:
    views = [view(finding) for finding in group]
    known = [one for one in views if one.assessed]
    head = sorted((v for v in known if v.name in first), key=lambda v: first.index(v.name))
    rest = [one for one in known if one.name not in first]
    if head:
        held.headlines[name] = head
    if rest:
        held.others[name] = rest
    held.unassessed.extend(_without_value(name, [one for one in views if not one.assessed]))


def _without_value(name: str, views: Iterable[FindingView]) -> list[Unassessed]:
    """Findings without a value, those of one reason together."""
    by_reason: dict[str, list[str]] = {}
    for one in views:
        by_reason.setdefault(one.sentence.removeprefix(NO_VALUE), []).append(one.name)
    return [
        Unassessed(instrument=name, reason=reason, names=tuple(names))
        for reason, names in by_reason.items()
    ]
