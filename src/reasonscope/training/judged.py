"""A completion of a training run, judged: what rewards and the recorder look at.

A completion becomes a trace and a case as the engine that samples traces makes them, so what is
measured in training is what ``reasonscope measure`` would measure on the same text. One departure:
numbers are never put to math-verify, whose limits of time would keep a run from repeating.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, overload
from weakref import WeakKeyDictionary

from reasonscope.models.decoding import encode_prompt
from reasonscope.models.prompts import instruction
from reasonscope.models.token_text import decode, token_ends
from reasonscope.problems.answers import final_answer
from reasonscope.problems.answers.comparison import MAX_ANSWER, compare_numbers
from reasonscope.problems.answers.quantities import read_quantity
from reasonscope.problems.answers.reference import reference
from reasonscope.problems.procedural.expressions import NotAnExpression, evaluate
from reasonscope.traces.schema import Candidate, Case, Problem, Step, Trace, Verdict, well_formed
from reasonscope.traces.segment import split_output, steps_of
from reasonscope.verify.judge import judge


class Verdicts(Sequence[Verdict]):
    """The verdicts on a case, asked for when first looked at: most rewards need none."""

    __slots__ = ("_case", "_held")

    def __init__(self, case: Case) -> None:
        self._case = case
        self._held: tuple[Verdict, ...] | None = None

    @property
    def asked(self) -> bool:
        """Whether anyone has looked."""
        return self._held is not None

    def _all(self) -> tuple[Verdict, ...]:
        if self._held is None:
            try:
                self._held = tuple(judge(self._case))
            except Exception:  # a reward must not end a run; no verdict is an unknown
                self._held = ()
        return self._held

    @overload
    def __getitem__(self, index: int) -> Verdict: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Verdict, ...]: ...
    def __getitem__(self, index: int | slice) -> Verdict | tuple[Verdict, ...]:
        return self._all()[index]

    def __len__(self) -> int:
        return len(self._all())

    def __iter__(self) -> Iterator[Verdict]:
        return iter(self._all())


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One completion with its steps, its verdicts and its outcome."""

    case: Case
    """Problem, trace (with token ids and ends) and steps."""
    verdicts: Sequence[Verdict]
    """Of all verifiers, in the order of the steps; :class:`Verdicts` are made when looked at."""
    correct: bool | None
    """Whether the final answer is right; None: there is none, or it could not be compared."""
    answered: bool
    """A final answer could be read."""
    truncated: bool
    """It was cut at the limit of tokens."""
    failure: str = ""
    """What failed in judging it; empty: nothing. Then nothing else is known of it."""


def judge_completions(
    problems: Sequence[Problem],
    completions: Sequence[Sequence[int]],
    tokenizer: Any,
    max_tokens: int,
    ends: Sequence[int] | None = None,
    prompts: Sequence[str] | None = None,
) -> list[Judged]:
    """What each completion is worth, in the order given; never raises.

    A completion is cut if it does not finish with an end token and has ``max_tokens`` tokens. The
    end token is part of the token ids and not of the text. Steps and the final answer are read
    at once, verdicts when someone looks at them.

    Args:
        problems: The problem of each completion.
        completions: Token ids of each completion, without its prompt.
        tokenizer: The model's tokenizer.
        max_tokens: The limit of sampling.
        ends: Tokens that end an output; None: the tokenizer's end token.
        prompts: What each completion goes on from, where another program asked; None: our own
            prompt for the problem. Where it opens the reasoning, the completion need not.

    Returns:
        One Judged for each completion; where judging failed, it says so in ``failure``.
    """
    stops = frozenset([tokenizer.eos_token_id] if ends is None else ends)
    reader = _Reader(tokenizer, stops, max_tokens)
    numbers: dict[str, int] = {}
    judged = []
    asked = [None] * len(problems) if prompts is None else prompts
    for problem, ids, prompt in zip(problems, completions, asked, strict=True):
        sample = numbers.get(problem.problem_id, 0)
        numbers[problem.problem_id] = sample + 1
        judged.append(_judged(reader, problem, prompt, list(ids), sample))
    return judged


def _judged(
    reader: "_Reader", problem: Problem, prompt: str | None, ids: list[int], sample: int
) -> Judged:
    trace = None
    try:
        trace = reader.trace(problem, prompt, ids, sample)
        steps = steps_of(trace)
        final, correct = _answer(problem, trace, steps)
    except Exception as error:  # hostile text must not end a run
        return _unjudged(problem, trace, sample, f"{type(error).__name__}: {error}")
    case = Case(problem, trace, steps)
    return Judged(
        case=case,
        verdicts=Verdicts(case),
        correct=correct,
        answered=final is not None,
        truncated=trace.finish_reason == "length",
    )


