"""Shares over lines of the ledger: sums by hand, unknowns left out, honest controls."""

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasonscope.stats import Estimate, wilson
from reasonscope.structure.flips import reading, shares
from reasonscope.structure.flips.conclude import verdict
from reasonscope.structure.flips.controls import shuffled, token_share
from reasonscope.structure.flips.planted import calibrate
from reasonscope.structure.flips.shares import Line


def line(
    outcomes: str,
    final: bool | None = None,
    *,
    at: Sequence[int] = (),
    tokens: int = 100,
    problem: str = "p",
    stated: Sequence[bool] = (),
    same: Sequence[int] = (),
) -> Line:
    return Line(
        trace_id=f"{problem}-{outcomes}-{final}",
        problem_id=problem,
        outcomes=outcomes,
        identities=tuple(same) or tuple("TF?".index(letter) for letter in outcomes),
        tokens_at=tuple(at) or tuple(range(10, 10 * len(outcomes) + 1, 10)),
        tokens=tokens,
        final=final,
        stated=tuple(stated) or (True,) * len(outcomes),
    )


def test_tokens_after_the_first_right_answer_by_hand() -> None:
    held = [
        line("FT", True, at=(10, 40), tokens=100, problem="a"),
        line("T", True, at=(50,), tokens=300, problem="b"),
        line("F", False, at=(1,), tokens=1000, problem="c"),
    ]
    estimate = shares.after_right(held)
    assert estimate.value == pytest.approx((60 + 250) / 400)
    assert (estimate.n, estimate.clusters) == (2, 2)


def test_tokens_after_the_first_candidate_count_wrong_ones_too() -> None:
    held = [line("FT", True, at=(10, 40), problem="a"), line("", None, problem="b")]
    assert shares.after_first(held).value == pytest.approx(0.9)
    assert shares.after_first(held).n == 1


def test_stated_answers_are_a_lower_bound() -> None:
    held = [line("TT", True, at=(20, 70), stated=(False, True), problem=str(i)) for i in range(3)]
    assert shares.after_right(held).value == pytest.approx(0.8)
    assert shares.after_stated(held).value == pytest.approx(0.3)


def test_a_right_answer_that_is_never_stated_has_nothing_after_its_statement() -> None:
    held = [line("T", True, at=(20,), stated=(False,), problem=str(i)) for i in range(2)]
    assert shares.after_stated(held).value == 0.0


def test_confirmatory_counts_the_same_wrong_answer() -> None:
    held = [line("FFT", True, problem="a"), line("T", True, problem="b")]
    estimate = shares.confirmatory(held)
    assert (estimate.value, estimate.n) == (0.5, 2)


def test_two_different_wrong_answers_confirm_nothing() -> None:
    held = [line("FF", False, same=(1, 2), problem="a")]
    assert shares.confirmatory(held).value == 0.0


def test_rescued_and_spoiled_by_hand() -> None:
    held = [
        line("FT", True, problem="a"),
        line("F", False, problem="b"),
        line("TF", False, problem="c"),
        line("T", True, problem="d"),
        line("T", True, problem="e"),
        line("?", True, problem="f"),
        line("F", None, problem="g"),
    ]
    assert shares.rescued(held).value == pytest.approx(1 / 2)
    assert shares.spoiled(held).value == pytest.approx(1 / 3)
    assert shares.first_wrong(held).value == pytest.approx(2 / 5)
    assert shares.final_wrong(held).value == pytest.approx(2 / 5)
    assert shares.gain(held).value == 0.0
    assert shares.gain(held).n == 5


def test_gain_is_last_minus_first() -> None:
    held = [line("FT", True, problem=str(i)) for i in range(12)]
    held += [line("T", True, problem=f"t{i}") for i in range(28)]
    estimate = shares.gain(held)
    assert estimate.value == pytest.approx(0.3)
    assert estimate.low is not None
    assert estimate.low > 0


