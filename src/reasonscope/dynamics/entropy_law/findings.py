"""What a study's logs say of the entropy law, each number with its control."""

from dataclasses import dataclass

from reasonscope.dynamics.entropy_law.law import (
    FARTHEST,
    FEWEST_EARLY,
    LEAST_MOVE_NATS,
    LEVEL,
    Forecast,
    Law,
    Log,
    forecast,
    law,
    shuffled,
    unpassable,
)
from reasonscope.dynamics.entropy_law.logs import read
from reasonscope.findings import Finding
from reasonscope.provenance import seed_for
from reasonscope.stats import Estimate
from reasonscope.traces.store import Study

SHUFFLED = "the same log with its entropies shuffled over the steps"
MOST_RUNS = 6
"""Runs beyond these, the longest, have no findings."""
NAME_CHARACTERS = 60
"""A longer name of a run is cut in a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One run's log with what it says; law and control are None where nothing can be fitted."""

    log: Log
    """The log."""
    reason: str
    """Why nothing can be fitted; empty: it can."""
    law: Law | None = None
    """The fitted law."""
    control: Law | None = None
    """The law fitted to shuffled entropies."""
    forecast: Forecast | None = None
    """The outcome as forecast, where the run is long enough."""
    control_forecast: Forecast | None = None
    """The same with shuffled entropies."""

    @property
    def name(self) -> str:
        """The run's name, short enough for a sentence."""
        run = self.log.run
        return run if len(run) <= NAME_CHARACTERS else f"{run[:NAME_CHARACTERS]}…"


def told(log: Log) -> Told:
    """What one log says."""
    reason = unpassable(log)
    if reason:
        return Told(log=log, reason=reason)
    control = shuffled(log, seed_for("entropy_law", "shuffled", log.run))
    return Told(
        log=log,
        reason="",
        law=law(log),
        control=law(control),
        forecast=forecast(log),
        control_forecast=forecast(control),
    )


def conclude(study: Study) -> list[Finding]:
    """Ceiling, price, misfit and forecast of each run; nothing where no run recorded entropy.

    Of several runs the longest has the plain names; the others' names end with the run.
    """
    return [
        finding
        for place, log in enumerate(read(study)[:MOST_RUNS])
        for finding in _of_run(told(log), f":{log.run}" if place else "")
    ]


def _of_run(one: Told, suffix: str) -> list[Finding]:
    return [
        _ceiling(one, f"ceiling_share{suffix}"),
        _price(one, f"entropy_price_points{suffix}"),
        _misfit(one, f"law_misfit_p_value{suffix}"),
        _miss(one, f"forecast_miss_points{suffix}"),
    ]


def why_no_ceiling(one: Told) -> str:
    """Why the law's ceiling is not told; empty: it is."""
    if one.law is None:
        return one.reason
    if one.law.standing == "unidentified":
        if one.law.moved_nats < LEAST_MOVE_NATS:
            return (
                f"entropy moved by {one.law.moved_nats:.2g} nats in run {one.name}, which is too "
                "little to tell what it buys"
            )
        return (
            f"entropy stayed so high in run {one.name} that its ceiling lies more than "
            f"{FARTHEST:.0f} times the range seen away"
        )
    if one.law.standing == "fails":
        return f"run {one.name} does not follow the law (p = {one.law.misfit_p_value:.2g})"
    if one.law.standing == "unrelated":
        return f"truth of run {one.name} does not rise as its entropy falls"
    return ""


def _ceiling(one: Told, name: str) -> Finding:
    reason = why_no_ceiling(one)
    known = one.law is not None and not reason
    return Finding.of(
        "entropy_law",
        name,
        one.law.ceiling if one.law is not None and known else Estimate(value=None, n=len(one.log)),
        f"By the entropy law, run {one.name} cannot get above {{}} right answers on what it has: "
        "this is where its entropy is used up",
        missing=reason,
        control=one.control.ceiling if known and one.control else None,
        control_meaning=SHUFFLED if known else "",
    )


def _price(one: Told, name: str) -> Finding:
    moved = one.law is not None and one.law.moved_nats >= LEAST_MOVE_NATS
    return Finding.of(
        "entropy_law",
        name,
        one.law.price if one.law is not None and moved else Estimate(value=None, n=len(one.log)),
        f"Each unit of exp(entropy) that run {one.name} gave up went with {{}} of right answers",
        missing=one.reason or why_no_ceiling(one),
        unit="points",
        control=one.control.price if moved and one.control else None,
        control_meaning=SHUFFLED if moved else "",
    )


def _misfit(one: Told, name: str) -> Finding:
    found = Estimate(value=None, n=len(one.log), method="F test mixed over noises with memory")
    control = None
    if one.law is not None and one.law.standing != "unidentified":
        found = Estimate(value=one.law.misfit_p_value, n=found.n, method=found.method)
        control = Estimate(value=one.control.misfit_p_value) if one.control else None
    bad = one.law is not None and one.law.misfit_p_value <= LEVEL
    said = "does not follow" if bad else "shows no departure from"
    return Finding.of(
        "entropy_law",
        name,
        found,
        f"Run {one.name} {said} the entropy law: beside exp(entropy), neither its square nor time "
        "should matter (p = {})",
        missing=one.reason or why_no_ceiling(one),
        unit="p",
        control=control,
        control_meaning=SHUFFLED if control else "",
    )


def _miss(one: Told, name: str) -> Finding:
    made, control = one.forecast, one.control_forecast
    missing = one.reason or f"the first 15 % of run {one.name} hold fewer than {FEWEST_EARLY} steps"
    if made is None:
        return Finding.of(
            "entropy_law", name, Estimate(value=None), "", missing=missing, unit="points"
        )
    return Finding.of(
        "entropy_law",
        name,
        made.miss,
        f"The last tenth of run {one.name} came out {{}} from what its first {made.early:,} steps "
        f"forecast ({made.expected.value:.0%} expected, {made.came:.0%} came)",
        missing=missing,
        unit="points",
        control=control.miss if control else None,
        control_meaning=SHUFFLED if control else "",
    )
