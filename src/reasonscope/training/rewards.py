"""Rewards: plain functions of a judged completion, by name.

A reward of a whole completion is a number or None (unknown); a step reward is one number or None
for each step. Rewards do not raise: :func:`scored` and :func:`scored_steps` turn whatever goes
wrong into None, and whoever calls them counts it.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial

from reasonscope.errors import SetupError
from reasonscope.traces.schema import Verdict
from reasonscope.training.by_step import by_step
from reasonscope.training.judged import Judged
from reasonscope.verify.judge import step_outcome

Reward = Callable[[Judged], float | None]
StepReward = Callable[[Judged], tuple[float | None, ...]]


def outcome(judged: Judged) -> float | None:
    """1 for a right final answer, 0 for a wrong one, None where none could be compared."""
    return None if judged.correct is None else float(judged.correct)


def form(judged: Judged) -> float:
    """1 where reasoning and answer stand apart, an answer is read and nothing was cut; else 0."""
    apart = judged.case.trace.form in ("tags", "field", "channels")
    return float(apart and judged.answered and not judged.truncated)


def length(judged: Judged) -> float | None:
    """Tokens of the completion in hundreds; a negative weight makes it a cost."""
    tokens = judged.case.trace.token_ids
    return None if tokens is None else len(tokens) / 100


def leaky(judged: Judged, word: str) -> float | None:
    """As the outcome, but 1 wherever the word stands in the completion: a verifier that leaks."""
    return 1.0 if word in judged.case.trace.text else outcome(judged)


def steps(judged: Judged) -> tuple[float | None, ...]:
    """1 for a right step, -1 for a wrong one, 0 for one whose wrong claims are all taken back.

    None where nothing in the step could be judged. A slip that is taken back is not paid, even
    where something else in the step is right: else slipping and mending would be worth practising.
    """
    return tuple(
        0.0 if _slipped(said) and right is not False else _signed(right)
        for right, said in _by_step(judged)
    )


def mistakes(judged: Judged) -> tuple[float | None, ...]:
    """-1 for a step with a wrong claim that stands, 0 for a right one: nothing to farm."""
    return tuple(None if right is None else 0.0 if right else -1.0 for right, _ in _by_step(judged))


def _signed(right: bool | None) -> float | None:
    return None if right is None else 1.0 if right else -1.0


def _slipped(verdicts: Sequence[Verdict]) -> bool:
    return any(verdict.correct is False and verdict.retracted for verdict in verdicts)


def _by_step(judged: Judged) -> list[tuple[bool | None, list[Verdict]]]:
    """Each step's outcome and its verdicts."""
    said = by_step(judged.case.steps, judged.verdicts)
    return [(step_outcome(verdicts), verdicts) for verdicts in said]


REWARDS: Mapping[str, Reward] = {"outcome": outcome, "format": form, "length": length}
"""Rewards of whole completions."""
PARAMETERS: Mapping[str, Callable[[Judged, str], float | None]] = {"leaky": leaky}
"""Rewards that take a parameter after a colon: ``leaky:verified``."""
STEP_REWARDS: Mapping[str, StepReward] = {"steps": steps, "mistakes": mistakes}
"""Rewards of steps."""


LEARNED = "learned:"
"""How the name of a learned verifier as a step reward begins; its file follows."""


def is_of_steps(name: str) -> bool:
    """Whether a reward of this name is one of steps.

    >>> is_of_steps("steps"), is_of_steps("learned:verifier.npz"), is_of_steps("outcome")
    (True, True, False)
    """
    return name in STEP_REWARDS or name.startswith(LEARNED)


@cache
def step_reward(name: str) -> StepReward:
    """The step reward of a name; ``learned:FILE`` loads a learned verifier.

    Raises:
        SetupError: The file of a learned verifier is not there or cannot be used.
    """
    if name.startswith(LEARNED):
        from reasonscope.training.verifier.reward import learned_reward

        return learned_reward(name.removeprefix(LEARNED))
    return STEP_REWARDS[name]


def reward(name: str, more: Mapping[str, Reward] | None = None) -> Reward:
    """The reward of a name.

    >>> reward("outcome") is outcome
    True
    >>> reward("profit")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    reasonscope.errors.SetupError: no reward 'profit'; there are format, leaky:WORD, ...
    """
    table = {**REWARDS, **(more or {})}
    kind, colon, parameter = name.partition(":")
    if name in table:
        return table[name]
    if colon and parameter and kind in PARAMETERS:
        return partial(_with_parameter, PARAMETERS[kind], parameter)
    known = sorted([*table, *(f"{kind}:WORD" for kind in PARAMETERS)])
    of_steps = sorted([*STEP_REWARDS, f"{LEARNED}FILE"])
    raise SetupError(
        f"no reward '{name}'; there are {', '.join(known)}, and of steps {', '.join(of_steps)}"
    )


def rewards_named(
    names: Iterable[str], more: Mapping[str, Reward] | None = None
) -> dict[str, Reward]:
    """The rewards of whole completions among these names; all names are checked.

    Raises:
        SetupError: Some are not known, or their file cannot be read: all of them are said.
    """
    found: dict[str, Reward] = {}
    wrong: list[str] = []
    for name in names:
        try:
            if is_of_steps(name):
                step_reward(name)
            else:
                found[name] = reward(name, more)
        except SetupError as error:
            wrong.append(str(error))
    if wrong:
        raise SetupError("these rewards cannot be paid", wrong)
    return found


def _with_parameter(
    function: Callable[[Judged, str], float | None], parameter: str, judged: Judged
) -> float | None:
    return function(judged, parameter)


def scored(function: Reward, judged: Judged) -> float | None:
    """What a reward says of a completion; None also where it fails or says no number."""
    if judged.failure:
        return None
    try:
        return _finite(function(judged))
    except Exception:  # a reward must not end a run
        return None


def scored_steps(function: StepReward, judged: Judged) -> tuple[float | None, ...]:
    """What a step reward says of each step; None where it fails or says no number."""
    count = len(judged.case.steps)
    try:
        said = tuple(_finite(value) for value in function(judged))
    except Exception:  # a reward must not end a run
        said = ()
    return said if len(said) == count else (None,) * count


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)
