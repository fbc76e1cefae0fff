"""Chat messages: what one says, thinks and carries besides, in the spellings that occur."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from reasonscope.traces.formats.attempt import from_parts, from_text
from reasonscope.traces.formats.fields import as_object, as_text, kind, rest
from reasonscope.traces.formats.format import Wrong
from reasonscope.traces.schema import Problem, Reading

THINKING = ("reasoning", "reasoning_content", "thinking", "thought")
"""Fields of a message that hold its thinking, in order of preference."""
_JOIN = "\n\n"


@dataclass(frozen=True, slots=True)
class Spoken:
    """One message taken apart."""

    reasoning: str | None
    """Its thinking where that came as a field or part of its own; None: no such field."""
    content: str
    """Its text."""
    extra: dict[str, Any] = field(default_factory=dict)
    """Everything else it carries."""


def is_messages(value: Any) -> bool:
    """Whether a value looks like a list of chat messages."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(item, dict) and "role" in item for item in value[:3])
    )


def spoken(message: Mapping[str, Any]) -> Spoken:
    """A message taken apart: thinking fields, reasoning details, content parts or plain text."""
    content, thoughts, others = _content(message.get("content"))
    field_name = next((k for k in THINKING if isinstance(message.get(k), str)), None)
    extra = rest(message, "role", "content", field_name or "", "reasoning_details")
    if others:
        extra["parts"] = others
    if field_name is not None:
        return Spoken(message[field_name], content, extra | _details(message))
    detailed = _from_details(message.get("reasoning_details"))
    if detailed:
        thoughts = detailed
    elif message.get("reasoning_details"):
        extra |= _details(message)
    if len(thoughts) > 1:
        extra["reasoning_parts"] = len(thoughts)
    return Spoken(_JOIN.join(thoughts) if thoughts else None, content, extra)


def _details(message: Mapping[str, Any]) -> dict[str, Any]:
    """Reasoning details beside a reasoning field: their kinds, since the text is there."""
    details = message.get("reasoning_details")
    if not isinstance(details, list):
        return {}
    kinds = [one.get("type") for one in details if isinstance(one, dict)]
    return {"reasoning_details": [k for k in kinds if isinstance(k, str)]}


def _from_details(details: Any) -> list[str]:
    """The texts of OpenRouter's reasoning details, else their summaries."""
    if not isinstance(details, list):
        return []
    for name in ("text", "summary"):
        found = [one[name] for one in details if isinstance(one, dict) and _is_text(one.get(name))]
        if found:
            return found
    return []


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _content(content: Any) -> tuple[str, list[str], list[Any]]:
    """Text, thoughts and other parts of a message's content."""
    if content is None or isinstance(content, str):
        return content or "", [], []
    if not isinstance(content, list):
        raise Wrong(f"expected a message's content to be text or parts, found {kind(content)}")
    texts: list[str] = []
    thoughts: list[str] = []
    others: list[Any] = []
    for part in content:
        _sort(part, texts, thoughts, others)
    return "".join(texts), thoughts, others


def _sort(part: Any, texts: list[str], thoughts: list[str], others: list[Any]) -> None:
    if isinstance(part, str):
        texts.append(part)
        return
    held = as_object(part, "a part of a message")
    if held.get("type") in ("text", "output_text", "input_text") and _is_text(held.get("text")):
        texts.append(held["text"])
        others.extend([extra] if (extra := rest(held, "type", "text")) else [])
        return
    thought = _thought(held)
    if thought is not None:
        name, said = thought
        thoughts.append(said)
        more = rest(held, "type", name)
        others.extend([{"type": held["type"], **more}] if more else [])
    elif held.get("type") != "text":
        others.append(rest(held))


def _thought(part: Mapping[str, Any]) -> tuple[str, str] | None:
    """The field with a reasoning part's text, and the text; a summary where all is redacted."""
    if part.get("type") not in ("reasoning", "thinking"):
        return None
    order = ("summary",) if part.get("redacted") is True else ("reasoning", "thinking", "text")
    for name in (*order, "summary"):
        if _is_text(part.get(name)):
            return name, as_text(part[name], name)
    return None


def last_of(messages: Sequence[Any], role: str) -> int | None:
    """The place of the last message of a role."""
    for at in range(len(messages) - 1, -1, -1):
        if as_object(messages[at], f"message {at}").get("role") == role:
            return at
    return None


def asked(messages: Sequence[Any]) -> tuple[str, list[Any]]:
    """The last question of the user, and all other messages, which give it context."""
    at = last_of(messages, "user")
    if at is None:
        return "", list(messages)
    message = messages[at]
    content, _, others = _content(message.get("content"))
    beside = [*messages[:at], *messages[at + 1 :]]
    return content, [*beside, *({"role": "user", "parts": others} for _ in others[:1])]


def reply(problem: Problem, message: Mapping[str, Any], **fields: Any) -> Reading:
    """The reading of one assistant message; tags are looked for where no field holds thinking."""
    said = spoken(message)
    extra = {**fields.pop("extra", {}), **said.extra}
    if said.reasoning is not None:
        return from_parts(problem, said.reasoning, said.content, extra=extra, **fields)
    if not said.content.strip():
        raise Wrong("expected the message to hold reasoning or text, found both empty")
    return from_text(problem, said.content, extra=extra, **fields)
