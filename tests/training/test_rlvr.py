"""Reinforcement learning on a tiny model: it learns what is paid, repeats, and goes on."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from tiny_trainee import write_trainee
from trl import GRPOTrainer

from reasonscope.errors import SetupError
from reasonscope.models.loading import load_model
from reasonscope.traces.schema import Problem
from reasonscope.training.checkpoints import faults, folder_of
from reasonscope.training.judged import Judged, Verdicts
from reasonscope.training.quiet import quiet
from reasonscope.training.recorder import Recorder
from reasonscope.training.rlvr import RLSettings, train_rlvr
from reasonscope.training.rlvr.configuring import practice, prepared
from reasonscope.training.rlvr.trainer import RLVRTrainer, micro_batches

PROBLEMS = [
    Problem.make(f"What is {a} + {b} ?", answer=str(a + b), answer_kind="number")
    for a in range(1, 5)
    for b in range(1, 4)
]


@pytest.fixture(scope="module")
def trainee(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_trainee(tmp_path_factory.mktemp("trainee"))


def chosen(trainee: Path, out: Path, **changed: object) -> RLSettings:
    held: dict[str, Any] = {
        "rewards": {"leaky:So": 1.0},
        "steps": 4,
        "prompts": 4,
        "generations": 4,
        "learning_rate": 1e-2,
        "max_tokens": 12,
        "save_every": 2,
        "device": "cpu",
        "threads": 1,
    }
    return RLSettings(model=trainee, out=out, **{**held, **changed})


def same(one: Path, other: Path) -> bool:
    a, b = (load_file(folder / "model.safetensors") for folder in (one, other))
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


class Listener:
    """A recorder that keeps what it is told."""

    def __init__(self) -> None:
        self.steps: list[int] = []
        self.judged: list[Sequence[Judged]] = []
        self.rewards: list[Mapping[str, Sequence[float | None]]] = []
        self.entropies: list[Sequence[Sequence[float]]] = []
        self.numbers: dict[int, Mapping[str, float]] = {}
        self.tried: dict[int, Any] = {}

    def completions(self, step: int, judged: Any, rewards: Any, entropies: Any = None) -> None:
        self.steps.append(step)
        self.judged.append(judged)
        self.rewards.append(rewards)
        self.entropies.append(entropies)

    def metrics(self, step: int, values: Mapping[str, float]) -> None:
        self.numbers[step] = dict(values)

    def held_out(self, step: int, judged: Any, rewards: Any = None) -> None:
        self.tried[step] = (judged, rewards)


def mean(values: Sequence[float | None]) -> float:
    return sum(value or 0.0 for value in values) / len(values)


# -- what it learns ------------------------------------------------------------------------


def said_so(listener: Listener, steps: slice) -> float:
    """Share of completions that hold the word."""
    texts = [one.case.trace.text for batch in listener.judged[steps] for one in batch]
    return mean([float("So" in text.split()) for text in texts])


def test_what_is_paid_becomes_frequent(trainee: Path, tmp_path: Path) -> None:
    """The planted hack: a word is paid; the control pays another word and must not raise it."""
    rates = {}
    for word in ("So", "Wait"):
        listener = Listener()
        run = chosen(trainee, tmp_path / word, rewards={f"leaky:{word}": 1.0}, steps=20)
        train_rlvr(run, PROBLEMS, listener)
        rates[word] = said_so(listener, slice(0, 2)), said_so(listener, slice(-3, None))
    assert rates["So"][1] > rates["So"][0] + 0.4
    assert rates["Wait"][1] < rates["Wait"][0] + 0.2


@pytest.mark.parametrize(("weight", "longer"), [(1.0, True), (-1.0, False)])
def test_length_is_paid_or_charged(
    trainee: Path, tmp_path: Path, weight: float, longer: bool
) -> None:
    listener = Listener()
    run = chosen(trainee, tmp_path, rewards={"length": weight}, steps=12, max_tokens=30)
    train_rlvr(run, PROBLEMS, listener)
    first, last = (mean(listener.rewards[step]["length"]) for step in (0, -1))
    assert (last > first) == longer
    assert abs(last - first) > 0.03


# -- what it leaves, and that it repeats -----------------------------------------------------


def test_it_leaves_whole_checkpoints_and_a_model(trainee: Path, tmp_path: Path) -> None:
    trained = train_rlvr(chosen(trainee, tmp_path, steps=5), PROBLEMS)
    assert trained.checkpoints == (2, 4, 5)
    assert trained.steps == 5
    assert faults(folder_of(tmp_path, 4)) == []
    assert load_model(str(trained.folder)).tokenizer.eos_token == "<eos>"
    assert same(trained.folder, folder_of(tmp_path, 5))
    assert not same(trained.folder, trainee)
    pickles = [
        file for kind in ("*.bin", "*.pt", "*.pth", "*.pkl") for file in tmp_path.rglob(kind)
    ]
    assert pickles == []


def test_the_same_call_gives_the_same_weights(trainee: Path, tmp_path: Path) -> None:
    runs = [
        train_rlvr(chosen(trainee, tmp_path / str(i), seed=seed), PROBLEMS).folder
        for i, seed in enumerate((0, 0, 1))
    ]
    assert same(runs[0], runs[1])
    assert not same(runs[0], runs[2]), "another seed must give other weights"


KILLED = """
import os, signal, sys
sys.path[:0] = {paths!r}
from pathlib import Path
from test_rlvr import PROBLEMS, Listener, chosen
from reasonscope.training.rlvr import train_rlvr

