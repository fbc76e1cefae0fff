"""The public sets are read whole: the counts that their papers and files state."""

import json
from collections import Counter
from pathlib import Path

import pytest

from reasonscope.errors import SetupError
from reasonscope.traces.formats import detect, read, write
from reasonscope.traces.schema import Case, ErrorRow, Reading, Step

pytestmark = pytest.mark.shared


def good(path: Path) -> list[Reading]:
    rows = list(read(path))
    bad = [row for row in rows if isinstance(row, ErrorRow)]
    assert not bad, bad[:3]
    return rows


@pytest.mark.parametrize(
    ("place", "count", "model", "tagged"),
    [
        ("gsm8k/normal/deepseekR1", 582, "deepseek-reasoner", 581),
        ("gsm8k/normal/DSQ", 582, "DSQ", 582),
        ("gsm8k/normal/gpt4o", 582, "gpt-4o", 0),
        ("gsm8k/MiP/Qwen32", 582, "Qwen32", 0),
        ("math/normal/deepseekR1", 52, "deepseek-reasoner", 52),
        ("math/MiP/deepseekR1", 52, "deepseek-reasoner", 52),
        ("math/normal/DSQ", 52, "DSQ", 52),
        ("svamp/MiP/deepseekR1", 300, "deepseek-reasoner", 298),
        ("formula/MiP/DSQ", 50, "DSQ", 37),
        ("formula/MiP/deepseekR1", 50, "deepseek-reasoner", 50),
    ],
)
def test_missing_premises(shared_data, place, count, model, tagged):
    path = shared_data / "mip-overthinking" / "response" / place / "response.json.gz"
    assert detect(path) == "mip"
    rows = good(path)
    assert len(rows) == count
    assert {row.trace.model for row in rows} == {model}
    assert Counter(row.trace.form for row in rows)["tags"] == tagged
    assert len({row.problem.problem_id for row in rows}) == count
    answers = {row.problem.answer is None for row in rows}
    assert answers == {"MiP" in place}


def test_missing_premises_keep_every_character(shared_data):
    import gzip

    path = shared_data / "mip-overthinking/response/gsm8k/normal/deepseekR1/response.json.gz"
    source = json.loads(gzip.decompress(path.read_bytes()))
    texts = [row["deepseek-reasoner (question)"] for row in source]
    assert [row.trace.text for row in good(path)] == texts


def test_one_file_holds_every_trace_twice(shared_data):
    """GPT-4o's answers without premises: 1,164 rows, of which 582 are told apart."""
    path = shared_data / "mip-overthinking/response/gsm8k/MiP/gpt4o/response.json.gz"
    rows = good(path)
    assert len(rows) == 1164
    assert len({row.trace.trace_id for row in rows}) == 582


def test_eval_result_is_no_outcome(shared_data):
    """Of R1's 52 MATH traces one is marked 0 and ends in the reference answer all the same."""
    path = shared_data / "mip-overthinking/response/math/normal/deepseekR1/response.json.gz"
    marks = {row: json.loads(row.trace.extra)["eval_result"] for row in good(path)}
    assert Counter(marks.values()) == {1: 49, 2: 2, 0: 1}
    (marked,) = (row for row, mark in marks.items() if mark == 0)
    assert f"\\boxed{{{marked.problem.answer}}}" in marked.trace.answer
    assert marked.trace.stated_correct is None


@pytest.mark.parametrize(
    ("name", "problems", "conditions"),
    [
        ("hyperbaton", 300, {"unbiased", "biased"}),
        ("logic_four_all", 100, {"unbiased", "all_a", "sus", "syco"}),
        ("logic_four_all_zero", 64, {"unbiased", "all_a", "sus", "syco"}),
    ],
)
def test_hints(shared_data, name, problems, conditions):
    path = shared_data / "r1-hints" / f"deepseek-r1_671b_{name}.json.gz"
    assert detect(path) == "hints"
    rows = good(path)
    assert len(rows) == problems * len(conditions)
    assert len({row.problem.problem_id for row in rows}) == problems
    assert {json.loads(row.trace.extra)["condition"] for row in rows} == conditions
    assert {row.trace.form for row in rows} == {"tags"}
    assert all(row.problem.answer for row in rows)


