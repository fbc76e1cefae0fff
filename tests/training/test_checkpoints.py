"""Checkpoints are whole or not there, hold no pickle, and say what is wrong with them."""

import json
import resource
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tiny_trainee import write_trainee

from reasonscope.errors import SetupError
from reasonscope.training.checkpoints import (
    faults,
    folder_of,
    latest,
    load_state,
    random_state,
    restore_random,
    save_state,
    step_of,
    steps_of,
    whole,
)


def checkpoint(out: Path, step: int) -> Path:
    """A whole checkpoint of a tiny model."""
    with whole(folder_of(out, step)) as folder:
        write_trainee(folder)
        save_state(folder, {"step": step, "moment": torch.ones(3)})
    return folder_of(out, step)


def test_a_tree_of_state_comes_back_as_it_was(tmp_path: Path) -> None:
    tree = {
        "optimizer": {"state": {0: {"step": torch.tensor(3.0), "m": torch.randn(2, 3)}}},
        "groups": [{"lr": 0.1, "betas": (0.9, 0.95), "params": [0, 1], "foreach": None}],
        "numpy": ("MT19937", np.arange(4, dtype=np.uint32), 2),
        "flag": True,
        "empty": {},
    }
    save_state(tmp_path, tree)
    back = load_state(tmp_path)
    assert torch.equal(back["optimizer"]["state"][0]["m"], tree["optimizer"]["state"][0]["m"])
    assert back["groups"] == tree["groups"]
    assert back["numpy"][0] == "MT19937"
    assert back["numpy"][1].dtype == np.uint32
    assert back["flag"] is True
    assert back["empty"] == {}
    assert list(back["optimizer"]["state"]) == [0], "a whole number stays one as a key"


def test_two_names_of_one_tensor_are_both_kept(tmp_path: Path) -> None:
    tensor = torch.randn(2)
    save_state(tmp_path, {"a": tensor, "b": tensor})
    assert torch.equal(load_state(tmp_path)["b"], tensor)


def test_what_json_cannot_hold_is_said(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="cannot hold object"):
        save_state(tmp_path, {"x": object()})


def test_random_numbers_go_on_where_they_stood() -> None:
    state = random_state()
    drawn = (torch.rand(3), np.random.rand(3))
    restore_random(state)
    assert torch.equal(torch.rand(3), drawn[0])
    assert np.array_equal(np.random.rand(3), drawn[1])


def test_random_state_survives_the_disk(tmp_path: Path) -> None:
    save_state(tmp_path, random_state())
    drawn = torch.rand(3)
    restore_random(load_state(tmp_path))
    assert torch.equal(torch.rand(3), drawn)


def test_latest_is_the_highest_step_not_the_last_by_name(tmp_path: Path) -> None:
    for step in (9_999, 10_000):
        checkpoint(tmp_path, step)
    newest = latest(tmp_path)
    assert newest is not None
    assert step_of(newest) == 10_000
    assert steps_of(tmp_path) == [9_999, 10_000]


def test_no_checkpoint_yet_is_none(tmp_path: Path) -> None:
    assert latest(tmp_path) is None


def test_nothing_is_pickled(tmp_path: Path) -> None:
    folder = checkpoint(tmp_path, 1)
    endings = {file.suffix for file in folder.iterdir()}
    assert endings <= {".json", ".safetensors", ".jinja"}


def break_off(folder: Path) -> None:
    with whole(folder) as temporary:
        (temporary / "half").write_text("x")
        raise OSError(28, "No space left on device")


def test_a_failure_while_writing_leaves_nothing_and_keeps_the_old(tmp_path: Path) -> None:
    folder = checkpoint(tmp_path, 1)
    with pytest.raises(SetupError, match="disk is full"):
        break_off(folder)
    assert faults(folder) == []
    assert list(folder.parent.iterdir()) == [folder]


def test_an_own_mistake_is_not_dressed_up_as_a_full_disk(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), whole(tmp_path / "step-0001"):
        _ = 1 / 0
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_really_refuses(tmp_path: Path) -> None:
    """A limit on file size stops the weights; the earlier checkpoint stays whole."""
    first = checkpoint(tmp_path, 1)
    here, endless = str(Path(__file__).parent), resource.RLIM_INFINITY
    code = f"""
import resource, sys
from pathlib import Path
sys.path.insert(0, {here!r})
from test_checkpoints import checkpoint
from reasonscope.errors import SetupError
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, {endless}))
try:
    checkpoint(Path({str(tmp_path)!r}), 2)
except SetupError as error:
    print(error)
    sys.exit(7)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 7, done.stderr
    assert "ulimit -f" in done.stdout
    assert steps_of(tmp_path) == [1]
    assert faults(first) == []
    assert not list(first.parent.glob(".*"))


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-10])


@pytest.mark.parametrize("name", ["model.safetensors", "state.safetensors"])
def test_a_file_cut_short_is_named_and_what_to_do(tmp_path: Path, name: str) -> None:
    checkpoint(tmp_path, 1)
    cut(checkpoint(tmp_path, 2) / name)
    with pytest.raises(SetupError) as caught:
        latest(tmp_path)
    assert name in str(caught.value)
    assert "remove that folder to go on from step 1" in str(caught.value)


def test_a_missing_shard_is_named(tmp_path: Path) -> None:
    folder = checkpoint(tmp_path, 1)
    tensors = load_file(folder / "model.safetensors")
    shards = {name: f"model-0000{place % 2}.safetensors" for place, name in enumerate(tensors)}
    (folder / "model.safetensors").rename(folder / "model-00000.safetensors")
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": shards}))
    assert faults(folder) == ["the shard model-00001.safetensors is missing"]


def test_missing_state_is_said(tmp_path: Path) -> None:
    folder = checkpoint(tmp_path, 1)
    (folder / "state.json").unlink()
    with pytest.raises(SetupError, match=r"from the start[\s\S]*there is no state\.json"):
        latest(tmp_path)
