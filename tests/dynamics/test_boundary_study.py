"""The boundary on whole studies: which models are compared, and what is said of them."""

from pathlib import Path

import numpy as np
import pytest

from reasonscope.dynamics.boundary import INSTRUMENT
from reasonscope.dynamics.boundary.boundary_panel import panel
from reasonscope.dynamics.boundary.counts import Sampled, read
from reasonscope.dynamics.boundary.findings import conclude, short
from reasonscope.dynamics.boundary.pairs import Pair, checkpoints, pairs
from reasonscope.measuring import measure
from reasonscope.report.plots import svg
from reasonscope.traces.schema import Problem, Step, Trace
from reasonscope.traces.store import Study

RIGHT, WRONG, NONE = "The answer is {}.", "The answer is 0.", ""


def problem(number: int) -> Problem:
    return Problem.make(f"What is {number} + 7?", answer=str(number + 7), answer_kind="number")


def attempt(one: Problem, model: str, says: str, sample: int, **extra: str) -> Trace:
    return Trace.make(
        one,
        "Adding up. ",
        opening="<think>",
        closing="</think>",
        answer=says.format(one.answer),
        model=model,
        sample=sample,
        extra=extra,
    )


def made(folder: Path, traces: list[tuple[Problem, Trace]]) -> Study:
    study = Study.create(folder)
    problems = {one.problem_id: one for one, _ in traces}
    study.write_part("problems", "p", problems.values())
    study.write_part("traces", "p", [trace for _, trace in traces])
    steps = [
        Step(
            trace_id=t.trace_id, index=0, char_start=0, char_end=len(t.reasoning), text=t.reasoning
        )
        for _, t in traces
    ]
    study.write_part("steps", "p", steps)
    measure(study, ["answers"], workers=1)
    return study


def sampler(
    chances: dict[str, list[float]], samples: int = 8, seed: int = 0
) -> list[tuple[Problem, Trace]]:
    rng = np.random.default_rng(seed)
    return [
        (one, attempt(one, model, RIGHT if rng.random() < chance else WRONG, sample))
        for model, row in chances.items()
        for one, chance in zip(map(problem, range(len(row))), row)
        for sample in range(samples)
    ]


def names(found: list[Pair]) -> list[tuple[str, str]]:
    return [(pair.base, pair.other) for pair in found]


def sizes(*models: str) -> list[Sampled]:
    return [
        Sampled(model=model, attempts={"p": (10, 5)}, unanswered=0, left_out=0) for model in models
    ]


# -- which is the base --------


def test_the_name_says_base_whatever_its_place_in_the_alphabet() -> None:
    found = pairs(sizes("alpha-rl", "zeta-base"), {})
    assert names(found) == [("zeta-base", "alpha-rl")]
    assert found[0].known_by == "its name"


def test_what_the_traces_state_goes_before_names() -> None:
    found = pairs(sizes("a-base", "b", "c"), {"b": "c"})
    assert ("c", "b") in names(found)


def test_the_first_step_is_compared_with_the_last() -> None:
    found = pairs(sizes("run@5", "run@20", "run@100"), {})
    assert names(found) == [("run@5", "run@100")]


def test_steps_are_numbers_not_words() -> None:
    assert checkpoints(["r@9", "r@10"])["r"] == ["r@9", "r@10"]


def test_without_any_sign_nobody_is_called_the_base() -> None:
    found = pairs(sizes("m2", "m1"), {})
    assert names(found) == [("m1", "m2")]
    assert found[0].known_by == ""


def test_database_is_not_a_base() -> None:
    assert pairs(sizes("database", "x"), {})[0].known_by == ""


def test_two_runs_are_compared_each_with_itself() -> None:
    found = pairs(sizes("a@0", "a@50", "b@0", "b@50"), {})
    assert names(found) == [("a@0", "a@50"), ("b@0", "b@50")]


def test_a_base_apart_from_the_run_is_compared_too() -> None:
    found = pairs(sizes("base", "rl@10", "rl@90", "sft"), {})
    assert ("rl@10", "rl@90") in names(found)
    assert ("base", "sft") in names(found)


# -- what is counted --------


def test_no_answer_is_an_attempt_that_solves_nothing(tmp_path: Path) -> None:
    one = problem(1)
    traces = [
        (one, attempt(one, "m", says, i)) for i, says in enumerate([RIGHT, WRONG, NONE, NONE])
    ]
    (found,) = read(made(tmp_path / "s", traces))
    assert found.attempts == {one.problem_id: (4, 1)}
    assert found.unanswered == 2


def test_a_problem_without_reference_is_not_counted_as_unsolved(tmp_path: Path) -> None:
    free = Problem.make("Say something nice.")
    traces = [(free, attempt(free, "m", "The answer is 5.", i)) for i in range(3)]
    assert read(made(tmp_path / "s", traces)) == []


