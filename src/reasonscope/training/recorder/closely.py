"""What is dear, measured on a fixed sample of a step's completions: labels, returns, flips.

The sample is drawn by hash of run, step and place, one completion of a problem before a second of
any, so the same run draws the same. It is stored as traces of the model ``RUN@STEP``, so that
every other instrument can be run on it.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from reasonscope.problems.answers import candidates
from reasonscope.provenance import seed_for
from reasonscope.structure import backtracking, labels
from reasonscope.structure.backtracking.rows import Returns
from reasonscope.structure.flips.ledger import ledger
from reasonscope.structure.flips.row import Flips
from reasonscope.traces.schema import LABELS, Case, Label, Step, Trace, extra_json
from reasonscope.training.recorder.completion import Completion
from reasonscope.training.recorder.means import ratio
from reasonscope.training.recorder.outcomes import Named


def sampled(completions: Sequence[Completion], n: int, *names: str | int) -> list[Completion]:
    """``n`` completions drawn by hash, from as many problems as there are."""
    order = sorted(range(len(completions)), key=lambda place: seed_for("recorder", *names, place))
    turn: Counter[str] = Counter()
    ranked = []
    for rank, place in enumerate(order):
        one = completions[place]
        if one.known:
            ranked.append((turn[one.problem], rank, place))
            turn[one.problem] += 1
    return [completions[place] for _, _, place in sorted(ranked)[:n]]


def measured(sample: Sequence[Completion]) -> Iterator[Named]:
    """Label shares, returns and checks per 1,000 tokens, and changes of the answer."""
    cases = [_with_verdicts(one) for one in sample]
    problems = [one.problem for one in sample]
    said = [labels.examine(case) for case in cases]
    yield from _labels(said, problems)
    returns = [row for case in cases for row in backtracking.examine(case)]
    yield from _returns(returns, problems)
    yield from _flips([_ledger(case) for case in cases], problems)


def _with_verdicts(one: Completion) -> Case:
    case = one.judged.case
    return replace(case, measured={"verdicts": tuple(one.judged.verdicts)})


def _labels(said: Sequence[Sequence[Label]], problems: Sequence[str]) -> Iterator[Named]:
    counts = [Counter(label.label for label in row) for row in said]
    steps = [float(len(row)) for row in said]
    for label in LABELS:
        shares = ratio([float(count[label]) for count in counts], steps, problems)
        yield "label_share", label, shares


def _returns(rows: Sequence[Returns], problems: Sequence[str]) -> Iterator[Named]:
    tokens = [float(row.tokens) for row in rows]
    per = 1_000.0
    turned = ratio([per * len(row.return_steps) for row in rows], tokens, problems)
    checks = ratio([per * row.checks for row in rows], tokens, problems)
    yield "backtracks_per_1k_tokens", "", turned
    yield "checks_per_1k_tokens", "", checks


def _ledger(case: Case) -> Flips:
    return ledger(case, candidates(case.problem, case.trace, case.steps))


def _flips(rows: Sequence[Flips], problems: Sequence[str]) -> Iterator[Named]:
    """Among completions that state an answer on their way: do they change it, and how."""
    stated = [1.0 if row.identities else 0.0 for row in rows]
    changed = [float(any(a != b for a, b in pairwise(row.identities))) for row in rows]
    yield "flip_share", "", ratio(changed, stated, problems)
    lost = ratio([float(row.right_to_wrong > 0) for row in rows], stated, problems)
    won = ratio([float(row.wrong_to_right > 0) for row in rows], stated, problems)
    yield "flip_share", "right_to_wrong", lost
    yield "flip_share", "wrong_to_right", won


def stored(one: Completion, run: str, step: int) -> tuple[Trace, tuple[Step, ...]]:
    """A sampled completion as a trace of the model ``RUN@STEP``, with its steps."""
    case = one.judged.case
    extra = {"run": run, "training_step": step, "rewards": dict(one.rewards), "total": one.total}
    renamed = replace(case.trace, model=f"{run}@{step}", extra=extra_json(extra))
    trace = renamed.numbered(case.trace.sample)
    return trace, tuple(replace(held, trace_id=trace.trace_id) for held in case.steps)
