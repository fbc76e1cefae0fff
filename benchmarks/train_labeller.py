"""Train the labeller that ships with the package, and print how it does with problems left out.

Usage: python benchmarks/train_labeller.py [FOLDER]   (default: ../shared/data/thought-anchors)

Writes src/reasonscope/structure/labels/labeller.npz. For every problem the two stages are trained
on the other problems alone; the second stage learns from first-stage output on problems that the
first stage had not seen. The settings below were chosen on these same left-out problems, among
some thirty variants, so the printed figures are slightly too good; `reasonscope bench labels` on
traces of another model is the test. About two minutes on one core.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix, hstack, vstack
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import cohen_kappa_score, f1_score

from reasonscope.bench.labels import labelled_traces
from reasonscope.structure.labels import labeller
from reasonscope.structure.labels.features import seen
from reasonscope.structure.labels.labeller import FILE, Weights, context, fingerprint
from reasonscope.traces.schema import LABELS

ROOT = Path(__file__).parents[1]
DEFAULT = ROOT.parent / "shared" / "data" / "thought-anchors"
TARGET = ROOT / "src" / "reasonscope" / "structure" / "labels" / FILE

FIRST_C, SECOND_C = 1.0, 0.003
"""Inverse strength of the penalty of the two stages."""
COUNTED_WEIGHT = 0.35
"""How large standard scores of counted features are beside hashed ones, for the penalty."""
RARE = 0.2
"""A label counts by its rarity to this power: 0 is not at all, 1 wholly."""
INNER = 3
"""Parts of the training problems from which the second stage's inputs are made."""


@dataclass(frozen=True, slots=True)
class Steps:
    """All labelled steps: features, labels (-1: not labelled), and where they belong."""

    words: csr_matrix
    counts: NDArray[np.float64]
    labels: NDArray[np.int64]
    problem: NDArray[np.int64]
    trace: NDArray[np.int64]
    questions: tuple[str, ...]


def load(folder: Path) -> Steps:
    words, counts, labels, problem, trace = [], [], [], [], []
    questions: list[str] = []
    for number, held in enumerate(labelled_traces(folder)):
        texts = [step.text for step in held.case.steps]
        mark = fingerprint(held.case.problem.question)
        if mark not in questions:
            questions.append(mark)
        hashed, counted = seen(texts, held.case.problem.question)
        words.append(hashed)
        counts.append(counted)
        labels += [-1 if label is None else LABELS.index(label) for label in held.labels]
        problem += [questions.index(mark)] * len(texts)
        trace += [number] * len(texts)
    return Steps(
        vstack(words).tocsr(),
        np.vstack(counts),
        np.array(labels),
        np.array(problem),
        np.array(trace),
        tuple(questions),
    )


def class_weights(labels: NDArray[np.int64]) -> dict[int, float]:
    counts = np.bincount(labels, minlength=len(LABELS)) + 1
    return dict(enumerate((counts.mean() / counts) ** RARE))


def regression(
    inputs: csr_matrix | NDArray[np.float64], labels: NDArray[np.int64], c: float
) -> LogisticRegression:
    weights = class_weights(labels)
    return LogisticRegression(C=c, class_weight=weights, max_iter=200, tol=1e-3).fit(inputs, labels)


def first_stage(steps: Steps, rows: NDArray[np.bool_]) -> Weights:
    """The first stage trained on some rows; the second is still empty."""
    used = rows & (steps.labels >= 0)
    mean, scale = steps.counts[used].mean(axis=0), steps.counts[used].std(axis=0) + 1e-9
    drawn = np.clip((steps.counts - mean) / scale, -labeller.CLIP, labeller.CLIP)
    inputs = hstack([steps.words, csr_matrix(drawn * COUNTED_WEIGHT)]).tocsr()
    model = regression(inputs[used], steps.labels[used], FIRST_C)
    cut = steps.words.shape[1]
    none = np.zeros(0)
    return Weights(
        hashed=_as_bytes(model.coef_[:, :cut].T),
        counted=model.coef_[:, cut:].T * COUNTED_WEIGHT,
        bias=model.intercept_,
        mean=mean,
        scale=scale,
        second=none,
        second_bias=none,
        second_mean=none,
        second_scale=none,
    )


