"""How often each interval in reasonscope.stats covers the truth, by enumeration or simulation.

Usage: python benchmarks/coverage.py [--draws 2000] [NAME ...]

Prints one Markdown table per interval; names are the functions in this file that begin with
``table_``, without that word. Nominal coverage is .95 throughout.
"""

import argparse
import math
from collections.abc import Iterator

import numpy as np
from scipy.stats import binom, norm

from reasonscope import stats

SHARES = (0.05, 0.1, 0.3, 0.5, 0.7, 0.9, 0.95)
DRAWS = 2000


def covers(estimate: stats.Estimate, truth: float) -> bool:
    """Whether the interval holds the truth; an unknown interval does not."""
    low, high = estimate.low, estimate.high
    return low is not None and high is not None and low - 1e-12 <= truth <= high + 1e-12


def row(*cells: object) -> str:
    return "| " + " | ".join(f"{c:.3f}" if isinstance(c, float) else str(c) for c in cells) + " |"


def table_wilson() -> Iterator[str]:
    """Exact, by enumerating the binomial."""
    yield row("n", *(f"p={p}" for p in SHARES))
    for n in (10, 20, 50, 200):
        ends = [stats.wilson(x, n) for x in range(n + 1)]
        yield row(
            n,
            *(sum(binom.pmf(x, n, p) for x in range(n + 1) if covers(ends[x], p)) for p in SHARES),
        )


def table_newcombe() -> Iterator[str]:
    """Exact, by enumerating both binomials."""
    yield row("n1", "n2", "p1", "p2", "coverage")
    for n1, n2, p1, p2 in (
        (20, 20, 0.5, 0.5),
        (20, 20, 0.9, 0.6),
        (50, 30, 0.95, 0.9),
        (100, 100, 0.3, 0.2),
    ):
        chance = np.outer(binom.pmf(range(n1 + 1), n1, p1), binom.pmf(range(n2 + 1), n2, p2))
        held = [
            [covers(stats.newcombe(x, n1, y, n2), p1 - p2) for y in range(n2 + 1)]
            for x in range(n1 + 1)
        ]
        yield row(n1, n2, p1, p2, float(chance[np.array(held)].sum()))


def table_newcombe_paired() -> Iterator[str]:
    yield row("pairs", "both, first, second, neither", "coverage")
    rng = np.random.default_rng(1)
    for n in (20, 50, 200):
        for cells in ((0.5, 0.1, 0.1, 0.3), (0.7, 0.2, 0.05, 0.05), (0.2, 0.3, 0.2, 0.3)):
            drawn = rng.multinomial(n, cells, size=DRAWS)
            truth = cells[1] - cells[2]
            held = [covers(stats.newcombe_paired(*map(int, one)), truth) for one in drawn]
            yield row(n, cells, float(np.mean(held)))


def clustered_draws(
    rng: np.random.Generator, clusters: int, size: str, icc: float, p: float, draws: int
) -> tuple[np.ndarray, np.ndarray]:
    """Successes and sizes, (draw, cluster), with beta-binomial clusters."""
    shape = (draws, clusters)
    sizes = rng.integers(1, 11, shape) if size == "1-10" else np.full(shape, int(size))
    spread = (1 - icc) / icc if icc else None
    shares = np.full(shape, p) if spread is None else rng.beta(p * spread, (1 - p) * spread, shape)
    return rng.binomial(sizes, shares), sizes


def clustered_cells() -> Iterator[tuple[int, str, float]]:
    for clusters in (5, 10, 20, 50, 200):
        for size in ("1", "3", "10", "1-10"):
            for icc in (0.0,) if size == "1" else (0.0, 0.1, 0.5):
                yield clusters, size, icc


def clustered_coverage(kind: str, clusters: int, size: str, icc: float, p: float) -> float:
    rng = np.random.default_rng([clusters, len(size), round(icc * 10), round(p * 100)])
    successes, sizes = clustered_draws(rng, clusters, size, icc, p, DRAWS)
    if kind == "clustered":
        held = [covers(stats.clustered_proportion(s, m), p) for s, m in zip(successes, sizes)]
    elif kind == "naive":
        held = [covers(stats.wilson(s.sum(), m.sum()), p) for s, m in zip(successes, sizes)]
    else:
        picked = rng.integers(0, clusters, (500, clusters))
        held = [bootstrap_covers(s, m, picked, p) for s, m in zip(successes, sizes)]
    return float(np.mean(held))


def bootstrap_covers(s: np.ndarray, m: np.ndarray, picked: np.ndarray, p: float) -> bool:
    low, high = np.quantile(s[picked].sum(1) / m[picked].sum(1), [0.025, 0.975])
    return bool(low <= p <= high)


def table_clustered_proportion() -> Iterator[str]:
    """Beta-binomial clusters; the control is Wilson's interval with clusters ignored."""
    yield row("clusters", "size", "icc", *(f"p={p}" for p in SHARES), "naive, worst")
    inside, below, many = 0, 0, 0
    for clusters, size, icc in clustered_cells():
        found = [clustered_coverage("clustered", clusters, size, icc, p) for p in SHARES]
        naive = min(clustered_coverage("naive", clusters, size, icc, p) for p in (0.1, 0.5))
        if clusters >= 20:
            inside += sum(0.93 <= c <= 0.97 for c in found)
            below += sum(c < 0.93 for c in found)
            many += len(found)
        yield row(clusters, size, icc, *found, naive)
    yield f"20 or more clusters: {inside} of {many} cells in [.93, .97], {below} below"


