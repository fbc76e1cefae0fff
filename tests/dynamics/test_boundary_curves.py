"""Pass@k over problems: numbers done by hand, identities, and curves that cross where they must."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasonscope.dynamics.boundary.counts import Paired, Sampled, paired, shuffled
from reasonscope.dynamics.boundary.crossing import crossing, crossing_share
from reasonscope.dynamics.boundary.curves import (
    Curves,
    band,
    curves,
    drawn,
    gain_at,
    solved_within,
    widened,
)
from reasonscope.dynamics.boundary.planted import (
    ATTEMPTS,
    KEPT,
    SHARPER,
    Plant,
    missed,
    study,
    true_crossover,
    true_gain,
    true_lost,
)
from reasonscope.dynamics.boundary.solvable import by_chance, excess, half_of, only_first, sets
from reasonscope.stats import Estimate, pass_at_k


def held(n: list[list[int]], c: list[list[int]], most: int | None = None) -> Paired:
    numbers = np.array(n, dtype=np.int64), np.array(c, dtype=np.int64)
    return Paired(
        problems=tuple(str(i) for i in range(len(n[0]))),
        n=(numbers[0][0], numbers[0][1]),
        c=(numbers[1][0], numbers[1][1]),
        most=most or int(numbers[0].min()),
    )


def sampled(model: str, **attempts: tuple[int, int]) -> Sampled:
    return Sampled(model=model, attempts=attempts, unanswered=0, left_out=0)


def mean_curves(base: list[float], other: list[float], problems: int = 4) -> Curves:
    """The same curve at every problem."""
    return Curves(base=np.tile(base, (problems, 1)), other=np.tile(other, (problems, 1)))


@given(st.integers(1, 12), st.data())
def test_the_running_product_is_the_formula(n: int, data: st.DataObject) -> None:
    c, most = data.draw(st.integers(0, n)), data.draw(st.integers(1, n))
    own = solved_within(np.array([n]), np.array([c]), most)[0]
    assert own == pytest.approx([pass_at_k(n, c, k) for k in range(1, most + 1)])


def test_k_above_n_is_undefined_and_refused() -> None:
    with pytest.raises(AssertionError, match="undefined"):
        solved_within(np.array([2]), np.array([1]), 3)


def test_pass_at_n_is_one_with_a_single_right_attempt() -> None:
    assert solved_within(np.array([1000]), np.array([1]), 1000)[0, -1] == pytest.approx(1.0)


def test_the_common_k_is_what_nine_of_ten_problems_hold() -> None:
    many = {f"p{i}": (16, 3) for i in range(19)}
    found = paired(sampled("a", few=(2, 1), **many), sampled("b", few=(16, 1), **many))
    assert found is not None
    assert (found.most, found.dropped, len(found.problems)) == (16, 1, 19)


def test_problems_that_one_model_never_tried_are_not_compared() -> None:
    found = paired(sampled("a", x=(4, 1), y=(4, 2)), sampled("b", y=(4, 0), z=(4, 4)))
    assert found is not None
    assert found.problems == ("y",)
    assert paired(sampled("a", x=(4, 1)), sampled("b", y=(4, 1))) is None


def test_the_gain_is_paired_by_problem() -> None:
    # problem 0: 1/4 -> 2/4, problem 1: 2/4 -> 3/4: a gain of 1/4 in both, however they differ
    gain = gain_at(curves(held([[4, 4], [4, 4]], [[1, 2], [2, 3]])), 1)
    assert gain.value == pytest.approx(0.25)
    assert gain.method.startswith("rule of three")  # no spread is no certainty


def test_no_spread_never_gives_an_interval_of_no_width() -> None:
    wide = widened(Estimate(value=0.0, low=0.0, high=0.0, n=60))
    assert (wide.low, wide.high) == (-0.05, 0.05)
    kept = Estimate(value=0.0, low=-0.1, high=0.1, n=60)
    assert widened(kept) is kept


def test_curves_cross_where_the_line_between_two_points_is_zero() -> None:
    # gains +.1 at k = 1 and -.1 at k = 2: half way on the logarithmic scale, at the root of two
    assert crossing(mean_curves([0.2, 0.5], [0.3, 0.4])).at == pytest.approx(2**0.5)


def test_who_is_ahead_first_is_overtaken_by_the_other() -> None:
    assert crossing(mean_curves([0.2, 0.5], [0.3, 0.4])).overtaken == 1
    assert crossing(mean_curves([0.3, 0.4], [0.2, 0.5])).overtaken == -1


@pytest.mark.parametrize(
    ("base", "other"),
    [
        ([0.2, 0.3, 0.4], [0.3, 0.4, 0.5]),  # always ahead
        ([0.2, 0.5, 0.4], [0.3, 0.4, 0.5]),  # ahead again in the end
        ([0.2, 0.3, 0.4], [0.2, 0.3, 0.4]),  # the same
        ([0.2, 0.5, 0.9], [0.3, 0.5, 0.9]),  # meets, never overtakes
    ],
)
def test_curves_that_do_not_cross_have_no_crossover(base: list[float], other: list[float]) -> None:
    found = crossing(mean_curves(base, other))
    assert found.at is None
    assert found.estimate().value is None


def test_an_end_that_is_not_reached_leaves_the_interval_open() -> None:
    rng = np.random.default_rng(0)
    base = np.cumsum(rng.random((6, 8)) * 0.1, axis=1)
    other = base + np.linspace(0.02, -0.02, 8) + rng.normal(0, 0.2, (6, 1))
    other += -other.mean(axis=0) + base.mean(axis=0) + np.linspace(0.02, -0.02, 8)
    found = crossing(Curves(base=base, other=other))
    assert found.at is not None
    assert not found.clear
    assert found.estimate().low is None
    assert "outside the attempts" in found.estimate().method


def test_a_clear_crossover_lies_within_its_interval() -> None:
    found = crossing(curves(study(3, Plant(tuned=True, problems=400))))
    assert found.clear
    assert found.low is not None
    assert found.high is not None
    assert found.at is not None
    assert found.low < found.at < found.high


def test_one_problem_has_no_crossover_interval() -> None:
    assert crossing(mean_curves([0.2, 0.5], [0.3, 0.4], problems=1)).at is None


def test_draws_of_a_planted_pair_cross_and_those_of_equal_curves_never_do() -> None:
    planted = curves(study(5, Plant(tuned=True)))
    assert crossing_share(drawn(planted, 1, 200)) > 0.95
    same = Curves(base=planted.base, other=planted.base)
    assert crossing_share(drawn(same, 1, 200)) == 0.0


def test_the_band_holds_the_curve() -> None:
    one = curves(study(7, Plant(tuned=False)))
    low, high = band(drawn(one, 2)[0])
    mean = one.base.mean(axis=0)
    assert (low < mean).all()
    assert (mean < high).all()


def test_the_closed_form_is_what_planted_samplers_do() -> None:
    large = curves(study(11, Plant(tuned=True, problems=20_000)))
    gains = large.gains.mean(axis=0)
    for k in (1, 4, ATTEMPTS):
        assert gains[k - 1] == pytest.approx(true_gain(k), abs=0.012)
    found = crossing(large)
    assert found.at == pytest.approx(true_crossover(), rel=0.1)
    lost = excess(study(11, Plant(tuned=True, problems=20_000)), 0)
    assert lost.value == pytest.approx(true_lost(), abs=0.012)


def test_sharpening_is_as_many_attempts_of_the_base_at_once() -> None:
    assert true_gain(1) == pytest.approx(KEPT * (1 - missed(SHARPER)) - (1 - missed(1)))
    assert missed(1) == pytest.approx(0.75)


# -- solvable sets --------


def test_sets_count_each_problem_once() -> None:
    one = held([[4] * 4, [4] * 4], [[1, 2, 0, 0], [0, 3, 1, 0]])
    assert sets(one) == (1, 1, 1, 1)


def test_chance_alone_makes_a_base_only_problem() -> None:
    # two attempts, one right: the right half solves it, the other does not, every other time
    assert by_chance(np.array([2]), np.array([1]), 1)[0] == pytest.approx(0.5)
    assert by_chance(np.array([2]), np.array([2]), 1)[0] == 0.0


@given(st.integers(2, 9), st.data())
def test_halves_by_formula_are_halves_by_counting(n: int, data: st.DataObject) -> None:
    from itertools import combinations

    c, half = data.draw(st.integers(0, n)), n // 2
    right = set(range(c))
    pairs = [
        (set(one), set(rest))
        for one in combinations(range(n), half)
        for rest in combinations(sorted(set(range(n)) - set(one)), half)
    ]
    share = np.mean([bool(a & right) and not (b & right) for a, b in pairs])
    assert by_chance(np.array([n]), np.array([c]), half)[0] == pytest.approx(share)


def test_a_problem_that_only_the_base_solves_is_beyond_chance() -> None:
    one = held([[8] * 30, [8] * 30], [[8] * 30, [0] * 30])
    assert half_of(one) == 4
    assert only_first(one, 0) == pytest.approx(np.ones(30))
    lost, gained = excess(one, 0), excess(one, 1)
    assert lost.value == pytest.approx(1.0)
    assert gained.value == pytest.approx(0.0)


def test_twins_lose_nothing_beyond_chance_on_average() -> None:
    values = [excess(study(seed, Plant(tuned=False)), 0).value for seed in range(200)]
    known = [value for value in values if value is not None]
    assert abs(float(np.mean(known))) < 3 * float(np.std(known)) / len(known) ** 0.5


def test_one_attempt_has_no_halves() -> None:
    assert excess(held([[1, 1], [1, 1]], [[1, 0], [0, 1]]), 0).value is None


def test_shuffled_names_keep_what_each_problem_holds() -> None:
    one = study(13, Plant(tuned=True))
    mixed = shuffled(one, 1)
    assert (mixed.c[0] + mixed.c[1] == one.c[0] + one.c[1]).all()
    assert ((mixed.c[0] <= mixed.n[0]) & (mixed.c[1] <= mixed.n[1])).all()
    gain = gain_at(curves(mixed), 1)
    assert gain.low is not None
    assert gain.high is not None
    assert gain.low < 0 < gain.high
