"""Each statistic against a number derived by hand; z = 1.959964 and z^2 = 3.841459 throughout."""

import math
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reasonscope import stats
from reasonscope.stats import Estimate


def ends(estimate):
    return estimate.low, estimate.high


def near(*numbers, places=1e-4):
    return pytest.approx(numbers, abs=places)


def test_wilson_8_of_10():
    # centre (0.8 + 3.841459/20) / 1.3841459 = 0.716740
    # half   1.959964 * sqrt(0.016 + 3.841459/400) / 1.3841459 = 0.226577
    assert ends(stats.wilson(8, 10)) == near(0.490163, 0.943317)


def test_wilson_0_of_10_is_not_a_point():
    # Upper end at 0: z^2 / (n + z^2) = 3.841459 / 13.841459
    assert ends(stats.wilson(0, 10)) == near(0.0, 0.277533)
    assert stats.wilson(10, 10).high == 1.0


def test_wilson_of_nothing_is_unknown():
    found = stats.wilson(0, 0)
    assert (found.value, found.low, found.high) == (None, None, None)
    assert "no observations" in found.method


@pytest.mark.parametrize(
    ("hits", "n"), [(-1, 5), (6, 5), (1.5, 5), (math.nan, 5), (1, math.nan), (1, math.inf), (0, -1)]
)
def test_wilson_refuses_nonsense(hits, n):
    with pytest.raises(ValueError, match=r"successes|n must"):
        stats.wilson(hits, n)


@pytest.mark.parametrize("level", [0, 1, -0.1, 95, math.nan])
def test_level_95_is_not_a_level(level):
    with pytest.raises(ValueError, match="level"):
        stats.wilson(1, 2, level)


def test_wider_level_gives_a_wider_interval():
    assert stats.wilson(3, 9, 0.99).low < stats.wilson(3, 9, 0.9).low


def test_newcombe_published_example():
    # Newcombe 1998, table II (a): 56/70 - 48/80, method 10.
    found = stats.newcombe(56, 70, 48, 80)
    assert found.value == pytest.approx(0.2)
    assert ends(found) == near(0.0524, 0.3339)


def test_newcombe_with_an_empty_side_is_unknown():
    assert stats.newcombe(0, 0, 1, 2).value is None


def test_newcombe_changes_sign_with_its_sides():
    one, other = stats.newcombe(3, 9, 7, 11), stats.newcombe(7, 11, 3, 9)
    assert one.low == pytest.approx(-other.high)


def test_newcombe_paired_without_correlation():
    # All cells 5: phi = 0. Wilson's half width at 10/20 is z / (2 sqrt(20 + z^2)) = 0.200702;
    # both sides combine to 0.200702 * sqrt(2) = 0.283836.
    assert ends(stats.newcombe_paired(5, 5, 5, 5)) == near(-0.283836, 0.283836)


def test_newcombe_paired_gains_from_correlation():
    # 10 both, 10 neither: ad - bc = 100, less n/2 = 10 is 90; phi = 90 / sqrt(10^4) = 0.9.
    # Combined: 0.200702 * sqrt(1 - 1.8 + 1) = 0.200702 * 0.447214 = 0.089757.
    assert ends(stats.newcombe_paired(10, 0, 0, 10)) == near(-0.089757, 0.089757)


def test_newcombe_paired_of_nothing_is_unknown():
    assert stats.newcombe_paired(0, 0, 0, 0).value is None


def test_clustered_proportion_by_hand():
    # Four clusters of two, all right or all wrong: share 0.5, correlation 1 by analysis of
    # variance. Mixed clusters 2, so weight 2 / 2.5 = 0.8 and rho = 0.8 + 0.2 * 0.5 = 0.9.
    # t with 3 degrees of freedom is 3.182446, (t/z)^2 = 2.636499.
    # Design effect 1 + 0.9 * 2.636499 = 3.372849; effective n 8 / 3.372849 = 2.371881.
    # Half width at 0.5: z / (2 sqrt(2.371881 + 3.841459)) = 0.393148.
    found = stats.clustered_proportion([2, 2, 0, 0], [2, 2, 2, 2])
    assert ends(found) == near(0.106852, 0.893148)
    assert (found.n, found.clusters) == (8, 4)


