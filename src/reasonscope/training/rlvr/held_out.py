"""Problems set aside from practice, tried at intervals while a model is trained."""

from collections.abc import Sequence
from typing import Any

from transformers import TrainerCallback

from reasonscope.errors import SetupError
from reasonscope.models.decoding import encode_prompt
from reasonscope.models.prompts import instruction
from reasonscope.traces.schema import Problem
from reasonscope.training.judged import Judged, judge_completions
from reasonscope.training.recording import Recorder
from reasonscope.training.rlvr.scoring import means, of_completions, of_steps
from reasonscope.training.rlvr.trainer import RLVRTrainer
from reasonscope.training.rollouts import end_tokens, sample


def set_aside(
    problems: Sequence[Problem], count: int
) -> tuple[Sequence[Problem], Sequence[Problem]]:
    """The problems to practise on, and the last ones, which are only tried.

    Raises:
        SetupError: None would be left to practise on.
    """
    if count and len(problems) <= count:
        raise SetupError(
            f"held_out sets {count} problems aside, but there are {len(problems)}: none is left to "
            "practise on; give more problems or lower held_out"
        )
    cut = len(problems) - count
    return problems[:cut], problems[cut:]


class HeldOut(TrainerCallback):  # type: ignore[misc]
    """Tries the problems that were set aside, one completion each, with the same dice each time."""

    def __init__(
        self, trainer: RLVRTrainer, recorder: Recorder, problems: Sequence[Problem]
    ) -> None:
        self.trainer, self.recorder, self.problems = trainer, recorder, problems
        tokenizer = trainer.processing_class
        self.prompts = [encode_prompt(tokenizer, instruction(one))[1] for one in problems]

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """Before the first step; a run that goes on has forgotten what followed its checkpoint."""
        self._try(state.global_step)

    def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        """After every so many steps, and after the last."""
        self._try(state.global_step)

    def _try(self, step: int) -> None:
        every, last = self.trainer.settings.held_out_every, self.trainer.settings.steps
        if step % every == 0 or step == last:
            judged = self._completions()
            whole = of_completions(judged, self.trainer.rewards, self.trainer.settings)
            by_step = of_steps(judged, self.trainer.settings)
            self.recorder.held_out(step, judged, whole | means(by_step))

    def _completions(self) -> list[Judged]:
        settings, tokenizer = self.trainer.settings, self.trainer.processing_class
        model = self.trainer.accelerator.unwrap_model(self.trainer.model)
        drawn = sample(
            model,
            tokenizer,
            self.prompts,
            settings.max_tokens,
            settings.temperature,
            settings.seed,
            settings.slots,
        )
        ids = [one.token_ids for one in drawn]
        ends = end_tokens(model, tokenizer)
        return judge_completions(self.problems, ids, tokenizer, settings.max_tokens, ends)
