"""What a verifier learns from: steps whose verdict is known, and the problem of each."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from reasonscope.traces.schema import Case, Verdict
from reasonscope.traces.store import Study
from reasonscope.training.by_step import by_step
from reasonscope.training.verifier.features import step_features
from reasonscope.verify.judge import judge, step_outcome

Array = np.ndarray[Any, np.dtype[np.float32]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Steps with a verdict."""

    features: Array
    """``[step, feature]``: of :func:`step_features`, or hidden states from anywhere."""
    right: "np.ndarray[Any, np.dtype[np.bool_]]"
    """Of each step, whether it is right."""
    problems: "np.ndarray[Any, np.dtype[np.str_]]"
    """Of each step, its problem: what is left out together."""
    kind: str = "words"
    """``words``: of :func:`step_features`, so that it can judge traces; ``states``: arrays that
    the user makes."""
    unjudged: int = 0
    """Steps without a verdict, which nothing is learned from."""


def evidence_of(
    study: Study, states: Callable[[Case], Array] | None = None, limit: int | None = None
) -> Evidence:
    """The steps of a study with their verdicts: of table ``verdicts``, else judged now.

    Args:
        study: Where the traces are.
        states: What is known of a trace's steps, ``[step, feature]``, in place of words: such as
            hidden states at the end of each step.
        limit: Most traces that are read; None: all.
    """
    rows: list[Array] = []
    right: list[bool] = []
    problems: list[str] = []
    unjudged = 0
    for case, outcomes in islice(_judged(study), limit):
        known = [place for place, outcome in enumerate(outcomes) if outcome is not None]
        unjudged += len(outcomes) - len(known)
        if known:
            rows.append((step_features if states is None else states)(case)[known])
            right += [outcomes[place] is True for place in known]
            problems += [case.problem.problem_id] * len(known)
    return Evidence(
        features=np.concatenate(rows) if rows else np.zeros((0, 1), dtype=np.float32),
        right=np.array(right, dtype=bool),
        problems=np.array(problems, dtype=str),
        kind="words" if states is None else "states",
        unjudged=unjudged,
    )


def _judged(study: Study) -> Iterator[tuple[Case, list[bool | None]]]:
    """Every trace, and of each of its steps whether it is right."""
    measured = set(study.part_keys("verdicts"))
    for key in study.part_keys("traces"):
        held = _verdicts(study, key) if key in measured else None
        for case in study.cases(key):
            said = list(judge(case)) if held is None else held.get(case.trace.trace_id, [])
            yield case, _outcomes(case, said)


def _verdicts(study: Study, key: str) -> dict[str, list[Verdict]]:
    held: dict[str, list[Verdict]] = {}
    for verdict in study.part_records("verdicts", key):
        held.setdefault(verdict.trace_id, []).append(verdict)
    return held


def _outcomes(case: Case, verdicts: Iterable[Verdict]) -> list[bool | None]:
    return [step_outcome(said) for said in by_step(case.steps, verdicts)]
