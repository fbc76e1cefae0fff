"""What must hold of every study: against brute force, and under changes that mean nothing."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reasonscope.failures.length import effort, shortest, within
from reasonscope.failures.length.attempts import Attempts, Read, attempts_of, centred, permuted
from reasonscope.failures.length.panel import NAME_CHARACTERS, _by_failure, _by_size, _models

MEASURES = (
    within.longer_half_points,
    within.slope_points,
    within.right_to_wrong_ratio,
    within.right_minus_wrong_tokens,
    within.between_slope_points,
    shortest.short_1_points,
    shortest.short_3_points,
)

one_attempt = st.tuples(st.integers(1, 10**6), st.booleans(), st.sampled_from("xyz"))
studies = st.lists(st.lists(one_attempt, min_size=1, max_size=9), min_size=1, max_size=6)


def attempts(groups) -> Attempts:
    rows = [(str(at), *one) for at, group in enumerate(groups) for one in group]
    return attempts_of(
        [row[0] for row in rows],
        [row[0] for row in rows],
        ["m"] * len(rows),
        [row[1] for row in rows],
        [row[2] for row in rows],
        ["right" if row[2] else row[3] for row in rows],
    )


def same(one, other) -> bool:
    if one.value is None or other.value is None:
        return one.value is other.value
    return one.value == pytest.approx(other.value, abs=1e-9)


@given(studies)
@settings(max_examples=60)
def test_every_measure_survives_every_study(groups) -> None:
    held = attempts(groups)
    for measure in MEASURES:
        estimate = measure(held)
        assert estimate.value is None or np.isfinite(estimate.value)
        assert (estimate.low is None) == (estimate.high is None)
    tested = within.inverted_u(held)
    assert tested.p_value is None or 0 <= tested.p_value <= 1
    assert tested.quarters_p_value is None or 0 <= tested.quarters_p_value <= 1


@given(studies, st.integers(2, 64))
@settings(max_examples=40)
def test_the_unit_of_length_does_not_matter(groups, factor) -> None:
    """Characters or tokens: shares, slopes per doubling and ratios stay."""
    longer = [[(n * factor, right, text) for n, right, text in group] for group in groups]
    for measure in MEASURES:
        if measure is not within.right_minus_wrong_tokens:
            assert same(measure(attempts(groups)), measure(attempts(longer)))


@given(studies)
@settings(max_examples=40)
def test_right_and_wrong_exchanged_turns_the_sign(groups) -> None:
    turned = [[(n, not right, text) for n, right, text in group] for group in groups]
    for measure in (within.longer_half_points, within.slope_points, shortest.short_1_points):
        one, other = measure(attempts(groups)), measure(attempts(turned))
        assert (one.value is None) == (other.value is None)
        if one.value is not None:
            assert one.value == pytest.approx(-other.value, abs=1e-9)


@given(studies)
@settings(max_examples=40)
def test_problems_that_are_always_solved_change_no_comparison_of_right_and_wrong(groups) -> None:
    more = [*groups, [(10, True, "x"), (99, True, "x")]]
    assert same(
        within.right_to_wrong_ratio(attempts(groups)), within.right_to_wrong_ratio(attempts(more))
    )


def vote(three) -> float:
    """The chance that a vote of three is right, a tie going to any of them."""
    names = ["right" if right else text for _, right, text in three]
    for name in names:
        if names.count(name) >= 2:
            return float(name == "right")
    return names.count("right") / 3


@given(st.lists(st.lists(one_attempt, min_size=6, max_size=8), min_size=1, max_size=3))
@settings(max_examples=60)
def test_a_vote_at_random_is_what_all_triples_say(groups) -> None:
    held = attempts(groups)
    expected = [np.mean([vote(three) for three in combinations(group, 3)]) for group in groups]
    assert shortest._random_three(held) == pytest.approx(expected)


@given(studies)
@settings(max_examples=40)
def test_the_slope_is_that_of_dummies_for_every_problem(groups) -> None:
    held = attempts(groups).judged().repeated()
    if not held.mixed() or not (np.abs(held.relative()) > 0.01).any():
        return
    names = np.unique(held.groups)
    dummies = (held.groups[:, None] == names).astype(float)
    design = np.column_stack([np.log2(held.tokens), dummies])
    beta = np.linalg.lstsq(design, held.right, rcond=None)[0]
    assert within.slope_points(held).value == pytest.approx(beta[0], abs=1e-6)


@given(studies, st.integers(0, 2**32))
@settings(max_examples=40)
def test_a_permutation_keeps_lengths_and_outcomes(groups, seed) -> None:
    held = attempts(groups)
    dealt = permuted(held, seed)
    assert (dealt.right == held.right).all()
    for group in np.unique(held.groups):
        own = held.groups == group
        assert sorted(dealt.tokens[own]) == sorted(held.tokens[own])


def test_centring_takes_the_mean_out_of_every_group() -> None:
    groups = np.array([0, 0, 2, 2, 2])
    assert centred(np.array([1.0, 3.0, 1.0, 1.0, 4.0]), groups).tolist() == [-1, 1, -1, -1, 2]


# -- effort by difficulty ----------------------------------------------------------------------


def test_stated_sizes_make_one_row_each_and_many_are_binned() -> None:
    def problems(sizes) -> effort.Problems:
        n = len(sizes)
        return effort.Problems(
            problems=np.arange(n),
            models=np.zeros(n, dtype=int),
            tokens=np.array(sizes, dtype=float) * 10,
            hardness=np.array(sizes, dtype=float),
        )

    few = _by_size(problems([2, 2, 3, 4]))
    assert [(row["hardness"], row["tokens"]) for row in few] == [("2", 20), ("3", 30), ("4", 40)]
    many = _by_size(problems(range(60)))
    assert len(many) == 6
    assert [row["tokens"] for row in many] == sorted(row["tokens"] for row in many)


def test_failures_fall_into_their_bins() -> None:
    held = effort.by_failure(
        attempts(
            [
                [(10, True, "x"), (10, True, "x")],
                [(40, True, "x"), (40, False, "x")],
                [(90, False, "x"), (90, False, "x")],
            ]
        )
    )
    rows = _by_failure(held)
    assert [(row["hardness"], row["tokens"]) for row in rows] == [
        ("none", 10),
        ("25 to 50 %", 40),
        ("over 75 %", 90),
    ]


def test_long_model_names_are_cut_in_the_table() -> None:
    held = Read(
        attempts=attempts([[(10, True, "x"), (20, False, "x")]]),
        sizes=np.array([np.nan, np.nan]),
        size_names=(),
        model_names=("m" * 500,),
        traces=2,
        cut=0,
        empty=0,
        estimated=2,
    )
    table = _models(held)
    assert table is not None
    assert len(str(table.rows[0][0])) == NAME_CHARACTERS + 1
