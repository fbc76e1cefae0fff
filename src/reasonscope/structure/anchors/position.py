"""Importance against position: what a step has beyond the steps around it.

Steps that set a problem up stand early, steps that check stand late, and importance falls along
a trace; so a step may look important only for where it stands (SCIENCE M3: setup at .12 of the
trace on average, self-checking at .72). What is left after the mean of its neighbourhood is taken
off says what the step adds to its place.
"""

from collections.abc import Sequence

REACH = 0.15
"""How far the neighbourhood reaches to either side, as a share of the trace."""
FEWEST = 4
"""Neighbours that are needed at least."""


def beyond_position(values: Sequence[float | None]) -> list[float | None]:
    """Each value minus the weighted mean of those around it, itself left out.

    Neighbours weigh less the further away they stand (tricube). None: the value is unknown, or
    fewer than four neighbours are known.

    >>> beyond_position([0.1, 0.1, 0.6, 0.1, 0.1])[2]
    0.5
    """
    return [_beyond(values, place) for place in range(len(values))]


def _beyond(values: Sequence[float | None], place: int) -> float | None:
    own = values[place]
    if own is None:
        return None
    known = [at for at, value in enumerate(values) if value is not None and at != place]
    if len(known) < FEWEST:
        return None
    nearest = sorted(abs(at - place) for at in known)
    reach = max(REACH * len(values), nearest[FEWEST - 1]) + 1
    weights = {
        at: (1 - (abs(at - place) / reach) ** 3) ** 3 for at in known if abs(at - place) < reach
    }
    around = sum(weight * (values[at] or 0.0) for at, weight in weights.items())
    return own - around / sum(weights.values())