def _steps_of_bytes(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.abs(weights).max(axis=0) / 127


def _as_bytes(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """The weights as they are after storing, so that the second stage is trained on these."""
    step = _steps_of_bytes(weights)
    return np.round(weights / step) * step


def said(steps: Steps, weights: Weights, rows: NDArray[np.bool_]) -> NDArray[np.float64]:
    logits = labeller.first_logits(steps.words[rows], steps.counts[rows], weights)
    return softmax(logits, axis=1)


def surroundings(steps: Steps, first: NDArray[np.float64], weights: Weights) -> NDArray[np.float64]:
    """The second stage's inputs, trace by trace."""
    own = labeller.scores(steps.counts, weights)
    return np.vstack(
        [context(first[steps.trace == t], own[steps.trace == t]) for t in np.unique(steps.trace)]
    )


def trained(steps: Steps, left_out: int | None) -> tuple[Weights, NDArray[np.float64]]:
    """Both stages without a problem (None: with all), and their joined logits on all rows."""
    rows = steps.problem != (-1 if left_out is None else left_out)
    own = first_stage(steps, rows)
    first = said(steps, own, np.ones(len(rows), bool))
    kept = [p for p in range(len(steps.questions)) if p != left_out]
    for part in range(INNER):
        held = np.isin(steps.problem, kept[part::INNER])
        first[held] = said(steps, first_stage(steps, rows & ~held), held)
    inputs = surroundings(steps, first, own)
    used = rows & (steps.labels >= 0)
    mean, scale = inputs[used].mean(axis=0), inputs[used].std(axis=0) + 1e-9
    drawn = np.clip((inputs - mean) / scale, -labeller.CLIP, labeller.CLIP)
    model = regression(drawn[used], steps.labels[used], SECOND_C)
    whole = Weights(
        hashed=own.hashed,
        counted=own.counted,
        bias=own.bias,
        mean=own.mean,
        scale=own.scale,
        second=model.coef_.T,
        second_bias=model.intercept_,
        second_mean=mean,
        second_scale=scale,
    )
    return whole, labeller.joined(first, labeller.second_logits(inputs, whole))


def left_out(steps: Steps) -> Iterator[tuple[Weights, NDArray[np.float64], NDArray[np.bool_]]]:
    for problem in range(len(steps.questions)):
        weights, logits = trained(steps, problem)
        yield weights, logits, steps.problem == problem
        print(f"problem {problem + 1} of {len(steps.questions)} left out", file=sys.stderr)


def main(folder: Path) -> None:
    steps = load(folder)
    models: list[Weights] = []
    logits = np.zeros((len(steps.labels), len(LABELS)))
    for weights, found, rows in left_out(steps):
        models.append(weights)
        logits[rows] = found[rows]
    models.append(trained(steps, None)[0])
    known = steps.labels >= 0
    heat = minimize_scalar(
        lambda t: labeller.negative_log_likelihood(logits[known], steps.labels[known], t),
        bounds=(0.3, 5.0),
        method="bounded",
    ).x
    report(steps.labels[known], logits[known], heat)
    save(steps, models, logits, float(heat))


def report(labels: NDArray[np.int64], logits: NDArray[np.float64], heat: float) -> None:
    ours = logits.argmax(axis=1)
    chance = softmax(logits / heat, axis=1).max(axis=1)
    bins = np.clip((chance * 10).astype(int), 0, 9)
    gaps = [
        (bins == b).sum() * abs(chance[bins == b].mean() - (ours == labels)[bins == b].mean())
        for b in np.unique(bins)
    ]
    print(
        f"{len(labels)} steps, problems left out: accuracy {np.mean(ours == labels):.3f}, "
        f"macro-F1 {f1_score(labels, ours, average='macro'):.3f}, "
        f"kappa {cohen_kappa_score(labels, ours):.3f}, temperature {heat:.2f}, "
        f"expected calibration error {sum(gaps) / len(labels):.3f}"
    )


def save(steps: Steps, models: list[Weights], logits: NDArray[np.float64], heat: float) -> None:
    size = len(LABELS)
    confusion = np.zeros((len(steps.questions), size, size), dtype=np.int32)
    known = steps.labels >= 0
    ours = logits.argmax(axis=1)
    np.add.at(confusion, (steps.problem[known], steps.labels[known], ours[known]), 1)
    step = [_steps_of_bytes(m.hashed) for m in models]
    small = {
        name: np.stack([getattr(m, name) for m in models]).astype(np.float32)
        for name in ("counted", "bias", "mean", "scale", "second", "second_bias")
    }
    np.savez_compressed(
        TARGET,
        hashed=np.stack([np.round(m.hashed / s) for m, s in zip(models, step)]).astype(np.int8),
        hashed_step=np.stack(step).astype(np.float32),
        second_mean=np.stack([m.second_mean for m in models]).astype(np.float32),
        second_scale=np.stack([m.second_scale for m in models]).astype(np.float32),
        questions=np.array(steps.questions),
        temperature=np.float64(heat),
        confusion=confusion,
        **small,
    )
    print(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT)
