"""What the attempts of two models say of the boundary of what they can solve."""

from dataclasses import dataclass

from reasonscope.dynamics.boundary.counts import Paired, Sampled, paired, read, shuffled
from reasonscope.dynamics.boundary.crossing import Crossing, crossing, crossing_share
from reasonscope.dynamics.boundary.curves import Curves, curves, drawn, gain_at
from reasonscope.dynamics.boundary.pairs import MOST_PAIRS, Pair, pairs, stated
from reasonscope.dynamics.boundary.solvable import by_chance, excess, half_of, only_first
from reasonscope.findings import Finding, percent
from reasonscope.provenance import seed_for
from reasonscope.stats import Estimate
from reasonscope.traces.store import Study

SHUFFLED = "the same attempts with the models' names shuffled within each problem"
NAME_CHARACTERS = 60
"""A longer name of a model is cut in a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Two models with what was read of them."""

    pair: Pair
    """Their names."""
    held: Paired
    """Their attempts at the same problems."""
    curves: Curves
    """Their pass@k by problem."""
    control: Paired
    """The attempts with shuffled names."""

    @property
    def names(self) -> tuple[str, str]:
        """Both names, short enough for a sentence."""
        return short(self.pair.base), short(self.pair.other)

    @property
    def seed(self) -> int:
        """The seed of what is drawn for this pair."""
        return seed_for("boundary", self.pair.base, self.pair.other)


def short(name: str) -> str:
    """A name that fits into a sentence."""
    return name if len(name) <= NAME_CHARACTERS else f"{name[:NAME_CHARACTERS]}…"


def compared(study: Study) -> tuple[list[Sampled], list[Compared], int]:
    """The models of a study, the pairs that can be compared, and how many pairs were left out.

    A pair needs two problems that both tried twice or more.
    """
    models = read(study)
    by_name = {one.model: one for one in models}
    found = []
    for pair in pairs(models, stated(study)) if len(models) > 1 else []:
        held = paired(by_name[pair.base], by_name[pair.other])
        if held is not None and held.most > 1 and len(held.problems) > 1:
            seed = seed_for("boundary", "shuffled", pair.base, pair.other)
            control = shuffled(held, seed)
            found.append(Compared(pair=pair, held=held, curves=curves(held), control=control))
    return models, found[:MOST_PAIRS], len(found[MOST_PAIRS:])


def conclude(study: Study) -> list[Finding]:
    """Gains at one attempt and at all, the crossover, and what only one model solves.

    Nothing where there is one model only, or no problem that two models tried twice. Of several
    pairs the first has the plain names; the others' names end with their models.
    """
    _, found, _ = compared(study)
    return [
        finding
        for place, one in enumerate(found)
        for finding in _of_pair(one, "" if place == 0 else f":{one.pair.base}:{one.pair.other}")
    ]


def _of_pair(one: Compared, suffix: str) -> list[Finding]:
    return [
        _gain(one, 1, f"pass_at_1_points{suffix}"),
        _gain(one, one.held.most, f"pass_at_most_points{suffix}"),
        _crossover(one, f"crossover_attempts{suffix}"),
        _crossing_share(one, f"crossing_draws_share{suffix}"),
        _only(one, 0, f"lost_points{suffix}"),
        _only(one, 1, f"gained_points{suffix}"),
    ]


def _gain(one: Compared, k: int, name: str) -> Finding:
    base, other = one.names
    attempts = "one attempt" if k == 1 else f"{k:,} attempts"
    return Finding.of(
        "boundary",
        name,
        gain_at(one.curves, k),
        f"With {attempts} a problem, {other} solves {{}} compared with {base}{_order(one)}",
        missing="there are no problems that both models tried",
        unit="points",
        control=gain_at(curves(one.control), k),
        control_meaning=SHUFFLED,
    )


def _order(one: Compared) -> str:
    return "" if one.pair.known_by else " (which of them is the base is not known)"


def _crossover(one: Compared, name: str) -> Finding:
    found = crossing(one.curves)
    control = crossing(curves(one.control)).estimate()
    return Finding.of(
        "boundary",
        name,
        found.estimate(),
        _crossed(one, found),
        missing=f"the pass@k curves of {one.names[0]} and {one.names[1]} do not cross "
        f"within {one.held.most:,} attempts",
        unit="attempts",
        control=control if control.value is not None else None,
        control_meaning=SHUFFLED if control.value is not None else "",
    )


def _crossed(one: Compared, found: Crossing) -> str:
    """The sentence of a crossover, with its interval where an end is open."""
    first, second = one.names[::-1] if found.overtaken > 0 else one.names
    said = f"{first} is ahead at one attempt; {second} overtakes it at {{}} attempts a problem"
    if found.clear or found.at is None:
        return said
    low = "below 1" if found.low is None else f"{found.low:.3g}"
    high = f"beyond {one.held.most:,}" if found.high is None else f"{found.high:.3g}"
    return f"{said}, though this is not sure: the interval reaches from {low} to {high}"


def _crossing_share(one: Compared, name: str) -> Finding:
    share, control = (
        Estimate(
            value=crossing_share(drawn(curves(held), one.seed)),
            n=len(held.problems),
            clusters=len(held.problems),
            method="cluster bootstrap: a share of draws has no interval",
        )
        for held in (one.held, one.control)
    )
    return Finding.of(
        "boundary",
        name,
        share,
        f"When the problems are drawn anew, the curves of {one.names[0]} and {one.names[1]} cross "
        "in {} of the draws",
        missing="there are no problems that both models tried",
        control=control,
        control_meaning=SHUFFLED,
    )


def _only(one: Compared, first: int, name: str) -> Finding:
    solver, misser = one.names if first == 0 else one.names[::-1]
    half = half_of(one.held)
    share = float(only_first(one.held, first).mean())
    chance = float(by_chance(one.held.n[first], one.held.c[first], half).mean())
    return Finding.of(
        "boundary",
        name,
        excess(one.held, first),
        f"{half:,} attempts of {solver} solve {percent(share)} of the problems that as many of "
        f"{misser} do not; halves of its own attempts differ in {percent(chance)}: {{}} beyond "
        "chance",
        missing="each problem has one attempt of a model",
        unit="points",
        control=excess(one.control, first),
        control_meaning=SHUFFLED,
    )
