"""A run that cannot learn says why and what to do, before or while it trains."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from test_rlvr import PROBLEMS, Listener, chosen
from tiny_trainee import tiny_config, word_tokenizer, write_trainee
from transformers import LlamaForCausalLM

from reasonscope.errors import SetupError
from reasonscope.training.checkpoints import faults, folder_of
from reasonscope.training.judged import Judged
from reasonscope.training.rlvr import RLSettings, train_rlvr
from reasonscope.training.rlvr.signals import _of_reward


@pytest.fixture(scope="module")
def trainee(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_trainee(tmp_path_factory.mktemp("trainee"))


# -- no signal ------------------------------------------------------------------------------


def constant(judged: Judged) -> float:
    return 0.5


def test_a_reward_that_never_differs_ends_the_run(trainee: Path, tmp_path: Path) -> None:
    listener = Listener()
    rewards = {"flat": 1.0, "length": 0.0}
    run = chosen(trainee, tmp_path, rewards=rewards, steps=9, give_up_after=3)
    with pytest.raises(SetupError, match="no signal: in 3 steps in a row") as error:
        train_rlvr(run, PROBLEMS, listener, rewards={"flat": constant})
    assert "reward 'flat' is always 0.5" in str(error.value)
    assert "'length'" not in str(error.value), "only watched: it may well differ within a group"
    assert listener.steps == [0, 1, 2]
    assert [told["constant_group_share"] for told in listener.numbers.values()] == [1.0, 1.0]
    assert faults(folder_of(tmp_path, 2)) == [], "what was saved stays"


def test_a_step_with_a_signal_begins_the_count_anew(trainee: Path, tmp_path: Path) -> None:
    """Every third step differs; three in a row would end the run, and there are never three."""
    seen: list[Judged] = []

    def now_and_then(judged: Judged) -> float:
        seen.append(judged)
        return float(len(seen)) if (len(seen) - 1) // 16 % 3 == 2 else 1.0

    run = chosen(trainee, tmp_path, rewards={"rare": 1.0}, steps=8, give_up_after=3)
    assert train_rlvr(run, PROBLEMS, rewards={"rare": now_and_then}).steps == 8


def test_a_reward_that_is_never_known_is_named(trainee: Path, tmp_path: Path) -> None:
    run = chosen(trainee, tmp_path, rewards={"broken": 1.0}, steps=9, give_up_after=2)

    def broken(judged: Judged) -> float:
        raise RuntimeError("a bug")

    with pytest.raises(SetupError, match="'broken' is unknown for every completion"):
        train_rlvr(run, PROBLEMS, rewards={"broken": broken})


def test_what_is_wrong_with_a_reward_in_words() -> None:
    assert "always 0: the problems are too hard" in _of_reward("outcome", (0.0, 0.0))
    assert "1 of 2 could not be read" in _of_reward("outcome", (0.0, None))
    assert "lies between 0 and 1" in _of_reward("outcome", (0.0, 1.0))


# -- numbers that break ---------------------------------------------------------------------


def test_a_rate_far_too_high_is_told_with_what_to_lower(trainee: Path, tmp_path: Path) -> None:
    """At a rate of 1e30 the weights overflow: the error names step, rate and a good checkpoint."""
    run = chosen(trainee, tmp_path, learning_rate=1e30, steps=9, save_every=1)
    with pytest.raises(SetupError, match=r"training broke at step \d") as error:
        train_rlvr(run, PROBLEMS)
    assert "lower the learning rate (it is 1e+30)" in str(error.value)
    assert "checkpoint of step" in str(error.value)


def test_a_loss_that_is_no_number_stops_before_it_reaches_the_weights(
    trainee: Path, tmp_path: Path
) -> None:
    """A reward of 1e38 overflows in the loss; the weights of the last checkpoint stay finite."""
    calls: list[int] = []

    def bursting(judged: Judged) -> float:
        calls.append(1)
        huge = len(calls) > 48
        return 3e38 * (-1) ** len(calls) if huge else float(len(calls) % 2)

    run = chosen(trainee, tmp_path, rewards={"bursting": 1.0}, steps=9, save_every=1, scale=False)
    with pytest.raises(SetupError, match="training broke at step 4: the") as error:
        train_rlvr(run, PROBLEMS, rewards={"bursting": bursting})
    assert "the checkpoint of step 3 is good" in str(error.value)
    kept = load_file(folder_of(tmp_path, 3) / "model.safetensors")
    assert all(bool(torch.isfinite(held).all()) for held in kept.values())


def test_a_model_that_is_broken_already_is_told(tmp_path: Path) -> None:
    folder = write_trainee(tmp_path / "model")
    held = load_file(folder / "model.safetensors")
    held["model.norm.weight"].fill_(float("nan"))
    save_file(held, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(SetupError, match="broke at step 1: the model's logits are not finite"):
        train_rlvr(chosen(folder, tmp_path / "out"), PROBLEMS)


# -- what is wrong before it begins -----------------------------------------------------------


def test_a_tokenizer_without_end_is_refused(tmp_path: Path) -> None:
    folder = write_trainee(tmp_path / "model")
    word_tokenizer(end=None).save_pretrained(folder)
    with pytest.raises(SetupError, match="has no end token"):
        train_rlvr(chosen(folder, tmp_path / "out"), PROBLEMS)
    assert not (tmp_path / "out").exists()


def test_a_file_cut_short_is_named(tmp_path: Path) -> None:
    folder = write_trainee(tmp_path / "model")
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(SetupError, match=r"model.safetensors should have .* bytes"):
        train_rlvr(chosen(folder, tmp_path / "out"), PROBLEMS)


def test_a_missing_shard_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    torch.manual_seed(0)
    LlamaForCausalLM(tiny_config()).save_pretrained(folder, max_shard_size="20KB")
    word_tokenizer().save_pretrained(folder)
    shards = sorted(folder.glob("model-*.safetensors"))
    assert len(shards) > 1
    shards[0].unlink()
    with pytest.raises(SetupError, match="cannot load"):
        train_rlvr(chosen(folder, tmp_path / "out"), PROBLEMS)


def test_a_damaged_checkpoint_is_told_before_it_is_used(trainee: Path, tmp_path: Path) -> None:
    train_rlvr(chosen(trainee, tmp_path), PROBLEMS)
    file = folder_of(tmp_path, 4) / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(SetupError, match="is damaged; remove that folder to go on from step 2"):
        train_rlvr(chosen(trainee, tmp_path), PROBLEMS)


def test_other_settings_or_problems_do_not_go_on_in_its_folder(
    trainee: Path, tmp_path: Path
) -> None:
    train_rlvr(chosen(trainee, tmp_path, steps=2), PROBLEMS)
    with pytest.raises(SetupError, match="learning_rate: the run has"):
        train_rlvr(chosen(trainee, tmp_path, steps=2, learning_rate=1e-3), PROBLEMS)
    with pytest.raises(SetupError, match="practised: the run has"):
        train_rlvr(chosen(trainee, tmp_path, steps=2), PROBLEMS[1:])


def test_a_prompt_that_leaves_no_room_is_refused(trainee: Path, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="set max_tokens to at most"):
        train_rlvr(chosen(trainee, tmp_path, max_tokens=60), PROBLEMS)


def test_no_problems_no_practice(trainee: Path, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="no problems"):
        train_rlvr(chosen(trainee, tmp_path), [])


def test_rewards_that_are_not_there_are_refused_all_at_once(trainee: Path, tmp_path: Path) -> None:
    wrong = {"profit": 1.0, "steps": 1.0, f"learned:{tmp_path / 'none.npz'}": 1.0}
    with pytest.raises(SetupError, match="cannot be paid") as told:
        train_rlvr(chosen(trainee, tmp_path, rewards=wrong), PROBLEMS)
    profit, learned = told.value.problems
    assert "no reward 'profit'" in profit
    assert profit.endswith("of steps learned:FILE, mistakes, steps")
    assert "none.npz" in learned


WRONG: dict[str, Any] = {
    "steps": 0,
    "generations": 1,
    "learning_rate": 0.0,
    "temperature": float("nan"),
    "kl": -1.0,
    "schedule": "zigzag",
    "lora_rank": 0,
    "rewards": {"outcome": 0.0},
    "warmup_steps": -1,
}


def test_all_wrong_settings_are_said_at_once() -> None:
    with pytest.raises(SetupError) as error:
        RLSettings(model="m", out="o", **WRONG)
    assert len(error.value.problems) == len(WRONG)
    for name in WRONG:
        assert any(name in said for said in error.value.problems), name


@pytest.mark.parametrize(("micro", "rows"), [(64, 16), (16, 16), (10, 8), (1, 1)])
def test_rows_together_divide_a_step(micro: int, rows: int) -> None:
    settings = RLSettings(model="m", out="o", prompts=4, generations=4, micro_batch=micro)
    assert settings.rows() == rows
    assert settings.batch % settings.rows() == 0


def test_every_device_gets_whole_groups() -> None:
    settings = RLSettings(model="m", out="o", prompts=6, generations=4, micro_batch=5)
    assert settings.rows(devices=2) == 4, "the largest divisor of 12 up to 5"
    with pytest.raises(SetupError, match="multiple of the number of devices, 4; found 6"):
        settings.rows(devices=4)


def test_step_rewards_are_told_from_others() -> None:
    settings = RLSettings(model="m", out="o", rewards={"outcome": 1.0, "steps": 0.3})
    assert settings.whole_weights == {"outcome": 1.0}
    assert settings.step_weights == {"steps": 0.3}


def test_the_state_beside_a_checkpoint_is_json(trainee: Path, tmp_path: Path) -> None:
    train_rlvr(chosen(trainee, tmp_path, steps=2), PROBLEMS)
    state = json.loads((folder_of(tmp_path, 2) / "trainer_state.json").read_text())
    assert state["global_step"] == 2
