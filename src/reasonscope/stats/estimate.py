"""The record of a number with its interval, and the checks that come before every interval."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A number with its interval, and what it rests on."""

    value: float | None
    """The number; None: it could not be assessed."""
    low: float | None = None
    """Lower end of the interval."""
    high: float | None = None
    """Upper end of the interval."""
    n: int = 0
    """How many observations."""
    clusters: int | None = None
    """How many independent groups (problems) they fall into; None: not clustered."""
    method: str = ""
    """How the interval was made, such as ``wilson`` or ``cluster bootstrap``."""
    level: float = 0.95
    """Nominal coverage of the interval."""


def normal_quantile(level: float) -> float:
    """Half the width of a two-sided normal interval, in standard errors.

    Raises:
        ValueError: The level does not lie between 0 and 1.

    >>> round(normal_quantile(0.95), 4)
    1.96
    """
    if not 0 < level < 1:
        raise ValueError(f"level must lie between 0 and 1, found {level!r}")
    return NormalDist().inv_cdf(0.5 + level / 2)


def student_quantile(level: float, freedom: int) -> float:
    """Half the width of a two-sided Student interval, in standard errors."""
    from scipy.special import stdtrit

    normal_quantile(level)
    return float(stdtrit(freedom, 0.5 + level / 2))


def count(name: str, value: float) -> int:
    """The value as a whole number of things.

    Raises:
        ValueError: It is negative, not whole or not finite.
    """
    if not math.isfinite(value) or value < 0 or value != int(value):
        raise ValueError(f"{name} must be a whole number >= 0, found {value!r}")
    return int(value)


def finite(name: str, values: "Sequence[float] | NDArray[Any]") -> "NDArray[np.float64]":
    """The values as a one-dimensional array.

    Raises:
        ValueError: One of them is not a finite number, or they do not form one row.
    """
    import numpy as np

    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 1:
        raise ValueError(f"{name} must be one row of numbers, found shape {array.shape}")
    if not np.isfinite(array).all():
        place = int(np.flatnonzero(~np.isfinite(array))[0])
        raise ValueError(f"{name}[{place}] is {array[place]}; leave unknown values out")
    return array


def group_indices(
    clusters: "Sequence[object] | NDArray[Any]", n: int
) -> "tuple[NDArray[np.intp], int]":
    """For each observation the number of its cluster, and how many clusters there are.

    Clusters may be named by anything hashable, such as problem ids.

    Raises:
        ValueError: There is not one name per observation.
    """
    import numpy as np

    if len(clusters) != n:
        raise ValueError(f"clusters must name a group per value: {len(clusters)} for {n} values")
    numbers: dict[object, int] = {}
    listed = clusters.tolist() if isinstance(clusters, np.ndarray) else clusters
    indices = [numbers.setdefault(name, len(numbers)) for name in listed]
    return np.asarray(indices, dtype=np.intp), len(numbers)
