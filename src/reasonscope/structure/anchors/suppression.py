"""Which steps a step looks back to: its distribution with and without each earlier step (M7)."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from reasonscope.errors import SetupError
from reasonscope.provenance import seed_for
from reasonscope.traces.schema import Case

if TYPE_CHECKING:
    from reasonscope.models.loading import LoadedModel
    from reasonscope.models.trace_tokens import Span, TraceTokens

Matrix = NDArray[np.float64]
"""``[source, target]``: NaN where the target does not come after the source."""
FLOOR_NATS = 1e-4
"""Effects below this are not told apart: a ten-thousandth of a nat changes no token."""
DRAWS = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressionRow:
    """What hiding one step does to a later one: a row of table ``suppressions``."""

    trace_id: str
    source: int
    """The step that later tokens cannot attend to."""
    target: int
    """A later step; as many as there are steps: all that follows the reasoning."""
    nats: float
    """Mean over the target's tokens of KL(as is || suppressed)."""
    control_nats: float | None
    """The same for stretches of tokens elsewhere, as long and as far apart, on average over draws;
    None: nothing else in the trace is as far apart."""
    excess: float | None
    """log of nats over control_nats, each with the matrix's floor added; above 0: the target
    looks back more than stretches so far apart do."""
    p_value: float | None
    """How often a draw of the control does at least as much; never below 1 / (draws + 1)."""
    noise_nats: float
    """What recomputing alone does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressionMatrix:
    """The effects of hiding each step of a trace on every later one."""

    trace_id: str
    steps: "tuple[Span, ...]"
    """The tokens of each step, the prompt's counted."""
    nats: Matrix
    """Mean KL in nats a token; the last column is all that follows the reasoning."""
    controls: NDArray[np.float64]
    """``[draw, source, target]``: the same for stretches elsewhere, as long and as far apart."""
    noise_nats: float
    """What recomputing alone does, in the same unit."""
    tokens_computed: int

    @property
    def floor(self) -> float:
        """Added before a logarithm: :data:`FLOOR_NATS`, or ten times the noise if that is more."""
        return max(FLOOR_NATS, 10 * self.noise_nats)

    @property
    def excess(self) -> Matrix:
        """Log of effect over control, each with the floor added; 0: no more than its control."""
        return self._logs(self.nats) - self._logs(_mean(self.controls))

    @property
    def p_values(self) -> Matrix:
        """Share of (draws and itself) that do at least as much; NaN without a draw."""
        known = np.isfinite(self.controls)
        atleast = (known & (self.controls >= self.nats)).sum(axis=0) + 1.0
        found = atleast / (known.sum(axis=0) + 1.0)
        return np.where(np.isfinite(self.nats) & known.any(axis=0), found, np.nan)

    @property
    def centred(self) -> Matrix:
        """Log effects less what their source and their target have on average."""
        return doubly_centred(self._logs(self.nats))

    def _logs(self, nats: Matrix) -> Matrix:
        return np.asarray(np.log(nats + self.floor), dtype=np.float64)

    def rows(self) -> Iterator[SuppressionRow]:
        """One row for each pair that can be assessed."""
        control, excess, p = _mean(self.controls), self.excess, self.p_values
        for source, target in np.argwhere(np.isfinite(self.nats)).tolist():
            yield SuppressionRow(
                trace_id=self.trace_id,
                source=source,
                target=target,
                nats=float(self.nats[source, target]),
                control_nats=_known(control[source, target]),
                excess=_known(excess[source, target]),
                p_value=_known(p[source, target]),
                noise_nats=self.noise_nats,
            )


def suppression_matrix(
    loaded: "LoadedModel",
    case: Case,
    *,
    draws: int = DRAWS,
    seed: int = 0,
    temperature: float = 1.0,
    sources: Sequence[int] | None = None,
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
        draws: control draws for each step; 19 or more for p-values at .05.
        seed: of the draws.
        temperature: divides the logits.
        sources: the steps to hide; None: all. Each costs the tokens behind it, and as many for
            each draw on average.

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
) -> SuppressionMatrix:
    """The matrix of a trace that is tokens already, or the rows of some of its steps.

    See :func:`suppression_matrix`.
    """
    from reasonscope.models.suppression import Suppression, suppress

    steps, targets = tokens.steps, (*tokens.steps, tokens.after)
    effects: list[tuple[int, int, Span]] = []  # draw (0: the step itself), source, stretch
    for source in range(len(steps)) if sources is None else sources:
        dice = seed_for("suppression", seed, trace_id, source)
        stretches = [steps[source], *stretches_like(steps, source, draws, dice)]
        effects += [(draw, source, stretch) for draw, stretch in enumerate(stretches) if stretch]
    asked = [Suppression(hidden=s.positions, border=max(s.end, 1)) for _, _, s in effects]
    found = suppress(loaded, tokens.ids, asked, temperature=temperature)
    pooled = np.full((draws + 1, len(steps), len(targets)), np.nan)
    for (draw, source, stretch), nats in zip(effects, found.nats, strict=True):
        known = targets if draw == 0 else steps
        moved = stretch.start - steps[source].start
        bound = len(nats) if draw == 0 else steps[-1].end
        for index, target in enumerate(known[source + 1 :], source + 1):
            pooled[draw, source, index] = _mean_within(nats, target, moved, bound)
    return SuppressionMatrix(
        trace_id=trace_id,
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


def doubly_centred(values: Matrix, rounds: int = 100) -> Matrix:
    """What is left of a matrix with holes once its best row and column effects are taken away.

    The least-squares fit of value = row + column over the known entries, by turns. Taking row
    means, then column means once, as published, leaves a triangle uncentred.

    >>> lines = np.add.outer([0.0, 5.0], [1.0, 2.0, 4.0])
    >>> bool(abs(doubly_centred(lines)).max() < 1e-9)
    True
    """
    left = values.copy()
    for _ in range(rounds):
        step = _mean(left, axis=1, keep=True)
        left = left - step
        other = _mean(left, axis=0, keep=True)
        left = left - other
        if max(np.nanmax(abs(step), initial=0.0), np.nanmax(abs(other), initial=0.0)) < 1e-12:
            break
    return left


def _mean(values: NDArray[np.float64], axis: int = 0, keep: bool = False) -> NDArray[np.float64]:
    """The mean of the known entries; NaN where there is none."""
    known = np.isfinite(values)
    count = known.sum(axis=axis, keepdims=keep)
    total = np.where(known, values, 0.0).sum(axis=axis, keepdims=keep)
    out: NDArray[np.float64] = np.where(count > 0, total / np.maximum(count, 1), np.nan)
    return out


def _known(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None
