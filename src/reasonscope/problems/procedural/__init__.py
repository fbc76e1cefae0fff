"""Generated problem families: one table, and :func:`generate`."""

from collections.abc import Iterator
from itertools import count, islice

from reasonscope.errors import SetupError
from reasonscope.problems.family import Family
from reasonscope.problems.procedural import (
    beliefs,
    chain,
    countdown,
    dyck,
    order,
    reach,
    relay,
    swaps,
)
from reasonscope.traces.schema import Problem

FAMILIES: dict[str, Family] = {
    family.name: family
    for family in (
        chain.FAMILY,
        countdown.FAMILY,
        swaps.FAMILY,
        dyck.FAMILY,
        order.FAMILY,
        beliefs.FAMILY,
        relay.FAMILY,
        reach.FAMILY,
    )
}
"""All families by name."""

__all__ = ["FAMILIES", "generate"]


def generate(family: str, n: int | None, seed: int, **difficulty: int) -> Iterator[Problem]:
    """The first ``n`` problems of a family for a seed; None: without end.

    The problem at an index depends on family, seed, index and settings alone, so more of them
    can be had later and any one alone.

    >>> [p.family for p in generate("chain", 2, seed=0, hops=3)]
    ['chain', 'chain']

    Raises :class:`SetupError` where the family or a setting does not exist, or a setting is out
    of bounds.
    """
    if family not in FAMILIES:
        raise SetupError(f"no problem family '{family}'; there are: {', '.join(sorted(FAMILIES))}")
    known = FAMILIES[family]
    known.validate(difficulty)
    return islice((known.make(seed, index, **difficulty) for index in count()), n)
