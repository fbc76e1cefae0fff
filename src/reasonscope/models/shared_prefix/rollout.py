"""One rollout while it is drawn."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from reasonscope.models.continuing import Continuation, Continued, Uncontinued
from reasonscope.models.shared_prefix.spelling import Spelling

Origin = tuple[int, tuple[int, ...]]
"""What stands before a first draw: tokens of the prefix, and tokens that had to be written."""


@dataclass(slots=True, eq=False)
class Rollout:
    """A continuation with its tokens so far."""

    asked: Continuation
    start: int
    """Tokens of the prefix that it sees."""
    forced: tuple[int, ...]
    """Tokens that it must write before it may draw."""
    dropped: str
    """White space that is kept but not written: the model writes it with the next word."""
    limit: int
    """Most tokens that it may draw."""
    dice: "np.ndarray[Any, np.dtype[np.float64]]"
    """One uniform number in [0, 1) for each token."""
    tokens: list[int] = field(default_factory=list)
    fed: int = 0
    """How many of its own tokens the model has read."""
    ended: bool = False

    @property
    def room(self) -> int:
        """Tokens of its own that a slot must hold."""
        return len(self.forced) + self.limit

    @property
    def origin(self) -> Origin:
        """Equal for rollouts that have all before their first draw in common."""
        return self.start, self.forced

    @property
    def drawing(self) -> bool:
        """All that it must write is read."""
        return self.fed >= len(self.forced)

    @property
    def next_token(self) -> int:
        """The token that the model reads next."""
        own = self.fed - len(self.forced)
        return self.forced[self.fed] if own < 0 else self.tokens[own]

    @property
    def die(self) -> float:
        """The number that decides the next token."""
        return float(self.dice[len(self.tokens)])

    def take(self, token: int, ends: frozenset[int]) -> bool:
        """Add a token; True if more may follow."""
        self.tokens.append(token)
        self.ended = token in ends
        return not self.ended and len(self.tokens) < self.limit

    def result(self, spelling: Spelling) -> Continued:
        """What came of it."""
        spoken = self.tokens[:-1] if self.ended else self.tokens
        before = self.forced[-1:] or spelling.before(self.start)
        text = spelling.spoken(spoken, before).removeprefix(self.dropped)
        return Continued(
            asked=self.asked,
            text=text,
            tokens=len(self.tokens),
            ended=self.ended,
            token_ids=tuple(self.tokens),
        )


def opened(asked: Continuation, spelling: Spelling, context: int) -> Rollout | Uncontinued:
    """A rollout that is ready to be drawn, or why it cannot be."""
    if not 0 <= asked.kept <= len(spelling.text):
        why = f"the trace has {len(spelling.text)} characters, {asked.kept} cannot be kept"
        return Uncontinued(asked=asked, why=why)
    start, over = spelling.cut(asked.kept)
    dropped = over if over.isspace() and not asked.inserted else ""
    written = "" if dropped else over + asked.inserted
    forced = spelling.encode(written, start)
    if forced is None:
        why = f"no tokens of this model spell {written[:80]!r}"
        return Uncontinued(asked=asked, why=why)
    limit = min(asked.limit, context - start - len(forced))
    if limit < 1:
        taken = start + len(forced)
        why = f"no room: {taken} tokens before it, context {context}, limit {asked.limit}"
        return Uncontinued(asked=asked, why=why)
    dice = np.random.default_rng(asked.seed).random(limit)
    return Rollout(asked, start, forced, dropped, limit, dice)