def test_no_difference_has_an_interval_with_width() -> None:
    held = [line("T", True, problem=str(i)) for i in range(100)]
    estimate = shares.gain(held)
    assert estimate.value == 0
    assert estimate.low is not None
    assert estimate.high is not None
    assert -0.1 < estimate.low < 0 < estimate.high < 0.1


def test_few_differences_among_many_traces_of_a_problem_do_not_collapse_either() -> None:
    held = [line("T", True, problem=str(i // 5)) for i in range(100)]
    estimate = shares.gain(held)
    assert estimate.low is not None
    assert estimate.low < 0
    assert "newcombe" in estimate.method


def test_one_problem_has_no_interval() -> None:
    estimate = shares.gain([line("T", True), line("FT", True)])
    assert (estimate.value, estimate.low) == (0.5, None)


def test_nothing_is_unknown_not_zero() -> None:
    for measure in (
        shares.after_right,
        shares.after_first,
        shares.after_stated,
        shares.confirmatory,
        shares.rescued,
        shares.spoiled,
        shares.gain,
        shares.first_wrong,
    ):
        assert measure([]).value is None
        assert measure([line("", None)]).value is None


def test_stopping_at_the_first_answer_by_hand() -> None:
    held = [
        line("TF", False, at=(20, 60), problem="a"),
        line("FT", True, at=(30, 80), problem="b"),
        line("", False, problem="c"),
    ]
    assert [one.stopped(0) for one in held] == [(20, True), (30, False), (100, False)]
    assert shares.stopping_saves(held, lambda _: 0).value == pytest.approx(150 / 300)
    assert shares.stopping_cost(held, lambda _: 0).value == 0.0


def test_without_any_candidate_nothing_can_be_said_of_stopping() -> None:
    none = [line("", None, problem=name) for name in "abc"]
    assert shares.stopping_saves(none, lambda _: 0).value is None
    one = [*none, line("T", True, at=(40,), problem="d")]
    assert shares.stopping_saves(one, lambda _: 0).value == pytest.approx(60 / 400)


def test_stopping_at_a_repeated_answer() -> None:
    one = line("FTFT", True, at=(10, 20, 30, 40), same=(1, 0, 2, 0))
    assert one.repeated == 3
    assert one.stopped(one.repeated) == (40, True)
    assert line("FT", True).repeated is None
    assert line("FT", True).stopped(None) == (100, True)


def test_shuffling_keeps_the_answers_and_loses_the_order() -> None:
    held = [line("FTTT", True, problem=str(i)) for i in range(200)]
    mixed = shuffled(held)
    kept = [sorted(one.outcomes + ("T" if one.final else "F")) for one in mixed]
    assert kept == [sorted("FTTTT")] * 200
    assert [one.tokens_at for one in mixed] == [one.tokens_at for one in held]
    gain, null = shares.gain(held).value, shares.gain(mixed)
    assert gain == 1.0
    assert null.low is not None
    assert null.high is not None
    assert null.low < 0 < null.high


def test_shuffling_is_the_same_every_time() -> None:
    held = [line("FTFT", True, problem=str(i)) for i in range(20)]
    assert shuffled(held) == shuffled(held)


@given(st.lists(st.tuples(st.text("TF?", max_size=5), st.sampled_from([True, False, None]))))
def test_any_lines_give_estimates_within_bounds(rows: list[tuple[str, bool | None]]) -> None:
    held = [line(outcomes, final, problem=str(i)) for i, (outcomes, final) in enumerate(rows)]
    for sample in (held, shuffled(held)):
        for share in (shares.confirmatory(sample), shares.rescued(sample), shares.spoiled(sample)):
            assert share.value is None or 0 <= share.value <= 1
        gain = shares.gain(sample)
        assert gain.value is None or -1 <= gain.value <= 1


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.01, 0.05, "Reflection helped"),
        (-0.05, -0.01, "Reflection did harm"),
        (-0.01, 0.01, "Reflection made no measurable difference"),
        (None, None, "Reflection made no measurable difference"),
    ],
)
def test_the_verdict_follows_the_interval(low: float | None, high: float | None, said: str) -> None:
    assert verdict(Estimate(value=0.0, low=low, high=high)) == said


