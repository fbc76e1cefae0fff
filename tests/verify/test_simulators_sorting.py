"""Sorting by letters, replayed by hand: pear, fig, plum."""

import pytest

from reasonscope.traces.schema import Problem
from reasonscope.verify.simulators import sorting
from reasonscope.verify.simulators.planted import case_of

QUESTION = "pear fig plum"
RIGHT = [
    "I should start by looking at the first letter of the words in the list. The first letter: "
    '"pear": "p" (16). "fig": "f" (6). "plum": "p" (16).',
    'We now have: (6) "fig" < (16) ["pear" ? "plum"].',
    'Now let\'s sort this subpart ["pear" ? "plum"] by looking at their second letters. '
    'The second letter: "pear": "e" (5). "plum": "l" (12).',
    'We now have: (5) "pear" < (12) "plum" for the subpart. '
    'Hence, we have "fig" < "pear" < "plum".',
    "I have now sorted all the words. The answer is fig pear plum",
]


def first_wrong(steps, question=QUESTION):
    verdicts = sorting.check(case_of(question, steps))
    return min((v.step_index for v in verdicts if v.correct is False), default=None)


def changed(index, old, new):
    assert old in RIGHT[index]
    return [s.replace(old, new) if i == index else s for i, s in enumerate(RIGHT)]


def test_a_right_trace_has_right_verdicts_on_every_step():
    verdicts = sorting.check(case_of(QUESTION, RIGHT))
    assert all(v.correct for v in verdicts)
    assert {v.step_index for v in verdicts} == {0, 1, 2, 3, 4}


@pytest.mark.parametrize(
    ("index", "old", "new", "why"),
    [
        (0, '"f" (6)', '"f" (7)', "letter 6 of the alphabet"),
        (0, '"f" (6)', '"g" (7)', "letter 1 of fig"),
        (0, ' "fig": "f" (6).', "", "leaves out fig"),
        (0, '"plum": "p" (16).', '"plums": "p" (16).', "adds plums"),
        (1, '["pear" ? "plum"]', '"pear" < "plum"', "by the ranks the order is"),
        (1, '(6) "fig" < ', "", "leaves out fig"),
        (1, '(16) ["', '(15) ["', "pear has rank 16"),
        (2, "by looking at their second", "by looking at their third", "second letters come next"),
        (2, '["pear" ? "plum"]', '["pear" ? "fig"]', "next subpart"),
        (3, '(5) "pear" < (12) "plum"', '(12) "plum" < (5) "pear"', "by the ranks"),
        (3, 'have "fig" < "pear"', 'have "pear" < "fig"', "in its place"),
        (3, 'have "fig" < ', "have ", "leaves out fig"),
        (4, "fig pear plum", "fig plum pear", "changes the last stated order"),
        (4, "fig pear plum", "fig pear", "leaves out plum"),
    ],
)
def test_a_spoiled_step_is_the_first_wrong_one(index, old, new, why):
    steps = changed(index, old, new)
    assert first_wrong(steps) == index
    reasons = [v.reason for v in sorting.check(case_of(QUESTION, steps)) if v.step_index == index]
    assert any(why in reason for reason in reasons)


def test_a_group_that_is_never_sorted_shows_at_the_answer():
    assert first_wrong([*RIGHT[:2], RIGHT[4]]) == 2


def test_a_group_that_is_passed_over_shows_at_the_next():
    words = "pear plum ant axe"
    steps = [
        'The first letter: "pear": "p" (16). "plum": "p" (16). "ant": "a" (1). "axe": "a" (1).',
        'We now have: (1) ["ant" ? "axe"] < (16) ["pear" ? "plum"].',
        RIGHT[2],
    ]
    assert first_wrong(steps, words) == 2


def test_the_order_inside_an_unsorted_group_means_nothing():
    assert first_wrong(changed(1, '["pear" ? "plum"]', '["plum" ? "pear"]')) is None


def test_a_group_without_its_brackets_is_still_a_group():
    assert first_wrong(changed(1, '["pear" ? "plum"]', '"pear" ? "plum"')) is None


