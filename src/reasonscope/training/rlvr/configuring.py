"""A trainer from settings: the model, the order of practice, and TRL's own settings."""

import os
from collections.abc import Mapping, Sequence
from typing import Any

os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")  # TRL warns of rollout_func at each run

import torch
from datasets import Dataset
from transformers import PrinterCallback
from trl import GRPOConfig

from reasonscope.errors import SetupError
from reasonscope.models.decoding import encode_prompt
from reasonscope.models.loading import LoadedModel, load_model
from reasonscope.models.prompts import instruction
from reasonscope.provenance import seed_for
from reasonscope.traces.schema import Problem
from reasonscope.training.adapters import adapters
from reasonscope.training.judged import Judged
from reasonscope.training.rewards import Reward, rewards_named
from reasonscope.training.rlvr.settings import RLSettings
from reasonscope.training.rlvr.trainer import RLVRTrainer

_SCHEDULES = {"constant": "constant_with_warmup", "linear": "linear", "cosine": "cosine"}
_SEEDS = 1 << 32
"""numpy takes seeds below this."""


def prepared(
    settings: RLSettings,
    problems: Sequence[Problem],
    rewards: Mapping[str, Reward] | None = None,
) -> RLVRTrainer:
    """A trainer that is ready to train.

    Raises:
        SetupError: There is no problem, a reward is not known, the model is damaged, or its
            tokenizer has no end token.
    """
    if not problems:
        raise SetupError("there are no problems to practise on")
    functions = rewards_named(settings.rewards, rewards)
    loaded = _loaded(settings)
    model, tokenizer = loaded.model, loaded.tokenizer
    prompts = [encode_prompt(tokenizer, instruction(problem)) for problem in problems]
    _check_room(model, [ids for _, ids in prompts], settings)
    order = practice(len(problems), settings.steps * settings.prompts, settings.seed)
    trainer = RLVRTrainer(
        settings,
        problems,
        functions,
        dict(prompts),
        model=model,
        reward_funcs=[_named(name) for name in settings.rewards],
        args=configured(settings),
        train_dataset=Dataset.from_dict(
            {"prompt": [prompts[place][0] for place in order], "problem": order}
        ),
        processing_class=tokenizer,
        peft_config=adapters(settings.lora_rank),
    )
    trainer.revision = loaded.revision
    trainer.remove_callback(PrinterCallback)
    return trainer


def _loaded(settings: RLSettings) -> LoadedModel:
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
    return loaded


def _check_room(model: Any, prompts: Sequence[Sequence[int]], settings: RLSettings) -> None:
    """Prompt and completion must fit into what the model holds."""
    held = getattr(model.config.get_text_config(), "max_position_embeddings", None)
    longest = max(len(prompt) for prompt in prompts)
    if held and longest + settings.max_tokens > held:
        raise SetupError(
            f"the longest prompt has {longest} tokens and a completion up to "
            f"{settings.max_tokens}, but the model holds {held}: set max_tokens to at most "
            f"{max(held - longest, 0)}, or leave out long problems"
        )


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


def configured(settings: RLSettings, **others: Any) -> GRPOConfig:
    """TRL's settings for ours; ``others`` are added or replace them.

    With one pass over each step's completions the ratio of probabilities is 1, so the clip's
    bounds are of no effect.
    """
    cpu = settings.device == "cpu" or (settings.device == "auto" and not torch.cuda.is_available())
    devices = int(os.environ.get("WORLD_SIZE", "1"))
    rows = settings.rows(devices)
    accumulated = settings.batch // devices // rows
    chosen = {
        "output_dir": str(settings.out),
        "use_cpu": cpu,
        "bf16": not cpu,
        "seed": seed_for("rlvr", settings.seed) % _SEEDS,
        "max_steps": settings.steps,
        "per_device_train_batch_size": rows,
        "gradient_accumulation_steps": accumulated,
        "steps_per_generation": accumulated,
        "num_generations": settings.generations,
        "num_iterations": 1,
        "max_completion_length": settings.max_tokens,
        "temperature": settings.temperature,
        "top_k": 0,
        "top_p": 1.0,
        "beta": settings.kl,
        "epsilon": settings.clip_low,
        "epsilon_high": settings.clip_high,
        "loss_type": settings.loss,
        "scale_rewards": "group" if settings.scale else "none",
        "reward_weights": list(settings.rewards.values()),
        "learning_rate": settings.learning_rate,
        "lr_scheduler_type": _SCHEDULES[settings.schedule],
        "warmup_steps": settings.warmup_steps,
        "max_grad_norm": settings.max_grad_norm,
        "activation_checkpointing": False,
        "shuffle_dataset": False,
        "save_strategy": "steps",
        "save_steps": settings.save_every,
        "logging_strategy": "steps",
        "logging_steps": 1,
        "logging_nan_inf_filter": False,
        "report_to": [],
        "disable_tqdm": True,
        "dataloader_pin_memory": not cpu,
    }
    return GRPOConfig(**{**chosen, **others})


def _named(name: str) -> Any:
    """A stand-in by which TRL knows a reward's name; the rewards are computed by our trainer."""

    def stand_in(judged: Judged) -> None:
        raise AssertionError("rewards are computed in RLVRTrainer")

    stand_in.__name__ = name
    return stand_in
