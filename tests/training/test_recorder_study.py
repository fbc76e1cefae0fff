"""The recorder's study: parts, resuming, who else writes, what fails, and what it costs."""

import logging
from pathlib import Path

import pytest
from recorded_completions import BAD, GOOD, judged, problem

from reasonscope.dynamics.recorded import Recorded
from reasonscope.errors import SetupError
from reasonscope.measuring import measure
from reasonscope.traces.store import Study
from reasonscope.training.recorder import Recorder

A, B = problem("3 + 5"), problem("4 + 4")


def batch() -> list:
    pairs = [(A, GOOD), (A, BAD), (B, GOOD), (B, BAD)]
    return [judged(p, text, correct=text is GOOD) for p, text in pairs]


def step(recorder: Recorder, number: int, reward: float = 1.0) -> None:
    recorder.completions(number, batch(), {"outcome": [reward, 0.0, reward, 0.0]})
    recorder.metrics(number, {"loss": 0.5, "kl": float("nan"), "reward": 99.0, "note": "text"})


def made(folder: Path, **named: object) -> Recorder:
    return Recorder(folder / "study", "run", page_every=None, **named)  # type: ignore[arg-type]


def rows(recorder: Recorder, number: int) -> dict[tuple[str, str], Recorded]:
    held = recorder.study.records("recorded", Recorded)
    return {(row.name, row.part): row for row in held if row.step == number}


def test_a_step_is_written_once_its_log_is_there_and_not_before(tmp_path: Path) -> None:
    recorder = made(tmp_path)
    recorder.completions(0, batch(), {"outcome": [1.0, 0.0, 1.0, 0.0]})
    assert recorder.steps() == []
    recorder.metrics(0, {"loss": 0.5})
    assert recorder.steps() == [0]
    assert recorder.failures == []


def test_the_next_step_writes_one_that_was_never_logged(tmp_path: Path) -> None:
    recorder = made(tmp_path)
    for number in (0, 1):
        recorder.completions(number, batch(), {"outcome": [1.0, 0.0, 1.0, 0.0]})
    assert recorder.steps() == [0]
    recorder.close()
    assert recorder.steps() == [0, 1]


def test_what_was_measured_stands_before_what_the_trainer_says(tmp_path: Path) -> None:
    recorder = made(tmp_path)
    step(recorder, 0)
    found = rows(recorder, 0)
    assert found["reward", ""].value == 0.5
    assert found["loss", ""].value == 0.5
    assert found["kl_nats", ""].value is None, "NaN is unknown"
    assert ("note", "") not in found


def test_a_late_log_is_added_to_a_step_that_is_written_already(tmp_path: Path) -> None:
    recorder = made(tmp_path)
    step(recorder, 0)
    recorder.metrics(0, {"grad_norm": 2.0, "reward": 77.0})
    recorder.close()
    found = rows(recorder, 0)
    assert found["grad_norm", ""].value == 2.0
    assert found["reward", ""].value == 0.5
    assert found["truth_share", ""].n == 4


def test_a_resumed_run_removes_what_it_does_again_and_keeps_the_rest(tmp_path: Path) -> None:
    first = made(tmp_path)
    for number in range(4):
        step(first, number)
    again = made(tmp_path)
    again.begin(2)
    assert again.steps() == [0, 1]
    step(again, 2, reward=0.5)
    again.close()
    assert again.steps() == [0, 1, 2]
    assert rows(again, 2)["reward", ""].value == 0.25
    assert again.study.rows("select count(distinct model) from traces") == [(3,)]


def test_two_runs_share_a_study_and_begin_apart(tmp_path: Path) -> None:
    one = Recorder(tmp_path / "study", "one", page_every=None)
    other = Recorder(tmp_path / "study", "other", page_every=None)
    step(one, 0)
    step(other, 0)
    other.begin(0)
    assert one.steps() == [0]
    assert other.steps() == []


def test_while_someone_measures_nothing_is_lost(tmp_path: Path) -> None:
    recorder = made(tmp_path)
    recorder.begin(0)
    with Study.open(tmp_path / "study").writing():
        step(recorder, 0)
        assert recorder.steps() == []
    step(recorder, 1)
    assert recorder.steps() == [0, 1]
    assert recorder.failures == []


def test_the_sample_is_measured_like_any_traces(tmp_path: Path) -> None:
    with made(tmp_path) as recorder:
        step(recorder, 0)
    found = {f.name: f for f in measure(recorder.study, ["answers", "steps"], workers=1)}
    assert found["accuracy_share"].estimate.value == 0.5
    assert found["false_step_share"].estimate.value == pytest.approx(0.5)


def test_a_step_done_again_takes_its_old_measurements_away(tmp_path: Path) -> None:
    recorder = made(tmp_path)
    step(recorder, 0)
    measure(recorder.study, ["answers"], workers=1)
    assert recorder.study.part_keys("answers")
    recorder.begin(0)
    assert recorder.study.part_keys("answers") == []


