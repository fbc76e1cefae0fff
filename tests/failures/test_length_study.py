"""Length on whole studies: findings, panel, calibration, and what cannot be assessed."""

import random

import pytest

from reasonscope.failures import length
from reasonscope.failures.length import planted
from reasonscope.failures.length.findings import conclude
from reasonscope.failures.length.panel import panel
from reasonscope.failures.length.within import between_slope_points, slope_points
from reasonscope.measuring import measure
from reasonscope.report.plots import svg
from reasonscope.traces.schema import Problem, Trace
from reasonscope.traces.segment.steps import steps_of
from reasonscope.traces.store import Study

WITHIN = (
    "longer_half_points",
    "slope_points_per_doubling",
    "right_to_wrong_length_ratio",
    "right_minus_wrong_tokens",
    "inverted_u_p_value",
    "best_length_ratio",
    "short_1_points",
    "short_3_points",
)


def written(folder, attempts, *, reference="42", **fields) -> Study:
    """A study of (problem, sentences, right) attempts."""
    study = Study.create(folder)
    problems, traces, steps = {}, [], []
    for sample, (name, sentences, right) in enumerate(attempts):
        problem = Problem.make(
            f"Floor {name}?", answer=reference, answer_kind="number", extra={"hops": name}
        )
        problems[name] = problem
        said = "" if right is None else f"The answer is \\boxed{{{42 if right else 41}}}."
        trace = Trace.make(
            problem, "One more row of the floor holds tiles. " * sentences,
            opening="<think>", closing="</think>", answer=said, form="tags", sample=sample,
            **fields,
        )  # fmt: skip
        traces.append(trace)
        steps += steps_of(trace)
    for table, rows in (("problems", problems.values()), ("traces", traces), ("steps", steps)):
        study.write_part(table, "part", rows)
    return study


def findings(study: Study) -> dict:
    return {
        finding.name: finding
        for finding in measure(study, ["length"], workers=1)
        if finding.instrument == "length"
    }


def falling(problems: int = 12, samples: int = 8) -> list[tuple]:
    """Twelve problems whose longer attempts are mostly wrong."""
    rng = random.Random(1)
    return [
        (p, rng.choice([2, 3]) + 3 * s, rng.random() < 0.95 - 0.11 * s)
        for p in range(problems)
        for s in range(samples)
    ]


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Study:
    held = written(tmp_path_factory.mktemp("length") / "study", falling())
    measure(held, ["length"], workers=1)
    return held


def test_a_planted_fall_is_found_and_its_control_is_not(study) -> None:
    held = {finding.name: finding for finding in conclude(study)}
    for name in ("longer_half_points", "slope_points_per_doubling"):
        assert held[name].estimate.high < 0
        assert held[name].control.low < 0 < held[name].control.high
        assert "shuffled" in held[name].control_meaning
    assert held["right_to_wrong_length_ratio"].estimate.high < 1
    assert held["short_1_points"].estimate.low > 0
    assert held["compared_share"].estimate.value == 1.0


def test_every_finding_has_a_control_or_says_why_it_has_no_value(study) -> None:
    bare = {"compared_share", "best_length_ratio"}
    for finding in conclude(study):
        assert finding.control is not None or finding.name in bare or not finding.estimate.value


def test_the_between_slope_is_called_a_warning(study) -> None:
    held = {finding.name: finding for finding in conclude(study)}
    assert held["between_problems_slope_points"].sentence.startswith("A warning")


def test_concluding_twice_says_the_same(study) -> None:
    assert conclude(study) == conclude(study)


def test_the_panel_draws_and_names_the_direction(study) -> None:
    drawn = panel(study)
    assert "right less often" in drawn.title
    for figure in drawn.figures:
        assert "<svg" in str(svg(figure.chart, figure.alt, "p"))
    assert len(drawn.tables[0].rows) == 1


# -- what cannot be assessed -------------------------------------------------------------------


def test_one_attempt_a_problem_says_so(tmp_path) -> None:
    held = findings(written(tmp_path / "s", [(p, 2 + p, p % 3 > 0) for p in range(20)]))
    for name in WITHIN:
        assert held[name].estimate.value is None
        assert "each problem has one attempt" in held[name].sentence
    assert held["between_problems_slope_points"].estimate.value is not None
    assert held["effort_size_correlation"].estimate.value > 0.9


def test_the_panels_title_is_short_and_its_lead_says_why_nothing_was_assessed(tmp_path) -> None:
    study = written(tmp_path / "s", [(p, 2 + p, p % 3 > 0) for p in range(20)])
    measure(study, ["length"], workers=1)
    drawn = panel(study)
    assert drawn.title == "What length does to accuracy could not be assessed here"
    assert "each problem has one attempt" in drawn.lead


