"""How many rollouts it takes to see an effect, and what they cost, before any is made."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from statistics import NormalDist

import numpy as np

from reasonscope.provenance import seed_for
from reasonscope.stats import Estimate, wilson
from reasonscope.structure.anchors.budget.allocation import Setting
from reasonscope.structure.anchors.budget.curves import Reals
from reasonscope.structure.anchors.budget.deciding import judged
from reasonscope.structure.anchors.budget.racing import Racing
from reasonscope.structure.anchors.budget.simulation import simulated

SHARES = (0.05, 0.1, 0.2, 0.4, 0.7, 1.0)
"""Budgets tried for racing, as shares of what the uniform plan takes."""
PLANTED_ANCHORS = 3
"""Steps that matter in each simulated trace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlay:
    """What a way to find anchors takes."""

    rollouts: int
    """In all."""
    tokens: float
    """Sampled, as expected from the trace's lengths."""
    minutes: float | None
    """At the speed given; None: none was given."""
    power: Estimate
    """Share of steps with the effect that are found: by formula, or by simulation with an
    interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Rollouts that show an effect with the power asked for."""

    steps: int
    effect: float
    """The importance to be seen, up or down."""
    level: float
    """Of false alarms over all steps."""
    base: float
    """The accuracy midway between the two sides of the step: the worst case unless a pilot
    tells."""
    each: int
    """Rollouts at every prefix in the uniform plan."""
    uniform: Outlay
    racing: Outlay | None
    """None: it was not asked for, or no budget up to that of the uniform plan has the power."""

    def sentence(self) -> str:
        """The plan for a person."""
        said = (
            f"To see an importance of {self.effect:g} with power {self.uniform.power.value:.2g} "
            f"over {self.steps} steps, uniform takes {self.each:,} rollouts at every prefix: "
            f"{_outlay(self.uniform)}."
        )
        if self.racing is None:
            return said
        times = self.uniform.tokens / self.racing.tokens
        return (
            f"{said} Racing takes about {_outlay(self.racing)} where {100 * self.base:.0f} % of "
            f"the answers are right "
            f"({times:.1f} x fewer tokens), and far less where nearly all agree."
        )


def _outlay(outlay: Outlay) -> str:
    said = f"{outlay.rollouts:,} rollouts, {outlay.tokens:,.0f} tokens"
    return said if outlay.minutes is None else f"{said}, {outlay.minutes:,.1f} minutes"


def rollouts_to_see(effect: float, power: float, level: float, base: float = 0.5) -> int:
    """Rollouts on each side of a step that show a difference of two shares.

    Two-sided score test; the shares lie half the effect above and below ``base``, moved inside
    [0, 1]. Source: the usual normal formula for two proportions (Fleiss 1981, without continuity
    correction).

    Raises:
        ValueError: the effect, power or level is not between 0 and 1.

    >>> rollouts_to_see(0.1, power=0.8, level=0.05)
    392
    """
    for name, value in (("effect", effect), ("power", power), ("level", level)):
        if not 0 < value < 1:
            raise ValueError(f"{name} must lie between 0 and 1, found {value!r}")
    middle = min(max(base, effect / 2), 1 - effect / 2)
    low, high = middle - effect / 2, middle + effect / 2
    normal = NormalDist()
    chance = normal.inv_cdf(1 - level / 2) * sqrt(2 * middle * (1 - middle))
    reach = normal.inv_cdf(power) * sqrt(low * (1 - low) + high * (1 - high))
    return max(2, ceil(((chance + reach) / effect) ** 2))


def worst_base(pilot: tuple[int, int] | None) -> float:
    """The accuracy that takes most rollouts, of those that a pilot leaves open: that nearest 1/2.

    Args:
        pilot: right answers and rollouts with an answer; None: no pilot.

    >>> worst_base(None), round(worst_base((19, 20)), 2)
    (0.5, 0.76)
    """
    if pilot is None or pilot[1] == 0:
        return 0.5
    found = wilson(*pilot)
    if found.low is None or found.high is None:
        return 0.5
    return min(max(0.5, found.low), found.high)


