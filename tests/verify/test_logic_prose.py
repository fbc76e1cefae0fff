"""Sentences of a trace, which of them assert something, and how a judgement becomes a verdict."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reasonscope.traces.schema import Case, Problem, Step
from reasonscope.verify.logic.judgement import Judgement, to_verdict
from reasonscope.verify.logic.planted import case_of
from reasonscope.verify.logic.prose import Piece, argues, read_pieces, sentences_of


def case(*steps: str) -> Case:
    return case_of(Problem.make("?"), list(steps))


def supposed(*steps: str) -> list[bool]:
    return [piece.supposed for found in read_pieces(case(*steps)) for piece in found]


@settings(max_examples=100, deadline=None)
@given(text=st.text(min_size=1, max_size=200).filter(lambda t: t.isprintable() or "\n" in t))
def test_sentences_stand_where_they_say(text: str) -> None:
    step = Step(trace_id="t", index=0, char_start=0, char_end=len(text), text=text)
    for piece in sentences_of(step):
        assert text[piece.start : piece.start + len(piece.text)] == piece.text


def test_a_step_starts_where_the_one_before_ended() -> None:
    pieces = [piece for found in read_pieces(case("A is. B is.", "C is.")) for piece in found]
    assert [(piece.step, piece.start, piece.text) for piece in pieces] == [
        (0, 0, "A is."),
        (0, 6, "B is."),
        (1, 12, "C is."),
    ]


def test_a_decimal_does_not_end_a_sentence() -> None:
    assert [piece.text for piece in sentences_of(case("It is 3.5 long.").steps[0])] == [
        "It is 3.5 long."
    ]


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("The owl is first. So the crow is second.", True),
        ("Wait, the owl is first.", False),
        ("Hmm. The owl is first.", False),
        ("Let me see.", False),
        ("Is the owl first?", False),
        ("The waiter is first.", True),  # a waiter does not wait
    ],
)
def test_a_trace_argues_unless_it_explores(text: str, held: bool) -> None:
    assert argues(case(text)) is held


def test_if_opens_a_supposition_to_the_end_of_its_step() -> None:
    assert supposed("If A is first, B is second. Then C is third.", "A is last.") == [
        True,
        True,
        False,
    ]


def test_if_in_the_middle_opens_none() -> None:
    assert supposed("Then, if there are gaps, I can look further. A is first.") == [False, False]


def test_a_quoted_rule_is_no_supposition() -> None:
    found = read_pieces(case("If something is cold then it is kind. Bob is cold."), rules=True)
    assert [piece.supposed for pieces in found for piece in pieces] == [False, False]


def test_in_prose_a_supposition_lasts_a_paragraph() -> None:
    assert supposed("Hmm.\n\n", "Suppose A is first. ", "Then B is.\n\n", "C is last.") == [
        False,
        True,
        True,
        False,
    ]


def verdict(correct: bool | None, *, may_retract: bool):
    made = case("The owl is third. ", "Wait, no, that's not right.")
    piece = Piece(0, 0, "The owl is third.")
    return to_verdict(
        made, piece, Judgement(correct, "why"), verifier="logic.order", may_retract=may_retract
    )


def test_only_what_is_wrong_can_be_taken_back() -> None:
    assert verdict(False, may_retract=True).retracted_by == 1
    assert not verdict(True, may_retract=True).retracted
    assert not verdict(None, may_retract=True).retracted


def test_a_trace_that_argues_takes_nothing_back() -> None:
    assert not verdict(False, may_retract=False).retracted
