"""Plain JSON lines: guesses that are safe, mappings that win, and nothing lost."""

import json
from pathlib import Path

import pytest

from reasonscope.errors import SetupError
from reasonscope.traces.formats import detect, read
from reasonscope.traces.formats.plain_jsonl import look, names
from reasonscope.traces.schema import ErrorRow, Reading


def readings(tmp_path: Path, *rows, **options) -> list[Reading | ErrorRow]:
    path = tmp_path / "mine.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return list(read(path, **options))


def one(tmp_path: Path, row, **options) -> Reading:
    (found,) = readings(tmp_path, row, **options)
    assert isinstance(found, Reading), found
    return found


def test_an_inline_output_is_split_and_its_answer_is_the_reference(tmp_path):
    row = {"question": "1+1?", "response": "<think>\nIt is 2.\n</think>\n\nTwo.", "answer": "2"}
    found = one(tmp_path, row)
    assert (found.trace.reasoning, found.trace.answer) == ("It is 2.", "Two.")
    assert found.trace.text == row["response"]
    assert (found.problem.answer, found.problem.answer_kind) == ("2", "number")


def test_beside_a_separate_reasoning_the_answer_is_the_models_own(tmp_path):
    found = one(tmp_path, {"id": 7, "task": "1+1?", "reasoning": "It is 2.", "answer": "Two."})
    assert (found.trace.reasoning, found.trace.answer) == ("It is 2.", "Two.")
    assert found.trace.form == "field"
    assert found.problem.answer is None
    assert json.loads(found.trace.extra)["id"] == 7


def test_beside_reasoning_and_response_the_answer_is_the_reference(tmp_path):
    row = {"question": "1+1?", "cot": "It is 2.", "response": "Two.", "answer": "2"}
    found = one(tmp_path, row)
    assert (found.trace.reasoning, found.trace.answer) == ("It is 2.", "Two.")
    assert found.problem.answer == "2"


def test_a_mapping_wins_over_a_guess(tmp_path):
    row = {"question": "1+1?", "reasoning": "not this", "mine": "It is 2.", "said": "Two."}
    found = one(tmp_path, row, fields={"reasoning": "mine", "answer": "said"})
    assert (found.trace.reasoning, found.trace.answer) == ("It is 2.", "Two.")
    assert json.loads(found.trace.extra) == {"reasoning": "not this"}


def test_a_mapping_reaches_below_by_dots(tmp_path):
    row = {"doc": {"q": "1+1?", "gold": [2]}, "runs": [{"cot": "It is 2."}]}
    mapping = {"question": "doc.q", "reference": "doc.gold.0", "reasoning": "runs.0.cot"}
    found = one(tmp_path, row, fields=mapping)
    assert (found.problem.question, found.problem.answer) == ("1+1?", "2")
    assert found.trace.reasoning == "It is 2."


def test_a_mapping_of_an_unknown_field_says_which_there_are(tmp_path):
    with pytest.raises(SetupError, match="no field 'thoughts'; there are: question"):
        readings(tmp_path, {"a": "b"}, fields={"thoughts": "a"})


def test_a_mapping_to_a_missing_field_is_an_error_row(tmp_path):
    (row,) = readings(tmp_path, {"a": "b"}, fields={"reasoning": "nowhere"})
    assert isinstance(row, ErrorRow)
    assert "--field reasoning=NAME" in row.error


def test_model_sample_outcome_and_finish_are_found(tmp_path):
    row = {
        "question": "1+1?",
        "output": "2",
        "model": "m",
        "sample": 3,
        "is_correct": 1,
        "finish_reason": "length",
        "dataset": "sums",
        "weight": 0.5,
    }
    found = one(tmp_path, row)
    assert (found.trace.model, found.trace.sample) == ("m", 3)
    assert found.trace.stated_correct is True
    assert found.trace.finish_reason == "length"
    assert found.problem.family == "sums"
    assert json.loads(found.trace.extra) == {"weight": 0.5}


def test_an_output_that_holds_the_reasoning_is_taken_whole(tmp_path):
    row = {
        "original_message": {"role": "user", "content": "1+1?"},
        "thinking_process": "It is 2.",
        "full_response": "<think>\nIt is 2.\n</think>\nTwo.",
    }
    found = one(tmp_path, row)
    assert found.problem.question == "1+1?"
    assert found.trace.text == row["full_response"]
    assert found.trace.reasoning == "It is 2."


