"""The anchors of a trace in one call: rollouts where they decide something, then importances.

Rollouts are stored as they come, so that a killed call goes on where it stopped.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from reasonscope.errors import SetupError
from reasonscope.findings import Finding
from reasonscope.instruments import instruments
from reasonscope.measuring import measure
from reasonscope.models.continuing import Continuer
from reasonscope.models.generation import Sampling
from reasonscope.models.prompts import prompted
from reasonscope.provenance import content_id
from reasonscope.structure.anchors import commitment, necessity, resilience, step_matrix
from reasonscope.structure.anchors.agreement import own_answer
from reasonscope.structure.anchors.budget.allocation import (
    Allocator,
    Policy,
    Setting,
    Spent,
    expected_costs,
)
from reasonscope.structure.anchors.budget.planning import Plan, plan
from reasonscope.structure.anchors.importance import Alike, importances
from reasonscope.structure.anchors.record import Anchor
from reasonscope.structure.anchors.rolling import roll
from reasonscope.structure.anchors.rollout import Request, Rollout
from reasonscope.structure.anchors.step_matrix.comparing import similar_texts
from reasonscope.structure.anchors.step_matrix.said import Similar
from reasonscope.structure.anchors.store import CONCLUDED, RolloutRun, RolloutStore
from reasonscope.traces.lengths import estimated_tokens, step_tokens
from reasonscope.traces.schema import Case, Problem
from reasonscope.traces.store import Study

PACE_ROLLOUTS, PACE_TOKENS = 32, 32
"""Rollouts, and most tokens of each, that tell how fast a model goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rolled:
    """How far the rollouts of a trace are."""

    rollouts: int
    tokens: int
    seconds: float

    @property
    def tokens_per_second(self) -> float:
        """Tokens sampled in a second of this call."""
        return self.tokens / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchored:
    """What was found of one trace."""

    case: Case
    anchors: tuple[Anchor, ...]
    """One row for each step."""
    spent: Spent
    """What the search for anchors took; tests of need come on top."""
    beside: tuple[Finding, ...] = ()
    """What else the study's rollouts come to by now: necessity, commitment, matrix, resilience."""

    @property
    def failed(self) -> int:
        """Rollouts that brought nothing back."""
        return sum(row.failed for row in self.anchors)

    def to_json(self) -> dict[str, Any]:
        """The steps with their importances, and what was spent, as a JSON object."""
        return {
            "trace_id": self.case.trace.trace_id,
            "steps": [asdict(row) for row in self.anchors],
            "spent": {**asdict(self.spent), "saved": self.spent.saved},
        }


def find_anchors(
    study: Study | str | Path,
    trace: str,
    continuer: Continuer,
    policy: Policy,
    *,
    sampling: Sampling,
    alike: Alike | None = None,
    need: int = 0,
    similar: Similar | None = None,
    prompt_for: Callable[[Problem], str] | None = None,
    again: bool = False,
    progress: Callable[[Rolled], None] | None = None,
) -> Anchored:
    """Which steps of a trace decide its answer, stored in tables ``rollouts`` and ``anchors``.

    Args:
        study: A study or its folder.
        trace: The trace's id, or how it begins.
        continuer: What goes on from its prefixes.
        policy: Where rollouts are spent.
        sampling: How tokens are drawn; ``max_tokens`` bounds a rollout.
        alike: Tells which resampled steps mean the same; None: the counterfactual importance
            stays unknown.
        need: Rollouts at every prefix in which the answer is asked for at once, and as many of
            some steps with a wrong number in them: whether the reasoning is needed at all, and
            from where on the answer stands (tables ``necessity`` and ``commitment``).
        similar: Tells which texts say the same: also read which steps come from which, and which
            come back when they are replaced (tables ``step_matrix`` and ``resilience``). None:
            only where that was read before, by the best measure at hand.
        prompt_for: Makes the prompt of a trace that came without one.
        again: Remove the trace's rollouts and begin anew.
        progress: Told after each rollout how far it is.

    Raises:
        SetupError: There is no such trace, it has no steps, it does not fit the model, or its
            rollouts so far were made with other settings.
    """
    held = study if isinstance(study, Study) else Study.open(study)
    instruments()  # their tables become known
    case = prompted(held.trace(trace), prompt_for)
    with held.writing():
        store = RolloutStore(held, _run(case, continuer, sampling), again=again)
        allocator = Allocator(policy, setting_of(case), store.rows())
        others = _missing(_needed(case, need), store.rows())
        with store.kept():
            for row in _rolled(case, continuer, sampling, allocator, others, progress):
                store.add(row)
        rows = _concluded(case, store, alike)
        if similar is None and case.trace.trace_id in held.part_keys("step_matrix"):
            similar = similar_texts(_texts(case))  # new rollouts belong in the matrix that is there
        if similar is not None:
            _compared(held, case, store, similar)
        more = f"{f' --need {need}' if need else ''}{' --matrix' if similar is not None else ''}"
        held.remember_command(
            f"anchors --trace {case.trace.trace_id} --model {continuer.name} --seed {sampling.seed}"
            + more
        )
    found = measure(held, CONCLUDED)
    beside = tuple(one for one in found if one.instrument != "anchors")
    return Anchored(case=case, anchors=tuple(rows), spent=allocator.spent(), beside=beside)


