"""What a missing premise does to a trace, each beside the same on whole questions."""

import random
from collections.abc import Callable, Sequence
from math import log2

from reasonscope.failures.premises.pairs import Attempt, Pair, paired, read
from reasonscope.findings import Finding, spoken
from reasonscope.provenance import seed_for
from reasonscope.stats import (
    Estimate,
    clustered_proportion,
    mean_by_cluster,
    ratio_by_cluster,
)
from reasonscope.traces.store import Study

NONE_LACKS = "no problem here lacks a premise"
NO_PAIRS = "no model answered both a question and its twin that lacks a premise"
NEVER = "no step of such a trace says that something is missing"
WHOLE = "the same on questions with all premises"
SWAPPED = "the same with the two questions of each pair swapped by lot"
MODELS = 6
"""Models with a length ratio of their own."""


def conclude(study: Study) -> list[Finding]:
    """Length against the whole question, abstention, and when something is first missed."""
    attempts = read(study)
    pairs = paired(attempts)
    none = NO_PAIRS if any(one.missing for one in attempts) else NONE_LACKS
    return [
        *_ratios(pairs, none),
        *_shares(attempts),
        *_suspicion(attempts),
        _repetition(pairs, none),
        _assessed(study, attempts, pairs),
    ]


def length_ratio(pairs: Sequence[Pair]) -> Estimate:
    """How many times as many tokens the twin without a premise gets: the geometric mean of pairs.

    A t interval on logarithms, clustered by question: one question answered by several models is
    one cluster.
    """
    logs = [log2(max(b, 1.0)) - log2(max(a, 1.0)) for a, b in _tokens(pairs)]
    mean = mean_by_cluster(logs, [pair.pair for pair in pairs])
    low, high = (None if end is None else 2.0**end for end in (mean.low, mean.high))
    return Estimate(
        value=None if mean.value is None else 2.0**mean.value,
        low=low,
        high=high,
        n=mean.n,
        clusters=mean.clusters,
        method="cluster-robust t of logarithms, paired",
    )


def _tokens(pairs: Sequence[Pair]) -> list[tuple[float, float]]:
    return [pair.means(lambda one: one.tokens) for pair in pairs]


def words_ratio(pairs: Sequence[Pair]) -> Estimate:
    """Mean words on questions without a premise over mean words on their twins (Fan 2504.06514)."""
    words = [pair.means(lambda one: one.words) for pair in pairs]
    return ratio_by_cluster(
        [lacking for _, lacking in words], [whole for whole, _ in words], [p.pair for p in pairs]
    )


def swapped(pairs: Sequence[Pair]) -> list[Pair]:
    """The pairs with the sides of about half of them swapped: nothing is left to be found."""
    rng = random.Random(seed_for("premises", "swapped"))
    return [
        Pair(pair=one.pair, model=one.model, whole=one.lacking, lacking=one.whole)
        if rng.random() < 0.5
        else one
        for one in pairs
    ]


def _ratios(pairs: Sequence[Pair], none: str) -> list[Finding]:
    models = sorted({pair.model for pair in pairs})
    over = f"Over {len(models)} models: " if len(models) > 1 else ""
    found = [
        _ratio("length_ratio", length_ratio, pairs, none, "gets {} times the tokens", over),
        _ratio("words_ratio", words_ratio, pairs, none, "gets on average {} times the words", over),
    ]
    if len(models) > 1:
        found += [
            _ratio(
                f"length_ratio of {model[:60]}",
                length_ratio,
                [pair for pair in pairs if pair.model == model],
                none,
                "gets {} times the tokens",
                f"{model[:60]}: ",
            )
            for model in models[:MODELS]
        ]
    return found


def _ratio(
    name: str,
    measure: Callable[[Sequence[Pair]], Estimate],
    pairs: Sequence[Pair],
    none: str,
    says: str,
    who: str,
) -> Finding:
    estimate = measure(pairs)
    known = estimate.value is not None
    first = "a" if who else "A"
    return Finding.of(
        "premises",
        name,
        estimate,
        f"{who}{first} question that lacks a premise {says} of its whole twin",
        missing=none,
        unit="ratio",
        control=measure(swapped(pairs)) if known else None,
        control_meaning=SWAPPED if known else "",
    )


def share(attempts: Sequence[Attempt], of: Callable[[Attempt], bool | None]) -> Estimate:
    """The share of attempts of which something is true, among those where it is known."""
    tallies: dict[str, list[int]] = {}
    for one in attempts:
        held = of(one)
        if held is not None:
            tally = tallies.setdefault(one.pair, [0, 0])
            tally[0] += held
            tally[1] += 1
    return clustered_proportion(
        [tally[0] for tally in tallies.values()], [tally[1] for tally in tallies.values()]
    )


