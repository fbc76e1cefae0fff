"""Random draws for a generated problem: one generator per problem, seeded by hashing names."""

from random import Random

from reasonscope.provenance import seed_for


def generator(family: str, seed: int, index: int) -> Random:
    """The random generator of one problem; no global state is read or changed.

    >>> generator("chain", 0, 1).random() == generator("chain", 1, 0).random()
    False
    """
    return Random(seed_for(family, seed, index))


def chosen(rng: Random, given: int | None, low: int, high: int) -> int:
    """The setting as given, or one drawn from ``low`` to ``high``.

    The draw is made either way, so that fixing one setting leaves the other draws alone.
    """
    drawn = rng.randint(low, high)
    return drawn if given is None else given
