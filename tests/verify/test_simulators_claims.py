"""What a replay may say: places of words, doubts, and where it loses the thread."""

import pytest

from reasonscope.verify.simulators import claims
from reasonscope.verify.simulators.claims import Claim, as_verdict, replayed, short, takes_back
from reasonscope.verify.simulators.planted import case_of


class Counting:
    """Follows a trace that counts up by one; says nothing of steps that hold no number."""

    def __init__(self):
        self.begun = False
        self.last = 0

    def step(self, text):
        number = next((int(word) for word in text.split() if word.isdigit()), None)
        if number is None:
            return []
        right, self.last, self.begun = self.last + 1, number, True
        return [Claim(number == right, f"after {right - 1} comes {right}", str(number), str(right))]


def outcomes(steps):
    verdicts = replayed(case_of("Count.", steps), "counting", Counting())
    return [(v.step_index, v.correct, v.retracted) for v in verdicts]


def test_each_step_is_judged_by_the_one_before():
    assert outcomes(["1", "2", "4", "5"]) == [
        (0, True, False),
        (1, True, False),
        (2, False, False),
        (3, True, False),
    ]


def test_words_before_the_start_do_not_lose_the_thread():
    assert outcomes(["Let us count.", "1", "3"]) == [(1, True, False), (2, False, False)]


def test_words_between_leave_what_then_seems_wrong_open_and_all_after_it():
    assert outcomes(["1", "and then another", "3", "4"]) == [(0, True, False)]


def test_words_between_do_no_harm_where_all_stays_right():
    steps = ["1", "and then", "2", "3"]
    assert [correct for _, correct, _ in outcomes(steps)] == [True, True, True]


def test_blank_steps_are_no_words():
    assert outcomes(["1", "   ", "3"]) == [(0, True, False), (2, False, False)]


def test_a_doubt_takes_back_the_step_before_and_ends_the_replay():
    assert outcomes(["1", "3", "Wait, that was 2.", "9"]) == [(0, True, False), (1, False, True)]


def test_a_doubt_takes_back_no_earlier_step():
    assert outcomes(["1", "3", "4", "Wait."])[1] == (1, False, False)


def test_what_was_right_is_never_retracted():
    assert outcomes(["1", "Hmm."]) == [(0, True, False)]


def test_a_step_that_is_too_long_is_not_read(monkeypatch):
    monkeypatch.setattr(claims, "MAX_TEXT", 10)
    assert outcomes(["1", "2 and a long tail of words", "3"]) == [(0, True, False)]


def test_the_place_of_the_words_counts_from_the_start_of_the_reasoning():
    case = case_of("Count.", ["one", "two 2 two"])
    verdict = as_verdict(case, case.steps[1], "counting", Claim(True, "as planted", "2"))
    assert case.trace.reasoning[verdict.char_start : verdict.char_end] == "2"
    assert verdict.char_start == len("one\n") + len("two ")


def test_words_that_do_not_stand_there_have_no_place():
    case = case_of("Count.", ["one"])
    for said in ("elsewhere", ""):
        verdict = as_verdict(case, case.steps[0], "counting", Claim(True, "as planted", said))
        assert (verdict.char_start, verdict.char_end) == (None, None)


def test_a_long_claim_is_cut_but_keeps_its_place():
    case = case_of("Count.", ["x" * 1_000])
    verdict = as_verdict(case, case.steps[0], "counting", Claim(True, "as planted", "x" * 1_000))
    assert len(verdict.claim) == 401
    assert verdict.char_end == 1_000


def test_short_leaves_short_text_alone():
    assert short("abc", 3) == "abc"
    assert short("abcd", 3) == "abc…"


@pytest.mark.parametrize(
    "text",
    [
        "Wait, no.",
        "But wait, Bob had it.",
        "**Wait**, that is off.",
        "Hmm, so 3?",
        "It is 4. Wait, it is 5.",
        "Let me recheck.",
        "Let me double-check that.",
        "Actually, Bob swaps first.",
        "No, that is wrong.",
        "Alternatively, start from the end.",
        "To verify, go through it again.",
    ],
)
def test_doubt_is_heard(text):
    assert takes_back(text)


@pytest.mark.parametrize(
    "text",
    [
        "Alice waits for Bob.",
        "So the answer is 4.",
        "[ ; stack: [",
        "Nobody swaps.",
        'We now have: (1) "a" < (2) "no".',
        "Let's calculate A = (1 + 2) = 3.",
        "Let me sort the words.",
    ],
)
def test_plain_steps_are_no_doubt(text):
    assert not takes_back(text)
