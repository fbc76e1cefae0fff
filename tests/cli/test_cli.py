"""The command line: a thin shell with clear errors and exit codes (0 done, 2 fix, 3 partly)."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from reasonscope.cli.main import app

COMMANDS = ["import", "measure", "report", "export", "formats", "show", "sql", "run", "calibrate"]


def call(*words: object) -> subprocess.CompletedProcess[str]:
    """The real program in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", "from reasonscope.cli.main import main; main()", *map(str, words)],
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def traces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four traces, the first wrong in its step and its answer."""
    file = tmp_path_factory.mktemp("cli") / "t.jsonl"
    rows = [
        {
            "question": f"What is {i} + 1 ?",
            "answer": str(i + 1),
            "reasoning": f"We compute {i} + 1 = {i + 1 + (i == 0)}. That settles it.",
            "response": f"The answer is {i + 1 + (i == 0)}.",
        }
        for i in range(4)
    ]
    file.write_text("\n".join(json.dumps(row) for row in rows))
    return file


@pytest.fixture(scope="module")
def study(traces: Path) -> Path:
    """The four traces, imported, measured and reported by the command line."""
    folder = traces.parent / "study"
    for words in (("import", traces, "--out", folder), ("measure", folder), ("report", folder)):
        done = call(*words)
        assert done.returncode == 0, done.stderr
    return folder


def test_the_main_job_ends_with_a_page(study: Path) -> None:
    assert (study / "report.html").read_text().startswith("<!doctype html>")


def test_findings_as_json_have_the_promised_keys(study: Path) -> None:
    done = call("measure", study, "--json")
    findings = json.loads(done.stdout)
    assert {f["name"] for f in findings} >= {"accuracy_share", "false_step_share"}
    for finding in findings:
        assert {"instrument", "name", "value", "low", "high", "n", "control"} <= set(finding)
    accuracy = next(f for f in findings if f["name"] == "accuracy_share")
    assert (accuracy["value"], accuracy["n"]) == (0.75, 4)
    assert json.loads(call("report", study, "--json").stdout) == findings


def test_measure_says_first_how_often_the_answers_are_right(study: Path) -> None:
    said = call("measure", study).stdout.splitlines()
    assert said[0] == "What was found"
    assert said[1].startswith("  · 75 % of the final answers")


def test_show_names_the_wrong_step(study: Path) -> None:
    wrong = call("sql", study, "select trace_id from verdicts where not correct", "--json").stdout
    done = call("show", study, json.loads(wrong)[0]["trace_id"][:8])
    assert done.returncode == 0
    assert "0 + 1 = 2" in done.stdout


def test_export_can_be_imported_again(study: Path, tmp_path: Path) -> None:
    assert call("export", study, "--out", tmp_path / "out.jsonl").returncode == 0
    done = call("import", tmp_path / "out.jsonl", "--out", tmp_path / "s", "--json")
    assert json.loads(done.stdout)["new"] == 4


def test_unreadable_lines_end_with_exit_code_3_and_a_count(traces: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.jsonl"
    bad.write_text(traces.read_text() + "\n{broken")
    done = call("import", bad, "--out", tmp_path / "s", "--format", "jsonl")
    assert done.returncode == 3
    assert "1 unreadable" in done.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["measure", "/nowhere/study"], "no study at"),
        (["import", "/nowhere/file", "--out", "/nowhere/study"], "no such file"),
        (["import", __file__, "--out", "{tmp}/s", "--format", "magic"], "magic"),
        (["import", __file__, "--out", "{tmp}/s", "--field", "reasoning"], "OURS=KEY"),
        (["calibrate", "magic"], "no instrument 'magic'"),
        (["calibrate", "-n", "0"], "at least one"),
    ],
)
def test_what_the_user_must_fix_is_said_without_a_traceback(
    words: list[str], message: str, tmp_path: Path
) -> None:
    done = call(*(word.format(tmp=tmp_path) for word in words))
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_bad_query_is_a_clear_error(study: Path) -> None:
    done = call("sql", study, "select nothing from nowhere")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_text_has_an_example(command: str) -> None:
    done = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200"})
    assert done.exit_code == 0
    assert f"Example: reasonscope {command}" in " ".join(done.output.split())


def test_importing_the_package_is_light() -> None:
    code = (
        "import sys, reasonscope; "
        "heavy = {'torch', 'transformers', 'pyarrow', 'duckdb', 'altair', 'numpy', 'z3'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