def table_percentile() -> Iterator[str]:
    """What the percentile bootstrap over clusters does with the same shares."""
    yield row("clusters", "size", "icc", *(f"p={p}" for p in (0.05, 0.3, 0.5, 0.95)))
    for clusters, size, icc in ((10, "3", 0.1), (20, "3", 0.1), (50, "3", 0.1), (20, "10", 0.5)):
        shares = (0.05, 0.3, 0.5, 0.95)
        yield row(
            clusters,
            size,
            icc,
            *(clustered_coverage("percentile", clusters, size, icc, p) for p in shares),
        )


def table_means() -> Iterator[str]:
    """Cluster-robust t against the percentile bootstrap, for normal and lognormal values."""
    yield row("clusters", "values", "cluster-robust t", "percentile bootstrap")
    rng = np.random.default_rng(3)
    for clusters in (5, 10, 20, 50):
        names = np.repeat(np.arange(clusters), 4)
        for kind, truth in (("normal", 0.0), ("lognormal", math.exp(0.5))):
            held_t = held_b = 0
            for draw in range(DRAWS // 2):
                shared = np.repeat(rng.normal(size=clusters), 4) * math.sqrt(0.5)
                values = shared + rng.normal(size=4 * clusters) * math.sqrt(0.5)
                values = np.exp(values) if kind == "lognormal" else values
                held_t += covers(stats.mean_by_cluster(values, names), truth)
                boot = stats.cluster_bootstrap(values, names, seed=draw, draws=500)
                held_b += covers(boot, truth)
            yield row(clusters, kind, held_t / (DRAWS // 2), held_b / (DRAWS // 2))


def table_auroc() -> Iterator[str]:
    """Two normal classes; clustered: five observations share a cluster and half their variance."""
    yield row("positives = negatives", "true area", "independent", "clustered", "clusters ignored")
    rng = np.random.default_rng(4)
    for n in (10, 20, 50, 200):
        for area in (0.5, 0.7, 0.9, 0.97):
            shift = norm.ppf(area) * math.sqrt(2)
            labels = np.tile([True, False], n)
            names = np.arange(2 * n) // 5
            held = np.zeros(3)
            for _ in range(DRAWS // 2):
                scores = rng.normal(size=2 * n) + shift * labels
                held[0] += covers(stats.auroc(scores, labels), area)
                shared = rng.normal(size=names[-1] + 1)[names]
                scores = (rng.normal(size=2 * n) + shared) / math.sqrt(2) + shift * labels
                held[1] += covers(stats.auroc(scores, labels, names), area)
                held[2] += covers(stats.auroc(scores, labels), area)
            yield row(n, area, *(float(h) for h in held / (DRAWS // 2)))


def table_rogan_gladen() -> Iterator[str]:
    yield row(
        "n", "calibration n", "true share", "sensitivity", "specificity", "coverage", "uncorrected"
    )
    rng = np.random.default_rng(5)
    for n, m in ((100, 30), (300, 100)):
        for share in (0.02, 0.2, 0.5):
            for se, sp in ((0.95, 0.95), (0.8, 0.9)):
                apparent = share * se + (1 - share) * (1 - sp)
                held = raw = 0
                for _ in range(DRAWS):
                    seen = stats.wilson(rng.binomial(n, apparent), n)
                    sens = stats.wilson(rng.binomial(m, se), m)
                    spec = stats.wilson(rng.binomial(m, sp), m)
                    held += covers(stats.rogan_gladen(seen, sens, spec), share)
                    raw += covers(seen, share)
                yield row(n, m, share, se, sp, held / DRAWS, raw / DRAWS)


def table_permutation() -> Iterator[str]:
    """Share of p values at or below .05 where there is nothing, and at an effect of 1 sd."""
    yield row("sizes", "kind", "nothing there", "1 sd apart")
    rng = np.random.default_rng(6)
    for n in (5, 20):
        for paired in (False, True):
            hits = np.zeros(2)
            for draw in range(DRAWS):
                a, b = rng.exponential(size=(2, n))
                for place, shift in enumerate((0.0, 1.0)):
                    test = stats.permutation_test(a + shift, b, seed=draw, draws=399, paired=paired)
                    hits[place] += (test.p_value or 0.0) <= 0.05
            kind = "paired" if paired else "unpaired"
            yield row(n, kind, *(float(h) for h in hits / DRAWS))


def main() -> None:
    global DRAWS
    tables = {
        name.removeprefix("table_"): f for name, f in globals().items() if name.startswith("table_")
    }
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(tables))
    parser.add_argument("--draws", type=int, default=DRAWS)
    options = parser.parse_args()
    DRAWS = options.draws
    for name in options.names or tables:
        print(f"\n## {name}\n", flush=True)
        for index, line in enumerate(tables[name]()):
            print(line, flush=True)
            if index == 0:
                print("|" + "---|" * line.count(" |"), flush=True)


if __name__ == "__main__":
    main()
