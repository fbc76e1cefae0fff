"""How often a learned verifier errs, on problems that it was not trained on."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np

from reasonscope.stats import Estimate, auroc, clustered_proportion

Truths = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What is known of a learned verifier; every interval is clustered by problem."""

    steps: int
    """Steps it was trained and tested on."""
    problems: int
    """Problems they come from."""
    right_share: Estimate
    """The share of right steps: what is right by always saying so."""
    accuracy: Estimate
    """Steps judged as the exact verifiers do."""
    balanced: float | None
    """Mean of the shares judged rightly among right and among wrong steps."""
    auroc: Estimate
    """The chance that a right step scores above a wrong one."""
    false_accept: Estimate
    """Share of wrong steps that it takes for right."""
    false_reject: Estimate
    """Share of right steps that it takes for wrong."""
    calibration: Estimate
    """Mean stated chance of being right, less the share that is: over the steps left out."""
    control: Estimate
    """The area again, with verdicts shuffled before training and testing: one half is chance."""

    def to_json(self) -> dict[str, Any]:
        """The card as a JSON object; estimates are objects of their own."""
        return asdict(self)

    @classmethod
    def from_json(cls, held: Mapping[str, Any]) -> Self:
        """The card that :meth:`to_json` wrote."""
        fields: dict[str, Any] = {
            name: Estimate(**value) if isinstance(value, dict) else value
            for name, value in held.items()
        }
        return cls(**fields)

    def __str__(self) -> str:
        """The card in lines, for a person."""
        told = {
            "accuracy on problems left out": self.accuracy,
            "by always saying right": self.right_share,
            "wrong steps taken for right": self.false_accept,
            "right steps taken for wrong": self.false_reject,
            "area under the curve": self.auroc,
            "the same with shuffled verdicts": self.control,
        }
        lines = [f"{self.steps:,} steps of {self.problems:,} problems"]
        return "\n".join([*lines, *(f"{name}: {_told(e)}" for name, e in told.items())])


def _told(estimate: Estimate) -> str:
    if estimate.value is None:
        return "unknown"
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:.3f}"
    return f"{estimate.value:.3f} [{estimate.low:.3f} to {estimate.high:.3f}]"


def card(
    scores: "np.ndarray[Any, Any]",
    chances: "np.ndarray[Any, Any]",
    control: Estimate,
    right: Truths,
    problems: "np.ndarray[Any, Any]",
    threshold: float,
) -> Card:
    """The card of a verifier from what it said of steps of problems left out.

    Args:
        scores: Of each step, the score before calibration.
        chances: Of each step, the stated chance that it is right.
        control: The area where verdicts were shuffled before training and testing.
        right: Of each step, whether it is right.
        problems: Of each step, its problem.
        threshold: At least this chance is taken for right.
    """
    accepted = chances >= threshold
    accept = _share(accepted, ~right, problems)
    reject = _share(~accepted, right, problems)
    known = accept.value is not None and reject.value is not None
    return Card(
        steps=len(right),
        problems=len(set(problems.tolist())),
        right_share=_share(right, np.ones_like(right), problems),
        accuracy=_share(accepted == right, np.ones_like(right), problems),
        balanced=1 - ((accept.value or 0) + (reject.value or 0)) / 2 if known else None,
        auroc=auroc(scores, right, problems),
        false_accept=accept,
        false_reject=reject,
        calibration=Estimate(
            value=float(chances.mean() - right.mean()), n=len(right), method="difference of means"
        ),
        control=control,
    )


def _share(success: Truths, among: Truths, problems: "np.ndarray[Any, Any]") -> Estimate:
    """A share of steps, clustered by problem."""
    _, groups = np.unique(problems, return_inverse=True)
    count = int(groups.max(initial=-1)) + 1
    tops = np.bincount(groups[among & success], minlength=count)
    bottoms = np.bincount(groups[among], minlength=count)
    kept = bottoms > 0
    return clustered_proportion(tops[kept].tolist(), bottoms[kept].tolist())
