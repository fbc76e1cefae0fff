"""Wordings, one by one: what each rule is for, and the trap beside it."""

import pytest

from reasonscope.failures.premises.wording import CLOSING, LONGEST_STEP, abstains, suspects

SUBJECTS = ("the problem", "the question", "It", "The statement", "the text", "they")
VERBS = ("specify", "say", "mention", "state", "give", "tell us", "indicate")


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("verb", VERBS)
def test_who_does_not_say_it(subject: str, verb: str) -> None:
    assert suspects(f"Wait, {subject} doesn't {verb} how long the rope is.")
    assert suspects(f"But {subject} did not {verb} the length.")
    assert suspects(f"{subject} never really does not {verb} it") is True


@pytest.mark.parametrize("subject", SUBJECTS)
@pytest.mark.parametrize("verb", VERBS)
def test_who_does_say_it(subject: str, verb: str) -> None:
    assert not suspects(f"Here {subject} does {verb} how long the rope is.")


@pytest.mark.parametrize("word", ["given", "provided", "specified", "mentioned", "stated", "told"])
def test_what_is_not_given(word: str) -> None:
    assert suspects(f"The length of the rope is not {word}.")
    assert suspects(f"The length isn't explicitly {word}.")
    assert not suspects(f"The length is {word} as 5 feet.")


@pytest.mark.parametrize("noun", ["information", "data", "details", "context"])
@pytest.mark.parametrize(
    "lack", ["not enough", "insufficient", "missing", "incomplete", "need more"]
)
def test_what_is_lacking(lack: str, noun: str) -> None:
    assert suspects(f"There is {lack} {noun} here.")
    assert abstains(f"There is {lack} {noun} to answer this.")


@pytest.mark.parametrize(
    "verb", ["determine", "calculate", "find", "answer", "solve", "compute", "know"]
)
@pytest.mark.parametrize("way", ["cannot", "can't", "can’t", "impossible to", "unable to"])
def test_what_cannot_be_done(way: str, verb: str) -> None:
    assert suspects(f"So I am {way} {verb} the length.")
    assert abstains(f"We {way} {verb} the length.")


@pytest.mark.parametrize(
    "said",
    [
        "Could you please provide the price?",
        "Please let me know the price.",
        "If you provide the price, I can work it out.",
        "Would you clarify which rope is meant?",
    ],
)
def test_what_is_asked_for(said: str) -> None:
    assert suspects(said)
    assert abstains(f"The rope costs as much as two hooks. {said}")


@pytest.mark.parametrize(
    "said",
    [
        "I can't wait to see whether 12 works.",
        "That can't be right: 5 is odd.",
        "The rope is no longer than 5 feet.",
        "No, that is 12.",
        "He has no more apples.",
        "This does not change the sum.",
        "So 7 is not a factor.",
        "More precisely, 5.25.",
        "Further, 3 divides 12.",
        "Under the rope lie 5 hooks.",
    ],
)
def test_small_words_alone_say_nothing(said: str) -> None:
    assert not suspects(said)
    assert not abstains(said)


@pytest.mark.parametrize("hedge", ["If 6 was meant,", "Perhaps", "Assuming a typo,", "It might be"])
def test_a_hedged_box_is_no_answer(hedge: str) -> None:
    assert abstains(f"The width is not given. {hedge} \\boxed{{42}}.")


@pytest.mark.parametrize("lead", ["So the floor takes", "The answer is", "In all:"])
def test_an_unhedged_box_is_an_answer(lead: str) -> None:
    assert not abstains(f"The width is not given. {lead} \\boxed{{42}}.")


@pytest.mark.parametrize(
    "inner", ["\\text{undefined}", "\\text{Cannot be determined}", "\\text{Not enough information}"]
)
def test_a_box_may_hold_a_refusal(inner: str) -> None:
    assert abstains(f"The width is not given. The answer is \\boxed{{{inner}}}.")


@pytest.mark.parametrize("lead", ["Thus", "Therefore", "Hence", "Answer:", "**Answer:**"])
def test_a_result_after_a_doubt_is_an_answer(lead: str) -> None:
    assert not abstains(f"Ian's wage is not given.\n\n{lead} Navin earns most, 39 dollars.")
    assert abstains(f"{lead} 39 dollars for Navin. Ian's wage is not given.")


def test_only_the_start_of_a_step_and_the_end_of_an_answer_are_read() -> None:
    said = "The width is not given."
    assert suspects(said + " And so on." * LONGEST_STEP)
    assert not suspects("And so on. " * LONGEST_STEP + said)
    assert abstains("And so on. " * CLOSING + said)
    assert not abstains(said + " And so on." * CLOSING)
