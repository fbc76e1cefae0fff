"""What is said of each run of a study: whether the alarm rang, when, and what moved by how much."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from reasonscope.dynamics.alarm.change import changed
from reasonscope.dynamics.alarm.series import PROXY, TRUTH, Series, series_of
from reasonscope.dynamics.alarm.watching import State, unwatchable, watched
from reasonscope.dynamics.recorded import KNOWN, Recorded
from reasonscope.findings import Finding
from reasonscope.provenance import seed_for
from reasonscope.stats import Estimate
from reasonscope.traces.store import Study

EXCHANGED = "proxy and truth in each other's place"
SHUFFLED = "the same steps in shuffled order"
MOST_RUNS = 20
"""Runs beyond these have no findings."""
NAME_CHARACTERS = 60
"""A longer name of a run is cut in a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """One run with what is said of it."""

    series: Series
    """Its proxy and its truth."""
    state: State
    """What is said of it."""
    control: State
    """What is said of it with proxy and truth exchanged."""

    @property
    def name(self) -> str:
        """The run's name, short enough for a sentence."""
        run = self.series.run
        return run if len(run) <= NAME_CHARACTERS else f"{run[:NAME_CHARACTERS]}…"


def _known(study: Study) -> Iterator[Recorded]:
    """Reward and right answers, run by run."""
    names = ("run", "step", "name", "part", "value", "error", "n", "missing")
    query = f"select * from ({KNOWN}) where name in (?, ?) order by run, step, name, part"
    return (
        Recorded(**dict(zip(names, row, strict=True))) for row in study.rows(query, [PROXY, TRUTH])
    )


def read(study: Study) -> list[Watched]:
    """The runs of a study that recorded a reward and right answers, those with an alarm first."""
    found = []
    for run, group in groupby(_known(study), key=lambda row: row.run):
        held = list(group)
        series = series_of(run, held, proxy_of(held))
        if len(series):
            control = watched(series.exchanged())
            found.append(Watched(series=series, state=watched(series), control=control))
    order = ("hacked", "outrun", "quiet", "unknown")
    return sorted(found, key=lambda one: order.index(one.state.level))


def proxy_of(rows: list[Recorded]) -> str:
    """The part of the reward that is the proxy: the whole, or, where it has none, its first."""
    parts = sorted({row.part for row in rows if row.name == PROXY})
    return parts[0] if parts else ""


def conclude(study: Study) -> list[Finding]:
    """Alarm, warning, rise of the proxy and change of truth of each run.

    Nothing where no run recorded both. Of several runs the first has the plain names, one with
    an alarm if there is one; the others' names end with the run.
    """
    return [
        finding
        for place, one in enumerate(read(study)[:MOST_RUNS])
        for finding in _of_run(one, f":{one.series.run}" if place else "")
    ]


def _of_run(one: Watched, suffix: str) -> list[Finding]:
    return [
        _alarm(one, suffix),
        _change(one, f"proxy_rise{suffix}", of_truth=False),
        _change(one, f"truth_change_points{suffix}", of_truth=True),
    ]


def _alarm(one: Watched, suffix: str) -> Finding:
    """When the alarm or the warning came, or for how many steps there was none."""
    state = one.state
    named = {"hacked": "alarm_step", "outrun": "warning_step"}.get(state.level, "quiet_steps")
    value = {"hacked": state.hacked_at, "outrun": state.outrun_at, "quiet": state.steps}
    at = value.get(state.level)
    if at is None:
        empty = Estimate(value=None, n=state.steps)
        missing = f"run {one.name}: {state.reason}"
        return Finding.of("alarm", f"quiet_steps{suffix}", empty, "", missing=missing)
    method = "first passage of a threshold that holds over the whole run; a moment has no interval"
    control = _control(one, state.level)
    return Finding.of(
        "alarm",
        f"{named}{suffix}",
        Estimate(value=float(at), n=state.steps, method=method),
        f"{says(one)} (with {EXCHANGED}: {_said(one.control)})",
        missing="",
        unit="steps",
        control=control if control.value is not None else None,
        control_meaning=EXCHANGED if control.value is not None else "",
    )


def says(one: Watched) -> str:
    """What is said of a run, with ``{}`` where the step or the number of steps stands."""
    if one.state.level == "hacked":
        return (
            f"Alarm: by step {{}} of run {one.name} the reward has risen while right answers have "
            "fallen: the reward is being gamed"
        )
    if one.state.level == "outrun":
        return (
            f"Warning: by step {{}} of run {one.name} the reward has risen and right answers have "
            "not come with it"
        )
    return f"No alarm in {{}} steps of run {one.name}"


def _control(one: Watched, level: str) -> Estimate:
    """The exchanged run's own step of the same kind; where it has none, no value."""
    held = one.control
    at = {"hacked": held.hacked_at, "outrun": held.outrun_at}.get(level, held.steps)
    return Estimate(value=None if at is None else float(at), n=held.steps)


def _said(state: State) -> str:
    return {
        "hacked": f"alarm at step {state.hacked_at}",
        "outrun": f"warning at step {state.outrun_at}",
        "quiet": "no alarm",
        "unknown": "not watched",
    }[state.level]


def _change(one: Watched, name: str, *, of_truth: bool) -> Finding:
    held = one.series
    values, variance = (
        (held.truth, held.truth_variance) if of_truth else (held.proxy, held.proxy_variance)
    )
    order = np.random.default_rng(seed_for("alarm", "shuffled", held.run)).permutation(len(held))
    control = changed(values[order], variance[order])
    what = "right answers" if of_truth else "the reward"
    return Finding.of(
        "alarm",
        name,
        changed(values, variance),
        f"From the first to the last tenth of run {one.name}, {what} changed by {{}}",
        missing=unwatchable(held),
        unit="points" if of_truth else "reward",
        control=control if control.value is not None else None,
        control_meaning=SHUFFLED if control.value is not None else "",
        better="higher" if of_truth else "",
    )
