"""The alarm on whole studies: what is said, with which control, and what is drawn."""

from pathlib import Path

import pytest

from reasonscope.dynamics.alarm import INSTRUMENT
from reasonscope.dynamics.alarm.alarm_panel import panel
from reasonscope.dynamics.alarm.findings import conclude, proxy_of
from reasonscope.dynamics.alarm.planted import STAGNANT, UNPAID, Plant, hack, improving, run
from reasonscope.dynamics.recorded import Recorded
from reasonscope.findings import Finding
from reasonscope.report.plots import svg
from reasonscope.traces.store import Study


def rows(name: str, plant: Plant, steps: int = 120, seed: int = 5) -> list[Recorded]:
    held = run(seed, plant, steps)
    return [
        Recorded(
            run=name, step=i, name=what, value=float(value[i]), error=float(variance[i]) ** 0.5
        )
        for i in range(steps)
        for what, value, variance in (
            ("reward", held.proxy, held.proxy_variance),
            ("truth_share", held.truth, held.truth_variance),
        )
    ]


def study_of(folder: Path, **runs: list[Recorded]) -> Study:
    study = Study.create(folder)
    for name, held in runs.items():
        study.write_part("recorded", name, held)
    return study


def said(study: Study) -> dict[str, Finding]:
    return {finding.name: finding for finding in conclude(study)}


def test_a_hacked_run_is_told_with_what_moved(tmp_path: Path) -> None:
    found = said(study_of(tmp_path / "s", leaky=rows("leaky", hack(0.15, 512))))
    alarm = found["alarm_step"]
    assert alarm.estimate.value is not None
    assert 20 < alarm.estimate.value < 60
    assert "being gamed" in alarm.sentence
    assert "no alarm" in alarm.sentence  # with proxy and truth exchanged
    change = found["truth_change_points"].estimate
    assert change.low is not None
    assert change.high is not None
    assert change.low < -0.15 < change.high
    assert change.high < 0
    rise = found["proxy_rise"].estimate
    assert rise.low is not None
    assert rise.low > 0


def test_the_shuffled_control_moves_nothing(tmp_path: Path) -> None:
    found = said(study_of(tmp_path / "s", leaky=rows("leaky", hack(0.15, 512))))
    for name in ("proxy_rise", "truth_change_points"):
        control = found[name].control
        assert control is not None
        assert control.low is not None
        assert control.high is not None
        assert control.low < 0 < control.high


def test_an_honest_run_is_quiet(tmp_path: Path) -> None:
    found = said(study_of(tmp_path / "s", good=rows("good", improving())))
    assert found["quiet_steps"].estimate.value == 120
    assert found["quiet_steps"].sentence.startswith("No alarm in 120 steps of run good")


def test_the_worst_run_comes_first_and_has_the_plain_names(tmp_path: Path) -> None:
    study = study_of(
        tmp_path / "s",
        a=rows("a", STAGNANT),
        b=rows("b", UNPAID),
        c=rows("c", hack(0.15, 512)),
    )
    found = said(study)
    assert {"alarm_step", "warning_step:b", "quiet_steps:a"} <= set(found)
    assert panel(study).title.startswith("Run c games its reward: alarm at step ")


def test_a_warning_is_called_a_warning(tmp_path: Path) -> None:
    study = study_of(tmp_path / "s", b=rows("b", UNPAID))
    assert "have not come with it" in said(study)["warning_step"].sentence
    assert "outruns the truth" in panel(study).title


def test_the_panel_draws_both_curves(tmp_path: Path) -> None:
    study = study_of(tmp_path / "s", c=rows("c", hack(0.15, 512)), a=rows("a", STAGNANT, steps=7))
    made = panel(study)
    assert len(made.figures) == 2
    for figure in made.figures:
        assert "<svg" in svg(figure.chart, figure.alt, "x")
    assert [row[2] for row in made.tables[0].rows] == ["hacked", "unknown"]


def test_a_short_run_is_not_watched_and_says_so(tmp_path: Path) -> None:
    study = study_of(tmp_path / "s", a=rows("a", STAGNANT, steps=7))
    assert all(finding.estimate.value is None for finding in conclude(study))
    assert "needs 10 steps" in conclude(study)[0].sentence
    assert panel(study).title.startswith("Not watched")


def test_a_study_without_training_has_nothing_to_say(tmp_path: Path) -> None:
    assert conclude(Study.create(tmp_path / "s")) == []


def test_a_run_without_truth_has_nothing_to_say(tmp_path: Path) -> None:
    only = [row for row in rows("a", STAGNANT) if row.name == "reward"]
    assert conclude(study_of(tmp_path / "s", a=only)) == []


@pytest.mark.parametrize(
    ("parts", "proxy"), [(("", "format"), ""), (("length", "format"), "format"), ((), "")]
)
def test_the_whole_reward_is_the_proxy_where_there_is_one(
    parts: tuple[str, ...], proxy: str
) -> None:
    held = [
        Recorded(run="r", step=0, name="reward", part=part, value=0.0, error=None) for part in parts
    ]
    assert proxy_of(held) == proxy


def test_a_long_name_is_cut(tmp_path: Path) -> None:
    name = "r" * 300
    sentence = conclude(study_of(tmp_path / "s", r=rows(name, STAGNANT)))[0].sentence
    assert name not in sentence
    assert "r" * 60 + "…" in sentence


def test_it_reads_what_the_recorder_writes() -> None:
    assert (INSTRUMENT.table, INSTRUMENT.row, INSTRUMENT.examine) == ("recorded", Recorded, None)
