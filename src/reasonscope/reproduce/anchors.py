"""thought-anchors: what the published importances of steps add up to, by label."""

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from reasonscope.reproduce.row import Reproduced
from reasonscope.stats import Estimate, benjamini_hochberg, mean_by_cluster
from reasonscope.structure.anchors.intervals import Tally, p_value
from reasonscope.traces.formats import read
from reasonscope.traces.schema import Reading, StepLabel

DATA = "thought-anchors"

KL_BY_LABEL: dict[StepLabel, float] = {
    "problem_setup": 0.91,
    "plan_generation": 0.49,
    "fact_retrieval": 0.39,
    "uncertainty_management": 0.38,
    "active_computation": 0.35,
    "result_consolidation": 0.21,
    "self_checking": 0.12,
    "final_answer_emission": 0.02,
}
"""Mean counterfactual KL by label over the 42 public traces (SCIENCE §4, recomputed)."""

IDENTITY = 5955 / 5969
"""Share of sentences whose importance is the next accuracy minus their own (SCIENCE §4)."""

DIFFERING = 0.070
"""Share of sentences whose accuracies before and after differ at |z| > 1.96 (issue 5)."""
SURVIVING = 0.015
"""Share of them that survives a false-discovery correction (issue 5)."""
MOST_ANSWERS = 100
"""Rollouts behind a published accuracy; those without an answer were left out."""


def rows(folder: Path) -> list[Reproduced]:
    """The identity of the published importances, how many hold, and mean KL by label."""
    traces = [
        (item.problem.problem_id, json.loads(item.trace.extra).get("chunks", []))
        for item in read(folder, format="thought-anchors")
        if isinstance(item, Reading)
    ]
    return [
        _identity(traces),
        *_told_apart(traces),
        *(_mean_kl(traces, label) for label in KL_BY_LABEL),
    ]


def _identity(traces: list[tuple[str, list[dict[str, Any]]]]) -> Reproduced:
    held = [
        abs(two["accuracy"] - one["accuracy"] - one["resampling_importance_accuracy"]) < 1e-9
        for _, chunks in traces
        for one, two in pairwise(chunks)
        if None not in (two.get("accuracy"), one.get("accuracy"))
        and one.get("resampling_importance_accuracy") is not None
    ]
    return Reproduced(
        data=DATA,
        what="sentences whose resampling importance is accuracy[i+1] - accuracy[i]",
        published=IDENTITY,
        ours=Estimate(value=sum(held) / len(held) if held else None, n=len(held), method="count"),
        note="importance as accuracy[i+1] - accuracy[i] is an identity of the files: no interval; "
        f"{_last_zero(traces)} of {len(traces)} traces give their last sentence importance 0, "
        "since nothing was resampled after it; of the 42 public traces 14 sentences differ, none "
        "of them in the traces at hand",
    )


def _last_zero(traces: list[tuple[str, list[dict[str, Any]]]]) -> int:
    last = [chunks[-1] for _, chunks in traces if chunks]
    return sum(chunk.get("resampling_importance_accuracy") == 0 for chunk in last)


def _told_apart(traces: list[tuple[str, list[dict[str, Any]]]]) -> list[Reproduced]:
    """How many sentences have an effect that the published rollouts tell from none."""
    tested = [(problem, _p_values(chunks)) for problem, chunks in traces]
    problems = [problem for problem, ps in tested for _ in ps]
    alone = [p < 0.05 for _, ps in tested for p in ps]
    corrected = [q <= 0.05 for _, ps in tested for q in benjamini_hochberg(ps)]
    note = (
        "exact test with mid-p of neighbouring accuracies; how many rollouts answered is read off "
        "the published shares (the largest number up to 100 that gives all of them)"
    )
    return [
        Reproduced(
            data=DATA,
            what=what,
            published=published,
            ours=mean_by_cluster([float(f) for f in found], problems)
            if found
            else Estimate(value=None),
            note=note,
        )
        for what, published, found in (
            ("sentences whose importance differs from 0 at p < .05", DIFFERING, alone),
            ("sentences that survive correction at q <= .05", SURVIVING, corrected),
        )
    ]


def _p_values(chunks: list[dict[str, Any]]) -> list[float]:
    """One for each sentence with an accuracy that is followed by another with one."""
    tallies = [_tally(chunk) for chunk in chunks]
    found = [p_value(two, one) for one, two in pairwise(tallies) if one and two]
    return [p for p in found if p is not None]


def _tally(chunk: dict[str, Any]) -> Tally | None:
    """Right and wrong answers of the rollouts that resample a sentence."""
    accuracy = chunk.get("accuracy")
    if accuracy is None:
        return None
    names = ("accuracy", "different_trajectories_fraction", "overdeterminedness")
    shares = [float(chunk[name]) for name in names if chunk.get(name) is not None]
    answered = next(
        (n for n in range(MOST_ANSWERS, 1, -1) if all(_whole(n * share) for share in shares)),
        MOST_ANSWERS,
    )
    right = round(answered * float(accuracy))
    return Tally(right=right, wrong=answered - right)


def _whole(number: float) -> bool:
    return abs(number - round(number)) < 1e-6


def _mean_kl(traces: list[tuple[str, list[dict[str, Any]]]], label: StepLabel) -> Reproduced:
    found = list(_divergences(traces, label))
    return Reproduced(
        data=DATA,
        what=f"mean counterfactual KL of {label.replace('_', ' ')}",
        published=KL_BY_LABEL[label],
        ours=mean_by_cluster([kl for _, kl in found], [problem for problem, _ in found])
        if found
        else Estimate(value=None),
        unit="nats",
        note=f"the published mean is over all 42 traces, ours over {len(traces)}",
    )


def _divergences(
    traces: list[tuple[str, list[dict[str, Any]]]], label: StepLabel
) -> Iterator[tuple[str, float]]:
    for problem, chunks in traces:
        for chunk in chunks:
            divergence = chunk.get("counterfactual_importance_kl")
            if (chunk.get("function_tags") or [""])[0] == label and divergence is not None:
                yield problem, float(divergence)
