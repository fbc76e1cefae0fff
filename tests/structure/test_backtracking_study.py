"""A study's returns become findings, a panel and marks; what cannot be assessed says so."""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import pytest

from reasonscope.findings import Finding
from reasonscope.structure.backtracking import INSTRUMENT, Returns, examine
from reasonscope.structure.backtracking.findings import (
    LEAST_SAMPLES,
    conclude,
    counted,
    shares_right,
    shuffled,
)
from reasonscope.structure.backtracking.planted import planted_trace
from reasonscope.structure.backtracking.rates import (
    LEAST_MIXED,
    Counted,
    by_difficulty,
    by_outcome,
    mixed_problems,
)
from reasonscope.traces.formats import read
from reasonscope.traces.schema import Candidate, Case, Problem, Reading, Trace, Verdict
from reasonscope.traces.segment.steps import steps_of
from reasonscope.traces.store import Study, declare


def final(case: Case, right: bool | None) -> Candidate:
    """A final answer."""
    return Candidate(
        trace_id=case.trace.trace_id,
        order=0,
        step_index=None,
        char_start=0,
        char_end=1,
        text="1",
        correct=right,
        final=True,
    )


def make_study(folder: Path, cases: Sequence[tuple[Case, bool | None]]) -> Study:
    """A study of one part with table ``returns``."""
    declare("returns", Returns)
    held = Study.create(folder)
    problems = {case.problem.problem_id: case.problem for case, _ in cases}
    held.write_part("problems", "one", list(problems.values()))
    held.write_part("traces", "one", [case.trace for case, _ in cases])
    held.write_part("steps", "one", [step for case, _ in cases for step in case.steps])
    held.write_part("answers", "one", [final(*one) for one in cases if one[1] is not None])
    held.write_part("returns", "one", [row for case, _ in cases for row in examine(case)])
    return held


def by_name(held: Study) -> dict[str, Finding]:
    return {one.name: one for one in conclude(held)}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Study:
    """Wrong traces that turn back three times to one thing, right ones that never do."""
    cases: list[tuple[Case, bool | None]] = []
    for seed in range(40):
        wrong = planted_trace(seed, 3, loop=True, repairs=True).case
        right = planted_trace(1_000 + seed, 0).case
        cases += [(wrong, False), (right, True)]
    return make_study(tmp_path_factory.mktemp("planted") / "s", cases)


def test_every_finding_has_its_interval(planted: Study) -> None:
    for one in conclude(planted):
        if one.name != "hard_minus_easy_per_1k_tokens":
            assert one.estimate.low is not None, one.name
            assert one.estimate.high is not None, one.name


def test_wrong_traces_turn_back_more_and_shuffled_ones_do_not(planted: Study) -> None:
    found = by_name(planted)["wrong_minus_right_per_1k_tokens"]
    assert found.estimate.low is not None
    assert found.estimate.low > 0
    assert found.control is not None
    assert found.control.low is not None
    assert found.control.high is not None
    assert found.control.low <= 0 <= found.control.high
    assert "other problems" in found.sentence


def test_half_of_the_planted_traces_loop(planted: Study) -> None:
    found = by_name(planted)["loop_trace_share"]
    assert found.estimate.value == pytest.approx(0.5, abs=0.1)
    assert found.control is not None
    assert found.control.value is not None
    assert found.control.value < 0.1


def test_planted_repairs_are_told(planted: Study) -> None:
    found = by_name(planted)["repaired_share"]
    assert found.estimate.value is not None
    assert found.estimate.value > 0.7


def test_targets_are_told_better_than_in_another_problem(planted: Study) -> None:
    found = by_name(planted)["target_told_share"]
    assert found.control is not None
    assert found.estimate.low is not None
    assert found.control.high is not None
    assert found.estimate.low > found.control.high


def test_difficulty_needs_several_samples(planted: Study) -> None:
    found = by_name(planted)["hard_minus_easy_per_1k_tokens"]
    assert found.estimate.value is None
    assert "could not be assessed" in found.sentence


def test_the_panel_is_drawn_from_the_table(planted: Study) -> None:
    drawn = INSTRUMENT.panel(planted)
    assert len(drawn.figures) == 2
    assert "40 of 80 traces never turn back" in [one.title for one in drawn.figures]
    names = [row[0] for row in drawn.tables[1].rows]
    assert names == ["right", "wrong"]


def test_marks_point_at_their_targets(planted: Study) -> None:
    assert INSTRUMENT.marks is not None
    names = [
        row[0] for row in planted.rows('select trace_id from "returns" where loops > 0 limit 3')
    ]
    marks = INSTRUMENT.marks(planted, names)
    assert len(marks) >= 9
    assert {one.layer for one in marks} == {"backtracking"}
    assert {one.kind for one in marks} == {"neutral"}, "no return looks like a false step"
    assert "loop" in {one.category for one in marks}
    pointing = [one for one in marks if one.target is not None]
    assert all(one.target < one.step_index for one in pointing)
    assert all(f"step {one.target + 1}" in one.text for one in pointing)


def test_a_repair_outside_a_loop_is_marked_as_one(tmp_path: Path) -> None:
    held = make_study(tmp_path / "s", [(planted_trace(5, 1, repairs=True).case, None)])
    assert INSTRUMENT.marks is not None
    name = held.rows("select trace_id from traces")[0][0]
    assert [one.category for one in INSTRUMENT.marks(held, [name])] == ["repair"]


def test_an_empty_study_could_not_be_assessed(tmp_path: Path) -> None:
    held = make_study(tmp_path / "s", [])
    assert all(one.estimate.value is None for one in conclude(held))
    assert all("could not be assessed" in one.sentence for one in conclude(held))
    assert INSTRUMENT.panel(held).figures == ()


