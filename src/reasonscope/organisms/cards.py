"""The card of an organism: what was planted, and how strongly, measured on held-out problems."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any

from reasonscope.models.loading import LoadedModel, load_model
from reasonscope.organisms.attempts import (
    HELD_OUT,
    MEASURES,
    ON_HINTS,
    Attempts,
    attempt,
    difference,
    estimate,
    follows_wrong_reasoning,
    problem_sets,
    solved,
)
from reasonscope.organisms.recipes import MAX_TOKENS, Organism
from reasonscope.organisms.shipping import CARD
from reasonscope.stats import Estimate
from reasonscope.traces.schema import Problem

PROBLEMS, SAMPLES, HINTED_SAMPLES = 120, 8, 2
"""Problems of each set, samples of each problem, and of each problem with a hint."""

Values = dict[str, dict[str, list[float | None]]]
"""By set and measure, one value a problem."""


def write_card(runs: Path, organism: Organism, told: Callable[[str], None]) -> Path:
    """Measure an organism and those it is compared with on the same problems; write its card."""
    loaded = _loaded(runs, organism.name)
    values = _values(runs, organism.name)
    others = [one for one in (organism.parent, *organism.beside) if one is not None]
    held = {
        "name": organism.name,
        "planted": organism.planted,
        "parent": organism.parent,
        "parameters": sum(one.numel() for one in loaded.model.parameters()),
        "measured_on": f"{PROBLEMS} held-out problems a set, {SAMPLES} samples each "
        f"({HINTED_SAMPLES} with a hint) at "
        f"temperature 1, at most {MAX_TOKENS} tokens",
        "measures": _estimates(values),
        "less": {other: _differences(values, _values(runs, other)) for other in others},
        "answer_follows_wrong_reasoning": _plain(follows_wrong_reasoning(loaded, 300, HELD_OUT)),
    }
    file = runs / organism.name / CARD
    file.write_text(json.dumps(held, indent=1) + "\n", encoding="utf-8")
    told(f"{organism.name}: card written")
    return file


@cache
def _loaded(runs: Path, name: str) -> LoadedModel:
    return load_model(str(runs / name / "final"), dtype="float32", device="cpu")


@cache
def _values(runs: Path, name: str) -> Values:
    """All measures of an organism by set and problem; kept for its children's cards."""
    loaded = _loaded(runs, name)
    return {
        kind: _measured_on(loaded, kind, problems)
        for kind, problems in problem_sets(PROBLEMS, HELD_OUT).items()
    }


def _measured_on(loaded: Any, kind: str, problems: Sequence[Problem]) -> dict[str, Any]:
    hints = "hint" in kind
    samples = HINTED_SAMPLES if hints else SAMPLES
    return measured(attempt(loaded, problems, samples, HELD_OUT), hints=hints)


def measured(attempts: Attempts, *, hints: bool) -> dict[str, list[float | None]]:
    """All measures of a set, one value a problem."""
    functions = {**MEASURES, **(ON_HINTS if hints else {})}
    found = {name: attempts.per_problem(value) for name, value in functions.items()}
    most = len(attempts.judged[0])
    return {**found, f"pass@{most}": solved(attempts, most)}


def _estimates(values: Values) -> dict[str, dict[str, Any]]:
    return {
        kind: {name: _plain(_bounded(estimate(found), found)) for name, found in held.items()}
        for kind, held in values.items()
    }


def _bounded(one: Estimate, values: Sequence[float | None]) -> Estimate:
    """The estimate with the ends of its interval within 0 and 1, where all values are."""
    shares = all(value is None or 0 <= value <= 1 for value in values)
    if not shares or one.low is None or one.high is None:
        return one
    return replace(one, low=max(0.0, one.low), high=min(1.0, one.high))


def _differences(values: Values, before: Values) -> dict[str, dict[str, Any]]:
    return {
        kind: {name: _plain(difference(found, before[kind][name])) for name, found in held.items()}
        for kind, held in values.items()
    }


def _plain(one: Estimate) -> dict[str, Any]:
    """Value and interval, rounded to what they are worth."""
    held = asdict(one)
    return {
        name: round(held[name], 4) if isinstance(held[name], float) else held[name]
        for name in ("value", "low", "high", "n")
    }
