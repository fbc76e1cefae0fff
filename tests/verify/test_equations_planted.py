"""Planted equations: what was planted is found, and nothing is found where nothing was."""

import gzip
import json
import re

import pytest

from reasonscope.traces.schema import Case, Problem, Step, Trace, check_tiling
from reasonscope.verify.equations import check
from reasonscope.verify.planted import planted_equations


def steps_with(verdicts, *, retracted=None):
    return {
        v.step_index
        for v in verdicts
        if v.correct is False and (retracted is None or v.retracted is retracted)
    }


def test_planted_errors_are_found_and_nothing_else():
    for seed in range(40):
        planted = planted_equations(seed, wrong=2, retracted=2)
        assert steps_with(check(planted.case)) == planted.wrong_steps


def test_planted_retractions_are_told_from_errors_that_stand():
    for seed in range(40):
        planted = planted_equations(seed, wrong=2, retracted=2)
        assert steps_with(check(planted.case), retracted=True) == planted.retracted_steps


def test_the_null_case_is_clean():
    for seed in range(60):
        assert steps_with(check(planted_equations(seed, wrong=0, retracted=0).case)) == set()


def test_the_plant_is_what_it_says():
    planted = planted_equations(3, wrong=1, retracted=1, steps=5)
    check_tiling(planted.case.trace.reasoning, planted.case.steps)
    assert len(planted.case.steps) == 5
    assert planted.retracted_steps < planted.wrong_steps
    assert planted == planted_equations(3, wrong=1, retracted=1, steps=5)
    assert planted != planted_equations(4, wrong=1, retracted=1, steps=5)
    assert len(planted_equations(0, wrong=3, retracted=0, steps=1).case.steps) == 3


def whole(text, question="?"):
    problem = Problem.make(question)
    trace = Trace.make(problem, text)
    step = Step(
        trace_id=trace.trace_id, index=0, char_start=0, char_end=len(text), text=trace.reasoning
    )
    return check(Case(problem, trace, (step,)))


@pytest.mark.shared
def test_gsm8k_bodies_are_all_true(shared_data):
    """Of the test set's 4,200 annotated calculations, none is called false."""
    lines = (shared_data / "gsm8k" / "test.jsonl").read_text().splitlines()
    true = false = 0
    for line in lines:
        bodies = re.findall(r"<<([^<>]*)>>", json.loads(line)["answer"])
        verdicts = whole("\n".join(bodies) or ".")
        true += sum(v.correct is True for v in verdicts)
        false += sum(v.correct is False for v in verdicts)
    assert true > 4_000
    assert false == 0


@pytest.mark.shared
def test_few_false_flags_in_gsm8k_prose(shared_data):
    """The prose of the test set holds two wrong calculations of its authors (traces 501, 598)."""
    lines = (shared_data / "gsm8k" / "test.jsonl").read_text().splitlines()
    false = []
    for place, line in enumerate(lines):
        record = json.loads(line)
        text = re.sub(r"<<[^<>]*>>", "", record["answer"])
        false += [place for v in whole(text, record["question"]) if v.correct is False]
    assert set(false) <= {501, 598}


@pytest.mark.shared
def test_r1_traces_hold_hardly_a_false_equation(shared_data):
    file = shared_data / "mip-overthinking/response/gsm8k/normal/deepseekR1/response.json.gz"
    records = json.loads(gzip.decompress(file.read_bytes()))[:100]
    verdicts = []
    for record in records:
        text = str(record["deepseek-reasoner (question)"]).split("</think>")[0]
        verdicts += whole(text, record["question"])
    assert sum(v.correct is True for v in verdicts) > 1_000
    assert sum(v.correct is False and not v.retracted for v in verdicts) <= 1