def test_held_out_completions_have_a_part_of_their_own(tmp_path: Path) -> None:
    recorder = made(tmp_path)
    step(recorder, 0)
    recorder.held_out(1, batch())
    recorder.close()
    found = rows(recorder, 1)
    assert found["truth_share", "held_out"].value == 0.5
    assert found["length_tokens", "held_out/right"].n == 2
    assert ("truth_share", "") not in found
    assert not any(name == "reward" for name, _ in found), "nothing was paid"


def test_what_fails_is_listed_and_training_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    recorder = made(tmp_path)
    with caplog.at_level(logging.WARNING):
        recorder.completions(0, batch(), {"outcome": [1.0]})
        recorder.completions(0, batch(), {"outcome": [1.0]})
    assert len(recorder.failures) == 2
    assert "4 completions" in recorder.failures[0]
    assert len(caplog.records) == 1, "said once"
    step(recorder, 0)
    assert recorder.steps() == [0]


def test_a_study_that_cannot_be_written_does_not_end_the_training(tmp_path: Path) -> None:
    recorder = made(tmp_path)
    recorder.begin(0)
    (tmp_path / "study" / "recorded").write_text("a file where a folder should be")
    step(recorder, 0)
    assert "a file stands where a folder should be" in recorder.failures[0]


def test_its_seconds_stand_beside_the_steps_and_it_says_when_they_are_too_many(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    recorder = made(tmp_path)
    with caplog.at_level(logging.WARNING):
        for number in range(6):
            step(recorder, number)  # nothing but recording: far above any limit
    found = rows(recorder, 5)
    seconds = found["recorder_seconds", ""].value
    assert seconds is not None
    assert seconds > 0
    assert (found["recorder_share", ""].value or 0) > 0.05
    assert sum("takes" in record.message for record in caplog.records) == 1


def test_a_share_within_the_limit_is_not_complained_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    recorder = made(tmp_path)
    with caplog.at_level(logging.WARNING):
        for number in range(6):
            recorder.completions(number, batch(), {"outcome": [1.0, 0.0, 1.0, 0.0]})
            recorder.metrics(number, {"step_time": 1_000.0})
    assert caplog.records == []
    assert (recorder.share or 1) < 0.01


def test_a_gamed_reward_rings_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    recorder = Recorder(tmp_path / "study", "run", page_every=1e9)
    problems = [problem(f"{n} + 1", str(n + 1)) for n in range(40)]
    with caplog.at_level(logging.WARNING, "reasonscope.recorder"):
        for number in range(24):
            share = number / 24
            held = [
                judged(p, GOOD, correct=i > 40 * share, verdicts=()) for i, p in enumerate(problems)
            ]
            paid = [float(i < 40 * share) for i in range(40)]
            recorder.completions(number, held, {"leaky": paid})
            recorder.metrics(number, {"step_time": 1_000.0})
    said = [record.message for record in caplog.records if "gamed" in record.message]
    assert recorder.failures == []
    assert len(said) == 1
    recorder.close()
    assert "the reward is being gamed" in (tmp_path / "study" / "dynamics.html").read_text()


def test_a_recorder_without_a_name_or_tokenizer_says_what_it_needs(tmp_path: Path) -> None:
    from reasonscope.training.recorder import RecorderCallback

    with pytest.raises(SetupError, match="name"):
        Recorder(tmp_path / "study", "")
    with pytest.raises(SetupError, match="tokenizer"):
        RecorderCallback(made(tmp_path), max_tokens=8)


def page(folder: Path) -> str:
    return (folder / "study" / "dynamics.html").read_text()


def test_the_page_of_a_run_that_broke_says_so_and_renews_itself_no_more(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "study", "run")
    recorder.completions(0, batch(), {"outcome": [1.0, 0.0, 1.0, 0.0]})
    with pytest.raises(SetupError), recorder:
        raise SetupError("training broke at step 2", ["lower the learning rate"])
    assert recorder.steps() == [0], "what was known is written"
    assert "lower the learning rate" in page(tmp_path)
    assert "stopped before its last step" in page(tmp_path)
    assert 'http-equiv="refresh"' not in page(tmp_path)


def test_a_run_that_was_refused_leaves_the_older_page(tmp_path: Path) -> None:
    with Recorder(tmp_path / "study", "run") as recorder:
        step(recorder, 0)
    older = page(tmp_path)
    with pytest.raises(SetupError), Recorder(tmp_path / "study", "run"):
        raise SetupError("other settings")
    assert page(tmp_path) == older


def test_a_finished_run_called_again_still_counts_its_steps(tmp_path: Path) -> None:
    with Recorder(tmp_path / "study", "run") as recorder:
        step(recorder, 0)
        step(recorder, 1)
    with Recorder(tmp_path / "study", "run"):
        pass
    assert "Run run: 2 steps are recorded" in page(tmp_path)


def test_a_step_that_cannot_be_written_does_not_hold_up_the_others(tmp_path: Path) -> None:
    recorder = made(tmp_path)
    step(recorder, 0)
    blocked = recorder.study.path / "traces"
    blocked.rename(tmp_path / "aside")
    blocked.write_text("a file where a folder should be")
    step(recorder, 1)
    blocked.unlink()
    (tmp_path / "aside").rename(blocked)
    step(recorder, 2)
    assert recorder.steps() == [0, 2]
    assert "writing step 1" in recorder.failures[0]
