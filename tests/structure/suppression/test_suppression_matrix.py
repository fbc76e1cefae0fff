"""The suppression matrix: hand-set heads, matched stretches, and numbers done by hand."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reasonscope.errors import SetupError
from reasonscope.models.planted_copy import planted_model
from reasonscope.models.trace_tokens import Span, TraceTokens
from reasonscope.structure.planted_attention import STEPS, planted_tokens
from reasonscope.structure.suppression.matrix import (
    FLOOR_NATS,
    SuppressionMatrix,
    doubly_centred,
)
from reasonscope.structure.suppression.planted import APART, calibrate
from reasonscope.structure.suppression.reading import (
    matrix_of_tokens,
    stretches_like,
    suppression_matrix,
)
from reasonscope.traces.schema import Case, Problem, Trace
from reasonscope.traces.segment.steps import steps_of

NAN = math.nan


def by_hand() -> SuppressionMatrix:
    """Three steps; the pair (0, 1) does more than both draws, (1, 2) than one of two."""
    nats = np.array([[NAN, 0.4, 0.1, NAN], [NAN, NAN, 0.2, 0.3], [NAN, NAN, NAN, 0.0]])
    one = np.array([[NAN, 0.1, NAN, NAN], [NAN, NAN, 0.1, NAN], [NAN, NAN, NAN, NAN]])
    two = np.array([[NAN, 0.3, NAN, NAN], [NAN, NAN, 0.2, NAN], [NAN, NAN, NAN, NAN]])
    return SuppressionMatrix(
        trace_id="t",
        model="m",
        steps=(Span(0, 2), Span(2, 4), Span(4, 6)),
        nats=nats,
        controls=np.stack([one, two]),
        noise_nats=0.0,
        tokens_computed=1,
    )


def test_p_values_count_the_pair_itself() -> None:
    p = by_hand().p_values
    assert p[0, 1] == pytest.approx(1 / 3)
    assert p[1, 2] == pytest.approx(2 / 3)  # a draw that does as much counts against it
    assert np.isnan(p[0, 2])


def test_excess_is_a_log_ratio_over_the_mean_control() -> None:
    expected = math.log((0.4 + FLOOR_NATS) / (0.2 + FLOOR_NATS))
    assert by_hand().excess[0, 1] == pytest.approx(expected)


def test_noise_raises_the_floor() -> None:
    noisy = replace(by_hand(), noise_nats=0.01)
    assert (by_hand().floor, noisy.floor) == (FLOOR_NATS, 0.1)
    assert abs(noisy.excess[0, 1]) < abs(by_hand().excess[0, 1])


def test_rows_hold_the_known_pairs_and_none_else() -> None:
    rows = list(by_hand().rows())
    pairs = [(row.source, row.target) for row in rows]
    assert pairs == [(0, 1), (0, 2), (1, 2), (1, 3), (2, 3)]
    far = rows[1]
    assert (far.nats, far.control_nats, far.excess, far.p_value) == (0.1, None, None, None)


def test_centring_a_triangle_leaves_nothing_of_row_and_column() -> None:
    """One pass of row and column means, as published, leaves what is additive in a triangle."""
    lines = np.add.outer([1.0, 5.0, -2.0], [0.0, 3.0, 7.0])
    lines[np.tril_indices(3, -1)] = NAN
    assert np.nanmax(abs(doubly_centred(lines))) < 1e-9
    once = lines - np.nanmean(lines, axis=1, keepdims=True)
    once -= np.nanmean(once, axis=0, keepdims=True)
    assert np.nanmax(abs(once)) > 0.1


def test_centring_keeps_an_outlier() -> None:
    values = np.zeros((6, 6))
    values[np.tril_indices(6)] = NAN
    values[1, 4] = 1.0
    assert np.nanargmax(doubly_centred(values)) == 1 * 6 + 4


@settings(max_examples=25)
@given(st.lists(st.integers(1, 9), min_size=2, max_size=8), st.integers(0, 7), st.integers(0, 99))
def test_stretches_are_as_long_and_elsewhere(sizes: list[int], source: int, seed: int) -> None:
    ends = np.cumsum([3, *sizes]).tolist()
    steps = [Span(a, b) for a, b in pairwise(ends)]
    source %= len(steps)
    found = stretches_like(steps, source, 5, seed)
    assert len({span.start for span in found}) == len(found) <= 5
    for span in found:
        assert len(span) == sizes[source]
        assert span.start != steps[source].start
        assert steps[0].start <= span.start < span.end < steps[-1].end


def test_only_the_step_that_copies_moves() -> None:
    tokens = planted_tokens(3, copied=(2, 7))
    matrix = matrix_of_tokens(planted_model(noise=0.0), tokens, "t", draws=1)
    others = matrix.nats.copy()
    moved = others[2, 7]
    others[2, 7] = NAN
    assert moved > 0.1
    assert np.nanmax(others) < 1e-6


def test_without_a_copy_nothing_moves() -> None:
    matrix = matrix_of_tokens(planted_model(noise=0.0), planted_tokens(3), "t", draws=1)
    assert np.nanmax(matrix.nats) < 1e-6


def test_the_copy_stands_out_among_random_heads() -> None:
    tokens = planted_tokens(5, copied=(3, 5))
    matrix = matrix_of_tokens(planted_model(), tokens, "t", draws=24)
    assert matrix.p_values[3, 5] <= 0.05
    assert matrix.excess[3, 5] > 1
    assert np.nanargmax(matrix.centred) == 3 * matrix.nats.shape[1] + 5


def test_rows_of_some_steps_are_those_of_all() -> None:
    tokens = planted_tokens(5, copied=(3, 5))
    whole = matrix_of_tokens(planted_model(), tokens, "t", draws=2)
    some = matrix_of_tokens(planted_model(), tokens, "t", draws=2, sources=[3])
    np.testing.assert_allclose(some.nats[3], whole.nats[3], atol=1e-6)
    np.testing.assert_allclose(some.controls[:, 3], whole.controls[:, 3], atol=1e-6)
    assert np.isnan(some.nats[[0, 1, 2, 4]]).all()


def test_the_first_token_behind_a_step_is_not_read() -> None:
    """It is drawn from the step's own last token: a target of one token there is unknown."""
    whole = planted_tokens(1)
    first, second = Span(4, 9), Span(9, 10)
    tokens = TraceTokens(
        ids=whole.ids[:12], prompt=4, steps=(first, second), after=Span(10, 12), stored=True
    )
    nats = matrix_of_tokens(planted_model(), tokens, "t", draws=1).nats
    assert np.isnan(nats[0, 1])
    assert np.isfinite(nats[0, 2])


def test_one_step_has_no_pair() -> None:
    problem = Problem.make("?")
    trace = Trace.make(problem, "One step.")
    with pytest.raises(SetupError, match="fewer than two steps"):
        suppression_matrix(planted_model(), Case(problem, trace, steps_of(trace)))


def test_calibration_finds_the_copy_and_little_else() -> None:
    (row,) = calibrate(0, 6)
    assert row.power.value == 1.0
    assert row.false_positive.value is not None
    assert row.false_positive.value <= 0.5


def test_planted_pairs_have_room_for_a_control() -> None:
    tokens = planted_tokens(0)
    for source in range(1, STEPS - APART):
        stretches = stretches_like(tokens.steps, source, 99, 0)
        far = APART * len(tokens.steps[0])
        fitting = [s for s in stretches if s.end + far <= tokens.steps[-1].end]
        assert len(fitting) >= 19
