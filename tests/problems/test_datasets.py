"""Problems from files: what is read, what becomes an error row, what is drawn."""

import contextlib
import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasonscope.errors import SetupError
from reasonscope.problems.answers import compare
from reasonscope.problems.datasets import first, load_problems, problem_of, read_problems
from reasonscope.problems.procedural import generate
from reasonscope.traces.schema import ErrorRow, Problem

GSM8K = {
    "question": "How much does Janet make?",
    "answer": "Janet sells 16 - 3 - 4 = <<16-3-4=9>>9 eggs.\n"
    "She makes 9 * 2 = $<<9*2=18>>18.\n#### 18",
}


def write(path: Path, rows: list[Any]) -> Path:
    text = "\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_worked_answer_becomes_reference_and_steps() -> None:
    problem = problem_of(GSM8K, "gsm8k")
    assert (problem.answer, problem.answer_kind, problem.family) == ("18", "number", "gsm8k")
    assert problem.steps == ("Janet sells 16 - 3 - 4 = 9 eggs.", "She makes 9 * 2 = $18.")
    assert compare("$18.00", problem).correct is True


@pytest.mark.parametrize(
    ("record", "answer"),
    [
        ({"choices": ["owl", "raven"], "answer": 1}, "(B)"),
        ({"choices": ["owl", "raven"], "answer": "B"}, "(B)"),
        ({"options": ["owl", "raven"], "answer": "(b)"}, "(B)"),
        ({"options": ["owl", "raven"], "answer": "raven"}, "(B)"),
        ({"options": {"A": "owl", "B": "raven"}, "target": "B"}, "(B)"),
        ({"choices": {"text": ["owl", "raven"], "label": ["A", "B"]}, "answerKey": "B"}, "(B)"),
        ({"choices": [{"text": "owl"}, {"text": "raven"}], "answer": 0}, "(A)"),
        ({"choices": ["2", "1"], "answer": 1}, "(B)"),
        ({"choices": ["owl", "raven"]}, None),
    ],
)
def test_multiple_choice_in_its_many_spellings(record: dict[str, Any], answer: str | None) -> None:
    problem = problem_of({"question": "Which?", **record}, "birds")
    assert problem.answer == answer
    assert problem.answer_kind == "choice"
    assert len(problem.choices) == 2


def test_a_question_with_a_plain_answer() -> None:
    problem = problem_of({"problem": "1 + 1?", "answer": 2, "level": 3}, "sums")
    assert problem.answer == "2"
    assert json.loads(problem.extra) == {"level": 3}
    assert compare("2", problem).correct is True


def test_a_question_without_an_answer_has_no_reference() -> None:
    assert problem_of({"question": "Why?"}, "x").answer is None


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"question": 5},
        {"question": "  "},
        {"question": "?", "answer": ["a"]},
        {"question": "?", "choices": "ab", "answer": "a"},
        {"question": "?", "choices": ["a", None], "answer": "a"},
        {"question": "?", "choices": ["a", "b"], "answer": "c"},
        {"question": "?", "choices": ["a", "b"], "answer": 2},
        {"question": "?", "choices": list(range(40)), "answer": 2},
    ],
)
def test_a_record_of_another_shape_is_refused_with_a_reason(record: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"expected|none of"):
        problem_of(record, "x")


def test_bad_lines_are_error_rows_and_the_rest_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "mixed.jsonl", [GSM8K, "{broken", "[1]", "", {"question": "Why?"}])
    rows = list(read_problems(path))
    problems = [row for row in rows if isinstance(row, Problem)]
    errors = [row for row in rows if isinstance(row, ErrorRow)]
    assert len(problems) == 2
    assert [error.place for error in errors] == ["line 2", "line 3"]
    assert errors[0].excerpt == "{broken\n"
    assert problems[0].family == "mixed"


def test_lone_surrogates_and_bad_bytes_are_kept_readable(tmp_path: Path) -> None:
    path = tmp_path / "odd.jsonl"
    path.write_bytes(b'{"question": "a\\ud800b"}\n\xff\xfe\n')
    rows = list(read_problems(path))
    assert isinstance(rows[0], Problem)
    assert rows[0].question == "a\\ud800b"
    assert isinstance(rows[1], ErrorRow)


