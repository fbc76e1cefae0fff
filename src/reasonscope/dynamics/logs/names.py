"""Names in TRL's and verl's logs, and ours where the meaning is the same.

A name that is not listed is kept as it is. What was measured before an update belongs to the step
that made it: both trainers log a step's numbers under the count of updates done after it, so one is
taken off; what was measured between updates (evaluation) keeps its count.
"""

import re
from collections.abc import Mapping

HELD_OUT = "held_out"
"""The part of what was measured on problems that are not trained on."""

TRL: Mapping[str, tuple[str, str]] = {
    "loss": ("loss", ""),
    "grad_norm": ("grad_norm", ""),
    "learning_rate": ("learning_rate", ""),
    "kl": ("kl_nats", ""),
    "entropy": ("entropy_nats", ""),
    "reward": ("reward", ""),
    "reward_std": ("reward_spread", ""),
    "frac_reward_zero_std": ("constant_group_share", ""),
    "completions/mean_length": ("length_tokens", ""),
    "completions/clipped_ratio": ("truncated_share", ""),
    "clip_ratio/region_mean": ("clip_share", ""),
    "clip_ratio/low_mean": ("clip_share", "low"),
    "clip_ratio/high_mean": ("clip_share", "high"),
    "step_time": ("step_seconds", ""),
}
"""TRL's name to our name and part."""

VERL: Mapping[str, tuple[str, str]] = {
    "actor/entropy": ("entropy_nats", ""),
    "actor/entropy_loss": ("entropy_nats", ""),
    "actor/pg_loss": ("loss", ""),
    "actor/grad_norm": ("grad_norm", ""),
    "actor/lr": ("learning_rate", ""),
    "actor/kl_loss": ("kl_nats", ""),
    "actor/reward_kl_penalty": ("kl_nats", "in_reward"),
    "actor/ppo_kl": ("kl_nats", "to_sampler"),
    "actor/pg_clipfrac": ("clip_share", ""),
    "actor/pg_clipfrac_lower": ("clip_share", "low"),
    "critic/rewards/mean": ("reward", ""),
    "critic/score/mean": ("reward", "score"),
    "response_length/mean": ("length_tokens", ""),
    "response_length/clip_ratio": ("truncated_share", ""),
    "timing_s/step": ("step_seconds", ""),
    "perf/time_per_step": ("step_seconds", ""),
}
"""verl's name to our name and part; ``score`` is what the reward function says, ``rewards`` with
the penalty on KL taken off."""

_TRL_REWARD = re.compile(r"rewards/(.{1,200})/(mean|std)")
_VERL_HELD = re.compile(r"val(?:-core|-aux)?/.{1,300}")


def trl_name(name: str) -> tuple[str, str]:
    """Our name and part of one of TRL's.

    >>> trl_name("kl"), trl_name("rewards/form/mean"), trl_name("eval_reward")
    (('kl_nats', ''), ('reward', 'form'), ('reward', 'held_out'))
    """
    if name.startswith("eval_"):
        inner, part = trl_name(name.removeprefix("eval_"))
        return inner, f"{HELD_OUT}/{part}" if part else HELD_OUT
    each = _TRL_REWARD.fullmatch(name)
    if each is not None:
        return "reward" if each[2] == "mean" else "reward_spread", each[1]
    return TRL.get(name, (name, ""))


def verl_name(name: str) -> tuple[str, str]:
    """Our name and part of one of verl's.

    >>> verl_name("actor/entropy"), verl_name("timing_s/gen")
    (('entropy_nats', ''), ('timing_s/gen', ''))
    """
    if _VERL_HELD.fullmatch(name) is not None:
        return name, HELD_OUT
    return VERL.get(name, (name, ""))


def trl_step(name: str, logged: int) -> int:
    """The optimizer steps that were done when one of TRL's numbers was measured.

    >>> trl_step("reward", 1), trl_step("eval_reward", 1)
    (0, 1)
    """
    return logged if name.startswith("eval_") else max(logged - 1, 0)


def verl_step(name: str, logged: int) -> int:
    """The optimizer steps that were done when one of verl's numbers was measured."""
    return logged if _VERL_HELD.fullmatch(name) is not None else max(logged - 1, 0)
