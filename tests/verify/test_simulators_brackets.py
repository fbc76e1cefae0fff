"""A stack of brackets, replayed by hand: ``[ ( )`` needs ``]``."""

import pytest

from reasonscope.traces.schema import Problem
from reasonscope.verify.simulators import brackets
from reasonscope.verify.simulators.planted import case_of

QUESTION = "[ ( )"
RIGHT = [
    "We should process each input one by one and keep track of the stack configuration.",
    "stack: empty",
    "[ ; stack: [",
    "( ; stack: [ (",
    ") ; stack: [",
    'Now, we have reached the end. The final stack is "[".',
    'We will need to pop out "[" one by one in that order.',
    'So, we need "]". So the answer is ]',
]


def first_wrong(steps, question=QUESTION):
    verdicts = brackets.check(case_of(question, steps))
    return min((v.step_index for v in verdicts if v.correct is False), default=None)


def changed(index, text):
    return [text if i == index else step for i, step in enumerate(RIGHT)]


def test_a_right_trace_has_a_right_verdict_on_every_step_but_the_preamble():
    verdicts = brackets.check(case_of(QUESTION, RIGHT))
    assert all(v.correct for v in verdicts)
    assert {v.step_index for v in verdicts} == {1, 2, 3, 4, 5, 6, 7}


@pytest.mark.parametrize(
    ("index", "text"),
    [
        (2, "[ ; stack: [ ["),
        (2, "( ; stack: ("),
        (4, ") ; stack: [ ("),
        (4, "] ; stack: ["),
        (5, 'Now, we have reached the end. The final stack is "[ (".'),
        (6, 'We will need to pop out "(" one by one in that order.'),
        (7, 'So, we need ")". So the answer is )'),
        (7, 'So, we need "]". So the answer is ] ]'),
        (7, "So the answer is"),
    ],
)
def test_a_spoiled_step_is_the_first_wrong_one(index, text):
    assert first_wrong(changed(index, text)) == index


def test_a_skipped_symbol_shows_at_the_next_step():
    assert first_wrong(RIGHT[:3] + RIGHT[4:]) == 3


def test_an_early_end_shows_at_the_end():
    assert first_wrong(RIGHT[:4] + RIGHT[5:]) == 4


def test_what_follows_from_an_error_is_no_new_error():
    steps = [
        "stack: empty",
        "[ ; stack: [ [",
        "( ; stack: [ [ (",
        ") ; stack: [ [",
        'Now, we have reached the end. The final stack is "[ [".',
        'We will need to pop out "[" twice.',
        'So, we need "]", "]". So the answer is ] ]',
    ]
    wrong = [v for v in brackets.check(case_of(QUESTION, steps)) if v.correct is False]
    assert [v.step_index for v in wrong] == [1]
    assert wrong[0].expected == "["


def test_the_order_of_popping_counts():
    steps = [
        "stack: empty",
        "[ ; stack: [",
        "( ; stack: [ (",
        'The final stack is "[ (".',
        'We will need to pop out "[" and "(" one by one in that order.',
    ]
    assert first_wrong(steps, "[ (") == 4


def test_a_stack_written_without_spaces_is_the_same_stack():
    assert first_wrong(["stack: empty", "[ ; stack: [", "( ; stack: [("], "[ (") is None


def test_a_closer_on_an_empty_stack_is_wrong_and_nothing_is_expected():
    verdicts = brackets.check(case_of("] [", ["stack: empty", "] ; stack: empty"]))
    assert verdicts[-1].correct is False
    assert verdicts[-1].expected is None


def test_a_symbol_past_the_end_is_invented():
    assert (
        first_wrong(["stack: empty", "[ ; stack: [", "( ; stack: [ (", "[ ; stack: [ ( ["], "[ (")
        == 3
    )


def test_the_place_of_the_claim_is_its_words():
    case = case_of(QUESTION, changed(4, ") ; stack: [ ("))
    wrong = next(v for v in brackets.check(case) if v.correct is False)
    assert case.trace.reasoning[wrong.char_start : wrong.char_end] == ") ; stack: [ ("


def test_prose_about_brackets_is_left_open():
    steps = ["The first bracket opens.", "Then ( opens, so the stack has two.", "The answer is ]."]
    assert brackets.check(case_of(QUESTION, steps)) == []


def test_past_unread_words_nothing_is_called_wrong():
    steps = ["stack: empty", "[ ; stack: [", "I push the round one.", ") ; stack: ["]
    assert first_wrong(steps) is None
    assert first_wrong([steps[0], steps[1], steps[3]]) == 2  # the same without the words between


@pytest.mark.parametrize(
    ("question", "applies"),
    [
        ("{ [ ( ) ]", True),
        ("Complete the rest of the sequence, closing all brackets. Input: [ ( {", True),
        ("((1 + 2) * 3) =", False),
        ("What is f(x) if x < 3 and y > 2?", False),
        ("", False),
        ("()" * 30_000, False),
    ],
)
def test_the_task_is_told_from_the_question(question, applies):
    assert brackets.applies(Problem.make(question)) is applies


def test_the_input_is_the_run_after_input():
    problem = Problem.make("Close the brackets. Example: ( ( ( [ needs ] ) ) ). Input: { <")
    assert brackets.sequence_of(problem) == ("{", "<")


@pytest.mark.parametrize(
    ("stack", "symbol", "found"),
    [
        ((), "(", ("(",)),
        (("(",), ")", ()),
        (("(", "["), "]", ("(",)),
        (("(", "["), ")", None),
        ((), ")", None),
        (("<",), "<", ("<", "<")),
    ],
)
def test_one_symbol_changes_the_stack_by_one(stack, symbol, found):
    assert brackets.after(stack, symbol) == found


@pytest.mark.parametrize(
    ("text", "symbols"),
    [
        ('"[", "("', ("[", "(")),
        ('"[" and "("', ("[", "(")),
        ('"[" twice, then "<"', ("[", "[", "<")),
        ('"[" twice and "{" once', ("[", "[", "{")),
        ('"<" three times', ("<", "<", "<")),
        ("nothing", ()),
    ],
)
def test_a_list_in_words_is_read_with_its_numbers(text, symbols):
    assert brackets._listed(text) == symbols


def test_nothing_left_is_closed_by_nothing():
    steps = [
        "stack: empty",
        "( ; stack: (",
        ") ; stack: empty",
        "Now, we have reached the end. The final stack is empty.",
        "We will need to pop out nothing.",
        "So, we need nothing. So the answer is",
    ]
    assert first_wrong(steps, "( )") is None
    assert first_wrong([*steps[:5], "So the answer is )"], "( )") == 5


def test_a_new_start_begins_again():
    steps = ["stack: empty", "[ ; stack: [", "stack: empty", "[ ; stack: [", "( ; stack: [ ("]
    assert first_wrong(steps, "[ (") is None