def _sides(attempts: Sequence[Attempt]) -> tuple[list[Attempt], list[Attempt]]:
    """Attempts at whole questions, and at those that lack a premise."""
    return (
        [one for one in attempts if not one.missing],
        [one for one in attempts if one.missing],
    )


def _shares(attempts: Sequence[Attempt]) -> list[Finding]:
    whole, lacking = _sides(attempts)
    return [
        Finding.of(
            "premises",
            name,
            share(lacking, of),
            says,
            missing=NONE_LACKS,
            control=share(whole, of) if whole and lacking else None,
            control_meaning=WHOLE if whole and lacking else "",
            better="higher",
        )
        for name, of, says in (
            (
                "abstention_share",
                lambda one: one.abstains,
                "{} of the traces on questions that lack a premise end by saying that it cannot "
                "be answered as it stands",
            ),
            (
                "suspicion_share",
                lambda one: one.suspects,
                "{} of the traces on questions that lack a premise say at some point that "
                "something is missing",
            ),
        )
    ]


def _suspicion(attempts: Sequence[Attempt]) -> list[Finding]:
    whole, lacking = (
        [one for one in side if one.suspects and one.before is not None and one.after is not None]
        for side in _sides(attempts)
    )
    none = NEVER if any(one.missing for one in attempts) else NONE_LACKS
    return [
        Finding.of(
            "premises",
            name,
            measure(lacking),
            says,
            missing=none,
            unit=unit,
            control=measure(whole) if whole and lacking else None,
            control_meaning=f"{WHOLE}, of which {len(whole):,} suspect a gap"
            if whole and lacking
            else "",
        )
        for name, measure, says, unit in (
            (
                "first_suspicion_share",
                _first,
                "Where something is said to be missing, that is first said after {} of the "
                "reasoning",
                "share",
            ),
            (
                "tokens_after_suspicion",
                _after,
                "After first saying that something is missing, a trace goes on for {} tokens",
                "tokens",
            ),
        )
    ]


def _first(attempts: Sequence[Attempt]) -> Estimate:
    """Mean place of the first suspicion, from 0 (start) to 1 (end)."""
    places = [
        one.before / max(one.before + one.after, 1)
        for one in attempts
        if one.before is not None and one.after is not None
    ]
    return mean_by_cluster(places, [one.pair for one in attempts])


def _after(attempts: Sequence[Attempt]) -> Estimate:
    return mean_by_cluster([one.after or 0 for one in attempts], [one.pair for one in attempts])


def _repetition(pairs: Sequence[Pair], none: str) -> Finding:
    """How much more of the reasoning was said before, against the whole question."""
    held = [p for p in pairs if all(one.repeated is not None for one in (*p.whole, *p.lacking))]
    estimate, control = _more_repeated(held), _more_repeated(swapped(held))
    known = estimate.value is not None
    return Finding.of(
        "premises",
        "repetition_points",
        estimate,
        "The share of runs of five words that the reasoning said before differs by {} from the "
        "whole question's",
        missing=none,
        unit="points",
        control=control if known else None,
        control_meaning=SWAPPED if known else "",
    )


def _more_repeated(pairs: Sequence[Pair]) -> Estimate:
    sides = [pair.means(lambda one: one.repeated or 0.0) for pair in pairs]
    return mean_by_cluster(
        [lacking - whole for whole, lacking in sides], [pair.pair for pair in pairs]
    )


def _assessed(study: Study, attempts: Sequence[Attempt], pairs: Sequence[Pair]) -> Finding:
    rows = study.rows(
        "select count(*) filter (where r.missing), count(*) from premises r "
        "join traces t using (trace_id) group by t.problem_id order by t.problem_id"
    )
    unread = sum(1 for one in attempts if one.missing and one.abstains is None)
    estimate = clustered_proportion([row[0] for row in rows], [row[1] for row in rows])
    return Finding.of(
        "premises",
        "lacking_share",
        estimate if estimate.value else Estimate(value=None),
        f"{{}} of the traces are on questions that lack a premise; {len(pairs):,} pairs of a "
        f"question and its twin were answered by the same model; {unread:,} such traces have no "
        "last word that could be read",
        missing=NONE_LACKS if rows else "there are no traces",
    )


def told(pairs: Sequence[Pair]) -> str:
    """The length ratio in words, with its interval."""
    estimate = length_ratio(pairs)
    if estimate.value is None:
        return "unknown"
    ends = "" if estimate.low is None else f" [{estimate.low:.2g} to {estimate.high:.2g}]"
    return f"{spoken(estimate.value, 'ratio')}{ends}"