def plan(
    setting: Setting,
    *,
    effect: float = 0.1,
    power: float = 0.8,
    level: float = 0.05,
    pilot: tuple[int, int] | None = None,
    tokens_per_second: float | None = None,
    simulations: int = 20,
    seed: int = 0,
) -> Plan:
    """What it takes to see an effect in any step of a trace, uniformly and by racing.

    The uniform plan tests each step by itself at ``level`` over the number of steps (Bonferroni).
    For racing, traces with three such steps among flat ones are simulated at growing budgets until
    the share found reaches the power; it is the smallest budget tried that does.

    Args:
        setting: the trace: how many steps, and what a rollout costs after each.
        effect: importance to be seen.
        power: share of such steps that are to be found.
        level: chance of a false alarm anywhere in the trace.
        pilot: right answers and rollouts made so far, where some were made.
        tokens_per_second: measured speed, for minutes.
        simulations: traces simulated at each budget; 0: no plan for racing.
        seed: of the simulations.
    """
    base = worst_base(pilot)
    each = rollouts_to_see(effect, power, level / setting.steps, base)
    uniform = Outlay(
        rollouts=each * (setting.steps + 1),
        tokens=setting.uniform_tokens(each),
        minutes=_minutes(setting.uniform_tokens(each), tokens_per_second),
        power=Estimate(value=power, method="normal formula, Bonferroni over steps"),
    )
    racing = _racing(setting, effect, power, base, uniform.tokens, simulations, seed)
    if racing is not None and tokens_per_second:
        racing = Outlay(
            rollouts=racing.rollouts,
            tokens=racing.tokens,
            minutes=_minutes(racing.tokens, tokens_per_second),
            power=racing.power,
        )
    return Plan(
        steps=setting.steps,
        effect=effect,
        level=level,
        base=base,
        each=each,
        uniform=uniform,
        racing=racing,
    )


def _minutes(tokens: float, speed: float | None) -> float | None:
    return tokens / speed / 60 if speed else None


def _racing(
    setting: Setting,
    effect: float,
    power: float,
    base: float,
    uniform_tokens: float,
    simulations: int,
    seed: int,
) -> Outlay | None:
    if not simulations:
        return None
    for share in SHARES:
        policy = Racing(least=effect / 2, budget=share * uniform_tokens)
        found = _found(policy, setting, effect, base, simulations, seed)
        if found.power.value is not None and found.power.value >= power:
            return found
    return None


def _found(
    policy: Racing, setting: Setting, effect: float, base: float, simulations: int, seed: int
) -> Outlay:
    """What the policy finds and spends on planted traces, the same ones for every budget."""
    hits = anchors = rollouts = 0
    tokens = 0.0
    for number in range(simulations):
        dice = np.random.default_rng(seed_for("anchor plan", seed, number))
        accuracies, steps = planted_curve(setting.steps, effect, base, dice)
        tally = simulated(policy, setting, accuracies, dice)
        asked = tally.asked + tally.fresh_asked
        rollouts, tokens = rollouts + int(asked.sum()), tokens + setting.tokens(asked)
        found = {one.step for one in judged(tally, policy.least) if one.anchor}
        hits, anchors = hits + len(found & set(steps)), anchors + len(steps)
    return Outlay(
        rollouts=rollouts // simulations,
        tokens=tokens / simulations,
        minutes=None,
        power=wilson(hits, anchors),
    )


def planted_curve(
    steps: int, effect: float, base: float, dice: np.random.Generator
) -> tuple[Reals, Sequence[int]]:
    """Accuracies by prefix that swing about ``base`` by ``effect`` at a few steps, and these steps.

    Up and down by turns, so that the accuracy stays within half an effect of the base.
    """
    at = sorted(dice.choice(steps, size=min(PLANTED_ANCHORS, steps), replace=False).tolist())
    middle = min(max(base, effect / 2), 1 - effect / 2)
    side = 1 if dice.random() < 0.5 else -1
    accuracies = np.full(steps + 1, middle + side * effect / 2)
    for step in at:
        side = -side
        accuracies[step + 1 :] = middle + side * effect / 2
    return accuracies, at
