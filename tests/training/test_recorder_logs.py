"""The reader of TRL's logs, on logs that TRL itself has just written."""

import json
from pathlib import Path
from typing import Any

import pytest
from tiny_trl import right, short, trainer

from reasonscope.dynamics.logs import import_log, read_log
from reasonscope.dynamics.recorded import Recorded
from reasonscope.errors import SetupError
from reasonscope.traces.schema import ErrorRow
from reasonscope.traces.store import Study

pytestmark = [
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    folder = tmp_path_factory.mktemp("logs") / "sums"
    own = trainer(
        folder, [right, short], [], log_completions=True, save_strategy="steps", save_steps=3
    )
    own.train()
    return folder, own.state.log_history


def test_a_run_folder_is_found_and_named_after_itself(run: tuple[Path, Any]) -> None:
    folder, history = run
    rows = [row for row in read_log(folder) if isinstance(row, Recorded)]
    assert {row.run for row in rows} == {"sums"}
    held = {(row.step, row.name, row.part): row.value for row in rows if row.n is None}
    for step, entry in enumerate(entry for entry in history if "reward" in entry):
        assert held[step, "reward", ""] == entry["reward"]
        assert held[step, "reward", "short"] == entry["rewards/short/mean"]
        assert held[step, "entropy_nats", ""] == entry["entropy"]
        assert held[step, "completions/min_length", ""] == entry["completions/min_length"]


def test_the_same_state_read_alone_has_the_runs_name(run: tuple[Path, Any]) -> None:
    rows = list(read_log(run[0] / "checkpoint-3" / "trainer_state.json"))
    assert {row.run for row in rows if isinstance(row, Recorded)} == {"sums"}


def test_completions_become_traces_of_the_model_before_the_update(
    run: tuple[Path, Any], tmp_path: Path
) -> None:
    summary = import_log(run[0], tmp_path / "study")
    study = Study.open(tmp_path / "study")
    assert (summary.run, summary.steps, summary.traces) == ("sums", 3, 48)
    counted = study.rows("select model, count(*) from traces group by all order by all")
    assert counted == [("sums@0", 16), ("sums@1", 16), ("sums@2", 16)]
    assert import_log(run[0], tmp_path / "study").rows == 0
    assert study.count("traces") == 48


def test_completions_alone_give_the_means_that_trl_logged(run: tuple[Path, Any]) -> None:
    rows = [row for row in read_log(run[0] / "completions") if isinstance(row, Recorded)]
    said = [entry["rewards/short/mean"] for entry in run[1] if "reward" in entry]
    found = {row.step: row for row in rows if row.part == "short"}
    for step, value in enumerate(said):
        assert found[step].value == pytest.approx(value, rel=1e-4)
        assert found[step].error is not None


def test_the_summary_at_the_end_belongs_to_no_step(run: tuple[Path, Any]) -> None:
    assert any("train_runtime" in entry for entry in run[1])
    assert not any(
        row.name == "train_runtime" for row in read_log(run[0]) if isinstance(row, Recorded)
    )


def state(folder: Path, text: str) -> Path:
    file = folder / "trainer_state.json"
    file.write_text(text)
    return file


def test_nan_is_unknown_and_counted(tmp_path: Path) -> None:
    file = state(tmp_path, '{"log_history": [{"step": 1, "loss": NaN, "kl": Infinity}]}')
    assert import_log(file, tmp_path / "study", run="r").unknown == 2


def test_a_truncated_state_is_an_error_row(tmp_path: Path) -> None:
    file = state(tmp_path, json.dumps({"log_history": [{"step": 1, "loss": 0.5}]})[:-4])
    assert [type(row) for row in read_log(file, "trl")] == [ErrorRow]
    assert import_log(file, tmp_path / "study", "trl").errors == 1


@pytest.mark.parametrize("record", ["{}", '{"step": -1}', '{"step": "1"}', "3", '{"step": 1e400}'])
def test_an_entry_without_a_step_is_an_error_row(tmp_path: Path, record: str) -> None:
    file = state(tmp_path, f'{{"log_history": [{record}, {{"step": 2, "loss": 1}}]}}')
    found = list(read_log(file))
    assert [type(row) for row in found] == [ErrorRow, Recorded]


def test_an_unknown_path_or_format_says_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="no such file"):
        list(read_log(tmp_path / "nothing"))
    with pytest.raises(SetupError, match="trl, verl"):
        list(read_log(tmp_path, "wandb"))
    with pytest.raises(SetupError, match="holds no log"):
        list(read_log(tmp_path))