def test_clusters_of_one_give_wilson():
    assert ends(stats.clustered_proportion([1] * 8 + [0] * 2, [1] * 10)) == ends(
        stats.wilson(8, 10)
    )


@pytest.mark.parametrize("hits", [0, 3])
def test_clustered_share_of_0_or_1_is_not_a_point(hits):
    found = stats.clustered_proportion([hits] * 20, [3] * 20)
    assert found.high - found.low > stats.wilson(0, 60).high


def test_twenty_times_the_same_trace_counts_for_less_than_twenty_problems():
    same = stats.clustered_proportion([10, 0] * 5, [10] * 10)
    spread = stats.clustered_proportion([5] * 10, [10] * 10)
    assert same.high - same.low > 2 * (spread.high - spread.low)


def test_empty_clusters_are_left_out():
    assert stats.clustered_proportion([1, 0, 2], [2, 0, 2]).clusters == 2
    assert stats.clustered_proportion([0, 0], [0, 0]).value is None
    assert stats.clustered_proportion([], []).value is None


def test_one_cluster_has_a_value_and_no_interval():
    found = stats.clustered_proportion([3], [4])
    assert (found.value, found.low, found.high) == (0.75, None, None)
    assert "one cluster" in found.method


@pytest.mark.parametrize(
    ("hits", "sizes"), [([3], [2]), ([-1], [2]), ([0.5], [1]), ([1], [1, 2]), ([math.nan], [1])]
)
def test_clustered_proportion_refuses_nonsense(hits, sizes):
    with pytest.raises(ValueError, match=r"successes|cluster"):
        stats.clustered_proportion(hits, sizes)


def test_mean_of_singletons_is_students_interval():
    # Mean 2, standard error 1/sqrt(3) = 0.577350, t with 2 degrees of freedom 4.302653.
    found = stats.mean_by_cluster([1, 2, 3], ["a", "b", "c"])
    assert ends(found) == near(2 - 2.484138, 2 + 2.484138)


def test_repeating_each_value_in_its_cluster_changes_nothing():
    once = stats.mean_by_cluster([1, 2, 3], "abc")
    twice = stats.mean_by_cluster([1, 1, 2, 2, 3, 3], "aabbcc")
    assert ends(once) == pytest.approx(ends(twice))
    assert (once.n, twice.n) == (3, 6)


def test_ratio_by_hand():
    # Ratio 4/2 = 2; residuals -1 and 1; error sqrt(2/1 * 2) / 2 = 1; t with 1 degree 12.7062.
    assert ends(stats.ratio_by_cluster([1, 3], [1, 1], "ab")) == near(-10.7062, 14.7062)


def test_ratio_with_nothing_below_is_unknown():
    assert stats.ratio_by_cluster([1, 2], [0, 0], "ab").value is None
    assert stats.mean_by_cluster([], []).value is None


def test_mean_of_one_cluster_has_no_interval():
    assert ends(stats.mean_by_cluster([1, 2], "aa")) == (None, None)


def test_bootstrap_of_a_mean_by_hand():
    # Two clusters of one value, 0 and 1: means 0, 0.5, 1 with chances 1/4, 1/2, 1/4,
    # so the 2.5 % and 97.5 % points are 0 and 1.
    assert ends(stats.cluster_bootstrap([0, 1], "ab", seed=1)) == (0.0, 1.0)


def test_bootstrap_error_is_that_of_the_mean():
    # 400 values, variance 1/4: standard error 0.025, so half the width is near 0.049.
    found = stats.cluster_bootstrap([0, 1] * 200, range(400), seed=1, draws=4000)
    assert (found.high - found.low) / 2 == pytest.approx(0.049, abs=0.004)


def test_bootstrap_resamples_clusters_not_values():
    values, names = [0] * 100 + [1] * 100, [0] * 100 + [1] * 100
    assert ends(stats.cluster_bootstrap(values, names, seed=1)) == (0.0, 1.0)


