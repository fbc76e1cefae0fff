"""GGUF files converted once to a folder of safetensors, kept in the user's cache.

Transformers takes half a minute to read a GGUF file of 135M parameters and a tenth of a second
to read the converted folder (docs/models.md), so the conversion is kept.
"""

import atexit
import copy
import os
import shutil
import tempfile
import time
from contextlib import redirect_stderr, suppress
from pathlib import Path
from typing import Any

from reasonscope.errors import SetupError
from reasonscope.models.weight_files import check_folder, file_digest

_STALE_SECONDS = 24 * 3600


def cache_home() -> Path:
    """Where conversions are kept: ``REASONSCOPE_CACHE``, or ``reasonscope`` in the user's cache."""
    named = os.environ.get("REASONSCOPE_CACHE")
    if named:
        return Path(named).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "reasonscope"


def converted_folder(file: Path) -> Path:
    """A folder with the model and tokenizer of a GGUF file, in float32 safetensors.

    It is written under a temporary name and renamed, so two processes may convert at once and a
    broken conversion is never read. Where the cache cannot be written, the folder is a temporary
    one that goes when the program ends.
    """
    home = cache_home() / "models"
    target = home / f"{file.stem}-{file_digest(file)}"
    if _whole(target):
        return target
    try:
        home.mkdir(parents=True, exist_ok=True)
        _remove_stale(home)
        making = Path(tempfile.mkdtemp(prefix=".making-", dir=home))
    except OSError:
        return _convert(file, _until_exit())
    try:
        _convert(file, making)
        return _settle(making, target)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _settle(making: Path, target: Path) -> Path:
    """Give a conversion its final name, unless another process was first."""
    if target.exists() and not _whole(target):
        shutil.rmtree(target)
    with suppress(OSError):
        making.rename(target)
    if not _whole(target):
        raise SetupError(f"cannot keep the converted model at '{target}'. Is the disk full?")
    return target


def _whole(folder: Path) -> bool:
    try:
        check_folder(folder)
    except (SetupError, OSError):
        return False
    return True


def _until_exit() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="reasonscope-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _remove_stale(home: Path) -> None:
    """Remove what conversions left that were killed more than a day ago."""
    for folder in home.glob(".making-*"):
        with suppress(OSError):
            if time.time() - folder.stat().st_mtime > _STALE_SECONDS:
                shutil.rmtree(folder)


def _convert(file: Path, folder: Path) -> Path:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    where: dict[str, Any] = {
        "pretrained_model_name_or_path": str(file.parent),
        "gguf_file": file.name,
    }
    with open(os.devnull, "w") as nowhere, redirect_stderr(nowhere):  # its bar knows no switch
        read = AutoModelForCausalLM.from_pretrained(dtype="float32", **where)
    config = copy.deepcopy(read.config)
    if hasattr(config, "quantization_config"):
        del config.quantization_config  # a model with it cannot be saved
    model = type(read)(config)
    model.load_state_dict(read.state_dict())
    model.generation_config = read.generation_config
    AutoTokenizer.from_pretrained(**where).save_pretrained(folder)
    model.save_pretrained(folder)
    return folder
