"""A Finding: a claim about a study, as a sentence with its Estimate and its control."""

from dataclasses import dataclass
from html import escape
from typing import Any, Self

from reasonscope.stats import Estimate
from reasonscope.stats.possible import possible


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


def spoken(value: float | None, unit: str = "share") -> str:
    """A value as a person says it: shares in percent, differences of shares in points.

    >>> spoken(0.5), spoken(-0.031, "points"), spoken(1234.5, "tokens"), spoken(0.42, "nats")
    ('50 %', '-3.1 points', '1,234', '0.42')
    """
    if unit == "share" or value is None:
        return percent(value)
    if unit == "points":
        return f"{100 * value:+.2g} points"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _share(estimate: Estimate) -> Estimate:
    """The estimate with its interval within 0 and 1; a value outside, by chance, stays as it is."""
    inside = estimate.value is not None and 0 <= estimate.value <= 1
    return possible(estimate, most=1.0) if inside else estimate


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
    """``share`` (0 to 1), ``points`` (a difference of shares), ``count``, ``tokens``, ``steps``,
    ``per 1k tokens``, ``nats`` ..."""
    better: str = ""
    """``higher``, ``lower`` or empty where neither is better."""

    @classmethod
    def of(
        cls,
        instrument: str,
        name: str,
        estimate: Estimate,
        says: str,
        *,
        missing: str,
        unit: str = "share",
        **fields: Any,
    ) -> Self:
        """A finding whose sentence holds its value where ``says`` has ``{}``.

        The interval of a share, and of its control, ends at 0 and 1.
        Where the estimate has no value the sentence says that it could not be assessed, and why.

        >>> Finding.of("steps", "x", Estimate(value=0.5), "{} of them end", missing="none").sentence
        '50 % of them end'
        >>> Finding.of("steps", "x", Estimate(value=None), "{} end", missing="no traces").sentence
        'This could not be assessed: no traces'

        Args:
            instrument: who measured.
            name: unique within the instrument.
            estimate: the value with its interval.
            says: the claim, with ``{}`` in the value's place.
            missing: why there is no value, where there is none.
            unit: the value's unit; a share is said in percent.
            **fields: control, control_meaning, better.
        """
        if unit == "share":
            estimate = _share(estimate)
            fields["control"] = _share(fields["control"]) if fields.get("control") else None
        known = estimate.value is not None
        sentence = (
            says.replace("{}", spoken(estimate.value, unit))
            if known
            else f"This could not be assessed: {missing}"
        )
        return cls(
            instrument=instrument,
            name=name,
            sentence=sentence,
            estimate=estimate,
            unit=unit,
            **fields,
        )

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
