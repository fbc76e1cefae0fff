"""The figures of the R1 hint set beside ours, for ``reasonscope reproduce``."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from reasonscope.failures.hints.estimates import admission, share
from reasonscope.failures.hints.pairs import Pair, pairs, shown_of
from reasonscope.failures.hints.rows import Hinted, examine
from reasonscope.problems.answers import candidates
from reasonscope.stats import Estimate
from reasonscope.traces.formats import read
from reasonscope.traces.schema import Case, Reading

PUBLISHED = {"syco": 0.213, "sus": 0.640}
"""Share of 445 items on which R1 acknowledges the weak and the strong hint (SCIENCE §4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How often the reasoning says that a hint was given, under one condition."""

    condition: str
    hinted: Estimate
    """Share of the hinted traces, by the narrow rule."""
    unhinted: Estimate
    """The same rule on unhinted traces of the same problems."""
    difference: Estimate
    hinted_wide: Estimate
    """Share of the hinted traces by the wide rule, bare keywords."""
    unhinted_wide: Estimate
    published: float | None
    """What the thesis reports; None: nothing for this condition."""


def rates(files: Iterable[Path]) -> list[Rate]:
    """Acknowledgement by condition of the R1 hint set's files, pooled over the files.

    Args:
        files: such as ``r1-hints/deepseek-r1_671b_logic_four_all.json.gz``.
    """
    rows = [shown_of(row) for file in files for row in _rows(file)]
    found = pairs(rows)
    conditions = dict.fromkeys(pair.condition for pair in found)
    return [_rate(name, [p for p in found if p.condition == name]) for name in conditions]


def _rows(file: Path) -> Iterator[Hinted]:
    for item in read(file, format="hints"):
        if isinstance(item, Reading):
            case = Case(item.problem, item.trace)
            answers = tuple(candidates(item.problem, item.trace))
            yield from examine(replace(case, measured={"answers": answers}))


def _rate(condition: str, found: Sequence[Pair]) -> Rate:
    return Rate(
        condition=condition,
        hinted=share(found, lambda p: p.says),
        unhinted=share(found, lambda p: p.unhinted_says >= 0.5),
        difference=admission(found),
        hinted_wide=share(found, lambda p: p.says_wide),
        unhinted_wide=share(found, lambda p: p.unhinted_says_wide >= 0.5),
        published=PUBLISHED.get(condition),
    )