def _concluded(case: Case, store: RolloutStore, alike: Alike | None) -> list[Anchor]:
    """What all stored rollouts of the trace say, written beside them."""
    made = store.rows()
    anchors = importances(made, _texts(case), alike=alike)
    store.conclude("anchors", anchors)
    if any(row.arm == "forced" for row in made):
        told = case.trace.trace_id, len(case.steps), made, own_answer(case)
        store.conclude("necessity", necessity.read(*told))
        store.conclude("commitment", [commitment.read(*told)])
    return anchors


def _compared(study: Study, case: Case, store: RolloutStore, similar: Similar) -> None:
    """The step matrix and the resilience of the trace, from all of its stored rollouts."""
    own, others = _texts(case), _others(study, case)
    places = step_matrix.said_again([*own, *others], store.rows(), similar)
    ours = {kept: said.of(slice(len(own))) for kept, said in places.items() if kept <= len(own)}
    control = {kept: said.of(slice(len(own), None)) for kept, said in places.items()}
    trace_id = case.trace.trace_id
    store.conclude("step_matrix", step_matrix.read(trace_id, ours))
    store.conclude("resilience", resilience.read(trace_id, ours, control))


def _texts(case: Case) -> list[str]:
    return [step.text for step in case.steps]


def _others(study: Study, case: Case) -> list[str]:
    """The steps of a trace of another problem, the one most like it in length; none: empty."""
    found = study.rows(
        "select trace_id from traces join steps using (trace_id) where problem_id <> ? "
        "group by trace_id order by abs(count(*) - ?), trace_id limit 1",
        [case.problem.problem_id, len(case.steps)],
    )
    return _texts(study.trace(found[0][0])) if found else []


def planned(
    case: Case,
    continuer: Continuer,
    sampling: Sampling,
    effect: float = 0.1,
    prompt_for: Callable[[Problem], str] | None = None,
) -> Plan:
    """What it takes to see an effect in any step of a trace, in rollouts, tokens and minutes.

    Minutes are at the speed of a few short rollouts that are made for it and not kept.

    Args:
        case: The trace.
        continuer: What would go on from its prefixes.
        sampling: How tokens would be drawn.
        effect: The importance to be seen.
        prompt_for: Makes the prompt of a trace that came without one.
    """
    setting = setting_of(case)
    requests = (Request(kept=len(case.steps) // 2, index=index) for index in range(PACE_ROLLOUTS))
    began, tokens = time.monotonic(), 0
    asked = prompted(case, prompt_for)
    for row in roll(asked, continuer, requests, sampling, limit=PACE_TOKENS):
        tokens += row.tokens
    speed = tokens / (time.monotonic() - began)
    return plan(setting, effect=effect, tokens_per_second=speed or None)


def setting_of(case: Case) -> Setting:
    """What the rollouts of a trace are expected to cost, by prefix.

    Raises:
        SetupError: the trace has no steps.
    """
    if not case.steps:
        raise SetupError(
            f"trace {case.trace.trace_id} has no steps, so there is nothing to resample"
        )
    after = estimated_tokens(case.trace.closing + case.trace.answer) + 1
    return Setting(
        expected_costs(step_tokens(case.steps), after), own=tuple(step.text for step in case.steps)
    )


def _run(case: Case, continuer: Continuer, sampling: Sampling) -> RolloutRun:
    return RolloutRun(
        trace_id=case.trace.trace_id,
        model=continuer.name,
        identity=continuer.identity,
        prompt=content_id("prompt", case.trace.prompt),
        temperature=sampling.temperature,
        top_p=sampling.top_p,
        limit=sampling.max_tokens,
        seed=sampling.seed,
    )


def _needed(case: Case, samples: int) -> list[Request]:
    if not samples:
        return []
    steps = len(case.steps)
    return [
        *necessity.early(steps, samples, places=steps),
        *necessity.mistakes(case, samples),
    ]


def _missing(wanted: Iterable[Request], rows: Iterable[Rollout]) -> list[Request]:
    made = {(row.arm, row.kept, row.index) for row in rows}
    return [one for one in wanted if (one.arm, one.kept, one.index) not in made]


def _rolled(
    case: Case,
    continuer: Continuer,
    sampling: Sampling,
    allocator: Allocator,
    others: list[Request],
    progress: Callable[[Rolled], None] | None,
) -> Iterator[Rollout]:
    """New rollouts: first the other arms', then as the allocator asks, told what came back."""
    began, rollouts, tokens = time.monotonic(), 0, 0
    waiting: Iterable[Request] = others
    while waiting or not allocator.finished:
        asked = waiting or allocator.asked()
        for row in roll(
            case, continuer, asked, sampling, base_seed=sampling.seed, limit=sampling.max_tokens
        ):
            allocator.tell(row)
            rollouts, tokens = rollouts + 1, tokens + row.tokens
            if progress is not None:
                seconds = time.monotonic() - began
                progress(Rolled(rollouts=rollouts, tokens=tokens, seconds=seconds))
            yield row
        waiting = []
