"""Receiver heads: those whose attention gathers on few steps, and the steps they gather on (M6)."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from reasonscope.provenance import seed_for
from reasonscope.stats import Estimate, benjamini_hochberg, mean_by_cluster, permutation_test
from reasonscope.traces.schema import Case

if TYPE_CHECKING:
    from reasonscope.models.loading import LoadedModel
    from reasonscope.models.trace_tokens import Span, TraceTokens

Array = NDArray[np.float64]
GAP = 4
"""A step is looked at by steps at least this many later (published)."""
FIRST = 2
"""Steps at the start that are left out: every head looks at them."""
FEWEST = 6
"""Steps that must be left to be compared; a trace needs FIRST + FEWEST + GAP steps."""
SHIFTS = 4
"""Ways to move the borders for the control."""
TOP = 20
"""Receiver heads in the step's score (published), or an eighth of all where that is fewer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """What the heads of a model look at in one trace."""

    trace_id: str
    problem_id: str
    scores: Array
    """``[layer, head, step]``: attention that a step gets from those at least GAP later, over what
    even attention would give it; NaN for steps that are left out."""
    peaks: Array
    """``[layer, head]``: Fisher kurtosis of the scores over steps."""
    shifted: Array
    """``[layer, head]``: the same, on average, with all borders moved; NaN where none can be."""

    @property
    def ranks(self) -> Array:
        """``[layer, head]``: where each head's peak stands among all, from 0 to 1.

        A head that looks at all steps alike has no peak and comes last.
        """
        peaks = np.where(np.isnan(self.peaks), -np.inf, self.peaks)
        return _ranks(peaks.ravel()).reshape(peaks.shape)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadRow:
    """How far a head gathers on few steps, over traces: a row of table ``receiver_heads``."""

    layer: int
    head: int
    rank: Estimate
    """Mean over traces of where its kurtosis stands among the heads of the same trace, 0 to 1: no
    trace's length can move it."""
    excess: Estimate
    """Mean over traces of its kurtosis less that with moved borders; 0: steps are nothing to it."""
    q_value: float | None
    """Of the excess being above 0, corrected over heads (Benjamini and Hochberg)."""
    traces: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiverRow:
    """How much the receiver heads look at one step: a row of table ``receivers``."""

    trace_id: str
    step_index: int
    score: float | None
    """Mean over receiver heads of the step's rank in its trace, 0 to 1; None: left out."""
    low: float | None
    """Lower end of the interval over layers; heads of a layer are one cluster."""
    high: float | None
    control: float | None
    """The same of as many other heads, drawn at random."""
    heads: int
    """Receiver heads, chosen on the study's other traces where there are any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receivers:
    """The receiver heads of a model and what they look at."""

    heads: tuple[HeadRow, ...]
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
    """Which heads gather on few steps in these traces, and on which.

    Source: thought anchors (M6). Departures, since the published kurtosis follows the number of
    steps (r = .98): attention is divided by what even attention would give; the first steps are
    left out; heads are ranked within a trace, not across; and beside each kurtosis stands that of
    the same trace with all borders moved, which has as many steps of the same lengths.

    Args:
        loaded: best the model that wrote the traces.
        cases: traces; those with fewer than 12 steps are counted and left out.
        seed: of moved borders, halves and control heads.
        top: how many receiver heads make a step's score.

    Raises:
        SetupError: a trace does not fit the model.
    """
    from reasonscope.models.trace_tokens import trace_tokens

    long = [case for case in cases if len(case.steps) >= FIRST + FEWEST + GAP]
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


def reception(
    loaded: "LoadedModel",
    tokens: "TraceTokens",
    trace_id: str,
    problem_id: str,
    *,
    seed: int = 0,
) -> Reception:
    """What the heads look at in a trace that is tokens already, from one pass."""
    from reasonscope.models.attention_maps import pooled_attention

    moved = moved_borders(tokens.steps, SHIFTS, seed_for("receivers", seed, trace_id))
    scores, *others = pooled_attention(loaded, tokens.ids, [tokens.steps, *moved], column_scores)
    peaks = [kurtosis(one) for one in others]
    return Reception(
        trace_id=trace_id,
        problem_id=problem_id,
        scores=scores,
        peaks=kurtosis(scores),
        shifted=np.mean(peaks, axis=0) if peaks else np.full(scores.shape[:2], np.nan),
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
    rows = head_rows(found, seed)
    ranks = np.stack([one.ranks.ravel() for one in found])
    problems = [one.problem_id for one in found]
    return Receivers(
        heads=rows,
        steps=tuple(row for one in range(len(found)) for row in step_rows(found, one, top, seed)),
        reliability=split_half(ranks, problems, seed),
        reliability_control=split_half(ranks, problems, seed, shuffled=True),
        too_short=too_short,
    )


def head_rows(found: Sequence[Reception], seed: int = 0) -> tuple[HeadRow, ...]:
    """Each head's rank and excess over traces, the highest rank first."""
    problems = [one.problem_id for one in found]
    ranks = np.stack([one.ranks for one in found])
    gains = np.stack([one.peaks - one.shifted for one in found])
    rows, p_values = [], []
    for layer, head in np.ndindex(ranks.shape[1:]):
        known = np.isfinite(gains[:, layer, head])
        gain = gains[known, layer, head]
        groups = [p for p, kept in zip(problems, known, strict=True) if kept]
        p_values.append(_p_value(gain, groups, seed_for("head", seed, layer, head)))
        rank = mean_by_cluster(ranks[:, layer, head], problems)
        rows.append((layer, head, rank, mean_by_cluster(gain, groups)))
    q_values = iter(benjamini_hochberg([p for p in p_values if p is not None]))
    heads = [
        HeadRow(
            layer=layer,
            head=head,
            rank=rank,
            excess=excess,
            q_value=None if p is None else next(q_values),
            traces=len(found),
        )
        for (layer, head, rank, excess), p in zip(rows, p_values, strict=True)
    ]
    return tuple(sorted(heads, key=lambda row: -(row.rank.value or 0.0)))


