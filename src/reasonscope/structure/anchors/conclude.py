"""What the anchors of a study's traces come to, with the same test where nothing is to be found."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random

from reasonscope.findings import Finding
from reasonscope.provenance import seed_for
from reasonscope.shares import ratio_of, share_of, with_problem
from reasonscope.stats import Estimate, clustered_proportion
from reasonscope.structure.anchors.importance import partings
from reasonscope.structure.anchors.intervals import accuracy_importance, anchors, p_value
from reasonscope.structure.anchors.rollout import Rollout
from reasonscope.traces.schema import Step
from reasonscope.traces.store import Study

ASSESSED = "importance is not null"
"""What is asked of a step to be looked at, as SQL."""
SHUFFLES = 20
"""Times that a trace's outcomes are shuffled for the control."""


def conclude(study: Study) -> list[Finding]:
    """How many steps are anchors, and how many rollouts could not be read; nothing without rows."""
    if not study.count("anchors"):
        return []
    return [_anchors(study), _traces(study), _unread(study)]


def _anchors(study: Study) -> Finding:
    estimate = share_of(study, with_problem("anchors"), "anchor", ASSESSED)
    return Finding.of(
        "anchors",
        "anchor_step_share",
        estimate,
        "{} of the steps that were resampled decide whether the answer is right",
        missing="no step has rollouts with answers that can be compared",
        control=shuffled_share(study),
        control_meaning="the same test with the rollouts' answers shuffled over the trace",
    )


def _traces(study: Study) -> Finding:
    each = (
        f"select problem_id, trace_id, bool_or(anchor) as found from ({with_problem('anchors')}) "
        f"where {ASSESSED} group by all"
    )
    return Finding.of(
        "anchors",
        "anchored_trace_share",
        share_of(study, each, "found"),
        "{} of the traces that were resampled have a step that decides whether the answer is right",
        missing="no step has rollouts with answers that can be compared",
    )


def _unread(study: Study) -> Finding:
    return Finding.of(
        "anchors",
        "rollouts_unread_share",
        ratio_of(study, with_problem("anchors"), "cut + unparsable", "rollouts"),
        "{} of the rollouts were cut or ended without an answer that could be compared",
        missing="there are no rollouts",
        better="lower",
    )


def shuffled_share(study: Study) -> Estimate:
    """The share of steps that the test calls anchors where no step can matter."""
    found: defaultdict[str, int] = defaultdict(int)
    tested: defaultdict[str, int] = defaultdict(int)
    for problem, rollouts, texts in _rolled(study):
        for index in range(SHUFFLES):
            dice = Random(seed_for("anchors shuffled", rollouts[0].trace_id, index))
            called = called_anchors(_shuffled(rollouts, dice), texts)
            tested[problem] += len(called)
            found[problem] += sum(called)
    problems = sorted(tested)
    return clustered_proportion([found[p] for p in problems], [tested[p] for p in problems])


def called_anchors(rollouts: Sequence[Rollout], texts: Sequence[str]) -> list[bool]:
    """For each step whose importance is known, whether it is called an anchor."""
    found = partings(rollouts, texts)
    called = anchors([p_value(parting.beyond, parting.left) for parting in found])
    known = [accuracy_importance(parting).value is not None for parting in found]
    return [one is True for (_, one), assessed in zip(called, known, strict=True) if assessed]


def _rolled(study: Study) -> Iterator[tuple[str, list[Rollout], list[str]]]:
    """The problem, rollouts and texts of steps of each trace that has rollouts."""
    ids = study.rows(
        "select distinct trace_id, problem_id from anchors join traces using (trace_id) order by 1"
    )
    for trace_id, problem_id in ids:
        rollouts = study.of_trace("rollouts", Rollout, trace_id)
        kept = [row for row in rollouts if row.arm == "resample" and not row.error]
        steps = sorted(study.of_trace("steps", Step, trace_id), key=lambda step: step.index)
        if kept:
            yield problem_id, kept, [step.text for step in steps]


def _shuffled(rollouts: Sequence[Rollout], dice: Random) -> list[Rollout]:
    """The same rollouts with each other's outcomes."""
    outcomes = [(row.answer, row.correct) for row in rollouts]
    dice.shuffle(outcomes)
    return [
        replace(row, answer=answer, correct=correct)
        for row, (answer, correct) in zip(rollouts, outcomes, strict=True)
    ]
