"""Checkpoints that are whole or not there: written aside, flushed, renamed; never a pickle.

A run's folder holds ``checkpoints/step-0100/`` and so on. Each is a model folder that transformers
opens, with the state of the training beside: ``state.json`` and ``state.safetensors`` (optimizer,
schedule, random numbers) as :func:`save_state` writes any tree of tensors and JSON values.
"""

import errno
import json
import os
import random
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file

from reasonscope.errors import SetupError
from reasonscope.models.weight_files import check_folder

STATE, TENSORS = "state.json", "state.safetensors"
_STEP = re.compile(r"step-(\d{1,12})")
_OS_ERROR = re.compile(r"os error (\d{1,4})")


def checkpoints_of(out: str | Path) -> Path:
    """The folder of a run's checkpoints."""
    return Path(out) / "checkpoints"


def folder_of(out: str | Path, step: int) -> Path:
    """Where the checkpoint of a step lies.

    >>> folder_of("run", 50).name
    'step-0050'
    """
    return checkpoints_of(out) / f"step-{step:04d}"


def step_of(folder: Path) -> int:
    """The step that a checkpoint's folder is of.

    >>> step_of(Path("run/checkpoints/step-0050"))
    50
    """
    found = _STEP.fullmatch(folder.name)
    assert found is not None, f"{folder} is not a checkpoint's folder"
    return int(found[1])


def steps_of(out: str | Path) -> list[int]:
    """The steps of a run's checkpoints, rising."""
    folders = checkpoints_of(out).glob("step-*")
    return sorted(step_of(f) for f in folders if f.is_dir() and _STEP.fullmatch(f.name))


def latest(out: str | Path) -> Path | None:
    """The newest checkpoint, checked to be whole; None: there is none yet.

    Raises:
        SetupError: It is damaged. As it was written whole, something else damaged it: the error
            says what, and which checkpoint the run would go on from without it.
    """
    steps = steps_of(out)
    if not steps:
        return None
    newest = folder_of(out, steps[-1])
    wrong = faults(newest)
    if wrong:
        before = f"step {steps[-2]}" if len(steps) > 1 else "the start"
        raise SetupError(
            f"the checkpoint '{newest}' is damaged; remove that folder to go on from {before}",
            wrong,
        )
    return newest


def faults(folder: Path) -> list[str]:
    """What is missing or cut short in a checkpoint; empty: it is whole."""
    wrong: list[str] = []
    if not (folder / "adapter_config.json").is_file():
        try:
            check_folder(folder)
        except SetupError as error:
            wrong += error.problems
    wrong += _missing_shards(folder)
    wrong += [f"there is no {name}" for name in (STATE, TENSORS) if not (folder / name).is_file()]
    for file in (*folder.glob("adapter*.safetensors"), *folder.glob(TENSORS)):
        try:
            with safe_open(file, "pt"):
                pass
        except (OSError, SafetensorError) as error:
            wrong.append(f"{file.name} cannot be read: {error}")
    return wrong


def _missing_shards(folder: Path) -> list[str]:
    """The files of weights that the index names and that are not there."""
    index = folder / "model.safetensors.index.json"
    if not index.is_file():
        return []
    try:
        named = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
    except (ValueError, KeyError, AttributeError):
        return [f"{index.name} cannot be read"]
    return [f"the shard {name} is missing" for name in sorted(named) if not _is_in(folder, name)]


def _is_in(folder: Path, name: str) -> bool:
    return (folder / Path(name).name).is_file()


# -- writing -----------------------------------------------------------------------------