def test_an_empty_reasoning_with_an_answer_is_a_reading(tmp_path):
    found = one(tmp_path, {"question": "1+1?", "reasoning": "", "answer": "2"})
    assert (found.trace.reasoning, found.trace.answer) == ("", "2")


def test_reasoning_and_answer_both_empty_is_an_error_row(tmp_path):
    (row,) = readings(tmp_path, {"question": "1+1?", "reasoning": " ", "answer": ""})
    assert isinstance(row, ErrorRow)
    assert "both empty" in row.error


def test_wrong_types_cost_their_row_only(tmp_path):
    good = {"question": "1+1?", "output": "2"}
    rows = readings(tmp_path, good, {"question": "1+1?", "output": ["2"]}, 5, "text", None, good)
    assert [isinstance(row, ErrorRow) for row in rows] == [False, True, True, True, True, False]
    assert "an object, found a number" in rows[2].error


def test_a_missing_question_does_not_merge_problems(tmp_path):
    first, second = readings(tmp_path, {"output": "a"}, {"output": "b"}, format="jsonl")
    assert first.problem.problem_id != second.problem.problem_id
    assert first.problem.question == "[question not in the source: mine.jsonl, line 1]"


def test_a_sample_that_is_no_small_number_stays_in_extra(tmp_path):
    found = one(tmp_path, {"question": "q", "output": "a", "sample": 10**30})
    assert found.trace.sample == 0
    assert json.loads(found.trace.extra)["sample"] == 10**30


def test_choices_are_texts_only(tmp_path):
    found = one(tmp_path, {"question": "q", "output": "a", "choices": ["x", "y"], "answer": "A"})
    assert found.problem.choices == ("x", "y")
    assert found.problem.answer_kind == "choice"


def test_hostile_text_comes_through_as_text(tmp_path):
    evil = "<script>alert(1)</script> \u202eRTL 9**9**9 \ud800 \\frac{{{"
    found = one(tmp_path, {"question": evil, "output": evil, "note": evil})
    assert "\\ud800" in found.trace.text
    assert "<script>" in found.problem.question
    assert "\u202e" in found.trace.text


def test_a_lone_surrogate_in_the_finish_reason_can_be_stored(tmp_path):
    found = one(tmp_path, {"question": "q", "output": "a", "finish_reason": "\ud800"})
    assert found.trace.finish_reason == "\\ud800"


def test_prompt_is_a_question_where_nothing_else_asks(tmp_path):
    assert one(tmp_path, {"prompt": "1+1?", "completion": "2"}).problem.question == "1+1?"


def test_questions_and_answers_alone_are_no_traces(tmp_path):
    with pytest.raises(SetupError, match="problems, not traces"):
        readings(tmp_path, {"question": "1+1?", "answer": "2"})


def test_unknown_records_say_their_keys(tmp_path):
    with pytest.raises(SetupError, match="JSON objects with the keys alpha, beta"):
        readings(tmp_path, {"alpha": 1, "beta": 2})


def test_names_of_a_star_like_record():
    found = names({"question": "q", "response": "r", "score": {"a": 1}}, {})
    assert found == {"question": "question", "output": "response"}


def test_look_does_not_wander():
    assert look({"a": [1]}, "a.9") is None
    assert look({"a": "text"}, "a.b") is None
    assert look({"a.b": 1, "a": {"b": 2}}, "a.b") == 1


def test_detect_needs_no_suffix(tmp_path):
    path = tmp_path / "noname"
    path.write_text(json.dumps({"question": "q", "output": "a"}))
    assert detect(path) == "jsonl"


def test_values_that_have_no_place_stay_in_extra(tmp_path):
    odd = {
        "reference": ["4", "four"],
        "correct": "perhaps",
        "model": ["a"],
        "choices": {"A": "4"},
        "finish_reason": 5,
        "sample": -3,
        "family": {"x": 1},
    }
    found = one(tmp_path, {"question": "2+2?", "reasoning": "Hm.", "final_answer": "4", **odd})
    assert json.loads(found.trace.extra) == odd
    assert (found.problem.answer, found.problem.choices) == (None, ())


def test_options_that_are_numbers_keep_their_letters(tmp_path):
    row = {"question": "Which?", "reasoning": "Hm.", "choices": ["a", 2, "c"], "reference": "C"}
    assert one(tmp_path, row).problem.choices == ("a", "2", "c")
    row["choices"] = ["a", None, "c"]
    found = one(tmp_path, row)
    assert found.problem.choices == ()
    assert json.loads(found.trace.extra) == {"choices": ["a", None, "c"]}
