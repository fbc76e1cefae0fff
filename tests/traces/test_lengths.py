"""Tokens of steps: counted where they are known, else estimated, and never mixed."""

from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from reasonscope.traces.lengths import (
    estimated_tokens,
    step_tokens,
    tokens_before,
    tokens_counted,
)
from reasonscope.traces.schema import Step


def steps(*texts: str, ranges: tuple[tuple[int, int], ...] | None = None) -> list[Step]:
    ends = [0, *accumulate(map(len, texts))]
    return [
        Step(
            trace_id="t",
            index=index,
            char_start=ends[index],
            char_end=ends[index + 1],
            text=text,
            token_start=None if ranges is None else ranges[index][0],
            token_end=None if ranges is None else ranges[index][1],
        )
        for index, text in enumerate(texts)
    ]


def test_each_digit_and_sign_is_a_token_and_a_space_belongs_to_its_word() -> None:
    assert estimated_tokens("12 + 3") == 4
    assert estimated_tokens("So it is.") == 4
    assert estimated_tokens("incomprehensible") == 3


def test_known_ranges_are_counted() -> None:
    held = steps("one two ", "three", ranges=((0, 5), (5, 7)))
    assert step_tokens(held) == [5, 2]
    assert tokens_before(held) == [0, 5, 7]
    assert tokens_counted(held)


def test_without_ranges_tokens_are_estimated() -> None:
    held = steps("one two ", "three")
    assert step_tokens(held) == [2, 1]
    assert not tokens_counted(held)


def test_no_steps_have_no_tokens() -> None:
    assert tokens_before([]) == [0]
    assert not tokens_counted([])


@given(st.text(max_size=200))
def test_an_estimate_is_never_negative_nor_above_the_characters(text: str) -> None:
    assert 0 <= estimated_tokens(text) <= len(text)