def test_a_study_without_answers_has_rates_and_no_comparison(tmp_path: Path) -> None:
    cases: list[tuple[Case, bool | None]] = [(planted_trace(s, 2).case, None) for s in range(5)]
    found = by_name(make_study(tmp_path / "s", cases))
    assert found["returns_per_1k_tokens"].estimate.value is not None
    assert found["wrong_minus_right_per_1k_tokens"].estimate.value is None


def test_a_study_of_right_answers_alone_has_no_comparison(tmp_path: Path) -> None:
    cases: list[tuple[Case, bool | None]] = [(planted_trace(s, 1).case, True) for s in range(5)]
    found = by_name(make_study(tmp_path / "s", cases))
    assert found["wrong_minus_right_per_1k_tokens"].estimate.value is None


def test_a_trace_without_reasoning_is_counted_apart(tmp_path: Path) -> None:
    problem = Problem.make("?")
    empty = Case(problem, Trace.make(problem, "", answer="7"))
    held = make_study(tmp_path / "s", [(planted_trace(1, 1).case, None), (empty, None)])
    found = by_name(held)["returns_per_1k_tokens"]
    assert found.estimate.n == 1
    assert "1 traces without reasoning could not be assessed" in found.sentence


def test_a_trace_that_never_turns_back_counts_as_zero(tmp_path: Path) -> None:
    held = make_study(tmp_path / "s", [(planted_trace(s, 0).case, None) for s in range(4)])
    found = by_name(held)
    assert found["returns_per_1k_tokens"].estimate.value == 0.0
    assert found["loop_trace_share"].estimate.value == 0.0
    assert found["steps_back"].estimate.value is None


def test_shuffling_within_problems_keeps_each_problem_s_outcomes() -> None:
    traces = [Counted(f"p{i // 4}", i, 100, i % 3 == 0) for i in range(40)]
    dealt = shuffled(traces, same_problem=True)
    for name in {one.problem for one in traces}:
        before = sorted(bool(one.right) for one in traces if one.problem == name)
        assert before == sorted(bool(one.right) for one in dealt if one.problem == name)
    assert [one.returns for one in dealt] == [one.returns for one in traces]


def test_shuffling_leaves_unknown_outcomes_where_they_are() -> None:
    traces = [Counted(f"p{i}", 1, 100, None if i % 2 else bool(i % 4)) for i in range(20)]
    dealt = shuffled(traces, same_problem=False)
    assert [one.right is None for one in dealt] == [one.right is None for one in traces]


def test_shares_right_need_enough_samples() -> None:
    few = [Counted("few", 1, 100, True)] * (LEAST_SAMPLES - 1)
    many = [Counted("many", 1, 100, right) for right in (True, False, False, None)]
    assert shares_right([*few, *many]) == {"many": pytest.approx(1 / 3)}


def test_hard_and_easy_by_hand() -> None:
    """Hard problems: 4 in a thousand; easy ones: 1; middling ones count nowhere."""
    traces = [Counted(name, returns, 1000) for name, returns in (("h", 4), ("e", 1), ("m", 9))]
    shares = {"h": 0.0, "e": 1.0, "m": 0.5}
    assert by_difficulty(traces, shares).value == 3.0


def test_few_mixed_problems_are_compared_between_problems() -> None:
    def both(name: str) -> list[Counted]:
        return [Counted(name, 2, 1000, False), Counted(name, 1, 1000, True)]

    few = [one for i in range(LEAST_MIXED - 1) for one in both(f"p{i}")]
    assert mixed_problems(few) == LEAST_MIXED - 1
    assert by_outcome(few)[1] is False
    assert by_outcome([*few, *both("last")])[1] is True


def test_counted_reads_rows_in_a_fixed_order(planted: Study) -> None:
    assert counted(planted, "returns") == counted(planted, "returns")


def test_a_verdict_on_the_same_step_is_no_return(tmp_path: Path) -> None:
    """A slip taken back within its own step leads nowhere: the target is an earlier step."""
    problem = Problem.make("?")
    trace = Trace.make(problem, "We count lamps.\nLamps: 3 * 4 = 13. Wait, no, 3 * 4 = 12.\n")
    ends = [16, len(trace.reasoning)]
    verdict = Verdict(
        trace_id=trace.trace_id,
        step_index=1,
        verifier="equations",
        correct=False,
        reason="3 * 4 is 12",
        retracted=True,
        retracted_by=1,
    )
    case = Case(problem, trace, steps_of(trace, ends), {"verdicts": (verdict,)})
    (row,) = examine(case)
    assert all(target is None or target < 1 for target in row.targets)
    assert "verdict" not in row.evidences


@pytest.mark.shared
def test_real_traces_turn_back_and_their_finished_texts_do_not(shared_data: Path) -> None:
    """DeepSeek-R1 on GSM8K: at least twenty times the rate of the text after the reasoning."""
    path = shared_data / "mip-overthinking/response/gsm8k/normal/deepseekR1/response.json.gz"
    held = [row for row in islice(read(path, "auto"), 150) if isinstance(row, Reading)]
    cases = [Case(one.problem, one.trace, steps_of(one.trace, one.step_ends)) for one in held]
    rows = [examine(case)[0] for case in cases]
    returns = sum(len(row.kinds) for row in rows) / sum(row.tokens for row in rows)
    finished = sum(row.answer_returns for row in rows) / sum(row.answer_tokens for row in rows)
    assert returns > 20 * finished
    assert 0.001 < returns < 0.004
