"""Well-formed text, and the checks that records make of themselves."""

import json
import re
from collections.abc import Mapping
from typing import Any

from reasonscope.errors import InvalidRecord

_SURROGATE = re.compile("[\ud800-\udfff]")


def well_formed(text: str) -> str:
    r"""The text with lone surrogates written as their six-character JSON escapes.

    UTF-8 cannot hold a lone surrogate; the escape keeps it readable and recoverable.

    >>> well_formed("a\ud800b")
    'a\\ud800b'
    """
    return _SURROGATE.sub(lambda m: f"\\u{ord(m.group()):04x}", text)


def require(condition: bool, record: str, message: str) -> None:
    """Raise :class:`InvalidRecord` unless the condition holds."""
    if not condition:
        raise InvalidRecord(f"{record}: {message}")


def require_text(record: str, **fields: str | None) -> None:
    """Raise :class:`InvalidRecord` unless each field is well-formed text or None."""
    for name, text in fields.items():
        if text is None:
            continue
        require(isinstance(text, str), record, f"{name} must be text, found {type(text).__name__}")
        require(
            text.isascii() or _SURROGATE.search(text) is None,
            record,
            f"{name} holds a lone surrogate; pass it through well_formed() first",
        )


def require_json(record: str, extra: str) -> None:
    """Raise :class:`InvalidRecord` unless the text is a JSON object."""
    try:
        held = json.loads(extra)
    except (ValueError, RecursionError) as error:
        raise InvalidRecord(f"{record}: extra must be a JSON object: {error}") from None
    require(isinstance(held, dict), record, "extra must be a JSON object")


def extra_json(fields: Mapping[str, Any]) -> str:
    r"""Fields without a column of their own, as sorted JSON text for an ``extra`` column.

    A lone surrogate is written as the text of its escape: were it the escape itself, whoever
    reads the JSON would hold a surrogate again, which no table can store.

    >>> extra_json({"level": 3})
    '{"level": 3}'
    >>> json.loads(extra_json({"pair": "\ud800"}))
    {'pair': '\\ud800'}
    """
    written = json.dumps(fields, ensure_ascii=False, sort_keys=True, default=str)
    return _SURROGATE.sub(lambda m: f"\\\\u{ord(m.group()):04x}", written)
