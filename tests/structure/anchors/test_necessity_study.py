"""Necessity and commitment concluded over a study, and their panels."""

from dataclasses import replace
from pathlib import Path

import pytest

from reasonscope.report.plots import svg
from reasonscope.structure.anchors import commitment, necessity
from reasonscope.structure.anchors.agreement import own_answer
from reasonscope.structure.anchors.planted_steps import FINAL, Reasoner, needs
from reasonscope.traces.schema import Case, Problem, Trace
from reasonscope.traces.segment import steps_of
from reasonscope.traces.store import Study, declare

TOLD = "First we take 3 apples. Now 3 + 4 = 7 apples. So 7 - 6 = 1 apple is left."


@pytest.fixture(autouse=True)
def _declared():
    declare("necessity", necessity.Necessity)
    declare("commitment", commitment.Commitment)


def case(number: int, answer: str = "1") -> Case:
    problem = Problem.make(f"question {number}?", answer="1", answer_kind="number")
    trace = Trace.make(problem, TOLD, opening="<think>", closing="</think>", answer=answer)
    return Case(problem, trace, steps_of(trace))


def study_of(folder: Path, model: Reasoner, number: int = 6, samples: int = 4) -> Study:
    study, cases = Study.create(folder), [case(index) for index in range(number)]
    needed, committed = [], []
    for index, one in enumerate(cases):
        rolls = model.roll(necessity.requests(one, samples), index, one.trace.trace_id)
        told = (one.trace.trace_id, len(one.steps), rolls, own_answer(one))
        needed += necessity.read(*told)
        committed.append(commitment.read(*told))
    study.write_part("problems", "a", [one.problem for one in cases])
    study.write_part("traces", "a", [one.trace for one in cases])
    study.write_part("necessity", "a", needed)
    study.write_part("commitment", "a", committed)
    return study


def found(tool, study: Study):
    return {one.name: one for one in tool.conclude(study)}


def test_the_planted_answer_is_the_traces_own():
    assert own_answer(case(0)) == FINAL


def test_a_trace_without_an_answer_has_none():
    problem = Problem.make("?", answer="1", answer_kind="number")
    assert own_answer(Case(problem, Trace.make(problem, "Hmm, let me see."))) is None


def test_a_study_of_models_that_need_their_reasoning(tmp_path):
    study = study_of(tmp_path / "s", needs(3))
    held = found(necessity.INSTRUMENT, study)
    assert held["early_necessity_points"].estimate.value == pytest.approx(1)
    assert held["mistake_necessity_points"].estimate.value == pytest.approx(1)
    assert held["mistake_necessity_points"].control.value == pytest.approx(0)
    assert held["changed_by_itself_share"].estimate.value == pytest.approx(0)
    late = found(commitment.INSTRUMENT, study)
    assert late["decided_on_the_way_share"].estimate.value == 1.0
    assert late["decided_on_the_way_share"].control.value < 0.5
    assert late["committed_after_share"].estimate.value == 1.0


def test_a_study_of_models_that_ignore_it(tmp_path):
    study = study_of(tmp_path / "s", Reasoner(steady=0.8), 12, 12)
    held = found(necessity.INSTRUMENT, study)
    for name in ("early_necessity_points", "mistake_necessity_points"):
        one = held[name].estimate
        assert one.low < 0 < one.high
    assert held["changed_by_itself_share"].estimate.value == pytest.approx(0.2, abs=0.05)
    assert found(commitment.INSTRUMENT, study)["from_the_start_share"].estimate.value > 0.6


def test_a_noisy_model_that_needs_its_reasoning_loses_all_that_it_had(tmp_path):
    """Half of its answers change by themselves: 50 points can be lost, and all of them are."""
    study = study_of(tmp_path / "s", replace(needs(3), steady=0.5), 12, 8)
    held = found(necessity.INSTRUMENT, study)
    assert held["mistake_necessity_points"].estimate.value == pytest.approx(0.5, abs=0.1)
    assert held["mistake_lost_share"].estimate.value == pytest.approx(1)
    control = held["mistake_lost_share"].control
    assert control.low < 0 < control.high


def test_one_trace_has_the_interval_of_its_rollouts(tmp_path):
    study = study_of(tmp_path / "s", needs(3), number=1)
    one = found(necessity.INSTRUMENT, study)["early_necessity_points"]
    assert one.estimate.low < 1
    assert "one trace" in one.sentence


def test_an_empty_study_says_that_nothing_could_be_assessed(tmp_path):
    study = Study.create(tmp_path / "s")
    for tool in (necessity.INSTRUMENT, commitment.INSTRUMENT):
        assert all(one.estimate.value is None for one in tool.conclude(study))
        assert "could not be assessed" in tool.panel(study).title


def test_traces_that_could_not_be_assessed_are_told(tmp_path):
    study = Study.create(tmp_path / "s")
    one = case(0)
    study.write_part("problems", "a", [one.problem])
    study.write_part("traces", "a", [one.trace])
    study.write_part("necessity", "a", necessity.read(one.trace.trace_id, 3, [], None))
    study.write_part("commitment", "a", [commitment.read(one.trace.trace_id, 3, [], None)])
    held = found(necessity.INSTRUMENT, study)
    assert "no final answer" in held["early_necessity_points"].sentence
    assert necessity.INSTRUMENT.panel(study).tables[0].rows[0][2] == 1
    assert commitment.INSTRUMENT.panel(study).tables[0].rows[0][0] == "unknown"


@pytest.mark.parametrize("number", [1, 6])
def test_the_panels_draw(tmp_path, number):
    study = study_of(tmp_path / "s", needs(3), number=number)
    for tool in (necessity.INSTRUMENT, commitment.INSTRUMENT):
        panel = tool.panel(study)
        (figure,) = panel.figures
        assert "<svg" in svg(figure.chart, figure.alt, "p")
        assert panel.misleads
