"""A trace as the tokens of a model, and which of them each step has."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from reasonscope.errors import SetupError
from reasonscope.models.loading import LoadedModel
from reasonscope.models.token_text import decode, token_ends
from reasonscope.traces.schema import Case, Trace


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open range of tokens, the prompt's counted."""

    start: int
    end: int

    def __len__(self) -> int:
        return self.end - self.start

    @property
    def positions(self) -> tuple[int, ...]:
        """Every position in it."""
        return tuple(range(self.start, self.end))


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceTokens:
    """Prompt and output as tokens, with the steps' places."""

    ids: tuple[int, ...]
    prompt: int
    """How many of them are the prompt's."""
    steps: tuple[Span, ...]
    """Those of each step; empty for a step within one token that began before it."""
    after: Span
    """What follows the reasoning: closing tag, answer and end token; perhaps empty."""
    stored: bool
    """True: as the trace has them; False: encoded here, perhaps otherwise than when drawn."""


def trace_tokens(loaded: LoadedModel, case: Case) -> TraceTokens:
    """The tokens of a case's prompt and output, and each step's range.

    A token belongs to the step in which its first character that is not white space stands: most
    vocabularies write a word with the space before it, and that space closes the step before.
    (The stored ranges go by the first character, so that a step's first word is the last step's.)

    Raises:
        SetupError: the trace's tokens, or tokens of its text, do not spell the text in this
            model's vocabulary, or the prompt and text are longer than the context.
    """
    trace, tokenizer = case.trace, loaded.tokenizer
    prompt = tokenizer.encode(
        trace.prompt, add_special_tokens=not getattr(tokenizer, "chat_template", None)
    )
    ids, ends = _output(loaded, trace)
    if len(prompt) + len(ids) > loaded.context:
        raise SetupError(
            f"trace {trace.trace_id} has {len(prompt) + len(ids):,} tokens with its prompt, "
            f"{loaded.name} holds {loaded.context:,}. Choose a shorter trace."
        )
    starts = _first_letters(trace.text, ends)
    borders = [0, *(step.char_end for step in case.steps)]
    at = [len(prompt) + bisect_left(starts, len(trace.opening) + border) for border in borders]
    return TraceTokens(
        ids=(*prompt, *ids),
        prompt=len(prompt),
        steps=tuple(Span(a, b) for a, b in pairwise(at)),
        after=Span(at[-1], len(prompt) + len(ids)),
        stored=trace.token_ids is not None,
    )


def _first_letters(text: str, ends: Sequence[int]) -> list[int]:
    """Where each token's first character that is not white space stands; its start without one."""
    starts = []
    for start, end in pairwise((0, *ends)):
        piece = text[start:end]
        starts.append(end - len(piece.lstrip()) if piece.strip() else start)
    return starts


def _output(loaded: LoadedModel, trace: Trace) -> tuple[Sequence[int], Sequence[int]]:
    """The output's tokens, and where each ends in the trace's text."""
    if trace.token_ids is not None:
        return trace.token_ids, _stored_ends(loaded, trace, trace.token_ids)
    ids = loaded.tokenizer.encode(trace.text, add_special_tokens=False)
    ends = _spelt(loaded, ids, trace.text)
    if ends is None:
        raise SetupError(
            f"the text of trace {trace.trace_id} does not come back from the tokens of "
            f"{loaded.name}. Choose a trace that stores its own tokens, or another model."
        )
    return ids, ends


def _stored_ends(loaded: LoadedModel, trace: Trace, ids: Sequence[int]) -> Sequence[int]:
    """Ends of stored tokens, once they are known to be this tokenizer's."""
    known = len(loaded.tokenizer)
    ends = None
    if all(0 <= token < known for token in ids):
        spoken = ids[:-1] if ids and ids[-1] in loaded.ends else ids
        ends = _spelt(loaded, spoken, trace.text)
        if ends is not None and len(spoken) < len(ids):
            ends = (*ends, len(trace.text))
    if ends is None:
        raise SetupError(
            f"the tokens of trace {trace.trace_id} do not spell its text in the vocabulary of "
            f"{loaded.name}. Name the model that made the trace ({trace.model})."
        )
    return ends


def _spelt(loaded: LoadedModel, ids: Sequence[int], text: str) -> tuple[int, ...] | None:
    if decode(loaded.tokenizer, ids) != text:
        return None
    return token_ends(loaded.tokenizer, ids, text)
