"""Are the shortest of several attempts enough? Short-m@k: the first m that finish, of k.

Where attempts run side by side, the shortest finish first. Answering with the shortest, or by a
vote of the shortest three, is compared with as many attempts drawn at random at the same problem.
Source: Hassid 2505.17813 (F13). Departure: k is the number of judged attempts at each problem.
"""

import numpy as np
from numpy.typing import NDArray

from reasonscope.failures.length.attempts import Attempts
from reasonscope.stats import Estimate, mean_by_cluster

FEWEST_FOR_ONE, FEWEST_FOR_THREE = 4, 6
"""Judged attempts that a group must hold: fewer leave nothing to choose from."""


def short_1_points(attempts: Attempts) -> Estimate:
    """Accuracy of the shortest attempt minus that of one drawn at random.

    Attempts that are equally short share the place.
    """
    held = _enough(attempts.judged(), FEWEST_FOR_ONE)
    if not held.mixed():
        return Estimate(value=None, method="too few attempts, or all are right or all wrong")
    least = np.full(held.groups.max() + 1, np.inf)
    np.minimum.at(least, held.groups, held.tokens)
    first = held.tokens == least[held.groups]
    known = np.bincount(held.groups) > 0
    by_shortest = _share(held.right[first], held.groups[first], known)
    by_any = _share(held.right, held.groups, known)
    return mean_by_cluster(by_shortest - by_any, held.problem_of_groups()[known])


def short_3_points(attempts: Attempts) -> Estimate:
    """Accuracy of a vote of the shortest three minus that of three drawn at random.

    Right attempts vote alike, wrong ones by the text of their answer. A vote without a majority
    goes to the shortest of the three, or, among those drawn at random, to any of them.
    """
    held = _enough(attempts.judged(), FEWEST_FOR_THREE)
    if not held.mixed():
        return Estimate(value=None, method="too few attempts, or all are right or all wrong")
    held = held.picked(np.lexsort((held.tokens, held.groups)))
    known = np.bincount(held.groups) > 0
    starts = np.flatnonzero(np.diff(held.groups, prepend=-1))
    first, second, third = (_votes(held)[starts + i] for i in range(3))
    hits = sum((held.right[starts + i] for i in range(3)), np.zeros(len(starts)))
    all_differ = (first != second) & (second != third) & (first != third)
    won = np.where(all_differ, held.right[starts], hits >= 2)
    return mean_by_cluster(won - _random_three(held)[known], held.problem_of_groups()[known])


def _enough(attempts: Attempts, fewest: int) -> Attempts:
    if not len(attempts):
        return attempts
    return attempts.picked(np.bincount(attempts.groups)[attempts.groups] >= fewest)


def _share(
    right: NDArray[np.float64], groups: NDArray[np.intp], known: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """The share right of each known group."""
    count = np.bincount(groups, minlength=len(known))[known]
    return np.asarray(np.bincount(groups, right, len(known))[known] / count, dtype=np.float64)


def _votes(attempts: Attempts) -> NDArray[np.intp]:
    """What each attempt votes for: -2 for the right answer, else its answer's number."""
    return np.where(attempts.right == 1, -2, attempts.answers)


def _random_three(attempts: Attempts) -> NDArray[np.float64]:
    """By group, the chance that a vote of three attempts drawn at random is right."""
    n = np.bincount(attempts.groups).astype(np.float64)
    hits = np.bincount(attempts.groups, attempts.right)
    wrong = n - hits
    alike = _pairs_alike(attempts, len(n))
    split = hits * (wrong * (wrong - 1) / 2 - alike) / 3
    majority = hits * (hits - 1) / 2 * wrong + hits * (hits - 1) * (hits - 2) / 6
    with np.errstate(invalid="ignore"):
        return np.asarray((split + majority) / (n * (n - 1) * (n - 2) / 6), dtype=np.float64)


def _pairs_alike(attempts: Attempts, groups: int) -> NDArray[np.float64]:
    """By group, how many pairs of wrong attempts give the same answer."""
    wrong = attempts.right == 0
    pairs = np.stack([attempts.groups[wrong], attempts.answers[wrong]])
    kinds, counts = np.unique(pairs, axis=1, return_counts=True)
    alike = np.bincount(kinds[0], counts * (counts - 1) / 2, groups)
    return np.asarray(alike, dtype=np.float64)
