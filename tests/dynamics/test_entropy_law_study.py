"""The entropy law on whole studies: what is read, said and drawn."""

from pathlib import Path

import pytest

from reasonscope.dynamics.entropy_law import INSTRUMENT
from reasonscope.dynamics.entropy_law.findings import conclude
from reasonscope.dynamics.entropy_law.law import Log
from reasonscope.dynamics.entropy_law.law_panel import panel
from reasonscope.dynamics.entropy_law.logs import read
from reasonscope.dynamics.entropy_law.planted import (
    INTERCEPT,
    PRICE,
    Noise,
    drifting,
    lawful,
    log_of,
    unrelated,
)
from reasonscope.dynamics.recorded import Recorded
from reasonscope.report.plots import svg
from reasonscope.traces.store import Study

NOISE = Noise(fresh=0.005, slow=0.002)


def rows(run: str, log: Log, part: str = "", every: int = 1) -> list[Recorded]:
    found = []
    for place in range(len(log)):
        values = {("entropy_nats", ""): log.entropy[place]}
        if place % every == 0:
            values["truth_share", part] = log.truth[place]
        found += [
            Recorded(run=run, step=place, name=name, part=of, value=float(value), error=None)
            for (name, of), value in values.items()
        ]
    return found


def study_of(folder: Path, **logs: list[Recorded]) -> Study:
    study = Study.create(folder)
    for run, held in logs.items():
        study.write_part("recorded", run, held)
    return study


def test_a_lawful_run_has_its_ceiling(tmp_path: Path) -> None:
    study = study_of(tmp_path / "s", good=rows("good", log_of(2, lawful, NOISE)))
    found = {finding.name: finding for finding in conclude(study)}
    ceiling = found["ceiling_share"].estimate
    assert ceiling.value == pytest.approx(INTERCEPT - PRICE, abs=0.01)
    assert "cannot get above" in found["ceiling_share"].sentence
    price = found["entropy_price_points"]
    assert price.estimate.value == pytest.approx(PRICE, abs=0.005)
    assert price.control is not None
    assert abs(price.control.value or 0) < 0.03
    assert found["forecast_miss_points"].estimate.value == pytest.approx(0, abs=0.03)
    assert found["law_misfit_p_value"].estimate.value is not None


def test_a_run_that_breaks_the_law_has_no_ceiling(tmp_path: Path) -> None:
    study = study_of(tmp_path / "s", bad=rows("bad", log_of(2, drifting, NOISE)))
    found = {finding.name: finding for finding in conclude(study)}
    assert found["ceiling_share"].estimate.value is None
    assert "does not follow the law" in found["ceiling_share"].sentence
    assert "does not follow" in found["law_misfit_p_value"].sentence


def test_truth_that_stays_has_no_ceiling(tmp_path: Path) -> None:
    study = study_of(tmp_path / "s", flat=rows("flat", log_of(3, unrelated, NOISE)))
    sentence = conclude(study)[0].sentence
    assert "does not rise as its entropy falls" in sentence or "does not follow" in sentence


def test_entropy_that_hardly_moves_is_said_rather_than_extrapolated(tmp_path: Path) -> None:
    still = log_of(2, unrelated, NOISE)
    still = Log(run="r", steps=still.steps, entropy=0.4 + still.entropy / 100, truth=still.truth)
    found = conclude(study_of(tmp_path / "s", still=rows("still", still)))
    assert found[0].estimate.value is None
    assert "too little to tell" in found[0].sentence
    assert found[1].estimate.value is None
    assert "No ceiling" in panel(Study.open(tmp_path / "s")).title


def test_held_out_truth_goes_first_where_it_is_often_enough(tmp_path: Path) -> None:
    log = log_of(2, lawful, NOISE)
    some = [*rows("r", log), *rows("r", log, part="held_out", every=10)]
    (found,) = read(study_of(tmp_path / "s", r=some))
    assert (found.part, len(found)) == ("held_out", 15)
    few = [*rows("q", log), *rows("q", log, part="held_out", every=50)]
    (found,) = read(study_of(tmp_path / "t", q=few))
    assert (found.part, len(found)) == ("", 150)


def test_unknown_values_and_other_parts_are_passed_over(tmp_path: Path) -> None:
    log = log_of(2, lawful, NOISE, steps=20)
    odd = [
        Recorded(run="r", step=30, name="truth_share", value=None, error=None, missing=8),
        Recorded(run="r", step=30, name="entropy_nats", value=0.3, error=None),
        Recorded(run="r", step=31, name="entropy_nats", part="number", value=0.3, error=None),
        Recorded(run="r", step=31, name="truth_share", value=0.3, error=None),
    ]
    (found,) = read(study_of(tmp_path / "s", r=[*rows("r", log), *odd]))
    assert len(found) == 20


def test_a_short_run_says_what_it_needs(tmp_path: Path) -> None:
    found = conclude(study_of(tmp_path / "s", r=rows("r", log_of(1, lawful, steps=5))))
    assert {finding.estimate.value for finding in found} == {None}
    assert all("needs 12 steps" in finding.sentence for finding in found)


def test_a_study_without_training_has_nothing_to_say(tmp_path: Path) -> None:
    assert conclude(Study.create(tmp_path / "s")) == []
    rewards = [Recorded(run="r", step=i, name="reward", value=0.5, error=None) for i in range(20)]
    assert conclude(study_of(tmp_path / "t", r=rewards)) == []


def test_two_runs_have_names_of_their_own(tmp_path: Path) -> None:
    study = study_of(
        tmp_path / "s",
        a=rows("a", log_of(1, lawful, NOISE, steps=60)),
        b=rows("b", log_of(2, lawful, NOISE)),
    )
    names = [finding.name for finding in conclude(study)]
    assert len(names) == len(set(names)) == 8
    assert "ceiling_share:a" in names  # the shorter one


def test_the_panel_draws_each_run(tmp_path: Path) -> None:
    study = study_of(
        tmp_path / "s",
        good=rows("good", log_of(2, lawful, NOISE)),
        bad=rows("bad", log_of(2, drifting, NOISE)),
        short=rows("short", log_of(1, lawful, steps=5)),
    )
    made = panel(study)
    assert len(made.figures) == 4
    for figure in made.figures:
        assert "<svg" in svg(figure.chart, figure.alt, "x")
    assert [row[0] for row in made.tables[0].rows] == ["bad", "good", "short"]


def test_ten_thousand_steps_are_fitted(tmp_path: Path) -> None:
    study = study_of(tmp_path / "s", r=rows("r", log_of(2, lawful, NOISE, steps=10_000)))
    assert conclude(study)[0].estimate.value == pytest.approx(INTERCEPT - PRICE, abs=0.01)


def test_calibration_finds_what_is_planted() -> None:
    for row in INSTRUMENT.calibrate(0, 20):
        assert row.power.value is not None
        assert row.power.value >= 0.85, row.plant
        assert row.false_positive.value is not None
        assert row.false_positive.value <= 0.25, row.plant