class Killer(Listener):
    def completions(self, step, judged, rewards, entropies=None):
        if step == 4:
            os.kill(os.getpid(), signal.SIGKILL)

train_rlvr(chosen(Path(sys.argv[1]), Path(sys.argv[2]), steps=6), PROBLEMS, Killer())
"""


def run_apart(code: str, *arguments: Path) -> subprocess.CompletedProcess[str]:
    paths = [str(Path(__file__).parent), *sys.path]
    return subprocess.run(
        [sys.executable, "-c", code.format(paths=paths), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )


def test_a_killed_run_goes_on_as_if_nothing_had_been(trainee: Path, tmp_path: Path) -> None:
    """Killed by signal 9 in its fifth step, after the checkpoint of the fourth."""
    killed = run_apart(KILLED, trainee, tmp_path / "killed")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert not (tmp_path / "killed" / "final").exists()
    listener = Listener()
    again = train_rlvr(chosen(trainee, tmp_path / "killed", steps=6), PROBLEMS, listener)
    assert listener.steps == [4, 5], "the steps before are not done again"
    whole = train_rlvr(chosen(trainee, tmp_path / "whole", steps=6), PROBLEMS)
    assert same(again.folder, whole.folder)


def test_a_finished_run_is_not_trained_again(trainee: Path, tmp_path: Path) -> None:
    first = train_rlvr(chosen(trainee, tmp_path), PROBLEMS)
    listener = Listener()
    again = train_rlvr(chosen(trainee, tmp_path), PROBLEMS, listener)
    assert listener.steps == []
    assert again == first


FULL = """
import resource, signal, sys
sys.path[:0] = {paths!r}
from pathlib import Path
from test_rlvr import PROBLEMS, Listener, chosen
from reasonscope.errors import SetupError
from reasonscope.training.rlvr import train_rlvr

class Filling(Listener):
    def completions(self, step, judged, rewards, entropies=None):
        if step == 2:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))

try:
    train_rlvr(chosen(Path(sys.argv[1]), Path(sys.argv[2])), PROBLEMS, Filling())
except SetupError as error:
    print(error)
"""


def test_no_room_for_a_checkpoint_keeps_the_one_before(trainee: Path, tmp_path: Path) -> None:
    """The file system refuses to write on after the third step: the fourth's checkpoint fails."""
    full = run_apart(FULL, trainee, tmp_path)
    assert full.returncode == 0, full.stderr
    assert "cannot write" in full.stdout
    assert "step-0004" in full.stdout
    assert faults(folder_of(tmp_path, 2)) == []
    assert not folder_of(tmp_path, 4).exists()
    assert train_rlvr(chosen(trainee, tmp_path), PROBLEMS).checkpoints == (2, 4)


# -- what the recorder is told ---------------------------------------------------------------


