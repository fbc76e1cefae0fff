"""Supervised fine-tuning learns completions only, wastes little, and goes on after a kill."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from tiny_trainee import sums, write_trainee

from reasonscope.models.loading import load_model
from reasonscope.training.checkpoints import faults, folder_of, steps_of
from reasonscope.training.sft import TrainingProgress, train_sft
from reasonscope.training.sft_settings import SFTSettings


@pytest.fixture(scope="module")
def trainee(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_trainee(tmp_path_factory.mktemp("trainee"))


def settings(trainee: Path, out: Path, **changed: object) -> SFTSettings:
    held = {"steps": 6, "tokens": 256, "learning_rate": 1e-2, "save_every": 3, "device": "cpu"}
    return SFTSettings(model=trainee, out=out, **{**held, **changed})  # type: ignore[arg-type]


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "model.safetensors")


def same(one: Path, other: Path) -> bool:
    a, b = weights(one), weights(other)
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def test_it_learns_and_leaves_whole_checkpoints(trainee: Path, tmp_path: Path) -> None:
    told: list[TrainingProgress] = []
    run = settings(trainee, tmp_path, steps=60, save_every=30, log_every=20)
    trained = train_sft(run, sums(), progress=told.append)
    losses = [row.loss for row in told if row.loss is not None]
    assert losses[-1] < losses[0] / 2
    assert trained.checkpoints == (30, 60)
    assert trained.steps == 60
    assert faults(folder_of(tmp_path, 60)) == []
    assert load_model(str(trained.folder)).tokenizer.eos_token == "<eos>"
    assert not list(tmp_path.rglob("*.bin")) + list(tmp_path.rglob("*.pt"))


def test_the_same_call_gives_the_same_weights(trainee: Path, tmp_path: Path) -> None:
    one = train_sft(settings(trainee, tmp_path / "a"), sums())
    two = train_sft(settings(trainee, tmp_path / "b"), sums())
    other = train_sft(settings(trainee, tmp_path / "c", seed=1), sums())
    assert same(one.folder, two.folder)
    assert not same(one.folder, other.folder), "the seed shuffles"


def test_going_on_gives_the_weights_of_an_unbroken_run(trainee: Path, tmp_path: Path) -> None:
    whole = train_sft(settings(trainee, tmp_path / "whole"), sums())
    broken = settings(trainee, tmp_path / "broken")
    with pytest.raises(KeyboardInterrupt):
        train_sft(broken, sums(), progress=stop_at(5))
    assert steps_of(tmp_path / "broken") == [3]
    assert same(train_sft(broken, sums()).folder, whole.folder)


def stop_at(step: int):
    def stop(told: TrainingProgress) -> None:
        if told.step == step:
            raise KeyboardInterrupt

    return stop
