"""The picture of the matrix, and how its planted cases do."""

from dataclasses import replace

import pytest

from reasonscope.report.plots import svg
from reasonscope.structure.anchors.matrix_figure import MOST, matrix_figure
from reasonscope.structure.anchors.planted_effects import (
    calibrate_matrix,
    calibrate_resilience,
    effects,
)


def test_the_matrix_is_drawn_and_said():
    rows = effects(0)
    figure = matrix_figure(rows)
    assert f"of {len(rows)} pairs" in figure.title
    assert "points more often with step" in figure.alt
    assert "<svg" in svg(figure.chart, figure.alt, "p")


def test_nothing_to_draw():
    assert matrix_figure([]) is None


def test_ten_thousand_steps_stay_small():
    one = effects(0)[0]
    many = [replace(one, step_index=at, target=at + 1) for at in range(10_000)]
    figure = matrix_figure(many)
    assert f"strongest {MOST:,} of 10,000" in figure.title
    assert len(figure.chart.to_dict()["data"]["values"]) == MOST


def test_entries_are_told_from_nothing():
    entry, whole = calibrate_matrix(2, 60)
    assert entry.power.value > 0.85
    assert entry.false_positive.value < 0.15
    assert entry.coverage.value > 0.86
    assert entry.bias.low <= 0 <= entry.bias.high
    assert whole.power.value > 0.4
    assert whole.false_positive.value < 0.5


def test_returns_are_told_from_rare_ones():
    (row,) = calibrate_resilience(2, 60)
    assert row.power.value > 0.9
    assert row.false_positive.value < 0.15
    assert row.coverage.value == pytest.approx(0.95, abs=0.08)
