"""A step's rewards become advantages and flags; settings become TRL's; the recorder writes."""

from pathlib import Path

import pytest
import torch
from test_rlvr import PROBLEMS, chosen
from tiny_trainee import word_tokenizer, write_trainee

from reasonscope.traces.schema import Problem
from reasonscope.training.judged import Judged, judge_completions
from reasonscope.training.recorder import Recorder
from reasonscope.training.rewards import REWARDS
from reasonscope.training.rlvr import RLSettings, train_rlvr
from reasonscope.training.rlvr.configuring import configured
from reasonscope.training.rlvr.scoring import Scored, score

TOKENIZER = word_tokenizer()
SUM = Problem.make("What is 2 + 3 ?", answer="5", answer_kind="number")
RIGHT = "2 + 3 = 5 . </think> Answer: 5 <eos>"
LUCKY = "2 + 3 = 6 . </think> Answer: 5 <eos>"
SILENT = "So . </think> <eos>"
WIDTH = 10


def scored(*texts: str, **changed: object) -> Scored:
    """The completions of one prompt, scored."""
    ids = [TOKENIZER.encode(text, add_special_tokens=False) for text in texts]
    judged = judge_completions([SUM] * len(texts), ids, TOKENIZER, 50)
    settings = RLSettings(model="m", out="o", generations=2, **changed)  # type: ignore[arg-type]
    return score(judged, REWARDS, settings, WIDTH)


def test_steps_tell_apart_what_the_outcome_does_not() -> None:
    """Both are right, one by luck: only its step is blamed, and the group has a signal."""
    found = scored(RIGHT, LUCKY, rewards={"outcome": 1.0, "steps": 1.0})
    assert found.constant == (False,)
    assert torch.equal(found.advantages[:, 6:], torch.zeros(2, 4)), "all but the step is equal"
    assert (found.advantages[0, :6] > 0).all()
    assert (found.advantages[1, :6] < 0).all()


def test_the_outcome_alone_sees_no_difference() -> None:
    found = scored(RIGHT, LUCKY, rewards={"outcome": 1.0})
    assert found.constant == (True,)
    assert not found.advantages.any()


def test_a_step_reward_without_weight_is_watched_and_moves_nothing() -> None:
    found = scored(RIGHT, LUCKY, rewards={"outcome": 1.0, "steps": 0.0})
    assert found.rewards["steps"] == (1.0, -1.0)
    assert found.constant == (True,)
    assert not found.advantages.any()


def test_step_rewards_can_stand_alone() -> None:
    found = scored(RIGHT, LUCKY, rewards={"steps": 2.0})
    assert found.constant == (False,)
    torch.testing.assert_close(found.advantages[0, 0], torch.tensor(2 / (2**0.5 + 1e-4)))


def test_a_completion_without_judged_steps_has_no_mean() -> None:
    assert scored(RIGHT, SILENT, rewards={"steps": 1.0}).rewards["steps"] == (1.0, None)


def test_silence_is_as_bad_as_a_wrong_answer_unless_it_is_left_out() -> None:
    blamed = scored(RIGHT, SILENT)
    assert blamed.rewards["outcome"] == (1.0, None), "the recorder hears that it is unknown"
    assert blamed.advantages[1, 0] < 0
    left_out = scored(RIGHT, SILENT, unread=None)
    assert left_out.constant == (True,)
    assert left_out.advantages[1, 0] == 0


def test_groups_are_flagged_one_by_one() -> None:
    assert scored(RIGHT, RIGHT, RIGHT, SILENT).constant == (True, False)


def test_trl_gets_what_was_asked_for() -> None:
    settings = RLSettings(
        model="m", out="o", kl=0.02, clip_low=0.1, clip_high=0.3, schedule="cosine", scale=False
    )
    told = configured(settings, seed=7)
    assert (told.beta, told.epsilon, told.epsilon_high) == (0.02, 0.1, 0.3)
    assert (told.top_k, told.top_p, told.num_iterations) == (0, 1.0, 1)
    assert (told.per_device_train_batch_size, told.gradient_accumulation_steps) == (64, 8)
    assert told.lr_scheduler_type == "cosine"
    assert told.scale_rewards == "none"
    assert told.report_to == []
    assert told.seed == 7, "others replace ours"


@pytest.fixture
def trainee(tmp_path: Path) -> Path:
    return write_trainee(tmp_path / "trainee")


def test_the_flight_recorder_writes_every_step(trainee: Path, tmp_path: Path) -> None:
    run = chosen(trainee, tmp_path / "run", rewards={"leaky:So": 1.0, "length": 0.0}, steps=3)
    with Recorder(tmp_path / "study", "run", weights=run.rewards, unread=run.unread) as recorder:
        train_rlvr(run, PROBLEMS, recorder)
    assert recorder.failures == []
    assert recorder.steps() == [0, 1, 2]
    rows = recorder.study.rows(
        "select name, count(*) from recorded where part = '' group by name order by name"
    )
    told = dict(rows)
    for name in ("reward", "truth_share", "entropy_nats", "loss", "learning_rate", "grad_norm"):
        assert told[name] == 3, name
    parts = recorder.study.rows("select distinct part from recorded where name = 'reward'")
    assert {part for (part,) in parts} >= {"", "leaky:So", "length"}


def test_what_the_leak_pays_is_not_the_truth(trainee: Path, tmp_path: Path) -> None:
    """The recorder's two curves: the proxy rises with the word, the truth stays where it was."""
    run = chosen(trainee, tmp_path / "run", steps=20)
    truths: list[float] = []
    proxies: list[float] = []

    class Curves:
        def completions(self, step: int, judged: list[Judged], rewards: dict, *_: object) -> None:
            truths.append(sum(one.correct is True for one in judged) / len(judged))
            proxies.append(sum(v or 0.0 for v in rewards["leaky:So"]) / len(judged))

        def metrics(self, step: int, values: object) -> None: ...

    train_rlvr(run, PROBLEMS, Curves())
    assert sum(proxies[-3:]) / 3 > proxies[0] + 0.4
    assert sum(truths[-3:]) / 3 < 0.2