def test_bootstrap_of_any_statistic_agrees_with_the_fast_mean():
    rng = np.random.default_rng(2)
    values, names = rng.normal(size=60), np.arange(60) // 3
    fast = stats.cluster_bootstrap(values, names, seed=1, draws=3000)
    slow = stats.cluster_bootstrap(values, names, np.mean, seed=1, draws=3000)
    assert ends(fast) == pytest.approx(ends(slow), abs=0.05)


def test_bootstrap_is_the_same_for_the_same_seed_only():
    values = list(np.random.default_rng(0).normal(size=30))
    one, two, other = (stats.cluster_bootstrap(values, range(30), seed=s) for s in (1, 1, 2))
    assert one == two
    assert one != other


def test_bootstrap_counts_draws_where_the_statistic_is_undefined():
    found = stats.cluster_bootstrap(
        [0, 1, 1, 1], "abcd", lambda v: math.nan if v.min() > 0 else v.mean(), seed=1
    )
    assert "draws undefined" in found.method
    assert found.low is not None


def test_bootstrap_without_observations_or_with_one_cluster():
    assert stats.cluster_bootstrap([], [], seed=1).value is None
    one = stats.cluster_bootstrap([1, 2], "aa", seed=1)
    assert (one.value, one.low) == (1.5, None)


@pytest.mark.parametrize("bad", [math.nan, math.inf])
def test_values_that_are_no_numbers_are_refused(bad):
    with pytest.raises(ValueError, match=r"values\[1\]"):
        stats.cluster_bootstrap([0, bad], "ab", seed=1)
    with pytest.raises(ValueError, match="clusters"):
        stats.cluster_bootstrap([0, 1], "a", seed=1)
    with pytest.raises(ValueError, match="draws"):
        stats.cluster_bootstrap([0, 1], "ab", seed=1, draws=1)


def test_permutation_of_3_and_3():
    # 20 ways to choose 3 of 6; 2 of them are as extreme as the observed one: p near 0.1.
    found = stats.permutation_test([1, 1, 1], [0, 0, 0], seed=1)
    assert found.difference == 1
    assert found.p_value == pytest.approx(0.1, abs=0.015)


def test_permutation_greater_is_half():
    found = stats.permutation_test([1, 1, 1], [0, 0, 0], seed=1, alternative="greater")
    assert found.p_value == pytest.approx(0.05, abs=0.012)
    less = stats.permutation_test([1, 1, 1], [0, 0, 0], seed=1, alternative="less")
    assert less.p_value == 1.0


def test_sign_flips_of_5_pairs():
    # 2 of 32 sign patterns are as extreme.
    found = stats.permutation_test([1] * 5, [0] * 5, seed=1, paired=True)
    assert found.p_value == 2 / 32
    assert found.draws == 31


def test_more_flips_than_draws_are_drawn():
    # 1 of 2 ** 10 flips is as extreme; all are taken from 1,023 draws on.
    pairs = range(1, 11), [0] * 10
    known = {"seed": 1, "paired": True, "alternative": "greater"}
    drawn = stats.permutation_test(*pairs, draws=1022, **known)
    assert (drawn.draws, drawn.method) == (1022, "sign flips of pairs")
    assert drawn.p_value == pytest.approx(1 / 1024, abs=0.006)
    assert stats.permutation_test(*pairs, draws=1023, **known).p_value == 1 / 1024


def test_p_is_never_zero():
    found = stats.permutation_test(range(100, 140), range(40), seed=1, draws=99)
    assert found.p_value == 1 / 100


def test_no_difference_at_all_gives_p_of_1():
    assert stats.permutation_test([2, 2], [2, 2], seed=1).p_value == 1.0


def test_permutation_of_nothing_is_unknown():
    assert stats.permutation_test([], [1], seed=1).p_value is None


def test_permutation_refuses_unequal_pairs():
    with pytest.raises(ValueError, match="paired"):
        stats.permutation_test([1, 2], [1], seed=1, paired=True)


