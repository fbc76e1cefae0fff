"""Bad input by hand, through the real program: clear errors, right exit codes, no traceback."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

PROGRAM = [sys.executable, "-c", "from reasonscope.cli.main import main; main()"]


def call(*words: object) -> subprocess.CompletedProcess[str]:
    """The real program in a process of its own."""
    return subprocess.run([*PROGRAM, *map(str, words)], capture_output=True, text=True)


def rows(count: int) -> list[dict[str, Any]]:
    return [
        {
            "question": f"What is {i} + 1 ?",
            "answer": str(i + 1),
            "reasoning": f"We compute {i} + 1 = {i + 1}. That settles it.",
            "response": f"The answer is {i + 1}.",
        }
        for i in range(count)
    ]


def write(file: Path, count: int = 3) -> Path:
    file.write_text("\n".join(json.dumps(row) for row in rows(count)))
    return file


@pytest.fixture
def study(tmp_path: Path) -> Path:
    folder = tmp_path / "study"
    assert call("import", write(tmp_path / "t.jsonl"), "--out", folder).returncode == 0
    return folder


def refused(done: subprocess.CompletedProcess[str], message: str) -> None:
    assert done.returncode == 2, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("select cast('x' as int)", "Conversion Error"),
        ("select error('made to fail')", "made to fail"),
        ("", "no query"),
    ],
)
def test_a_query_that_fails_late_is_a_clear_error(study: Path, query: str, message: str) -> None:
    refused(call("sql", study, query), message)
    refused(call("sql", study, query, "--json"), message)


def test_nan_and_infinity_are_null_in_json(study: Path) -> None:
    done = call("sql", study, "select 'nan'::double as a, '-inf'::double as b, 1.5 as c", "--json")
    assert json.loads(done.stdout) == [{"a": None, "b": None, "c": 1.5}]


@pytest.mark.parametrize("command", ["measure", "report", "show", "sql"])
def test_a_damaged_part_is_a_clear_error(study: Path, command: str) -> None:
    (part,) = (study / "traces").glob("*.parquet")
    part.write_bytes(part.read_bytes()[:100])
    refused(call(command, study, *(["from traces"] if command == "sql" else [])), part.name)


def test_a_file_name_that_is_not_utf8_can_be_imported(tmp_path: Path) -> None:
    file = write(tmp_path / os.fsdecode(b"\xff\xfe.jsonl"))
    done = call("import", file, "--out", tmp_path / "s")
    assert done.returncode == 0, done.stderr
    assert call("import", file, "--out", tmp_path / "s", "--json").returncode == 0
    assert "ufffd" not in (tmp_path / "s" / "study.json").read_text()


def test_a_study_name_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    done = call("import", write(tmp_path / "t.jsonl"), "--out", tmp_path / os.fsdecode(b"\xff"))
    refused(done, "not UTF-8")


def test_traces_imported_after_measuring_are_said_to_be_unmeasured(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    call("import", write(tmp_path / "a.jsonl", 3), "--out", folder)
    call("measure", folder)
    call("import", write(tmp_path / "b.jsonl", 5), "--out", folder)
    done = call("report", folder)
    said = " ".join(done.stderr.split())
    assert "answers, steps" in said
    assert said.count("2 traces are not measured yet") == 1, "once, not once for each instrument"
    assert "2 traces are not measured yet" in (folder / "report.html").read_text()
    call("measure", folder)
    assert "not measured" not in call("report", folder).stderr


def test_labels_that_cannot_be_read_end_the_bench_with_exit_code_3(tmp_path: Path) -> None:
    file = tmp_path / "p.jsonl"
    good = {"id": "gsm8k-0", "problem": "1 + 1 ?", "steps": ["1 + 1 = 2"], "label": -1}
    file.write_text(json.dumps(good) + '\n{"id": "gsm8k-1", "problem"')
    done = call("bench", "first-error", file, "--format", "processbench", "--json")
    assert done.returncode == 3
    assert json.loads(done.stdout)["unreadable"] == 1


@pytest.mark.parametrize("words", [["-n", -3], ["--batch", 0]])
def test_a_count_below_one_is_refused(tmp_path: Path, words: list[object]) -> None:
    refused(call("run", *words, "--out", tmp_path / "s"), "equal to 1")


def test_no_readable_problem_is_an_error_before_a_model_is_loaded(tmp_path: Path) -> None:
    file = tmp_path / "p.jsonl"
    file.write_text("{broken\n")
    refused(call("run", "--problems", file, "--out", tmp_path / "s"), "1 could not be read")


def test_an_interrupted_command_says_what_to_do(tmp_path: Path) -> None:
    file = write(tmp_path / "big.jsonl", 20_000)
    process = subprocess.Popen(
        [*PROGRAM, "import", str(file), "--out", str(tmp_path / "s")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not (tmp_path / "s" / "study.json").exists() and process.poll() is None:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    said = process.communicate()[1]
    assert process.returncode == 130
    assert "goes on where it stopped" in said
    assert "Traceback" not in said
