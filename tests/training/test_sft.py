"""Supervised fine-tuning learns completions only, wastes little, and goes on after a kill."""

import dataclasses
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tiny_trainee import sums, tiny_config, word_tokenizer, write_trainee
from transformers import LlamaForCausalLM

from reasonscope.errors import SetupError
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


KILLED = """
import os, signal, sys
sys.path.insert(0, {here!r})
from pathlib import Path
from tiny_trainee import sums
from test_sft import settings
from reasonscope.training.sft import train_sft
print("ready", flush=True)
train_sft(settings(Path({trainee!r}), Path({out!r}), steps=100_000), sums())
"""


@pytest.mark.slow
def test_a_run_that_was_really_killed_goes_on(trainee: Path, tmp_path: Path) -> None:
    """SIGKILL in the middle of writing checkpoints; the rest of the run is not noticed."""
    out = tmp_path / "killed"
    code = KILLED.format(here=str(Path(__file__).parent), trainee=str(trainee), out=str(out))
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL)
    until = time.monotonic() + 120
    while len(steps_of(out)) < 2 and time.monotonic() < until and process.poll() is None:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    kept = steps_of(out)
    assert kept, "it was to be killed after its second checkpoint"
    assert all(faults(folder_of(out, step)) == [] for step in kept)
    (out / "settings.json").unlink()  # begun with steps=100_000 for the killing alone
    steps = kept[-1] + 4
    again = train_sft(settings(trainee, out, steps=steps, schedule="constant"), sums())
    assert again.steps == steps
    assert not list((out / "checkpoints").glob(".*"))


def test_killed_and_resumed_is_the_same_as_unbroken(trainee: Path, tmp_path: Path) -> None:
    code = """
import os, signal, sys
sys.path.insert(0, {here!r})
from pathlib import Path
from tiny_trainee import sums
from test_sft import settings
from reasonscope.training.sft import train_sft
def kill(told):
    if told.step == 5:
        os.kill(os.getpid(), signal.SIGKILL)
train_sft(settings(Path({trainee!r}), Path({out!r})), sums(), progress=kill)
"""
    out = tmp_path / "killed"
    text = code.format(here=str(Path(__file__).parent), trainee=str(trainee), out=str(out))
    done = subprocess.run([sys.executable, "-c", text], check=False)
    assert done.returncode == -signal.SIGKILL
    assert steps_of(out) == [3]
    resumed = train_sft(settings(trainee, out), sums())
    whole = train_sft(settings(trainee, tmp_path / "whole"), sums())
    assert same(resumed.folder, whole.folder)


def test_a_finished_run_is_not_trained_further(trainee: Path, tmp_path: Path) -> None:
    run = settings(trainee, tmp_path)
    first = weights(train_sft(run, sums()).folder)
    told: list[TrainingProgress] = []
    again = train_sft(run, sums(), progress=told.append)
    assert told == []
    assert all(torch.equal(first[name], tensor) for name, tensor in weights(again.folder).items())


def test_other_settings_or_examples_are_refused(trainee: Path, tmp_path: Path) -> None:
    run = settings(trainee, tmp_path)
    train_sft(run, sums())
    with pytest.raises(SetupError, match="seed: the run has 0, this command 3"):
        train_sft(dataclasses.replace(run, seed=3), sums())
    with pytest.raises(SetupError, match="examples_digest: the run has"):
        train_sft(run, sums(7))


def test_a_damaged_checkpoint_is_said(trainee: Path, tmp_path: Path) -> None:
    run = settings(trainee, tmp_path)
    train_sft(run, sums())
    file = folder_of(tmp_path, 6) / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-4])
    with pytest.raises(SetupError, match="remove that folder to go on from step 3"):
        train_sft(run, sums())


def test_the_loss_is_the_mean_over_completion_tokens(trainee: Path, tmp_path: Path) -> None:
    """The first logged loss, by hand: the prompt's tokens and padding have none."""
    told: list[TrainingProgress] = []
    pairs = sums(5)
    run = settings(trainee, tmp_path, steps=1, tokens=4096, log_every=1)
    train_sft(run, pairs, progress=told.append)
    loaded = load_model(str(trainee), device="cpu", dtype="float32")
    lost, count = 0.0, 0
    for prompt, completion in pairs:
        head = loaded.tokenizer.encode(prompt)
        tail = [*loaded.tokenizer.encode(completion, add_special_tokens=False), 2]
        with torch.no_grad():
            logits = loaded.model(torch.tensor([head + tail])).logits[0]
        chances = logits.log_softmax(-1)
        for place, token in enumerate(tail, start=len(head)):
            lost -= float(chances[place - 1, token])
            count += 1
    assert told[-1].loss == pytest.approx(lost / count, rel=1e-3)