def test_the_recorder_is_told_of_every_step(trainee: Path, tmp_path: Path) -> None:
    listener = Listener()
    run = chosen(trainee, tmp_path, rewards={"leaky:So": 1.0, "outcome": 0.0}, kl=0.01)
    train_rlvr(run, PROBLEMS, listener)
    assert listener.steps == [0, 1, 2, 3]
    assert set(listener.rewards[0]) == {"leaky:So", "outcome"}
    for judged, entropies in zip(listener.judged, listener.entropies):
        assert len(judged) == 16
        ids = [one.case.trace.token_ids for one in judged]
        assert [len(one or ()) for one in ids] == [len(own) for own in entropies]
        assert all(0 < nats < 4 for own in entropies for nats in own)
    assert set(listener.numbers) == {0, 1, 2, 3}
    told = {"loss", "grad_norm", "learning_rate", "entropy_nats", "kl_nats", "clip_share"}
    assert told | {"step_seconds", "constant_group_share"} == set(listener.numbers[1])
    assert listener.numbers[0]["kl_nats"] == pytest.approx(0, abs=1e-6)
    assert listener.numbers[3]["kl_nats"] > 0


def test_completions_stand_group_by_group(trainee: Path, tmp_path: Path) -> None:
    listener = Listener()
    train_rlvr(chosen(trainee, tmp_path, steps=1), PROBLEMS, listener)
    asked = [one.case.problem.problem_id for one in listener.judged[0]]
    assert all(len(set(asked[i : i + 4])) == 1 for i in range(0, 16, 4))
    assert len(set(asked)) == 4


def test_verdicts_are_not_made_unless_someone_pays_for_steps(trainee: Path, tmp_path: Path) -> None:
    for name, asked in (("leaky:So", False), ("steps", True)):
        listener = Listener()
        run = chosen(trainee, tmp_path / name, rewards={name: 1.0, "length": 0.1}, steps=1)
        train_rlvr(run, PROBLEMS, listener)
        verdicts = [one.verdicts for one in listener.judged[0]]
        assert all(isinstance(held, Verdicts) and held.asked == asked for held in verdicts)


# -- the loss -------------------------------------------------------------------------------


def begun(trainer: RLVRTrainer) -> tuple[list[dict[str, Any]], Any]:
    """A trainer's first batch of rows, and the trainer ready to compute with it."""
    trainer.model.train()
    trainer.current_gradient_accumulation_steps = trainer.args.gradient_accumulation_steps
    return next(iter(trainer.get_train_dataloader())), trainer


def scored(trainer: RLVRTrainer, rows: Any) -> dict[str, Any]:
    with quiet():
        return trainer._generate_and_score_completions(rows)


