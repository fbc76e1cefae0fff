"""Shares of a study's rows: the numbers by hand, and clusters that are problems."""

import pytest

from reasonscope.provenance import Provenance
from reasonscope.shares import ratio_of, share_of, with_problem
from reasonscope.stats import clustered_proportion
from reasonscope.traces.importing import store_readings
from reasonscope.traces.schema import Problem, Reading, Trace
from reasonscope.traces.store import Study


@pytest.fixture
def study(tmp_path):
    """Three traces of two problems, with 1, 2 and 3 steps."""
    held = Study.create(tmp_path / "study")
    one, two = (Problem.make(f"{n} + {n} = ?", answer=str(2 * n)) for n in (1, 2))
    told = ["A first thing is said.", "A second thing is said now.", "A third thing is said here."]
    rows = [
        Reading(problem=problem, trace=Trace.make(problem, " ".join(told[:n]), answer="2"))
        for n, problem in enumerate((one, one, two), 1)
    ]
    list(store_readings(held, rows, Provenance("test", "0")))
    return held


def test_a_share_is_clustered_by_problem(study):
    """Steps that are their trace's first: 2 of the 3 of problem one, 1 of the 3 of the other."""
    found = share_of(study, with_problem("steps"), "index = 0")
    assert found.value == pytest.approx(3 / 6)
    hand = clustered_proportion([2, 1], [3, 3])
    assert {found.low, found.high} == {hand.low, hand.high}
    assert found.clusters == 2


def test_rows_that_are_left_out_are_in_neither_count(study):
    found = share_of(study, with_problem("steps"), "index = 0", "index < 2")
    assert found.value == pytest.approx(3 / 5)


def test_unknown_is_not_true(study):
    assert share_of(study, with_problem("steps"), "null").value == 0.0


def test_a_ratio_of_sums(study):
    found = ratio_of(study, with_problem("steps"), "index", "index + 1")
    assert found.value == pytest.approx((0 + 0 + 1 + 0 + 1 + 2) / (1 + 1 + 2 + 1 + 2 + 3))


def test_no_rows_no_value(study):
    assert share_of(study, with_problem("steps"), "true", "false").value is None
