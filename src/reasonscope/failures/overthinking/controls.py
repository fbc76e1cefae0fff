"""The same measured where nothing should be found, on a sample of traces."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from reasonscope.failures.overthinking.examining import stretches, underthinking
from reasonscope.failures.overthinking.repetition import repetition, words_of
from reasonscope.failures.overthinking.solutions import ways
from reasonscope.failures.overthinking.thoughts import right_step, thought_end, thought_starts
from reasonscope.provenance import seed_for
from reasonscope.stats import Estimate, clustered_proportion, mean_by_cluster, ratio_by_cluster
from reasonscope.stats.possible import possible
from reasonscope.structure.flips.controls import partners, sample
from reasonscope.structure.flips.row import Flips
from reasonscope.traces.lengths import tokens_before
from reasonscope.traces.schema import Case, Problem
from reasonscope.traces.store import Study


def shuffled_words(study: Study) -> Estimate | None:
    """The share of words that stood before, in the same words in a drawn order."""
    cases = sample(study, "select trace_id from overthinking where words > 0")
    found = [(repetition([_mixed(case)]), case) for case in cases]
    if not found:
        return None
    return ratio_by_cluster(
        [mixed.repeated for mixed, _ in found],
        [mixed.words for mixed, _ in found],
        [case.problem.problem_id for _, case in found],
    )


def _mixed(case: Case) -> str:
    words = words_of(case.trace.reasoning)
    random.Random(seed_for("overthinking words", case.trace.trace_id)).shuffle(words)
    return " ".join(words)


@dataclass(frozen=True, slots=True)
class OtherAnswer:
    """Underthinking as if the right answer were that of another problem."""

    score: Estimate
    holds: Estimate
    """The share of wrong traces with such a thought."""


def other_answer(study: Study) -> OtherAnswer | None:
    """How often chance alone puts a right thought into a trace with a wrong answer."""
    partner = partners(study)
    wrong = "select trace_id from overthinking where final_correct = false and tokens > 0"
    scores: dict[str, list[float]] = {}
    for case in sample(study, wrong):
        other = partner.get(case.problem.problem_id)
        if other is not None:
            scores.setdefault(case.problem.problem_id, []).append(_score(case, other))
    if not scores:
        return None
    flat = [(score, name) for name, own in scores.items() for score in own]
    return OtherAnswer(
        score=possible(
            mean_by_cluster([score for score, _ in flat], [name for _, name in flat]), most=1.0
        ),
        holds=clustered_proportion(
            [sum(score > 0 for score in own) for own in scores.values()],
            [len(own) for own in scores.values()],
        ),
    )


def _score(case: Case, other: Problem) -> float:
    before = tokens_before(case.steps)
    step = right_step(case, (), other)
    end = None if step is None else thought_end(thought_starts(case.steps), step, len(case.steps))
    return underthinking(False, None if end is None else before[end], before[-1]) or 0.0


def exchanged(study: Study) -> Estimate | None:
    """Process efficiency where each solution after the first is taken from another problem.

    Solutions of different problems go different ways: what is missing from this value up to the
    share of tokens in solutions is the fault of the comparison.
    """
    cases = sample(study, "select trace_id from overthinking where solutions > 1")
    rows = {
        row.trace_id: row
        for row in study.of_traces("flips", Flips, [case.trace.trace_id for case in cases])
    }
    held = [(case, rows[case.trace.trace_id]) for case in cases]
    if len({case.problem.problem_id for case in cases}) < 2:
        return None
    texts = [stretches(case, row) for case, row in held]
    shares = [_with_foreign(row, texts, place) for place, (_, row) in enumerate(held)]
    return mean_by_cluster(shares, [case.problem.problem_id for case, _ in held])


def _with_foreign(row: Flips, texts: Sequence[Sequence[str]], place: int) -> float:
    """The share of a trace's tokens in ways of their own, its later solutions exchanged."""
    own = texts[place]
    mixed = [own[0]] + [
        texts[(place + step) % len(texts)][min(step, len(texts[(place + step) % len(texts)]) - 1)]
        for step in range(1, len(own))
    ]
    chosen = ways(mixed, [0] * len(mixed))
    spent = [end - start for start, end in zip([0, *row.tokens_at], row.tokens_at, strict=False)]
    firsts = {chosen.index(way) for way in chosen}
    return sum(spent[first] for first in firsts) / max(1, row.tokens)
