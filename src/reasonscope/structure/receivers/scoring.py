"""Receiver heads of some traces in one call, without a study."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reasonscope.stats import Estimate
from reasonscope.structure.receivers.heads import HeadGain, Peaks, head_gains, split_half
from reasonscope.structure.receivers.reading import STEPS, Reception, reception
from reasonscope.structure.receivers.steps import TOP, ReceiverRow, best_heads, step_rows
from reasonscope.traces.schema import Case

if TYPE_CHECKING:
    from reasonscope.models.loading import LoadedModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Receivers:
    """The receiver heads of a model and what they look at."""

    heads: tuple[HeadGain, ...]
    """The best first."""
    steps: tuple[ReceiverRow, ...]
    reliability: Estimate
    """Correlation over heads of mean ranks in two random halves of the problems."""
    reliability_control: Estimate
    """The same with heads shuffled within each trace."""
    too_short: int
    """Traces with too few steps, which are in none of these."""


def receiver_scores(
    loaded: "LoadedModel", cases: Sequence[Case], *, seed: int = 0, top: int = TOP
) -> Receivers:
    """Which heads gather on few steps in these traces, and on which; see :mod:`.reading`.

    Args:
        loaded: best the model that wrote the traces.
        cases: traces; those with fewer than 12 steps are counted and left out.
        seed: of moved borders, halves and control heads.
        top: how many receiver heads make a step's score.

    Raises:
        SetupError: a trace does not fit the model.
    """
    from reasonscope.models.trace_tokens import trace_tokens

    long = [case for case in cases if len(case.steps) >= STEPS]
    found = [
        reception(
            loaded,
            trace_tokens(loaded, case),
            case.trace.trace_id,
            case.trace.problem_id,
            seed=seed,
        )
        for case in long
    ]
    return receivers_of(found, seed=seed, top=top, too_short=len(cases) - len(long))


def receivers_of(
    found: Sequence[Reception], *, seed: int = 0, top: int = TOP, too_short: int = 0
) -> Receivers:
    """Heads over traces, and steps over heads; see :func:`receiver_scores`."""
    if not found:
        nothing = Estimate(value=None, method="no trace is long enough")
        return Receivers(
            heads=(),
            steps=(),
            reliability=nothing,
            reliability_control=nothing,
            too_short=too_short,
        )
    peaks = Peaks.of(found)
    ranks = peaks.ranks.reshape(len(found), -1)
    orders = [best_heads(ranks, peaks.problems, which) for which in range(len(found))]
    return Receivers(
        heads=head_gains(peaks, seed),
        steps=tuple(
            row
            for one, order in zip(found, orders, strict=True)
            for row in step_rows(one.trace_id, one.scores, order, top=top, seed=seed)
        ),
        reliability=split_half(ranks, peaks.problems, seed),
        reliability_control=split_half(ranks, peaks.problems, seed, shuffled=True),
        too_short=too_short,
    )
