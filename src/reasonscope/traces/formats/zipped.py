"""The members of a zip file, one at a time, with a cap on what they may unpack to.

Python below 3.14 cannot unpack Zstandard members (method 93), so members are found by the
standard library and unpacked here.
"""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from reasonscope.errors import SetupError
from reasonscope.traces.formats.format import Wrong
from reasonscope.traces.formats.pieces import DEFLATE, PIECE, Broken, inflate, unzstd

MEMBER_LIMIT = 256 << 20
"""Most bytes that one member may unpack to."""
_STORED, _DEFLATED, _ZSTD = 0, 8, 93
_LOCAL = struct.Struct("<4s22xHH")


class Zipped:
    """A zip file open for reading; use it in a ``with`` block."""

    def __init__(self, path: Path, limit: int = MEMBER_LIMIT) -> None:
        self.path = path
        self.limit = limit
        try:
            self._zip = zipfile.ZipFile(path)
            self._handle: IO[bytes] = open(path, "rb")  # noqa: SIM115
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise SetupError(f"cannot read '{path}' as a zip file: {error}") from None
        self.members = {info.filename: info for info in self._zip.infolist()}
        self._folders: dict[str, list[str]] = {}
        for name in self.members:
            self._folders.setdefault(name.rpartition("/")[0] + "/", []).append(name)

    def __enter__(self) -> "Zipped":
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()
        self._handle.close()

    def folder(self, name: str) -> list[str]:
        """The names of the members directly in a folder, whose name ends in a slash."""
        return self._folders.get(name, [])

    def member(self, name: str) -> bytes:
        """A member, whole; Wrong if it is missing, damaged, encrypted or beyond the limit."""
        info = self.members.get(name)
        if info is None:
            raise Wrong(f"expected a member '{name}', found none")
        data = bytearray()
        try:
            for piece in self._unpacked(info):
                data += piece
                if len(data) > self.limit:
                    raise Wrong(f"expected '{name}' to unpack to at most {self.limit:,} bytes")
        except (Broken, OSError, struct.error) as error:
            raise Wrong(f"expected '{name}' whole, found it damaged: {error}") from None
        if zlib.crc32(data) != info.CRC:
            raise Wrong(f"expected '{name}' whole, found a wrong checksum")
        return bytes(data)

    def _unpacked(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        if info.flag_bits & 1:
            raise Wrong(f"expected '{info.filename}' in clear, found it encrypted")
        packed = self._packed(info)
        if info.compress_type == _STORED:
            return packed
        if info.compress_type == _DEFLATED:
            return inflate(packed, DEFLATE)
        if info.compress_type == _ZSTD:
            return unzstd(packed)
        raise Wrong(
            f"expected '{info.filename}' stored, deflated or in zstd, "
            f"found compression method {info.compress_type}"
        )

    def _packed(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        self._handle.seek(info.header_offset)
        magic, name, extra = _LOCAL.unpack(self._handle.read(_LOCAL.size))
        if magic != b"PK\x03\x04":
            raise Broken("its local header is not where the directory says")
        self._handle.seek(info.header_offset + _LOCAL.size + name + extra)
        left = info.compress_size
        while left > 0:
            piece = self._handle.read(min(PIECE, left))
            if not piece:
                raise Broken("the file is cut short")
            left -= len(piece)
            yield piece
