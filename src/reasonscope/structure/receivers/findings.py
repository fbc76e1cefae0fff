"""What the heads of a study come to: are receiver heads steady, and are steps anything to them?"""

import math
from dataclasses import replace

from reasonscope.findings import Finding
from reasonscope.stats import Estimate, clustered_proportion
from reasonscope.structure.receivers.heads import (
    FEWEST_HALVED,
    LEVEL,
    Peaks,
    head_gains,
    split_half,
    told_by_chance,
)
from reasonscope.structure.receivers.reading import STEPS
from reasonscope.structure.receivers.store import TABLE, stored_peaks
from reasonscope.traces.store import Study

NAME = "receivers"


def conclude(study: Study) -> list[Finding]:
    """Heads told from moved borders, how steady ranks are, what was too short; or nothing."""
    held = stored_peaks(study)
    if held is None:
        return []
    _, peaks = held
    return [_told(peaks), _reliability(peaks), _too_short(study)]


def _told(peaks: Peaks) -> Finding:
    problems, fewest = len(set(peaks.problems)), fewest_problems(peaks.ranks[0].size)
    enough = problems >= fewest
    nothing = Estimate(value=None, n=len(peaks.problems), method="sign flips by problem")
    return Finding.of(
        NAME,
        "receiver_head_share",
        told_share(peaks) if enough else nothing,
        "{} of the attention heads gather on few steps more than on stretches that are no steps "
        "(q up to 0.05; the interval is over layers)",
        missing=f"one head among {peaks.ranks[0].size:,} can be told from traces of {fewest} "
        f"problems on, not of {problems}",
        control=chance_share(peaks) if enough else None,
        control_meaning="the same test with the borders of the steps moved",
    )


def fewest_problems(heads: int) -> int:
    """Problems from which on one head alone can reach the level among so many.

    Signs of all of them fall one way by chance once in two to their number.

    >>> fewest_problems(16), fewest_problems(270)
    (9, 13)
    """
    return math.ceil(math.log2(heads / LEVEL))


def told_share(peaks: Peaks) -> Estimate:
    """The share of heads that are told from moved borders, clustered by layer."""
    return _by_layer(
        [(row.layer, row.told) for row in head_gains(peaks) if row.q_value is not None]
    )


def chance_share(peaks: Peaks) -> Estimate:
    """The same of moved borders against other moved borders."""
    return _by_layer([(layer, told) for layer, told in told_by_chance(peaks) if told is not None])


def _by_layer(heads: list[tuple[int, bool]]) -> Estimate:
    layers = sorted({layer for layer, _ in heads})
    held = [[told for layer, told in heads if layer == one] for one in layers]
    found = clustered_proportion([sum(told) for told in held], [len(told) for told in held])
    return replace(found, clusters=None)  # they are layers, and told as problems elsewhere


def _reliability(peaks: Peaks) -> Finding:
    ranks = peaks.ranks.reshape(len(peaks.problems), -1)
    return Finding.of(
        NAME,
        "rank_reliability",
        split_half(ranks, peaks.problems, 0),
        "Heads that gather on few steps in one half of the problems do so in the other half: their "
        "ranks correlate by {} (the interval is over ways to halve the problems)",
        missing="ranks are compared over halves of the problems, which takes traces of "
        f"{FEWEST_HALVED} problems",
        unit="correlation",
        control=split_half(ranks, peaks.problems, 0, shuffled=True),
        control_meaning="the same with heads shuffled within each trace",
        better="higher",
    )


def _too_short(study: Study) -> Finding:
    found = study.rows(
        f"select count(*) filter (where coalesce(steps, 0) < {STEPS}), count(*) from "
        "(select distinct trace_id, problem_id from traces) left join "
        "(select trace_id, count(*) as steps from steps group by trace_id) using (trace_id) "
        "group by problem_id order by problem_id"
    )
    return Finding.of(
        NAME,
        "too_short_trace_share",
        clustered_proportion([row[0] for row in found], [row[1] for row in found]),
        f"{{}} of the traces have fewer than {STEPS} steps and are left out",
        missing="there are no traces",
        better="lower",
    )


def counts(study: Study) -> tuple[int, int]:
    """Traces that were read, and those with enough steps."""
    read = study.rows(f"select count(distinct trace_id) from {TABLE}")[0][0]
    long = study.rows(
        f"select count(*) from (select trace_id from steps group by 1 having count(*) >= {STEPS})"
    )[0][0]
    return int(read), int(long)
