"""Anchors of a trace in one call, on a shipped reasoner: stored, gone on with, concluded."""

import json
from dataclasses import replace

import pytest

pytest.importorskip("torch")

from reasonscope.anchoring import Rolled, find_anchors, planned, setting_of
from reasonscope.errors import SetupError
from reasonscope.models.decoding import TorchEngine
from reasonscope.models.generation import Attempt, Sampling
from reasonscope.models.loading import load_model
from reasonscope.models.shared_prefix import SharedPrefix
from reasonscope.problems.procedural import relay
from reasonscope.provenance import Provenance
from reasonscope.reporting import panels
from reasonscope.structure.anchors import INSTRUMENT, marks, resilience, step_matrix
from reasonscope.structure.anchors.budget.racing import Racing
from reasonscope.structure.anchors.budget.uniform import Uniform
from reasonscope.structure.anchors.conclude import conclude, shuffled_share
from reasonscope.structure.anchors.resilience import Resilience
from reasonscope.structure.anchors.rollout import Rollout
from reasonscope.structure.anchors.step_matrix import StepEffect
from reasonscope.structure.anchors.step_matrix.comparing import similar_texts
from reasonscope.structure.anchors.store import RolloutRun
from reasonscope.structure.anchors.telling import cost, told
from reasonscope.traces.importing import store_readings
from reasonscope.traces.store import Study

SAMPLING = Sampling(temperature=1.0, top_p=1.0, max_tokens=160, seed=3)


@pytest.fixture(scope="module")
def engine():
    return SharedPrefix(load_model("organism:sft-rl", device="cpu"), slots=64)


@pytest.fixture(scope="module")
def written(engine):
    """A relay of two hops and what the model wrote."""
    problem = relay.make(31, 4, hops=2, distractors=1)
    greedy = Sampling(temperature=0.0, max_tokens=160)
    [reading] = TorchEngine(engine.loaded).generate([Attempt.of(problem, 0, greedy)], greedy)
    return reading


@pytest.fixture
def study(written, tmp_path):
    held = Study.create(tmp_path / "study")
    list(store_readings(held, [written], Provenance("test", "0"), 32))
    return held


def rollouts(study, trace_id):
    rows = study.of_trace("rollouts", Rollout, trace_id)
    return {(row.arm, row.kept, row.index, row.inserted): row for row in rows}


def anchored(study, written, engine, policy=None, **more):
    more.setdefault("sampling", SAMPLING)
    return find_anchors(study, written.trace.trace_id, engine, policy or Uniform(3), **more)


def test_every_step_gets_a_row_and_every_rollout_is_stored(study, written, engine):
    seen = []
    found = anchored(study, written, engine, progress=seen.append)
    steps = len(found.case.steps)
    assert [row.step for row in found.anchors] == list(range(steps))
    assert found.spent.rollouts == len(rollouts(study, written.trace.trace_id)) > steps
    assert seen[-1].rollouts == found.spent.rollouts
    assert seen[-1].tokens == found.spent.tokens
    assert isinstance(seen[-1], Rolled)
    assert seen[-1].tokens_per_second > 0


def test_the_same_call_again_makes_nothing_and_says_the_same(study, written, engine):
    first = anchored(study, written, engine)
    seen = []
    again = anchored(study, written, engine, progress=seen.append)
    assert not seen
    assert again.anchors == first.anchors
    assert again.spent == first.spent


class Broken:
    """An engine that is interrupted after so many rollouts."""

    def __init__(self, engine, after):
        self.engine, self.after = engine, after
        self.name, self.identity = engine.name, engine.identity

    def continued(self, trace, asked, sampling, drawn):
        for count, row in enumerate(self.engine.continued(trace, asked, sampling, drawn)):
            if count == self.after:
                raise KeyboardInterrupt
            yield row


def test_a_run_that_was_interrupted_ends_with_the_rows_of_an_unbroken_one(
    study, written, engine, tmp_path
):
    with pytest.raises(KeyboardInterrupt):
        anchored(study, written, Broken(engine, after=7))
    where = written.trace.trace_id
    assert len(rollouts(study, where)) == 7
    anchored(study, written, engine)
    whole = Study.create(tmp_path / "whole")
    list(store_readings(whole, [written], Provenance("test", "0"), 32))
    anchored(whole, written, engine)
    assert rollouts(study, where) == rollouts(whole, where)


def test_other_settings_are_refused_until_the_old_rollouts_go(study, written, engine):
    anchored(study, written, engine)
    colder = replace(SAMPLING, temperature=0.5)
    with pytest.raises(SetupError, match=r"temperature was 1\.0, now it is 0\.5"):
        anchored(study, written, engine, sampling=colder)
    found = anchored(study, written, engine, sampling=colder, again=True)
    [run] = study.of_trace("rollout_runs", RolloutRun, written.trace.trace_id)
    assert run.temperature == 0.5
    assert found.spent.rollouts == len(rollouts(study, written.trace.trace_id))


def test_weights_of_the_same_name_are_no_reason_to_mix_rollouts(study, written, engine):
    anchored(study, written, engine, Uniform(2))
    retrained = Broken(engine, after=10**6)
    retrained.identity = "here, another digest, float32"
    with pytest.raises(SetupError, match="identity was"):
        anchored(study, written, retrained, Uniform(2))