def test_the_rates_of_the_reading_add_up() -> None:
    assert reading.specificity().value == pytest.approx(556 / 561)
    assert reading.sensitivity().value == 1.0
    low = reading.sensitivity().low
    assert low is not None
    assert low == pytest.approx(20 / (20 + 556 * (wilson(0, 112).high or 0)))


def test_correction_takes_misread_first_answers_off() -> None:
    apparent = wilson(25, 581)
    wrong = reading.corrected(apparent)
    assert wrong.value is not None
    assert wrong.value == pytest.approx(20 / 581, abs=0.001)
    assert apparent.value is not None
    assert wrong.value < apparent.value


def test_a_corrected_gain_is_wider_than_its_parts() -> None:
    first, final = wilson(40, 200), wilson(20, 200)
    gain = reading.corrected_gain(final, first)
    assert gain.value == pytest.approx(0.1)
    assert gain.low is not None
    assert gain.high is not None
    assert gain.high - gain.low > (first.high or 0) - (first.low or 0)
    assert math.isclose(gain.value or 0, 0.1)


def test_an_unknown_part_leaves_the_corrected_gain_unknown() -> None:
    assert reading.corrected_gain(Estimate(value=None), wilson(1, 2)).value is None


def test_calibration_finds_what_is_there_and_not_what_is_not() -> None:
    exact, gain, after = calibrate(0, 40)
    assert (exact.power.value, exact.false_positive.value) == (1.0, 0.0)
    assert gain.power.value is not None
    assert gain.power.value >= 0.9
    assert after.power.value == 1.0
    for row in (gain, after):
        assert row.false_positive.value is not None
        assert row.false_positive.value <= 0.15
        assert row.coverage is not None
        assert (row.coverage.value or 0) >= 0.85


@pytest.mark.slow
def test_calibration_reaches_its_levels() -> None:
    for row in calibrate(0, 1000)[1:]:
        assert row.coverage is not None
        assert (row.power.value or 0) >= 0.9
        assert 0.03 <= (row.false_positive.value or 0) <= 0.07
        assert 0.93 <= (row.coverage.value or 0) <= 0.97


# -- the control of the share after the first right answer ----------------------------------------


def test_a_control_share_near_nought_has_an_interval_within_nought_and_one() -> None:
    """Two matches in twenty traces: Student's interval would begin at -3 %."""
    found = [(f"p{i}", 800 if i < 2 else 0, 1000) for i in range(20)]
    estimate = token_share(found)
    assert estimate.value == pytest.approx(0.08)
    assert estimate.low is not None
    assert estimate.high is not None
    assert 0 < estimate.low < 0.08 < estimate.high < 0.4


def test_a_control_without_a_match_still_has_an_interval_with_width() -> None:
    estimate = token_share([(f"p{i}", 0, 1000) for i in range(20)])
    assert (estimate.value, estimate.low) == (0.0, 0.0)
    assert estimate.high is not None
    assert estimate.high > 0.02


def test_the_control_counts_traces_not_tokens() -> None:
    assert token_share([("p", 5, 100), ("p", 0, 100), ("q", 0, 100)]).n == 3


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=2, max_size=40))
def test_the_controls_interval_holds_its_value_within_bounds(rows: list[tuple[int, int]]) -> None:
    estimate = token_share([(str(i), after, after + rest) for i, (after, rest) in enumerate(rows)])
    if estimate.value is not None and estimate.low is not None and estimate.high is not None:
        assert 0 <= estimate.low <= estimate.value + 1e-9
        assert estimate.value - 1e-9 <= estimate.high <= 1