@contextmanager
def whole(folder: Path) -> Iterator[Path]:
    """A temporary folder to write into, which becomes ``folder`` when all went well.

    Killed at any moment, ``folder`` is whole or not there. Where writing fails (disk full, no
    right to write), nothing is left behind, what was there before stays, and a
    :class:`SetupError` says what to do.
    """
    temporary = folder.with_name(f".{folder.name}.tmp")
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir()
        yield temporary
        _flush(temporary)
        _replace(temporary, folder)
    except (OSError, SafetensorError) as error:
        raise SetupError(f"cannot write '{folder}': {_said(error)}") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _flush(folder: Path) -> None:
    for file in [*folder.rglob("*"), folder, folder.parent]:
        handle = os.open(file, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _replace(temporary: Path, folder: Path) -> None:
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        os.rename(folder, old)
    os.rename(temporary, folder)
    shutil.rmtree(old, ignore_errors=True)


_CURES = {
    errno.ENOSPC: "the disk is full; free some space and run the same command again, which goes "
    "on from the last checkpoint",
    errno.EDQUOT: "your quota is used up; free some space and run the same command again",
    errno.EFBIG: "a file grew past the limit of this system or shell (ulimit -f); raise it and "
    "run the same command again",
    errno.EACCES: "you may not write there; choose another --out",
    errno.EROFS: "the folder is read-only; choose another --out",
    errno.ENOTDIR: "a file stands where a folder should be; choose another --out",
    errno.EEXIST: "a file stands where a folder should be; choose another --out",
}


def _said(error: Exception) -> str:
    """What the file system said, and what to do."""
    number = error.errno if isinstance(error, OSError) else None
    if number is None and (found := _OS_ERROR.search(str(error))):
        number = int(found[1])
    return _CURES.get(number or 0, f"{error}; mend this and run the same command again")


# -- state: trees of tensors and plain values --------------------------------------------


def save_state(folder: Path, state: dict[str, Any]) -> None:
    """Write a tree of mappings, lists, tensors and plain values as JSON and safetensors."""
    tensors: dict[str, torch.Tensor] = {}
    plain = _plain(state, tensors)
    save_file(tensors, folder / TENSORS)
    (folder / STATE).write_text(json.dumps(plain), encoding="utf-8")


def load_state(folder: Path) -> dict[str, Any]:
    """The tree that :func:`save_state` wrote: same keys, tuples, tensors (on the processor)."""
    try:
        plain = json.loads((folder / STATE).read_text(encoding="utf-8"))
        held = _revived(plain, load_file(folder / TENSORS))
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise SetupError(
            f"cannot read the state in '{folder}': {error}. Remove that folder to go on from the "
            "checkpoint before it."
        ) from None
    assert isinstance(held, dict), "a state is a mapping"
    return held


def _plain(value: Any, tensors: dict[str, torch.Tensor]) -> Any:
    """The tree as JSON; its tensors go to ``tensors`` under numbered names."""
    if isinstance(value, torch.Tensor):
        name = f"tensor_{len(tensors)}"
        tensors[name] = value.detach().cpu().clone().contiguous()
        return {"tensor": name}
    if isinstance(value, dict):
        return {"mapping": [[_plain(k, tensors), _plain(v, tensors)] for k, v in value.items()]}
    if isinstance(value, list | tuple):
        kind = "list" if isinstance(value, list) else "tuple"
        return {kind: [_plain(item, tensors) for item in value]}
    if isinstance(value, np.ndarray):
        return {"array": [str(value.dtype), value.tolist()]}
    if isinstance(value, np.generic):
        return value.item()
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise SetupError(f"a training state cannot hold {type(value).__name__}: {value!r:.80}")


def _revived(value: Any, tensors: dict[str, torch.Tensor]) -> Any:
    if not isinstance(value, dict):
        return value
    ((kind, held),) = value.items()
    if kind == "tensor":
        return tensors[held]
    if kind == "array":
        return np.array(held[1], dtype=held[0])
    if kind == "mapping":
        return {_revived(k, tensors): _revived(v, tensors) for k, v in held}
    items = [_revived(item, tensors) for item in held]
    return items if kind == "list" else tuple(items)


def random_state() -> dict[str, Any]:
    """Where all generators of random numbers stand: Python, numpy, torch, and each GPU."""
    return {
        "python": random.getstate(),
        "numpy": np.random.get_state(),
        "torch": torch.get_rng_state(),
        "cuda": torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [],
    }


def restore_random(state: dict[str, Any]) -> None:
    """Put all generators of random numbers back where :func:`random_state` found them."""
    random.setstate(state["python"])
    np.random.set_state(state["numpy"])
    torch.set_rng_state(state["torch"])
    if state["cuda"] and len(state["cuda"]) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all(state["cuda"])
