"""Curves drawn from what rollouts leave possible, against sums that can be done by hand."""

import itertools

import numpy as np
import pytest
from scipy.special import betaln

from reasonscope.structure.anchors.budget import curves as drawn
from reasonscope.structure.anchors.budget.allocation import Setting
from reasonscope.structure.anchors.budget.curves import Curves, drawn_curves
from reasonscope.structure.anchors.budget.spreading import handed_out


def counts(*values: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.asarray(values, dtype=np.int64)


def chances_by_enumeration(made: list[int], right: list[int]) -> list[float]:
    """How likely each step is a jump: all cuts into segments, weighed one by one."""
    size, total = len(made), 0.0
    jumps = np.zeros(size - 1)
    mean = (sum(right) + 0.5) / (sum(made) + 1.0)
    for gathered, weight in zip(drawn.GATHERED, drawn._GATHERED_CHANCES, strict=True):
        a, b = (gathered * mean, gathered * (1 - mean)) if gathered else (0.5, 0.5)
        for hazard, cut in itertools.product(
            drawn.HAZARDS, itertools.product((0, 1), repeat=size - 1)
        ):
            ends = [0, *(i + 1 for i, c in enumerate(cut) if c), size]
            logs = 0.0
            for low, high in itertools.pairwise(ends):
                n, s = sum(made[low:high]), sum(right[low:high])
                logs += betaln(a + s, b + n - s) - betaln(a, b)
            k = sum(cut)
            share = weight * np.exp(logs) * hazard**k * (1 - hazard) ** (size - 1 - k)
            total += share
            jumps += share * np.asarray(cut)
    return list(jumps / total)


def test_the_chance_of_a_jump_is_the_sum_over_all_cuts() -> None:
    made, right = [6, 4, 5, 9], [5, 4, 0, 2]
    curves = drawn_curves(counts(*made), counts(*right), 20_000, 0)
    share = (curves.importance != 0).mean(axis=0)
    assert share == pytest.approx(chances_by_enumeration(made, right), abs=0.015)


def test_without_rollouts_nothing_is_known() -> None:
    curves = drawn_curves(counts(0, 0, 0), counts(0, 0, 0), 4000, 0)
    assert curves.levels.mean(axis=0) == pytest.approx(0.5, abs=0.03)


def test_one_large_jump_is_placed_and_sized() -> None:
    made = np.full(11, 40)
    right = np.where(np.arange(11) > 6, 36, 8)
    curves = drawn_curves(made, right, 400, 0)
    assert int(curves.chance_beyond(0.3).argmax()) == 6
    assert curves.chance_beyond(0.3)[6] > 0.99
    assert curves.importance.mean(axis=0)[6] == pytest.approx(0.7, abs=0.05)


def test_a_flat_trace_has_no_likely_jump() -> None:
    """The control: the same rollouts everywhere."""
    curves = drawn_curves(np.full(40, 20), np.full(40, 10), 400, 0)
    assert curves.chance_beyond(0.1).max() < 0.05


def test_neighbours_tell_what_one_prefix_cannot() -> None:
    """Three rollouts at each of 30 prefixes show a level as ninety would."""
    right = np.where(np.arange(60) >= 30, 3, 0)
    curves = drawn_curves(np.full(60, 3), right, 400, 0)
    assert curves.levels[:, :25].mean() < 0.05
    assert curves.chance_beyond(0.5)[27:32].sum() > 0.9


def test_two_jumps_that_cancel_are_seen() -> None:
    right = np.full(21, 2)
    right[10] = 38
    curves = drawn_curves(np.full(21, 40), right, 400, 0)
    assert min(curves.chance_beyond(0.5)[[9, 10]]) > 0.99


def test_the_same_seed_draws_the_same_curves() -> None:
    made, right = np.full(9, 5), np.arange(9) % 5
    first, second = (drawn_curves(made, right, 50, 7).levels for _ in range(2))
    assert (first == second).all()


def test_many_rollouts_and_sure_answers_give_numbers() -> None:
    curves = drawn_curves(np.full(5, 30_000), np.array([0, 0, 30_000, 30_000, 0]), 50, 0)
    assert np.isfinite(curves.levels).all()


def open_stretch() -> tuple[Curves, Setting]:
    """All wrong up to prefix 11, all right from 21: one jump, known to lie between."""
    made = np.where((np.arange(33) > 11) & (np.arange(33) < 21), 0, 20)
    right = np.where(np.arange(33) >= 21, made, 0)
    return drawn_curves(made, right, 800, 0), Setting((1.0,) * 33)


def test_a_wave_goes_into_the_stretch_where_the_jump_must_lie() -> None:
    curves, setting = open_stretch()
    wave = handed_out(curves, setting, np.zeros(33, dtype=np.int64), tokens=10.0, pieces=1)
    assert 12 <= int(wave.argmax()) <= 20


def test_what_is_coming_is_not_asked_for_twice() -> None:
    curves, setting = open_stretch()
    first = handed_out(curves, setting, np.zeros(33, dtype=np.int64), tokens=10.0, pieces=1)
    second = handed_out(curves, setting, first, tokens=10.0, pieces=1)
    assert int(first.argmax()) != int(second.argmax())


def test_a_dear_prefix_gets_fewer_rollouts_for_the_same_tokens() -> None:
    curves = drawn_curves(np.zeros(2, dtype=np.int64), np.zeros(2, dtype=np.int64), 800, 0)
    wave = handed_out(curves, Setting((100.0, 10.0)), np.zeros(2, dtype=np.int64), 400.0, 4)
    assert wave[1] > wave[0]
