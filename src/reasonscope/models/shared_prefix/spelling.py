"""Where a trace's characters and a tokenizer's tokens meet."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reasonscope.errors import SetupError
from reasonscope.models.loading import LoadedModel
from reasonscope.models.token_text import decode, token_ends
from reasonscope.traces.schema import Trace, well_formed


@dataclass(frozen=True, slots=True)
class Spelling:
    """A prompt and a trace's text as the tokens of one model."""

    tokenizer: Any
    text: str
    """The trace's, without the prompt."""
    prompt_ids: tuple[int, ...]
    text_ids: tuple[int, ...]
    ends: tuple[int, ...]
    """End of each of ``text_ids``, in characters of ``text``."""
    joined: bool
    """The text follows the prompt to the letter; else it was decoded without it."""

    @property
    def ids(self) -> tuple[int, ...]:
        """All tokens that rollouts may share."""
        return self.prompt_ids + self.text_ids

    def cut(self, kept: int) -> tuple[int, str]:
        """How many of :attr:`ids` lie within ``kept`` characters of text, and what is over."""
        count = sum(end <= kept for end in self.ends)
        while count and kept < len(self.text) and self._width(count - 1) == 0:
            count -= 1  # the first bytes of a character that is not kept
        over = self.text[self.ends[count - 1] if count else 0 : kept]
        return len(self.prompt_ids) + count, over

    def _width(self, index: int) -> int:
        return self.ends[index] - (self.ends[index - 1] if index else 0)

    def encode(self, written: str, after: int) -> tuple[int, ...] | None:
        """Tokens that spell ``written`` after so many of :attr:`ids`; None: no tokens do.

        Some tokenizers put a space before a text that opens; then what stands before is
        encoded with it.
        """
        if not written:
            return ()
        before = self.before(after)
        opening = decode(self.tokenizer, before)
        alone, behind = self._encode(written), self._encode(opening + written)
        for ids in (alone, behind[len(before) :] if behind[: len(before)] == before else alone):
            if self.spoken(ids, before) == written:
                return ids
        return None

    def before(self, count: int) -> tuple[int, ...]:
        """The token that text after so many of :attr:`ids` is to be read with."""
        opens = count == len(self.prompt_ids) and not self.joined
        return () if opens else self.ids[count - 1 : count]

    def spoken(self, ids: Sequence[int], before: Sequence[int]) -> str:
        """The text of tokens where they stand, which may open with a space that decoders drop."""
        opening = decode(self.tokenizer, before)
        whole = decode(self.tokenizer, [*before, *ids])
        alone = whole[len(opening) :] if whole.startswith(opening) else None
        return well_formed(decode(self.tokenizer, ids) if alone is None else alone)

    def _encode(self, text: str) -> tuple[int, ...]:
        return tuple(self.tokenizer.encode(text, add_special_tokens=False))


def spelling(loaded: LoadedModel, trace: Trace) -> Spelling:
    """The tokens of a trace: those that were stored with it, else those of its text.

    Raises:
        SetupError: The trace holds no prompt, does not fit the model's context, or its tokens
            and its text are not each other's.
    """
    if not trace.prompt:
        raise SetupError(
            f"trace {trace.trace_id} holds no prompt, so a model cannot go on from it. "
            "Give the trace the prompt that its model was sent (models.decoding.encode_prompt)."
        )
    found = _stored(loaded, trace) if trace.token_ids is not None else _encoded(loaded, trace)
    if len(found.ids) > loaded.context:
        raise SetupError(
            f"prompt and trace have {len(found.ids)} tokens, the model holds {loaded.context}"
        )
    return found


def _stored(loaded: LoadedModel, trace: Trace) -> Spelling:
    tokenizer, text = loaded.tokenizer, trace.text
    ids = tuple(trace.token_ids or ())
    vocabulary = int(loaded.model.get_input_embeddings().weight.shape[0])
    if ids and not 0 <= min(ids) <= max(ids) < vocabulary:
        raise SetupError(
            f"wrong tokenizer for a stored trace: it holds token {max(ids)}, the model has "
            f"{vocabulary} tokens. {_REMEDY}"
        )
    if ids and ids[-1] in loaded.ends and well_formed(decode(tokenizer, ids)) != text:
        ids = ids[:-1]
    ends = token_ends(tokenizer, ids, text)
    if well_formed(decode(tokenizer, ids)) != text or ends is None:
        raise SetupError(
            f"wrong tokenizer for a stored trace: its tokens do not spell its text. {_REMEDY}"
        )
    prompt_ids = _opening(loaded, trace.prompt)
    return Spelling(tokenizer, text, prompt_ids, ids, ends, joined=False)


_REMEDY = "Name the model that wrote the trace, or drop its token_ids to have its text encoded."


def _encoded(loaded: LoadedModel, trace: Trace) -> Spelling:
    """The text's own tokens; together with the prompt's where no token spans both."""
    tokenizer, text = loaded.tokenizer, trace.text
    prompt_ids = _opening(loaded, trace.prompt)
    whole = tuple(tokenizer.encode(trace.prompt + text, add_special_tokens=False))
    bare = tuple(tokenizer.encode(trace.prompt, add_special_tokens=False))
    together = whole[: len(bare)] == bare
    ids = whole[len(bare) :] if together else _plain(tokenizer, text)
    before = decode(tokenizer, bare)
    spelt = decode(tokenizer, [*bare, *ids])
    if spelt == before + text:
        ends = token_ends(tokenizer, (*bare, *ids), spelt)
        if ends is not None:
            own = tuple(max(0, end - len(before)) for end in ends[len(bare) :])
            return Spelling(tokenizer, text, prompt_ids, ids, own, joined=True)
    raise SetupError(
        f"trace {trace.trace_id} cannot be put into this model's tokens: its text does not come "
        "back from them. Name the model that wrote the trace."
    )


def _plain(tokenizer: Any, text: str) -> tuple[int, ...]:
    return tuple(tokenizer.encode(text, add_special_tokens=False))


def _opening(loaded: LoadedModel, prompt: str) -> tuple[int, ...]:
    """The prompt's tokens as :func:`reasonscope.models.decoding.encode_prompt` makes them."""
    special = not getattr(loaded.tokenizer, "chat_template", None)
    ids = tuple(loaded.tokenizer.encode(prompt, add_special_tokens=special))
    if not ids:
        raise SetupError("the prompt has no tokens; a model cannot begin from nothing")
    return ids