def test_deep_nesting_is_an_error_row(tmp_path: Path) -> None:
    rows = list(read_problems(write(tmp_path / "deep.jsonl", ["[" * 100_000, GSM8K])))
    assert isinstance(rows[0], ErrorRow)
    assert isinstance(rows[1], Problem)


def test_a_compressed_file_is_read_and_a_cut_one_says_so(tmp_path: Path) -> None:
    packed = gzip.compress("\n".join(json.dumps(GSM8K) for _ in range(500)).encode())
    whole, cut = tmp_path / "whole.jsonl.gz", tmp_path / "cut.jsonl.gz"
    whole.write_bytes(packed)
    cut.write_bytes(packed[: len(packed) // 2])
    assert len(list(read_problems(whole))) == 500
    last = list(read_problems(cut))[-1]
    assert isinstance(last, ErrorRow)
    assert "cannot be read on" in last.error


def numbered(tmp_path: Path, count: int) -> Path:
    rows = [{"question": f"{k} + 1?", "answer": k + 1} for k in range(count)]
    return write(tmp_path / "sums.jsonl", [*rows, "broken"])


def test_a_draw_is_seeded_in_order_and_loses_no_error(tmp_path: Path) -> None:
    path = str(numbered(tmp_path, 50))
    drawn = list(load_problems(path, 10, 0))
    problems = [row for row in drawn if isinstance(row, Problem)]
    places = [int(p.question.split()[0]) for p in problems]
    assert len(problems) == 10
    assert places == sorted(places)
    assert sum(isinstance(row, ErrorRow) for row in drawn) == 1
    assert list(load_problems(path, 10, 0)) == drawn
    assert list(load_problems(path, 10, 1)) != drawn
    assert len(list(load_problems(path, None, 0))) == 51
    assert len(list(load_problems(path, 0, 0))) == 1


def test_every_source_has_one_name(tmp_path: Path) -> None:
    assert [p.family for p in first("chain", 2)] == ["chain", "chain"]
    assert [p.family for p in first("gym:gcd", 1)] == ["gym:gcd"]
    assert [p.family for p in first(str(numbered(tmp_path, 3)), 2)] == ["sums", "sums"]


def test_an_unknown_source_lists_what_there_is() -> None:
    with pytest.raises(SetupError) as caught:
        load_problems("nowhere.jsonl", 1, 0)
    listed = "\n".join(caught.value.problems)
    assert "countdown: " in listed
    assert "chain_sum" in listed
    assert "JSONL" in listed


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
            st.sampled_from(["question", "answer", "choices", "options", "text", "x"]), inner
        ),
        max_leaves=8,
    )
)  # fmt: skip
def test_any_record_is_a_problem_or_a_reason(record: Any) -> None:
    if isinstance(record, dict):
        with contextlib.suppress(ValueError):
            assert problem_of(record, "fuzz").question


@pytest.mark.shared
def test_gsm8k_is_read_whole(shared_data: Path) -> None:
    rows = list(read_problems(shared_data / "gsm8k" / "test.jsonl"))
    assert len(rows) > 500
    assert all(isinstance(row, Problem) and row.answer_kind == "number" for row in rows)
    assert all(compare(str(p.answer), p).correct is True for p in rows if isinstance(p, Problem))


def test_a_family_may_carry_its_difficulty() -> None:
    problems = list(load_problems("chain:hops=2,distractors=0", 3, seed=0))
    assert problems == list(generate("chain", 3, 0, hops=2, distractors=0))


@pytest.mark.parametrize(
    "spec", ["chain:hops", "chain:hops=many", "chain:hops=-1", "chain:hops=99"]
)
def test_a_difficulty_that_makes_no_sense_is_refused(spec: str) -> None:
    with pytest.raises(SetupError):
        list(load_problems(spec, 1, seed=0))
