"""How well our labels agree with published ones, with the problems of training left out."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from reasonscope.provenance import seed_for
from reasonscope.stats import Estimate, cluster_bootstrap, cohens_kappa, mean_by_cluster
from reasonscope.structure.labels.labeller import fingerprint, probabilities, shipped
from reasonscope.traces.formats import read
from reasonscope.traces.schema import LABELS, Case, Reading, StepLabel
from reasonscope.traces.segment import steps_of


@dataclass(frozen=True, slots=True)
class Labelled:
    """A trace whose steps people or a model have labelled."""

    case: Case
    labels: tuple[StepLabel | None, ...]
    """One entry a step: the first tag of its chunk; None: no tag, or none of the eight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelScore:
    """Agreement of our labels with the published ones; intervals by problem."""

    problems: tuple[str, ...]
    """The problem of each labelled step."""
    theirs: tuple[StepLabel, ...]
    ours: tuple[StepLabel, ...]
    left_out: int
    """Steps whose problem was in training: labelled by weights that never saw it."""
    unreadable: int
    """Records without labels that fit the steps; in no figure."""

    @property
    def n(self) -> int:
        """Labelled steps."""
        return len(self.theirs)

    def accuracy(self) -> Estimate:
        """Share of steps with the published label."""
        same = [float(a == b) for a, b in zip(self.theirs, self.ours, strict=True)]
        return mean_by_cluster(same, self.problems)

    def macro_f1(self) -> Estimate:
        """The mean of the labels' F1; a bootstrap over problems."""
        return self._over_problems(lambda table: float(np.mean(list(f1_of(table).values()))))

    def kappa(self) -> Estimate:
        """Cohen's kappa; a bootstrap over problems."""

        def of(table: "np.ndarray[Any, Any]") -> float:
            whole = table.sum()
            seen = np.trace(table) / whole
            chance = float((table.sum(axis=0) * table.sum(axis=1)).sum()) / whole**2
            return float((seen - chance) / (1 - chance)) if chance < 1 else 0.0

        found = self._over_problems(of)
        return replace(found, value=cohens_kappa(self.theirs, self.ours).value)

    def _over_problems(self, of: "Callable[[np.ndarray[Any, Any]], float]") -> Estimate:
        if not self.n:
            return Estimate(value=None, method="cluster bootstrap: no labelled steps")
        cells = [LABELS.index(a) * len(LABELS) + LABELS.index(b) for a, b in self._pairs()]

        def statistic(picked: "np.ndarray[Any, Any]") -> float:
            size = len(LABELS)
            return of(np.bincount(picked.astype(int), minlength=size**2).reshape(size, size))

        return cluster_bootstrap(cells, self.problems, statistic, seed=seed_for("bench labels"))

    def _pairs(self) -> list[tuple[StepLabel, StepLabel]]:
        return list(zip(self.theirs, self.ours, strict=True))

    def table(self) -> "np.ndarray[Any, Any]":
        """The confusion matrix: published label × ours, counts."""
        table = np.zeros((len(LABELS), len(LABELS)))
        for theirs, ours in self._pairs():
            table[LABELS.index(theirs), LABELS.index(ours)] += 1
        return table

    def majority(self) -> float | None:
        """Accuracy of always saying the commonest published label."""
        if not self.n:
            return None
        return max(self.theirs.count(label) for label in LABELS) / self.n

    def to_json(self) -> dict[str, Any]:
        """The score as a JSON object, with intervals, F1 by label and the confusion matrix."""
        shares = {
            "accuracy": self.accuracy(),
            "macro_f1": self.macro_f1(),
            "kappa": self.kappa(),
        }
        return {
            "n": self.n,
            **{name: estimate.value for name, estimate in shares.items()},
            "intervals": {name: [e.low, e.high] for name, e in shares.items()},
            "n_problems": len(set(self.problems)),
            "n_left_out": self.left_out,
            "unreadable": self.unreadable,
            "majority_accuracy": self.majority(),
            "f1": f1_of(self.table()) if self.n else {},
            "labels": list(LABELS),
            "confusion": self.table().tolist() if self.n else [],
        }

    def summary(self) -> str:
        """The score for a person."""
        if not self.n:
            return f"no labelled step could be read; {self.unreadable} unreadable"
        lines = [
            f"{self.n:,} steps of {len(set(self.problems))} problems, "
            f"{self.unreadable} unreadable. "
            f"{self.left_out:,} of these steps were labelled by weights that never saw their "
            "problem, the others belong to problems that were not in training"
        ]
        for name, estimate in (
            ("accuracy", self.accuracy()),
            ("macro-F1", self.macro_f1()),
            ("kappa", self.kappa()),
        ):
            lines.append(f"  {name}: {_written(estimate)}")
        lines.append(f"  accuracy of the commonest label alone: {self.majority():.3f}")
        lines += [f"  F1 of {label}: {f1:.3f}" for label, f1 in f1_of(self.table()).items()]
        return "\n".join(lines)


