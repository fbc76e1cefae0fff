"""Cues open sentences and speak of the reasoning; stories and contentment are told apart."""

import pytest

from reasonscope.structure.backtracking.cues import content_with, cues
from reasonscope.traces.schema import Problem, Trace
from reasonscope.traces.segment.steps import steps_of


def kinds(text: str) -> list[str]:
    trace = Trace.make(Problem.make("?"), text)
    return [cue.kind for cue in cues(trace.reasoning, steps_of(trace))]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("It is 12. Wait, that is odd.", "halt"),
        ("It is 12.\n\nBut hold on, the box is full.", "halt"),
        ("It is 12. Alternatively, we count boxes.", "other"),
        ("It is 12. Is there another way to see it?", "other"),
        ("It is 12. Let me try a different approach.", "other"),
        ("It is 12. Let me go back to the boxes.", "again"),
        ("It is 12. Let me read the problem again.", "again"),
        ("It is 12. Let me recount the boxes.", "redo"),
        ("It is 12. That can't be right.", "deny"),
        ("It is 12. Hmm, I must have made a mistake.", "deny"),
    ],
)
def test_a_cue_has_its_kind(text: str, kind: str) -> None:
    assert kinds(text) == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "They wait for the bus.",
        "Tom stops. Wait for 5 minutes is what the sign says.",
        "Tom forgot his bag, so he goes back home and starts again.",
        "I don't think I made a mistake.",
        "He buys another box in a different way.",
        "It is impossible to say more.",
    ],
)
def test_a_story_is_no_cue(text: str) -> None:
    assert kinds(text) == []


@pytest.mark.parametrize(
    "text",
    ["Yes, that's right.", "So that checks out.", "Yep, same result.", "Then 3 * 4 is indeed 12."],
)
def test_contentment(text: str) -> None:
    assert content_with(text)


@pytest.mark.parametrize(
    "text",
    [
        "Does that make sense?",
        "That's not right.",
        "That doesn't make sense.",
        "It is not the same result.",
        "So 3 * 4 = 12.",
        "The right angle is 90 degrees.",
    ],
)
def test_no_contentment(text: str) -> None:
    assert not content_with(text)


def test_a_letter_that_grows_in_small_type_moves_no_range() -> None:
    """The Turkish capital I has two characters in small letters."""
    trace = Trace.make(Problem.make("?"), "İİİ is here. Wait, no. It is not.")
    (cue,) = cues(trace.reasoning, steps_of(trace))
    assert trace.reasoning[cue.start : cue.end] == "Wait"
