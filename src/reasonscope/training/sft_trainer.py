"""TRL's trainer for supervised fine-tuning, with our batches, our schedule and our checkpoints."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import torch
from datasets import Dataset
from torch.utils.data import DataLoader, Sampler
from transformers import PrinterCallback
from trl import SFTConfig, SFTTrainer

from reasonscope.errors import SetupError
from reasonscope.training.checkpoints import steps_of
from reasonscope.training.checkpoints_trainer import WholeCheckpoints
from reasonscope.training.sft_examples import IGNORED, Examples, Plan, plan_batches
from reasonscope.training.sft_settings import SFTSettings, rate_share

OptimizerFactory = Callable[[Any], torch.optim.Optimizer]
"""Makes an optimizer for a model, such as Muon for its matrices with AdamW for the rest."""


@dataclass(frozen=True, slots=True)
class Teacher:
    """A model whose chances are learned beside its words (soft targets)."""

    model: Any
    """With the same vocabulary as the student."""
    weight: float
    """Of the divergence from the teacher; the rest is that of the words."""


class ExamplesTrainer(WholeCheckpoints, SFTTrainer):  # type: ignore[misc]
    """TRL's SFTTrainer over planned batches.

    Departures: batches are planned by tokens (:func:`plan_batches`) and are the same on any
    number of devices, where each gets its share of every batch; the loss is the mean over all
    completion tokens of a batch; entropy and accuracy are not computed.
    """

    loss_is_scaled_for_ga = True

    def __init__(
        self,
        settings: SFTSettings,
        examples: Examples,
        factory: OptimizerFactory | None = None,
        teacher: Teacher | None = None,
        **arguments: Any,
    ) -> None:
        self.settings = settings
        self.examples = examples
        self._factory = factory
        self._teacher = teacher
        self._plans: dict[int, Plan] = {}
        self.first = 0
        """The step that the next call of ``train`` begins with."""
        self.keep_checkpoints = settings.keep_checkpoints
        self.steps = total_steps(settings, examples)
        super().__init__(
            args=sft_config(settings, self.steps), train_dataset=_shown(examples), **arguments
        )
        self.remove_callback(PrinterCallback)
        self.model_accepts_loss_kwargs = True  # so that tokens are counted over the whole batch
        if teacher is not None:
            teacher.model.to(self.args.device)

    def get_train_dataloader(self) -> Any:
        """What each process computes, part by part: no workers, nothing to prepare."""
        processes = self.accelerator.num_processes
        parts = _Parts(self, self.accelerator.process_index, processes)
        return DataLoader(parts, batch_size=None, sampler=_From(self, self.settings.accumulate))

    def batch(self, step: int) -> list[int]:
        """The examples of a step's batch."""
        epoch, place = 0, step
        while place >= len(plan := self._plan(epoch)):
            place -= len(plan)
            epoch += 1
        return plan[place]

    def _plan(self, epoch: int) -> Plan:
        if epoch not in self._plans:
            self._plans[epoch] = _plan(self.settings, self.examples, epoch)
        return self._plans[epoch]

    def create_optimizer(self, model: Any = None) -> Any:
        """The optimizer that was asked for, or fused AdamW."""
        if self._factory is None:
            return super().create_optimizer(model)
        self.optimizer: Any = self._factory(self.model if model is None else model)
        return self.optimizer

    def create_scheduler(self, num_training_steps: int, optimizer: Any = None) -> Any:
        """Our schedule: every group's own learning rate times :func:`rate_share`."""
        held = self.settings
        self.lr_scheduler = torch.optim.lr_scheduler.LambdaLR(
            self.optimizer if optimizer is None else optimizer,
            lambda step: rate_share(step, num_training_steps, held.warmup_steps, held.schedule),
        )
        self._created_lr_scheduler = True
        return self.lr_scheduler

    def compute_loss(
        self, model: Any, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        """The mean over the completion tokens of the whole batch, all devices and parts."""
        labels = inputs["labels"][:, 1:]
        spoken = labels != IGNORED
        logits = _logits(model, inputs)[spoken].float()
        total = torch.nn.functional.cross_entropy(logits, labels[spoken], reduction="sum")
        if self._teacher is not None:
            with torch.inference_mode():
                wanted = _logits(self._teacher.model, inputs)[spoken].float().log_softmax(-1)
            apart = torch.nn.functional.kl_div(
                logits.log_softmax(-1), wanted, reduction="sum", log_target=True
            )
            total = total + self._teacher.weight * (apart - total)
        loss = total / torch.as_tensor(num_items_in_batch).clamp(min=1)
        loss = loss * self.accelerator.num_processes  # gradients are averaged over devices
        return (loss, logits) if return_outputs else loss

    def training_step(self, *args: Any, **keywords: Any) -> Any:
        """One part of a batch; a loss that is not finite ends the run before it harms weights."""
        loss = super().training_step(*args, **keywords)
        if not math.isfinite(loss.item()):
            kept = steps_of(self.args.output_dir)
            raise SetupError(
                f"the loss is not finite at step {self.state.global_step}. Lower the learning rate "
                "or warm up longer, in a new --out; the last whole checkpoint is "
                + (f"that of step {kept[-1]}" if kept else "none")
            )
        return loss

    def floating_point_ops(self, inputs: Any) -> int:
        """Not counted: it costs time at every step and nobody reads it."""
        return 0


def _logits(model: Any, inputs: Any) -> torch.Tensor:
    """What a model expects after each position but the last."""
    said = model(
        input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"], use_cache=False
    )
    logits: torch.Tensor = said.logits[:, :-1]
    return logits


def total_steps(settings: SFTSettings, examples: Examples) -> int:
    """Optimizer steps of a run."""
    if settings.steps is not None:
        return settings.steps
    whole, rest = int(settings.epochs), settings.epochs % 1
    counts = [len(_plan(settings, examples, epoch)) for epoch in range(whole + (rest > 0))]
    return max(1, sum(counts[:whole]) + (round(rest * counts[-1]) if rest else 0))


def _plan(settings: SFTSettings, examples: Examples, epoch: int) -> Plan:
    return plan_batches(
        examples.lengths,
        tokens=None if settings.examples else settings.tokens,
        examples=settings.examples,
        seed=settings.seed,
        epoch=epoch,
        keep_order=settings.keep_order,
    )


class _From(Sampler[int]):  # type: ignore[misc]
    """The parts that are still due, counted from the start of the run."""

    def __init__(self, trainer: ExamplesTrainer, accumulate: int) -> None:
        self._trainer = trainer
        self._accumulate = accumulate

    def __iter__(self) -> Iterator[int]:
        return iter(range(self._trainer.first * self._accumulate, len(self)))

    def __len__(self) -> int:
        return self._trainer.steps * self._accumulate


class _Parts(torch.utils.data.Dataset[dict[str, torch.Tensor]]):  # type: ignore[misc]
    """One process's share of one part of a batch."""

    def __init__(self, trainer: ExamplesTrainer, process: int, processes: int) -> None:
        self._trainer = trainer
        self._process, self._processes = process, processes

    def __len__(self) -> int:
        return self._trainer.steps * self._trainer.settings.accumulate

    def __getitem__(self, place: int) -> dict[str, torch.Tensor]:
        parts = self._trainer.settings.accumulate
        step, part = divmod(place, parts)
        batch = self._trainer.batch(step)
        return padded(
            self._trainer.examples,
            batch[part * self._processes + self._process :: parts * self._processes],
            self._trainer.args.device,
        )


def padded(examples: Examples, batch: list[int], device: Any = "cpu") -> dict[str, torch.Tensor]:
    """Examples side by side, padded on the right; without any, one token that has no loss."""
    longest = max((int(examples.lengths[index]) for index in batch), default=1)
    ids = np.zeros((max(1, len(batch)), longest), dtype=np.int64)
    labels = np.full_like(ids, IGNORED)
    mask = np.zeros_like(ids)
    mask[:, 0] = 1
    for row, index in enumerate(batch):
        tokens = examples.example(index)
        ids[row, : len(tokens)] = tokens
        mask[row, : len(tokens)] = 1
        start = int(examples.prompts[index])
        labels[row, start : len(tokens)] = tokens[start:]
    held = {"input_ids": ids, "labels": labels, "attention_mask": mask}
    return {name: torch.from_numpy(array).to(device) for name, array in held.items()}


def _shown(examples: Examples) -> Dataset:
    """The examples as TRL wants to see them, without a copy; batches are made by :func:`padded`."""
    offsets = pa.array(examples.starts, type=pa.int64())
    ids = pa.LargeListArray.from_arrays(offsets, pa.array(examples.ids))
    return Dataset(pa.table({"input_ids": ids, "labels": ids}))


def sft_config(settings: SFTSettings, steps: int) -> SFTConfig:
    """TRL's settings from ours."""
    cpu = settings.device == "cpu" or not torch.cuda.is_available()
    low = settings.precision == "bfloat16" or (settings.precision == "auto" and not cpu)
    return SFTConfig(
        output_dir=str(settings.out),
        use_cpu=cpu,
        bf16=low,
        seed=settings.seed % (1 << 32),
        max_steps=steps,
        per_device_train_batch_size=1,
        gradient_accumulation_steps=settings.accumulate,
        learning_rate=settings.learning_rate,
        weight_decay=settings.weight_decay,
        max_grad_norm=settings.max_grad_norm,
        activation_checkpointing=settings.recompute,
        max_length=None,
        dataset_kwargs={"skip_prepare_dataset": True},
        remove_unused_columns=False,
        save_strategy="steps",
        save_steps=settings.save_every,
        logging_steps=settings.log_every,
        logging_nan_inf_filter=False,
        ignore_data_skip=True,
        report_to=[],
        disable_tqdm=True,
    )
