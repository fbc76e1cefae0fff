"""Planted rollouts for the tests of steps: models whose need of their reasoning is known."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray

from reasonscope.provenance import seed_for
from reasonscope.structure.anchors.rollout import Request, Rollout

FINAL = "1"
"""The planted traces' own answer."""


def made(request: Request, trace_id: str, text: str, **fields: object) -> Rollout:
    """A rollout that answers a request."""
    return Rollout(
        trace_id=trace_id,
        kept=request.kept,
        index=request.index,
        arm=request.arm,
        inserted=request.inserted,
        seed=0,
        text=text,
        tokens=len(text.split()),
        **{"step": next(iter(steps_in(text)), ""), "ended": True, **fields},  # type: ignore[arg-type]
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reasoner:
    """A model of which it is known how its answer depends on its reasoning."""

    commits: int = 0
    """Kept steps from which on a forced answer is as steady as the trace's own."""
    follows: float = 0.0
    """How often an injected mistake changes what it answers."""
    steady: float = 1.0
    """How often it gives the trace's answer when nothing is changed: 1 - noise."""
    guess: float = 0.0
    """How often it hits that answer without what it needs."""
    silent: float = 0.0
    """How often it gives no answer at all."""

    def share(self, request: Request) -> float:
        """How often it gives the trace's own answer to a request, silence apart."""
        if request.arm == "forced":
            return self.steady if request.kept >= self.commits else self.guess
        if request.arm == "filler":
            return self.guess if self.commits else self.steady
        if request.arm == "mistake":
            return (1 - self.follows) * self.steady + self.follows * self.guess
        return self.steady

    def roll(self, requests: Iterable[Request], seed: int, trace_id: str = "t") -> list[Rollout]:
        """Its rollouts; the same seed gives the same."""
        dice = Random(seed_for("reasoner", seed, trace_id))
        return [made(one, trace_id, "", answer=self._answer(one, dice)) for one in requests]

    def _answer(self, request: Request, dice: Random) -> str | None:
        if dice.random() < self.silent:
            return None
        return FINAL if dice.random() < self.share(request) else "2"


IGNORES = Reasoner(commits=0, follows=0.0)
"""A model that ignores its reasoning: every necessity is 0."""


def needs(steps: int) -> Reasoner:
    """A model that needs all of its reasoning: every necessity but that of wording is 1."""
    return Reasoner(commits=steps, follows=1.0)


# -- steps that depend on each other -------------------------------------------------------

_STEP = re.compile(r"[^;]+;\s*")


def steps_in(text: str) -> list[str]:
    """The steps of a planted text, each with its closing semicolon.

    >>> steps_in("x0 is 4; x1 is 2;")
    ['x0 is 4; ', 'x1 is 2;']
    """
    return _STEP.findall(text)


def same_words(these: Sequence[str], those: Sequence[str]) -> NDArray[np.bool_]:
    """Which texts are equal but for the space around them: rows and columns."""
    left = np.array([one.strip() for one in these], dtype=object)
    right = np.array([one.strip() for one in those], dtype=object)
    return np.asarray(left[:, None] == right[None, :], dtype=np.bool_)


def resamples(kept: Iterable[int], rollouts: int) -> list[Request]:
    """So many rollouts of each prefix."""
    return [Request(kept=k, index=index) for k in kept for index in range(rollouts)]
