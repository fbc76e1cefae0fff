"""All verifiers together: whose word counts, what a step comes to, which error is first."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reasonscope.traces.schema import Problem, Verdict
from reasonscope.verify.judge import VERIFIERS, Verifier, first_error, judge, step_outcome
from reasonscope.verify.simulators.planted import KINDS, case_of, planted


def said(step, correct, *, retracted=False, verifier="equations"):
    return Verdict(
        trace_id="t",
        step_index=step,
        verifier=verifier,
        correct=correct,
        reason="as planted",
        retracted=retracted,
        retracted_by=step if retracted else None,
    )


@pytest.mark.parametrize(
    ("claims", "outcome"),
    [
        ([], None),
        ([None], None),
        ([True], True),
        ([False], False),
        ([True, None], True),
        ([None, False], False),
        ([True, True, False], False),
    ],
)
def test_one_wrong_claim_makes_a_step_wrong_in_any_order(claims, outcome):
    for order in permutations(claims):
        assert step_outcome([said(0, correct) for correct in order]) is outcome


def test_a_claim_taken_back_does_not_make_a_step_wrong_nor_right():
    back = said(0, False, retracted=True)
    assert step_outcome([back]) is None
    assert step_outcome([back, said(0, True)]) is True
    assert step_outcome([back, said(0, False)]) is False


def test_the_first_error_is_the_least_step_with_a_standing_error():
    verdicts = [said(5, False), said(2, False, retracted=True), said(3, False), said(1, True)]
    assert first_error(verdicts) == 3


def test_a_wrong_final_answer_is_no_step():
    assert first_error([said(None, False)]) is None
    assert first_error([]) is None


def test_equations_are_judged_in_any_trace():
    verdicts = judge(case_of("How many eggs?", ["17 + 5 = 22 eggs.", "22 - 2 = 21 eggs."]))
    assert first_error(verdicts) == 1
    assert {v.verifier for v in verdicts} == {"equations"}


def test_a_question_of_a_known_kind_gets_its_simulator():
    case = planted("swaps", 1, error=True)
    verdicts = judge(case.case)
    assert first_error(verdicts) == case.wrong_step
    assert {v.verifier for v in verdicts} == {"simulators.swaps"}


def test_arithmetic_is_not_judged_twice():
    case = planted("arithmetic", 1, error=False).case
    verdicts = judge(case)
    replayed = {v.step_index for v in verdicts if v.verifier == "simulators.arithmetic"}
    assert replayed == set(range(len(case.steps)))
    assert not [v for v in verdicts if v.verifier == "equations" and v.step_index in replayed]


def test_what_the_arithmetic_simulator_leaves_open_the_equations_judge():
    case = case_of("(1 + 2) * 3 =", ["First, 1 + 2 = 4.", "Then 4 * 3 = 12."])
    assert first_error(judge(case)) == 0


def test_order_in_a_row_is_checked_by_logic():
    question = (
        "The following paragraphs each describe a set of three objects arranged in a fixed order. "
        "On a shelf, there are three books: a red book, a blue book, and a white book. "
        "The red book is to the left of the blue book. The white book is the rightmost.\n"
        "Options:\n(A) The red book is the leftmost.\n(B) The blue book is the leftmost.\n"
        "(C) The white book is the leftmost."
    )
    verdicts = judge(case_of(question, ["The blue book is to the left of the red book."]))
    assert first_error(verdicts) == 0
    assert verdicts[0].verifier.startswith("logic")


def _raises(case):
    raise ZeroDivisionError("division by zero")


def test_a_verifier_that_fails_costs_no_other_verdicts():
    broken = Verifier("broken", lambda problem: True, _raises)
    case = case_of("How many?", ["17 + 5 = 21."])
    verdicts = judge(case, (broken, *VERIFIERS))
    assert first_error(verdicts) == 0
    assert judge(case) == [v for v in verdicts if v.verifier != "broken"]
    (failed,) = [v for v in verdicts if v.verifier == "broken"]
    assert failed.correct is None
    assert "ZeroDivisionError" in failed.reason


def test_a_verifier_that_does_not_apply_is_not_asked():
    broken = Verifier("broken", lambda problem: False, _raises)
    assert judge(case_of("How many?", ["Many."]), (broken,)) == []


def test_verdicts_come_in_the_order_of_the_steps():
    verdicts = judge(case_of("How many?", ["1 + 1 = 2.", "2 + 2 = 5.", "3 + 3 = 6."]))
    assert [v.step_index for v in verdicts] == [0, 1, 2]


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**9), error=st.booleans())
def test_planted_errors_are_first_for_the_judge_too(kind, seed, error):
    case = planted(kind, seed, error)
    assert first_error(judge(case.case)) == case.wrong_step


FRAGMENTS = [
    "1 + 1 = 3.",
    "[ ; stack: [",
    "Ann and Bob swap: Ann: red, Bob: blue.",
    "= = =",
    "9**9**9 = 1",
    r"\frac{1}{",
    "If the cat is red then it is big.",
    '"a": "b" (2).',
    "The answer is (A)",
    "Wait,",
]
PIECES = st.sampled_from(FRAGMENTS) | st.text(max_size=40)


@settings(max_examples=60, deadline=None)
@given(
    question=st.sampled_from([planted(k, 0, False).case.problem.question for k in KINDS])
    | st.text(max_size=80),
    steps=st.lists(PIECES, min_size=1, max_size=6),
)
def test_none_of_our_verifiers_raises_on_any_text(question, steps):
    verdicts = judge(case_of(question, steps))
    assert not [v for v in verdicts if "the verifier failed" in v.reason]


def test_each_verifier_is_named_once():
    names = [verifier.name for verifier in VERIFIERS]
    assert len(set(names)) == len(names)
    assert all(verifier.applies(Problem.make("")) in (True, False) for verifier in VERIFIERS)
