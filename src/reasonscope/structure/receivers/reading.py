"""What the heads of a model look at in one trace, and how far that gathers on few steps (M6)."""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from reasonscope.errors import SetupError
from reasonscope.provenance import seed_for

if TYPE_CHECKING:
    from reasonscope.models.loading import LoadedModel
    from reasonscope.models.trace_tokens import Span, TraceTokens

Array = NDArray[np.float64]
GAP = 4
"""A step is looked at by steps at least this many later (published)."""
FIRST = 2
"""Steps at the start that are left out: every head looks at them."""
FEWEST = 6
"""Steps that must be left to be compared."""
STEPS = FIRST + FEWEST + GAP
"""Steps that a trace needs."""
MOST_STEPS = 1_000
"""Steps of a trace that is read: memory grows with their square."""
SHIFTS = 4
"""Ways to move the borders that the steps are compared with; one more is their control."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadReading:
    """How far one head gathers on few steps of one trace: a row of table ``receiver_heads``."""

    trace_id: str
    model: str
    """Whose head it is."""
    layer: int
    head: int
    rank: float
    """Where its peak stands among all heads in this trace, 0 to 1: no trace's length can move it.
    A head that looks at all steps alike has no peak and comes last."""
    peak: float | None
    """Fisher kurtosis of its scores over steps."""
    shifted: float | None
    """The same, on average, with all borders moved; None where none can be."""
    control_peak: float | None
    """The same with the borders moved in one more way: what steps that are none come to."""
    scores: tuple[float, ...]
    """For each step the attention that it gets from those at least GAP later, over what even
    attention would give it; NaN for steps that are left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """What the heads of a model look at in one trace."""

    trace_id: str
    problem_id: str
    model: str
    scores: Array
    """``[layer, head, step]``, as in :class:`HeadReading`."""
    peaks: Array
    """``[layer, head]``; NaN for unknown, also below."""
    shifted: Array
    control_peaks: Array

    @property
    def ranks(self) -> Array:
        """``[layer, head]``: where each head's peak stands among all, from 0 to 1."""
        peaks = np.where(np.isnan(self.peaks), -np.inf, self.peaks)
        return ranks_of(peaks.ravel()).reshape(peaks.shape)

    def rows(self) -> Iterator[HeadReading]:
        """One row for each head."""
        ranks = self.ranks
        for layer, head in np.ndindex(ranks.shape):
            yield HeadReading(
                trace_id=self.trace_id,
                model=self.model,
                layer=layer,
                head=head,
                rank=float(ranks[layer, head]),
                peak=_known(self.peaks[layer, head]),
                shifted=_known(self.shifted[layer, head]),
                control_peak=_known(self.control_peaks[layer, head]),
                scores=tuple(self.scores[layer, head].tolist()),
            )


def reception(
    loaded: "LoadedModel",
    tokens: "TraceTokens",
    trace_id: str,
    problem_id: str,
    *,
    seed: int = 0,
) -> Reception:
    """What the heads look at in a trace that is tokens already, from one pass.

    Source: thought anchors (M6). Departures, since the published kurtosis follows the number of
    steps (r = .98): attention is divided by what even attention would give; the first steps are
    left out; heads are ranked within a trace, not across; and beside each kurtosis stands that of
    the same trace with all borders moved, which has as many steps of the same lengths.

    Args:
        loaded: best the model that wrote the trace.
        tokens: the trace, with at least :data:`STEPS` steps.
        trace_id: of the trace.
        problem_id: of its problem.
        seed: of the moved borders.

    Raises:
        SetupError: the trace does not fit the model, or has too many steps.
    """
    from reasonscope.models.attention_maps import pooled_attention

    if len(tokens.steps) > MOST_STEPS:
        raise SetupError(f"{len(tokens.steps):,} steps; heads are read of up to {MOST_STEPS:,}")

    moved = moved_borders(tokens.steps, SHIFTS + 1, seed_for("receivers", seed, trace_id))
    scores, *others = pooled_attention(loaded, tokens.ids, [tokens.steps, *moved], column_scores)
    peaks = [kurtosis(one) for one in others]
    unknown = np.full(scores.shape[:2], np.nan)
    return Reception(
        trace_id=trace_id,
        problem_id=problem_id,
        model=loaded.name,
        scores=scores,
        peaks=kurtosis(scores),
        shifted=np.mean(peaks[1:] or peaks, axis=0) if peaks else unknown,
        control_peaks=peaks[0] if len(peaks) > 1 else unknown,
    )


def column_scores(attention: Array, even: Array) -> Array:
    """``[head, step]``: how much later steps look at each, over what even attention would give.

    >>> even = np.tril(np.ones((12, 12)))
    >>> column_scores(3 * even[None], even)[0, 2:8].tolist()
    [3.0, 3.0, 3.0, 3.0, 3.0, 3.0]
    """
    count = len(even)
    later = np.subtract.outer(np.arange(count), np.arange(count)) >= GAP
    known = later & (even > 0)
    ratio = np.where(known, attention / np.where(known, even, 1.0), 0.0)
    seen = known.sum(axis=0)
    scores: Array = np.where(seen > 0, ratio.sum(axis=1) / np.maximum(seen, 1), np.nan)
    scores[:, :FIRST] = np.nan
    return scores


def kurtosis(scores: Array) -> Array:
    """Fisher kurtosis over the known steps (last axis); NaN where nothing varies.

    >>> kurtosis(np.array([0.0, 0.0, 0.0, 1.0])).round(3).item()
    -0.667
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a head may look at no step at all
        apart = scores - np.nanmean(scores, axis=-1, keepdims=True)
        spread = np.nanmean(apart**2, axis=-1)
        fourth = np.nanmean(apart**4, axis=-1)
    flat = ~(spread > 1e-24)
    out: Array = np.where(flat, np.nan, fourth / np.where(flat, 1.0, spread) ** 2 - 3)
    return out


def moved_borders(steps: "Sequence[Span]", count: int, seed: int) -> "list[tuple[Span, ...]]":
    """The steps with all inner borders moved by as many tokens, as far as half a step or so.

    The first and the last step become longer and shorter; neither is scored. All others keep
    their lengths, so that the kurtosis of these has the length of the trace in it, and no step.
    """
    mean = (steps[-1].end - steps[0].start) // len(steps)
    fitting = range(1 - len(steps[0]), len(steps[-1]))
    by = [shift for shift in fitting if mean / 4 <= abs(shift) <= max(mean * 3 / 4, 1)]
    out = []
    for shift in np.random.default_rng(seed).permutation(by)[:count].tolist():
        ends = [step.end + int(shift) for step in steps[:-1]] + [steps[-1].end]
        starts = [steps[0].start, *ends[:-1]]
        out.append(tuple(type(steps[0])(a, b) for a, b in zip(starts, ends, strict=True)))
    return out


def ranks_of(values: Array) -> Array:
    """Where each value stands, from 0 to 1, ties in the middle; NaN stays."""
    from scipy.stats import rankdata

    count = int((~np.isnan(values)).sum())
    out: Array = (rankdata(values, nan_policy="omit") - 0.5) / max(count, 1)
    return out


def _known(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None
