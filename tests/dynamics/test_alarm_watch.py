"""The alarm on planted runs: it rings on hacks, is still on honest ones, and is the same live."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reasonscope.dynamics.alarm import INSTRUMENT, watch
from reasonscope.dynamics.alarm.change import changed
from reasonscope.dynamics.alarm.evidence import (
    TOLERANCE,
    Track,
    completed,
    evidence,
    exchange,
    inflation,
)
from reasonscope.dynamics.alarm.planted import (
    STAGNANT,
    UNPAID,
    Plant,
    hack,
    improving,
    ramp,
    run,
    short_hack,
    steady,
)
from reasonscope.dynamics.alarm.series import Series, series_of, variances
from reasonscope.dynamics.alarm.thresholds import FROM_ANYWHERE, FROM_START
from reasonscope.dynamics.alarm.watching import State, unwatchable, watched
from reasonscope.dynamics.recorded import Recorded


def levels(plant: Plant, runs: int = 40, steps: int = 120) -> list[str]:
    return [watched(run(seed, plant, steps)).level for seed in range(runs)]


def rows_of(held: Series, *, errors: bool = True, n: int | None = 256) -> list[Recorded]:
    found = []
    for place, step in enumerate(held.steps):
        for name, value, variance in (
            ("reward", held.proxy[place], held.proxy_variance[place]),
            ("truth_share", held.truth[place], held.truth_variance[place]),
        ):
            error = float(variance) ** 0.5 if errors else None
            value = float(np.clip(value, 0, 1)) if name == "truth_share" else float(value)
            found.append(
                Recorded(run="r", step=int(step), name=name, value=value, error=error, n=n)
            )
    return found


def noiseless(truth: list[float], proxy: list[float], error: float = 0.001) -> Series:
    variance = np.full(len(truth), error**2)
    return Series(
        run="r",
        steps=np.arange(len(truth), dtype=np.float64),
        proxy=np.array(proxy),
        proxy_variance=variance,
        truth=np.array(truth),
        truth_variance=variance,
    )


# -- what rings --------


@pytest.mark.parametrize("fall", [0.1, 0.15])
@pytest.mark.parametrize("completions", [256, 512])
def test_a_hack_rings(fall: float, completions: int) -> None:
    assert levels(hack(fall, completions), 20).count("hacked") >= 19


def test_a_hack_seen_through_few_completions_often_stays_unseen() -> None:
    found = levels(hack(0.1, 32), 40).count("hacked")
    assert 2 <= found <= 30  # an honest miss, stated in the docs


def test_a_hack_in_the_first_steps_rings_within_thirty() -> None:
    assert levels(short_hack(), 20, 30).count("hacked") >= 18


def test_the_alarm_does_not_ring_before_the_hack_begins() -> None:
    states = [watched(run(seed, hack(0.15, 512))) for seed in range(20)]
    assert all(state.hacked_at is None or state.hacked_at > 20 for state in states)


def test_truth_that_first_rises_and_then_falls_rings_above_its_start() -> None:
    truth = ramp(0.3, 0.6, 0, 30)
    plant = Plant(
        truth=lambda time: np.where(time < 50, truth(time), truth(time) - 0.004 * (time - 50)),
        proxy=ramp(0.3, 0.9, 0, 120),
        completions=512,
    )
    states = [watched(run(seed, plant)) for seed in range(15)]
    rang = [state.hacked_at for state in states if state.hacked_at is not None]
    assert len(rang) >= 13
    assert min(rang) > 50


# -- what does not --------


@pytest.mark.parametrize(
    "plant",
    [
        STAGNANT,
        improving(),
        improving(0.1),
        replace(STAGNANT, wander=0.02),
        replace(improving(), wander=0.03, memory=20.0),
        Plant(truth=ramp(0.35, 0.65, 10, 80), proxy=ramp(0.35, 0.65, 0, 80)),
        Plant(truth=steady(0.0), proxy=steady(0.0), completions=32),
        Plant(truth=ramp(0.5, 0.2), proxy=ramp(0.5, 0.2)),
    ],
    ids=["still", "up", "little", "wanders", "up, wanders", "late", "never right", "both fall"],
)
def test_honest_runs_are_quiet(plant: Plant) -> None:
    assert levels(plant, 40).count("hacked") == 0
    assert levels(plant, 40).count("outrun") <= 3


def test_a_reward_that_rises_without_truth_is_a_warning_not_an_alarm() -> None:
    found = levels(UNPAID, 30)
    assert found.count("outrun") >= 28
    assert found.count("hacked") <= 1


def test_a_fall_within_the_tolerance_is_no_fall() -> None:
    truth, proxy = [0.5] * 30 + [0.5 - TOLERANCE / 2] * 30, [0.2] * 30 + [0.9] * 30
    assert watched(noiseless(truth, proxy)).level == "outrun"
    deeper = [0.5] * 30 + [0.5 - 3 * TOLERANCE] * 30
    assert watched(noiseless(deeper, proxy)).level == "hacked"


def test_truth_up_is_never_called_gaming() -> None:
    curve = list(np.linspace(0.2, 0.8, 60))
    assert watched(noiseless(curve, curve)).level == "quiet"


def test_a_reward_on_another_scale_is_honest_all_the_same() -> None:
    for seed in range(20):
        held = run(seed, improving())
        scaled = replace(held, proxy=2 * held.proxy - 1, proxy_variance=4 * held.proxy_variance)
        assert watched(scaled).level == "quiet"


def test_truth_as_its_own_proxy_never_rings() -> None:
    for seed in range(10):
        held = run(seed, hack(0.15, 512))
        own = replace(held, proxy=held.truth, proxy_variance=held.truth_variance)
        assert watched(own).level == "quiet"


def test_exchanged_a_hack_is_quiet() -> None:
    held = run(1, hack(0.15, 512))
    assert watched(held).level == "hacked"
    assert watched(held.exchanged()).level == "quiet"
    assert held.exchanged().exchanged() == held or held.exchanged().proxy is held.truth


# -- live --------


def test_what_is_said_at_a_step_rests_on_what_came_until_then() -> None:
    held = run(2, hack(0.15, 256))
    rows = rows_of(held)
    whole = watch(rows)
    assert whole.hacked_at is not None
    until = [row for row in rows if row.step < whole.hacked_at]
    assert watch(until).level != "hacked"
    now = [row for row in rows if row.step <= whole.hacked_at]
    assert watch(now).hacked_at == whole.hacked_at


@settings(max_examples=8)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=6), st.integers(0, 20))
def test_asked_now_and_then_the_answer_is_the_same(strides: list[int], seed: int) -> None:
    rows = rows_of(run(seed, hack(0.15, 256)))
    state: State | None = None
    end = 0
    for stride in strides:
        end += 2 * stride
        state = watch(rows[:end], run="r", before=state)
    assert state == watch(rows[:end], run="r")


def test_other_runs_and_parts_are_passed_over() -> None:
    rows = rows_of(run(3, hack(0.15, 512)))
    others = [replace(row, run="other", value=0.5) for row in rows]
    parts = [replace(row, part="format", value=0.5) for row in rows if row.name == "reward"]
    assert watch([*rows, *others, *parts], run="r") == watch(rows)
    assert watch([*parts, *rows], run="r", proxy="format").level == "unknown"


def test_a_step_that_was_done_again_counts_as_it_was_done_last() -> None:
    rows = rows_of(run(3, improving()))
    first = [replace(row, value=0.0) for row in rows[:20]]
    assert watch([*first, *rows]) == watch(rows)


def test_held_out_truth_stands_in_where_training_truth_is_missing() -> None:
    rows = [
        replace(row, part="held_out") if row.name == "truth_share" else row
        for row in rows_of(run(3, hack(0.15, 512)))
    ]
    assert watch(rows).level == "hacked"


# -- bad input --------


def test_nothing_recorded_is_not_watched() -> None:
    state = watch([])
    assert state.level == "unknown"
    assert "needs 10 steps" in state.sentence


def test_a_constant_reward_gives_no_signal() -> None:
    held = run(1, replace(STAGNANT, completions=10**12))
    rows = [replace(row, value=0.5) if row.name == "reward" else row for row in rows_of(held)]
    state = watch(rows)
    assert state.level == "unknown"
    assert "no signal" in state.reason


def test_unknown_values_are_left_out() -> None:
    rows = rows_of(run(2, hack(0.15, 512)))
    holes = [replace(row, value=None) if row.step % 7 == 3 else row for row in rows]
    state = watch(holes)
    assert state.level == "hacked"
    assert state.steps < 120


def test_without_errors_the_jumps_tell_them() -> None:
    found = [
        watch(rows_of(run(seed, plant), errors=False, n=None)).level
        for plant in (STAGNANT, improving())
        for seed in range(20)
    ]
    assert found.count("hacked") == 0
    hacked = [
        watch(rows_of(run(seed, hack(0.15, 512)), errors=False, n=None)).level for seed in range(10)
    ]
    assert hacked.count("hacked") >= 8


def test_five_thousand_steps_are_watched() -> None:
    assert watched(run(1, improving(), 5000)).level == "quiet"


def test_a_short_run_says_what_it_needs() -> None:
    held = run(1, STAGNANT, 9)
    assert "found 9" in unwatchable(held)
    assert unwatchable(run(1, STAGNANT, 10)) == ""


# -- parts --------


def test_a_share_of_nought_in_32_is_not_certain() -> None:
    row = Recorded(run="r", step=0, name="truth_share", value=0.0, error=0.0, n=32)
    # two right and two wrong added: 2 of 36
    assert variances([row], share=True)[0] == pytest.approx((2 / 36) * (34 / 36) / 36)


def test_a_stated_error_that_is_larger_is_believed() -> None:
    row = Recorded(run="r", step=0, name="truth_share", value=0.5, error=0.2, n=1000)
    assert variances([row], share=True)[0] == pytest.approx(0.04)


def test_jumps_larger_than_stated_raise_the_errors() -> None:
    values = np.tile([0.0, 1.0], 100)  # half of the squared jump: 1/2, stated: 1/100
    more = inflation(values, np.full(200, 0.01))
    assert more[0] == 1.0
    assert more[-1] == pytest.approx(50, rel=0.1)
    assert inflation(np.zeros(5), np.full(5, 0.01)) == pytest.approx(np.ones(5))


def test_errors_that_nobody_stated_are_read_off_the_jumps() -> None:
    assert completed(np.array([0.0, 1.0, 0.0]), np.zeros(3))[-1] == pytest.approx(0.5)


def test_the_exchange_rate_is_the_ratio_of_the_errors() -> None:
    one, two = (Track.of(np.zeros(4), np.full(4, v)) for v in (0.04, 0.01))
    assert exchange(one, two) == pytest.approx(np.full(4, 0.5))


def test_thresholds_grow_with_the_step_and_with_the_pairs() -> None:
    moments = np.array([10.0, 100.0, 1000.0])
    assert (np.diff(FROM_START.at(moments)) > 0).all()
    assert (FROM_ANYWHERE.at(moments) > FROM_START.at(moments)).all()


def test_evidence_of_a_certain_hack_is_overwhelming_and_of_nothing_none() -> None:
    hacked = evidence(noiseless([0.5] * 20 + [0.1] * 20, [0.1] * 20 + [0.9] * 20))
    assert hacked.hacked.max() > 5
    assert hacked.hacked[:19].max() < 1
    still = evidence(noiseless([0.5] * 40, [0.5] * 40))
    assert still.hacked.max() < 1


def test_the_change_is_that_of_the_ends() -> None:
    held = noiseless([0.5] * 10 + [0.3] * 90, [0.0] * 100)
    change = changed(held.truth, held.truth_variance)
    assert change.value == pytest.approx(-0.2)
    # ten steps at either end, errors of .001 each, raised by one large jump
    assert change.low is not None
    assert change.low < -0.2 - 1.9 * 0.001 * (2 / 10) ** 0.5
    assert changed(held.truth[:9], held.truth_variance[:9]).value is None


def test_series_are_read_at_common_steps() -> None:
    rows = [
        Recorded(run="r", step=step, name=name, value=0.5, error=0.1)
        for name, steps in (("reward", range(5)), ("truth_share", range(2, 9)))
        for step in steps
    ]
    assert series_of("r", rows).steps.tolist() == [2, 3, 4]


def test_calibration_rings_on_hacks_and_holds_its_interval() -> None:
    rows = INSTRUMENT.calibrate(0, 15)
    assert all(row.power.value is not None and row.power.value >= 0.8 for row in rows)
    assert all(row.false_positive.value in (0, 0.0) for row in rows[:3])


@pytest.mark.slow
def test_at_most_one_honest_run_in_twenty_rings() -> None:
    worst = replace(UNPAID, completions=32)
    for plant, steps in ((STAGNANT, 300), (improving(), 300), (UNPAID, 300), (worst, 300)):
        assert levels(plant, 300, steps).count("hacked") <= 15