# -- what is said --------


@pytest.fixture(scope="module")
def crossing_study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    chances = {"base": [0.3] * 40, "rl": [0.95] * 20 + [0.0] * 20}
    return made(tmp_path_factory.mktemp("boundary") / "s", sampler(chances))


def test_a_planted_crossover_is_found(crossing_study: Study) -> None:
    found = {finding.name: finding for finding in conclude(crossing_study)}
    # pass@1 .3 against .475; pass@2 .51 against .499: they cross at 1.92 attempts
    crossover = found["crossover_attempts"].estimate
    assert crossover.low is not None
    assert crossover.high is not None
    assert crossover.low < 1.92 < crossover.high
    assert "base overtakes it" in found["crossover_attempts"].sentence
    gain = found["pass_at_most_points"].estimate
    assert gain.high is not None
    assert gain.high < 0
    lost = found["lost_points"].estimate
    assert lost.low is not None
    assert lost.low > 0
    for finding in found.values():
        assert finding.control_meaning or finding.control is None


def test_the_control_finds_no_gain(crossing_study: Study) -> None:
    for finding in conclude(crossing_study):
        if finding.unit == "points":
            control = finding.control
            assert control is not None
            assert control.low is not None
            assert control.high is not None
            assert control.low <= 0 <= control.high, finding.name


def test_the_panel_says_who_overtakes_whom_and_draws(crossing_study: Study) -> None:
    made_panel = panel(crossing_study)
    assert made_panel.title.startswith("rl solves more at once; base overtakes it at ")
    for figure in made_panel.figures:
        assert "<svg" in svg(figure.chart, figure.alt, "x")
    only_base, only_rl = made_panel.tables[0].rows
    assert only_base[0] == "base, not rl"
    assert int(str(only_base[1])) > 10  # 20 problems at .3 with eight attempts: 18.8 on average
    assert int(str(only_rl[1])) < 5  # of 20 the base misses .7 ** 8 = 6 %


def test_one_model_has_no_boundary(tmp_path: Path) -> None:
    assert conclude(made(tmp_path / "s", sampler({"m": [0.5] * 5}))) == []


def test_one_sample_has_no_boundary(tmp_path: Path) -> None:
    study = made(tmp_path / "s", sampler({"a": [0.5] * 9, "b": [0.5] * 9}, samples=1))
    assert conclude(study) == []


def test_an_empty_study_has_no_boundary(tmp_path: Path) -> None:
    assert conclude(Study.create(tmp_path / "s")) == []


def test_equal_models_do_not_cross_and_it_is_said(tmp_path: Path) -> None:
    study = made(tmp_path / "s", sampler({"a": [1.0] * 6, "b": [1.0] * 6}))
    found = {finding.name: finding for finding in conclude(study)}
    assert found["crossover_attempts"].estimate.value is None
    assert "do not cross" in found["crossover_attempts"].sentence
    assert found["pass_at_1_points"].estimate.low != found["pass_at_1_points"].estimate.high
    assert "cannot be told apart" in panel(study).title


def test_several_pairs_have_names_of_their_own(tmp_path: Path) -> None:
    study = made(tmp_path / "s", sampler({"base": [0.5] * 4, "x": [0.5] * 4, "y": [0.9] * 4}))
    found = [finding.name for finding in conclude(study)]
    assert len(found) == len(set(found)) == 12
    assert "pass_at_1_points:base:y" in found


def test_what_a_trace_states_as_its_base_is_read(tmp_path: Path) -> None:
    traces = [
        (one, attempt(one, model, RIGHT, sample, **extra))
        for one in map(problem, range(3))
        for model, extra in (("a-tuned", {"base_model": "z-start"}), ("z-start", {}))
        for sample in range(2)
    ]
    found = conclude(made(tmp_path / "s", traces))
    assert "a-tuned solves" in found[0].sentence
    assert "not known" not in found[0].sentence


def test_a_long_name_is_cut() -> None:
    assert len(short("m" * 500)) == 61


def test_calibration_finds_what_is_planted() -> None:
    rows = INSTRUMENT.calibrate(0, 40)
    assert all(row.power.value is not None and row.power.value > 0.85 for row in rows)
    assert all(row.false_positive.value is not None for row in rows)
    assert all(
        row.false_positive.value < 0.2 for row in rows if row.false_positive.value is not None
    )


@pytest.mark.slow
def test_intervals_hold_what_they_say() -> None:
    for row in INSTRUMENT.calibrate(1, 1000):
        assert row.coverage is not None
        assert row.coverage.value is not None
        assert 0.93 <= row.coverage.value <= 0.97, row.plant
