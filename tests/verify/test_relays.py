"""Relays replayed: passes that were told, amounts, and what an equation is about."""

from random import Random

from reasonscope.organisms import worked
from reasonscope.problems.procedural import relay
from reasonscope.traces.schema import Case, Problem, Trace
from reasonscope.traces.segment.steps import steps_of
from reasonscope.verify import judge
from reasonscope.verify.simulators import relays

QUESTION = "Bob has 7. Bob plus 4 makes Eve. Dave minus 2 makes Karl. How many has Eve?"


def verdicts(text: str, question: str = QUESTION) -> list[tuple[str, bool | None]]:
    problem = Problem.make(question)
    trace = Trace.make(problem, text)
    found = relays.check(Case(problem, trace, tuple(steps_of(trace))))
    return [(verdict.claim, verdict.correct) for verdict in found]


def test_a_right_solution_is_right_in_every_claim():
    assert verdicts("Bob has 7. Bob plus 4 makes Eve. 7 + 4 = 11. So Eve has 11.") == [
        ("Bob has 7", True),
        ("Bob plus 4 makes Eve", True),
        ("7 + 4 = 11", True),
        ("Eve has 11", True),
    ]


def test_a_pass_that_nobody_told_is_wrong():
    assert verdicts("Bob plus 5 makes Eve.") == [("Bob plus 5 makes Eve", False)]


def test_right_arithmetic_on_the_wrong_amount_is_wrong():
    assert verdicts("Bob plus 4 makes Eve. 9 + 4 = 13.")[1] == ("9 + 4 = 13", False)


def test_an_amount_that_nothing_leads_to_is_left_open():
    assert verdicts("Karl has 12.") == []


def test_a_check_is_no_step_of_the_relay():
    assert verdicts("Bob plus 4 makes Eve. Check: 11 - 4 = 7. 7 + 4 = 11.")[1:] == [
        ("7 + 4 = 11", True)
    ]


def test_other_questions_are_not_relays():
    assert not relays.applies(Problem.make("Bob has 7 apples. How many has Eve?"))
    assert verdicts("Bob has 7.", question="What is 2 + 2?") == []


def test_worked_traces_hold_no_standing_error():
    for index in range(150):
        problem = relay.make(5, index)
        text = worked.trace(problem, Random(index), worked.Habits(slips=0.2))
        trace = Trace.make(problem, text.split(" </think>")[0])
        said = judge.judge(Case(problem, trace, tuple(steps_of(trace))))
        assert all(verdict.correct or verdict.retracted for verdict in said), text


def test_a_hostile_megabyte_is_answered():
    assert isinstance(verdicts("Bob has " * 120_000), list)
