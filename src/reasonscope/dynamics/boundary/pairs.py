"""Which models of a study are compared, and which of the two is the base."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reasonscope.dynamics.boundary.counts import Sampled
from reasonscope.traces.store import Study

CHECKPOINT = re.compile(r"(?P<run>.{1,400})@(?P<step>[0-9]{1,12})")
"""A checkpoint's name: the run and the steps done."""

BASE_WORD = re.compile(r"(?:^|[-_/. ])base(?:$|[-_/.@ ])", re.IGNORECASE)
"""The word that publishers put into the name of a model before post-training."""

MOST_PAIRS = 6
"""More pairs are not compared; the findings count them."""

STATED = """
select distinct model, json_extract_string(extra, '$.base_model') from traces
where json_extract_string(extra, '$.base_model') is not null order by all
"""
"""What the traces' sources state in ``extra``: the model that a model was trained from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two models to compare."""

    base: str
    """The one before training, as far as that is known."""
    other: str
    """The one after."""
    known_by: str
    """How it is known which is the base; empty: it is not, and the order is that of names."""


def stated(study: Study) -> dict[str, str]:
    """By model, the base model that its traces state under ``base_model``."""
    return dict(study.rows(STATED))


def pairs(models: Sequence[Sampled], bases: Mapping[str, str]) -> list[Pair]:
    """The pairs to compare, those with most attempts first.

    What the traces state goes first; then checkpoints RUN@STEP, the first step against the last;
    then the one model with the word ``base`` in its name against each that is left. Where nothing
    tells, the first in the order of names stands first, and nobody is called the base.
    """
    sizes = {one.model: one.total for one in models}
    names = sorted(sizes)
    told = [
        Pair(base=bases[name], other=name, known_by="stated by the traces")
        for name in names
        if bases.get(name) in sizes and bases[name] != name
    ]
    found = [*told, *_of_runs(names, {pair.other for pair in told})]
    used = {name for pair in found for name in (pair.base, pair.other)}
    steps = {name for name in names if _run(name) in {_run(one) for one in used} - {None}}
    found += _by_name([name for name in names if name not in used | steps], sorted(used))
    return sorted(found, key=lambda p: (-min(sizes[p.base], sizes[p.other]), p.base, p.other))


def _run(name: str) -> str | None:
    match = CHECKPOINT.fullmatch(name)
    return match["run"] if match else None


def checkpoints(names: Sequence[str]) -> dict[str, list[str]]:
    """By run, its checkpoints in the order of their steps.

    >>> checkpoints(["a@100", "a@20", "b"])
    {'a': ['a@20', 'a@100']}
    """
    runs: dict[str, list[tuple[int, str]]] = {}
    for name in names:
        if match := CHECKPOINT.fullmatch(name):
            runs.setdefault(match["run"], []).append((int(match["step"]), name))
    return {run: [name for _, name in sorted(found)] for run, found in sorted(runs.items())}


def _of_runs(names: Sequence[str], done: set[str]) -> list[Pair]:
    """The first and the last checkpoint of each run that has two."""
    return [
        Pair(base=steps[0], other=steps[-1], known_by="first and last checkpoint of the run")
        for steps in checkpoints(names).values()
        if len(steps) > 1 and steps[-1] not in done
    ]


def _by_name(rest: Sequence[str], used: Sequence[str]) -> list[Pair]:
    """Those that nothing else pairs: against the one that is called base, else against the first.

    A single model that is left over is compared with one of those used already.
    """
    called = [name for name in [*rest, *used] if BASE_WORD.search(name)]
    first = called[0] if len(called) == 1 else next(iter([*rest, *used]), None)
    known = "its name" if len(called) == 1 else ""
    if first is None or not rest:
        return []
    return [Pair(base=first, other=name, known_by=known) for name in rest if name != first]
