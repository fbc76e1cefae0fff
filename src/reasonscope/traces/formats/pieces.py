"""The bytes of a file, piece by piece, unpacked where it is compressed.

Everything that can be unpacked is delivered before a damaged end is reported, and no piece is
larger than a few megabytes, whatever a compressed file claims to hold.
"""

import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import zstandard

from reasonscope.errors import SetupError

PIECE = 1 << 16
"""Bytes read at a time."""
GZIP_MAGIC = b"\x1f\x8b"
ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
GZIP = zlib.MAX_WBITS | 16
DEFLATE = -zlib.MAX_WBITS
_ZSTD_FEED = 1 << 10
_ZSTD_WINDOW = 1 << 27


class Broken(Exception):
    """A file ends or breaks inside its packing; all that came before has been delivered."""


def pieces(path: Path) -> Iterator[bytes]:
    """The bytes of a file, unpacked if its first bytes say gzip or zstd.

    A packing that is cut short or damaged raises Broken after the last good piece; a file that
    cannot be opened raises SetupError.
    """
    raw = _raw(path)
    first = next(raw, b"")
    whole = _chain(first, raw)
    if first.startswith(GZIP_MAGIC):
        yield from inflate(whole, GZIP)
    elif first.startswith(ZSTD_MAGIC):
        yield from unzstd(whole)
    else:
        yield from whole


def _raw(path: Path) -> Iterator[bytes]:
    try:
        handle = open(path, "rb")  # noqa: SIM115
    except OSError as error:
        raise SetupError(f"cannot open '{path}': {error.strerror}") from None
    with handle:
        while True:
            try:
                piece = handle.read(PIECE)
            except OSError as error:
                raise Broken(f"the file cannot be read on: {error.strerror}") from None
            if not piece:
                return
            yield piece


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if first:
        yield first
    yield from rest


def inflate(packed: Iterable[bytes], window: int) -> Iterator[bytes]:
    """Gzip members or a deflate stream unpacked; the good part of a damaged one first."""
    decoder = zlib.decompressobj(window)
    started = False
    for piece in packed:
        rest = piece
        while rest:
            if decoder.eof:
                rest = rest.lstrip(b"\0")
                if not rest or window == DEFLATE:
                    break
                decoder = zlib.decompressobj(window)
            started = True
            before = decoder.copy()
            try:
                out = decoder.decompress(rest, PIECE)
            except zlib.error as error:
                yield from _salvage(before, rest)
                raise Broken(f"the compressed data is damaged ({error})") from None
            if out:
                yield out
            rest = decoder.unused_data if decoder.eof else decoder.unconsumed_tail
    while not decoder.eof and (out := decoder.decompress(b"", PIECE)):
        yield out
    if started and not decoder.eof:
        raise Broken("the compressed file is cut short")


def _salvage(decoder: "zlib._Decompress", rest: bytes) -> Iterator[bytes]:
    """What a damaged piece still gives when it is fed byte by byte."""
    try:
        for at in range(len(rest)):
            out = decoder.decompress(rest[at : at + 1])
            if out:
                yield out
    except zlib.error:
        return


def unzstd(packed: Iterable[bytes]) -> Iterator[bytes]:
    """Zstandard frames unpacked, fed in small pieces so that no output piece is huge."""
    factory = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    decoder = factory.decompressobj()
    done = True
    for piece in packed:
        for start in range(0, len(piece), _ZSTD_FEED):
            rest = piece[start : start + _ZSTD_FEED]
            while rest:
                if decoder.eof:
                    decoder = factory.decompressobj()
                try:
                    out = decoder.decompress(rest)
                except zstandard.ZstdError as error:
                    raise Broken(f"the compressed data is damaged ({error})") from None
                if out:
                    yield out
                done = decoder.eof
                rest = decoder.unused_data if done else b""
    if not done:
        raise Broken("the compressed file is cut short")
