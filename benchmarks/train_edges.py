"""Train the weights of the edges on thought-anchors; one set a problem left out, and one of all.

    python benchmarks/train_edges.py DATA/thought-anchors

Writes ``src/reasonscope/structure/edges/weights.py``. The bench then uses, on a problem that was
trained on, the weights that were made without it.
"""

import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from reasonscope.bench.edges import labelled
from reasonscope.structure.edges.evidence import clues
from reasonscope.structure.edges.finding import fold
from reasonscope.structure.edges.previous import FEATURES, features
from reasonscope.traces.formats import read
from reasonscope.traces.schema import ErrorRow
from reasonscope.traces.segment import steps_of

STRENGTH = 0.3
"""Inverse of the ridge penalty on weights of standardised features."""
DRAWN = 10
"""How many clues the pooled share counts for beside those of one kind."""
TARGET = Path(__file__).parents[1] / "src" / "reasonscope" / "structure" / "edges" / "weights.py"


@dataclass(frozen=True)
class Told:
    """What one trace teaches."""

    fold: str
    rows: list[tuple[float, ...]]
    labels: list[bool]
    far: list[tuple[str, bool]]
    """Kind of each clue to an earlier step, and whether a labeller named it, at steps for which
    the labeller named a step other than the one before."""


def told(reading) -> Told:
    texts = [step.text for step in steps_of(reading.trace, reading.step_ends)]
    gold = labelled(reading)
    back = {j for j, i in gold if i < j - 1}
    rows, labels, far = [], [], []
    for j, found in enumerate(clues(texts)):
        if j == 0:
            continue
        rows.append(features(j, texts[j - 1], texts[j], found))
        labels.append((j, j - 1) in gold)
        far += [(c.evidence, (j, c.uses) in gold) for c in found if c.uses < j - 1 and j in back]
    return Told(fold(reading.problem.question), rows, labels, far)


def fitted(traces: list[Told]) -> tuple[float, ...]:
    rows = np.array([row for trace in traces for row in trace.rows])
    labels = np.array([label for trace in traces for label in trace.labels])
    scale = rows.std(axis=0)
    scale[scale == 0] = 1.0
    model = LogisticRegression(C=STRENGTH, max_iter=5000).fit(rows[:, 1:] / scale[1:], labels)
    weights = [float(model.intercept_[0]), *(model.coef_[0] / scale[1:])]
    return tuple(round(float(weight), 3) for weight in weights)


def shares(traces: list[Told]) -> dict[str, float]:
    """The share of clues of each kind that a labeller named, drawn to that of all kinds."""
    every = [named for trace in traces for _, named in trace.far]
    counts: dict[str, list[float]] = defaultdict(lambda: [DRAWN * sum(every) / len(every), DRAWN])
    for kind, named in (one for trace in traces for one in trace.far):
        counts[kind][0] += named
        counts[kind][1] += 1
    return {kind: round(hits / of, 2) for kind, (hits, of) in sorted(counts.items())}


def main() -> None:
    readings = [
        r for r in read(sys.argv[1], format="thought-anchors") if not isinstance(r, ErrorRow)
    ]
    traces = [told(reading) for reading in readings]
    sets = {"": fitted(traces)}
    for left_out in sorted({trace.fold for trace in traces}):
        sets[left_out] = fitted([trace for trace in traces if trace.fold != left_out])
    TARGET.write_text(written(shares(traces), sets))
    for name, weight in zip(FEATURES, sets[""], strict=True):
        print(f"{name:24s}{weight:8.3f}")


def written(far: dict[str, float], sets: dict[str, tuple[float, ...]]) -> str:
    """The module of weights."""
    lines = [
        '"""Weights of the edges; written by ``benchmarks/train_edges.py``, not by hand."""',
        "",
        "from reasonscope.traces.schema import Evidence",
        "",
        "# fmt: off",
        f"FAR: dict[Evidence, float] = {far}",
        '"""By kind of evidence: how often a labeller who looked back named the step it points to.',
        '"""',
        "",
        "PREVIOUS: dict[str, tuple[float, ...]] = {",
    ]
    for name, weights in sets.items():
        numbers = [f"{weight:.2f}," for weight in weights]
        lines += [f'    "{name}": (', f"        {' '.join(numbers[:8])}"]
        lines += [f"        {' '.join(numbers[8:])}", "    ),"]
    lines += [
        "}",
        '"""Of the edge to the step before; by hash of a question, those trained without it."""',
        "# fmt: on",
    ]
    return "\n".join(lines).replace("'", '"') + "\n"


if __name__ == "__main__":
    main()
