"""The engine: continuations in, rollouts out, as slots become free."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import torch

from reasonscope.models.continuing import Continuation, Continued, Uncontinued
from reasonscope.models.generation import Drawn, Sampling, unheard
from reasonscope.models.loading import LoadedModel
from reasonscope.models.shared_prefix.body import Body
from reasonscope.models.shared_prefix.fitting import check_fit
from reasonscope.models.shared_prefix.prefix import Prefix
from reasonscope.models.shared_prefix.run import Run
from reasonscope.models.shared_prefix.spelling import spelling
from reasonscope.traces.schema import Trace


@dataclass(slots=True)
class SharedPrefix:
    """Goes on from prefixes of a trace on a model of this process.

    The trace is read once, and its keys and values are kept once. A rollout keeps those of its
    own tokens in a slot; slots are made once and pass from rollout to rollout.

    A rollout has the same dice alone and in any company. Matrix products round by their shapes,
    so a token may still differ where two are equally likely to the last digits: in float32 hardly
    ever, in bfloat16 now and then.
    """

    loaded: LoadedModel
    slots: int = 192
    """Most rollouts computed together."""
    budget: int = 2 << 30
    """Most bytes of the slots' keys and values; fewer slots are made where they are long."""
    _prefix: Prefix | None = field(default=None, init=False, repr=False)
    _run: Run | None = field(default=None, init=False, repr=False)

    @property
    def name(self) -> str:
        """The model's name."""
        return self.loaded.name

    @property
    def identity(self) -> str:
        """Its weights and their precision, on this machine."""
        return f"here, {self.loaded.revision}, {self.loaded.dtype}"

    @property
    def cache_bytes(self) -> int:
        """Bytes of keys and values that the latest run holds: the prefix's and the slots'."""
        return 0 if self._run is None else self._run.cache_bytes

    def continued(
        self,
        trace: Trace,
        asked: Iterable[Continuation],
        sampling: Sampling,
        drawn: Drawn = unheard,
    ) -> Iterator[Continued | Uncontinued]:
        """One row for each continuation, in the order in which they end.

        See :class:`reasonscope.models.continuing.Continuer`. A trace that was read last is not
        read again. Decision: white space between the last whole token and ``kept`` is not
        written for the model: it is part of the next word's token, and a model that finds it
        written goes on as it never would. The text that comes back does not repeat it.
        """
        spelt = spelling(self.loaded, trace)
        body = Body(self.loaded.model)
        tokens = torch.tensor([spelt.ids], device=body.device)
        if self._prefix is None or not torch.equal(self._prefix.tokens, tokens):
            if self._prefix is None:
                check_fit(body, tokens)
            self._prefix = Prefix(body, tokens)
        self._run = Run(self.loaded, self._prefix, spelt, sampling, drawn, self.slots, self.budget)
        return self._run.rows(iter(asked))
