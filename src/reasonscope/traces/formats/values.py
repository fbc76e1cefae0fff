"""JSON values of a file, one at a time: lines, a list, or objects one after another.

Only one record is in memory at a time. Numbers beyond what can be computed with stay text, and
``NaN`` and ``Infinity`` become null, since unknown is null and NaN is never stored.
"""

import codecs
import json
import math
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from reasonscope.traces.formats.format import Found, Wrong, error_row
from reasonscope.traces.formats.pieces import PIECE, Broken, pieces
from reasonscope.traces.schema import ErrorRow

RECORD_LIMIT = 64 << 20
"""Longest line or record, in bytes or characters; a longer one is an error row."""
DIGITS = 4000
"""Integers with more digits stay text: turning them into numbers takes quadratic time."""
_HEAD = 1 << 20
_BETWEEN = re.compile(r"[\s,\]\x1e\ufeff]*")
_NEAR_END = 16


def _integer(text: str) -> int | str:
    return int(text) if len(text) <= DIGITS else text


def _number(text: str) -> float | str | None:
    if len(text) > DIGITS:
        return text
    value = float(text)
    return value if math.isfinite(value) else None


DECODER = json.JSONDecoder(
    parse_int=_integer, parse_float=_number, parse_constant=lambda _: None, strict=False
)
"""The one way we read JSON: hostile numbers cannot hurt, control characters in strings pass."""


def decode(data: bytes) -> Any:
    r"""A JSON text; bytes that are not UTF-8 become lone surrogates, nothing is dropped.

    >>> decode(b'{"a": NaN, "b": 1e999}')
    {'a': None, 'b': None}
    """
    try:
        return DECODER.decode(data.decode("utf-8", "surrogateescape").lstrip("\ufeff"))
    except json.JSONDecodeError as error:
        raise Wrong(
            f"expected JSON, found an error at character {error.pos}: {error.msg}"
        ) from None
    except RecursionError:
        raise Wrong("expected JSON, found it nested too deep to read") from None


def records(path: Path, limit: int = RECORD_LIMIT) -> Iterator[Found | ErrorRow]:
    """The JSON values of a file, each with its place; what cannot be read is an error row."""
    source = pieces(path)
    head, broken = _head(source)
    whole = _resume(head, source, broken)
    if _holds_lines(b"".join(head)):
        yield from _lines(path, whole, limit)
    else:
        yield from _values(path, whole, limit)


def _head(source: Iterator[bytes]) -> tuple[list[bytes], Broken | None]:
    head: list[bytes] = []
    size = 0
    try:
        for piece in source:
            head.append(piece)
            size += len(piece)
            if size >= _HEAD:
                break
    except Broken as error:
        return head, error
    return head, None


def _resume(head: list[bytes], source: Iterator[bytes], broken: Broken | None) -> Iterator[bytes]:
    yield from head
    if broken is not None:
        raise broken
    yield from source


def _holds_lines(head: bytes) -> bool:
    """Whether one of the first lines is a JSON object, whole."""
    first = [line for line in head.split(b"\n", 8)[:8] if line.strip()][:3]
    if not first or first[0].lstrip(b"\xef\xbb\xbf \t\r").startswith(b"["):
        return False
    return any(_is_object(line) for line in first)


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(decode(line), dict)
    except Wrong:
        return False


def _lines(path: Path, source: Iterator[bytes], limit: int) -> Iterator[Found | ErrorRow]:
    number = 0
    tail: list[tuple[int, bytes | None]] = []
    try:
        for number, line in _split(source, limit, tail):
            yield from _line(path, number, line, limit)
    except Broken as error:
        for number, line in tail:
            if line is not None and _is_object(line):
                yield from _line(path, number, line, limit)
        yield error_row(path, f"after line {number}", f"expected the file to go on: {error}")


def _line(path: Path, number: int, line: bytes | None, limit: int) -> Iterator[Found | ErrorRow]:
    place = f"line {number}"
    if line is None:
        yield error_row(path, place, f"expected at most {limit:,} bytes in a line, found more")
    elif line.strip():
        try:
            yield Found(number, "line", decode(line))
        except Wrong as error:
            yield error_row(path, place, str(error), line[:1000].decode("utf-8", "surrogateescape"))


