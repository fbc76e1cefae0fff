"""Importances from rollouts: counted by hand, unbiased on plants, and bad input."""

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from reasonscope.structure.anchors.gathering import gather, steps_repeated
from reasonscope.structure.anchors.importance import importances, partings
from reasonscope.structure.anchors.intervals import accuracy_importance
from reasonscope.structure.anchors.planted import Plant, plant
from reasonscope.structure.anchors.position import beyond_position
from reasonscope.structure.anchors.record import Anchor
from reasonscope.structure.anchors.rollout import Arm, Request, Rollout

TEXTS = ["Let x be 2. ", "Then 3x is 6. ", "So it is 6."]


def rollout(
    kept: int, text: str, correct: bool | None = True, *, arm: Arm = "resample", error: str = ""
) -> Rollout:
    return Rollout(
        trace_id="t",
        kept=kept,
        index=0,
        arm=arm,
        inserted="",
        seed=0,
        text=text,
        step=text[: text.find(". ") + 2],
        tokens=10,
        ended=correct is not None,
        answer=None if correct is None else "6" if correct else "5",
        correct=correct,
        error=error,
    )


def alike(original: str, resampled: Sequence[str]) -> list[bool]:
    """Steps that share their first word."""
    return [step.split()[:1] == original.split()[:1] for step in resampled]


def rolled(made: Plant, n: int, base: int = 0) -> list[Anchor]:
    rows = [
        made.roll(Request(kept=kept, index=index), base)
        for kept in range(made.steps + 1)
        for index in range(n)
    ]
    return importances(rows, [made.own_text(step) for step in range(made.steps)])


def test_a_rollout_that_repeats_two_steps_informs_two_more_prefixes() -> None:
    row = rollout(0, "Let x be 2. Then 3x is 6. Hence 6.")
    assert steps_repeated(row, TEXTS) == 2
    found = gather([row], TEXTS)
    assert [heap.right for heap in found.having] == [1, 1, 1, 0]
    assert [heap.right for heap in found.left] == [0, 0, 1, 0]


def test_a_step_repeated_but_for_a_letter_is_not_repeated() -> None:
    assert steps_repeated(rollout(0, "Let x be 3. Then 3x is 6. "), TEXTS) == 0
    assert steps_repeated(rollout(0, "Let x be 2"), TEXTS) == 0


def test_importance_by_hand() -> None:
    """Before step 1 two of four go on as it does; the two that leave are wrong: 1 - .5."""
    rows = [rollout(1, "Then 3x is 6. So it is 6.")] * 2 + [rollout(1, "Then x is 5. ", False)] * 2
    rows += [rollout(2, "So it is 6.")] * 3
    step = importances(rows, TEXTS)[1]
    assert (step.accuracy_kept, step.accuracy_resampled, step.importance) == (1.0, 0.5, 0.5)
    assert (step.rollouts, step.reached, step.stayed) == (4, 4, 2)
    assert step.tokens == 40


def test_steps_without_rollouts_are_unknown_not_zero() -> None:
    first = importances([rollout(2, "So it is 6.")], TEXTS)[0]
    assert first.importance is None
    assert first.anchor is None
    assert first.distance is None
    assert (first.rollouts, first.trace_id) == (0, "t")


def test_counterfactual_leaves_rollouts_of_the_same_meaning_out() -> None:
    """The similar one is right, the different ones wrong; kept all right: importance 1, not .67."""
    rows = [rollout(1, "Then it is six. "), *[rollout(1, "No, five. ", False)] * 2]
    rows += [rollout(2, "So it is 6.")] * 3
    step = importances(rows, TEXTS, alike=alike)[1]
    assert (step.alike, step.different) == (1, 2)
    assert step.counterfactual == 1.0
    assert step.importance == pytest.approx(2 / 3)


def test_likeness_that_was_not_measured_is_unknown() -> None:
    step = importances([rollout(1, "Then it is six. "), rollout(2, "")], TEXTS)[1]
    assert step.alike is None
    assert step.counterfactual is None


def test_forced_answers_are_compared_apart() -> None:
    rows = [rollout(1, "", False, arm="forced")] * 4 + [rollout(2, "", True, arm="forced")] * 4
    step = importances(rows, TEXTS)[1]
    assert step.forced == 1.0
    assert step.importance is None
    assert step.forced_p is not None
    assert step.forced_p < 0.05


def test_cut_and_unparsable_rollouts_are_counted_and_bounded() -> None:
    """Left: one right, one cut. Kept: one right, one unparsable. Between 0 - 1/2 and 1 - 1/2."""
    cut = rollout(1, "Then", None)
    unparsable = replace(rollout(2, "Well.", None), ended=True)
    rows = [rollout(1, "Then x is 5. "), cut, rollout(2, "So it is 6."), unparsable]
    one, two = importances(rows, TEXTS)[1:]
    assert (one.cut, one.unparsable, two.unparsable) == (1, 0, 1)
    assert one.importance == 0.0
    assert (one.bound_low, one.bound_high) == (-0.5, 0.5)


def test_failed_requests_are_counted_and_say_nothing() -> None:
    rows = [rollout(1, "", None, error="timed out"), rollout(1, "Then x is 5. ", False)]
    step = importances([*rows, rollout(2, "So it is 6.")], TEXTS)[1]
    assert (step.failed, step.rollouts, step.cut) == (1, 1, 0)
    assert (step.importance, step.bound_low) == (1.0, 1.0)


