"""Findings of the labels instrument: shares, and whether labels come in runs."""

import random
from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from reasonscope.findings import Finding
from reasonscope.provenance import seed_for
from reasonscope.stats import Estimate, clustered_proportion, mean_by_cluster, ratio_by_cluster
from reasonscope.structure.labels.labeller import probabilities, shipped
from reasonscope.structure.labels.shares import corrected_share, kept_beyond_shuffled
from reasonscope.traces.schema import LABELS, StepLabel
from reasonscope.traces.store import Study

CONTROL_TRACES = 40
"""Most traces that are labelled again with their steps in shuffled order."""
CONTROL_STEPS = 400
"""A trace with more steps is left out of that control."""

NO_STEPS = "there are no labelled steps"

SAID: tuple[tuple[StepLabel, str], ...] = (
    ("active_computation", "compute"),
    ("self_checking", "check"),
    ("uncertainty_management", "voice doubt or turn elsewhere"),
)
"""Labels whose share is a finding, and what such steps do."""

_finding = partial(Finding.of, "labels")


def conclude(study: Study) -> list[Finding]:
    """Three shares, runs of equal labels, and how sure the labeller is."""
    counts = by_problem(study)
    shares = [_share(counts, label, does) for label, does in SAID]
    return [*shares, _runs(study), _sureness(study)]


def by_problem(study: Study, where: str = "true") -> "NDArray[np.float64]":
    """Problem × label: how often each label was given; the condition is SQL of our own."""
    rows = study.rows(
        "select t.problem_id, l.label, count(*) from labels l join traces t using (trace_id) "
        f"left join (select * from answers where final) a using (trace_id) where {where} "
        "group by all order by all"
    )
    places = {name: index for index, name in enumerate(dict.fromkeys(row[0] for row in rows))}
    counts = np.zeros((len(places), len(LABELS)))
    for problem, label, number in rows:
        counts[places[problem], LABELS.index(label)] = number
    return counts


def labelled_share(counts: "NDArray[np.float64]", place: int) -> Estimate:
    """The share of one label as labelled, clustered by problem."""
    return clustered_proportion(counts[:, place].tolist(), counts.sum(axis=1).tolist())


def _share(counts: "NDArray[np.float64]", label: StepLabel, does: str) -> Finding:
    place = LABELS.index(label)
    return _finding(
        f"{label}_share",
        labelled_share(counts, place),
        f"{{}} of the steps {does}, as labelled",
        missing=NO_STEPS,
        control=corrected_share(counts, shipped().confusion, place),
        control_meaning="corrected for the labeller's errors on annotated competition mathematics; "
        "where the two lie far apart the errors here are others, and neither is to be believed",
    )


def sequences(study: Study) -> list[tuple[str, list[int]]]:
    """Problem and labels in order, by number, of each trace."""
    rows = study.rows(
        "select t.problem_id, list(l.label order by l.step_index) from labels l "
        "join traces t using (trace_id) group by t.problem_id, l.trace_id order by l.trace_id"
    )
    number = {label: index for index, label in enumerate(LABELS)}
    return [(problem, [number[label] for label in labels]) for problem, labels in rows]


def runs(held: Sequence[tuple[str, Sequence[int]]]) -> Estimate:
    """How much more often steps keep their label than in shuffled order; mean over traces."""
    found = [(problem, kept_beyond_shuffled(labels)) for problem, labels in held]
    known = [(problem, points) for problem, points in found if points is not None]
    if not known:
        return Estimate(value=None, method="cluster-robust t: no trace has two steps")
    return mean_by_cluster([points for _, points in known], [problem for problem, _ in known])


def _runs(study: Study) -> Finding:
    return _finding(
        "kept_label_points",
        runs(sequences(study)),
        "A step does the same as the one before more often than in shuffled order: by {}",
        missing="no trace has two labelled steps",
        unit="points",
        control=runs(_labelled_again(study)),
        control_meaning=f"the steps of up to {CONTROL_TRACES} traces in shuffled order, labelled "
        "again: what the labeller's own look at neighbours makes",
    )


def _labelled_again(study: Study) -> list[tuple[str, list[int]]]:
    ids = study.rows(
        "select trace_id from labels group by trace_id having count(*) between 2 and ? "
        "order by md5(trace_id) limit ?",
        [CONTROL_STEPS, CONTROL_TRACES],
    )
    found = []
    for case in study.cases_of([row[0] for row in ids]):
        texts = [step.text for step in case.steps]
        random.Random(seed_for("labels shuffled", case.trace.trace_id)).shuffle(texts)
        chances = probabilities(texts, case.problem.question)
        found.append((case.problem.problem_id, [int(label) for label in chances.argmax(axis=1)]))
    return found


def _sureness(study: Study) -> Finding:
    rows = study.rows(
        "select t.problem_id, sum(l.probability), count(*) from labels l "
        "join traces t using (trace_id) group by all order by all"
    )
    confusion = shipped().confusion
    right = confusion.diagonal(axis1=1, axis2=2).sum(axis=1)
    sizes = confusion.sum(axis=(1, 2))
    return _finding(
        "expected_right_share",
        _ratio([row[1] for row in rows], [row[2] for row in rows]),
        "The labeller expects {} of its labels to be right",
        missing=NO_STEPS,
        control=_ratio(right.tolist(), sizes.tolist()),
        control_meaning="labels that were right on annotated traces whose problems were left out",
        better="higher",
    )


def _ratio(tops: Sequence[float], bottoms: Sequence[float]) -> Estimate:
    return ratio_by_cluster(tops, bottoms, list(range(len(tops))))
