"""What an OpenAI-compatible server's answer says: text, reasoning, tokens, why it ended."""

import math
from collections.abc import Mapping
from typing import Any, Literal

from reasonscope.models.generation import Generated
from reasonscope.models.token_text import ends_of_bytes
from reasonscope.traces.schema import well_formed
from reasonscope.traces.segment import Output, split_output

Api = Literal["chat", "completions"]


class AnswerError(ValueError):
    """The answer is JSON, but not what such servers send; the message says what was found."""


def read_answer(answer: Any, prompt: str, api: Api) -> Generated:
    """The first choice of an answer.

    Reasoning is taken from ``reasoning_content``, ``reasoning`` or ``reasoning_details``, in
    this order; where there is none, from tags in the text. Log-probabilities are kept where
    every one is finite; token ends where the tokens spell the output exactly.

    Args:
        answer: The parsed body.
        prompt: What was sent.
        api: ``chat`` or ``completions``.

    Returns:
        The output, told apart, with what is known of its tokens.

    Raises:
        AnswerError: There is no choice with a text.
    """
    choice = choices_of(answer)[0]
    reasoning, text = said_in(choice, api)
    parts = Output("", reasoning, "", text, "field") if reasoning else split_output(text, prompt)
    ids, ends, logprobs = _tokens(choice, "".join(_texts(parts)))
    reason = choice.get("finish_reason")
    return Generated(
        prompt=prompt,
        parts=parts,
        finish_reason=reason if isinstance(reason, str) else None,
        token_ids=ids,
        token_ends=ends,
        token_logprobs=logprobs,
        extra=_rest(answer),
    )


def tokens_of(answer: Any) -> int:
    """How many tokens the server says it drew; 0 where it does not say.

    >>> tokens_of({"usage": {"completion_tokens": 12}})
    12
    """
    usage = answer.get("usage") if isinstance(answer, dict) else None
    count = usage.get("completion_tokens") if isinstance(usage, dict) else None
    return count if isinstance(count, int) and 0 <= count < 1 << 40 else 0


def choices_of(answer: Any) -> list[Mapping[str, Any]]:
    """The choices of an answer, in order; there is at least one.

    Raises:
        AnswerError: There is none, or something else stands in its place.
    """
    choices = answer.get("choices") if isinstance(answer, dict) else None
    if not (isinstance(choices, list) and choices and all(isinstance(c, dict) for c in choices)):
        found = sorted(answer)[:8] if isinstance(answer, dict) else type(answer).__name__
        raise AnswerError(f"expected 'choices' with one choice, found {found}")
    return choices


def said_in(choice: Mapping[str, Any], api: Api) -> tuple[str, str]:
    """Reasoning that the server told apart, if any, and the text of a choice; well-formed.

    Raises:
        AnswerError: The choice has no text.
    """
    if api == "completions":
        return "", well_formed(_text(choice.get("text"), "text of a choice"))
    message = choice.get("message")
    if not isinstance(message, dict):
        raise AnswerError(f"expected a message in the choice, found {sorted(choice)[:8]}")
    thought, text = _content(message.get("content"))
    return well_formed(_reasoning_field(message) or thought), well_formed(text)


def _content(content: Any) -> tuple[str, str]:
    """Reasoning and text of a message's content, which is a text or a list of typed parts."""
    if not isinstance(content, list):
        return "", _text(content, "content of a message")
    held: dict[bool, list[str]] = {True: [], False: []}
    for part in content:
        if isinstance(part, dict):
            thinking = part.get("type") in ("thinking", "reasoning")
            inner = part.get("thinking" if "thinking" in part else "text", "")
            held[thinking].append("".join(_content(inner)))
    return "".join(held[True]), "".join(held[False])


def _text(held: Any, place: str) -> str:
    if held is None:
        return ""
    if not isinstance(held, str):
        raise AnswerError(f"expected text in {place}, found {type(held).__name__}")
    return held


def _reasoning_field(message: Mapping[str, Any]) -> str:
    for name in ("reasoning_content", "reasoning"):
        if isinstance(message.get(name), str) and message[name]:
            return str(message[name])
    details = message.get("reasoning_details")
    parts = (
        [part for part in details if isinstance(part, dict)] if isinstance(details, list) else []
    )
    for key in ("text", "summary"):
        texts = [part[key] for part in parts if isinstance(part.get(key), str)]
        if texts:
            return "".join(texts)
    return ""


def _texts(parts: Output) -> tuple[str, str, str, str]:
    return parts.opening, parts.reasoning, parts.closing, parts.answer


_Tokens = tuple[tuple[int, ...] | None, tuple[int, ...] | None, tuple[float, ...] | None]


def _tokens(choice: Mapping[str, Any], text: str) -> _Tokens:
    """Token ids, ends and log-probabilities, each None where not given or not of one length."""
    held = choice.get("logprobs")
    pieces, logprobs = _chat_tokens(held) or _plain_tokens(held) or (None, None)
    ends = None
    if pieces is not None:
        spelt, found = ends_of_bytes(pieces)
        ends = found if spelt == text else None
    ids = choice.get("token_ids")
    if not (isinstance(ids, list) and ids and all(type(i) is int for i in ids)):
        return None, ends, logprobs
    same = logprobs is None or len(logprobs) == len(ids)
    return (tuple(ids), ends, logprobs) if same else (None, ends, logprobs)


def _chat_tokens(held: Any) -> tuple[list[bytes], tuple[float, ...] | None] | None:
    content = held.get("content") if isinstance(held, dict) else None
    if not (isinstance(content, list) and content):
        return None
    try:
        pieces = [
            bytes(one["bytes"]) if one.get("bytes") is not None else str(one["token"]).encode()
            for one in content
        ]
        return pieces, _finite([one["logprob"] for one in content])
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _plain_tokens(held: Any) -> tuple[list[bytes], tuple[float, ...] | None] | None:
    tokens = held.get("tokens") if isinstance(held, dict) else None
    logprobs = held.get("token_logprobs") if isinstance(held, dict) else None
    if not (isinstance(tokens, list) and tokens and isinstance(logprobs, list)):
        return None
    if len(tokens) != len(logprobs) or not all(isinstance(token, str) for token in tokens):
        return None
    try:
        return [well_formed(token).encode() for token in tokens], _finite(logprobs)
    except (TypeError, ValueError):
        return None


def _finite(values: list[Any]) -> tuple[float, ...] | None:
    numbers = tuple(float(value) for value in values)
    return numbers if all(math.isfinite(number) for number in numbers) else None


def _rest(answer: Mapping[str, Any]) -> dict[str, Any]:
    """What else is worth keeping: who answered, and what it counted."""
    kept = {"id": "response_id", "model": "served_model", "usage": "usage"}
    kept["system_fingerprint"] = "system_fingerprint"
    found = {name: answer[key] for key, name in kept.items() if answer.get(key) is not None}
    return {"engine": "endpoint", **found}
