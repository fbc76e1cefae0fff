"""Searches over numbers are read as trees and walks; their six measures are those done by hand."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reasonscope.problems.procedural import countdown
from reasonscope.structure.search import INSTRUMENT, Search, examine
from reasonscope.structure.search.findings import conclude
from reasonscope.structure.search.measures import measures
from reasonscope.structure.search.planted import exact, no_search, planted_search
from reasonscope.structure.search.puzzles import Puzzle, puzzle
from reasonscope.structure.search.sums import sums
from reasonscope.structure.search.walks import Arrow, Node, Walk
from reasonscope.traces.schema import Case, Problem, Trace
from reasonscope.traces.segment.steps import steps_of
from reasonscope.traces.store import Study, declare


def search(text: str, numbers: tuple[int, ...] = (12, 8, 3), target: int = 60) -> Search:
    problem = Problem.make("?", extra={"numbers": list(numbers), "target": target})
    trace = Trace.make(problem, text)
    return examine(Case(problem, trace, steps_of(trace)))[0]


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("Use 4, 7, 8 and 8 to make 24.", Puzzle((4, 7, 8, 8), 24)),
        ("Using the numbers [19, 36], create an equation that equals 55.", Puzzle((19, 36), 55)),
        ("Tom uses 3 eggs to make 2 cakes.", None),
        ("How many of the numbers 3, 4 and 5 are odd?", None),
    ],
)
def test_a_question_is_a_puzzle_or_not(question: str, wanted: Puzzle | None) -> None:
    assert puzzle(Problem.make(question)) == wanted


def test_the_family_of_this_package_is_a_puzzle() -> None:
    made = countdown.make(0, 1, numbers=4)
    found = puzzle(made)
    assert found is not None
    assert len(found.numbers) == 4


@pytest.mark.parametrize(
    ("text", "results"),
    [
        ("12 + 8 = 20", [[20]]),
        ("12 + 8 is 20, then 20 * 3 = 60", [[20], [60]]),
        ("(12 + 8) * 3 = 60", [[20, 60]]),
        ("12 + 8 * 3 = 36", [[24, 36]]),
        (r"\(12 \times 8 = 96\)", [[96]]),
        ("12 + 8 = 20 * 3 = 60", [[20], [60]]),
        ("12 plus 8 equals 21", [[21]]),
        ("there are 12 boxes and 8 lids", []),
        ("12 / 0 = 3", []),
        ("((((12 + 8 = 20", []),
    ],
)
def test_the_sums_of_a_text(text: str, results: list[list[int]]) -> None:
    assert [[int(o.result) for o in one.operations] for one in sums(text)] == results


@given(st.text(alphabet="0123456789+-*/()= x.\\timesab\n", max_size=200))
@settings(max_examples=150)
def test_any_text_has_sums(text: str) -> None:
    for one in sums(text):
        assert 0 <= one.start <= len(text)
        assert one.operations


def test_a_straight_solution_is_a_search_of_one_leaf() -> None:
    seen = search("Try 12 + 8 = 20, then 20 * 3 = 60.")
    assert (seen.solutions, seen.success_share, seen.jump_distance) == (1, 1.0, 0.0)
    assert seen.parents == (0, 1)


def test_what_cannot_be_done_here_is_done_above() -> None:
    seen = search("12 + 8 = 20, then 20 * 3 = 60. Too small. 12 * 3 = 36, then 36 + 8 = 44.")
    assert seen.parents == (0, 1, 0, 3)
    assert seen.walk_categories == (
        "calculation",
        "calculation",
        "backtracking",
        "calculation",
        "calculation",
    )


def test_coming_sums_tell_which_state_is_meant() -> None:
    """8 / 8 could be done in two states; only from the given numbers can 7 - 1 follow."""
    text = "7 - 4 = 3, then 3 * 8 = 24. Alternatively 8 / 8 = 1, then 7 - 1 = 6, then 6 * 4 = 24."
    seen = search(text, (4, 7, 8, 8), 24)
    assert seen.parents == (0, 1, 0, 3, 4)
    assert seen.unread == 0


def test_a_number_that_is_used_up_is_not_there() -> None:
    seen = search("12 + 12 = 24.")
    assert (seen.solutions, seen.unread) == (None, 1)
    assert seen.reason == "no operation on the given numbers was found"


def test_a_check_verifies_and_is_no_new_try() -> None:
    seen = search("12 + 8 = 20, then 20 * 3 = 60. Let me check: 12 + 8 = 20, 20 * 3 = 60.")
    assert seen.walk_categories[2:] == ("verification",) * 3
    assert (seen.solutions, seen.visits, seen.jump_distance) == (1, 2, 0.0)
    assert seen.verification_share == 0.6
    assert seen.forgetting is False


def test_the_same_computed_twice_is_forgetting() -> None:
    """Two nodes and the root; four calculations."""
    seen = search("12 + 8 = 20, 20 * 3 = 60. Start over: 12 + 8 = 20, 20 * 3 = 60.")
    assert (seen.nodes, seen.forgetting) == (3, True)


def test_a_slip_is_kept_as_stated() -> None:
    seen = search("12 + 8 = 21, then 21 * 3 = 63.")
    assert (seen.results, seen.success_share) == (("21", "63"), 0.0)


def hand_walk() -> Walk:
    """Root 0; 1 and 4 below it; leaves 2 and 3 below 1, leaf 5 below 4."""
    parents: list[int | None] = [None, 0, 1, 1, 0, 4]
    results = [None, 5, 24, 7, 6, 24]
    nodes = [
        Node(parent, (), None if result is None else Fraction(result))
        for parent, result in zip(parents, results, strict=True)
    ]
    for at, parent in enumerate(parents):
        if parent is not None:
            nodes[parent].children[at] = at
    return Walk(nodes)


def walked(*moves: tuple[int, str]) -> Walk:
    walk = hand_walk()
    here = 0
    for end, category in moves:
        walk.arrows.append(Arrow(here, end, category, 0))  # type: ignore[arg-type]
        here = end
    return walk


def test_the_six_measures_by_hand() -> None:
    """Leaves 3 (wrong), 2 (right), 5 (right): distances 2 and 4; one of three after the first."""
    c, b = "calculation", "backtracking"
    walk = walked((1, c), (3, c), (1, b), (2, c), (0, b), (4, c), (5, c))
    seen = measures(walk, 24)
    assert seen is not None
    assert (seen.solutions, seen.visits) == (3, 3)
    assert seen.jump_distance == 3.0
    assert seen.chance_distance == pytest.approx((2 + 4 + 4) / 3)
    assert seen.success == pytest.approx(2 / 3)
    assert seen.overthinking == pytest.approx(1 / 3)
    assert seen.verification == 0.0
    assert seen.forgetting is False


def test_a_visit_to_check_is_dropped_from_the_jumps_alone() -> None:
    c, b, v = "calculation", "backtracking", "verification"
    walk = walked((1, c), (2, c), (0, v), (1, v), (2, v), (1, b), (3, c))
    seen = measures(walk, 24)
    assert seen is not None
    assert (seen.visits, seen.solutions, seen.jump_distance) == (3, 2, 2.0)
    assert seen.verification == pytest.approx(3 / 7)
    assert seen.overthinking == pytest.approx(2 / 3)


def test_no_right_visit_is_no_overthinking() -> None:
    seen = measures(walked((1, "calculation"), (3, "calculation")), 24)
    assert seen is not None
    assert (seen.success, seen.overthinking) == (0.0, 0.0)


@pytest.mark.parametrize("seed", range(40))
def test_planted_searches_are_read_exactly(seed: int) -> None:
    assert exact(planted_search(seed, neighbours=seed % 2 == 0))


def test_another_walk_is_not_taken_for_the_planted_one() -> None:
    """The control: with one sentence left out nothing is exact any more."""
    made = planted_search(3, neighbours=True)
    last = next(one for one in made.walk.arrows if one.end == len(made.walk.nodes) - 1)
    kept = [step.text for step in made.case.steps if step.index != last.step]
    trace = Trace.make(made.case.problem, "".join(kept))
    case = Case(made.case.problem, trace, steps_of(trace))
    assert examine(case)[0].parents != tuple(node.parent for node in made.walk.nodes[1:])


def test_talk_of_numbers_is_no_search() -> None:
    assert no_search(1).solutions is None


def test_another_problem_is_no_search() -> None:
    problem = Problem.make("How many apples?", answer="7")
    trace = Trace.make(problem, "3 + 4 = 7.")
    row = examine(Case(problem, trace, steps_of(trace)))[0]
    assert (row.reason, row.solutions) == ("the problem is no search over numbers", None)


def test_hostile_traces_end() -> None:
    assert search("9" * 1_000_000).solutions is None
    assert search("12 + 8 = 20. Back. " * 10_000).nodes == 2
    many = "".join(f"Again {i} * {i} = {i * i}.\n" for i in range(100, 5_000))
    assert search(many).unread == 4_900
    assert search("(" * 500_000 + " = 3").solutions is None


def make_study(folder, cases: list[Case]) -> Study:
    declare("searches", Search)
    held = Study.create(folder)
    held.write_part("problems", "one", [case.problem for case in cases])
    held.write_part("traces", "one", [case.trace for case in cases])
    held.write_part("searches", "one", [row for case in cases for row in examine(case)])
    return held


def test_a_study_of_neighbours_is_concluded(tmp_path) -> None:
    cases = [planted_search(seed, neighbours=True).case for seed in range(40)]
    held = make_study(tmp_path / "s", cases)
    found = {one.name: one for one in conclude(held)}
    assert found["search_trace_share"].estimate.value == 1.0
    near = found["jump_minus_chance"].estimate
    assert near.high is not None
    assert near.high < 0
    control = found["success_share"].control
    assert control is not None
    assert control.value is not None
    assert control.value < 0.05
    assert len(INSTRUMENT.panel(held).figures) == 1


def test_a_study_without_searches_says_so_and_counts_no_zero(tmp_path) -> None:
    problem = Problem.make("How many apples?")
    held = make_study(tmp_path / "s", [Case(problem, Trace.make(problem, "Three."))])
    found = {one.name: one for one in conclude(held)}
    assert found["search_trace_share"].estimate.value == 0.0
    assert all(
        one.estimate.value is None and "no search here" in one.sentence
        for name, one in found.items()
        if name != "search_trace_share"
    )
    assert INSTRUMENT.panel(held).figures == ()


def test_calibration() -> None:
    for one in INSTRUMENT.calibrate(3, 60):
        assert one.power.value is not None
        assert one.power.value > 0.9
        assert one.false_positive.value is not None
        assert one.false_positive.value <= 0.15
