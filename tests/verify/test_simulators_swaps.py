"""Swapped objects, replayed by hand: Ann red, Bob blue, Cid green."""

import pytest

from reasonscope.traces.schema import Problem
from reasonscope.verify.simulators import swaps
from reasonscope.verify.simulators.planted import case_of

QUESTION = """Ann, Bob, and Cid are playing a game. At the start of the game, they are each \
holding a ball: Ann has a red ball, Bob has a blue ball, and Cid has a green ball.
As the game progresses, pairs of players trade balls. First, Ann and Bob swap balls. Finally, Bob \
and Cid swap balls. At the end of the game, Cid has the
Options:
(A) red ball.
(B) blue ball.
(C) green ball."""
RIGHT = [
    "At the start: Ann: red, Bob: blue, Cid: green.",
    "Ann and Bob swap balls: Ann: blue, Bob: red, Cid: green.",
    "Bob and Cid swap balls: Ann: blue, Bob: green, Cid: red.",
    "At the end of the game, Cid has the red ball. So the answer is (A)",
]


def verdicts(steps, question=QUESTION):
    return swaps.check(case_of(question, steps))


def first_wrong(steps, question=QUESTION):
    return min(
        (v.step_index for v in verdicts(steps, question) if v.correct is False), default=None
    )


def changed(index, text):
    return [text if i == index else step for i, step in enumerate(RIGHT)]


def test_the_question_is_understood():
    game = swaps.game_of(Problem.make(QUESTION))
    assert game is not None
    assert game.start == {"Ann": "red ball", "Bob": "blue ball", "Cid": "green ball"}
    assert game.swaps == (("Ann", "Bob"), ("Bob", "Cid"))
    assert game.options["A"] == "red ball"
    assert game.asked == "Cid"


def test_a_right_trace_has_right_verdicts_on_every_step():
    held = verdicts(RIGHT)
    assert all(v.correct for v in held)
    assert {v.step_index for v in held} == {0, 1, 2, 3}


@pytest.mark.parametrize(
    ("index", "text"),
    [
        (0, "At the start: Ann: blue, Bob: red, Cid: green."),
        (1, "Ann and Bob swap balls: Ann: red, Bob: blue, Cid: green."),
        (1, "Ann and Bob swap balls: Ann: blue, Bob: blue, Cid: green."),
        (1, "Ann and Cid swap balls: Ann: blue, Bob: red, Cid: green."),
        (1, "Ann and Bob swap balls: Ann: blue, Bob: pink, Cid: green."),
        (1, "Ann and Bob swap balls: Ann: blue, Cid: green."),
        (3, "At the end of the game, Cid has the blue ball. So the answer is (B)"),
        (3, "At the end of the game, Cid has the red ball. So the answer is (B)"),
        (3, "At the end of the game, Cid has the red ball. So the answer is (Z)"),
    ],
)
def test_a_spoiled_step_is_the_first_wrong_one(index, text):
    assert first_wrong(changed(index, text)) == index


def test_what_follows_from_an_error_is_no_new_error():
    steps = [
        RIGHT[0],
        "Ann and Bob swap balls: Ann: red, Bob: blue, Cid: green.",
        "Bob and Cid swap balls: Ann: red, Bob: green, Cid: blue.",
        "At the end of the game, Cid has the blue ball. So the answer is (B)",
    ]
    assert [v.step_index for v in verdicts(steps) if v.correct is False] == [1]


def test_a_swap_left_out_shows_at_the_end():
    end = "At the end of the game, Cid has the green ball. So the answer is (C)"
    assert first_wrong([*RIGHT[:2], end]) == 2


def test_only_the_two_who_swap_may_be_listed():
    assert first_wrong([RIGHT[0], "Ann and Bob swap balls: Ann: blue, Bob: red."]) is None


def test_initials_and_bare_lists_stand_for_one_swap_each():
    lists = ["A: red, B: blue, C: green", "A: blue, B: red, C: green", "A: blue, B: green, C: red"]
    assert first_wrong([*lists, "So the answer is (A)"]) is None
    assert first_wrong([lists[0], lists[2]]) == 1  # two swaps at once
    assert first_wrong([lists[0], lists[0], lists[2]]) == 1  # no swap at all


def test_several_swaps_may_be_named_before_a_list():
    steps = [
        RIGHT[0],
        "Ann and Bob swap balls, Bob and Cid swap balls.",
        "Ann has blue ball, Bob has green ball, Cid has red ball.",
    ]
    assert first_wrong(steps) is None
    assert (
        first_wrong([*steps[:2], "Ann has red ball, Bob has green ball, Cid has blue ball."]) == 2
    )


