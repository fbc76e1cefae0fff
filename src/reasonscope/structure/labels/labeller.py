"""The labeller that ships with the package: a step's text and place to eight probabilities.

Two multinomial regressions, one on the other's output. The first sees each step alone
(:mod:`features`); the second sees what the first thinks of the steps around, near and far. All
weights come from ``benchmarks/train_labeller.py``; nothing but numpy and scipy runs here.

A trace whose question was in the training set is labelled by weights that never saw that question.
So every figure that is measured with this labeller has its problems left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np
from scipy.signal import lfilter
from scipy.special import log_softmax, softmax

from reasonscope.provenance import content_id
from reasonscope.structure.labels.features import seen

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix

    Floats = NDArray[np.float64]

FILE = "labeller.npz"

NEIGHBOURS = 3
"""Steps to either side whose first-stage probabilities the second stage sees one by one."""
FADING = 0.8
"""What a step further away counts in the running mean of all before and of all after."""
CLIP = 4.0
"""Standard scores beyond this are drawn in."""


@dataclass(frozen=True, slots=True)
class Weights:
    """One labeller: two linear maps with the scales of their inputs. ``label`` has size 8."""

    hashed: "Floats"
    """bucket × label."""
    counted: "Floats"
    """feature × label, on standard scores."""
    bias: "Floats"
    mean: "Floats"
    """Of the counted features."""
    scale: "Floats"
    second: "Floats"
    """context feature × label."""
    second_bias: "Floats"
    second_mean: "Floats"
    second_scale: "Floats"


@dataclass(frozen=True, slots=True)
class Labeller:
    """All that is shipped: the full labeller, those with a problem left out, and their errors."""

    full: Weights
    without: dict[str, Weights]
    """By fingerprint of a training question, the weights that never saw it."""
    temperature: float
    """What the joined logits are divided by, so that probabilities are calibrated."""
    confusion: "Floats"
    """problem × label (said by the annotators) × label (said here): counts, problems left out."""


def fingerprint(question: str) -> str:
    """A question's hash that survives other spacing and capitals.

    >>> fingerprint("What is  2?") == fingerprint("what is 2? ")
    True
    """
    return content_id("labeller question", " ".join(question.lower().split()))


@cache
def shipped() -> Labeller:
    """The labeller in the package."""
    with (files("reasonscope.structure.labels") / FILE).open("rb") as file:
        held = dict(np.load(file, allow_pickle=False))
    models = [_model(held, index) for index in range(len(held["bias"]))]
    return Labeller(
        full=models[-1],
        without=dict(zip(map(str, held["questions"]), models[:-1], strict=True)),
        temperature=float(held["temperature"]),
        confusion=held["confusion"].astype(np.float64),
    )


def _model(held: "dict[str, NDArray[np.generic]]", index: int) -> Weights:
    """One of the stacked labellers; hashed weights are stored as bytes times a scale a label."""
    names = ("counted", "bias", "mean", "scale")
    second = ("second", "second_bias", "second_mean", "second_scale")
    part = {name: held[name][index].astype(np.float64) for name in (*names, *second)}
    step = held["hashed_step"][index].astype(np.float64)
    return Weights(hashed=held["hashed"][index].astype(np.float64) * step, **part)


def probabilities(texts: Sequence[str], question: str) -> "Floats":
    """Calibrated probabilities of the eight labels, step × label, by weights that are fair.

    Args:
        texts: the steps of one trace, in order.
        question: the trace's question; decides which weights never saw it.
    """
    labeller = shipped()
    if not texts:
        return np.zeros((0, labeller.full.bias.shape[0]))
    weights = labeller.without.get(fingerprint(question), labeller.full)
    words, own = seen(texts, question)
    first = softmax(first_logits(words, own, weights), axis=1)
    second = second_logits(context(first, scores(own, weights)), weights)
    chances: Floats = softmax(joined(first, second) / labeller.temperature, axis=1)
    return chances


def scores(own: "Floats", weights: Weights) -> "Floats":
    """Counted features as standard scores, drawn in at the ends."""
    drawn: Floats = np.clip((own - weights.mean) / weights.scale, -CLIP, CLIP)
    return drawn


def first_logits(words: "csr_matrix", own: "Floats", weights: Weights) -> "Floats":
    """What the first stage says of each step alone."""
    logits: Floats = words @ weights.hashed + scores(own, weights) @ weights.counted + weights.bias
    return logits


def second_logits(around: "Floats", weights: Weights) -> "Floats":
    """What the second stage says, from the context of each step."""
    drawn = np.clip((around - weights.second_mean) / weights.second_scale, -CLIP, CLIP)
    logits: Floats = drawn @ weights.second + weights.second_bias
    return logits


def joined(first: "Floats", second: "Floats") -> "Floats":
    """Both stages' say, as logits: the log probabilities added."""
    logits: Floats = np.log(first + 1e-9) + log_softmax(second, axis=1)
    return logits


def context(first: "Floats", own: "Floats") -> "Floats":
    """What the second stage sees: own and neighbours' probabilities, running means, own scores."""
    near = [_moved(first, by) for by in range(-NEIGHBOURS, NEIGHBOURS + 1) if by]
    before = _running(first)
    after = _running(first[::-1])[::-1]
    logs = np.log(first + 1e-3)
    beside = [own, _moved(own, -1), _moved(own, 1)]
    return np.hstack([logs, first, *near, before, after, *beside])


def _moved(rows: "Floats", by: int) -> "Floats":
    """The row ``by`` places further on, zeros where there is none."""
    moved = np.zeros_like(rows)
    if abs(by) < len(rows):
        if by > 0:
            moved[:-by] = rows[by:]
        else:
            moved[-by:] = rows[:by]
    return moved


def _running(first: "Floats") -> "Floats":
    """The running mean of all rows before each, the nearest counting most."""
    mean: Floats = lfilter([0.0, 1 - FADING], [1.0, -FADING], first, axis=0)
    return mean


def negative_log_likelihood(logits: "Floats", labels: "NDArray[np.int64]", heat: float) -> float:
    """Mean surprise in nats at the right labels if logits are divided by ``heat``."""
    chosen = log_softmax(logits / heat, axis=1)[np.arange(len(labels)), labels]
    return -float(chosen.mean())
