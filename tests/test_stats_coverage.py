"""How often the intervals hold the truth, by enumeration or a small simulation.

The full tables are made by ``benchmarks/coverage.py``; the bands here are those of 1,500 draws,
where .95 has a standard error of .0056.
"""

import numpy as np
import pytest
from scipy.stats import binom, norm

from reasonscope import stats

DRAWS = 1500


def holds(estimate, truth):
    return estimate.low is not None and estimate.low <= truth <= estimate.high


def beta_binomial(rng, clusters, size, icc, p):
    spread = (1 - icc) / icc
    shares = rng.beta(p * spread, (1 - p) * spread, (DRAWS, clusters))
    return rng.binomial(size, shares)


@pytest.mark.parametrize(("n", "p"), [(20, 0.5), (50, 0.1), (50, 0.95), (200, 0.3), (200, 0.05)])
def test_wilson_exactly(n, p):
    held = sum(binom.pmf(x, n, p) for x in range(n + 1) if holds(stats.wilson(x, n), p))
    assert 0.93 <= held <= 0.975


@pytest.mark.parametrize(("p1", "p2"), [(0.5, 0.5), (0.9, 0.6)])
def test_newcombe_exactly(p1, p2):
    chance = np.outer(binom.pmf(range(21), 20, p1), binom.pmf(range(21), 20, p2))
    held = np.array(
        [[holds(stats.newcombe(x, 20, y, 20), p1 - p2) for y in range(21)] for x in range(21)]
    )
    assert 0.93 <= chance[held].sum() <= 0.97


def test_newcombe_paired():
    rng, cells = np.random.default_rng(1), (0.5, 0.2, 0.1, 0.2)
    drawn = rng.multinomial(60, cells, size=DRAWS)
    held = np.mean([holds(stats.newcombe_paired(*map(int, one)), 0.1) for one in drawn])
    assert 0.93 <= held <= 0.97


@pytest.mark.parametrize(
    ("clusters", "size", "icc", "p"),
    [
        (20, 3, 0.1, 0.3),
        (20, 10, 0.5, 0.5),
        (50, 3, 0.5, 0.1),
        (50, 10, 0.1, 0.05),
        (200, 10, 0.5, 0.9),
    ],
)
def test_clustered_proportion_holds_where_wilson_alone_does_not(clusters, size, icc, p):
    hits = beta_binomial(np.random.default_rng(2), clusters, size, icc, p)
    sizes = [size] * clusters
    held = np.mean([holds(stats.clustered_proportion(row, sizes), p) for row in hits])
    assert 0.93 <= held <= 0.975
    ignored = np.mean([holds(stats.wilson(row.sum(), size * clusters), p) for row in hits])
    assert ignored < 0.935


def test_few_clusters_err_on_the_wide_side():
    hits = beta_binomial(np.random.default_rng(3), 5, 3, 0.1, 0.5)
    held = np.mean([holds(stats.clustered_proportion(row, [3] * 5), 0.5) for row in hits])
    assert held >= 0.94


def test_rare_events_in_strong_clusters_are_the_known_weak_spot():
    # 50 clusters of 10, correlation .5, share .05: about .92, as the page says.
    hits = beta_binomial(np.random.default_rng(4), 50, 10, 0.5, 0.05)
    held = np.mean([holds(stats.clustered_proportion(row, [10] * 50), 0.05) for row in hits])
    assert 0.88 <= held <= 0.95


@pytest.mark.parametrize("clusters", [5, 20])
def test_cluster_robust_mean(clusters):
    rng, names = np.random.default_rng(5), np.repeat(np.arange(clusters), 4)
    held = 0
    for _ in range(DRAWS):
        values = np.repeat(rng.normal(size=clusters), 4) + rng.normal(size=4 * clusters)
        held += holds(stats.mean_by_cluster(values, names), 0.0)
    assert 0.93 <= held / DRAWS <= 0.97


def test_percentile_bootstrap_is_too_narrow_with_ten_clusters():
    rng, held = np.random.default_rng(6), 0
    for draw in range(500):
        found = stats.cluster_bootstrap(rng.normal(size=10), range(10), seed=draw, draws=400)
        held += holds(found, 0.0)
    assert 0.85 <= held / 500 <= 0.94


def test_bootstrap_holds_with_a_hundred_clusters():
    rng, held = np.random.default_rng(7), 0
    for draw in range(500):
        found = stats.cluster_bootstrap(rng.normal(size=100), range(100), seed=draw, draws=400)
        held += holds(found, 0.0)
    assert 0.92 <= held / 500 <= 0.97


@pytest.mark.parametrize("area", [0.6, 0.9])
def test_auroc(area):
    rng, labels = np.random.default_rng(8), np.tile([True, False], 40)
    shift = norm.ppf(area) * np.sqrt(2)
    held = np.mean(
        [
            holds(stats.auroc(rng.normal(size=80) + shift * labels, labels), area)
            for _ in range(DRAWS)
        ]
    )
    assert 0.93 <= held <= 0.97


def test_auroc_in_clusters_of_one_class_each():
    # Five copies of each of 40 independent scores: ignoring the clusters is far too narrow.
    rng, labels = np.random.default_rng(9), np.tile([True, False], 20)
    shift = norm.ppf(0.8) * np.sqrt(2)
    names = np.repeat(np.arange(40), 5)
    held = ignored = 0
    for _ in range(600):
        scores = np.repeat(rng.normal(size=40) + shift * labels, 5)
        held += holds(stats.auroc(scores, np.repeat(labels, 5), names), 0.8)
        ignored += holds(stats.auroc(scores, np.repeat(labels, 5)), 0.8)
    assert 0.92 <= held / 600 <= 0.98
    assert ignored / 600 < 0.75


def test_rogan_gladen_holds_where_the_raw_share_does_not():
    rng, held, raw = np.random.default_rng(10), 0, 0
    for _ in range(DRAWS):
        seen = stats.wilson(rng.binomial(200, 0.2 * 0.8 + 0.8 * 0.1), 200)
        sens, spec = (
            stats.wilson(rng.binomial(60, 0.8), 60),
            stats.wilson(rng.binomial(60, 0.9), 60),
        )
        held += holds(stats.rogan_gladen(seen, sens, spec), 0.2)
        raw += holds(seen, 0.2)
    assert 0.93 <= held / DRAWS <= 0.97
    assert raw / DRAWS < 0.9


@pytest.mark.parametrize("paired", [False, True])
def test_permutation_p_values_are_uniform_where_nothing_is(paired):
    rng, hits = np.random.default_rng(11), 0
    for draw in range(600):
        a, b = rng.exponential(size=(2, 12))
        hits += stats.permutation_test(a, b, seed=draw, draws=199, paired=paired).p_value <= 0.05
    assert 0.025 <= hits / 600 <= 0.08


@pytest.mark.slow
def test_most_of_the_grid_lies_in_the_band():
    inside = total = 0
    for clusters in (20, 50, 200):
        for size in (3, 10):
            for icc in (0.1, 0.5):
                for p in (0.05, 0.3, 0.7, 0.95):
                    hits = beta_binomial(np.random.default_rng(12), clusters, size, icc, p)
                    sizes = [size] * clusters
                    held = np.mean([holds(stats.clustered_proportion(r, sizes), p) for r in hits])
                    inside += 0.93 <= held <= 0.97
                    total += 1
                    assert held >= 0.9
    assert inside / total >= 0.8
