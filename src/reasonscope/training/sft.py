"""Supervised fine-tuning: a model learns to continue prompts as examples do."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import TrainerCallback

from reasonscope.errors import SetupError
from reasonscope.models.loading import LoadedModel, load_model
from reasonscope.training.adapters import adapters
from reasonscope.training.checkpoints import latest, step_of, steps_of
from reasonscope.training.checkpoints_trainer import clear_unfinished, save_final
from reasonscope.training.quiet import quiet
from reasonscope.training.settings import pin
from reasonscope.training.sft_examples import Examples, Part, encode_examples
from reasonscope.training.sft_settings import SFTSettings
from reasonscope.training.sft_trainer import ExamplesTrainer, OptimizerFactory, Teacher
from reasonscope.training.trained import TrainedOnExamples

os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingProgress:
    """How far a training run is."""

    step: int
    """Optimizer steps done."""
    steps: int
    """Optimizer steps of the whole run."""
    loss: float | None = None
    """Mean loss in nats a token since the last row of the log; None: not known yet."""
    learning_rate: float | None = None
    grad_norm: float | None = None
    """Norm of the gradient before it is clipped."""


Told = Callable[[TrainingProgress], None]
"""Told of every step."""


def train_sft(
    settings: SFTSettings,
    examples: Iterable[tuple[Part, Part]] | Examples,
    *,
    optimizer: OptimizerFactory | None = None,
    teacher: Teacher | None = None,
    progress: Told | None = None,
) -> TrainedOnExamples:
    """A model trained to write completions as the examples do; prompts have no loss.

    The same call again goes on from the last whole checkpoint, and on a processor ends with the
    same weights as a run that was never broken off.

    Args:
        settings: How to train.
        examples: Pairs of prompt and completion, as texts or as token ids (see
            :func:`~reasonscope.training.sft_examples.encode_examples`), or what that made of them.
        optimizer: Makes the optimizer for the model; ``learning_rate`` and ``weight_decay`` are
            then its own affair, the schedule stays. Default: AdamW.
        teacher: A model of the same vocabulary whose chances are learned beside the words.
        progress: Told of every step.

    Returns:
        Where the trained model is.

    Raises:
        SetupError: The model or the last checkpoint is damaged, the disk is full, there is
            nothing to learn from, the loss is not finite, or the run in ``out`` was begun with
            other settings or examples.
    """
    if settings.threads is not None:
        torch.set_num_threads(settings.threads)
    clear_unfinished(settings.out)
    begun = latest(settings.out)
    loaded = load_model(str(settings.model), device="cpu", dtype="float32")
    encoded = _encoded(loaded, examples, settings.max_length)
    soft = 0.0 if teacher is None else teacher.weight
    pin(settings.out, settings, examples_digest=encoded.digest, weights=loaded.revision, soft=soft)
    with quiet():
        trainer = ExamplesTrainer(
            settings,
            encoded,
            optimizer,
            teacher,
            model=loaded.model,
            processing_class=_padding(loaded.tokenizer),
            peft_config=adapters(settings.lora_rank),
        )
        if progress is not None:
            trainer.add_callback(_Tell(progress))
        return _run(settings, trainer, begun)


def _run(settings: SFTSettings, trainer: ExamplesTrainer, begun: Path | None) -> TrainedOnExamples:
    """Train from the start, or on from a checkpoint; a finished run is left as it is."""
    trainer.first = 0 if begun is None else step_of(begun)
    if begun is not None and trainer.first >= trainer.steps:
        trainer._load_from_checkpoint(str(begun))
    else:
        trainer.train(resume_from_checkpoint=None if begun is None else str(begun))
    if trainer.args.should_save:
        model = trainer.accelerator.unwrap_model(trainer.model)
        save_final(model, trainer.processing_class, settings.out)
    trainer.accelerator.wait_for_everyone()
    return TrainedOnExamples(
        folder=Path(settings.out) / "final",
        checkpoints=tuple(steps_of(settings.out)),
        steps=max(trainer.first, trainer.state.global_step),
        examples=len(trainer.examples),
        dropped=trainer.examples.dropped,
    )


def _encoded(
    loaded: LoadedModel, examples: Iterable[tuple[Part, Part]] | Examples, limit: int | None
) -> Examples:
    if isinstance(examples, Examples):
        encoded = examples
    else:
        encoded = encode_examples(
            loaded.tokenizer, examples, min(limit or loaded.context, loaded.context)
        )
    if not len(encoded):
        raise SetupError(
            f"there is nothing to learn from: no example is left, {encoded.dropped:,} were too "
            "long (--max-length) or empty"
        )
    most = int(encoded.ids.max(initial=0))
    if most >= (width := loaded.model.get_input_embeddings().num_embeddings):
        raise SetupError(f"the examples hold token {most}, the model knows {width:,} tokens")
    return encoded


def _padding(tokenizer: Any) -> Any:
    """The tokenizer with a token to pad with; it is masked, so any will do."""
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.convert_ids_to_tokens(0)
    return tokenizer


class _Tell(TrainerCallback):  # type: ignore[misc]
    """Passes on how far the trainer is."""

    def __init__(self, tell: Told) -> None:
        self._tell = tell

    def on_step_end(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
        """Tell of the step."""
        self._tell(TrainingProgress(step=state.global_step, steps=state.max_steps))

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **rest: Any) -> None:
        """Tell of a row of the log."""
        if logs and "loss" in logs:
            self._tell(
                TrainingProgress(
                    step=state.global_step,
                    steps=state.max_steps,
                    loss=logs["loss"],
                    learning_rate=logs.get("learning_rate"),
                    grad_norm=logs.get("grad_norm"),
                )
            )