def _answer(
    problem: Problem, trace: Trace, steps: tuple[Step, ...]
) -> tuple[Candidate | None, bool | None]:
    """The final answer and whether it is right; numbers are compared without math-verify.

    math-verify has limits of time: what it says would depend on how busy the machine is, and a
    run would not repeat.
    """
    wanted = reference(problem)
    exact = problem.answer_kind == "number" and wanted is not None
    if not exact or wanted is None or read_quantity(wanted) is None:
        final = final_answer(problem, trace, steps)
        return final, None if final is None else final.correct
    final = final_answer(replace(problem, answer=None), trace, steps)
    return final, None if final is None else _same_number(final.text, wanted)


def _same_number(given: str, wanted: str) -> bool | None:
    """As answers are compared elsewhere; what is not one number, as a sum or product of numbers.

    >>> _same_number("17", "7"), _same_number("3 + 4", "7"), _same_number("7 8", "7")
    (False, True, None)
    """
    if len(given) > MAX_ANSWER:
        return None
    if read_quantity(given) is not None:
        return compare_numbers(given, wanted).correct
    right = read_quantity(wanted)
    try:
        return None if right is None else evaluate(given).value == right.value
    except NotAnExpression:
        return None


def _unjudged(problem: Problem, trace: Trace | None, sample: int, failure: str) -> Judged:
    held = trace or Trace.make(problem, "", model="policy", sample=sample)
    return Judged(
        case=Case(problem, held),
        verdicts=(),
        correct=None,
        answered=False,
        truncated=held.finish_reason == "length",
        failure=well_formed(failure[:300]),
    )


class _Reader:
    """Token ids in, traces out; prompts and pairs of tokens are decoded once."""

    def __init__(self, tokenizer: Any, ends: frozenset[int], max_tokens: int) -> None:
        self.tokenizer, self.ends, self.max_tokens = tokenizer, ends, max_tokens
        self.remembering = _Remembering(tokenizer)
        self.prompts: dict[str, str] = {}

    def trace(self, problem: Problem, prompt: str | None, ids: list[int], sample: int) -> Trace:
        """The trace of a completion."""
        stopped = bool(ids) and ids[-1] in self.ends
        spoken = ids[:-1] if stopped else ids
        text = decode(self.tokenizer, spoken)
        clean = well_formed(text)
        places = token_ends(self.remembering, spoken, text) if clean == text else None
        if places is not None and stopped:
            places = (*places, len(text))
        prompt = self._prompt(problem) if prompt is None else well_formed(prompt)
        parts = split_output(clean, prompt)
        cut = not stopped and len(ids) >= self.max_tokens
        return Trace.make(
            problem,
            parts.reasoning,
            model="policy",
            prompt=prompt,
            opening=parts.opening,
            closing=parts.closing,
            answer=parts.answer,
            form=parts.form,
            sample=sample,
            finish_reason="stop" if stopped else "length" if cut else None,
            token_ids=tuple(ids),
            token_ends=places,
        )

    def _prompt(self, problem: Problem) -> str:
        if problem.problem_id not in self.prompts:
            prompt, _ = encode_prompt(self.tokenizer, instruction(problem))
            self.prompts[problem.problem_id] = prompt
        return self.prompts[problem.problem_id]


_DECODED: WeakKeyDictionary[Any, dict[tuple[int, ...], str]] = WeakKeyDictionary()
"""By tokenizer, what single tokens and pairs of them decode to."""
_REMEMBERED = 1_000_000
"""Most that is kept of one tokenizer between two calls."""


class _Remembering:
    """A tokenizer that decodes each short run of tokens once: places of tokens ask for many."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._held = _DECODED.setdefault(tokenizer, {})
        if len(self._held) > _REMEMBERED:
            self._held.clear()

    def decode(self, ids: list[int], **settings: Any) -> str:
        """The text of tokens, from memory where they are one or two."""
        key = tuple(ids)
        if len(key) > 2:
            return str(self._tokenizer.decode(ids, **settings))
        if key not in self._held:
            self._held[key] = str(self._tokenizer.decode(ids, **settings))
        return self._held[key]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tokenizer, name)
