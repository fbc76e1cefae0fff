"""A page written whole: whoever opens it sees the old one or the new one, never half of one."""

import os
from pathlib import Path

from reasonscope.errors import SetupError


def write_whole(path: Path, text: str, what: str, cure: str = "") -> Path:
    """Write a page under a temporary name and rename it.

    Args:
        path: where it is to stand.
        text: the page; what UTF-8 cannot say is written as an escape.
        what: what it is, for the error, such as ``the page``.
        cure: what to do if it cannot be written, as a sentence.

    Raises:
        SetupError: the file cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        try:
            temporary.write_bytes(text.encode("utf-8", "backslashreplace"))
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        said = f"cannot write {what} '{path}': {error.strerror}. {cure}"
        raise SetupError(said.rstrip()) from error
    return path
