"""A run of reinforcement learning from settings to checkpoints."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch

from reasonscope.provenance import content_id
from reasonscope.traces.schema import Problem
from reasonscope.training.checkpoints import latest, steps_of
from reasonscope.training.checkpoints_trainer import clear_unfinished, save_final
from reasonscope.training.quiet import quiet
from reasonscope.training.recording import Recorder
from reasonscope.training.rewards import Reward
from reasonscope.training.rlvr.configuring import prepared
from reasonscope.training.rlvr.held_out import HeldOut, set_aside
from reasonscope.training.rlvr.settings import RLSettings
from reasonscope.training.rlvr.signals import NoSignal, Tell
from reasonscope.training.settings import pin
from reasonscope.training.trained import Trained


def train_rlvr(
    settings: RLSettings,
    problems: Sequence[Problem],
    recorder: Recorder | None = None,
    rewards: Mapping[str, Reward] | None = None,
) -> Trained:
    """A model trained on problems whose answers and steps can be checked.

    The same call again goes on from the last whole checkpoint, and on a processor ends with the
    same weights as a run that was never broken off. Another call with other settings, problems
    or weights in the same folder is refused.

    Args:
        settings: How to train.
        problems: What is practised on; each pass goes through all of them in a new order.
        recorder: Told of every step.
        rewards: More rewards by name, beside those that ``rewards.py`` has.

    Returns:
        Where the trained model is.

    Raises:
        SetupError: Something must be mended first; or the run was ended because nothing could
            be learned from the rewards, or numbers were no longer finite. The message says what
            to change; checkpoints stay.
    """
    if settings.threads is not None:
        torch.set_num_threads(settings.threads)
    with quiet():
        clear_unfinished(settings.out)
        begun = latest(settings.out)
        practised_on, aside = set_aside(problems, settings.held_out)
        trainer = prepared(settings, practised_on, rewards)
        if trainer.accelerator.is_main_process:
            practised = content_id("practice", *(problem.problem_id for problem in problems))
            pin(settings.out, settings, practised=practised, weights=trainer.revision)
        if recorder is not None and trainer.accelerator.is_main_process:
            trainer.add_callback(Tell(trainer, recorder))
            if aside:
                trainer.add_callback(HeldOut(trainer, recorder, aside))
        trainer.add_callback(NoSignal(trainer))
        trainer.train(resume_from_checkpoint=None if begun is None else str(begun))
        model = trainer.accelerator.unwrap_model(trainer.model)
        final = Path(settings.out) / "final"
        if trainer.accelerator.is_main_process:
            final = save_final(model, trainer.processing_class, settings.out)
        trainer.accelerator.wait_for_everyone()
    return Trained(
        folder=final,
        checkpoints=tuple(steps_of(settings.out)),
        steps=trainer.state.global_step,
    )
