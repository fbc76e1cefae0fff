"""From rewards to advantages: which token gets the credit.

Two parts are added for each token of a completion.

1. *Outcome.* A completion's rewards are added with their weights; within the group of completions
   of one prompt the mean is taken off and the standard deviation divided out (GRPO, Shao
   2402.03300 §4.1.2). Every token of the completion gets this number.
2. *Process.* Each step's reward is normalised by mean and standard deviation over all steps of the
   group that have one (§4.1.3). It goes to the step's own tokens; with ``to_go`` a token gets the
   sum over its own and all later steps, as in the paper. Tokens outside the steps get none
   (``to_go``: those before a step get what is to come).

Standard deviations are of samples (n - 1), with EPSILON added, as TRL does. Departure from the
paper: the process part has a weight of its own beside the outcome part.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, stdev

import torch

from reasonscope.traces.schema import Case
from reasonscope.training.judged import Judged
from reasonscope.training.totals import Known, total

EPSILON = 1e-4
"""Added to every standard deviation."""
_SAME = 1e-8
"""A spread of rewards up to this is none."""


def totals(
    rewards: Mapping[str, Sequence[Known]], weights: Mapping[str, float], unread: Known
) -> list[Known]:
    """The weighted sum of each completion's rewards (:func:`~reasonscope.training.totals.total`).

    A reward that is None enters as ``unread``; where that is None too, the completion has no
    total, is left out of its group's mean and gets no advantage.

    >>> totals({"outcome": [1.0, None]}, {"outcome": 2.0}, unread=0.0)
    [2.0, 0.0]
    >>> totals({"outcome": [1.0, None]}, {"outcome": 2.0}, unread=None)
    [2.0, None]
    """
    rows = zip(*rewards.values(), strict=True)
    return [total(dict(zip(rewards, row)), weights, unread) for row in rows]


@dataclass(frozen=True, slots=True)
class Centred:
    """Values of one group with their mean taken off."""

    values: tuple[float, ...]
    """0 where the value is unknown or the group has no spread."""
    constant: bool
    """All known values are equal (or fewer than two are known): no signal."""


def centred(values: Sequence[Known], scale: bool = True) -> Centred:
    """Values less their mean, divided by their standard deviation; unknown ones become 0.

    >>> centred([1.0, 0.0, None], scale=False).values
    (0.5, -0.5, 0.0)
    >>> centred([1.0, 1.0, None])
    Centred(values=(0.0, 0.0, 0.0), constant=True)
    """
    known = [value for value in values if value is not None]
    if len(known) < 2 or max(known) - min(known) <= _SAME:
        return Centred((0.0,) * len(values), constant=True)
    mean, spread = fmean(known), stdev(known) + EPSILON if scale else 1.0
    return Centred(
        tuple(0.0 if value is None else (value - mean) / spread for value in values),
        constant=False,
    )


def outcome_advantages(
    sums: Sequence[Known], generations: int, scale: bool = True
) -> tuple[list[float], list[bool]]:
    """Each completion's advantage within its group, and which groups are constant.

    Args:
        sums: Totals, group after group.
        generations: Completions of one group.
        scale: Divide by the group's standard deviation (GRPO); else only the mean is taken off.

    Returns:
        One number a completion; one flag a group.
    """
    groups = [
        centred(sums[start : start + generations], scale)
        for start in range(0, len(sums), generations)
    ]
    return [value for group in groups for value in group.values], [g.constant for g in groups]


def step_advantages(
    rewards: Sequence[Sequence[Known]], generations: int, scale: bool = True
) -> tuple[list[tuple[float, ...]], list[bool]]:
    """Each step's reward normalised over all steps of its group, and which groups are constant.

    A step without a reward gets 0: neither praise nor blame.
    """
    found: list[tuple[float, ...]] = []
    constant = []
    for start in range(0, len(rewards), generations):
        group = rewards[start : start + generations]
        flat = centred([value for steps in group for value in steps], scale)
        constant.append(flat.constant)
        place = 0
        for steps in group:
            found.append(flat.values[place : place + len(steps)])
            place += len(steps)
    return found, constant


def spread(
    judged: Sequence[Judged], advantages: Sequence[Sequence[float]], width: int, to_go: bool
) -> torch.Tensor:
    """Step advantages as a tensor ``[batch, token]`` of ``width`` tokens.

    Steps whose tokens are unknown give nothing.
    """
    placed = torch.zeros(len(judged), width)
    for row, (one, values) in enumerate(zip(judged, advantages, strict=True)):
        for (start, end), value in zip(step_tokens(one.case), values):
            placed[row, 0 if to_go else start : end] += value
    return placed


def step_tokens(case: Case) -> list[tuple[int, int]]:
    """First token of each step and the token after its last; empty where tokens are unknown.

    A token belongs to the step in which its first character that is no space stands: the word
    that opens a step carries the space before it, and must not be credited to the step before.
    """
    ends = case.trace.token_ends
    if ends is None or not case.steps:
        return []
    text, before = case.trace.text, len(case.trace.opening)
    starts = [_word_start(text, a, b) for a, b in zip((0, *ends[:-1]), ends)]
    borders = [step.char_start for step in case.steps] + [case.steps[-1].char_end]
    places = [bisect_left(starts, before + border) for border in borders]
    return list(pairwise(places))


def _word_start(text: str, start: int, end: int) -> int:
    while start < end and text[start].isspace():
        start += 1
    return start
