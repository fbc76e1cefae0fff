"""The picture of the matrix, and how its planted cases do."""

from dataclasses import replace

from reasonscope.report.plots import svg
from reasonscope.structure.anchors.step_matrix.figure import MOST, matrix_figure
from reasonscope.structure.anchors.step_matrix.planted import calibrate, effects


def test_the_matrix_is_drawn_and_said():
    rows = effects(0)
    figure = matrix_figure(rows)
    assert f"of {len(rows)} pairs" in figure.title
    assert "points more often with step" in figure.alt
    assert "<svg" in svg(figure.chart, figure.alt, "p")


def test_ten_thousand_steps_stay_small():
    one = effects(0)[0]
    many = [replace(one, step_index=at, target=at + 1) for at in range(10_000)]
    figure = matrix_figure(many)
    assert f"strongest {MOST:,} of 10,000" in figure.title
    assert len(figure.chart.to_dict()["data"]["values"]) == MOST


def test_entries_are_told_from_nothing():
    entry, whole = calibrate(2, 60)
    assert entry.power.value > 0.85
    assert entry.false_positive.value < 0.15
    assert entry.coverage.value > 0.86
    assert entry.bias.low <= 0 <= entry.bias.high
    assert whole.power.value > 0.4
    assert whole.false_positive.value < 0.5
