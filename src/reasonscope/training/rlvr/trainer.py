"""TRL's GRPO trainer with our sampling, our judging and an advantage for every token."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from trl import GRPOTrainer

from reasonscope.errors import SetupError
from reasonscope.provenance import seed_for
from reasonscope.traces.schema import Problem
from reasonscope.training.checkpoints import steps_of
from reasonscope.training.checkpoints_trainer import WholeCheckpoints
from reasonscope.training.judged import judge_completions
from reasonscope.training.rewards import Reward
from reasonscope.training.rlvr.scoring import Scored, score
from reasonscope.training.rlvr.settings import RLSettings
from reasonscope.training.rollouts import BrokenModel, end_tokens, sample

_INDEX = "problem"
"""The column of a data set that says which problem a row is."""
_ROW = "row"
"""Where a row of a micro-batch stands among the step's completions."""
_PROMPT = ("prompt_ids", "prompt_mask")


class RLVRTrainer(WholeCheckpoints, GRPOTrainer):  # type: ignore[misc]
    """GRPO with step rewards.

    Departures from TRL: completions come from :func:`~reasonscope.training.rollouts.sample`;
    advantages have the shape ``[batch, token]``, which TRL's loss takes; completions of about one
    length are computed together, and columns that hold nothing are left out (sums over a whole
    step stay the same). Each step seeds its own dice from the run's seed and its number.
    """

    revision = "unknown"
    """What tells the model that the run started from."""
    _buffered_inputs: Any
    _last_entropies: Any

    def __init__(
        self,
        settings: RLSettings,
        problems: Sequence[Problem],
        rewards: Mapping[str, Reward],
        prompt_ids: Mapping[str, list[int]],
        **arguments: Any,
    ) -> None:
        self.settings, self.problems, self.rewards = settings, problems, rewards
        self.prompt_ids = prompt_ids
        """Token ids of each prompt by its text."""
        self.batch: Scored | None = None
        """The step's completions; None before the first."""
        self.entropies: list[list[float]] = []
        """Of each of them, the entropy in nats at each token."""
        self.constant_share = 0.0
        """Share of the step's groups, on all devices, in which nothing differs."""
        super().__init__(rollout_func=rollouts, **arguments)

    # -- sampling, judging, advantages -----------------------------------------------------

    def _generate_and_score_completions(self, inputs: list[dict[str, Any]]) -> dict[str, Any]:
        torch.manual_seed(seed_for("rlvr", self.settings.seed, self.state.global_step))
        output = dict(super()._generate_and_score_completions(inputs))
        assert self.batch is not None, "completions are scored in the course of it"
        advantages = self.batch.advantages.to(self.accelerator.device)
        return {**output, "advantages": advantages}

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
        self.entropies = [[] for _ in judged]
        flags = torch.tensor(self.batch.constant, dtype=torch.float32)
        self.constant_share = float(self.accelerator.gather(flags.to(self.model.device)).mean())
        told = [self.batch.rewards[name] for name in self.reward_func_names]
        table = [[torch.nan if v is None else v for v in row] for row in zip(*told, strict=True)]
        whole: torch.Tensor = self.accelerator.gather(
            torch.tensor(table, dtype=torch.float32, device=self.accelerator.device)
        )
        return whole

    # -- micro-batches -----------------------------------------------------------------------

    def _prepare_inputs(self, generation_batch: Any) -> Any:
        if not self.model.training:
            return super()._prepare_inputs(generation_batch)
        place = self._step % self.args.steps_per_generation
        if place == 0 or self._buffered_inputs is None:
            output = self._generate_and_score_completions(generation_batch)
            self._buffered_inputs = micro_batches(output, self.args.per_device_train_batch_size)
        return self._buffered_inputs[place]

    def _get_per_token_logps_and_entropies(self, *args: Any, **kwargs: Any) -> Any:
        found = super()._get_per_token_logps_and_entropies(*args, **kwargs)
        self._last_entropies = found[1]
        return found

    def _compute_loss(self, model: Any, inputs: Any) -> Any:
        loss = super()._compute_loss(model, inputs)
        lengths = inputs["completion_mask"].sum(-1).tolist()
        values = self._last_entropies.detach().float().cpu().tolist()
        for row, length, one in zip(inputs[_ROW].tolist(), lengths, values, strict=True):
            self.entropies[row] = one[:length]
        return loss

    # -- numbers that are no longer numbers ---------------------------------------------------

    def training_step(self, model: Any, inputs: Any, num_items_in_batch: Any = None) -> Any:
        """One micro-batch's loss and gradients; ends the run where they are not finite."""
        try:
            loss = super().training_step(model, inputs, num_items_in_batch)
        except BrokenModel as error:
            raise self._broken(str(error)) from None
        if not bool(torch.isfinite(loss)):
            raise self._broken("the loss is not a finite number")
        if self.accelerator.sync_gradients and not _finite_gradients(model):
            raise self._broken("the gradients are not finite numbers")
        return loss

    def _broken(self, what: str) -> SetupError:
        kept = steps_of(self.args.output_dir)
        left = f"; the checkpoint of step {kept[-1]} is good" if kept else ""
        return SetupError(
            f"training broke at step {self.state.global_step + 1}: {what}{left}",
            [
                f"lower the learning rate (it is {self.settings.learning_rate:g})",
                f"lower max_grad_norm (it is {self.settings.max_grad_norm:g})",
                "or begin with warmup_steps",
            ],
        )


def micro_batches(output: Mapping[str, Any], rows: int) -> list[dict[str, Any]]:
    """A step's completions sorted by length and cut, without columns that hold nothing."""
    mask = output["completion_mask"]
    order = torch.argsort(mask.sum(-1), stable=True)
    return [_trimmed(output, chosen) for chosen in order.split(rows)]


def _trimmed(output: Mapping[str, Any], rows: torch.Tensor) -> dict[str, Any]:
    count = len(output["completion_mask"])
    width = int(output["completion_mask"][rows].sum(-1).max().clamp(min=1))
    before = int(output["prompt_mask"][rows].sum(-1).max().clamp(min=1))
    cut: dict[str, Any] = {_ROW: rows}
    for name, held in output.items():
        if not isinstance(held, torch.Tensor) or held.dim() == 0 or len(held) != count:
            cut[name] = held
        elif name in _PROMPT:
            cut[name] = held[rows, -before:]
        else:
            cut[name] = held[rows, :width] if held.dim() > 1 else held[rows]
    return cut


def _finite_gradients(model: Any) -> bool:
    sums = [p.grad.sum() for p in model.parameters() if p.grad is not None]
    return not sums or bool(torch.isfinite(torch.stack(sums)).all())


def rollouts(prompts: list[str], trainer: RLVRTrainer) -> dict[str, Any]:
    """What TRL asks of a rollout function: token ids of prompts and completions."""
    settings, step = trainer.settings, trainer.state.global_step
    rank = trainer.accelerator.process_index
    ids = [trainer.prompt_ids[prompt] for prompt in prompts]
    drawn = sample(
        trainer.accelerator.unwrap_model(trainer.model),
        trainer._tokenizer,
        ids,
        settings.max_tokens,
        settings.temperature,
        [seed_for("rlvr", settings.seed, step, rank, row) for row in range(len(prompts))],
        settings.slots,
    )
    return {
        "prompt_ids": ids,
        "completion_ids": [list(one.token_ids) for one in drawn],
        "logprobs": [list(one.logprobs) for one in drawn],
    }
