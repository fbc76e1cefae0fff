"""Order problems: read, solved and traces on them judged."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from reasonscope.traces.schema import Case, Problem, Verdict
from reasonscope.verify.logic import applies, check
from reasonscope.verify.logic.order_claims import Before, Placed, at
from reasonscope.verify.logic.order_premises import MAX_QUESTION, OrderProblem, read_order
from reasonscope.verify.logic.order_solver import MAX_CHECKS, OrderSolver
from reasonscope.verify.logic.planted import case_of

BIRDS = """The following statements each describe a set of five objects arranged in a fixed order.
- On a branch, there are five birds: an owl, a crow, a robin, a quail, and a blue jay.
- The owl is the leftmost.
- The crow is to the left of the robin.
- The robin is to the left of the quail.
- The quail is to the left of the blue jay.
Q: Given the above statements, which of the following is correct?
Options:
(A) The owl is the second from the left.
(B) The crow is the second from the left.
(C) The robin is the second from the left.
(D) The quail is the second from the left.
(E) The blue jay is the second from the left.
"""
OWL, CROW, ROBIN, QUAIL, JAY = range(5)
FEW = """On a branch, there are three birds: an owl, a crow, and a robin.
The owl is to the left of the crow."""


def birds(*steps: str) -> Case:
    return case_of(Problem.make(BIRDS), list(steps))


def problem(question: str) -> OrderProblem:
    found = read_order(question)
    assert found is not None
    return found


def only(verdicts: list[Verdict]) -> Verdict:
    assert len(verdicts) == 1
    return verdicts[0]


def marks(*steps: str) -> list[tuple[int | None, bool | None]]:
    return [(v.step_index, v.correct) for v in check(birds(*steps))]


# Reading ---------------------------------------------------------------------------------------


def test_the_things_the_premises_and_the_options_are_read() -> None:
    found = problem(BIRDS)
    assert found.words.names == ("owl", "crow", "robin", "quail", "blue jay")
    assert found.premises == (
        at(OWL, 1), Before(CROW, ROBIN), Before(ROBIN, QUAIL), Before(QUAIL, JAY)
    )  # fmt: skip
    assert [letter for letter, _ in found.options] == ["a", "b", "c", "d", "e"]
    assert found.complete


def test_options_are_not_premises() -> None:
    assert at(CROW, 2) not in problem(BIRDS).premises


def test_a_premise_that_cannot_be_read_makes_the_reading_incomplete() -> None:
    assert not problem(FEW + "\nThe robin has a strange dislike of the crow.").complete


def test_a_list_of_another_length_than_counted_is_not_read() -> None:
    assert read_order(FEW.replace("three", "four")) is None


def test_a_thing_listed_twice_is_not_read() -> None:
    assert read_order(FEW.replace("a robin", "a crow")) is None


@pytest.mark.parametrize(
    "question",
    [
        "",
        "What is 2 + 2?",
        "Tom has three friends: Al, Bob, and Cy. How many apples do they have?",
        "There are thirteen birds: a, b, c.",
        BIRDS + "x" * MAX_QUESTION,
    ],
)
def test_other_questions_are_not_order_problems(question: str) -> None:
    assert read_order(question) is None
    assert check(case_of(Problem.make(question or "?"), ["The owl is the leftmost."])) == []


def test_applies_is_told_by_the_text() -> None:
    assert applies(Problem.make(BIRDS))
    assert not applies(Problem.make("Natalia sold clips to 48 of her friends: how many?"))


# Solving ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def solver() -> OrderSolver:
    return OrderSolver(5, problem(BIRDS).premises)


def test_the_only_order_is_owl_crow_robin_quail_jay(solver: OrderSolver) -> None:
    assert [solver.holder(place) for place in range(1, 6)] == [OWL, CROW, ROBIN, QUAIL, JAY]


def test_the_crow_is_second_though_nobody_says_so(solver: OrderSolver) -> None:
    assert solver.entails(at(CROW, 2))
    assert not solver.contradicts(at(CROW, 2))


def test_the_crow_is_not_third(solver: OrderSolver) -> None:
    assert solver.contradicts(at(CROW, 3))


def test_without_the_last_premise_the_jay_may_be_third(solver: OrderSolver) -> None:
    fewer = frozenset({0, 1, 2})
    assert not solver.entails(at(JAY, 5), fewer)
    assert not solver.contradicts(at(JAY, 3), fewer)


def test_a_place_outside_is_impossible(solver: OrderSolver) -> None:
    assert solver.contradicts(at(OWL, 6))
    assert solver.contradicts(at(OWL, 10**9))
    assert solver.holder(6) is None


def test_directly_is_stronger_than_left_of(solver: OrderSolver) -> None:
    assert solver.entails(Before(OWL, CROW, directly=True))
    assert solver.contradicts(Before(OWL, ROBIN, directly=True))


def test_the_reasons_are_few_enough_to_check(solver: OrderSolver) -> None:
    assert solver.reasons_against(Before(ROBIN, CROW)) == {1}
    assert solver.reasons_against(Before(QUAIL, CROW)) == {1, 2}


def test_nothing_is_decided_by_contradictory_premises() -> None:
    confused = OrderSolver(3, [Before(0, 1), Before(1, 0)])
    assert not confused.consistent()
    assert confused.holder(1) is None


def test_all_permutations_agree_with_z3() -> None:
    """A control: the solver against going through all orders of four things."""
    from itertools import permutations

    from reasonscope.verify.logic.order_claims import true_in

    premises = [
        Before(0, 1),
        Placed(frozenset({(2, 1), (2, 4)})),
        Placed(frozenset({(3, 2)}), False),
    ]
    allowed = [o for o in permutations(range(4)) if all(true_in(p, o) for p in premises)]
    tested = OrderSolver(4, premises)
    claims = [at(t, p) for t in range(4) for p in range(1, 5)]
    claims += [Before(a, b) for a in range(4) for b in range(4) if a != b]  # type: ignore[misc]
    for claim in claims:
        held = {true_in(claim, order) for order in allowed}
        assert tested.entails(claim) is (held == {True})
        assert tested.contradicts(claim) is (held == {False})


def test_beyond_its_budget_the_solver_decides_nothing() -> None:
    tired = OrderSolver(3, [Before(0, 1)])
    tired._checks = MAX_CHECKS
    assert not tired.entails(Before(0, 1))
    assert not tired.contradicts(Before(1, 0))


# Judging ---------------------------------------------------------------------------------------

OPEN = "then third, fourth, and fifth are unknown"
STEPS = (
    "The owl is the leftmost. So from left to right: first is the owl, then second is an unknown "
    "bird, then third is an unknown bird.",
    "The crow is to the left of the robin. The robin is to the left of the quail. So the crow "
    "cannot be the rightmost.",
    "The quail is to the left of the blue jay. So from left to right: first is the owl, then "
    "second is the crow, then third is the robin, then fourth is the quail, then fifth is the "
    "blue jay.",
    "According to this ordering, the crow is the second from the left. So the answer is (B)",
)


def test_a_right_chain_is_left_alone() -> None:
    assert {correct for _, correct in marks(*STEPS)} <= {True, None}


def test_a_false_place_is_contradicted_and_the_reason_names_premises() -> None:
    verdict = check(birds(STEPS[0], "The crow is to the left of the robin, so the crow is third."))
    assert verdict[-1].correct is False
    assert verdict[-1].expected == "robin is the third from the left"
    assert "robin is left of quail" in verdict[-1].reason


def test_what_is_true_but_not_yet_shown_is_not_licensed() -> None:
    early = "The crow is to the left of the robin. So from left to right: second is the crow."
    wrong = [v for v in check(birds(STEPS[0], early, STEPS[2])) if v.correct is False]
    assert wrong[0].step_index == 1
    assert "does not follow from what has been cited so far" in wrong[0].reason


def test_the_same_place_is_licensed_once_its_premises_are_cited() -> None:
    assert marks(*STEPS)[-2:] == [(3, True), (3, True)]


def test_a_known_place_left_open_is_wrong() -> None:
    forgets = STEPS[1] + " So from left to right: first can be any bird."
    wrong = [v for v in check(birds(STEPS[0], forgets)) if v.correct is False]
    assert only(wrong).expected == "owl is the leftmost"


def test_any_bird_means_any() -> None:
    loose = "The crow is to the left of the robin. So from left to right: third can be any bird."
    strict = loose.replace("third", "fifth")
    assert (1, False) not in marks(STEPS[0], loose)
    assert (1, False) in marks(STEPS[0], strict)  # the crow cannot be last


def test_a_sixth_place_does_not_exist() -> None:
    wrong = [v for v in check(birds(*STEPS[:2], "So sixth is the owl.")) if v.correct is False]
    assert "only five" in only(wrong).reason or "only 5 places" in only(wrong).reason


def test_a_wrong_answer_after_a_right_order_is_found() -> None:
    last = "According to this ordering, the robin is the third from the left. So the answer is (C)"
    assert [v.step_index for v in check(birds(*STEPS[:3], last)) if v.correct is False] == [3]


def test_a_trace_that_cites_nothing_is_held_to_the_problem_only() -> None:
    assert marks("From left to right: second is the crow, then third is the robin.") == [(0, True)]
    assert marks("From left to right: second is the robin.") == [(0, False)]


def test_a_misquoted_premise_is_contradicted() -> None:
    assert marks("The robin is to the left of the crow.") == [(0, False)]


def test_a_premise_told_from_the_other_side_is_given() -> None:
    verdict = only(check(birds("The robin is to the right of the crow.")))
    assert verdict.correct is True
    assert verdict.reason.startswith("given")


def test_the_range_of_a_verdict_is_its_sentence() -> None:
    case = birds("Well then.", "The owl is the leftmost. The robin is the leftmost.")
    for verdict in check(case):
        assert case.trace.reasoning[verdict.char_start : verdict.char_end] == verdict.claim


# Prose that explores ----------------------------------------------------------------------------


def test_an_exploring_trace_is_not_held_to_what_it_cites() -> None:
    assert marks("Okay, wait.\n\n", "The crow is second.") == [(1, True)]


def test_what_stands_under_a_supposition_is_not_judged() -> None:
    assert marks("Hmm. Suppose the owl is second. Then the crow is third.") == []


def test_a_supposition_ends_with_its_paragraph() -> None:
    assert marks("Maybe the owl is second.\n\n", "The crow is third.") == [(1, False)]


def test_a_supposition_that_announces_reaches_into_the_next_paragraph() -> None:
    assert marks("If the owl ate, the order would be:\n\n", "The crow is third.") == []
    assert marks("The owl is the leftmost.\n\n", "The crow is third.") == [(0, True), (1, False)]


def test_what_is_taken_back_is_marked_retracted() -> None:
    case = birds("Okay.\n\n", "The crow is third. \n\n", "Wait, no, that's not right.")
    verdict = only(check(case))
    assert verdict.correct is False
    assert verdict.retracted
    assert verdict.retracted_by == 2


def test_open_in_the_problem_stays_open_in_prose() -> None:
    case = case_of(Problem.make(FEW), ["Hmm, okay.", "The robin is the leftmost."])
    assert only(check(case)).correct is None


def test_open_in_the_problem_is_too_much_for_a_trace_that_argues() -> None:
    case = case_of(Problem.make(FEW), ["So the robin is the leftmost."])
    assert only(check(case)).correct is False


# Hostile text -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "the owl is " * 90_000,
        "first, second, and " * 50_000,
        "So from left to right: " + "first, second, " * 120,
        "so then " * 240 + ".",
        ("The owl is third. " * 3_000),
        "\u202ethe owl is the leftmost\u202c",
        "(" * 100_000,
    ],
)
def test_hostile_text_ends(text: str) -> None:
    assert len(check(birds(text))) <= 600


def test_ten_thousand_steps_end() -> None:
    assert len(check(birds(*["The owl is the leftmost."] * 10_000))) == 600


def test_reasonscope_does_not_load_z3_until_it_is_needed() -> None:
    code = "import sys, reasonscope.verify.logic; sys.exit('z3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# Public sets ------------------------------------------------------------------------------------


@pytest.mark.shared
def test_z3_picks_the_right_option_of_each_public_problem(shared_data: Path) -> None:
    rows = json.loads((shared_data / "logic" / "LogicalDeduction_dev.json").read_text("utf-8"))
    for row in rows[::10]:
        found = problem("\n".join([row["context"], row["question"], *row["options"]]))
        tested = OrderSolver(found.words.size, found.premises)
        fits = [a for a, claims in found.options if all(map(tested.entails, claims))]
        assert fits == [row["answer"].lower()], row["id"]


@pytest.mark.shared
def test_first_errors_of_palm_are_found(shared_data: Path) -> None:
    lines = (shared_data / "bigbench-mistake" / "logical_deduction.jsonl").read_text("utf-8")
    rows = [json.loads(line) for line in lines.splitlines()[::5]]
    found = []
    for row in rows:
        verdicts = check(case_of(Problem.make(row["input"]), row["steps"]))
        wrong = [v.step_index for v in verdicts if v.correct is False]
        found.append(min(filter(None, wrong), default=None) == row["mistake_index"])
    assert sum(found) / len(found) >= 0.85