def test_need_asks_for_answers_at_once_and_for_mistakes(study, written, engine):
    anchored(study, written, engine, need=2)
    where = written.trace.trace_id
    arms = {arm for arm, *_ in rollouts(study, where)}
    assert arms == {"resample", "forced", "mistake"}
    tests = study.rows("select test from necessity where trace_id = ? order by 1", [where])
    assert {name for (name,) in tests} >= {"early", "mistake"}
    assert study.count("commitment") == 1


def test_racing_stays_within_its_budget(study, written, engine):
    policy = Racing(budget=1_500)
    found = anchored(study, written, engine, policy)
    assert 0 < found.spent.tokens < 3_000  # lengths are expected, not known
    assert found.spent.saved > 1


def test_a_plan_says_rollouts_tokens_and_minutes_and_stores_nothing(study, written, engine):
    case = study.trace(written.trace.trace_id)
    said = planned(case, engine, SAMPLING, effect=0.3).sentence()
    assert f"over {len(case.steps)} steps" in said
    assert "tokens" in said
    assert "minutes" in said
    assert not study.tables().count("rollouts")


def test_a_trace_without_steps_has_nothing_to_resample(study, written):
    case = study.trace(written.trace.trace_id)
    with pytest.raises(SetupError, match="no steps"):
        setting_of(replace(case, steps=()))


def test_a_trace_that_came_without_its_prompt_gets_one(study, written, engine, tmp_path):
    bare = replace(written, trace=replace(written.trace, prompt=""))
    held = Study.create(tmp_path / "bare")
    list(store_readings(held, [bare], Provenance("test", "0"), 32))
    with pytest.raises(SetupError, match="no prompt"):
        anchored(held, bare, engine)
    found = anchored(held, bare, engine, prompt_for=lambda problem: written.trace.prompt)
    assert found.spent.rollouts > 0


def test_findings_panel_and_marks_come_from_the_tables(study, written, engine):
    assert conclude(study) == []
    found = anchored(study, written, engine, Uniform(8))
    share, traces, unread = conclude(study)
    called = sum(row.anchor is True for row in found.anchors)
    assert share.estimate.value == pytest.approx(called / len(found.anchors))
    assert traces.estimate.n == 1
    assert 0 <= unread.estimate.value <= 1
    assert shuffled_share(study).value < 0.2
    panel = next(one for one in panels(study) if one.name == INSTRUMENT.name)
    assert panel.figures
    assert len(panel.tables[0].rows) == called
    drawn = marks(study, [written.trace.trace_id])
    assert [mark.step_index for mark in drawn] == [r.step for r in found.anchors if r.anchor]


def test_the_matrix_and_what_comes_back_are_read_from_the_same_rollouts(study, written, engine):
    texts = [step.text for step in written_steps(study, written)]
    anchored(study, written, engine, Uniform(8), similar=similar_texts(texts))
    where = written.trace.trace_id
    entries = study.of_trace("step_matrix", StepEffect, where)
    assert entries
    assert all(row.step_index < row.target < len(texts) for row in entries)
    back = study.of_trace("resilience", Resilience, where)
    assert [row.step_index for row in back] == list(range(len(texts)))
    assert all(row.unrelated is None for row in back)  # there is no other problem to take a step of
    drawn = {one.name: one for one in panels(study)}
    assert drawn["step_matrix"].figures
    assert drawn["resilience"].figures
    assert {one.name for one in step_matrix.INSTRUMENT.conclude(study)} == {
        "connected_pair_share",
        "assessed_pair_share",
    }
    [returning, cut] = resilience.INSTRUMENT.conclude(study)
    assert 0 <= returning.estimate.value <= 1
    assert returning.control.value is None
    assert cut.estimate.value == 0.0


def test_a_step_of_another_problem_is_the_control_where_there_is_one(study, written, engine):
    other = relay.make(32, 1, hops=2, distractors=1)
    greedy = Sampling(temperature=0.0, max_tokens=160)
    rows = TorchEngine(engine.loaded).generate([Attempt.of(other, 0, greedy)], greedy)
    list(store_readings(study, rows, Provenance("test", "1"), 32))
    texts = [step.text for step in written_steps(study, written)]
    anchored(study, written, engine, Uniform(4), similar=similar_texts(texts))
    back = study.of_trace("resilience", Resilience, written.trace.trace_id)
    assert any(row.unrelated is not None for row in back)
    again = anchored(study, written, engine, Uniform(4), again=True)
    assert again.anchors
    assert study.count("step_matrix") == 0  # what stood on the old rollouts is gone with them


def written_steps(study, written):
    return study.trace(written.trace.trace_id).steps


def test_what_is_told_names_the_cost_beside_the_published_way(study, written, engine):
    found = anchored(study, written, engine)
    lines = list(told(found.anchors, found.case.steps, found.spent))
    assert lines[-1].startswith(f"{found.spent.rollouts:,} rollouts")
    assert "times fewer than 100 rollouts at every step" in lines[-1]
    dear = replace(found.spent, tokens=5 * round(found.spent.uniform_tokens))
    assert "5.0 times as many as 100 rollouts" in cost(dear)
    assert json.dumps(found.to_json(), allow_nan=False)
