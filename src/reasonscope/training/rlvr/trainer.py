"""TRL's GRPO trainer with our sampling, our judging and an advantage for every token."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from trl import GRPOTrainer

from reasonscope.provenance import seed_for
from reasonscope.traces.schema import Problem
from reasonscope.training.advantages import outcome_advantages, spread, step_advantages, totals
from reasonscope.training.checkpoints_trainer import WholeCheckpoints
from reasonscope.training.judged import Judged, judge_completions
from reasonscope.training.rewards import STEP_REWARDS, Reward, scored, scored_steps
from reasonscope.training.rlvr.settings import RLSettings
from reasonscope.training.rollouts import end_tokens, sample

_INDEX = "problem"
"""The column of a data set that says which problem a row is."""


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


class RLVRTrainer(WholeCheckpoints, GRPOTrainer):  # type: ignore[misc]
    """GRPO with step rewards.

    Departures from TRL: completions come from :func:`~reasonscope.training.rollouts.sample`;
    advantages have the shape ``[batch, token]``, which TRL's loss takes; completions of about one
    length are computed together, and columns that hold nothing are left out (the loss over a
    whole step is the same).
    """

    def __init__(
        self,
        settings: RLSettings,
        problems: Sequence[Problem],
        rewards: Mapping[str, Reward],
        **arguments: Any,
    ) -> None:
        self.settings, self.problems, self.rewards = settings, problems, rewards
        self.batch: Scored | None = None
        """The step's completions; None before the first."""
        self.entropies: list[list[float]] = []
        self.prompt_ids: dict[str, list[int]] = {}
        super().__init__(rollout_func=_rollout, **arguments)

    def _generate_and_score_completions(self, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        torch.manual_seed(seed_for("rlvr", self.settings.seed, self.state.global_step))
        output = super()._generate_and_score_completions(inputs)
        assert self.batch is not None, "completions are scored in the course of it"
        output["advantages"] = self.batch.advantages.to(self.accelerator.device)
        return dict(output)

    def _calculate_rewards(
        self, inputs: Any, prompts: Any, completions: Any, completion_ids_list: Any
    ) -> torch.Tensor:
        problems = [self.problems[row[_INDEX]] for row in inputs]
        ends = end_tokens(self.accelerator.unwrap_model(self.model), self._tokenizer)
        judged = judge_completions(
            problems, completion_ids_list, self._tokenizer, self.settings.max_tokens, ends
        )
        width = max(len(ids) for ids in completion_ids_list)
        self.batch = score(judged, self.rewards, self.settings, width)
        told = [self.batch.rewards[name] for name in self.reward_func_names]
        table = [[torch.nan if v is None else v for v in row] for row in zip(*told, strict=True)]
        whole: torch.Tensor = self.accelerator.gather(
            torch.tensor(table, dtype=torch.float32, device=self.accelerator.device)
        )
        return whole


def score(
    judged: Sequence[Judged], rewards: Mapping[str, Reward], settings: RLSettings, width: int
) -> Scored:
    """The rewards of a step's completions, and from them an advantage for every token."""
    generations, told = settings.generations, {}
    advantages = torch.zeros(len(judged), width)
    constant = [True] * (len(judged) // generations)
    weights = settings.whole_weights
    if weights:
        told = {n: tuple(scored(rewards[n], one) for one in judged) for n in weights}
        sums = totals(told, weights, settings.unread)
        values, same = outcome_advantages(sums, generations, settings.scale)
        advantages += torch.tensor(values)[:, None]
        constant = [a and b for a, b in zip(constant, same, strict=True)]
    for name, weight in settings.step_weights.items():
        said = [scored_steps(STEP_REWARDS[name], one) for one in judged]
        told[name] = tuple(_mean(values) for values in said)
        if weight:
            steps, same = step_advantages(said, generations, settings.scale)
            advantages += weight * spread(judged, steps, width, settings.to_go)
            constant = [a and b for a, b in zip(constant, same, strict=True)]
    return Scored(
        judged=tuple(judged), rewards=told, advantages=advantages, constant=tuple(constant)
    )


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _rollout(prompts: list[str], trainer: RLVRTrainer) -> dict[str, Any]:
    """What TRL asks of a rollout function: token ids of prompts and completions."""
    settings, step = trainer.settings, trainer.state.global_step
    rank = trainer.accelerator.process_index
    ids = [trainer.prompt_ids[prompt] for prompt in prompts]
    seeds = [seed_for("rlvr", settings.seed, step, rank, row) for row in range(len(prompts))]
    model = trainer.accelerator.unwrap_model(trainer.model)
    drawn = sample(
        model,
        trainer._tokenizer,
        ids,
        settings.max_tokens,
        settings.temperature,
        seeds,
        settings.slots,
    )
    return {
        "prompt_ids": ids,
        "completion_ids": [list(one.token_ids) for one in drawn],
        "logprobs": [list(one.logprobs) for one in drawn],
    }