def test_benjamini_hochberg_by_hand():
    # Sorted 0.01 0.02 0.03 0.5 times 4/1 4/2 4/3 4/4: 0.04 0.04 0.04 0.5.
    assert stats.benjamini_hochberg([0.03, 0.5, 0.01, 0.02]) == near(0.04, 0.5, 0.04, 0.04)
    # 0.005 * 3 = 0.015; 0.9 * 3/2 = 1.35 is capped by 0.95 * 3/3 = 0.95.
    assert stats.benjamini_hochberg([0.005, 0.9, 0.95]) == near(0.015, 0.95, 0.95)
    assert stats.benjamini_hochberg([]) == ()


@pytest.mark.parametrize("bad", [-0.1, 1.1, math.nan])
def test_benjamini_hochberg_refuses_what_is_no_p_value(bad):
    with pytest.raises(ValueError, match="p"):
        stats.benjamini_hochberg([0.5, bad])


@pytest.mark.parametrize(
    ("n", "c", "k", "chance"),
    [(5, 2, 2, 0.7), (10, 1, 10, 1.0), (10, 0, 3, 0.0), (4, 3, 2, 1.0), (3, 1, 1, 1 / 3)],
)
def test_pass_at_k_by_hand(n, c, k, chance):
    # 5, 2, 2: 1 - C(3, 2) / C(5, 2) = 1 - 3/10.
    assert stats.pass_at_k(n, c, k) == pytest.approx(chance)


def test_pass_at_k_equals_the_formula():
    for n in range(1, 9):
        for c in range(n + 1):
            for k in range(1, n + 1):
                exact = 1 - math.comb(n - c, k) / math.comb(n, k)
                assert stats.pass_at_k(n, c, k) == pytest.approx(exact)


def test_pass_at_more_than_was_tried_is_unknown():
    assert stats.pass_at_k(4, 4, 5) is None


def test_pass_at_k_refuses_nonsense():
    for numbers in ((4, 5, 1), (4, 1, 0), (-1, 0, 1)):
        with pytest.raises(ValueError, match=r"needs|must"):
            stats.pass_at_k(*numbers)


def test_auroc_by_hand():
    # Positives 3, 1 and negatives 2, 0: three of four pairs are in order.
    # Placements 1, 0.5 and 0.5, 1: each variance 2 * 0.125 / 4 = 0.0625, together 0.125.
    # Logit of 0.75 is 1.098612; half z * 0.353553 / 0.1875 = 3.695743.
    found = stats.auroc([3, 1, 2, 0], [True, True, False, False])
    assert found.value == 0.75
    assert ends(found) == near(0.06934, 0.99179)


def test_auroc_ties_count_half():
    assert stats.auroc([1, 1, 1, 1], [True, False, True, False]).value == 0.5


def test_auroc_reversed():
    scores, labels = [0.1, 0.9, 0.4, 0.35, 0.8], [False, True, False, True, True]
    assert stats.auroc([-s for s in scores], labels).value == pytest.approx(
        1 - stats.auroc(scores, labels).value
    )


def test_perfect_auroc_is_not_a_point():
    found = stats.auroc([1, 2, 3, 4, 5, 6], [False] * 3 + [True] * 3)
    assert (found.value, found.high) == (1.0, 1.0)
    assert found.low == pytest.approx(3 / (3 + 3.841459), abs=1e-4)


def test_auroc_of_copies_in_clusters_keeps_its_variance():
    scores, labels = [3, 1, 2, 0, 4, 1], [True, True, False, False, True, False]
    copied = stats.auroc(scores * 5, labels * 5, list(range(6)) * 5)
    ignored = stats.auroc(scores * 5, labels * 5)
    assert copied.high - copied.low > 1.5 * (ignored.high - ignored.low)


def test_auroc_needs_both_classes():
    assert stats.auroc([1, 2], [True, True]).value is None
    assert stats.auroc([], []).value is None


def test_auroc_with_one_cluster_has_no_interval():
    assert stats.auroc([3, 1, 2, 0], [True, True, False, False], "aaaa").low is None


