"""A study holds what was written, whole parts or none, and says clearly when it cannot."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from reasonscope.errors import SetupError
from reasonscope.traces.schema import Case, ErrorRow, Problem, Step, Trace, Verdict
from reasonscope.traces.store import SCHEMA_VERSION, Study

GOLDEN = Path(__file__).parents[1] / "golden" / "study-v1"


def small_case(text: str = "1 + 1 = 2.", question: str = "1 + 1 = ?") -> Case:
    problem = Problem.make(question, answer="2", answer_kind="number")
    trace = Trace.make(problem, text, answer="2", model="m")
    step = Step(trace_id=trace.trace_id, index=0, char_start=0, char_end=len(text), text=text)
    return Case(problem, trace, (step,))


def write_case(study: Study, key: str, case: Case) -> None:
    study.write_part("problems", key, [case.problem])
    study.write_part("steps", key, case.steps)
    study.write_part("traces", key, [case.trace])


def test_what_is_written_comes_back(tmp_path: Path) -> None:
    study = Study.create(tmp_path / "s")
    case = small_case()
    write_case(study, "a", case)
    assert list(Study.open(tmp_path / "s").all_cases()) == [case]
    assert study.trace(case.trace.trace_id[:5]) == case
    assert study.count("traces") == 1


def test_a_problem_of_two_parts_is_counted_once(tmp_path: Path) -> None:
    study = Study.create(tmp_path / "s")
    write_case(study, "a", small_case("1 + 1 = 2."))
    write_case(study, "b", small_case("Two."))
    assert study.count("problems") == 1
    assert study.count("traces") == 2
    assert len(list(study.records("problems", Problem))) == 1


def test_sql_reads_every_table_even_an_empty_one(tmp_path: Path) -> None:
    study = Study.create(tmp_path / "s")
    assert study.sql("select count(*) from verdicts").fetchall() == [(0,)]
    study.write_part(
        "verdicts",
        "a",
        [Verdict(trace_id="t", step_index=None, verifier="v", correct=None, reason="r")],
    )
    assert study.sql("select correct, step_index from verdicts").fetchall() == [(None, None)]
    with pytest.raises(SetupError, match="DuckDB"):
        study.sql("select nothing from nowhere")


def test_a_study_with_a_quote_in_its_path_is_read(tmp_path: Path) -> None:
    study = Study.create(tmp_path / "it's [odd] 100%")
    write_case(study, "a", small_case())
    assert study.count("traces") == 1


def test_no_study_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="reasonscope import"):
        Study.open(tmp_path)


@pytest.mark.parametrize("header", ["", "[]", '{"schema_version": "x"}', "{"])
def test_a_broken_header_is_a_clear_error(tmp_path: Path, header: str) -> None:
    (tmp_path / "study.json").write_text(header)
    with pytest.raises(SetupError):
        Study.open(tmp_path)


def test_a_newer_study_asks_for_an_upgrade(tmp_path: Path) -> None:
    (tmp_path / "study.json").write_text(json.dumps({"schema_version": SCHEMA_VERSION + 1}))
    with pytest.raises(SetupError, match="Upgrade"):
        Study.open(tmp_path)


def test_a_damaged_part_names_the_file(tmp_path: Path) -> None:
    study = Study.create(tmp_path / "s")
    write_case(study, "a", small_case())
    file = tmp_path / "s" / "traces" / "a.parquet"
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(SetupError, match=r"a\.parquet"):
        list(study.all_cases())


def test_a_file_where_the_study_should_be_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("not a folder")
    with pytest.raises(SetupError, match="folder"):
        Study.create(tmp_path / "s")


def test_a_trace_prefix_must_name_exactly_one(tmp_path: Path) -> None:
    study = Study.create(tmp_path / "s")
    write_case(study, "a", small_case("1 + 1 = 2."))
    write_case(study, "b", small_case("Two."))
    with pytest.raises(SetupError, match="several"):
        study.trace("")
    with pytest.raises(SetupError, match="no trace"):
        study.trace("zzz")


def test_a_failed_write_leaves_the_older_part(tmp_path: Path) -> None:
    study = Study.create(tmp_path / "s")
    row = ErrorRow(source="s", place="p", error="e")
    study.write_part("errors", "a", [row])
    with pytest.raises(Exception, match="int"):
        study.write_part("errors", "a", [ErrorRow(source=3, place="p", error="e")])  # type: ignore[arg-type]
    assert list(study.records("errors", ErrorRow)) == [row]
    assert [f.name for f in (tmp_path / "s" / "errors").iterdir()] == ["a.parquet"]


def _hold(folder: str, ready: object, release: object) -> None:
    with Study.open(folder).writing():
        ready.set()  # type: ignore[attr-defined]
        release.wait(30)  # type: ignore[attr-defined]


def test_a_second_writer_is_told_to_wait(tmp_path: Path) -> None:
    study = Study.create(tmp_path / "s")
    spawn = multiprocessing.get_context("spawn")
    ready, release = spawn.Event(), spawn.Event()
    other = spawn.Process(target=_hold, args=(str(tmp_path / "s"), ready, release))
    other.start()
    try:
        assert ready.wait(60)
        with pytest.raises(SetupError, match="another process"), study.writing():
            pass
    finally:
        release.set()
        other.join()
    with study.writing():
        pass


LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from reasonscope.traces.store import Study
from reasonscope.traces.schema import ErrorRow
import random
study = Study.open(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
noise = random.Random(0).randbytes(60_000).hex()
study.write_part("errors", "b", [ErrorRow(source=noise, place="p", error="e")])
"""


