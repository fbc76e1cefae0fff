"""Plants: what they promise in closed form is what their rollouts come to."""

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest

from reasonscope.structure.anchors.planted import (
    DIFFERENT,
    EQUAL,
    SIMILAR,
    Kind,
    Plant,
    plant,
)
from reasonscope.structure.anchors.rollout import Request

KINDS = get_args(Kind)


def flat(curve: list[float], equal: float = 0.0, similar: float = 0.0) -> Plant:
    steps = len(curve) - 1
    return Plant(
        kind="key",
        seed=0,
        answers=tuple((p, 1 - p, 0.0) for p in curve),
        equal=(equal,) * steps,
        similar=(similar,) * steps,
    )


def test_importance_is_the_next_probability_minus_its_own() -> None:
    made = flat([0.2, 0.2, 0.7])
    assert [made.importance(step) for step in range(2)] == pytest.approx([0.0, 0.5])


def test_counterfactual_importance_undoes_the_mixture() -> None:
    """Half of the resamples go on as if the step were kept (.7); the mean is .5: the rest is .3."""
    made = flat([0.5, 0.7], equal=0.1, similar=0.4)
    assert made.counterfactual(0) == pytest.approx(0.4)


def test_a_mixture_that_cannot_be_is_refused() -> None:
    """Nine in ten are right after the step and repeat it: so few as .5 cannot be right before."""
    with pytest.raises(ValueError, match="no mixture"):
        flat([0.5, 0.9], equal=0.9)


@pytest.mark.parametrize("kind", KINDS)
def test_rollouts_come_to_what_the_plant_promises(kind: Kind) -> None:
    made, rng = plant(kind, 8, seed=3, cut=0.1), np.random.default_rng(1)
    for kept in range(9):
        drawn = made.outcomes(kept, 20_000, rng)
        answered = drawn.answer[drawn.answer >= 0]
        assert (drawn.answer < 0).mean() == pytest.approx(0.1, abs=0.01)
        assert (answered == 0).mean() == pytest.approx(made.probability(kept), abs=0.018)


@pytest.mark.parametrize("kind", ["key", "lookalike"])
def test_single_rollouts_and_many_at_once_are_the_same_law(kind: Kind) -> None:
    made = plant(kind, 6, seed=2, equal=0.3)
    kept = made.keys[0]
    single = [made.roll(Request(kept=kept, index=index)) for index in range(3000)]
    many = made.outcomes(kept, 3000, np.random.default_rng(0))
    own = made.own_text(kept)
    stayed = np.mean([row.text.startswith(own) for row in single])
    right = np.mean([row.correct for row in single])
    assert stayed == pytest.approx((many.left > kept).mean(), abs=0.05)
    assert right == pytest.approx((many.answer == 0).mean(), abs=0.05)


def test_the_same_request_gives_the_same_rollout() -> None:
    made = plant("key", 6, seed=2)
    asked = Request(kept=2, index=7)
    assert made.roll(asked) == made.roll(asked)
    assert made.roll(asked) != made.roll(replace(asked, index=8))
    assert made.roll(asked) != made.roll(asked, base=1)


def test_null_plants_have_no_importance_and_keys_have_theirs() -> None:
    assert all(plant("null", 9, seed=1).importance(step) == 0 for step in range(9))
    key = plant("key", 9, seed=1, effect=-0.3)
    assert [key.importance(step) for step in key.keys] == pytest.approx([-0.3])
    assert sum(abs(key.importance(step)) for step in range(9)) == pytest.approx(0.3)


def test_several_keys_stay_within_bounds() -> None:
    made = plant("several", 40, seed=4, chance=0.5, keys=5)
    assert len(made.keys) == 5
    assert all(0.2 <= abs(made.importance(step)) <= 0.4 for step in made.keys)
    assert all(0.05 <= made.probability(kept) <= 0.95 for kept in range(41))


def test_redundant_steps_look_unimportant_though_both_do_the_work() -> None:
    """Each alone gives the whole effect of .5; resampling shows .3 ** 2 of it, and nothing."""
    made = plant("redundant", 10, seed=1, effect=0.5)
    assert [made.importance(step) for step in made.keys] == pytest.approx([0.045, 0.0])


def test_a_chain_adds_up_and_every_link_counts() -> None:
    made = plant("chain", 12, seed=1, effect=0.4, keys=4)
    links = [made.importance(step) for step in made.keys]
    assert sum(links) == pytest.approx(0.4)
    assert min(links) > 0.03


def test_a_swap_moves_answers_but_not_accuracy() -> None:
    made = plant("swap", 8, seed=1)
    step = made.keys[0]
    assert made.importance(step) == 0
    assert made.answers[step][1] != pytest.approx(made.answers[step + 1][1])


def test_similar_text_misleads_in_a_lookalike_only() -> None:
    rng = np.random.default_rng(3)
    for kind, like in (("paraphrase", SIMILAR), ("lookalike", DIFFERENT)):
        made = plant(kind, 8, seed=2, equal=0.0, similar=0.4)  # type: ignore[arg-type]
        step = made.keys[0]
        drawn = made.outcomes(step, 40_000, rng)
        similar = drawn.answer[(drawn.left == step) & (drawn.likeness == SIMILAR)] == 0
        other = drawn.answer[(drawn.left == step) & (drawn.likeness == DIFFERENT)] == 0
        after = made.probability(step + 1)
        expected = after if like == SIMILAR else other.mean()
        assert similar.mean() == pytest.approx(expected, abs=0.03)
        assert EQUAL not in drawn.likeness[drawn.left == step]


def test_likeness_is_exact() -> None:
    made = plant("paraphrase", 12, seed=1)
    rows = [made.roll(Request(kept=1, index=index)) for index in range(200)]
    own = made.own_text(1)
    assert {row.step for row in rows if row.step.startswith("Step 1,")}
    for row in rows:
        assert made.alike(own, row.step) == row.step.startswith("Step 1")
    assert not made.alike(own, made.own_text(11))


def test_forced_rollouts_have_no_step_and_cost_less() -> None:
    made = plant("key", 6, seed=1)
    row = made.roll(Request(kept=2, index=0, arm="forced"))
    assert (row.step, row.text, row.tokens) == ("", "", 10)
    assert made.roll(Request(kept=2, index=0)).tokens == 90


def test_cut_rollouts_have_no_answer() -> None:
    made = plant("null", 4, seed=1, cut=0.5)
    rows = [made.roll(Request(kept=0, index=index)) for index in range(400)]
    assert all((row.answer is None) == (not row.ended) for row in rows)
    assert np.mean([row.ended for row in rows]) == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize("wrong", [{"chance": 0.9}, {"cut": 1.0}])
def test_plants_that_cannot_be_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"outside|cut"):
        plant("key", 6, seed=1, **wrong)  # type: ignore[arg-type]
