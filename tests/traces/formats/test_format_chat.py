"""Chat records: every spelling of the reasoning, requests, responses, parts and channels."""

import json
from pathlib import Path

import pytest

from reasonscope.errors import SetupError
from reasonscope.traces.formats import detect, read
from reasonscope.traces.formats.format import Wrong
from reasonscope.traces.formats.messages import asked, spoken
from reasonscope.traces.schema import ErrorRow, Reading

USER = {"role": "user", "content": "1+1?"}
SYSTEM = {"role": "system", "content": "Be brief."}


def readings(tmp_path: Path, *rows) -> list[Reading | ErrorRow]:
    path = tmp_path / "chat.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert detect(path) == "chat"
    return list(read(path))


def one(tmp_path: Path, message, **more) -> Reading:
    record = {"messages": [USER, {"role": "assistant", **message}], **more}
    (found,) = readings(tmp_path, record)
    assert isinstance(found, Reading), found
    return found


@pytest.mark.parametrize("name", ["reasoning", "reasoning_content", "thinking", "thought"])
def test_every_spelling_of_the_reasoning_field(tmp_path, name):
    found = one(tmp_path, {"content": "Two.", name: "It is 2."})
    assert (found.trace.reasoning, found.trace.answer) == ("It is 2.", "Two.")
    assert (found.trace.form, found.trace.opening, found.trace.closing) == ("field", "", "")
    assert found.problem.question == "1+1?"


def test_inline_tags_are_split(tmp_path):
    found = one(tmp_path, {"content": "<think>\nIt is 2.\n</think>\n\nTwo."})
    assert (found.trace.form, found.trace.reasoning, found.trace.answer) == (
        "tags",
        "It is 2.",
        "Two.",
    )


def test_gpt_oss_channels_are_split(tmp_path):
    content = (
        "<|channel|>analysis<|message|>It is 2.<|end|>"
        "<|start|>assistant<|channel|>final<|message|>Two.<|return|>"
    )
    found = one(tmp_path, {"content": content})
    assert found.trace.form == "channels"
    assert found.trace.text == content
    assert found.trace.reasoning == "It is 2."


def test_reasoning_details_are_read_where_no_field_is(tmp_path):
    details = [
        {"type": "reasoning.text", "text": "It is "},
        {"type": "reasoning.text", "text": "2."},
        {"type": "reasoning.encrypted", "data": "xx"},
    ]
    found = one(tmp_path, {"content": "Two.", "reasoning_details": details})
    assert found.trace.reasoning == "It is \n\n2."
    assert json.loads(found.trace.extra)["reasoning_parts"] == 2


def test_a_summary_stands_in_where_the_reasoning_is_encrypted(tmp_path):
    details = [{"type": "reasoning.summary", "summary": "Added."}]
    found = one(tmp_path, {"content": "Two.", "reasoning_details": details})
    assert found.trace.reasoning == "Added."


def test_details_beside_a_field_are_not_kept_twice(tmp_path):
    details = [{"type": "reasoning.text", "text": "It is 2."}]
    message = {"content": "Two.", "reasoning": "It is 2.", "reasoning_details": details}
    found = one(tmp_path, message)
    assert "It is 2." not in found.trace.extra
    assert json.loads(found.trace.extra)["reasoning_details"] == ["reasoning.text"]


def test_content_parts_are_joined_and_thoughts_kept_apart(tmp_path):
    parts = [
        {"type": "thinking", "thinking": "It is 2.", "signature": "abc"},
        {"type": "text", "text": "Tw"},
        {"type": "text", "text": "o."},
        {"type": "image_url", "image_url": {"url": "x"}},
    ]
    found = one(tmp_path, {"content": parts})
    assert (found.trace.reasoning, found.trace.answer) == ("It is 2.", "Two.")
    kept = json.loads(found.trace.extra)["parts"]
    assert kept == [
        {"type": "thinking", "signature": "abc"},
        {"type": "image_url", "image_url": {"url": "x"}},
    ]


def test_redacted_reasoning_gives_its_summary():
    said = spoken({"content": [{"type": "reasoning", "reasoning": "c2VjcmV0", "redacted": True,
                                "summary": "Added."}]})  # fmt: skip
    assert said.reasoning == "Added."
    assert said.extra["parts"][0]["reasoning"] == "c2VjcmV0"


def test_an_empty_reasoning_field_with_an_answer_is_a_reading(tmp_path):
    found = one(tmp_path, {"content": "Two.", "reasoning_content": ""})
    assert (found.trace.reasoning, found.trace.answer, found.trace.form) == ("", "Two.", "field")


