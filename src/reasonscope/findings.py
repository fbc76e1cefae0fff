"""A Finding: a claim about a study, as a sentence with its Estimate and its control."""

from dataclasses import dataclass
from html import escape
from typing import Any

from reasonscope.stats import Estimate


def percent(share: float | None) -> str:
    """A share as a person says it, with as many digits as tell it from none and from all.

    >>> percent(0.95854), percent(0.0002), percent(1.0), percent(None)
    ('95.9 %', '0.02 %', '100 %', 'an unknown share')
    """
    if share is None:
        return "an unknown share"
    if share in (0.0, 1.0):
        return f"{share:.0%}".replace("%", " %")
    return f"{100 * share:.2g} %" if share < 0.1 else f"{100 * share:.3g} %"


def share_sentence(estimate: Estimate, says: str, missing: str) -> str:
    """``95.9 % of ...``, or why the share could not be assessed.

    >>> share_sentence(Estimate(value=0.5, n=2), "of the traces end", "there are no traces")
    '50 % of the traces end'
    >>> share_sentence(Estimate(value=None), "of the traces end", "there are no traces")
    'This could not be assessed: there are no traces'
    """
    if estimate.value is None:
        return f"This could not be assessed: {missing}"
    return f"{percent(estimate.value)} {says}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A claim about a study: an Estimate, its control, and a sentence for a person."""

    instrument: str
    name: str
    """Unique within its instrument, such as ``accuracy_share``; names say the unit."""
    sentence: str
    """The claim in plain words with its value (the page adds interval and control), or, where
    it could not be assessed, the reason."""
    estimate: Estimate
    control: Estimate | None = None
    """The same measurement where nothing should be found."""
    control_meaning: str = ""
    """What the control is, such as ``answers shuffled between problems``."""
    unit: str = "share"
    """``share`` (0 to 1), ``count``, ``tokens``, ``steps``, ``per 1k tokens``, ``nats`` ..."""
    better: str = ""
    """``higher``, ``lower`` or empty where neither is better."""

    def to_json(self) -> dict[str, Any]:
        """The finding as a flat JSON object: value, low, high, n and the control's value."""
        return {
            "instrument": self.instrument,
            "name": self.name,
            "value": self.estimate.value,
            "low": self.estimate.low,
            "high": self.estimate.high,
            "n": self.estimate.n,
            "control": None if self.control is None else self.control.value,
            "clusters": self.estimate.clusters,
            "method": self.estimate.method,
            "level": self.estimate.level,
            "control_meaning": self.control_meaning,
            "control_low": None if self.control is None else self.control.low,
            "control_high": None if self.control is None else self.control.high,
            "unit": self.unit,
            "better": self.better,
            "sentence": self.sentence,
        }

    def _repr_html_(self) -> str:
        """The finding in a notebook: the sentence, interval and control."""
        held = self.to_json()
        ends = "" if held["low"] is None else f" [{held['low']:.3g} to {held['high']:.3g}]"
        control = "" if held["control"] is None else f"; control {held['control']:.3g}"
        return f"<p>{escape(self.sentence)}{ends}, n = {held['n']:,}{control}</p>"
