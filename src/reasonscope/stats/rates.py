"""Rates with a correction: pass@k, prevalence under an imperfect judge, agreement."""

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from typing import Any

from reasonscope.stats.estimate import Estimate, count, normal_quantile
from reasonscope.stats.intervals import wilson_ends


def pass_at_k(n: int, c: int, k: int) -> float | None:
    """The chance that k of n attempts hold a right one, when c are right; None: k > n.

    Unbiased: 1 - C(n - c, k) / C(n, k). Source: Chen et al. 2021, eq. 1.

    Raises:
        ValueError: A number is negative, c exceeds n, or k is 0.

    >>> pass_at_k(4, 1, 2)
    0.5
    """
    n, c, k = count("n", n), count("c", c), count("k", k)
    if c > n or k == 0:
        raise ValueError(f"needs c <= n and k >= 1, found n={n}, c={c}, k={k}")
    if k > n:
        return None
    if n - c < k:
        return 1.0
    fewer, more = min(c, k), max(c, k)
    return 1.0 - math.prod((n - more - i) / (n - i) for i in range(fewer))


def rogan_gladen(
    apparent: Estimate,
    sensitivity: Estimate | float,
    specificity: Estimate | float,
    level: float = 0.95,
) -> Estimate:
    """The true share behind a share counted by an imperfect judge, with its interval.

    (apparent + specificity - 1) / (sensitivity + specificity - 1), kept in [0, 1]. The interval
    carries the uncertainty of all three. An estimate's own interval tells how many independent
    observations it is worth, so that clustered estimates count for less. A float is taken as
    known exactly. Sources: Rogan and Gladen 1978; Lang and Reiczigel 2014 for the interval.

    Args:
        apparent: The share that the judge counts.
        sensitivity: The share of true cases that the judge counts.
        specificity: The share of other cases that the judge leaves out.
        level: Nominal coverage.

    >>> rogan_gladen(Estimate(value=0.5, n=100), 1.0, 1.0).value
    0.5
    """
    z = normal_quantile(level)
    parts = [apparent, _as_estimate("sensitivity", sensitivity, level)]
    parts.append(_as_estimate("specificity", specificity, level))
    shares = [part.value for part in parts]
    known: dict[str, Any] = {"n": apparent.n, "clusters": apparent.clusters, "level": level}
    if any(share is None for share in shares):
        return Estimate(value=None, method="rogan-gladen: a part is unknown", **known)
    p, se, sp = (float(share) for share in shares if share is not None)
    if se + sp <= 1:
        why = "rogan-gladen: the judge is no better than chance"
        return Estimate(value=None, method=why, **known)
    value = min(1.0, max(0.0, (p + sp - 1) / (se + sp - 1)))
    sizes = [_worth(part) for part in parts]
    if any(size is None for size in sizes):
        return Estimate(value=value, method="rogan-gladen: a part has no interval", **known)
    low, high = _lang_reiczigel((p, se, sp), [size or math.inf for size in sizes], z)
    return Estimate(
        value=value,
        low=min(low, value),
        high=max(high, value),
        method="rogan-gladen, lang-reiczigel",
        **known,
    )


def _as_estimate(name: str, share: Estimate | float, level: float) -> Estimate:
    """A share known exactly as an estimate with an interval of no width."""
    if isinstance(share, Estimate):
        return share
    if not 0 <= share <= 1:
        raise ValueError(f"{name} must lie in [0, 1], found {share!r}")
    return Estimate(value=float(share), low=float(share), high=float(share), level=level)


def _worth(part: Estimate) -> float | None:
    """How many independent observations a share is worth; None: its interval is unknown.

    The number at which Wilson's interval is as wide as the estimate's own.
    """
    if part.low is None or part.high is None or part.value is None:
        return float(part.n) if part.n and part.clusters is None else None
    width, z = part.high - part.low, normal_quantile(part.level)
    if width <= 0:
        return math.inf
    smallest, largest = 1e-3, 1e12
    for _ in range(100):
        middle = math.sqrt(smallest * largest)
        low, high = wilson_ends(part.value, middle, z)
        smallest, largest = (middle, largest) if high - low > width else (smallest, middle)
    return smallest


def _lang_reiczigel(
    shares: tuple[float, float, float], sizes: Sequence[float], z: float
) -> tuple[float, float]:
    """The interval of Lang and Reiczigel 2014; a size of infinity means known exactly."""
    p, n = _drawn_in(shares[0], sizes[0], z * z)
    se, n_se = _drawn_in(shares[1], sizes[1], 2)
    sp, n_sp = _drawn_in(shares[2], sizes[2], 2)
    youden = se + sp - 1
    if youden <= 0:
        return 0.0, 1.0
    value = (p + sp - 1) / youden
    of_se, of_sp = se * (1 - se) / n_se, sp * (1 - sp) / n_sp
    shift = 2 * z * z * (value * of_se - (1 - value) * of_sp)
    variance = p * (1 - p) / n + value**2 * of_se + (1 - value) ** 2 * of_sp
    half = z * math.sqrt(variance) / youden
    low, high = value + shift - half, value + shift + half
    return min(1.0, max(0.0, low)), max(0.0, min(1.0, high))


def _drawn_in(share: float, n: float, added: float) -> tuple[float, float]:
    """A share with ``added`` observations more, half of them successes."""
    if math.isinf(n):
        return share, n
    return (n * share + added / 2) / (n + added), n + added


def cohens_kappa(
    first: Sequence[Hashable], second: Sequence[Hashable], level: float = 0.95
) -> Estimate:
    """How far two judges agree beyond chance: 1 always, 0 as by chance, with a normal interval.

    Assumes independent things judged. Undefined where both judges give one and the same label
    throughout. Source: Cohen 1960, eq. 1 and 7.

    Raises:
        ValueError: The judges did not label the same number of things.

    >>> cohens_kappa(["a", "a", "b", "b"], ["a", "b", "b", "b"]).value
    0.5
    """
    z, n = normal_quantile(level), len(first)
    if len(second) != n:
        raise ValueError(f"the judges labelled {n} and {len(second)} things")
    if n == 0:
        return Estimate(value=None, method="kappa: nothing judged", level=level)
    ones, twos = Counter(first), Counter(second)
    agreed = sum(a == b for a, b in zip(first, second)) / n
    chance = sum(ones[label] * twos[label] for label in ones) / (n * n)
    if chance == 1:
        return Estimate(value=None, n=n, method="kappa: only one label is used", level=level)
    kappa = (agreed - chance) / (1 - chance)
    half = z * math.sqrt(agreed * (1 - agreed) / n) / (1 - chance)
    if half == 0:
        return Estimate(value=kappa, n=n, method="kappa: no interval at 0 or 1", level=level)
    return Estimate(
        value=kappa,
        low=max(-1.0, kappa - half),
        high=min(1.0, kappa + half),
        n=n,
        method="kappa, normal",
        level=level,
    )