def test_auroc_refuses_nonsense():
    with pytest.raises(ValueError, match="label"):
        stats.auroc([1, 2], [True])
    with pytest.raises(ValueError, match="True or False"):
        stats.auroc([1, 2], [0, 2])
    with pytest.raises(ValueError, match="scores"):
        stats.auroc([1, math.nan], [True, False])


def test_rogan_gladen_by_hand():
    # (0.5 + 0.8 - 1) / (0.9 + 0.8 - 1) = 3/7. Known sensitivity and specificity: half width
    # z * sqrt(0.25 / (100 + z^2)) / 0.7 = 0.137388.
    found = stats.rogan_gladen(stats.wilson(50, 100), 0.9, 0.8)
    assert found.value == pytest.approx(3 / 7)
    assert ends(found) == near(3 / 7 - 0.137388, 3 / 7 + 0.137388)


def test_perfect_judge_changes_nothing():
    assert stats.rogan_gladen(stats.wilson(20, 100), 1.0, 1.0).value == pytest.approx(0.2)


def test_uncertain_judge_widens_the_interval():
    seen = stats.wilson(50, 100)
    known = stats.rogan_gladen(seen, 0.9, 0.8)
    measured = stats.rogan_gladen(seen, stats.wilson(27, 30), stats.wilson(24, 30))
    assert measured.high - measured.low > known.high - known.low


def test_clustered_share_counts_for_less():
    flat, clustered = stats.wilson(50, 100), stats.clustered_proportion([10, 0] * 5, [10] * 10)
    wide, narrow = (stats.rogan_gladen(share, 0.9, 0.8) for share in (clustered, flat))
    assert wide.high - wide.low > 1.5 * (narrow.high - narrow.low)
    assert wide.clusters == 10


def test_corrected_share_stays_between_0_and_1():
    assert stats.rogan_gladen(stats.wilson(0, 50), 0.9, 0.9).value == 0.0
    assert stats.rogan_gladen(stats.wilson(50, 50), 0.9, 0.9).value == 1.0


def test_judge_no_better_than_chance_tells_nothing():
    found = stats.rogan_gladen(stats.wilson(5, 10), 0.5, 0.5)
    assert found.value is None
    assert "chance" in found.method
    assert stats.rogan_gladen(Estimate(value=None), 0.9, 0.9).value is None


def test_rogan_gladen_refuses_a_share_above_1():
    with pytest.raises(ValueError, match="sensitivity"):
        stats.rogan_gladen(stats.wilson(5, 10), 1.2, 0.9)


def test_kappa_by_hand():
    # Agreement 3/4, by chance (2*1 + 2*3) / 16 = 1/2: kappa 1/2.
    # Error sqrt(0.75 * 0.25 / 4) / 0.5 = 0.433013; low 0.5 - 0.848689, high kept at 1.
    found = stats.cohens_kappa("aabb", "abbb")
    assert found.value == 0.5
    assert ends(found) == near(-0.348689, 1.0)


def test_kappa_is_unknown_where_only_one_label_is_used():
    assert stats.cohens_kappa("aaa", "aaa").value is None
    assert stats.cohens_kappa("", "").value is None
    with pytest.raises(ValueError, match="judges"):
        stats.cohens_kappa("a", "ab")


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=12))
def test_every_clustered_interval_holds_its_value_and_no_nan(pairs):
    found = stats.clustered_proportion([min(p) for p in pairs], [max(p) for p in pairs])
    if found.low is not None:
        assert 0 <= found.low <= found.value <= found.high <= 1
        assert found.low < found.high
    assert not any(isinstance(x, float) and math.isnan(x) for x in (found.value, *ends(found)))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.integers(0, 4)), max_size=15))
def test_every_auroc_interval_holds_its_value(rows):
    scores, labels, names = ([row[i] for row in rows] for i in range(3))
    for clusters in (None, names):
        found = stats.auroc(scores, labels, clusters)
        if found.low is not None:
            assert 0 <= found.low <= found.value <= found.high <= 1


def test_importing_loads_neither_numpy_nor_scipy():
    code = (
        "import sys, reasonscope.stats; sys.exit('numpy' in sys.modules or 'scipy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
