"""What is asked of a model to see whether it needs its reasoning."""

from collections.abc import Sequence

from reasonscope.provenance import seed_for
from reasonscope.structure.anchors.necessity.altering import FILLER, corrupted, filler, reworded
from reasonscope.structure.anchors.rolling import forcing
from reasonscope.structure.anchors.rollout import Arm, Request
from reasonscope.traces.schema import Case

PLACES = 8
"""Most prefixes at which an answer is forced, besides the whole, and most steps made wrong."""


def requests(
    case: Case, samples: int, *, places: int = PLACES, word: str = FILLER
) -> list[Request]:
    """Every rollout that the four tests need; what cannot be altered is not asked for.

    Early answering and commitment share the forced answers; mistakes and importance share the
    rollouts in which nothing is changed.

    Args:
        case: The trace with its steps.
        samples: Rollouts of each prefix of each arm.
        places: Most prefixes of early answering, and most steps that are made wrong.
        word: The filler word; a model with a small vocabulary needs one that it knows.
    """
    return [
        *early(len(case.steps), samples, places=places),
        *mistakes(case, samples, places=places),
        *_whole(case, samples, "filler", filler(case.trace.reasoning, word)),
        *_whole(case, samples, "paraphrase", reworded(case.trace.reasoning)),
    ]


def early(steps: int, samples: int, *, places: int = PLACES) -> list[Request]:
    """Forced answers after so many steps, evenly spread, the first none and the last all.

    The whole reasoning gets half as many times the samples as there are prefixes, since each of
    them is compared with it.

    >>> [one.kept for one in early(8, 1, places=4)]
    [0, 2, 4, 6, 8, 8]
    """
    grid = spread(range(steps), places)
    sizes = {**dict.fromkeys(grid, samples), steps: samples * max(1, len(grid) // 2)}
    return [
        Request(kept=k, index=i, arm="forced") for k, size in sizes.items() for i in range(size)
    ]


def mistakes(case: Case, samples: int, *, places: int = PLACES) -> list[Request]:
    """Steps with a wrong number in their place, and the same prefixes with nothing changed."""
    wrong = {
        step.index: text
        for step in case.steps
        if (text := corrupted(step.text, seed_for("mistake", case.trace.trace_id))) is not None
    }
    found = []
    for k in spread(sorted(wrong), places):
        for i in range(samples):
            found.append(Request(kept=k, index=i, arm="mistake", inserted=wrong[k]))
            found.append(Request(kept=k + 1, index=i))
    return found


def _whole(case: Case, samples: int, arm: Arm, text: str | None) -> list[Request]:
    """The whole reasoning replaced by a text, if there is one, and the answer asked for."""
    if not text:
        return []
    whole = text.rstrip() + forcing(case.trace)
    return [Request(kept=0, index=i, arm=arm, inserted=whole) for i in range(samples)]


def spread(places: Sequence[int], most: int) -> list[int]:
    """At most so many of the places, evenly spread, the first among them.

    >>> spread(range(10), 4)
    [0, 2, 5, 7]
    """
    count = min(most, len(places))
    return [places[number * len(places) // count] for number in range(count)]