def test_part_of_a_title_names_the_book_unless_two_share_it():
    question = (
        "Ann gets The Great Gatsby, Bob gets The Great Escape, and Cid gets Catch-22. "
        "First, Ann and Bob swap books. At the end, Ann has\nOptions:\n(A) Catch-22.\n"
    )
    game = swaps.game_of(Problem.make(question))
    assert game is not None
    assert game.thing("Gatsby") == "The Great Gatsby"
    assert game.thing("Catch") == "Catch-22"
    assert game.thing("The Great") is None
    assert game.thing("Ulysses") is None


def test_words_beside_the_thing_do_not_hide_it():
    told = "Ann and Bob swap balls: Ann: blue (from Bob), Bob: red (from Ann), Cid: still green."
    assert first_wrong(changed(1, told)) is None
    assert first_wrong(changed(1, told.replace("red (from", "green (from"))) == 1
    assert (
        first_wrong(changed(1, "Ann and Bob swap balls: Ann: blue, Bob: red, Cid: same.")) is None
    )


def test_a_summary_in_prose_is_left_open():
    steps = ["After all the swaps: Ann: blue, Bob: green, Cid: red.", "So the answer is (A)"]
    assert first_wrong(steps) is None


def test_prose_with_markdown_is_followed():
    steps = [
        "1. **Start**: Ann: red, Bob: blue, Cid: green",
        "2. **Ann and Bob swap**: Ann: blue, Bob: red, Cid: green",
        "3. **Bob and Cid swap**: Ann: blue, Bob: red, Cid: green",
    ]
    assert first_wrong(steps) == 2


def test_what_is_taken_back_at_once_is_retracted():
    steps = [
        RIGHT[0],
        "Ann and Bob swap balls: Ann: red, Bob: blue, Cid: green.",
        "Wait, that is not right.",
        "Ann and Bob swap balls: Ann: blue, Bob: red, Cid: green.",
    ]
    wrong = [v for v in verdicts(steps) if v.correct is False]
    assert [(v.step_index, v.retracted, v.retracted_by) for v in wrong] == [(1, True, 2)]


@pytest.mark.parametrize(
    "question",
    [
        "Ann and Bob swap balls.",
        "Ann has a red ball and Bob has a blue ball. Who has the red ball?",
        "Ann has a red ball, Bob has a red ball. Ann and Bob swap balls.",
        "What is 1 + 1?",
        "Ann has a red ball. " * 5_000,
    ],
)
def test_other_questions_are_left_alone(question):
    assert not swaps.applies(Problem.make(question))
    assert swaps.check(case_of(question, RIGHT)) == []


def test_swapping_twice_brings_the_first_state_back():
    state = {"Ann": "red", "Bob": "blue", "Cid": "green"}
    once = swaps.swapped(state, "Ann", "Cid")
    assert once == {"Ann": "green", "Bob": "blue", "Cid": "red"}
    assert swaps.swapped(once, "Cid", "Ann") == state


def test_someone_who_swaps_with_another_is_understood_too():
    question = (
        "Ann has a red ball and Bob has a blue ball. Ann swaps balls with Bob. "
        "Then Bob trades with Ann. At the end, Ann has"
    )
    game = swaps.game_of(Problem.make(question, choices=["red ball", "blue ball"]))
    assert game is not None
    assert game.swaps == (("Ann", "Bob"), ("Bob", "Ann"))
    assert game.options == {"A": "red ball", "B": "blue ball"}


def test_an_initial_that_two_share_stands_for_nobody():
    game = swaps.game_of(
        Problem.make("Ann has a red ball and Abe has a blue ball. Ann and Abe swap balls.")
    )
    assert game is not None
    assert game.person("A") is None
    assert game.person("Abe") == "Abe"


@pytest.mark.parametrize(
    ("text", "thing"),
    [
        ("red", "red ball"),
        ("the red ball", "red ball"),
        ("Red", "red ball"),
        ("red (from Bob)", "red ball"),
        ("pink", None),
        ("ball", None),
        ("red or blue", None),
        ("", None),
    ],
)
def test_words_name_a_thing_if_just_one_fits(text, thing):
    game = swaps.game_of(Problem.make(QUESTION))
    assert game is not None
    assert game.thing(text) == thing


@pytest.mark.parametrize(
    ("text", "strange"),
    [("pink", True), ("dark pink ball", True), ("the same", False), ("red", False), ("", False)],
)
def test_only_another_thing_is_strange(text, strange):
    game = swaps.game_of(Problem.make(QUESTION))
    assert game is not None
    assert game.strange(text) is strange


def test_without_options_no_letter_is_judged():
    question = QUESTION.partition("Options:")[0]
    assert first_wrong(changed(3, "So the answer is (Q)"), question) is None