def _split(
    source: Iterable[bytes], limit: int, tail: list[tuple[int, bytes | None]]
) -> Iterator[tuple[int, bytes | None]]:
    """Numbered lines, None for one that is too long; an unfinished last one goes to ``tail``."""
    held: list[bytes] = []
    number, size = 1, 0
    try:
        for piece in source:
            start = 0
            while (end := piece.find(b"\n", start)) >= 0:
                held.append(piece[start:end])
                yield number, b"".join(held) if size + end - start <= limit else None
                held, size, start, number = [], 0, end + 1, number + 1
            size += len(piece) - start
            held = [*held, piece[start:]] if size <= limit else []
    except Broken:
        tail.append((number, b"".join(held)))
        raise
    if size:
        yield number, b"".join(held) if size <= limit else None


class _Buffer:
    """Text that grows as it is read and forgets what is behind."""

    def __init__(self, source: Iterator[bytes]) -> None:
        self.source = source
        self.text = ""
        self.at = 0
        self.ended = False
        self.broken: Broken | None = None
        self.decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")

    def more(self) -> bool:
        """Take in as much again as is left; False at the end of the file."""
        if self.ended:
            return False
        parts = [self.text[self.at :]]
        wanted = max(PIECE, len(parts[0]))
        self.at = 0
        while wanted > 0 and not self.ended:
            part = self._next()
            parts.append(part)
            wanted -= len(part)
        self.text = "".join(parts)
        return True

    def _next(self) -> str:
        try:
            piece = next(self.source, None)
        except Broken as error:
            self.broken, piece = error, None
        self.ended = piece is None
        return self.decoder.decode(piece or b"", final=piece is None)


def _values(path: Path, source: Iterator[bytes], limit: int) -> Iterator[Found | ErrorRow]:
    buffer = _Buffer(source)
    number = 0
    key: str | None = None
    if _skip(buffer) and buffer.text[buffer.at] == "[":
        buffer.at += 1
    while _skip(buffer):
        number += 1
        outcome = _take(buffer, limit)
        if isinstance(outcome, Wrong):
            yield error_row(path, f"record {number}", str(outcome), _ahead(buffer))
            _find_next(buffer, key)
            continue
        (value,) = outcome
        if key is None and isinstance(value, dict):
            key = next(iter(value), None)
        yield Found(number, "record", value)
    if buffer.broken is not None:
        yield error_row(
            path, f"after record {number}", f"expected the file to go on: {buffer.broken}"
        )


def _ahead(buffer: _Buffer) -> str:
    return buffer.text[buffer.at : buffer.at + 200]


def _skip(buffer: _Buffer) -> bool:
    """Go to the next value; False if there is none."""
    while True:
        match = _BETWEEN.match(buffer.text, buffer.at)
        buffer.at = match.end() if match else buffer.at
        if buffer.at < len(buffer.text):
            return True
        if not buffer.more():
            return False


def _take(buffer: _Buffer, limit: int) -> tuple[Any] | Wrong:
    """The value at the buffer's place, which moves behind it; or what is wrong with it."""
    while True:
        try:
            value, buffer.at = DECODER.raw_decode(buffer.text, buffer.at)
        except RecursionError:
            return Wrong("expected JSON, found it nested too deep to read")
        except json.JSONDecodeError as error:
            wrong = _incomplete(buffer, error, limit)
            if wrong is not None:
                return wrong
        else:
            return (value,)


def _incomplete(buffer: _Buffer, error: json.JSONDecodeError, limit: int) -> Wrong | None:
    """None if there is more to read and it may mend the error."""
    cut = error.msg.startswith("Unterminated") or error.pos >= len(buffer.text) - _NEAR_END
    if cut and len(buffer.text) - buffer.at > limit:
        return Wrong(f"expected at most {limit:,} characters in a record, found more")
    if cut and buffer.more():
        return None
    if cut and buffer.broken is None:
        return Wrong(f"expected the rest of a record, found the end of the file ({error.msg})")
    if cut:
        return Wrong(f"expected the rest of a record, but {buffer.broken}")
    return Wrong(f"expected JSON, found an error at character {error.pos - buffer.at}: {error.msg}")


def _find_next(buffer: _Buffer, key: str | None) -> None:
    """Move to what looks like the start of a record: an object with the first record's key."""
    name = re.escape(json.dumps(key)) if key is not None else '"'
    start = re.compile(r"(?:[}\]][\s,\x1e]*|\n[ \t]*)(?=\{\s*" + name + ")")
    buffer.at += 1
    while True:
        match = start.search(buffer.text, buffer.at)
        if match is not None:
            buffer.at = match.end()
            return
        buffer.at = max(buffer.at, len(buffer.text) - 1000)
        if not buffer.more():
            buffer.at = len(buffer.text)
            return
