"""The recorder around TRL's own trainer: it sees what TRL sees, and changes nothing."""

from pathlib import Path
from typing import Any

import pytest
import torch
from tiny_trl import right, short, trainer, word_tokenizer

from reasonscope.traces.store import Study
from reasonscope.training.recorder import Recorder, RecorderCallback

pytestmark = [
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]


def recorded(folder: Path, **settings: Any) -> tuple[Recorder, Any]:
    recorder = Recorder(folder / "study", "tiny", word_tokenizer())
    callback = RecorderCallback(recorder, max_tokens=24)
    rewards = [callback.watching(right), callback.watching(short)]
    own = trainer(folder / "run", rewards, [callback], reward_weights=[1.0, 0.5], **settings)
    callback.follow(own)
    own.train()
    return recorder, own


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Recorder, Any]:
    return recorded(tmp_path_factory.mktemp("grpo"))


def value(study: Study, step: int, name: str, part: str = "") -> float | None:
    query = "select value from recorded where step = ? and name = ? and part = ?"
    found = study.rows(query, [step, name, part])
    assert len(found) == 1, f"{name} {part}: {found}"
    return found[0][0]


def test_every_step_is_one_part_and_nothing_failed(run: tuple[Recorder, Any]) -> None:
    recorder, _ = run
    assert recorder.failures == []
    assert recorder.steps() == [0, 1, 2]
    assert len(recorder.study.part_keys("recorded")) == 3


def test_it_measures_what_trl_logs_of_the_same_completions(run: tuple[Recorder, Any]) -> None:
    recorder, own = run
    logs = [entry for entry in own.state.log_history if "reward" in entry]
    for step, entry in enumerate(logs):
        pairs = {
            ("reward", ""): entry["reward"],
            ("reward", "right"): entry["rewards/right/mean"],
            ("reward", "short"): entry["rewards/short/mean"],
            ("length_tokens", ""): entry["completions/mean_length"],
            ("truncated_share", ""): entry["completions/clipped_ratio"],
            ("entropy_nats", ""): entry["entropy"],
            ("loss", ""): entry["loss"],
        }
        for (name, part), said in pairs.items():
            assert value(recorder.study, step, name, part) == pytest.approx(said, rel=1e-4)


def test_the_stored_sample_holds_what_was_sent_and_by_which_step(
    run: tuple[Recorder, Any],
) -> None:
    recorder, _ = run
    cases = list(recorder.study.all_cases())
    assert {case.trace.model for case in cases} == {"tiny@0", "tiny@1", "tiny@2"}
    assert all(case.trace.prompt.startswith("<bos> Add ") for case in cases)
    assert all(case.problem.answer is not None for case in cases)
    assert len({case.trace.trace_id for case in cases}) == 3 * recorder.closely


def test_a_recorded_run_trains_the_same_model_as_one_without(
    run: tuple[Recorder, Any], tmp_path: Path
) -> None:
    plain = trainer(tmp_path, [right, short], [], reward_weights=[1.0, 0.5])
    plain.train()
    pairs = zip(run[1].model.parameters(), plain.model.parameters(), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)


def test_the_trainer_is_given_back_as_it_was(run: tuple[Recorder, Any]) -> None:
    assert "_get_per_token_logps_and_entropies" not in vars(run[1])


def test_a_resumed_run_goes_on_and_replaces_nothing_twice(tmp_path: Path) -> None:
    recorded(tmp_path, max_steps=4, save_strategy="steps", save_steps=2)
    study = Study.open(tmp_path / "study")
    before = study.rows("select * from recorded where step < 2 order by all")
    recorder = Recorder(tmp_path / "study", "tiny", word_tokenizer())
    callback = RecorderCallback(recorder, max_tokens=24)
    own = trainer(tmp_path / "run", [callback.watching(right)], [callback], max_steps=3)
    own.train(resume_from_checkpoint=str(tmp_path / "run" / "checkpoint-2"))
    assert recorder.failures == []
    assert recorder.steps() == [0, 1, 2]
    assert study.rows("select * from recorded where step < 2 order by all") == before
    assert study.rows("select count(distinct model) from traces") == [(3,)]


def test_evaluation_is_recorded_as_held_out_and_not_as_training(tmp_path: Path) -> None:
    recorder, _ = recorded(
        tmp_path, max_steps=2, eval_strategy="steps", eval_steps=1, per_device_eval_batch_size=16
    )
    assert recorder.failures == []
    shares = recorder.study.rows(
        "select step, n from recorded where name = 'truth_share' and part = 'held_out' order by 1"
    )
    trained = recorder.study.rows("select n from recorded where name = 'truth_share' and part = ''")
    assert shares == [(1, 32), (2, 32)]
    assert trained == [(16,), (16,)]


def test_of_completions_that_are_not_judged_the_rewards_are_still_known(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "study", "tiny", word_tokenizer())
    callback = RecorderCallback(recorder, max_tokens=24, judged=8)
    own = trainer(tmp_path / "run", [callback.watching(short)], [callback], max_steps=1)
    own.train()
    assert recorder.failures == []
    counts = dict(
        recorder.study.rows(
            "select name, n from recorded where name in ('reward', 'truth_share') and part = ''"
        )
    )
    assert counts == {"reward": 16, "truth_share": 8}
