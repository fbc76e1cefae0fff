"""What servers answer, in all their spellings."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reasonscope.models.answers import AnswerError, read_answer, tokens_of
from reasonscope.models.generation import Attempt, Sampling
from reasonscope.traces.schema import Problem


def chat(finish_reason: str = "stop", logprobs: Any = None, **message: Any) -> dict[str, Any]:
    return {
        "model": "served",
        "choices": [{"message": message, "finish_reason": finish_reason, "logprobs": logprobs}],
        "usage": {"completion_tokens": 5},
    }


@pytest.mark.parametrize(
    "field",
    [
        {"reasoning": "1 + 1 = 2"},
        {"reasoning_content": "1 + 1 = 2"},
        {"reasoning_details": [{"type": "reasoning.text", "text": "1 + 1 = 2"}]},
        {"reasoning_details": [{"type": "reasoning.summary", "summary": "1 + 1 = 2"}]},
        {"reasoning_details": [{"text": "1 + 1"}, {"text": " = 2"}], "reasoning": None},
        {"reasoning": "1 + 1 = 2", "reasoning_content": ""},
    ],
)
def test_every_spelling_of_the_reasoning_field_is_read(field: dict[str, Any]) -> None:
    parts = read_answer(chat(content="Two.", **field), "p", "chat").parts
    assert (parts.reasoning, parts.answer, parts.form) == ("1 + 1 = 2", "Two.", "field")


def test_inline_tags_are_told_apart() -> None:
    parts = read_answer(chat(content="<think>1 + 1 = 2</think>Two."), "p", "chat").parts
    assert (parts.reasoning, parts.answer, parts.form) == ("1 + 1 = 2", "Two.", "tags")


def test_content_in_typed_parts_is_joined() -> None:
    content = [
        {"type": "thinking", "thinking": [{"type": "text", "text": "1 + 1"}]},
        {"type": "text", "text": "Two"},
        {"type": "text", "text": "."},
    ]
    parts = read_answer(chat(content=content), "p", "chat").parts
    assert (parts.reasoning, parts.answer) == ("1 + 1", "Two.")


def test_encrypted_reasoning_is_no_reasoning() -> None:
    details = [{"type": "reasoning.encrypted", "data": "xyz"}]
    parts = read_answer(chat(content="Two.", reasoning_details=details), "p", "chat").parts
    assert (parts.reasoning, parts.form) == ("Two.", "plain")


def test_reasoning_that_used_up_all_tokens_has_an_empty_answer() -> None:
    read = read_answer(chat("length", content=None, reasoning="1 +"), "p", "chat")
    assert (read.parts.reasoning, read.parts.answer, read.finish_reason) == ("1 +", "", "length")


def test_plain_completions_have_a_text() -> None:
    answer = {"choices": [{"text": "2</think>Two", "finish_reason": "stop"}]}
    assert read_answer(answer, "What?<think>", "completions").parts.answer == "Two"


def test_chat_logprobs_and_their_bytes_give_ends() -> None:
    """An e with an accent in two tokens, as servers send it."""
    content = [
        {"token": "caf", "logprob": -0.5, "bytes": [99, 97, 102]},
        {"token": "\\xc3", "logprob": -1.0, "bytes": [0xC3]},
        {"token": "\\xa9", "logprob": -0.25, "bytes": [0xA9]},
    ]
    read = read_answer(chat(content="café", logprobs={"content": content}), "p", "chat")
    assert read.token_logprobs == (-0.5, -1.0, -0.25)
    assert read.token_ends == (3, 3, 4)
    assert read.token_ids is None


def test_plain_logprobs_and_token_ids() -> None:
    logprobs = {"tokens": ["a", "b"], "token_logprobs": [-1, -2.5]}
    choice = {"text": "ab", "logprobs": logprobs, "token_ids": [7, 8]}
    read = read_answer({"choices": [choice]}, "p", "completions")
    assert (read.token_ids, read.token_ends) == ((7, 8), (1, 2))
    assert read.token_logprobs == (-1.0, -2.5)


def test_tokens_that_do_not_spell_the_text_have_no_ends() -> None:
    logprobs = {"tokens": ["a", "x"], "token_logprobs": [-1.0, -2.0]}
    read = read_answer({"choices": [{"text": "ab", "logprobs": logprobs}]}, "p", "completions")
    assert (read.token_ends, read.token_logprobs) == (None, (-1.0, -2.0))


@pytest.mark.parametrize(
    "logprobs",
    [
        {"content": [{"token": "a", "logprob": float("nan")}]},
        {"content": [{"token": "a", "logprob": "low"}]},
        {"content": [{"token": "a"}]},
        {"content": [{"logprob": -1, "bytes": [999]}]},
        {"content": ["a"]},
        {"content": 3},
        {"tokens": ["a", "b"], "token_logprobs": [-1.0]},
        {"tokens": ["a"], "token_logprobs": [None]},
        {"tokens": [1], "token_logprobs": [-1.0]},
        "many",
    ],
)
def test_logprobs_that_make_no_sense_are_left_out(logprobs: Any) -> None:
    assert read_answer(chat(content="a", logprobs=logprobs), "p", "chat").token_logprobs is None


def test_ids_that_disagree_with_the_logprobs_are_left_out() -> None:
    logprobs = {"tokens": ["a", "b"], "token_logprobs": [-1.0, -2.0]}
    choice = {"text": "ab", "logprobs": logprobs, "token_ids": [7]}
    assert read_answer({"choices": [choice]}, "p", "completions").token_ids is None


def test_who_answered_is_kept() -> None:
    extra = read_answer(chat(content="a"), "p", "chat").extra
    assert extra["served_model"] == "served"
    assert extra["usage"] == {"completion_tokens": 5}


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        "text",
        {},
        {"choices": []},
        {"choices": None},
        {"choices": ["a"]},
        {"choices": [{}]},
        {"choices": [{"message": "a"}]},
        {"choices": [{"message": {"content": 3}}]},
        {"error": {"message": "no"}},
    ],
)
def test_what_is_no_answer_says_what_was_found(answer: Any) -> None:
    with pytest.raises(AnswerError, match="expected"):
        read_answer(answer, "p", "chat")


def test_usage_that_makes_no_sense_counts_nothing() -> None:
    assert [tokens_of(held) for held in (None, {}, {"usage": 3})] == [0, 0, 0]
    assert tokens_of({"usage": {"completion_tokens": -4}}) == 0
    assert tokens_of({"usage": {"completion_tokens": "many"}}) == 0


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)


@settings(max_examples=200)
@given(
    message=st.dictionaries(
        st.sampled_from(["content", "reasoning", "reasoning_content", "reasoning_details"]), JSON
    ),
    logprobs=JSON,
    ids=JSON,
)
def test_any_json_is_a_trace_or_a_stated_error(message: Any, logprobs: Any, ids: Any) -> None:
    choice = {"message": message, "logprobs": logprobs, "token_ids": ids}
    attempt = Attempt.of(Problem.make("?"), 0, Sampling())
    with suppress(AnswerError):
        read_answer({"choices": [choice]}, "p", "chat").reading(attempt, "m", Sampling())
