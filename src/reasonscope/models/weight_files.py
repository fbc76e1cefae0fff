"""Weights on disk: whether they are whole, and a hash that tells checkpoints apart. No torch."""

import hashlib
import json
from pathlib import Path

from reasonscope.errors import SetupError

_BLOCK = 1 << 16
_BLOCKS = 64
_HEADER_LIMIT = 100 << 20


def check_folder(folder: Path) -> None:
    """Raise :class:`SetupError` unless the folder holds a config and whole safetensors files.

    All that is wrong is listed at once. A file cut short is found from its own header, before
    anything is loaded.
    """
    wrong = []
    if not (folder / "config.json").is_file():
        wrong.append("there is no config.json")
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        pickled = any(folder.glob("*.bin")) or any(folder.glob("*.pt"))
        wrong.append(
            "its weights are pickles, which can run code; save them again with "
            "model.save_pretrained(folder, safe_serialization=True)"
            if pickled
            else "there is no *.safetensors file"
        )
    wrong += [f"{file.name} {fault}" for file in files if (fault := _fault(file))]
    if wrong:
        raise SetupError(f"cannot load a model from '{folder}'", wrong)


def _fault(file: Path) -> str | None:
    """What is wrong with a safetensors file; None: it is whole."""
    size = file.stat().st_size
    with open(file, "rb") as handle:
        length = int.from_bytes(handle.read(8), "little")
        if size < 8 or length > min(size - 8, _HEADER_LIMIT):
            return "is not a safetensors file, or its start was lost; copy it again"
        try:
            header = json.loads(handle.read(length))
            ends = [held["data_offsets"][1] for key, held in header.items() if key[:2] != "__"]
            expected = 8 + length + max(ends, default=0)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
            return "has a header that cannot be read; copy it again"
    if size != expected:
        return f"should have {expected:,} bytes and has {size:,}: copy it again"
    return None


def folder_digest(folder: Path) -> str:
    """A hash of a checkpoint's config and weights, 16 hexadecimal digits.

    Decision: of each weights file it reads the size and 64 blocks of 64 KiB spread evenly, so
    that it costs milliseconds; checkpoints that differ only between the blocks look alike.
    """
    digest = hashlib.blake2b(digest_size=8)
    for file in [folder / "config.json", *sorted(folder.glob("*.safetensors"))]:
        digest.update(f"{file.name} {file.stat().st_size}\n".encode())
        _update(digest, file)
    return digest.hexdigest()


def file_digest(file: Path) -> str:
    """A hash of one weights file, as :func:`folder_digest` makes it."""
    digest = hashlib.blake2b(digest_size=8)
    digest.update(f"{file.stat().st_size}\n".encode())
    _update(digest, file)
    return digest.hexdigest()


def _update(digest: hashlib.blake2b, file: Path) -> None:
    stride = max(_BLOCK, file.stat().st_size // _BLOCKS)
    with open(file, "rb") as handle:
        for start in range(0, max(1, file.stat().st_size), stride):
            handle.seek(start)
            digest.update(handle.read(_BLOCK))