def test_the_merged_order_may_be_left_out_or_cut_short():
    assert first_wrong(changed(3, ' Hence, we have "fig" < "pear" < "plum".', "")) is None
    assert first_wrong(changed(3, '"pear" < "plum".', '"pear" < ...')) is None


def test_what_follows_from_an_error_is_no_new_error():
    steps = changed(0, '"plum": "p" (16).', '"plum": "p" (17).')
    steps[1] = 'We now have: (6) "fig" < (16) "pear" < (17) "plum".'
    steps = [*steps[:2], RIGHT[4]]
    wrong = [v for v in sorting.check(case_of(QUESTION, steps)) if v.correct is False]
    assert [v.step_index for v in wrong] == [0]


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("pear fig plum", ("pear", "fig", "plum")),
        ("Sort the following words alphabetically: List: pear fig", ("pear", "fig")),
        ("Sort these words: pear, fig, and plum", ("pear", "fig", "plum")),
        ("What is 1 + 1?", ()),
        ("(1 + 2) =", ()),
        ("{ [", ()),
        ("word " * 5_000, ()),
    ],
)
def test_the_task_is_told_from_the_question(question, words):
    assert sorting.words_of(Problem.make(question)) == words


def test_other_prose_is_left_open():
    steps = ["First comes fig.", "Then pear and plum.", "The answer is plum pear fig"]
    assert sorting.check(case_of(QUESTION, steps)) == []


def links_of(text):
    links, full = sorting._chain(text)
    return [(link.rank, link.words) for link in links], full


@pytest.mark.parametrize(
    ("text", "links", "full"),
    [
        ('(1) "a" < (2) ["b" ? "c"]', [(1, ("a",)), (2, ("b", "c"))], True),
        ('"a" < "b"', [(None, ("a",)), (None, ("b",))], True),
        ('(1) "a" ? "b" < (2) "c"', [(1, ("a", "b")), (2, ("c",))], True),
        ('"a" < ...', [(None, ("a",))], False),
        ('"a" < …', [(None, ("a",))], False),
        ("[]", [], True),
        ("no quotes at all", [], True),
        ('(1) ["a" ? "b', [(1, ("a",))], True),
        ('? "a"', [(None, ("a",))], True),
    ],
)
def test_a_chain_is_read_link_by_link(text, links, full):
    assert links_of(text) == (links, full)


def test_words_of_one_rank_stay_together_in_the_order_given():
    assert sorting.grouped({"b": 2, "a": 1, "c": 2}) == (("a",), ("b", "c"))
    assert sorting.grouped({}) == ()


@pytest.mark.parametrize(
    ("stated", "wanted", "told"),
    [
        (["a", "b"], ["b", "a"], None),
        (["a"], ["a", "b"], "leaves out b"),
        (["a", "a"], ["a"], "adds a"),
        (["x"], ["y"], "leaves out y and adds x"),
    ],
)
def test_lists_are_compared_as_lists_with_repeats(stated, wanted, told):
    assert sorting._differs(stated, wanted) == told


def test_a_word_listed_twice_in_the_question_is_wanted_twice():
    steps = ['The first letter: "fig": "f" (6). "fig": "f" (6).']
    assert first_wrong(steps, "fig fig") is None
    assert first_wrong(['The first letter: "fig": "f" (6).'], "fig fig") == 0


def test_a_letter_past_the_end_of_a_word_is_wrong():
    steps = [
        'The first letter: "as": "a" (1). "ask": "a" (1).',
        'We now have: (1) ["as" ? "ask"].',
        'Now let\'s sort this subpart ["as" ? "ask"] by looking at their second letters. '
        'The second letter: "as": "s" (19). "ask": "s" (19).',
        'We now have: (19) ["as" ? "ask"] for the subpart.',
        'Now let\'s sort this subpart ["as" ? "ask"] by looking at their third letters. '
        'The third letter: "as": "k" (11). "ask": "k" (11).',
    ]
    verdicts = sorting.check(case_of("as ask", steps))
    wrong = [v for v in verdicts if v.correct is False]
    assert [(v.step_index, v.reason) for v in wrong] == [(4, "as has no letter 3")]


def test_capitals_are_the_same_letters():
    steps = ['The first letter: "Fig": "f" (6). "pear": "P" (16).']
    assert first_wrong(steps, "Fig pear") is None