def test_no_answers_at_all_say_so(tmp_path) -> None:
    study = written(tmp_path / "s", [(p, 2, None) for p in range(4) for _ in range(3)])
    held = findings(study)
    assert "no final answer could be judged" in held["longer_half_points"].sentence
    assert held["compared_share"].estimate.value == 0
    assert "could not be assessed" in panel(study).title


def test_all_right_says_so(tmp_path) -> None:
    held = findings(written(tmp_path / "s", [(p, 2 + s, True) for p in range(4) for s in range(3)]))
    assert "both a right and a wrong" in held["slope_points_per_doubling"].sentence


def test_cut_traces_are_left_out_and_counted(tmp_path) -> None:
    study = written(tmp_path / "s", falling(3, 4), finish_reason="length")
    held = findings(study)
    assert "12 were cut off" in held["compared_share"].sentence
    assert held["compared_share"].estimate.value == 0


def test_the_share_that_is_compared_names_only_what_was_left_out(tmp_path) -> None:
    said = findings(written(tmp_path / "s", falling(3, 4)))["compared_share"].sentence
    assert said == (
        "100 % of the traces can be compared with another judged attempt at the same problem; "
        "tokens are estimated from the text"
    )


def test_an_empty_study_says_so(tmp_path) -> None:
    study = Study.create(tmp_path / "empty")
    assert all(finding.estimate.value is None for finding in conclude(study))
    assert panel(study).tables == ()


def test_one_step_and_ten_thousand(tmp_path) -> None:
    study = written(tmp_path / "s", [(0, 1, True), (0, 10_000, False), (0, 0, True)])
    held = findings(study)
    assert held["right_minus_wrong_tokens"].estimate.value < -80_000
    assert "1 hold no reasoning" in held["compared_share"].sentence


# -- planted truth -----------------------------------------------------------------------------


def test_planted_effects_are_found() -> None:
    rows = planted.calibrate(seed=3, n=40)
    assert len(rows) == 4
    for row in rows:
        assert row.power.value >= 0.85
        assert row.false_positive.value <= 0.2
        assert row.coverage.value >= 0.85


def test_the_bank_is_read_as_it_was_written() -> None:
    tokens, read = planted.bank()
    assert (tokens[:, 0] == tokens[:, 1]).all()
    assert (read == [0, 1]).all()


def test_simpson_fools_the_curve_between_problems_only() -> None:
    """No effect within; between problems the long ones fail."""
    empty = [planted.planted_study(seed, None) for seed in range(40)]
    fooled = [between_slope_points(one).high < 0 for one in empty]
    alarms = [not (s := slope_points(one)).low <= 0 <= s.high for one in empty]
    assert sum(fooled) >= 30
    assert sum(alarms) <= 6


def test_planted_studies_repeat_with_their_seed() -> None:
    one, same, other = (planted.planted_study(seed, None) for seed in (1, 1, 2))
    assert (one.tokens == same.tokens).all()
    assert not (one.tokens == other.tokens).all()


def test_the_instrument_is_in_the_table() -> None:
    assert length.INSTRUMENT.headlines == ("longer_half_points",)
    assert length.INSTRUMENT.needs == ("answers",)


# -- real traces -------------------------------------------------------------------------------


@pytest.mark.shared
def test_single_traces_of_r1_are_compared_between_problems_only(shared_data, tmp_path) -> None:
    from reasonscope.traces.importing import import_traces

    file = shared_data / "mip-overthinking/response/math/normal/deepseekR1/response.json.gz"
    import_traces([file], tmp_path / "r1")
    held = findings(Study.open(tmp_path / "r1"))
    assert held["longer_half_points"].estimate.value is None
    assert held["effort_size_correlation"].estimate.value > 0.2


def test_a_level_end_is_no_inverted_u() -> None:
    """Accuracy that climbs and then stays level: the quadratic is fooled, both tests are not."""
    from reasonscope.failures.length.findings import hump_seen, vertex_ratio
    from reasonscope.failures.length.within import inverted_u

    held = [
        inverted_u(planted.planted_study(seed, planted._levelling, planted.HUMP_PROBLEMS))
        for seed in range(40)
    ]
    assert sum(one.p_value <= 0.05 for one in held) >= 12
    assert sum(hump_seen(one) for one in held) <= 6
    assert all((vertex_ratio(one).value is not None) == hump_seen(one) for one in held)