def test_a_full_disk_is_a_clear_error_and_loses_nothing(tmp_path: Path) -> None:
    """A limit on the size of files stands in for a full disk: the same failing write."""
    study = Study.create(tmp_path / "s")
    row = ErrorRow(source="s", place="p", error="e")
    study.write_part("errors", "a", [row])
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, str(tmp_path / "s")], capture_output=True, text=True
    )
    assert "SetupError: cannot write the study" in done.stderr
    assert "ulimit" in done.stderr
    assert list(study.records("errors", ErrorRow)) == [row]
    assert [f.name for f in (tmp_path / "s" / "errors").iterdir()] == ["a.parquet"]


ENDLESS = """
import sys
from reasonscope.traces.store import Study
from reasonscope.traces.schema import ErrorRow
study = Study.open(sys.argv[1])
for i in range(10**9):
    study.write_part("errors", "only", [ErrorRow(source=str(i) * 2000, place="p", error="e")])
    print(i, flush=True)
"""


def test_kill_9_in_a_write_leaves_a_whole_part(tmp_path: Path) -> None:
    Study.create(tmp_path / "s")
    for _ in range(3):
        writer = subprocess.Popen(
            [sys.executable, "-c", ENDLESS, str(tmp_path / "s")], stdout=subprocess.PIPE
        )
        assert writer.stdout is not None
        for _ in range(20):
            writer.stdout.readline()
        os.kill(writer.pid, signal.SIGKILL)
        writer.communicate()
        rows = list(Study.open(tmp_path / "s").records("errors", ErrorRow))
        assert len(rows) == 1


def test_the_golden_study_of_version_1_is_read_forever() -> None:
    study = Study.open(GOLDEN)
    cases = list(study.all_cases())
    assert [len(case.steps) for case in cases] == [3, 1]
    assert cases[0].problem.answer == "540"
    assert cases[0].trace.token_ids == (5, 6, 7)
    assert study.count("verdicts") == 2
    assert study.rows("select correct from verdicts order by step_index") == [(True,), (False,)]


def test_what_a_killed_writer_left_half_written_is_removed(tmp_path: Path) -> None:
    study = Study.create(tmp_path / "s")
    left = study.path / "traces" / ".abc.parquet.4711.tmp"
    left.parent.mkdir()
    left.write_bytes(b"half")
    with study.writing():
        assert not left.exists()
