"""Retraction: what takes a statement back, and what only sounds like it."""

import pytest

from reasonscope.traces.schema import Step
from reasonscope.verify.retraction import retracting_step, taken_back_at

CLAIM = "17 + 5 = 21"


@pytest.mark.parametrize(
    "behind",
    [
        ". Wait, no, it is 22.",
        ". No wait, 22.",
        ". That's not right.",
        ". Hmm, that is wrong.",
        ", but that's not equal to what we had.",
        ". I made a mistake here.",
        ". There's an error in that.",
        "? ",
        " eggs?",
        ". Oops.",
        ", which is not 22",
        ", but 17 + 5 ≠ 21.",
        ", but 22 doesn't equal 21.",
        ". Scratch that.",
        ", so no.",
        ". This is too low.",
    ],
)
def test_taken_back(behind):
    assert taken_back_at(CLAIM + behind, len(CLAIM)) is not None


@pytest.mark.parametrize(
    "behind",
    [
        ". Wait, let me double-check.",
        ". That's right.",
        ", right?",
        ". Let me make sure I didn't make a mistake.",
        ". Let me check if there is any mistake in it.",
        ". Yes, that is correct.",
        ". So the answer is 21.",
        ". " + "Then some words follow. " * 30 + "No, that's wrong.",
        "",
    ],
)
def test_not_taken_back(behind):
    assert taken_back_at(CLAIM + behind, len(CLAIM)) is None


def test_a_correction_needs_a_doubt_before_it():
    text = CLAIM + ". Let me recompute. 17 + 5 = 22."
    start = text.index("17 + 5 = 22")
    assert taken_back_at(text, len(CLAIM), [(start, len(text))]) is not None
    plain = CLAIM + ". And then 17 + 5 = 22."
    start = plain.index("17 + 5 = 22")
    assert taken_back_at(plain, len(CLAIM), [(start, len(plain))]) is None


def test_a_denial_behind_the_next_claim_is_that_claims():
    text = CLAIM + ". 3 + 3 = 7. That's wrong."
    assert taken_back_at(text, len(CLAIM), until=text.index("3 + 3")) is None


def test_the_step_is_the_one_that_denies():
    texts = [CLAIM + ". ", "Wait, no. ", "It is 22."]
    steps, start = [], 0
    for index, text in enumerate(texts):
        end = start + len(text)
        steps.append(Step(trace_id="t", index=index, char_start=start, char_end=end, text=text))
        start = end
    assert retracting_step(steps, "".join(texts), len(CLAIM)) == 1
    assert retracting_step((), "".join(texts), len(CLAIM)) is None
