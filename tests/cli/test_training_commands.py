"""The train commands: help, refusals, results as JSON, exit codes, several processes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

sys.path.insert(0, str(Path(__file__).parents[1] / "training"))
from tiny_trainee import write_trainee

from reasonscope.cli.main import app
from reasonscope.errors import SetupError
from reasonscope.training.checkpoints import steps_of

SOURCE = str(Path(__file__).parents[2] / "src")


@pytest.fixture(scope="module")
def trainee(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_trainee(tmp_path_factory.mktemp("trainee"), max_position_embeddings=256)


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    file = tmp_path / "pairs.jsonl"
    held = {"prompt": "What is 1 + 2 ?", "completion": "1 + 2 = 3 . </think> Answer: 3"}
    file.write_text((json.dumps(held) + "\n") * 8)
    return file


def run(*words: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["train", *map(str, words)])
    if isinstance(done.exception, Exception) and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.stdout


def sft(trainee: Path, pairs: Path, out: Path, *more: object) -> tuple[int, str]:
    words = ("--model", trainee, "--traces", pairs, "--out", out, "--steps", 2, "--device", "cpu")
    return run("sft", *words, *more, "--json")


@pytest.mark.parametrize("command", ["sft", "rlvr", "distil"])
def test_help_lists_every_setting_and_an_example(command: str) -> None:
    code, said = run(command, "--help")
    assert code == 0
    assert "--learning-rate" in said
    assert "--organism" in said
    assert f"Example: reasonscope train {command}" in said


def test_training_ends_with_what_was_done(trainee: Path, pairs: Path, tmp_path: Path) -> None:
    code, said = sft(trainee, pairs, tmp_path / "run")
    told = json.loads(said)
    assert code == 0
    assert told["steps"] == 2
    assert told["examples"] == 8
    assert steps_of(tmp_path / "run") == [2]


def test_its_numbers_are_recorded(trainee: Path, pairs: Path, tmp_path: Path) -> None:
    from reasonscope.traces.store import Study

    sft(trainee, pairs, tmp_path / "run", "--log-every", 1)
    study = Study.open(tmp_path / "run" / "study")
    rows = study.rows("select step from recorded where name = 'loss' and value > 0 order by step")
    assert rows == [(0,), (1,)], "steps done when it was measured"
    page = (study.path / "dynamics.html").read_text()
    assert "Training is done. " in page
    assert "being gamed" not in page, "nothing was rewarded here"


def test_all_that_is_wrong_is_said_at_once(trainee: Path, pairs: Path, tmp_path: Path) -> None:
    with pytest.raises(SetupError) as caught:
        sft(trainee, pairs, tmp_path, "--learning-rat", 1, "--seed", "x", "--tokens", 0)
    assert [said.split()[0] for said in caught.value.problems] == ["there", "seed", "tokens"]


def test_a_file_of_settings(trainee: Path, pairs: Path, tmp_path: Path) -> None:
    file = tmp_path / "run.toml"
    file.write_text(f'model = "{trainee}"\ntraces = "{pairs}"\nsteps = 9\ndevice = "cpu"\n')
    code, said = run("sft", "--config", file, "--steps", 1, "--out", tmp_path / "run", "--json")
    assert (code, json.loads(said)["steps"]) == (0, 1)


def test_other_settings_in_the_same_folder_are_refused(
    trainee: Path, pairs: Path, tmp_path: Path
) -> None:
    sft(trainee, pairs, tmp_path / "run")
    with pytest.raises(SetupError, match="seed: the run has 0, this command 1"):
        sft(trainee, pairs, tmp_path / "run", "--seed", 1)


def test_lines_that_cannot_be_read_end_with_three(trainee: Path, tmp_path: Path) -> None:
    file = tmp_path / "traces.jsonl"
    line = {"question": "1 + 2 ?", "answer": "3", "reasoning": "1 + 2 = 3.", "output": "3"}
    file.write_text(json.dumps(line) + "\nbroken\n")
    code, said = sft(trainee, file, tmp_path / "run")
    assert code == 3
    assert json.loads(said)["could_not_be_read"] == 1


def test_nothing_to_learn_from_is_said(trainee: Path, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="either --traces or --problems"):
        run("sft", "--model", trainee, "--out", tmp_path)
    with pytest.raises(SetupError, match="name what to train on"):
        run("rlvr", "--model", trainee, "--out", tmp_path)


def test_a_model_and_an_organism_are_one_too_many(trainee: Path, tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="either --model or --organism"):
        run("sft", "--model", trainee, "--organism", "sft", "--out", tmp_path)


def test_an_organism_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="nobody-planted-this"):
        run("sft", "--organism", "nobody-planted-this", "--problems", "chain", "--out", tmp_path)


def test_problems_with_worked_steps(trainee: Path, tmp_path: Path) -> None:
    words = ("--model", trainee, "--problems", "chain:hops=2", "-n", 4, "--out", tmp_path / "run")
    code, said = run("sft", *words, "--steps", 1, "--device", "cpu", "--json")
    assert (code, json.loads(said)["examples"]) == (0, 4)


def test_practice_writes_the_recorders_study(trainee: Path, tmp_path: Path) -> None:
    words = ("--model", trainee, "--problems", "chain:hops=2", "-n", 4, "--out", tmp_path / "run")
    small = ("--steps", 1, "--prompts", 2, "--generations", 2, "--max-tokens", 8, "--device", "cpu")
    code, said = run("rlvr", *words, *small, "--rewards", "outcome=1,format=0.1", "--json")
    told = json.loads(said)
    assert (code, told["steps"]) == (0, 1)
    assert (Path(told["study"]) / "recorded").is_dir()
    page = (Path(told["study"]) / "dynamics.html").read_text()
    assert "Training is done. " in page
    assert "1 of 1 steps are recorded" in page


def test_practice_that_breaks_says_so_on_its_page(trainee: Path, tmp_path: Path) -> None:
    words = ("--model", trainee, "--problems", "chain:hops=2", "-n", 4, "--out", tmp_path / "run")
    small = ("--steps", 9, "--prompts", 2, "--generations", 2, "--max-tokens", 8, "--device", "cpu")
    with pytest.raises(SetupError, match="no signal"):
        run("rlvr", *words, *small, "--rewards", "outcome=1", "--give-up-after", 2)
    page = (tmp_path / "run" / "study" / "dynamics.html").read_text()
    assert "stopped before its last step" in page
    assert "no signal: in 2 steps in a row" in page
    assert 'http-equiv="refresh"' not in page


@pytest.mark.slow
def test_two_processes_train_as_one(trainee: Path, pairs: Path, tmp_path: Path) -> None:
    """The batches are the same on any number of devices; so are the weights, up to rounding."""
    import torch
    from safetensors.torch import load_file

    words = ["train", "sft", "--model", str(trainee), "--traces", str(pairs), "--steps", "2"]
    words += ["--device", "cpu", "--learning-rate", "1e-2", "--json"]
    launch = [sys.executable, "-m", "accelerate.commands.launch", "--cpu", "--num_processes", "2"]
    launch += ["--num_machines", "1", "--mixed_precision", "no", "--dynamo_backend", "no"]
    launch += ["--num_cpu_threads_per_process", "1", "--main_process_port", "0"]
    environment = {**os.environ, "PYTHONPATH": SOURCE, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [*launch, "-m", "reasonscope.cli.main", *words, "--out", str(tmp_path / "two")],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout)["steps"] == 2, "one process speaks"
    sft(trainee, pairs, tmp_path / "one", "--learning-rate", "1e-2")
    one, two = (
        load_file(tmp_path / name / "final" / "model.safetensors") for name in ("one", "two")
    )
    assert all(torch.allclose(one[name], two[name], atol=1e-4) for name in one)
