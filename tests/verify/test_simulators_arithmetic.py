"""A nested sum taken apart, by hand: ((2 + 3) * (4 - 6)) is -10."""

from fractions import Fraction

import pytest

from reasonscope.traces.schema import Problem
from reasonscope.verify.simulators import arithmetic_replay
from reasonscope.verify.simulators.planted import case_of

QUESTION = "((2 + 3) * (4 - 6)) ="
RIGHT = [
    'This equation can be written as "A * B", where A = (2 + 3) and B = (4 - 6).',
    "Let's calculate A = (2 + 3) = 5.",
    "Let's calculate B = (4 - 6) = -2.",
    "Then, the final equation is A * B = 5 * -2 = -10. So the answer is -10",
]


def first_wrong(steps, question=QUESTION):
    verdicts = arithmetic_replay.check(case_of(question, steps))
    return min((v.step_index for v in verdicts if v.correct is False), default=None)


def changed(index, text):
    return [text if i == index else step for i, step in enumerate(RIGHT)]


def test_a_right_trace_has_right_verdicts_on_every_step():
    verdicts = arithmetic_replay.check(case_of(QUESTION, RIGHT))
    assert all(v.correct for v in verdicts)
    assert {v.step_index for v in verdicts} == {0, 1, 2, 3}


@pytest.mark.parametrize(
    ("index", "text"),
    [
        (0, 'This equation can be written as "A + B", where A = (2 + 3) and B = (4 - 6).'),
        (0, 'This equation can be written as "A * B", where A = (2 - 3) and B = (4 - 6).'),
        (1, "Let's calculate A = (2 + 3) = 6."),
        (1, "Let's calculate A = (2 + 4) = 6."),
        (2, "Let's calculate B = (4 - 6) = (4 - 3 - 2) = -2."),
        (3, "Then, the final equation is A + B = 5 + -2 = 3. So the answer is 3"),
        (3, "Then, the final equation is A * B = 5 * 2 = 10. So the answer is 10"),
        (3, "Then, the final equation is A * B = 5 * -2 = -10. So the answer is 10"),
    ],
)
def test_a_spoiled_step_is_the_first_wrong_one(index, text):
    assert first_wrong(changed(index, text)) == index


def test_what_follows_from_an_error_is_no_new_error():
    steps = [
        RIGHT[0],
        "Let's calculate A = (2 + 3) = 6.",
        RIGHT[2],
        "Then, the final equation is A * B = 6 * -2 = -12. So the answer is -12",
    ]
    verdicts = arithmetic_replay.check(case_of(QUESTION, steps))
    assert [v.step_index for v in verdicts if v.correct is False] == [1]


def test_the_reason_says_what_is_right():
    verdicts = arithmetic_replay.check(
        case_of(QUESTION, changed(1, "Let's calculate A = (2 + 3) = 6."))
    )
    wrong = next(v for v in verdicts if v.correct is False)
    assert (wrong.reason, wrong.expected) == ("(2 + 3) is 5, not 6", "5")


def test_a_link_that_errs_and_a_later_one_that_mends_it_is_still_wrong():
    steps = changed(1, "Let's calculate A = (2 + 3) = (2 + 4) = 5.")
    assert first_wrong(steps) == 1


def test_a_lone_bracket_does_not_hide_a_sum():
    assert first_wrong(changed(1, "Let's calculate A = ((2 + 3) = 5.")) is None
    assert first_wrong(changed(1, "Let's calculate A = ((2 + 3) = 6.")) == 1


def test_a_rounded_decimal_is_no_error():
    assert first_wrong(["Let's calculate 10 / 3 = 3.33."], "10 / 3 =") is None
    assert first_wrong(["Let's calculate 10 / 3 = 3.34."], "10 / 3 =") == 0


@pytest.mark.parametrize(
    "text",
    [
        "Let's calculate 15% of 80 = 12.",
        "Let's calculate 3 * 4 = 12 apples and 5 pears.",
        "Let's calculate 3 * 4 = 2 dozen.",
        "Let's calculate 3 * 4 = 12. Adding 5 makes 17. So the answer is 17",
        "The answer is 7.",
        "Let's calculate",
        "= = =",
    ],
)
def test_words_around_numbers_are_left_open(text):
    assert first_wrong([text], "3 * 4 + 5 =") is None


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("((2 + 3) * (4 - 6)) =", "((2 + 3) * (4 - 6))"),
        ("What is 3 * 4?", "3 * 4"),
        ("-5 + -3 =", "-5 + -3"),
        ("12 =", None),
        ("What is the capital of 3 + 4?", None),
        ("[ ( ) ]", None),
        ("", None),
        ("1 + " * 30_000, None),
    ],
)
def test_the_task_is_told_from_the_question(question, found):
    assert arithmetic_replay.sum_of(Problem.make(question)) == found


def test_numbers_of_any_size_do_not_hang_or_raise():
    huge = "9" * 100_000
    steps = [
        f"Let's calculate {huge} = {huge}.",
        "Let's calculate 9**9**9 = 1.",
        "So the answer is 1",
    ]
    assert first_wrong(steps, "1 + 1 =") is None


def test_rounding_is_to_the_places_written():
    assert arithmetic_replay._rounds(Fraction(2, 3), "0.67")
    assert not arithmetic_replay._rounds(Fraction(2, 3), "0.66")
    assert not arithmetic_replay._rounds(Fraction(2, 3), "1")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("(1 + 2)", "(1 + 2)"),
        ("((1 + 2)", "(1 + 2)"),
        ("(1 + 2))", "(1 + 2)"),
        (")(", ""),
        ("1", "1"),
        ("", ""),
    ],
)
def test_brackets_that_nothing_matches_are_dropped(text, kept):
    found = arithmetic_replay._balanced(text)
    assert found.replace(" ", "") == kept.replace(" ", "")


def test_parts_are_read_with_commas_and_with_and():
    for joint in (", ", " and ", ", and "):
        parts = joint.join(["A = (1)", "B = (2 + 1)", "C = -3"])
        start = f'This equation can be written as "A + B + C", where {parts}.'
        assert first_wrong([start], "1 + (2 + 1) + -3 =") is None
        assert first_wrong([start], "1 + (2 + 2) + -3 =") == 0


def test_a_set_up_with_an_unknown_part_is_left_open():
    start = 'This equation can be written as "A + B", where A = (2 + 3).'
    assert first_wrong([start], QUESTION) is None


def test_a_chain_of_two_hundred_links_is_read_to_its_error():
    links = " = ".join(["(2 + 3)"] + ["5"] * 150 + ["6"])
    assert first_wrong([f"Let's calculate A = {links}."]) == 0


def test_later_parts_may_use_earlier_ones():
    steps = ["Let's calculate A = (2 + 3) = 5.", "Let's calculate B = A * 2 = 10."]
    assert first_wrong(steps) is None
    assert first_wrong([steps[0], "Let's calculate B = A * 2 = 11."]) == 1


def test_division_is_exact_and_by_zero_open():
    assert first_wrong(["Let's calculate (1 / 3) * 3 = 1."], "1 / 3 =") is None
    assert first_wrong(["Let's calculate 1 / 0 = 1."], "1 / 3 =") is None
