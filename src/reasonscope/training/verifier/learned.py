"""A logistic regression on features of steps, calibrated; fitted, stored and applied."""

import json
import math
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from reasonscope.errors import SetupError
from reasonscope.provenance import seed_for
from reasonscope.stats import auroc
from reasonscope.training.verifier.evaluation import Card, card
from reasonscope.training.verifier.evidence import Evidence

FOLDS = 5
"""Parts of the problems, each left out once."""
STRENGTH = 0.1
"""Inverse strength of the regression's penalty."""
VERSION = 1

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """A verifier that was learned from verdicts."""

    weights: Array
    """One for each feature, those of the raw features: the scaling is in them."""
    bias: float
    slope: float
    """Of the calibration: the chance is the logistic of ``slope * score + shift``."""
    shift: float
    threshold: float
    """At least this chance is taken for right: where right and wrong are equally likely."""
    kind: str
    """``words`` or ``states``: what its features are."""
    card: Card

    def chances(self, features: Any) -> Array:
        """Of each step, the chance that it is right; ``[step, feature]`` in, ``[step]`` out."""
        given = np.asarray(features, dtype=np.float64)
        if given.ndim != 2 or given.shape[1] != len(self.weights):
            raise SetupError(
                f"this verifier takes {len(self.weights)} features a step, found an array of shape "
                f"{given.shape}"
            )
        return _logistic(self.slope * (given @ self.weights + self.bias) + self.shift)


def fit(evidence: Evidence, *, seed: int = 0) -> Learned:
    """A verifier learned from steps with verdicts, with its card.

    Decisions: a logistic regression with standardised features and classes weighed alike; its
    scores are calibrated (Platt) on folds of problems left out. The card judges each fold by the
    other four, calibration included.

    Raises:
        SetupError: There are fewer than five problems with right and with wrong steps.
    """
    _check(evidence)
    folds = _folds(evidence, seed)
    scores = _left_out(evidence.features, evidence.right, folds)
    shuffled = np.random.default_rng(seed_for("shuffled verdicts", seed)).permutation(
        evidence.right
    )
    control = auroc(_left_out(evidence.features, shuffled, folds), shuffled, evidence.problems)
    chances = np.empty(len(scores))
    for fold in range(FOLDS):
        slope, shift = _calibrated(scores[folds != fold], evidence.right[folds != fold])
        chances[folds == fold] = _logistic(slope * scores[folds == fold] + shift)
    threshold = float(evidence.right.mean())
    weights, bias = _regression(evidence.features, evidence.right)
    slope, shift = _calibrated(scores, evidence.right)
    made = card(scores, chances, control, evidence.right, evidence.problems, threshold)
    return Learned(
        weights=weights,
        bias=bias,
        slope=slope,
        shift=shift,
        threshold=threshold,
        kind=evidence.kind,
        card=made,
    )


def _check(evidence: Evidence) -> None:
    right, wrong = evidence.problems[evidence.right], evidence.problems[~evidence.right]
    for name, held in (("right", right), ("wrong", wrong)):
        if (count := len(set(held.tolist()))) < FOLDS:
            raise SetupError(
                f"a verifier needs {name} steps of at least {FOLDS} problems, found {count}: "
                "give it more traces"
            )
    if not np.isfinite(evidence.features).all():
        raise SetupError("the features of some steps are NaN or infinite")


def _folds(evidence: Evidence, seed: int) -> "np.ndarray[Any, Any]":
    """The fold of each step: steps of one problem share it, and each fold has wrong steps."""
    names = np.unique(evidence.problems)
    has_wrong = np.isin(names, evidence.problems[~evidence.right])
    dice = np.random.default_rng(seed_for("folds", seed))
    fold_of: dict[str, int] = {}
    for group in (names[has_wrong], names[~has_wrong]):
        for place, name in enumerate(dice.permutation(group)):
            fold_of[str(name)] = place % FOLDS
    return np.array([fold_of[str(name)] for name in evidence.problems])


def _left_out(features: Any, right: Any, folds: Any) -> Array:
    """The score of each step from a regression that has not seen its problem."""
    scores = np.empty(len(right))
    for fold in range(FOLDS):
        weights, bias = _regression(features[folds != fold], right[folds != fold])
        scores[folds == fold] = features[folds == fold] @ weights + bias
    return scores


def _regression(features: Any, right: Any) -> tuple[Array, float]:
    """Weights and bias for raw features."""
    from sklearn.linear_model import LogisticRegression

    mean, spread = features.mean(axis=0, dtype=np.float64), features.std(axis=0, dtype=np.float64)
    spread = np.where(spread > 1e-9, spread, 1.0)
    model = LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=500)
    model.fit((features - mean) / spread, right)
    weights = model.coef_[0] / spread
    return weights, float(model.intercept_[0] - weights @ mean)


def _calibrated(scores: Array, right: Any) -> tuple[float, float]:
    """Slope and shift that turn scores into chances; scores that mislead are not turned round."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=1e6, max_iter=500).fit(scores[:, None], right)
    if model.coef_[0, 0] > 0:
        return float(model.coef_[0, 0]), float(model.intercept_[0])
    share = float(np.mean(right))
    return 0.0, math.log(share / (1 - share))


def _logistic(values: Any) -> Array:
    clipped = np.clip(np.asarray(values, dtype=np.float64), -60, 60)
    made: Array = 1 / (1 + np.exp(-clipped))
    return made


# -- on disk -----------------------------------------------------------------------------


def save(verifier: Learned, file: str | Path) -> Path:
    """Write a verifier as one ``.npz`` of arrays and JSON text, whole or not at all; no pickle."""
    place = Path(file).with_suffix(".npz")
    told = {
        "version": VERSION,
        "kind": verifier.kind,
        "bias": verifier.bias,
        "slope": verifier.slope,
        "shift": verifier.shift,
        "threshold": verifier.threshold,
        "card": verifier.card.to_json(),
    }
    temporary = place.with_name(f".{place.stem}.{os.getpid()}.tmp.npz")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        np.savez(temporary, weights=verifier.weights, told=np.array(json.dumps(told)))
        os.replace(temporary, place)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink()
        raise SetupError(f"cannot write '{place}': {error.strerror}") from None
    return place


def load(file: str | Path) -> Learned:
    """The verifier that :func:`save` wrote."""
    place = Path(file)
    try:
        with open(place, "rb") as handle, np.load(handle, allow_pickle=False) as held:
            weights, told = held["weights"].astype(np.float64), json.loads(str(held["told"]))
        if told["version"] > VERSION:
            raise SetupError(f"'{place}' was written by a newer reasonscope; upgrade to read it")
        return Learned(
            weights=weights,
            bias=float(told["bias"]),
            slope=float(told["slope"]),
            shift=float(told["shift"]),
            threshold=float(told["threshold"]),
            kind=str(told["kind"]),
            card=Card.from_json(told["card"]),
        )
    except SetupError:
        raise
    except Exception as error:  # a damaged archive fails in many ways
        raise SetupError(
            f"'{place}' is no learned verifier that can be read ({error}). Make one with "
            "'reasonscope train verifier STUDY --out FILE'."
        ) from None
