"""A run of reinforcement learning from settings to checkpoints."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from transformers import TrainerCallback
from trl import GRPOConfig

from reasonscope.errors import SetupError
from reasonscope.models.decoding import encode_prompt
from reasonscope.models.loading import load_model
from reasonscope.models.prompts import instruction
from reasonscope.provenance import seed_for
from reasonscope.traces.schema import Problem
from reasonscope.training.checkpoints import latest, steps_of
from reasonscope.training.checkpoints_trainer import clear_unfinished, save_final
from reasonscope.training.judged import Judged
from reasonscope.training.recording import Recorder
from reasonscope.training.rewards import Reward, reward
from reasonscope.training.rlvr.settings import RLSettings
from reasonscope.training.rlvr.trainer import RLVRTrainer

os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """What a run left behind."""

    folder: Path
    """The trained model with its tokenizer, ready for ``load_model``."""
    checkpoints: tuple[int, ...]
    """Steps that have a checkpoint under ``out/checkpoints/step-NNNN``."""
    steps: int
    """Optimizer steps done, those of earlier calls included."""


def train_rlvr(
    settings: RLSettings,
    problems: Sequence[Problem],
    recorder: Recorder | None = None,
    rewards: Mapping[str, Reward] | None = None,
) -> Trained:
    """A model trained on problems whose answers and steps can be checked.

    The same call again goes on from the last whole checkpoint, and on a processor ends with the
    same weights as a run that was never broken off.

    Args:
        settings: How to train.
        problems: What is practised on; each pass goes through all of them in a new order.
        recorder: Told of every step.
        rewards: More rewards by name, beside those of :data:`~reasonscope.training.rewards.REWARDS`.

    Returns:
        Where the trained model is.
    """
    if not problems:
        raise SetupError("there are no problems to practise on")
    functions = {name: reward(name, rewards) for name in settings.whole_weights}
    if settings.threads is not None:
        torch.set_num_threads(settings.threads)
    clear_unfinished(settings.out)
    trainer = _trainer(settings, problems, functions)
    if recorder is not None:
        trainer.add_callback(_Tell(trainer, recorder))
    begun = latest(settings.out)
    trainer.train(resume_from_checkpoint=None if begun is None else str(begun))
    model = trainer.accelerator.unwrap_model(trainer.model)
    final = save_final(model, trainer.processing_class, settings.out)
    return Trained(
        folder=final,
        checkpoints=tuple(steps_of(settings.out)),
        steps=trainer.state.global_step,
    )


def _trainer(
    settings: RLSettings, problems: Sequence[Problem], rewards: Mapping[str, Reward]
) -> RLVRTrainer:
    loaded = load_model(str(settings.model), device="cpu", dtype="float32")
    tokenizer = loaded.tokenizer
    if tokenizer.eos_token_id is None:
        raise SetupError(
            f"the tokenizer in '{settings.model}' has no end token, so no completion could end: "
            "set its eos_token and save it again"
        )
    tokenizer.padding_side = "left"
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    prompts = [encode_prompt(tokenizer, instruction(problem)) for problem in problems]
    order = practice(len(problems), settings.steps * settings.prompts, settings.seed)
    trainer = RLVRTrainer(
        settings,
        problems,
        rewards,
        model=loaded.model,
        reward_funcs=[_named(name) for name in settings.rewards],
        args=_config(settings),
        train_dataset=Dataset.from_dict(
            {"prompt": [prompts[place][0] for place in order], "problem": order}
        ),
        processing_class=tokenizer,
        peft_config=_adapters(settings),
    )
    trainer.prompt_ids = {text: ids for text, ids in prompts}
    return trainer


def practice(problems: int, count: int, seed: int) -> list[int]:
    """Which problem comes when: pass after pass through all of them, each in an order of its own.

    >>> sorted(practice(3, 6, seed=0)[:3])
    [0, 1, 2]
    """
    order: list[int] = []
    turn = 0
    while len(order) < count:
        dice = torch.Generator().manual_seed(seed_for("practice", seed, turn))
        order += torch.randperm(problems, generator=dice).tolist()
        turn += 1
    return order[:count]


def _config(settings: RLSettings) -> GRPOConfig:
    cpu = settings.device == "cpu" or (settings.device == "auto" and not torch.cuda.is_available())
    return GRPOConfig(
        output_dir=str(settings.out),
        use_cpu=cpu,
        bf16=False,
        seed=seed_for("rlvr", settings.seed) % (1 << 32),
        max_steps=settings.steps,
        per_device_train_batch_size=settings.rows,
        gradient_accumulation_steps=settings.batch // settings.rows,
        steps_per_generation=settings.batch // settings.rows,
        num_generations=settings.generations,
        num_iterations=1,
        max_completion_length=settings.max_tokens,
        temperature=settings.temperature,
        top_k=0,
        top_p=1.0,
        beta=settings.kl,
        epsilon=settings.clip_low,
        epsilon_high=settings.clip_high,
        loss_type=settings.loss,
        scale_rewards="group" if settings.scale else "none",
        reward_weights=list(settings.rewards.values()),
        learning_rate=settings.learning_rate,
        lr_scheduler_type=_SCHEDULES[settings.schedule],
        warmup_steps=settings.warmup_steps,
        max_grad_norm=settings.max_grad_norm,
        gradient_checkpointing=False,
        shuffle_dataset=False,
        save_strategy="steps",
        save_steps=settings.save_every,
        logging_steps=1,
        report_to=[],
        disable_tqdm=True,
        log_level="error",
        dataloader_pin_memory=False,
    )


_SCHEDULES = {"constant": "constant_with_warmup", "linear": "linear", "cosine": "cosine"}


def _adapters(settings: RLSettings) -> Any:
    if settings.lora_rank is None:
        return None
    from peft import LoraConfig

    return LoraConfig(
        r=settings.lora_rank,
        lora_alpha=2 * settings.lora_rank,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )


def _named(name: str) -> Any:
    """A stand-in by which TRL knows a reward's name; the rewards are computed by our trainer."""

    def stand_in(judged: Judged) -> None:
        raise AssertionError("rewards are computed in RLVRTrainer")

    stand_in.__name__ = name
    return stand_in


class _Tell(TrainerCallback):  # type: ignore[misc]
    """Passes a step's completions and numbers on to the recorder."""

    def __init__(self, trainer: RLVRTrainer, recorder: Recorder) -> None:
        self.trainer, self.recorder = trainer, recorder

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """After the optimizer's step: the completions are those of the model before it."""
        batch = self.trainer.batch
        assert batch is not None, "a step has completions"
        self.recorder.completions(state.global_step - 1, batch.judged, batch.rewards, None)

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
        """What TRL says of the step."""
        numbers = {n: float(v) for n, v in (logs or {}).items() if isinstance(v, int | float)}
        self.recorder.metrics(max(state.global_step - 1, 0), numbers)
