"""Fields of a record, each with its type checked: what is wrong is said, nothing is guessed."""

import json
import re
from collections.abc import Mapping
from typing import Any

from reasonscope.traces.formats.format import Wrong
from reasonscope.traces.schema import AnswerKind

FIELD_LIMIT = 256 << 10
"""Most characters of JSON that one unknown field may take in ``extra``."""
MANY = 2**31
"""Counts and indices stay below this, so that they fit any column."""
Fields = Mapping[str, Any]


def kind(value: Any) -> str:
    """A JSON value's kind for a message.

    >>> kind([1, 2]), kind(None), kind(True)
    ('a list of 2', 'null', 'true')
    """
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return "text" if value.strip() else "empty text"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return "an object" if isinstance(value, dict) else "a number"


def as_object(value: Any, what: str = "the record") -> dict[str, Any]:
    """The value, if it is a JSON object."""
    if not isinstance(value, dict):
        raise Wrong(f"expected {what} to be an object, found {kind(value)}")
    return value


def as_list(value: Any, what: str) -> list[Any]:
    """The value, if it is a JSON list."""
    if not isinstance(value, list):
        raise Wrong(f"expected {what} to be a list, found {kind(value)}")
    return value


def as_text(value: Any, what: str) -> str:
    """The value, if it is text."""
    if not isinstance(value, str):
        raise Wrong(f"expected {what} to be text, found {kind(value)}")
    return value


def text(record: Fields, key: str) -> str:
    """A field that must be there and be text."""
    if key not in record:
        raise Wrong(f"expected a field '{key}', found {keys(record)}")
    return as_text(record[key], f"'{key}'")


def maybe_text(record: Fields, key: str) -> str:
    """A field that may be missing or null; empty text then."""
    value = record.get(key)
    return "" if value is None else as_text(value, f"'{key}'")


def texts(record: Fields, key: str) -> list[str]:
    """A field that must be a list of texts."""
    if key not in record:
        raise Wrong(f"expected a field '{key}', found {keys(record)}")
    held = as_list(record[key], f"'{key}'")
    return [as_text(item, f"item {at} of '{key}'") for at, item in enumerate(held)]


def keys(record: Fields) -> str:
    """The names of a record's fields, for a message."""
    names = [str(name)[:40] for name in list(record)[:12]]
    more = f" and {len(record) - 12} more" if len(record) > 12 else ""
    return f"the fields {', '.join(names)}{more}" if names else "no field at all"


def scalar(value: Any) -> str | None:
    """Text or a number as text; None for anything else.

    >>> scalar(3168.0), scalar("x"), scalar([1])
    ('3168', 'x', None)
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return str(int(value)) if float(value).is_integer() and abs(value) < MANY else str(value)


def options(value: Any) -> list[str]:
    """A list of options, if each is text or a number; leaving one out would move the letters.

    >>> options(["7", 17]), options(["7", None, "17"])
    (['7', '17'], [])
    """
    held = [scalar(option) for option in value] if isinstance(value, list) else []
    known = [option for option in held if option is not None]
    return known if len(known) == len(held) else []


def whole(value: Any) -> int | None:
    """A count or an index from 0, if the value is one."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value < MANY and value == int(value) else None


def outcome(value: Any) -> bool | None:
    """True or false where a source says so by a boolean, 0 or 1, or Inspect's C and I.

    >>> outcome(1.0), outcome(0), outcome("I"), outcome(0.5)
    (True, False, False, None)
    """
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return bool(value) if value in (0, 1) else None
    if isinstance(value, str):
        return {"c": True, "i": False, "true": True, "false": False}.get(value[:6].lower())
    return None


def rest(record: Fields, *used: str) -> dict[str, Any]:
    """The fields that are not used elsewhere, for ``extra``; huge ones by name only."""
    kept: dict[str, Any] = {}
    dropped: dict[str, int] = {}
    for name, value in record.items():
        if name in used:
            continue
        size = _size(value)
        if size <= FIELD_LIMIT:
            kept[name] = value
        else:
            dropped[name] = size
    if dropped:
        kept["left_out"] = {"characters": dropped}
    return kept


def _size(value: Any) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, list | dict):
        return len(json.dumps(value, default=str))
    return 0


_NUMBER = re.compile(r"[-+−]?\s?[$€£]?\d[\d,]{0,60}(?:\.\d{0,60})?\s?%?|[-+−]?\d{1,30}/\d{1,30}")
_OPTION = re.compile(r"\([A-Za-z]\)|[A-Z]")
_SIGNS = re.compile(r"[\\^_{}=√π]|\d\s?[-+*/(]\s?\w|[a-z]\s?[-+*/]\s?\d")


def answer_kind(answer: str | None, *, choices: bool = False) -> AnswerKind:
    r"""How an answer like this one is to be compared.

    >>> answer_kind("1,080"), answer_kind("(E)"), answer_kind("x^2"), answer_kind("] }")
    ('number', 'choice', 'expression', 'text')
    """
    if answer is None or not answer.strip():
        return "unknown"
    stripped = answer.strip()
    if len(stripped) <= 200 and any(sign.isalnum() for sign in stripped):
        if _OPTION.fullmatch(stripped) and (choices or stripped.startswith("(")):
            return "choice"
        if _NUMBER.fullmatch(stripped):
            return "number"
        if _SIGNS.search(stripped):
            return "expression"
    return "choice" if choices else "text"


def reference(answer: str | None) -> str | None:
    """The answer alone where a whole solution ends in GSM8K's ``#### N``.

    >>> reference("3 + 4 = 7 #### 7")
    '7'
    """
    if answer is None or "####" not in answer:
        return answer
    return answer.rsplit("####", 1)[1].strip() or answer
