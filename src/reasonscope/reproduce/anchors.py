"""thought-anchors: what the published importances of steps add up to, by label."""

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from reasonscope.reproduce.row import Reproduced
from reasonscope.stats import Estimate, mean_by_cluster
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


def rows(folder: Path) -> list[Reproduced]:
    """The identity of the published importances, and mean counterfactual KL by label."""
    traces = [
        (item.problem.problem_id, json.loads(item.trace.extra).get("chunks", []))
        for item in read(folder, format="thought-anchors")
        if isinstance(item, Reading)
    ]
    return [_identity(traces), *(_mean_kl(traces, label) for label in KL_BY_LABEL)]


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
        note="importance as accuracy[i+1] - accuracy[i] is an identity of the files: no interval",
    )


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
