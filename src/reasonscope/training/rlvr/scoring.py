"""A step's completions with what they earned, and from that an advantage for every token."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch

from reasonscope.training.advantages import outcome_advantages, spread, step_advantages, totals
from reasonscope.training.judged import Judged
from reasonscope.training.rewards import Reward, scored, scored_steps, step_reward
from reasonscope.training.rlvr.settings import RLSettings

StepsSaid = tuple[tuple[float | None, ...], ...]
"""Of each completion, one number for each of its steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A step's completions with what they earned."""

    judged: tuple[Judged, ...]
    rewards: Mapping[str, tuple[float | None, ...]]
    """By reward, one number a completion; of a step reward, the mean over its steps."""
    advantages: torch.Tensor
    """``[batch, token]``"""
    constant: tuple[bool, ...]
    """Of each group, whether nothing in it differs: no signal."""


def score(
    judged: Sequence[Judged], rewards: Mapping[str, Reward], settings: RLSettings, width: int
) -> Scored:
    """The rewards of a step's completions, and an advantage for each of ``width`` tokens."""
    whole = of_completions(judged, rewards, settings)
    by_step = of_steps(judged, settings)
    advantages = torch.zeros(len(judged), width)
    constant = [True] * (len(judged) // settings.generations)
    if any(settings.whole_weights.values()):
        sums = totals(whole, settings.whole_weights, settings.unread)
        values, same = outcome_advantages(sums, settings.generations, settings.scale)
        advantages += torch.tensor(values)[:, None]
        constant = _both(constant, same)
    for name, said in by_step.items():
        if weight := settings.step_weights[name]:
            steps, same = step_advantages(said, settings.generations, settings.scale)
            advantages += weight * spread(judged, steps, width, settings.to_go)
            constant = _both(constant, same)
    return Scored(
        judged=tuple(judged),
        rewards=whole | means(by_step),
        advantages=advantages,
        constant=tuple(constant),
    )


def of_completions(
    judged: Sequence[Judged], rewards: Mapping[str, Reward], settings: RLSettings
) -> dict[str, tuple[float | None, ...]]:
    """What each reward of whole completions says of each."""
    return {
        name: tuple(scored(rewards[name], one) for one in judged) for name in settings.whole_weights
    }


def of_steps(judged: Sequence[Judged], settings: RLSettings) -> dict[str, StepsSaid]:
    """What each reward of steps says of the steps of each completion."""
    return {
        name: tuple(scored_steps(step_reward(name), one) for one in judged)
        for name in settings.step_weights
    }


def means(by_step: Mapping[str, StepsSaid]) -> dict[str, tuple[float | None, ...]]:
    """One number a completion: the mean over those of its steps of which something is known."""
    return {name: tuple(_mean(values) for values in said) for name, said in by_step.items()}


def _both(before: Sequence[bool], now: Sequence[bool]) -> list[bool]:
    return [a and b for a, b in zip(before, now, strict=True)]


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