def _p_value(gains: Array, problems: Sequence[str], seed: int) -> float | None:
    """Of the mean gain being above 0: signs flipped, one value for each problem."""
    names = sorted(set(problems))
    of = np.array(problems)
    means = [float(gains[of == name].mean()) for name in names]
    test = permutation_test(
        means, [0.0] * len(means), seed=seed, paired=True, alternative="greater"
    )
    return test.p_value


def step_rows(
    found: Sequence[Reception], which: int, top: int = TOP, seed: int = 0
) -> list[ReceiverRow]:
    """The steps of one trace, looked at by heads that the other traces chose."""
    one = found[which]
    others = [trace for trace in found if trace.problem_id != one.problem_id] or [one]
    order = np.argsort(-np.mean([trace.ranks.ravel() for trace in others], axis=0), kind="stable")
    count = min(top, max(1, len(order) // 8))
    rng = np.random.default_rng(seed_for("control heads", seed, one.trace_id))
    rest = rng.permutation(order[count:])[:count]
    steps = one.scores.reshape(-1, one.scores.shape[-1])
    layers = np.arange(len(order)) // one.scores.shape[1]
    ranked = np.stack([_ranks(row) for row in steps])
    return [
        _step_row(one.trace_id, index, ranked[:, index], order[:count], rest, layers)
        for index in range(steps.shape[1])
    ]


def _step_row(
    trace_id: str,
    index: int,
    ranks: Array,
    chosen: NDArray[np.intp],
    rest: NDArray[np.intp],
    layers: NDArray[np.intp],
) -> ReceiverRow:
    chosen, rest = (heads[np.isfinite(ranks[heads])] for heads in (chosen, rest))
    score = mean_by_cluster(ranks[chosen], layers[chosen])
    return ReceiverRow(
        trace_id=trace_id,
        step_index=index,
        score=score.value,
        low=score.low,
        high=score.high,
        control=float(ranks[rest].mean()) if len(rest) else None,
        heads=len(chosen),
    )


def split_half(
    ranks: Array, problems: Sequence[str], seed: int, *, shuffled: bool = False, halves: int = 100
) -> Estimate:
    """Correlation over heads of their mean ranks ``[trace, head]`` in two halves of the problems.

    The value is the mean over random halves, the interval their spread: it tells how much the
    halves matter, not how other traces would do. ``shuffled``: heads change places within each
    trace, anew for each half, so that there is nothing to agree on.
    """
    names, of = sorted(set(problems)), np.array(problems)
    known: dict[str, int] = {"n": len(problems), "clusters": len(names)}
    if len(names) < 2:
        return Estimate(value=None, method="random halves: needs two problems", **known)
    rng = np.random.default_rng(seed_for("halves", seed))
    found = []
    for _ in range(halves):
        first = np.isin(of, rng.permutation(names)[: len(names) // 2])
        used = rng.permuted(ranks, axis=1) if shuffled else ranks
        one, other = used[first].mean(axis=0), used[~first].mean(axis=0)
        if one.std() > 0 and other.std() > 0:
            found.append(float(np.corrcoef(one, other)[0, 1]))
    if not found:
        return Estimate(value=None, method="random halves: all heads are alike", **known)
    low, high = np.quantile(found, [0.025, 0.975])
    return Estimate(
        value=float(np.mean(found)),
        low=float(low),
        high=float(high),
        method="spread over random halves",
        **known,
    )


def _ranks(values: Array) -> Array:
    """Where each value stands, from 0 to 1, ties in the middle; NaN stays."""
    from scipy.stats import rankdata

    count = int((~np.isnan(values)).sum())
    out: Array = (rankdata(values, nan_policy="omit") - 0.5) / max(count, 1)
    return out
