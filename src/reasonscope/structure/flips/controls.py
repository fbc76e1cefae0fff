"""The same measured where nothing should be found: shuffled order, another problem's answer."""

import random
from collections.abc import Sequence
from dataclasses import replace

from reasonscope.problems.answers.reference import reference
from reasonscope.provenance import content_id, seed_for
from reasonscope.stats import Estimate, clustered_proportion
from reasonscope.structure.flips.reached import reached
from reasonscope.structure.flips.shares import Line
from reasonscope.traces.lengths import tokens_before
from reasonscope.traces.schema import Candidate, Case, Problem
from reasonscope.traces.store import Study

SAMPLE, PARTS = 160, 4
"""Most traces of a control, and most parts of the study that they are taken from."""
MAX_CHARACTERS = 100_000
"""A longer trace is left out of that search."""


def shuffled(held: Sequence[Line]) -> list[Line]:
    """The lines with their candidates, the final answer among them, in a drawn order."""
    draw = random.Random(seed_for("flips shuffled", len(held)))
    return [_shuffled(line, draw) for line in held]


def _shuffled(line: Line, draw: random.Random) -> Line:
    ends = [*zip(line.outcomes, line.identities, strict=True)]
    if line.final is not None:
        ends.append(("T" if line.final else "F", _last_identity(line)))
    draw.shuffle(ends)
    kept = ends[: len(line.outcomes)]
    last = ends[-1][0] if ends else "?"
    return replace(
        line,
        outcomes="".join(letter for letter, _ in kept),
        identities=tuple(identity for _, identity in kept),
        final={"T": True, "F": False}.get(last) if line.final is not None else None,
    )


def _last_identity(line: Line) -> int:
    """An identity for the final answer: that of the last candidate with its outcome."""
    letter = "T" if line.final else "F"
    place = line.outcomes.rfind(letter)
    return line.identities[place] if place >= 0 else -1


def by_chance(study: Study) -> Estimate | None:
    """The share of tokens after a match with the right answer of another problem of the family.

    Traces that hold no such match count with no tokens after it: this is what the search finds
    where there is nothing to find.
    """
    found = _searched(study)
    return token_share(found) if found else None


def token_share(found: Sequence[tuple[str, int, int]]) -> Estimate:
    """The share of tokens that come after a match, over rows of problem, such tokens and all.

    Most traces hold no match, so the share is near 0, where Student's interval reaches below 0
    and has no width at 0. Tokens are therefore counted as observations clustered by problem,
    whose Wilson interval stays within 0 and 1.

    >>> token_share([("p", 0, 90), ("q", 0, 90), ("r", 0, 90)]).low
    0.0
    """
    hits: dict[str, int] = {}
    sizes: dict[str, int] = {}
    for problem, after, whole in found:
        hits[problem] = hits.get(problem, 0) + after
        sizes[problem] = sizes.get(problem, 0) + whole
    estimate = clustered_proportion([*hits.values()], [*sizes.values()])
    return replace(estimate, n=len(found))


def _searched(study: Study) -> list[tuple[str, int, int]]:
    """Problem, tokens after a match with another problem's answer, and all tokens of a trace."""
    partner = partners(study)
    return [
        (case.problem.problem_id, *_after(case, partner[case.problem.problem_id]))
        for case in sample(study, "select trace_id from flips where right_tokens is not null")
        if case.problem.problem_id in partner
    ]


def _after(case: Case, other: Problem) -> tuple[int, int]:
    """Tokens after the first place where another problem's answer comes out, and all tokens."""
    decoy = Candidate(
        trace_id=case.trace.trace_id,
        order=0,
        step_index=None,
        char_start=0,
        char_end=1,
        text=reference(other) or "",
        correct=True,
    )
    before = tokens_before(case.steps)
    place = next(reached(case.problem, case.steps, [decoy]), None)
    return (0 if place is None else before[-1] - before[place.step_index + 1]), before[-1]


def sample(study: Study, among: str) -> list[Case]:
    """Traces for a control, in hashed order from few parts: reading all of a large study is slow.

    Args:
        study: The study.
        among: A query of our own that gives the ids of the traces to choose from.
    """
    rows = study.rows(
        f"select trace_id from traces where length(reasoning) <= ? and trace_id in ({among}) "
        "order by md5(trace_id)",
        [MAX_CHARACTERS],
    )
    eligible = [row[0] for row in rows]
    keys = sorted(study.part_keys("traces"), key=lambda key: content_id("sample", key))
    if len(eligible) > SAMPLE:
        keys = keys[:PARTS]
    most = SAMPLE if len(eligible) <= SAMPLE else -(-SAMPLE // max(1, len(keys)))
    chosen: list[Case] = []
    for key in keys:
        own = set(study.read_part("traces", key, ["trace_id"])["trace_id"].to_pylist())
        wanted = [one for one in eligible if one in own][:most]
        chosen += study.cases(key, wanted) if wanted else []
    return chosen


def partners(study: Study) -> dict[str, Problem]:
    """For each problem another of its family and kind with another answer, in hashed order."""
    groups: dict[tuple[str, str], list[Problem]] = {}
    known = [p for p in study.records("problems", Problem) if p.answer is not None]
    for problem in sorted(known, key=lambda p: content_id("flips decoy", p.problem_id)):
        groups.setdefault((problem.family, problem.answer_kind), []).append(problem)
    return {
        one.problem_id: other
        for group in groups.values()
        for one, other in zip(group, [*group[1:], group[0]], strict=True)
        if one.answer != other.answer
    }
