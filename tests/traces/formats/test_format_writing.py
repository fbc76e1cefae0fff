"""What is written is read back the same; a failed write leaves nothing behind."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reasonscope.errors import SetupError
from reasonscope.traces.formats import WRITERS, detect, read, write
from reasonscope.traces.schema import Case, ErrorRow, Problem, Reading, Step, Trace

PROBLEM = Problem.make(
    "1+1?", answer="2", answer_kind="number", family="sums", choices=("2", "3"),
    steps=("1 + 1", "= 2"), extra={"level": 1},
)  # fmt: skip
TRACE = Trace.make(
    PROBLEM,
    "Add. It is 2.",
    model="org/r1:7b",
    prompt="Solve: 1+1?",
    opening="<think>\n",
    closing="\n</think>\n",
    answer="Two.",
    form="tags",
    sample=3,
    stated_correct=True,
    finish_reason="stop",
    token_ids=(5, 6, 7),
    token_ends=(8, 13, 35),
    token_logprobs=(-0.5, 0.0, -1.25),
    sampling={"temperature": 0.6},
    extra={"note": "ü", "chunks": [{"function_tags": ["plan_generation"], "depends_on": []}]},
)


def stepped(problem: Problem, trace: Trace, *ends: int) -> Case:
    starts = (0, *ends)
    return Case(problem, trace, tuple(
        Step(trace_id=trace.trace_id, index=at, char_start=start, char_end=end,
             text=trace.reasoning[start:end])
        for at, (start, end) in enumerate(zip(starts, ends, strict=False))
    ))  # fmt: skip


CASE = stepped(PROBLEM, TRACE, 5, 13)


def back(cases: list[Case], format: str, out: Path) -> list[Reading]:
    write(cases, format, out)
    assert detect(out) == format
    rows = list(read(out))
    assert not [row for row in rows if isinstance(row, ErrorRow)]
    return rows


def test_jsonl_is_a_full_round_trip(tmp_path):
    (found,) = back([CASE], "jsonl", tmp_path / "out.jsonl")
    assert found.problem == PROBLEM
    assert found.trace == TRACE
    assert found.step_ends == (5, 13)


def test_packed_jsonl_is_the_same_bytes_each_time(tmp_path):
    for name in ("a.jsonl.gz", "b.jsonl.gz"):
        assert back([CASE], "jsonl", tmp_path / name)[0].trace == TRACE
    assert (tmp_path / "a.jsonl.gz").read_bytes() == (tmp_path / "b.jsonl.gz").read_bytes()
    assert gzip.decompress((tmp_path / "a.jsonl.gz").read_bytes()).startswith(b'{"problem"')


def test_folders_are_a_round_trip_of_texts_and_steps(tmp_path):
    (found,) = back([CASE], "thought-anchors", tmp_path / "out")
    for name in ("question", "answer", "answer_kind", "choices", "family"):
        assert getattr(found.problem, name) == getattr(PROBLEM, name)
    for name in ("prompt", "opening", "reasoning", "closing", "answer", "form", "model", "sample"):
        assert getattr(found.trace, name) == getattr(TRACE, name)
    assert found.trace.trace_id == TRACE.trace_id
    assert found.trace.stated_correct is True
    assert found.step_ends == (5, 13)


def test_folders_hold_what_their_own_tools_look_for(tmp_path):
    write([CASE], "thought-anchors", tmp_path / "out")
    at = tmp_path / "out" / "org_r1_7b" / "correct_base_solution" / f"problem_{TRACE.trace_id}"
    base = json.loads((at / "base_solution.json").read_text())
    assert base["full_cot"] == base["prompt"] + base["solution"] == TRACE.prompt + TRACE.text
    assert base["is_correct"] is True
    chunks = json.loads((at / "chunks.json").read_text())
    assert chunks["chunks"] == ["Add.", "It is 2."]
    labelled = json.loads((at / "chunks_labeled.json").read_text())
    assert labelled[0]["function_tags"] == ["plan_generation"]
    assert labelled[1]["function_tags"] == []
    problem = json.loads((at / "problem.json").read_text())
    assert (problem["problem"], problem["gt_answer"]) == ("1+1?", "2")
    assert problem["level"] == 1


def test_separate_fields_survive_the_folders(tmp_path):
    trace = Trace.make(PROBLEM, " Add.\n", answer="\nTwo.", form="field")
    (found,) = back([Case(PROBLEM, trace)], "thought-anchors", tmp_path / "out")
    assert (found.trace.reasoning, found.trace.answer) == (" Add.\n", "\nTwo.")
    assert (found.trace.form, found.trace.trace_id) == ("field", trace.trace_id)


def test_inif_holds_tokens_spans_and_scores(tmp_path):
    write([CASE], "inif", tmp_path / "out.json")
    held = json.loads((tmp_path / "out.json").read_text())
    assert held["metadata"]["inif_version"] == "0.1"
    assert held["metadata"]["model"]["name"] == "org/r1:7b"
    (sample,) = held["samples"]
    assert sample["id"] == TRACE.trace_id
    assert sample["texts"] == ["Solve: 1+1?", TRACE.text]
    assert "".join(token["token"] for token in sample["tokens"]) == TRACE.text
    assert [token["logprob"] for token in sample["tokens"]] == [-0.5, 0.0, -1.25]
    assert [span["positions"] for span in sample["spans"]] == [[1], []]
    assert sample["scores"][0]["value"] is True
    assert sample["target"] == "2"
    assert sample["metadata"]["step_ends"] == [5, 13]


def test_inif_without_tokens_has_no_spans(tmp_path):
    trace = Trace.make(PROBLEM, "It is 2.")
    write([stepped(PROBLEM, trace, 8)], "inif", tmp_path / "out.json")
    (sample,) = json.loads((tmp_path / "out.json").read_text())["samples"]
    assert (sample["tokens"], sample["spans"], sample["scores"]) == ([], [], [])
    assert sample["texts"] == ["1+1?", "It is 2."]


def test_several_models_in_one_document_are_named(tmp_path):
    cases = [Case(PROBLEM, Trace.make(PROBLEM, "a", model=name)) for name in "xy"]
    write(cases, "inif", tmp_path / "out.json")
    held = json.loads((tmp_path / "out.json").read_text())
    assert held["metadata"]["model"]["name"] == "2 models"
    assert [s["metadata"]["model"] for s in held["samples"]] == ["x", "y"]


def test_nothing_can_be_written_too(tmp_path):
    write([], "inif", tmp_path / "a.json")
    assert json.loads((tmp_path / "a.json").read_text())["samples"] == []
    write([], "thought-anchors", tmp_path / "folder")
    assert (tmp_path / "folder").is_dir()
    write([], "jsonl", tmp_path / "a.jsonl")
    assert (tmp_path / "a.jsonl").read_bytes() == b""


def test_an_unknown_format_says_which_are_written(tmp_path):
    with pytest.raises(SetupError, match="There are: jsonl, thought-anchors, inif"):
        write([], "docx", tmp_path / "a")


@pytest.mark.parametrize("format", list(WRITERS))
def test_a_folder_with_something_in_it_is_not_overwritten(tmp_path, format):
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine").write_text("keep")
    with pytest.raises(SetupError, match="in the way"):
        write([CASE], format, out)
    assert (out / "mine").read_text() == "keep"


@pytest.mark.parametrize("format", list(WRITERS))
def test_a_break_in_the_middle_leaves_nothing(tmp_path, format):
    def cases():
        yield CASE
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(cases(), format, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_a_setup_error(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(SetupError, match="cannot write"):
        write([CASE], "jsonl", tmp_path / "file" / "below.jsonl")


def test_an_older_file_is_replaced(tmp_path):
    out = tmp_path / "out.jsonl"
    out.write_text("old")
    assert back([CASE], "jsonl", out)[0].trace == TRACE


@pytest.mark.parametrize("name", ["../../evil", "a/b\\c", "..", "", "\u202e", "x" * 500])
def test_a_model_name_cannot_lead_out_of_the_folder(tmp_path, name):
    trace = Trace.make(PROBLEM, "It is 2.", model=name or "unknown")
    out = tmp_path / "deep" / "out"
    (found,) = back([Case(PROBLEM, trace)], "thought-anchors", out)
    assert found.trace.model == trace.model
    assert [child.name for child in tmp_path.iterdir()] == ["deep"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"form": "magic"}, "one of tags"),
        ({"sample": -1}, "'sample'"),
        ({"sample": 2**40}, "'sample'"),
        ({"stated_correct": "yes"}, "true, false or null"),
        ({"token_ids": [1, -2]}, "whole numbers"),
        ({"token_logprobs": ["x"]}, "to hold numbers"),
        ({"token_ends": [1, 2]}, "one entry per token"),
        ({"extra": []}, "'extra'"),
        ({"reasoning": 5}, "to be text"),
    ],
)
def test_lines_that_were_tampered_with_are_error_rows(tmp_path, change, said):
    write([CASE], "jsonl", tmp_path / "a.jsonl")
    record = json.loads((tmp_path / "a.jsonl").read_text())
    record["trace"] |= change
    (tmp_path / "a.jsonl").write_text(json.dumps(record))
    (row,) = read(tmp_path / "a.jsonl")
    assert isinstance(row, ErrorRow)
    assert said in row.error


@pytest.mark.parametrize("ends", [[5], [5, 5, 13], [13, 5], [-1, 13], ["5"], 5])
def test_steps_that_do_not_tile_are_error_rows(tmp_path, ends):
    write([CASE], "jsonl", tmp_path / "a.jsonl")
    record = json.loads((tmp_path / "a.jsonl").read_text()) | {"step_ends": ends}
    (tmp_path / "a.jsonl").write_text(json.dumps(record))
    (row,) = read(tmp_path / "a.jsonl")
    assert isinstance(row, ErrorRow)


def test_ids_are_made_from_the_content_not_taken_from_the_file(tmp_path):
    write([CASE], "jsonl", tmp_path / "a.jsonl")
    record = json.loads((tmp_path / "a.jsonl").read_text())
    record["problem"]["problem_id"] = record["trace"]["trace_id"] = "forged"
    (tmp_path / "a.jsonl").write_text(json.dumps(record))
    (found,) = read(tmp_path / "a.jsonl")
    assert found.trace.trace_id == TRACE.trace_id


WORDS = st.text(st.characters(codec="utf-8"), max_size=30)
TRACES = st.builds(
    lambda reasoning, answer, opening, closing, prompt, model, sample, form: Trace.make(
        PROBLEM, reasoning, answer=answer, opening=opening, closing=closing, prompt=prompt,
        model=model or "unknown", sample=sample, form=form,
    ),
    WORDS.filter(str.strip), WORDS, WORDS, WORDS, WORDS, WORDS, st.integers(0, 9),
    st.sampled_from(["tags", "field", "channels", "plain", "unclosed"]),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(TRACES, min_size=1, max_size=3, unique_by=lambda trace: trace.trace_id))
def test_any_texts_survive_jsonl(tmp_path_factory, traces):
    out = tmp_path_factory.mktemp("any") / "out.jsonl"
    found = back([Case(PROBLEM, trace) for trace in traces], "jsonl", out)
    assert [row.trace for row in found] == traces


@settings(max_examples=30, deadline=None)
@given(TRACES)
def test_any_texts_survive_folders(tmp_path_factory, trace):
    out = tmp_path_factory.mktemp("any") / "out"
    (found,) = back([Case(PROBLEM, trace)], "thought-anchors", out)
    assert found.trace.trace_id == trace.trace_id
    assert found.trace.text == trace.text
    assert found.trace.reasoning == trace.reasoning
