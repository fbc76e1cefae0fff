"""Which steps a step looks back to: what hiding each earlier step does to it (M7)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from reasonscope.models.trace_tokens import Span

Matrix = NDArray[np.float64]
"""``[source, target]``: NaN where the target does not come after the source."""
FLOOR_NATS = 1e-4
"""Effects below this are not told apart: a ten-thousandth of a nat changes no token."""
LEVEL = 0.05
"""A step looks back to another if chance alone does as much no more often than this."""
FEWEST = 20
"""Fitting draws that a pair needs to be assessed: 19 to reach the level, and one to stand in the
step's place for the control."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressionRow:
    """What hiding one step does to a later one: a row of table ``suppressions``."""

    trace_id: str
    model: str
    """Whose attention was suppressed; best the one that wrote the trace."""
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
    draws: int
    """Stretches that fit and were drawn; below :data:`FEWEST` the pair counts as not assessed."""
    p_value: float | None
    """How often a draw of the control does at least as much; never below 1 / (draws + 1)."""
    p_control: float | None
    """The same of the first of the draws against the others: what the test finds by chance."""
    noise_nats: float
    """What recomputing alone does."""

    @property
    def assessed(self) -> bool:
        """Whether enough stretches are as far apart."""
        return self.draws >= FEWEST

    @property
    def found(self) -> bool:
        """Whether the target looks back to the source more than stretches so far apart do."""
        return self.assessed and self.p_value is not None and self.p_value <= LEVEL


@dataclass(frozen=True, slots=True, kw_only=True)
class SuppressionMatrix:
    """The effects of hiding each step of a trace on every later one."""

    trace_id: str
    model: str
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
    def draws(self) -> NDArray[np.int64]:
        """``[source, target]``: how many draws are as far apart."""
        return np.asarray(np.isfinite(self.controls).sum(axis=0))

    @property
    def p_values(self) -> Matrix:
        """Share of (draws and itself) that do at least as much; NaN without a draw.

        What stays below the floor does as much as any other.
        """
        return self._shares(self.nats, self.controls)

    @property
    def p_controls(self) -> Matrix:
        """The same of the first draw that fits, against the others."""
        if not len(self.controls):
            return np.full(self.nats.shape, np.nan)
        first = np.isfinite(self.controls).argmax(axis=0)[None]
        others = self.controls.copy()
        np.put_along_axis(others, first, np.nan, axis=0)
        return self._shares(np.take_along_axis(self.controls, first, axis=0)[0], others)

    @property
    def centred(self) -> Matrix:
        """Log effects less what their source and their target have on average."""
        return doubly_centred(self._logs(self.nats))

    def _shares(self, values: Matrix, draws: NDArray[np.float64]) -> Matrix:
        known = np.isfinite(draws)
        as_much = known & (np.maximum(draws, self.floor) >= np.maximum(values, self.floor))
        found = (as_much.sum(axis=0) + 1.0) / (known.sum(axis=0) + 1.0)
        return np.where(np.isfinite(values) & known.any(axis=0), found, np.nan)

    def _logs(self, nats: Matrix) -> Matrix:
        return np.asarray(np.log(nats + self.floor), dtype=np.float64)

    def rows(self) -> Iterator[SuppressionRow]:
        """One row for each pair whose effect is known."""
        control, excess, draws = _mean(self.controls), self.excess, self.draws
        p_values, p_controls = self.p_values, self.p_controls
        for source, target in np.argwhere(np.isfinite(self.nats)).tolist():
            yield SuppressionRow(
                trace_id=self.trace_id,
                model=self.model,
                source=source,
                target=target,
                nats=float(self.nats[source, target]),
                control_nats=_known(control[source, target]),
                excess=_known(excess[source, target]),
                draws=int(draws[source, target]),
                p_value=_known(p_values[source, target]),
                p_control=_known(p_controls[source, target]),
                noise_nats=self.noise_nats,
            )


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