def test_parts_of_a_batch_add_up_to_the_batch(trainee: Path, tmp_path: Path) -> None:
    one = train_sft(settings(trainee, tmp_path / "one"), sums())
    parts = train_sft(settings(trainee, tmp_path / "parts", accumulate=3), sums())
    a, b = weights(one.folder), weights(parts.folder)
    assert all(torch.allclose(a[name], b[name], atol=2e-3) for name in a)


def test_adapters_train_little_and_end_in_a_whole_model(trainee: Path, tmp_path: Path) -> None:
    run = settings(trainee, tmp_path, lora_rank=2)
    trained = train_sft(run, sums())
    before, after = weights(trainee), weights(trained.folder)
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    assert moved
    assert all("_proj" in name for name in moved), "embeddings and norms stay"
    assert (tmp_path / "adapter" / "adapter_model.safetensors").is_file()
    assert faults(folder_of(tmp_path, 3)) == []


def test_adapters_go_on_exactly(trainee: Path, tmp_path: Path) -> None:
    whole = train_sft(settings(trainee, tmp_path / "whole", lora_rank=2), sums())
    broken = settings(trainee, tmp_path / "broken", lora_rank=2)
    with pytest.raises(KeyboardInterrupt):
        train_sft(broken, sums(), progress=stop_at(4))
    assert same(train_sft(broken, sums()).folder, whole.folder)


def test_an_optimizer_from_outside_goes_on_exactly(trainee: Path, tmp_path: Path) -> None:
    def momentum(model: torch.nn.Module) -> torch.optim.Optimizer:
        return torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)

    whole = train_sft(settings(trainee, tmp_path / "whole"), sums(), optimizer=momentum)
    broken = settings(trainee, tmp_path / "broken")
    with pytest.raises(KeyboardInterrupt):
        train_sft(broken, sums(), optimizer=momentum, progress=stop_at(4))
    assert same(train_sft(broken, sums(), optimizer=momentum).folder, whole.folder)
    adam = train_sft(settings(trainee, tmp_path / "adam"), sums())
    assert not same(whole.folder, adam.folder)


def test_a_loss_that_is_not_a_number_ends_the_run(tmp_path: Path) -> None:
    model = LlamaForCausalLM(tiny_config())
    with torch.no_grad():
        model.model.norm.weight.fill_(float("nan"))
    model.save_pretrained(tmp_path / "broken")
    word_tokenizer().save_pretrained(tmp_path / "broken")
    with pytest.raises(SetupError, match="the loss is not finite at step 0"):
        train_sft(settings(tmp_path / "broken", tmp_path / "out"), sums())


def test_a_tokenizer_without_end_token_is_said(trainee: Path, tmp_path: Path) -> None:
    write_trainee(tmp_path / "endless")
    word_tokenizer(end=None).save_pretrained(tmp_path / "endless")
    with pytest.raises(SetupError, match="no end token"):
        train_sft(settings(tmp_path / "endless", tmp_path / "out"), sums())


def test_nothing_to_learn_from_is_said(trainee: Path, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="nothing to learn from"):
        train_sft(settings(trainee, tmp_path), [])
    with pytest.raises(SetupError, match="2 were too long"):
        train_sft(settings(trainee, tmp_path, max_length=3), sums(2))


def test_tokens_that_the_model_does_not_know_are_said(trainee: Path, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="the examples hold token 999"):
        train_sft(settings(trainee, tmp_path), [([1, 5], [999, 2])])


def test_only_the_newest_checkpoints_stay(trainee: Path, tmp_path: Path) -> None:
    run = settings(trainee, tmp_path, steps=8, save_every=2, keep_checkpoints=2)
    assert train_sft(run, sums()).checkpoints == (6, 8)


def test_token_ids_are_taken_as_they_are(trainee: Path, tmp_path: Path) -> None:
    pairs = [(np.array([1, 8, 9]), np.array([15, 2]))] * 4
    assert train_sft(settings(trainee, tmp_path, steps=1), pairs).examples == 4
