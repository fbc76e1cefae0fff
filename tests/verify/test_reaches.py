"""Tries at a target replayed: numbers left, amounts that go on, false success."""

from random import Random

from reasonscope.organisms import worked
from reasonscope.problems.procedural import reach
from reasonscope.traces.schema import Case, Problem, Trace
from reasonscope.traces.segment.steps import steps_of
from reasonscope.verify import judge
from reasonscope.verify.simulators import reaches

QUESTION = "Use 2, 8, 6 to make 32."


def verdicts(text: str, question: str = QUESTION) -> list[tuple[str, bool | None]]:
    problem = Problem.make(question)
    trace = Trace.make(problem, text)
    found = reaches.check(Case(problem, trace, tuple(steps_of(trace))))
    return [(verdict.claim, verdict.correct) for verdict in found]


def test_a_right_try_works():
    assert verdicts("Try 6 - 2 = 4. Then 4 * 8 = 32. That works.") == [
        ("6 - 2 = 4", True),
        ("4 * 8 = 32", True),
        ("That works", True),
    ]


def test_a_number_is_used_once():
    assert verdicts("Try 2 + 8 = 10. Then 10 + 8 = 18.")[1] == ("10 + 8 = 18", False)


def test_a_number_that_was_not_given_is_wrong():
    assert verdicts("Try 3 + 8 = 11.") == [("3 + 8 = 11", False)]


def test_a_try_goes_on_from_where_it_stands():
    assert verdicts("Try 6 - 2 = 4. Then 5 * 8 = 40.")[1] == ("5 * 8 = 40", False)


def test_false_success_is_wrong():
    assert verdicts("Try 6 * 2 = 12. That works.")[1] == ("That works", False)


def test_giving_up_on_the_target_itself_is_wrong():
    assert verdicts("Try 6 - 2 = 4. Then 4 * 8 = 32. Not 32.")[2] == ("Not 32", False)


def test_a_new_try_has_all_numbers_again():
    said = verdicts("Try 6 * 2 = 12. Then 12 + 8 = 20. 20 is not 32. Try 6 - 2 = 4.")
    assert [right for _, right in said] == [True] * 4


def test_a_check_moves_nothing():
    said = verdicts("Try 6 - 2 = 4. Check: 4 + 2 = 6. Right. Then 4 * 8 = 32. That works.")
    assert [right for _, right in said] == [True] * 3


def test_worked_traces_hold_no_standing_error():
    for index in range(150):
        problem = reach.make(5, index)
        text = worked.trace(problem, Random(index), worked.Habits(slips=0.2))
        trace = Trace.make(problem, text.split(" </think>")[0])
        said = judge.judge(Case(problem, trace, tuple(steps_of(trace))))
        assert all(verdict.correct or verdict.retracted for verdict in said), text


def test_other_questions_are_left_alone():
    assert verdicts("Try 6 - 2 = 4.", question="What is 6 - 2?") == []
