"""Going on from a prefix of a trace: what is asked of a model, and what comes back.

Two engines do it: :mod:`reasonscope.models.shared_prefix` on a model in this process, and
:mod:`reasonscope.models.endpoint_continuing` through any OpenAI-compatible server.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from reasonscope.models.generation import Drawn, Sampling
from reasonscope.traces.schema import Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Continuation:
    """One continuation to be sampled."""

    kept: int
    """How many characters of the trace's text (:attr:`Trace.text`) stand before it, after the
    prompt. Where this is within a token, the token's first characters are encoded anew; if they are
    white space alone they are left out, for the model writes it with its next word."""
    inserted: str = ""
    """Text put after what is kept, before the model goes on."""
    seed: int
    """Of its own dice: the same continuation comes out whatever is asked beside it."""
    limit: int
    """Most tokens to sample."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Continued:
    """What came of one continuation."""

    asked: Continuation
    text: str
    """What was sampled, without the end token; well-formed Unicode."""
    tokens: int
    """Tokens sampled, the end token included."""
    ended: bool
    """False: cut at the limit or at the end of the context."""
    token_ids: tuple[int, ...] | None = None
    """The tokens sampled; None: the engine tells text only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncontinued:
    """A continuation that could not be made; it is counted and never ends the run."""

    asked: Continuation
    why: str


class Continuer(Protocol):
    """An engine that goes on from prefixes of one trace."""

    @property
    def name(self) -> str:
        """The model's name."""
        ...

    @property
    def identity(self) -> str:
        """What sets its rollouts apart from others of that name: weights and engine."""
        ...

    def continued(
        self,
        trace: Trace,
        asked: Iterable[Continuation],
        sampling: Sampling,
        drawn: Drawn = ...,
    ) -> Iterator[Continued | Uncontinued]:
        """One row for each continuation, in the order in which they end.

        Args:
            trace: Its prompt and text are the shared prefix.
            asked: Taken one by one as there is room, never listed whole: a caller may decide
                what to ask next from what has come back.
            sampling: Temperature and share of probability; each continuation has its own limit.
            drawn: Told how many tokens were drawn, for progress.

        Raises:
            SetupError: the trace does not fit this model, such as tokens that do not give the
                trace's text, or a trace that is longer than the context.
        """
        ...
