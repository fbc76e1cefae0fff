"""The recorder around any plain TRL trainer: a callback, and wrapped reward functions."""

import functools
import inspect
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from transformers import TrainerCallback

from reasonscope.errors import SetupError
from reasonscope.traces.formats.fields import answer_kind, reference, scalar
from reasonscope.traces.formats.messages import asked, is_messages
from reasonscope.traces.schema import Case, Problem, Trace
from reasonscope.training.judged import Judged, judge_completions
from reasonscope.training.recorder.recorder import Recorder

ANSWERS = ("solution", "answer", "ground_truth")
"""Columns of a data set that hold a reference answer, the first that is there."""

ProblemOf = Callable[[Any, Mapping[str, Any]], Problem]
"""A prompt and its row's other columns to the problem that it asks."""


class RecorderCallback(TrainerCallback):  # type: ignore[misc]
    """Tells a recorder what a TRL trainer does; for GRPO, wrap the rewards and follow the trainer.

    >>> callback = RecorderCallback(recorder, max_tokens=180)                  # doctest: +SKIP
    >>> trainer = GRPOTrainer(model, reward_funcs=[callback.watching(reward)],
    ...                       callbacks=[callback], args=args, ...)            # doctest: +SKIP
    >>> callback.follow(trainer)                                               # doctest: +SKIP

    Only the main process records; with several, it sees its own share of the completions.
    """

    def __init__(
        self,
        recorder: Recorder,
        max_tokens: int,
        problem_of: ProblemOf | None = None,
        judged: int = 256,
    ) -> None:
        """A callback around a recorder.

        Args:
            recorder: what is told; it needs a tokenizer.
            max_tokens: the limit of sampling (``max_completion_length``).
            problem_of: the problem behind a prompt and its row; None: the prompt is the question
                and a column named in :data:`ANSWERS` its reference.
            judged: most completions of a step that are judged, equally many of each problem; of
                the others only the rewards are known. Judging takes about 1 ms a completion.
        """
        if recorder.tokenizer is None:
            raise SetupError("to watch a trainer the recorder needs its tokenizer")
        self.recorder, self.max_tokens = recorder, max_tokens
        self.recorder.unread, self.recorder.lone = 0.0, False  # as TRL sums rewards
        self.problem_of = problem_of or problem_of_row
        self.judged = judged
        self._batch: list[Any] | None = None
        self._rewards: dict[str, Sequence[float | None]] = {}
        self._judged: list[Any] = []
        self._step = 0
        self._training = self._in_step = False
        self._undo: list[Callable[[], None]] = []

    # -- rewards -------------------------------------------------------------------------

    def watching(self, reward: Callable[..., Any], name: str | None = None) -> Callable[..., Any]:
        """The same reward function, which also shows the recorder what it was given and said."""
        known = name or str(getattr(reward, "__name__", type(reward).__name__))
        if inspect.iscoroutinefunction(reward):

            @functools.wraps(reward)
            async def seen_later(**given: Any) -> Any:
                values = await reward(**given)
                self._saw(known, given, values)
                return values

            return seen_later

        @functools.wraps(reward)
        def seen(**given: Any) -> Any:
            values = reward(**given)
            self._saw(known, given, values)
            return values

        return seen

    def _saw(self, name: str, given: Mapping[str, Any], values: Sequence[float | None]) -> None:
        state = given.get("trainer_state")
        if state is not None and not state.is_world_process_zero:
            return
        batch = given["completion_ids"]
        if batch is not self._batch:
            self._tell()
            self._batch = batch
            self._step = 0 if state is None else state.global_step
            self._training = self._in_step  # between steps a trainer evaluates
            self._begin(given, batch)
        self._rewards[name] = list(values)

    def _begin(self, given: Mapping[str, Any], batch: Sequence[Sequence[int]]) -> None:
        with self.recorder.timed("judging the completions"):
            prompts = given["prompts"]
            skipped = ("prompts", "completions", "completion_ids")
            columns = {
                key: held
                for key, held in given.items()
                if key not in skipped and isinstance(held, list) and len(held) == len(prompts)
            }
            problems = [
                self.problem_of(prompt, {key: held[place] for key, held in columns.items()})
                for place, prompt in enumerate(prompts)
            ]
            chosen = spread([problem.problem_id for problem in problems], self.judged)
            said = judge_completions(
                [problems[place] for place in chosen],
                [batch[place] for place in chosen],
                self.recorder.tokenizer,
                self.max_tokens,
                prompts=[_sent(self.recorder.tokenizer, prompts[place]) for place in chosen],
            )
            self._judged = [_unjudged(problem) for problem in problems]
            for place, one in zip(chosen, said, strict=True):
                self._judged[place] = one

    def _tell(self) -> None:
        """Hand over the batch whose rewards are complete."""
        if self._batch is not None and self._judged:
            if self._training:
                self.recorder.completions(self._step, self._judged, self._rewards)
            else:
                self.recorder.held_out(self._step, self._judged, self._rewards)
        self._batch, self._rewards, self._judged = None, {}, []

    # -- the trainer's events ------------------------------------------------------------

    def on_train_begin(self, args: Any, state: Any, control: Any, **given: Any) -> None:
        """Go on where the trainer does."""
        if state.is_world_process_zero:
            if self.recorder.live is not None:
                self.recorder.live.total = state.max_steps
            self.recorder.begin(state.global_step)

    def on_step_begin(self, args: Any, state: Any, control: Any, **given: Any) -> None:
        """What is completed from here on is trained on."""
        self._tell()
        self._in_step = True

    def on_step_end(self, args: Any, state: Any, control: Any, **given: Any) -> None:
        """Write the step, unless its log is still to come."""
        if state.is_world_process_zero:
            self._tell()
            self._in_step = False
            if not control.should_log:
                self.recorder.flush(state.global_step - 1)

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **given: Any) -> None:
        """Take the trainer's own numbers, then write the step."""
        if not state.is_world_process_zero or not logs:
            return
        done = state.global_step
        if "train_runtime" in logs:  # the summary of the whole run belongs to no step
            return
        ahead = {name: value for name, value in logs.items() if name.startswith("eval_")}
        behind = {name: value for name, value in logs.items() if name not in ahead}
        if ahead:
            self.recorder.metrics(done, ahead)
        if behind:
            self.recorder.metrics(max(done - 1, 0), behind)
        self.recorder.flush(done - 1)

    def on_train_end(self, args: Any, state: Any, control: Any, **given: Any) -> None:
        """Write what is left, and give the trainer back as it was."""
        if state.is_world_process_zero:
            self._tell()
            self.recorder.close()
        while self._undo:
            self._undo.pop()()

    # -- entropies -----------------------------------------------------------------------

    def follow(self, trainer: Any) -> None:
        """Take each token's entropy where the trainer computes it for its loss; costs no pass.

        The trainer's reward weights are taken as well. Undone at the end of the training.
        """
        inner = trainer._get_per_token_logps_and_entropies
        names = getattr(trainer, "reward_func_names", [])
        weights = getattr(trainer, "reward_weights", None)
        if weights is not None:
            self.recorder.weights |= dict(zip(names, map(float, weights), strict=True))

        @functools.wraps(inner)
        def seen(model: Any, input_ids: Any, attention_mask: Any, *rest: Any, **named: Any) -> Any:
            found = inner(model, input_ids, attention_mask, *rest, **named)
            if model.training and named.get("compute_entropy") and found[1] is not None:
                self._took(trainer.state, input_ids, attention_mask, found[1])
            return found

        trainer._get_per_token_logps_and_entropies = seen
        self._undo.append(lambda: trainer.__dict__.pop("_get_per_token_logps_and_entropies", None))

    def _took(self, state: Any, input_ids: Any, attention_mask: Any, entropies: Any) -> None:
        if not state.is_world_process_zero:
            return
        with self.recorder.timed("taking entropies"):
            width = entropies.shape[1]
            ids = input_ids[:, -width:].cpu().numpy()
            lengths = attention_mask[:, -width:].sum(1).tolist()
            values = entropies.detach().float().cpu().numpy()
            held = [row[:length].tolist() for row, length in zip(ids, lengths, strict=True)]
            own = [row[:length] for row, length in zip(values, lengths, strict=True)]
        self.recorder.entropies(state.global_step, held, own)


