"""Receiver heads: a head set by hand comes first, length alone shows nothing."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st

from reasonscope.models.planted_copy import RECEIVER, planted_model
from reasonscope.models.trace_tokens import Span
from reasonscope.stats import Estimate
from reasonscope.structure.planted_attention import planted_tokens
from reasonscope.structure.receivers.heads import split_half
from reasonscope.structure.receivers.planted import calibrate
from reasonscope.structure.receivers.reading import (
    FIRST,
    GAP,
    Reception,
    column_scores,
    kurtosis,
    moved_borders,
    reception,
)
from reasonscope.structure.receivers.scoring import receiver_scores, receivers_of
from reasonscope.traces.schema import Case, Problem, Trace
from reasonscope.traces.segment.steps import steps_of

ANCHORED = (5, 8, 3, 9, 6, 4)


def read(seed: int, anchor: int | None, steps: int = 16, even: bool = False) -> Reception:
    tokens = planted_tokens(seed, steps=steps, even=even, anchor=anchor)
    return reception(planted_model(), tokens, f"t{seed}", f"p{seed}")


@pytest.fixture(scope="module")
def planted() -> list[Reception]:
    return [read(seed, anchor) for seed, anchor in enumerate(ANCHORED)]


@pytest.fixture(scope="module")
def null() -> list[Reception]:
    return [read(seed, None, steps=12 + 2 * seed) for seed in range(8)]


def noise(seed: int, steps: int, heads: int = 12) -> Reception:
    """Heads that look at steps by chance, heavy-tailed."""
    rng = np.random.default_rng(seed)
    scores = rng.lognormal(sigma=1.5, size=(2, heads // 2, steps))
    other = rng.lognormal(sigma=1.5, size=(2, heads // 2, steps))
    return Reception(
        trace_id=f"t{seed}",
        problem_id=f"p{seed}",
        model="m",
        scores=scores,
        peaks=kurtosis(scores),
        shifted=kurtosis(other),
        control_peaks=kurtosis(other),
    )


def test_kurtosis_is_fishers() -> None:
    values = np.random.default_rng(0).normal(size=(3, 20))
    np.testing.assert_allclose(kurtosis(values), scipy.stats.kurtosis(values, axis=1))


def test_kurtosis_leaves_unknown_steps_out() -> None:
    values = np.array([np.nan, 1.0, 2.0, 3.0, 10.0, np.nan])
    assert kurtosis(values) == pytest.approx(scipy.stats.kurtosis(values[1:-1]))


def test_a_head_that_looks_at_all_steps_alike_has_no_peak_and_comes_last() -> None:
    one = noise(0, 12)
    peaks = one.peaks.copy()
    peaks[1, 3] = kurtosis(np.ones(12))
    assert np.isnan(peaks[1, 3])
    assert replace(one, peaks=peaks).ranks.argmin() == 9


def test_column_scores_by_hand() -> None:
    """Step 2 is looked at by steps 6 and 7 only; even attention would give them a tenth each."""
    attention, even = np.zeros((1, 8, 8)), np.full((8, 8), 0.1)
    attention[0, 6, 2], attention[0, 7, 2], attention[0, 5, 2] = 0.2, 0.4, 99.0
    scores = column_scores(attention, even)[0]
    assert scores[2] == pytest.approx(3.0)
    assert np.isnan(scores[:FIRST]).all()
    assert np.isnan(scores[8 - GAP :]).all()


def test_what_a_window_cannot_see_is_not_counted_as_unseen() -> None:
    attention, even = np.zeros((1, 8, 8)), np.zeros((8, 8))
    attention[0, 6, 2], even[6, 2] = 0.2, 0.1
    assert column_scores(attention, even)[0, 2] == pytest.approx(2.0)


@settings(max_examples=25)
@given(st.lists(st.integers(2, 30), min_size=12, max_size=20), st.integers(0, 99))
def test_moved_borders_keep_the_lengths_that_are_scored(sizes: list[int], seed: int) -> None:
    ends = np.cumsum([7, *sizes]).tolist()
    steps = [Span(a, b) for a, b in pairwise(ends)]
    for moved in moved_borders(steps, 4, seed):
        assert [len(span) for span in moved[1:-1]] == sizes[1:-1]
        assert (moved[0].start, moved[-1].end) == (7, ends[-1])
        assert all(len(span) > 0 for span in moved)
        assert moved[1].start != steps[1].start


def test_a_head_that_always_looks_at_one_step_comes_first(planted: list[Reception]) -> None:
    best = receivers_of(planted).heads[0]
    assert (best.layer, best.head) == (RECEIVER.layer, RECEIVER.head)
    assert best.rank.value == pytest.approx(1 - 0.5 / 16)
    assert best.excess.low is not None
    assert best.excess.low > 0


def test_the_step_that_it_looks_at_comes_first(planted: list[Reception]) -> None:
    rows = receivers_of(planted, top=1).steps
    for index, anchor in enumerate(ANCHORED):
        scores = {
            row.step_index: row.score
            for row in rows
            if row.trace_id == f"t{index}" and row.score is not None
        }
        assert max(scores, key=lambda step: scores[step]) == anchor
        assert sorted(scores) == list(range(FIRST, 16 - GAP))


def test_steps_that_are_left_out_are_unknown_and_not_zero(planted: list[Reception]) -> None:
    first = receivers_of(planted).steps[0]
    assert (first.step_index, first.score, first.control, first.heads) == (0, None, None, 0)


def test_traces_of_many_lengths_show_nothing(null: list[Reception]) -> None:
    found = receivers_of(null)
    assert all(row.q_value is not None and row.q_value > 0.05 for row in found.heads)


def test_kurtosis_follows_length_and_ranks_do_not() -> None:
    """The published statistic on chance alone: longer traces have larger peaks."""
    lengths = [12, 20, 40, 80, 160, 320]
    traces = [noise(seed, steps) for seed, steps in enumerate(lengths * 5)]
    steps = np.array(lengths * 5)
    raw = np.corrcoef(np.log(steps), [one.peaks.mean() for one in traces])[0, 1]
    gains = np.corrcoef(np.log(steps), [(one.peaks - one.shifted).mean() for one in traces])[0, 1]
    assert raw > 0.8
    assert abs(gains) < 0.4
    assert {round(float(one.ranks.mean()), 9) for one in traces} == {0.5}


def test_halves_agree_where_heads_differ_and_not_when_shuffled() -> None:
    ranks = np.linspace(0, 1, 12) + np.random.default_rng(0).normal(0, 0.1, (20, 12))
    problems = [f"p{i // 2}" for i in range(20)]
    agreed = split_half(ranks, problems, 0)
    chance = split_half(ranks, problems, 0, shuffled=True)
    assert agreed.value is not None
    assert chance.value is not None
    assert agreed.value > 0.9
    assert abs(chance.value) < 0.15
    assert agreed.clusters == 10


def test_one_problem_cannot_be_halved() -> None:
    assert split_half(np.ones((3, 4)), ["p"] * 3, 0).value is None


def test_one_trace_is_its_own_judge_and_has_no_interval(planted: list[Reception]) -> None:
    found = receivers_of(planted[:1])
    assert found.heads[0].rank.low is None
    assert found.reliability.value is None


def test_no_trace_is_no_error() -> None:
    found = receivers_of([], too_short=3)
    assert found.heads == found.steps == ()
    assert found.reliability == Estimate(value=None, method="no trace is long enough")
    assert found.too_short == 3


def test_short_traces_are_counted() -> None:
    problem = Problem.make("?")
    trace = Trace.make(problem, "One step. Then another one.")
    case = Case(problem, trace, steps_of(trace))
    assert receiver_scores(planted_model(), [case, case]).too_short == 2


@pytest.mark.slow
def test_calibration_finds_the_head_and_little_else() -> None:
    (row,) = calibrate(0, 5)
    assert row.power.value == 1.0
    assert row.false_positive.value is not None
    assert row.false_positive.value <= 0.4
