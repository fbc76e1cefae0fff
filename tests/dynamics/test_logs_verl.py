"""verl's metrics under our names: lines as its console and its file logger write them."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reasonscope.dynamics.logs import import_log, read_log
from reasonscope.dynamics.recorded import Recorded
from reasonscope.errors import SetupError
from reasonscope.traces.schema import ErrorRow
from reasonscope.traces.store import Study

LINE = (
    "\x1b[36m(TaskRunner pid=222265)\x1b[0m step:34 - actor/entropy:0.25 - actor/pg_clipfrac:0.001 "
    "- actor/kl_loss:0.0013 - actor/ppo_kl:-8.1e-06 - critic/score/mean:np.float64(0.5) "
    "- critic/rewards/mean:0.4 - response_length/mean:1267.0 - response_length/clip_ratio:0.125 "
    "- val-core/openai/gsm8k/acc/mean@1:0.508 - perf/mfu/actor:nan\n"
)


def log(folder: Path, text: str) -> Path:
    file = folder / "verl.log"
    file.write_text(text)
    return file


def numbers(path: Path) -> dict[tuple[int, str, str], float | None]:
    rows = [row for row in read_log(path, "verl", "r") if isinstance(row, Recorded)]
    return {(row.step, row.name, row.part): row.value for row in rows}


def errors(path: Path) -> list[ErrorRow]:
    return [row for row in read_log(path, "verl", "r") if isinstance(row, ErrorRow)]


def test_step_34_was_measured_after_33_updates_and_its_evaluation_after_34(tmp_path: Path) -> None:
    found = numbers(log(tmp_path, LINE))
    assert found[33, "entropy_nats", ""] == 0.25
    assert found[33, "kl_nats", ""] == 0.0013
    assert found[33, "kl_nats", "to_sampler"] == -8.1e-06
    assert found[33, "clip_share", ""] == 0.001
    assert found[33, "length_tokens", ""] == 1267
    assert found[33, "truncated_share", ""] == 0.125
    assert found[34, "val-core/openai/gsm8k/acc/mean@1", "held_out"] == 0.508


def test_the_score_is_not_the_reward(tmp_path: Path) -> None:
    found = numbers(log(tmp_path, LINE))
    assert found[33, "reward", ""] == 0.4
    assert found[33, "reward", "score"] == 0.5


def test_nan_is_unknown_and_kept_under_its_own_name(tmp_path: Path) -> None:
    assert numbers(log(tmp_path, LINE))[33, "perf/mfu/actor", ""] is None


def test_the_file_logger_says_the_same_as_the_console(tmp_path: Path) -> None:
    data = {"actor/entropy": 0.25, "val-core/gsm8k/acc/mean@1": 0.5, "note": "text", "on": True}
    found = numbers(log(tmp_path, json.dumps({"step": 34, "data": data}) + "\n"))
    assert found == {
        (33, "entropy_nats", ""): 0.25,
        (34, "val-core/gsm8k/acc/mean@1", "held_out"): 0.5,
    }


def test_a_broken_part_is_an_error_row_and_costs_no_other(tmp_path: Path) -> None:
    file = log(tmp_path, "step:2 - actor/entropy:0.3 - actor/pg_loss:0.1.2 - actor/lr:1e-06\n")
    assert numbers(file) == {(1, "entropy_nats", ""): 0.3, (1, "learning_rate", ""): 1e-06}
    assert [row.place for row in errors(file)] == ["line 1"]
    assert "actor/pg_loss:0.1.2" in errors(file)[0].excerpt


def test_what_else_a_console_says_is_no_metric_and_no_error(tmp_path: Path) -> None:
    chatter = "Training Progress: 3%| 34/1000\nfirst step: load the model\nmystep:7 - a:1\n"
    file = log(tmp_path, chatter + "step:1 - actor/entropy:0.3\n")
    assert numbers(file) == {(0, "entropy_nats", ""): 0.3}
    assert errors(file) == []


def test_a_step_logged_again_after_a_kill_replaces_the_first(tmp_path: Path) -> None:
    text = "step:1 - actor/entropy:0.3\nstep:2 - actor/entropy:0.2\nstep:2 - actor/entropy:0.1\n"
    assert numbers(log(tmp_path, text))[1, "entropy_nats", ""] == 0.1


def test_importing_twice_adds_nothing_and_errors_are_counted(tmp_path: Path) -> None:
    file = log(tmp_path, LINE + '{"step": "x"}\n{"step": 35, "actor/entropy":\n')
    first = import_log(file, tmp_path / "study", run="r")
    again = import_log(file, tmp_path / "study", run="r")
    assert (first.errors, first.unknown, first.steps) == (2, 1, 2)
    assert (first.rows, again.rows) == (10, 0)
    study = Study.open(tmp_path / "study")
    assert study.count("recorded") == 10
    assert study.count("errors") == 2


def test_dumped_rollouts_become_traces_and_means(tmp_path: Path) -> None:
    rows = [
        {"input": f"{n} + 1 = ?", "output": f"{n} + 1 = {n + 1}.", "gts": str(n + 1), "step": 10}
        | {"score": float(n % 2)}
        for n in (1, 1, 2, 2)
    ]
    file = tmp_path / "10.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    summary = import_log(file, tmp_path / "study", run="r")
    study = Study.open(tmp_path / "study")
    assert (summary.traces, summary.errors) == (4, 0)
    assert study.rows("select distinct model from traces") == [("r@9",)]
    assert study.rows("select step, value, n from recorded") == [(9, 0.5, 4)]
    assert import_log(file, tmp_path / "study", run="r").traces == 0


def test_a_file_without_a_single_number_says_so(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="holds no numbers"):
        import_log(log(tmp_path, "hello\n"), tmp_path / "study")


def test_a_line_of_ten_megabytes_is_one_error_row(tmp_path: Path) -> None:
    file = log(tmp_path, "x" * 10_000_000 + "\nstep:1 - actor/entropy:0.3\n")
    assert len(numbers(file)) == 1
    assert [row.place for row in errors(file)] == ["line 1"]


@settings(max_examples=60)
@given(st.binary(max_size=300))
def test_no_bytes_raise(tmp_path_factory: pytest.TempPathFactory, tail: bytes) -> None:
    file = tmp_path_factory.mktemp("fuzz") / "verl.log"
    file.write_bytes(b"step:1 - actor/entropy:0.5 - " + tail + b"\n{" + tail)
    list(read_log(file, "verl"))