def test_other_arms_are_passed_over() -> None:
    rows = [rollout(1, "Then x is 5. ", False), rollout(2, "So it is 6.")]
    with_mistake = [*rows, rollout(1, "So 9.", False, arm="mistake")]
    assert importances(with_mistake, TEXTS) == importances(rows, TEXTS)


def test_right_answers_are_one_answer_whatever_their_form() -> None:
    rows = [rollout(1, "Then x is 5. "), replace(rollout(2, "So."), answer="6.0")]
    assert importances(rows, TEXTS)[1].distance == 0.0


def test_rollouts_of_two_traces_or_beyond_the_end_are_refused() -> None:
    for other in (replace(rollout(0, ""), trace_id="u"), rollout(4, "")):
        with pytest.raises(ValueError, match="one trace of 3 steps"):
            importances([rollout(0, ""), other], TEXTS)


def test_a_trace_without_steps_or_rollouts_has_no_surprise() -> None:
    assert importances([], []) == []
    assert [row.importance for row in importances([], TEXTS)] == [None] * 3


def test_sharing_rollouts_leaves_the_estimate_unbiased() -> None:
    """300 traces of 8 rollouts a prefix, half of the resamples equal: means within 4 errors."""
    made = plant("key", 5, seed=2, chance=0.3, effect=0.3, equal=0.5, similar=0.0)
    found = np.array(
        [
            [row.importance for row in importances(_rows(made, 8, seed), _texts(made))]
            for seed in range(400)
        ],
        dtype=float,
    )
    truth = [made.importance(step) for step in range(5)]
    error = found.std(axis=0, ddof=1) / np.sqrt(len(found))
    assert (abs(found.mean(axis=0) - truth) < 4 * error).all()


def test_sharing_rollouts_narrows_the_estimate() -> None:
    """Against the difference of the rollouts started on either side, as published."""
    made = plant("null", 4, seed=2, chance=0.5, equal=0.6, similar=0.0)
    shared, apart = [], []
    for seed in range(150):
        rows = _rows(made, 8, seed)
        own = [np.mean([r.correct is True for r in rows if r.kept == kept]) for kept in (2, 3)]
        apart.append(own[1] - own[0])
        shared.append(_estimates(rows, made)[2])
    assert np.std(shared) < 0.8 * np.std(apart)


def test_pooling_similar_ones_as_published_misleads_in_a_lookalike() -> None:
    """Where likeness misses what decides, pooled lookalikes drag the kept side down; ours stays."""
    made = plant("lookalike", 6, seed=1, chance=0.2, effect=0.6, equal=0.0, similar=0.5)
    step = made.keys[0]
    rows = [made.roll(Request(kept=kept, index=i)) for kept in (step, step + 1) for i in range(600)]
    found = importances(rows, _texts(made), alike=_alike(made))[step]
    similar = [
        row for row in rows if made.alike(made.own_text(step), row.step) and row.kept == step
    ]
    kept = [row for row in rows if row.kept == step + 1]
    pooled = np.mean([row.correct is True for row in [*kept, *similar]])
    truth = made.probability(step + 1)
    assert found.accuracy_kept == pytest.approx(truth, abs=0.08)
    assert abs(pooled - truth) > 0.06
    assert found.counterfactual == pytest.approx(made.counterfactual(step), abs=0.1)


def test_a_key_step_is_found_and_a_null_trace_has_none() -> None:
    key = rolled(plant("key", 12, seed=4, effect=0.6, chance=0.2), 30)
    assert [row.step for row in key if row.anchor] == list(plant("key", 12, seed=4).keys)
    assert not any(row.anchor for row in rolled(plant("null", 12, seed=4), 30))


def test_ten_thousand_steps_are_read_in_linear_time() -> None:
    texts = [f"{n}. " for n in range(10_000)]
    rows = [rollout(kept, "0. ", True) for kept in range(0, 10_000, 100)]
    assert len(partings(rows, texts)) == 10_000


def test_position_takes_the_neighbourhood_off_and_needs_one() -> None:
    slope = beyond_position([0.1 * n for n in range(9)])
    assert slope[4] == pytest.approx(0.0)
    assert beyond_position([0.3, 0.3, 0.3, 0.3]) == [None] * 4
    assert beyond_position([None, 0.0, 0.0, 0.0, 0.0, 0.5])[:2] == [
        None,
        pytest.approx(-0.1, abs=0.1),
    ]


def _estimates(rows: list[Rollout], made: Plant) -> list[float]:
    values = [accuracy_importance(parting).value for parting in partings(rows, _texts(made))]
    return [math.nan if value is None else value for value in values]


def _texts(made: Plant) -> list[str]:
    return [made.own_text(step) for step in range(made.steps)]


def _alike(made: Plant):  # type: ignore[no-untyped-def]
    return lambda original, steps: [made.alike(original, step) for step in steps]


def _rows(made: Plant, n: int, base: int) -> list[Rollout]:
    asked = [Request(kept=kept, index=i) for kept in range(made.steps + 1) for i in range(n)]
    return [made.roll(request, base) for request in asked]
