"""The suppression matrix of a trace, and the stretches that each of its steps is compared with."""

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from reasonscope.errors import SetupError
from reasonscope.provenance import seed_for
from reasonscope.structure.suppression.matrix import SuppressionMatrix
from reasonscope.traces.schema import Case

if TYPE_CHECKING:
    from reasonscope.models.loading import LoadedModel
    from reasonscope.models.trace_tokens import Span, TraceTokens

DRAWS = 32
"""Control stretches of each step. Fewer have room behind them the further apart two steps are:
of 32, pairs up to about a third of the trace apart have the twenty that they need."""
MOST = 1 << 27
"""Numbers of effects held at once, one a token and stretch: a gigabyte."""
Progress = Callable[[int, int], None]
"""Told how many tokens went through the layers so far, and how many will in all."""


def suppression_matrix(
    loaded: "LoadedModel",
    case: Case,
    *,
    draws: int = DRAWS,
    seed: int = 0,
    temperature: float = 1.0,
    sources: Sequence[int] | None = None,
    progress: Progress | None = None,
) -> SuppressionMatrix:
    """The effect of hiding each step from all later tokens, on each later step.

    Measure: the mean over the target's tokens of KL in nats. The published one is the mean of
    log(KL + 1e-9): tokens that nothing touches then weigh most, with the logarithm of rounding
    noise. Here logarithms are taken of means, and of means plus a floor that is far above noise.

    Control: a stretch of as many tokens elsewhere in the reasoning is hidden, and the effect is
    read as far behind it, over as many tokens, as the target is. So length and distance are
    matched, and what is left is what these steps say. Pairs so far apart that nothing else in the
    trace is, and what follows the reasoning, have no control.

    Args:
        loaded: the model whose attention is suppressed; best the one that wrote the trace.
        case: a trace with at least two steps.
        draws: control stretches for each step; a pair is assessed where 20 of them fit.
        seed: of the draws.
        temperature: divides the logits.
        sources: the steps to hide; None: all. Each costs the tokens behind it, and as many for
            each draw on average.
        progress: told as tokens are computed.

    Raises:
        SetupError: the trace has fewer than two steps, or does not fit the model.
    """
    from reasonscope.models.trace_tokens import trace_tokens

    if len(case.steps) < 2:
        raise SetupError(f"trace {case.trace.trace_id} has fewer than two steps: no pair to see")
    tokens = trace_tokens(loaded, case)
    return matrix_of_tokens(
        loaded,
        tokens,
        case.trace.trace_id,
        draws=draws,
        seed=seed,
        temperature=temperature,
        sources=sources,
        progress=progress,
    )


def matrix_of_tokens(
    loaded: "LoadedModel",
    tokens: "TraceTokens",
    trace_id: str,
    *,
    draws: int = DRAWS,
    seed: int = 0,
    temperature: float = 1.0,
    sources: Sequence[int] | None = None,
    progress: Progress | None = None,
) -> SuppressionMatrix:
    """The matrix of a trace that is tokens already, or the rows of some of its steps.

    See :func:`suppression_matrix`.

    Raises:
        SetupError: steps, draws and tokens together are too many to hold.
    """
    from reasonscope.models.suppression import Suppression, suppress

    steps, targets = tokens.steps, (*tokens.steps, tokens.after)
    effects: list[tuple[int, int, Span]] = []  # draw (0: the step itself), source, stretch
    for source in range(len(steps)) if sources is None else sources:
        dice = seed_for("suppression", seed, trace_id, source)
        stretches = [steps[source], *stretches_like(steps, source, draws, dice)]
        effects += [(draw, source, stretch) for draw, stretch in enumerate(stretches) if stretch]
    if len(effects) * len(tokens.ids) > MOST:
        raise SetupError(
            f"{len(steps):,} steps, {draws} draws and {len(tokens.ids):,} tokens are more than is "
            "held at once: take fewer draws, or ask for some of the steps (sources)"
        )
    asked = [Suppression(hidden=s.positions, border=max(s.end, 1)) for _, _, s in effects]
    found = suppress(loaded, tokens.ids, asked, temperature=temperature, progress=progress)
    pooled = np.full((draws + 1, len(steps), len(targets)), np.nan)
    for (draw, source, stretch), nats in zip(effects, found.nats, strict=True):
        known = targets if draw == 0 else steps
        moved = stretch.start - steps[source].start
        bound = len(nats) if draw == 0 else steps[-1].end
        for index, target in enumerate(known[source + 1 :], source + 1):
            pooled[draw, source, index] = _mean_within(nats, target, moved, bound)
    return SuppressionMatrix(
        trace_id=trace_id,
        model=loaded.name,
        steps=steps,
        nats=pooled[0],
        controls=pooled[1:],
        noise_nats=found.noise_nats,
        tokens_computed=found.tokens_computed,
    )


def stretches_like(steps: "Sequence[Span]", source: int, draws: int, seed: int) -> "list[Span]":
    """Stretches of the reasoning as long as a step, drawn at random, apart from it where possible.

    Fewer than ``draws`` where the reasoning has no more.
    """
    span, low, high = steps[source], steps[0].start, steps[-1].end
    fitting = range(low, high - len(span))
    apart = [at for at in fitting if abs(at - span.start) >= len(span)]
    places = apart if len(apart) >= draws else [at for at in fitting if at != span.start]
    rng = np.random.default_rng(seed)
    drawn = rng.permutation(places)[:draws].tolist()
    return [type(span)(int(at), int(at) + len(span)) for at in drawn]


def _mean_within(nats: NDArray[np.float64], target: "Span", moved: int, bound: int) -> float:
    """Mean over a target's tokens, moved; NaN where it reaches past the bound or has none."""
    part = nats[max(target.start + moved, 0) : target.end + moved]
    part = part[np.isfinite(part)]
    return float(part.mean()) if len(part) and target.end + moved <= bound else math.nan
