"""A transformers Trainer that keeps our checkpoints: whole, without pickles, and resumable."""

import shutil
from pathlib import Path
from typing import Any

from accelerate.utils import gather_object
from transformers.utils import logging

from reasonscope.errors import SetupError
from reasonscope.training.checkpoints import (
    checkpoints_of,
    folder_of,
    load_state,
    random_state,
    restore_random,
    save_state,
    steps_of,
    whole,
)

TRAINER_STATE = "trainer_state.json"


class WholeCheckpoints:
    """Mix into a Trainer, before it: ``class Ours(WholeCheckpoints, GRPOTrainer)``.

    ``args.output_dir`` is the run's folder; every save becomes ``checkpoints/step-NNNN``. Go on
    with ``trainer.train(resume_from_checkpoint=str(latest(out)))``.

    Departure from transformers: optimizer, schedule and random numbers as safetensors and JSON,
    not as pickles; no model card; no telemetry. Weights that are sharded (FSDP, DeepSpeed) are
    saved without the optimizer's state, and such a run cannot be resumed.
    """

    keep_checkpoints: int | None = None
    """How many of the newest checkpoints stay; None: all."""

    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        trainer: Any = self
        folder = folder_of(trainer.args.output_dir, trainer.state.global_step)
        generators = gather_object([random_state()])
        trainer.state.log_history = trainer.state.log_history[-1:]
        if not trainer.args.should_save:
            trainer.save_model(str(folder.with_name(f".{folder.name}.tmp")), _internal_call=True)
        else:
            with whole(folder) as temporary:
                trainer.save_model(str(temporary), _internal_call=True)
                save_state(temporary, {**self._optimizer_state(), "random": generators})
                trainer.state.save_to_json(str(temporary / TRAINER_STATE))
            self._forget_old(Path(trainer.args.output_dir))
        trainer.accelerator.wait_for_everyone()

    def _optimizer_state(self) -> dict[str, Any]:
        trainer: Any = self
        if trainer.is_fsdp_enabled or trainer.is_deepspeed_enabled:
            return {"sharded": True}
        return {
            "sharded": False,
            "optimizer": trainer.optimizer.state_dict(),
            "schedule": trainer.lr_scheduler.state_dict(),
        }

    def _forget_old(self, out: Path) -> None:
        if self.keep_checkpoints is not None:
            for step in steps_of(out)[: -self.keep_checkpoints]:
                shutil.rmtree(folder_of(out, step), ignore_errors=True)

    def _save(self, output_dir: str, state_dict: Any = None) -> None:
        """Weights and tokenizer, nothing else: transformers would add its settings as a pickle."""
        trainer: Any = self
        if trainer.args.should_save:
            save_model(trainer.model, trainer.processing_class, Path(output_dir), state_dict)

    def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
        trainer: Any = self
        if checkpoint is None:
            return
        state = load_state(Path(checkpoint))
        if state["sharded"]:
            raise SetupError(
                f"'{checkpoint}' was written by a sharded run (FSDP or DeepSpeed), which keeps no "
                "optimizer state: start a new run with this folder as --model"
            )
        trainer.optimizer.load_state_dict(state["optimizer"])
        trainer.lr_scheduler.load_state_dict(state["schedule"])

    def _load_rng_state(self, checkpoint: str | None) -> None:
        trainer: Any = self
        if checkpoint is None:
            return
        generators = load_state(Path(checkpoint))["random"]
        if trainer.args.process_index < len(generators):
            restore_random(generators[trainer.args.process_index])

    def _save_scaler(self, output_dir: str) -> None:
        """Nothing: half precision is bfloat16 here, which needs no scaler."""

    def _load_scaler(self, checkpoint: str | None) -> None:
        """Nothing: see :meth:`_save_scaler`."""

    def _send_telemetry(self) -> None:
        """Nothing leaves this machine."""


def save_model(model: Any, tokenizer: Any, folder: Path, state_dict: Any = None) -> None:
    """A model (or its adapters) and its tokenizer into a folder, as safetensors."""
    folder.mkdir(parents=True, exist_ok=True)
    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        model.save_pretrained(folder, state_dict=state_dict)
        tokenizer.save_pretrained(folder)
    finally:
        if shown:
            logging.enable_progress_bar()


def save_final(model: Any, tokenizer: Any, out: str | Path) -> Path:
    """``out/final``: the whole model, adapters merged into it, ready for ``load_model``.

    Adapters themselves stay in ``out/adapter``.
    """
    final = Path(out) / "final"
    if hasattr(model, "merge_and_unload"):
        with whole(Path(out) / "adapter") as temporary:
            save_model(model, tokenizer, temporary)
        model = model.merge_and_unload()
    with whole(final) as temporary:
        save_model(model, tokenizer, temporary)
    return final


def clear_unfinished(out: str | Path) -> None:
    """Remove what a killed run left half written."""
    names = (".final.*", ".adapter.*")
    left = [folder for name in names for folder in Path(out).glob(name)]
    for folder in [*checkpoints_of(out).glob(".step-*"), *left]:
        shutil.rmtree(folder, ignore_errors=True)
