"""The curves of a study: findings, panel and page, over good and bad tables."""

import re
from pathlib import Path

import numpy as np
import pytest

from reasonscope.dynamics.curves import conclude, panel
from reasonscope.dynamics.curves.page import render, write_page
from reasonscope.dynamics.curves.series import read
from reasonscope.dynamics.recorded import Recorded
from reasonscope.measuring import measure
from reasonscope.report.plots import svg
from reasonscope.reporting import panels
from reasonscope.traces.schema import Problem, Trace
from reasonscope.traces.segment import steps_of
from reasonscope.traces.store import Study

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"


def rows(run: str = "r", steps: int = 60, **courses) -> list[Recorded]:
    """A run whose curves go from one level to another, with a little noise."""
    rng = np.random.default_rng(0)
    given = {"reward": (0.2, 0.7), "truth_share": (0.4, 0.2), "length_tokens": (100, 60)} | courses
    return [
        Recorded(
            run=run,
            step=step,
            name=name,
            value=float(first + (last - first) * step / max(steps - 1, 1) + rng.normal() * 0.01),
            error=0.02,
            n=64,
        )
        for step in range(steps)
        for name, (first, last) in given.items()
    ]


def study(folder: Path, *parts: list[Recorded]) -> Study:
    made = Study.create(folder / "study")
    for number, part in enumerate(parts):
        made.write_part("recorded", f"part{number}", part)
    return made


def test_the_reward_rises_and_truth_falls(tmp_path: Path) -> None:
    found = {f.name: f for f in conclude(study(tmp_path, rows()))}
    assert found["reward_change"].estimate.low > 0
    assert found["truth_change_points"].estimate.high < 0
    assert found["length_change_tokens"].estimate.value == pytest.approx(-36, abs=3)
    assert found["truth_change_points"].sentence.startswith("The share of completions")
    for finding in found.values():
        assert finding.control is not None
        assert finding.control.low <= 0 <= finding.control.high
        assert finding.control_meaning == "the same steps in shuffled order"


def test_what_a_run_has_no_curve_of_is_not_asked(tmp_path: Path) -> None:
    names = {f.name for f in conclude(study(tmp_path, rows()))}
    assert "entropy_change_nats" not in names


def test_several_runs_are_told_apart_and_the_longest_has_the_plain_names(tmp_path: Path) -> None:
    held = study(tmp_path, rows("short", 30), rows("long", 60))
    found = {f.name: f for f in conclude(held)}
    assert found["reward_change"].sentence.startswith("long: ")
    assert found["reward_change/short"].sentence.startswith("short: ")
    assert "2 runs" in panel(held).title


def test_a_study_without_training_says_nothing_and_shows_no_panel(tmp_path: Path) -> None:
    held = study(tmp_path)
    assert conclude(held) == []
    measure(held, ["curves"], workers=1)
    assert panels(held) == []


def test_the_panel_is_in_the_report_of_a_recorded_study(tmp_path: Path) -> None:
    held = study(tmp_path, rows())
    measure(held, ["curves"], workers=1)
    assert "curves" in [made.name for made in panels(held)]


def test_one_step_gives_no_change_and_a_panel_with_points(tmp_path: Path) -> None:
    held = study(tmp_path, rows(steps=1))
    assert all(f.estimate.value is None for f in conclude(held))
    figures = panel(held).figures
    assert "<path" in svg(figures[0].chart, "x", "f")


def test_unknown_values_are_left_out_and_an_unknown_curve_is_no_curve(tmp_path: Path) -> None:
    unknown = [
        Recorded(run="r", step=step, name="entropy_nats", value=None, missing=8)
        for step in range(60)
    ]
    held = study(tmp_path, rows(), unknown)
    assert ("entropy_nats", "") not in read(held)["r"]


def test_what_was_measured_on_completions_stands_before_what_was_logged(tmp_path: Path) -> None:
    logged = [Recorded(run="r", step=step, name="reward", value=0.0) for step in range(60)]
    held = read(study(tmp_path, logged, rows()))["r"]["reward", ""]
    assert len(held) == 60
    assert held.values[-1] == pytest.approx(0.7, abs=0.05)


def test_a_long_run_is_read_and_drawn_in_few_points(tmp_path: Path) -> None:
    held = study(tmp_path, rows(steps=5_000))
    assert conclude(held)[0].estimate.n == 5_000
    drawing = svg(panel(held).figures[0].chart, "x", "f")
    assert len(drawing) < 60_000


def sampled(folder: Path, text: str = "1 + 1 = 2.") -> Study:
    held = study(folder, rows("run", 3))
    problem = Problem.make(f"What is this? {HOSTILE}", answer="2")
    traces = [Trace.make(problem, f"{text} At {n}.", model=f"run@{n}") for n in range(3)]
    held.write_part("problems", "k", [problem])
    held.write_part("steps", "k", [step for trace in traces for step in steps_of(trace)])
    held.write_part("traces", "k", traces)
    return held


def test_the_samples_are_named_by_step(tmp_path: Path) -> None:
    table = panel(sampled(tmp_path)).tables[0]
    assert [row[:3] for row in table.rows] == [("run", 0, 1), ("run", 1, 1), ("run", 2, 1)]


def test_a_running_page_renews_itself_and_a_done_one_does_not(tmp_path: Path) -> None:
    held = sampled(tmp_path)
    going = render(held, running=True, every=30)
    assert '<meta http-equiv="refresh" content="30">' in going
    assert "Training is going on" in going
    done = render(held)
    assert "refresh" not in done
    assert "Training is done" in done


def test_the_page_escapes_what_the_model_writes_and_holds_no_script(tmp_path: Path) -> None:
    page = render(sampled(tmp_path, HOSTILE), standing=HOSTILE, warnings=(HOSTILE,))
    assert "<script" not in page
    assert "<img" not in page
    assert page.count("&lt;script&gt;") >= 4
    assert "default-src 'none'" in page
    assert not re.search(r"(?:src|href)=\"https?:", page)


def test_names_of_runs_and_curves_are_escaped_too(tmp_path: Path) -> None:
    page = render(study(tmp_path, rows(HOSTILE, 5), rows("b", 5)))
    assert "<script" not in page
    assert "<img" not in page


def test_a_page_is_replaced_whole_and_says_where_it_cannot_be(tmp_path: Path) -> None:
    from reasonscope.errors import SetupError

    held = sampled(tmp_path)
    path = write_page(held)
    assert path.name == "dynamics.html"
    before = path.read_text()
    assert write_page(held).read_text() == before
    path.unlink()
    path.mkdir()
    with pytest.raises(SetupError, match="cannot write"):
        write_page(held)
    assert [file.name for file in held.path.glob(".dynamics*")] == []


def test_an_empty_study_has_a_page_that_says_so(tmp_path: Path) -> None:
    assert "No step is done yet" in render(study(tmp_path), running=True)
