"""How often the first candidate answer is misread, counted by reading, and its correction.

Read by hand on the first answers of DeepSeek-R1 to 582 GSM8K problems (missing-premise set,
well-posed): all 25 traces whose first candidate was called wrong, and 112 of the 556 whose first
candidate was called right (53 at random, 16 with a late one, 43 with a doubt before it). The list
and how to draw it again: ``docs/instruments/flips.md``.
"""

import math

from reasonscope.stats import Estimate, rogan_gladen, wilson

CALLED_WRONG, TRULY_WRONG = 25, 20
"""First candidates called wrong, and those of them whose true first answer is wrong. The other
five: an intermediate value taken for an answer (3), a right answer said only once before (2)."""
CALLED_RIGHT, READ, MISSED = 556, 112, 0
"""First candidates called right, those read, and those before which a wrong answer was missed."""


def sensitivity() -> Estimate:
    """Share of wrong first answers that are called wrong; its lower end allows for unread misses.

    None was missed in the reading; up to the upper Wilson end of the missed share may be.
    """
    missed = wilson(MISSED, READ)
    low = TRULY_WRONG / (TRULY_WRONG + CALLED_RIGHT * (missed.high or 0.0))
    high = TRULY_WRONG / (TRULY_WRONG + CALLED_RIGHT * (missed.low or 0.0))
    value = TRULY_WRONG / (TRULY_WRONG + CALLED_RIGHT * (missed.value or 0.0))
    return Estimate(value=value, low=low, high=high, n=READ, method="by reading")


def specificity() -> Estimate:
    """Share of right first answers that are not called wrong."""
    return wilson(CALLED_RIGHT, CALLED_RIGHT + CALLED_WRONG - TRULY_WRONG)


def corrected(apparent: Estimate) -> Estimate:
    """The share of first answers that are wrong, corrected for misreading (Rogan–Gladen)."""
    return rogan_gladen(apparent, sensitivity(), specificity())


def corrected_gain(final_wrong: Estimate, first_wrong: Estimate) -> Estimate:
    """Final minus first accuracy with the corrected first, from two shares of wrong answers.

    The interval combines both as if they were independent (MOVER), which is too wide, never too
    narrow, where they go together.
    """
    ends = (first_wrong.value, first_wrong.low, first_wrong.high)
    others = (final_wrong.value, final_wrong.low, final_wrong.high)
    known = {"n": final_wrong.n, "clusters": final_wrong.clusters, "level": final_wrong.level}
    if any(end is None for end in (*ends, *others)):
        return Estimate(value=None, method="mover: a part is unknown", **known)  # type: ignore[arg-type]
    p1, l1, u1 = (float(end) for end in ends if end is not None)
    p2, l2, u2 = (float(end) for end in others if end is not None)
    return Estimate(
        value=p1 - p2,
        low=p1 - p2 - math.hypot(p1 - l1, u2 - p2),
        high=p1 - p2 + math.hypot(u1 - p1, p2 - l2),
        method="mover",
        **known,  # type: ignore[arg-type]
    )