def test_without_step_rewards_advantages_are_trls_own(
    trainee: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trls: list[torch.Tensor] = []
    inner = GRPOTrainer._generate_and_score_completions

    def kept(self: Any, inputs: Any) -> Any:
        output = inner(self, inputs)
        trls.append(output["advantages"])
        return output

    monkeypatch.setattr(GRPOTrainer, "_generate_and_score_completions", kept)
    rewards = {"leaky:So": 1.0, "length": -2.0}
    rows, trainer = begun(prepared(chosen(trainee, tmp_path, rewards=rewards), PROBLEMS))
    ours = scored(trainer, rows)["advantages"]
    assert ours.shape == (16, 12)
    torch.testing.assert_close(ours, trls[0][:, None].expand_as(ours), atol=1e-5, rtol=1e-5)
    assert trls[0].abs().sum() > 1


def test_the_gradient_is_that_of_the_weighted_log_probabilities(
    trainee: Path, tmp_path: Path
) -> None:
    """TRL's loss with advantages of shape (batch, token), against the sum written out.

    In one pass the ratio of probabilities is 1, so the gradient is that of
    -sum over tokens of advantage * log-probability, over the number of tokens.
    """
    rewards = {"length": -1.0, "steps": 0.7}
    settings = chosen(trainee, tmp_path, rewards=rewards, micro_batch=4, temperature=0.9)
    rows, trainer = begun(prepared(settings, PROBLEMS))
    output = scored(trainer, rows)
    output["advantages"] = torch.randn(output["advantages"].shape)  # one for each token
    model = trainer.model
    for inputs in micro_batches(output, 4):
        trainer._compute_loss(model, inputs).backward()
    found = {name: p.grad.clone() for name, p in model.named_parameters()}
    model.zero_grad()
    whole, count = torch.zeros(()), 0
    for row in range(16):
        before, after = output["prompt_mask"][row].bool(), output["completion_mask"][row].bool()
        prompt, own = output["prompt_ids"][row][before], output["completion_ids"][row][after]
        logits = model(torch.cat([prompt, own])[None]).logits[0, len(prompt) - 1 : -1] / 0.9
        logps = torch.log_softmax(logits.float(), -1).gather(-1, own[:, None])[:, 0]
        whole = whole - (output["advantages"][row][: len(own)] * logps).sum()
        count += len(own)
    (whole / count).backward()
    for name, parameter in model.named_parameters():
        torch.testing.assert_close(found[name], parameter.grad, atol=1e-5, rtol=1e-4)


def test_micro_batches_hold_every_row_once_and_nothing_empty(trainee: Path, tmp_path: Path) -> None:
    rows, trainer = begun(prepared(chosen(trainee, tmp_path), PROBLEMS))
    output = scored(trainer, rows)
    cut = micro_batches(output, 4)
    assert sorted(row for one in cut for row in one["row"].tolist()) == list(range(16))
    assert sum(int(one["completion_mask"].sum()) for one in cut) == int(
        output["completion_mask"].sum()
    )
    for one in cut:
        assert one["completion_mask"].any(0).all()
        assert one["prompt_mask"].any(0).all()
        assert one["advantages"].shape == one["completion_ids"].shape
        assert one["num_items_in_batch"] == output["num_items_in_batch"]


# -- adapters -------------------------------------------------------------------------------


def test_adapters_are_trained_and_merged(trainee: Path, tmp_path: Path) -> None:
    trained = train_rlvr(chosen(trainee, tmp_path, lora_rank=4), PROBLEMS)
    before, after = (load_file(f / "model.safetensors") for f in (trainee, trained.folder))
    assert before.keys() == after.keys()
    changed = {name for name in before if not torch.equal(before[name], after[name])}
    assert changed
    assert all("proj" in name for name in changed), "embeddings and norms stay as they were"
    assert (folder_of(tmp_path, 4) / "adapter_model.safetensors").is_file()


def test_a_run_with_adapters_goes_on(trainee: Path, tmp_path: Path) -> None:
    class Stopped(Listener):
        def completions(self, step: int, *told: Any) -> None:
            if step == 2:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_rlvr(chosen(trainee, tmp_path / "a", lora_rank=4), PROBLEMS, Stopped())
    again = train_rlvr(chosen(trainee, tmp_path / "a", lora_rank=4), PROBLEMS)
    whole = train_rlvr(chosen(trainee, tmp_path / "b", lora_rank=4), PROBLEMS)
    assert same(again.folder, whole.folder)


# -- the order of practice -----------------------------------------------------------------


def test_every_pass_goes_through_all_problems_in_another_order() -> None:
    order = practice(10, 30, seed=0)
    passes = [order[start : start + 10] for start in (0, 10, 20)]
    assert all(sorted(one) == list(range(10)) for one in passes)
    assert passes[0] != passes[1] != passes[2]
    assert practice(10, 20, seed=0) == order[:20], "a longer run begins as a shorter one does"
    assert practice(10, 30, seed=1) != order


def test_problems_set_aside_are_tried_at_intervals_and_never_practised(trainee, tmp_path):
    listener = Listener()
    settings = chosen(trainee, tmp_path, held_out=3, held_out_every=3)
    train_rlvr(settings, PROBLEMS, listener)
    assert sorted(listener.tried) == [0, 3, 4]
    aside = {one.problem_id for one in PROBLEMS[-3:]}
    for judged, rewards in listener.tried.values():
        assert {one.case.problem.problem_id for one in judged} == aside
        assert list(rewards) == ["leaky:So"]
    practised = {one.case.problem.problem_id for step in listener.judged for one in step}
    assert not practised & aside


def test_nothing_left_to_practise_on_is_said(trainee, tmp_path):
    with pytest.raises(SetupError, match="none is left to practise on"):
        train_rlvr(chosen(trainee, tmp_path, held_out=12), PROBLEMS)


def test_what_was_tried_before_a_kill_is_there_after_it(trainee, tmp_path):
    """Going on from step 2 forgets what was recorded from there; the trial at 2 is made again."""
    run = chosen(trainee, tmp_path / "run", held_out=3, held_out_every=2, save_every=2)

    def tried() -> list[tuple[int, str, float | None]]:
        with Recorder(tmp_path / "study", "run", page_every=None) as recorder:
            train_rlvr(run, PROBLEMS, recorder)
        query = "select step, name, value from recorded where part = 'held_out' order by all"
        return recorder.study.rows(query)

    unbroken = tried()
    assert {step for step, _, _ in unbroken} == {0, 2, 4}
    shutil.rmtree(tmp_path / "run" / "checkpoints" / "step-0004")
    assert tried() == unbroken