def test_a_null_reasoning_field_is_no_field(tmp_path):
    found = one(tmp_path, {"content": "It is 2.", "reasoning": None})
    assert (found.trace.reasoning, found.trace.form) == ("It is 2.", "plain")


def test_nothing_said_is_an_error_row(tmp_path):
    (row,) = readings(tmp_path, {"messages": [USER, {"role": "assistant", "content": None}]})
    assert isinstance(row, ErrorRow)
    assert "both empty" in row.error


def test_the_last_assistant_message_is_the_trace_and_the_rest_is_context(tmp_path):
    talk = [
        SYSTEM,
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Hi."},
        USER,
        {"role": "assistant", "content": "It is 2."},
    ]
    (found,) = readings(tmp_path, {"messages": talk, "model": "m"})
    assert found.problem.question == "1+1?"
    assert found.trace.reasoning == "It is 2."
    assert json.loads(found.trace.extra)["context"] == talk[:3]
    assert found.trace.model == "m"


def test_each_choice_is_a_sample(tmp_path):
    choices = [
        {"index": at, "message": {"content": f"It is {at}."}, "finish_reason": why}
        for at, why in enumerate(["stop", "length"])
    ]
    body = {"id": "x", "model": "m", "choices": choices, "usage": {"total_tokens": 9}}
    first, second = readings(tmp_path, {"request": {"messages": [SYSTEM, USER]}, "response": body})
    assert first.problem == second.problem
    assert (first.trace.sample, second.trace.sample) == (0, 1)
    assert (first.trace.finish_reason, second.trace.finish_reason) == ("stop", "length")
    assert json.loads(first.trace.extra)["usage"] == {"total_tokens": 9}
    assert first.trace.model == "m"


def test_a_batch_output_line_names_its_problem(tmp_path):
    body = {"model": "m", "choices": [{"message": {"content": "It is 2."}}]}
    (found,) = readings(tmp_path, {"custom_id": "q-7", "response": {"body": body}})
    assert found.problem.question == "[question not in the source: q-7]"


def test_a_bad_choice_does_not_cost_the_good_one(tmp_path):
    choices = [{"message": "broken"}, {"message": {"content": "It is 2."}}]
    bad, good = readings(tmp_path, {"messages": [USER], "choices": choices})
    assert isinstance(bad, ErrorRow)
    assert good.trace.sample == 1


def test_plain_completions_are_choices_with_text(tmp_path):
    (found,) = readings(tmp_path, {"choices": [{"text": "It is 2.", "index": 0}]})
    assert found.trace.reasoning == "It is 2."


def test_the_reference_beside_the_messages_is_kept(tmp_path):
    found = one(tmp_path, {"content": "It is 2."}, answer="so #### 2", is_correct=True)
    assert (found.problem.answer, found.problem.answer_kind) == ("2", "number")
    assert found.trace.stated_correct is True
    assert json.loads(found.problem.extra) == {"answer_as_given": "so #### 2"}


def test_options_are_not_responses(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"question": "q", "choices": ["x", "y"], "output": "a"}))
    assert detect(path) == "jsonl"


def test_messages_without_an_assistant_are_an_error_row(tmp_path):
    (row,) = readings(tmp_path, {"messages": [USER]})
    assert "found none" in row.error


def test_messages_of_the_wrong_kind_are_error_rows(tmp_path):
    good = {"messages": [USER, {"role": "assistant", "content": "It is 2."}]}
    rows = readings(
        tmp_path,
        good,
        {"messages": [USER, {"role": "assistant", "content": 5}]},
        {"messages": [USER, {"role": "assistant", "content": [5]}]},
        {"messages": [{"role": "user", "content": 5}, {"role": "assistant", "content": "a"}]},
        {"messages": "text"},
    )
    assert [isinstance(row, ErrorRow) for row in rows] == [False, True, True, True, True]
    assert "text or parts, found a number" in rows[1].error


def test_the_question_is_the_last_of_the_user():
    question, context = asked([SYSTEM, {"role": "user", "content": "a"}, USER])
    assert question == "1+1?"
    assert context == [SYSTEM, {"role": "user", "content": "a"}]


def test_no_user_means_no_question():
    assert asked([SYSTEM]) == ("", [SYSTEM])


def test_a_message_that_is_no_object_is_wrong():
    with pytest.raises(Wrong, match="message 0 to be an object"):
        asked(["hello"])


def test_an_inspect_log_in_json_says_how_to_convert_it(tmp_path):
    path = tmp_path / "log.json"
    path.write_text(json.dumps({"version": 2, "eval": {}, "samples": []}))
    with pytest.raises(SetupError, match="inspect log convert"):
        detect(path)