def _written(estimate: Estimate) -> str:
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:.3f} (one problem: no interval)"
    return f"{estimate.value:.3f} ({estimate.low:.3f} to {estimate.high:.3f})"


def f1_of(table: "np.ndarray[Any, Any]") -> dict[str, float]:
    """F1 of each label that is published or said at least once."""
    right, sizes = np.diag(table), table.sum(axis=0) + table.sum(axis=1)
    return {label: float(2 * right[i] / sizes[i]) for i, label in enumerate(LABELS) if sizes[i] > 0}


def labelled_traces(folder: str | Path, format: str = "auto") -> Iterator[Labelled]:
    """The traces of a folder that carry labels which fit their steps."""
    for item in read(folder, format=format):
        found = labelled(item) if isinstance(item, Reading) else None
        if found is not None:
            yield found


def labelled(reading: Reading) -> Labelled | None:
    """The trace with a label a step; None: no labels, or they do not fit the steps."""
    chunks = json.loads(reading.trace.extra).get("chunks")
    if not isinstance(chunks, list) or reading.step_ends is None:
        return None
    steps = tuple(steps_of(reading.trace, reading.step_ends))
    labels = [_label(chunk) for chunk in chunks[: len(steps)]]
    labels += [None] * (len(steps) - len(labels))
    if not any(labels):
        return None
    return Labelled(Case(reading.problem, reading.trace, steps), tuple(labels))


def _label(chunk: Any) -> StepLabel | None:
    tags = chunk.get("function_tags") if isinstance(chunk, dict) else None
    first = tags[0] if isinstance(tags, list) and tags else None
    return next((label for label in LABELS if label == first), None)


def labels_bench(
    folder: str | Path, format: str = "auto", progress: Callable[[], None] | None = None
) -> LabelScore:
    """Our labels against the published ones of a folder of traces.

    A chunk with several tags counts by its first. A trace whose problem was in training is
    labelled by weights that never saw that problem, so problems are left out always.

    Args:
        folder: traces in the format of thought-anchors.
        format: ``thought-anchors`` or ``auto``.
        progress: called after each trace.
    """
    problems: list[str] = []
    theirs: list[StepLabel] = []
    ours: list[StepLabel] = []
    left_out = unreadable = 0
    for item in read(folder, format=format):
        held = labelled(item) if isinstance(item, Reading) else None
        if held is None:
            unreadable += 1
        else:
            found = list(_compared(held))
            theirs += [a for a, _ in found]
            ours += [b for _, b in found]
            problems += [held.case.problem.problem_id] * len(found)
            known = fingerprint(held.case.problem.question) in shipped().without
            left_out += len(found) if known else 0
        if progress is not None:
            progress()
    return LabelScore(
        problems=tuple(problems),
        theirs=tuple(theirs),
        ours=tuple(ours),
        left_out=left_out,
        unreadable=unreadable,
    )


def _compared(held: Labelled) -> Iterator[tuple[StepLabel, StepLabel]]:
    """Published label and ours, of each step that has a published one."""
    texts = [step.text for step in held.case.steps]
    chances = probabilities(texts, held.case.problem.question)
    for label, row in zip(held.labels, chances, strict=True):
        if label is not None:
            yield label, LABELS[int(row.argmax())]
