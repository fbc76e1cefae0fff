"""An inverted U is told from a rising curve, and its top is bracketed."""

import numpy as np
import pytest

from reasonscope.stats import InvertedU, lind_mehlum


def study(rng, law, problems=40, samples=10, noise=0.5):
    groups = np.repeat(np.arange(problems), samples)
    x = rng.uniform(-1, 1, len(groups))
    level = rng.normal(0, 3, problems)[groups]
    return x, level + law(x) + rng.normal(0, noise, len(groups)), groups


def test_a_parabola_without_noise_turns_where_it_turns() -> None:
    x = np.tile([-2.0, -1.0, 0.0, 1.0, 2.0], 4)
    groups = np.repeat([0, 1, 2, 3], 5)
    held = lind_mehlum(x, 5 * groups - (x - 0.5) ** 2, groups, groups)
    assert held.vertex.value == pytest.approx(0.5)
    assert held.at_low.value == pytest.approx(-2 * (-2 - 0.5))
    assert held.at_high.value == pytest.approx(-2 * (2 - 0.5))
    assert held.p_value == pytest.approx(0.0, abs=1e-6)


def test_the_answer_agrees_with_dummies_for_every_group() -> None:
    """Least squares with one column a group gives the same slopes."""
    x, y, groups = study(np.random.default_rng(1), lambda u: u - u**2, problems=6)
    dummies = (groups[:, None] == np.arange(6)).astype(float)
    beta = np.linalg.lstsq(np.column_stack([x, x**2, dummies]), y, rcond=None)[0]
    held = lind_mehlum(x, y, groups, groups)
    assert held.vertex.value == pytest.approx(-beta[0] / (2 * beta[1]))
    low = np.quantile(x, 0.05)
    assert held.at_low.value == pytest.approx(beta[0] + 2 * low * beta[1])


def test_a_u_is_no_inverted_u() -> None:
    x, y, groups = study(np.random.default_rng(2), lambda u: 3 * u**2)
    held = lind_mehlum(x, y, groups, groups)
    assert held.p_value is not None
    assert held.p_value > 0.9


def test_a_straight_rise_is_no_inverted_u() -> None:
    x, y, groups = study(np.random.default_rng(3), lambda u: 2 * u)
    held = lind_mehlum(x, y, groups, groups)
    assert held.p_value is not None
    assert held.p_value > 0.9


def test_levels_of_groups_do_not_make_a_hump() -> None:
    """Simpson: groups at the middle of x lie high; within each, nothing rises or falls."""
    rng = np.random.default_rng(4)
    groups = np.repeat(np.arange(30), 8)
    centre = np.linspace(-3, 3, 30)[groups]
    x = centre + rng.uniform(-0.5, 0.5, len(groups))
    y = -(centre**2) + rng.normal(0, 0.3, len(groups))
    assert lind_mehlum(x, y, groups, groups).p_value > 0.05  # type: ignore[operator]
    whole = lind_mehlum(x, y, np.zeros(len(x)), groups)
    assert whole.p_value < 0.001  # type: ignore[operator]


def test_one_outlier_does_not_make_a_hump() -> None:
    """A rise that ends flat, and one attempt far out: the range ends before it."""
    rng = np.random.default_rng(5)
    x, y, groups = study(rng, lambda u: 2 * u - 0.4 * u**2)
    x[0] = 9.0
    held = lind_mehlum(x, y, groups, groups)
    assert held.high < 1.0  # type: ignore[operator]
    assert held.p_value > 0.05  # type: ignore[operator]


def test_an_unbounded_vertex_has_no_ends() -> None:
    x, y, groups = study(np.random.default_rng(6), lambda u: 2 * u, noise=2.0)
    vertex = lind_mehlum(x, y, groups, groups).vertex
    assert (vertex.low, vertex.high, vertex.method) == (None, None, "fieller: unbounded")


@pytest.mark.parametrize(
    ("x", "groups"),
    [
        ([1.0, 2.0, 3.0] * 2, [0, 0, 0, 1, 1, 1]),  # two clusters
        ([1.0, 1.0, 1.0] * 3, [0, 0, 0, 1, 1, 1, 2, 2, 2]),  # x does not vary
        ([-1.0, 1.0] * 5, [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]),  # x squared does not vary
        ([], []),
    ],
)
def test_too_little_is_said_to_be_too_little(x, groups) -> None:
    held = lind_mehlum(x, [float(i % 3) for i in range(len(x))], groups, groups)
    assert held.p_value is None
    assert held.vertex.value is None
    assert "needs at least" in held.method or "too few" in held.method


def test_nan_and_uneven_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="leave unknown"):
        lind_mehlum([float("nan")], [1.0], [0], [0])
    with pytest.raises(ValueError, match="one y per x"):
        lind_mehlum([1.0, 2.0], [1.0], [0, 1], [0, 1])


def _edge(rng) -> InvertedU:
    """A curve that is flat at the upper end of its range: the edge of the null."""
    x, _, groups = study(rng, lambda u: 0 * u)
    end = np.quantile(x, 0.95)
    y = -((x - end) ** 2) + rng.normal(0, 0.5, len(x))
    return lind_mehlum(x, y, groups, groups)


def test_size_at_the_edge_of_the_null_is_the_level() -> None:
    rng = np.random.default_rng(7)
    found = np.mean([_edge(rng).p_value <= 0.05 for _ in range(600)])
    assert 0.025 <= found <= 0.075


def test_size_on_a_flat_curve_is_below_the_level() -> None:
    rng = np.random.default_rng(8)
    flat = [lind_mehlum(*study(rng, lambda u: 0 * u), np.repeat(range(40), 10)) for _ in range(600)]
    assert np.mean([one.p_value <= 0.05 for one in flat]) <= 0.05


def test_fieller_holds_the_vertex_as_often_as_it_says() -> None:
    rng = np.random.default_rng(9)
    tops = []
    for _ in range(600):
        x, y, groups = study(rng, lambda u: -((u - 0.2) ** 2))
        tops.append(lind_mehlum(x, y, groups, groups).vertex)
    held = [top.low is not None and top.low <= 0.2 <= top.high for top in tops]
    assert 0.92 <= np.mean(held) <= 0.98


def _levelling(u):
    return 0.8 * np.minimum(u, 0)


def test_a_curve_that_rises_and_stays_level_fools_the_parabola_but_not_the_quarters() -> None:
    rng = np.random.default_rng(10)
    held = []
    for _ in range(300):
        x, y, groups = study(rng, _levelling)
        held.append(lind_mehlum(x, y, groups, groups))
    fooled = np.mean([one.p_value <= 0.05 for one in held])
    both = np.mean([max(one.p_value, one.quarters_p_value) <= 0.05 for one in held])
    assert fooled > 0.3
    assert both <= 0.08


def test_the_quarters_see_a_real_hump() -> None:
    x, y, groups = study(np.random.default_rng(11), lambda u: -(u**2), noise=0.3)
    held = lind_mehlum(x, y, groups, groups)
    assert held.quarters_p_value is not None
    assert held.quarters_p_value < 0.01
