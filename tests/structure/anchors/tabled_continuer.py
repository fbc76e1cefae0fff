"""A continuer that reads what comes next from a table: a tiny real one, for tests."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from reasonscope.models.continuing import Continuation, Continued, Uncontinued
from reasonscope.models.generation import Drawn, Sampling, unheard
from reasonscope.traces.schema import Trace


@dataclass(frozen=True)
class TabledContinuer:
    """Words are tokens; which of a prefix's texts comes is decided by the seed alone."""

    table: Mapping[str, Sequence[str]]
    """For each prefix (without the prompt), the texts that may follow it."""
    waiting: int = 1
    """Continuations that are taken before the first comes back."""
    backwards: bool = False
    """Of those, the last comes back first."""
    name: str = "table"

    def continued(
        self,
        trace: Trace,
        asked: Iterable[Continuation],
        sampling: Sampling,
        drawn: Drawn = unheard,
    ) -> Iterator[Continued | Uncontinued]:
        held: list[Continuation] = []
        for one in asked:
            held.append(one)
            if len(held) == self.waiting:
                yield self._one(trace, held.pop(-1 if self.backwards else 0))
        while held:
            yield self._one(trace, held.pop(-1 if self.backwards else 0))

    def _one(self, trace: Trace, one: Continuation) -> Continued | Uncontinued:
        texts = self.table.get(trace.text[: one.kept] + one.inserted)
        if texts is None:
            return Uncontinued(asked=one, why="not in the table")
        words = texts[one.seed % len(texts)].split(" ")
        return Continued(
            asked=one,
            text=" ".join(words[: one.limit]),
            tokens=min(len(words), one.limit),
            ended=len(words) <= one.limit,
        )
