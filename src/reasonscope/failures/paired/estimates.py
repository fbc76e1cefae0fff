"""From rows to numbers: contradictions, the lean towards yes, and pairs that are biased."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from reasonscope.provenance import content_id, seed_for
from reasonscope.stats import Estimate, clustered_proportion, mean_by_cluster, newcombe, wilson

ROLLOUTS = 10
"""Answers on each side from which a pair is judged by itself (F3)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The answers of one model to the two questions of a pair, in the order of the samples."""

    model: str
    pair: str
    first: tuple[bool, ...]
    """Answers to the one question: true for yes."""
    second: tuple[bool, ...]

    @property
    def cluster(self) -> str:
        """Pairs are the clusters, whichever model answers."""
        return self.pair


def asked(rows: Sequence[tuple[str, str, str, bool | None]]) -> list[Asked]:
    """Pairs of which both questions have answers, from rows of model, pair, side and yes.

    A name that more or fewer than two questions share is no pair.
    """
    sides: dict[tuple[str, str], dict[str, list[bool]]] = defaultdict(dict)
    for model, pair, side, yes in rows:
        held = sides[model, pair].setdefault(side, [])
        if yes is not None:
            held.append(yes)
    return [
        Asked(model=model, pair=pair, first=tuple(one), second=tuple(other))
        for (model, pair), held in sides.items()
        if len(held) == 2
        for one, other in [(held[side] for side in sorted(held))]
        if one and other
    ]


def contradictory(found: Sequence[Asked]) -> Estimate:
    """How often the two answers contradict each other: both yes or both no, sample by sample."""
    hits: dict[str, list[bool]] = defaultdict(list)
    for one in found:
        hits[one.cluster] += [a == b for a, b in zip(one.first, one.second)]
    return clustered_proportion([sum(h) for h in hits.values()], [len(h) for h in hits.values()])


def exchanged(found: Sequence[Asked]) -> Estimate | None:
    """The same with the second question taken from another pair: answers of no relation."""
    order = sorted(found, key=lambda one: content_id("exchange", one.model, one.pair))
    by_model: dict[str, list[Asked]] = defaultdict(list)
    for one in order:
        by_model[one.model].append(one)
    mixed = [
        Asked(model=one.model, pair=one.pair, first=one.first,
              second=other.second if index % 2 else other.first)
        for group in by_model.values() if len(group) > 1
        for index, (one, other) in enumerate(zip(group, [*group[1:], group[0]], strict=True))
    ]  # fmt: skip
    return contradictory(mixed) if mixed else None


def lean(found: Sequence[Asked]) -> Estimate:
    """How much more often both answers are yes than both no: 0 without a bias, at most 1."""
    known = [
        (int(a and b) - int(not a and not b), one.cluster)
        for one in found
        for a, b in zip(one.first, one.second)
    ]
    return mean_by_cluster([value for value, _ in known], [cluster for _, cluster in known])


def lean_control(found: Sequence[Asked], *seed: str | int) -> Estimate | None:
    """The same with yes and no renamed by the toss of a coin in each pair."""
    if not found:
        return None
    rng = random.Random(seed_for("paired control", *seed))
    return lean([_renamed(one) if rng.random() < 0.5 else one for one in found])


def _renamed(one: Asked) -> Asked:
    turned = [tuple(not yes for yes in side) for side in (one.first, one.second)]
    return Asked(model=one.model, pair=one.pair, first=turned[0], second=turned[1])


def is_biased(first: Sequence[bool], second: Sequence[bool]) -> bool:
    """Whether two questions that exclude each other get the same answer, beyond chance.

    The usual answer is the same to both, and the interval of the difference between the share of
    yes to the one and of no to the other leaves 0 out.
    """
    ones, others = sum(first), sum(second)
    same_side = (2 * ones > len(first)) == (2 * others > len(second))
    tied = 2 * ones == len(first) or 2 * others == len(second)
    apart = newcombe(ones, len(first), len(second) - others, len(second))
    if apart.low is None or apart.high is None:
        return False
    return same_side and not tied and not apart.low <= 0 <= apart.high


def biased(found: Sequence[Asked]) -> Estimate:
    """The share of pairs that are biased, among those with enough answers on each side."""
    enough = [one for one in found if min(len(one.first), len(one.second)) >= ROLLOUTS]
    flagged = [is_biased(one.first, one.second) for one in enough]
    hits: dict[str, list[bool]] = defaultdict(list)
    for one, flag in zip(enough, flagged, strict=True):
        hits[one.cluster].append(flag)
    if len(hits) == len(enough):
        return wilson(sum(flagged), len(flagged))
    return clustered_proportion([sum(h) for h in hits.values()], [len(h) for h in hits.values()])


def biased_control(found: Sequence[Asked]) -> Estimate | None:
    """The same of one question beside itself: its answers halved, one half turned round."""
    halves = [
        Asked(model=one.model, pair=one.pair, first=one.first[::2],
              second=tuple(not yes for yes in one.first[1::2]))
        for one in found if min(len(one.first), len(one.second)) >= ROLLOUTS
    ]  # fmt: skip
    flagged = [is_biased(one.first, one.second) for one in halves]
    return wilson(sum(flagged), len(flagged)) if halves else None
