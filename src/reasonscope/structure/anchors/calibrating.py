"""Planted traces through the test that calls anchors, and through its intervals."""

from dataclasses import dataclass

from reasonscope.instrument import Calibration
from reasonscope.planting import excludes, mean_error, rate
from reasonscope.provenance import seed_for
from reasonscope.structure.anchors.importance import partings
from reasonscope.structure.anchors.intervals import accuracy_importance, anchors, p_value
from reasonscope.structure.anchors.planted import Kind, Plant, plant
from reasonscope.structure.anchors.rollout import Request, Rollout

STEPS, ROLLOUTS, EFFECT = 12, 60, 0.4


def calibrate(seed: int, n: int) -> list[Calibration]:
    """A step that decides, found among eleven that do not; null: none does."""
    found = [_tried("key", seed_for("anchors key", seed, index)) for index in range(n)]
    empty = [_tried("null", seed_for("anchors null", seed, index)) for index in range(n)]
    hidden = [_tried("redundant", seed_for("anchors twins", seed, index)) for index in range(n)]
    held = [one for tried in (*found, *empty) for one in tried.held]
    return [
        Calibration(
            instrument="anchors",
            plant=f"one of {STEPS} steps adds {EFFECT} to the accuracy, {ROLLOUTS} rollouts a "
            "step; null: no step does, and one in twenty such traces may name a step",
            power=rate([all(tried.called[key] for key in tried.keys) for tried in found]),
            false_positive=rate([any(tried.called) for tried in empty]),
            coverage=rate(held),
            bias=mean_error([error for tried in (*found, *empty) for error in tried.errors]),
        ),
        Calibration(
            instrument="anchors",
            plant="two steps of which each is enough: found is naming one of them, which "
            "resampling cannot; null: no step decides",
            power=rate([any(tried.called[key] for key in tried.keys) for tried in hidden]),
            false_positive=rate([any(tried.called) for tried in empty]),
            note="a documented blind spot: a step that another replaces looks unimportant",
        ),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tried:
    """What came of one planted trace."""

    keys: tuple[int, ...]
    """Steps where something was planted."""
    called: tuple[bool, ...]
    """For each step whether it was called an anchor."""
    held: tuple[bool, ...]
    """For each step with an interval whether it holds the planted importance."""
    errors: tuple[float, ...]
    """For each step the importance found minus the planted one."""


def _tried(kind: Kind, seed: int) -> _Tried:
    planted = plant(kind, STEPS, seed=seed, chance=0.4, effect=EFFECT)
    parts = partings(_rolled(planted), [planted.own_text(step) for step in range(STEPS)])
    tests = [p_value(part.beyond, part.left) for part in parts]
    found = [
        (planted.importance(step), accuracy_importance(part)) for step, part in enumerate(parts)
    ]
    return _Tried(
        keys=planted.keys,
        called=tuple(called is True for _, called in anchors(tests)),
        held=tuple(not excludes(one, truth) for truth, one in found if one.low is not None),
        errors=tuple(one.value - truth for truth, one in found if one.value is not None),
    )


def _rolled(planted: Plant) -> list[Rollout]:
    return [
        planted.roll(Request(kept=kept, index=index))
        for kept in range(STEPS + 1)
        for index in range(ROLLOUTS)
    ]