def test_several_attempts(shared_data):
    path = shared_data / "r1-distill-cots" / "cots.jsonl.gz"
    assert detect(path) == "distill-cots"
    rows = good(path)
    assert len(rows) == 1930
    per_problem = Counter(row.problem.problem_id for row in rows)
    assert len(per_problem) == 193
    assert set(per_problem.values()) == {10}
    assert Counter(row.trace.form for row in rows) == {"tags": 1677, "unclosed": 253}
    assert all(row.problem.question in row.trace.prompt for row in rows)


@pytest.mark.parametrize(
    ("task", "count", "clean", "kind"),
    [
        ("dyck_languages", 493, 160, "text"),
        ("logical_deduction", 150, 1, "choice"),
        ("multistep_arithmetic", 150, 31, "number"),
        ("tracking_shuffled_objects", 150, 21, "choice"),
        ("word_sorting", 150, 14, "text"),
    ],
)
def test_mistakes(shared_data, task, count, clean, kind):
    path = shared_data / "bigbench-mistake" / f"{task}.jsonl"
    assert detect(path) == "bigbench-mistake"
    rows = good(path)
    assert len(rows) == count
    errors = [json.loads(row.trace.extra)["first_error"] for row in rows]
    assert errors.count(None) == clean
    assert {row.problem.answer_kind for row in rows} == {kind}
    source = [json.loads(line) for line in path.read_text().splitlines()]
    for row, record in zip(rows, source, strict=True):
        assert row.trace.reasoning.split("\n") == "\n".join(record["steps"]).split("\n")
        assert len(row.step_ends) == len(record["steps"])


def test_safety_traces_are_plain_json(shared_data):
    path = shared_data / "star1" / "STAR-1.json.gz"
    assert detect(path) == "jsonl"
    rows = good(path)
    assert len(rows) == 1000
    assert {row.trace.form for row in rows} == {"tags"}
    assert set(json.loads(rows[0].trace.extra)) == {"id", "category", "source", "score"}


def test_anchors(shared_data):
    path = shared_data / "thought-anchors"
    assert detect(path) == "thought-anchors"
    rows = good(path)
    assert len(rows) == 20
    assert len({row.problem.problem_id for row in rows}) == 10
    assert Counter(row.trace.stated_correct for row in rows) == {True: 10, False: 10}
    assert {row.trace.model for row in rows} == {"deepseek-r1-distill-qwen-14b"}
    labels = [json.loads(row.trace.extra)["chunks"] for row in rows]
    assert sum(map(len, labels)) == 2885
    assert all(row.step_ends is not None for row in rows)
    for row, label in zip(rows, labels, strict=True):
        assert len(row.step_ends) - len(label) in (0, 1)


def test_anchors_survive_being_written(shared_data, tmp_path):
    rows = good(shared_data / "thought-anchors")
    cases = []
    for row in rows:
        starts = (0, *row.step_ends)
        steps = tuple(
            Step(trace_id=row.trace.trace_id, index=at, char_start=a, char_end=b,
                 text=row.trace.reasoning[a:b])
            for at, (a, b) in enumerate(zip(starts, row.step_ends, strict=False))
        )  # fmt: skip
        cases.append(Case(row.problem, row.trace, steps))
    write(cases, "thought-anchors", tmp_path / "out")
    again = {row.trace.trace_id: row for row in good(tmp_path / "out")}
    assert set(again) == {row.trace.trace_id for row in rows}
    for row in rows:
        assert again[row.trace.trace_id].step_ends == row.step_ends
        assert again[row.trace.trace_id].trace.text == row.trace.text


@pytest.mark.parametrize(
    "name", ["gsm8k/test.jsonl", "gsm8k/train.jsonl.gz", "logic/ProntoQA_dev.json"]
)
def test_problems_are_not_traces(shared_data, name):
    with pytest.raises(SetupError, match="problems, not traces"):
        detect(shared_data / name)
