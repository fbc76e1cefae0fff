"""How likely a step is to use the one before it: a small logistic model of how both are written."""

import math
import re
from collections.abc import Sequence
from operator import mul

from reasonscope.structure.edges import cues
from reasonscope.structure.edges.evidence import Clue
from reasonscope.structure.edges.weights import PREVIOUS

FEATURES = (
    "constant",
    "second_step",
    "third_step",
    "fourth_step",
    "early",
    "link",
    "turns_after_break",
    "restarts_after_break",
    "before_ends_in_colon",
    "before_is_unfinished",
    "near_clue",
    "far_clue",
    "far_clue_only",
    "no_number",
    "short",
    "task",
)
"""What is said of a step and the one before, in the order of the weights."""

_DIGIT = re.compile(r"\d")

EARLY = 8
"""Steps before this one are early: they set the problem up, each for itself."""
SHORT = 30
"""Characters of a short step."""


def features(j: int, before: str, text: str, clues: Sequence[Clue]) -> tuple[float, ...]:
    """The features of step ``j`` and the step before it, in the order of ``FEATURES``.

    Args:
        j: the step's place, at least 1.
        before: text of the step before.
        text: text of the step.
        clues: what the step uses by evidence.
    """
    near = max((clue.strength for clue in clues if clue.uses == j - 1), default=0.0)
    far = max((clue.strength for clue in clues if clue.uses != j - 1), default=0.0)
    ended = before.rstrip()
    breaks = before.endswith("\n\n")
    return (
        1.0,
        float(j == 1),
        float(j == 2),
        float(j == 3),
        float(3 < j < EARLY),
        float(cues.link(text) != ""),
        float(breaks and cues.turns(text)),
        float(breaks and cues.restarts(text)),
        float(ended.endswith(":")),
        float(ended[-1:] not in ".?!:"),
        near,
        far,
        0.0 if near else far,
        float(_DIGIT.search(text, 0, 400) is None),
        float(len(text) < SHORT),
        float(cues.about_task(text)),
    )


def probability(told: Sequence[float], fold: str = "") -> float:
    """The chance, from 0 to 1, that a labeller says the step depends on the one before.

    Args:
        told: :func:`features`.
        fold: hash of the problem's question: where it was trained on, weights without it are used.
    """
    weights = PREVIOUS.get(fold, PREVIOUS[""])
    return 1 / (1 + math.exp(-sum(map(mul, weights, told))))
