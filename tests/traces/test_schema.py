"""Records keep their invariants, and ids are hashes of content."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasonscope.errors import InvalidRecord
from reasonscope.traces.schema import (
    Problem,
    Reading,
    Step,
    Trace,
    Verdict,
    check_tiling,
    extra_json,
    well_formed,
)

PROBLEM = Problem.make("1 + 1 = ?", answer="2")
ANY_TEXT = st.text(st.integers(0, 0x10FFFF).map(chr))


def trace(**fields: Any) -> Trace:
    return Trace.make(PROBLEM, "1 + 1 = 2.", **fields)


def step(index: int, start: int, text: str) -> Step:
    return Step(trace_id="t", index=index, char_start=start, char_end=start + len(text), text=text)


@given(ANY_TEXT)
def test_any_text_becomes_well_formed_and_storable(text: str) -> None:
    assert well_formed(text).encode("utf-8").decode("utf-8") == well_formed(text)
    assert Trace.make(PROBLEM, text).reasoning == well_formed(text)


def test_well_formed_text_is_left_alone() -> None:
    for text in ("", "2 × 3 ≈ 6", "😀", "\u202eRTL", "\x00"):
        assert well_formed(text) == text


def test_lone_surrogate_is_refused_by_the_record_itself() -> None:
    with pytest.raises(InvalidRecord, match="well_formed"):
        Problem(problem_id="x", question="\ud800")


@given(ANY_TEXT)
def test_what_is_read_back_from_extra_is_storable(text: str) -> None:
    held = json.loads(extra_json({"pair": text, text: [text]}))
    assert held["pair"] == well_formed(text)
    assert json.dumps(held, ensure_ascii=False).encode("utf-8")


def test_text_is_all_its_parts() -> None:
    held = trace(opening="<think>", closing="</think>", answer="2")
    assert held.text == "<think>1 + 1 = 2.</think>2"


def test_the_id_changes_with_every_part_of_the_content() -> None:
    same = {trace().trace_id, trace().trace_id}
    others = {
        trace(model="m").trace_id,
        trace(prompt="p").trace_id,
        trace(sample=1).trace_id,
        trace(answer="2").trace_id,
        trace(opening="2").trace_id,
    }
    assert len(same) == 1
    assert len(others | same) == 6


def test_what_a_source_says_does_not_change_the_id() -> None:
    assert trace(stated_correct=True, extra={"a": 1}).trace_id == trace().trace_id


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"token_ids": (1, 2), "token_ends": (1,)}, "one entry per token"),
        ({"token_ids": (1, 2), "token_ends": (3, 2)}, "must not decrease"),
        ({"token_ids": (1,), "token_ends": (99,)}, "past the text"),
        ({"extra": "[1]"}, "JSON object"),
        ({"extra": "{"}, "JSON object"),
    ],
)
def test_broken_traces_are_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidRecord, match=message):
        trace(**fields)


def test_extra_keeps_odd_values_as_text() -> None:
    assert extra_json({"b": 1, "a": {2}}) == '{"a": "{2}", "b": 1}'


def test_tiling_accepts_only_steps_that_join_to_the_text() -> None:
    check_tiling("ab c", [step(0, 0, "ab "), step(1, 3, "c")])
    check_tiling("", [])
    for steps in (
        [step(0, 0, "ab ")],
        [step(0, 0, "ab "), step(1, 2, " c")],
        [step(0, 0, "ab "), step(2, 3, "c")],
        [step(0, 0, "xb "), step(1, 3, "c")],
    ):
        with pytest.raises(InvalidRecord):
            check_tiling("ab c", steps)


def test_only_a_wrong_claim_can_be_retracted() -> None:
    with pytest.raises(InvalidRecord, match="only wrong"):
        Verdict(trace_id="t", step_index=0, verifier="v", correct=True, reason="r", retracted=True)


def test_a_reading_belongs_to_its_problem_and_its_steps_end_the_text() -> None:
    with pytest.raises(InvalidRecord, match="ids disagree"):
        Reading(problem=Problem.make("other"), trace=trace())
    with pytest.raises(InvalidRecord, match="end the text"):
        Reading(problem=PROBLEM, trace=trace(), step_ends=(3,))
    with pytest.raises(InvalidRecord, match="rise"):
        Reading(problem=PROBLEM, trace=trace(), step_ends=(3, 3, 10))
