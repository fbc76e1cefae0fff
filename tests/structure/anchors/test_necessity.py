"""Necessity: a model that ignores its reasoning has 0, one that needs it 1, noise is neither."""

import pytest

from reasonscope.structure.anchors.necessity import early, mistakes, read, requests
from reasonscope.structure.anchors.necessity.planted import IGNORES as NOISY
from reasonscope.structure.anchors.necessity.planted import calibrate, rolled
from reasonscope.structure.anchors.planted_steps import FINAL, IGNORES, Reasoner, needs
from reasonscope.structure.anchors.rollout import Request
from reasonscope.traces.schema import Case, Problem, Trace
from reasonscope.traces.segment import steps_of

TOLD = "So we start with 3. We have 3 + 4 = 7. Then 7 * 2 = 14. The sum is 14."


def case(reasoning: str = TOLD) -> Case:
    problem = Problem.make("?", answer="14", answer_kind="number")
    trace = Trace.make(problem, reasoning, opening="<think>", closing="</think>", answer="14")
    return Case(problem, trace, steps_of(trace))


def found(model, one: Case | None = None, samples: int = 6):
    one = one or case()
    rolls = model.roll(requests(one, samples), 0, one.trace.trace_id)
    return {row.test: row for row in read(one.trace.trace_id, len(one.steps), rolls, FINAL)}


def test_a_model_that_ignores_its_reasoning_has_no_necessity():
    rows = found(IGNORES)
    assert [row.value for row in rows.values()] == [0.0] * 4
    assert all(row.low <= 0 <= row.high for row in rows.values())


def test_a_model_that_needs_its_reasoning_has_all_of_it():
    rows = found(needs(4))
    assert [rows[test].value for test in ("early", "mistake", "filler")] == [1.0] * 3
    assert rows["paraphrase"].value == 0.0


def test_half_of_the_steps_needed_is_half_of_the_area():
    assert found(Reasoner(commits=2))["early"].value == 0.5


def test_the_trap_noise_is_no_necessity():
    """Every answer is a coin: half of the rollouts differ, and yet nothing is needed."""
    row = found(Reasoner(steady=0.5), samples=200)["mistake"]
    assert row.by_itself == pytest.approx(0.5, abs=0.05)
    assert sum(row.same) / len(row.same) < 0.6
    assert abs(row.value) < 0.07
    assert row.low < 0 < row.high


def test_what_is_asked():
    asked = requests(case(), 3)
    arms = [one.arm for one in asked]
    assert {arm: arms.count(arm) for arm in set(arms)} == {
        "forced": 4 * 3 + 6,
        "mistake": 12,
        "resample": 12,
        "filler": 3,
        "paraphrase": 3,
    }
    assert len({(o.arm, o.kept, o.inserted, o.index) for o in asked}) == len(asked)


def test_a_mistake_stands_beside_the_same_step_unchanged():
    for wrong in (one for one in mistakes(case(), 1) if one.arm == "mistake"):
        step = case().steps[wrong.kept].text
        assert wrong.inserted != step
        assert len(wrong.inserted) == len(step)
    kept = {one.kept for one in mistakes(case(), 1) if one.arm == "resample"}
    assert kept == {1, 2, 3, 4}


def test_filler_asks_for_the_answer_without_content():
    asked = next(one for one in requests(case(), 1, word=".") if one.arm == "filler")
    assert asked.kept == 0
    assert asked.inserted.startswith(". . . ")
    assert "</think>" in asked.inserted
    assert "3" not in asked.inserted


def test_reasoning_without_numbers_or_known_words_gets_the_tests_that_are_left():
    rows = found(IGNORES, case("Bob is tall. Eve is small. That is all."))
    assert rows["early"].value == pytest.approx(0)
    assert rows["mistake"].value is None
    assert "number" in rows["mistake"].reason
    assert rows["paraphrase"].value is None
    assert "words" in rows["paraphrase"].reason


def test_no_final_answer_no_value():
    rows = read("t", 2, IGNORES.roll(early(2, 2), 0), None)
    assert {row.reason for row in rows} == {"the trace has no final answer"}


def test_no_rollouts_at_all():
    assert all(row.value is None and row.reason for row in read("t", 0, [], FINAL))


def test_without_unchanged_rollouts_nothing_is_compared():
    rolls = [row for row in IGNORES.roll(early(4, 2), 0) if row.kept < 4]
    assert "nothing is changed" in read("t", 4, rolls, FINAL)[0].reason


def test_silent_rollouts_widen_the_bounds():
    row = found(Reasoner(silent=0.5), samples=20)["early"]
    assert row.unanswered > 0
    assert row.worst < row.value < row.best


def test_failures_are_counted_and_say_nothing():
    asked = [Request(kept=k, index=0, arm="forced") for k in (0, 1)]
    rolls = IGNORES.roll(asked, 0)
    lost = [rolls[0].__class__(**{**_plain(rolls[0]), "error": "timed out", "answer": None})]
    row = read("t", 1, [*rolls, *lost], FINAL)[0]
    assert (row.value, row.rollouts, row.failed) == (0.0, 2, 1)
    row = read("t", 1, [rolls[1], *lost], FINAL)[0]
    assert (row.value, row.failed) == (None, 1)
    assert "failed" in row.reason


def test_a_prefix_of_which_nothing_came_back_is_left_out():
    rolls = needs(4).roll(early(4, 2), 0)
    lost = [
        row.__class__(**{**_plain(row), "error": "no such word"}) if row.kept == 2 else row
        for row in rolls
    ]
    row = read("t", 4, lost, FINAL)[0]
    assert (row.kept, row.value) == ((0, 1, 3), 1.0)


def _plain(row):
    return {name: getattr(row, name) for name in row.__dataclass_fields__}


def test_the_control_is_what_halves_of_the_unchanged_rollouts_differ_by():
    rows = [rolled(NOISY, "early", seed) for seed in range(200)]
    mean = sum(row.control for row in rows) / len(rows)
    assert abs(mean) < 0.03
    assert any(abs(row.control) > 0.05 for row in rows)


def test_calibration_finds_the_plants():
    for row in calibrate(3, 25):
        assert row.power.value >= 0.8
        assert row.false_positive.value <= 0.15
        assert row.coverage.value >= 0.85
        assert abs(row.bias.value) < 0.03
