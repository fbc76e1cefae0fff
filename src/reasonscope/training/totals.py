"""What the rewards of one completion come to: the number that training maximises."""

from collections.abc import Mapping

Known = float | None
"""A number, or None: unknown."""


def total(
    rewards: Mapping[str, Known],
    weights: Mapping[str, float],
    unread: Known = None,
    *,
    lone: bool = True,
) -> Known:
    """The weighted sum of the rewards whose weight is not 0; None: unknown, or none is counted.

    Args:
        rewards: by name; None: unknown.
        weights: by name; one that is not named weighs 1.
        unread: what an unknown reward counts as; None: the total is then unknown too.
        lone: whether ``unread`` holds where no reward at all is known. TRL leaves such a
            completion out, and counts an unknown reward beside a known one as 0.

    >>> total({"outcome": 1.0, "length": 2.0}, {"length": -0.5})
    0.0
    >>> total({"outcome": None, "form": 1.0}, {}), total({"outcome": None, "form": 1.0}, {}, 0.0)
    (None, 1.0)
    >>> total({"outcome": None}, {}, 0.0), total({"outcome": None}, {}, 0.0, lone=False)
    (0.0, None)
    """
    counted = {name: value for name, value in rewards.items() if weights.get(name, 1.0) != 0}
    if not counted or (not lone and all(value is None for value in counted.values())):
        return None
    values = {name: unread if value is None else value for name, value in counted.items()}
    known = [weights.get(name, 1.0) * value for name, value in values.items() if value is not None]
    return sum(known) if len(known) == len(values) else None