def spread(groups: Sequence[str], most: int) -> list[int]:
    """Places of at most so many completions, as equally many of each group as can be.

    >>> spread(["a", "a", "a", "b", "b", "b"], 4)
    [0, 1, 3, 4]
    """
    turn: Counter[str] = Counter()
    ranked = []
    for place, group in enumerate(groups):
        ranked.append((turn[group], place))
        turn[group] += 1
    return sorted(place for _, place in sorted(ranked)[:most])


def _unjudged(problem: Problem) -> Judged:
    """A completion of which only the rewards are known."""
    return Judged(
        case=Case(problem, Trace.make(problem, "")),
        verdicts=(),
        correct=None,
        answered=False,
        truncated=False,
        failure="not judged, to save time",
    )


def _sent(tokenizer: Any, prompt: Any) -> str:
    """A prompt as the model saw it; messages as TRL writes them, or as JSON without a template."""
    if isinstance(prompt, str):
        return prompt
    if not getattr(tokenizer, "chat_template", None):
        return json.dumps(prompt, ensure_ascii=False)
    return str(tokenizer.apply_chat_template(prompt, tokenize=False, add_generation_prompt=True))


def problem_of_row(prompt: Any, row: Mapping[str, Any]) -> Problem:
    """The problem of a data set's row, as the reader of TRL's completions makes it.

    >>> problem_of_row("1 + 1 = ?", {"answer": "2"}).answer_kind
    'number'
    """
    question = asked(prompt)[0] if is_messages(prompt) else str(prompt)
    given = next((said for key in ANSWERS if (said := scalar(row.get(key))) is not None), None)
    answer = reference(given)
    return Problem.make(
        question or "(no question)", answer=answer, answer_kind=answer_kind(answer), family="trl"
    )
