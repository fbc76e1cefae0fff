"""Equations in the traces of a reasoning model: how many of the checkable ones are false."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from reasonscope.reproduce.row import Reproduced
from reasonscope.stats import clustered_proportion
from reasonscope.traces.formats import read
from reasonscope.traces.schema import Case, Reading, Verdict
from reasonscope.traces.segment import steps_of
from reasonscope.verify.judge import judge

DATA = "mip-overthinking"
FILE = Path("response/gsm8k/normal/deepseekR1/response.json.gz")
TRACES = 200
PUBLISHED = 17 / 2242
"""False among checkable equations in 200 GSM8K traces of R1 (SCIENCE §4)."""


def rows(folder: Path) -> list[Reproduced]:
    """One row: false among checkable equations, in the first 200 traces."""
    if not (folder / FILE).exists():
        return []
    checked = list(_checked(folder / FILE))
    false = [sum(v.correct is False for v in held) for held in checked]
    ours = clustered_proportion(false, [len(held) for held in checked])
    return [
        Reproduced(
            data=DATA,
            what=f"false among checkable equations, first {TRACES} GSM8K traces of R1",
            published=PUBLISHED,
            ours=ours,
            note="all that we flag here were read; early versions of our parser flagged as many as "
            "published, and those flags were the parser's errors (docs/instruments/equations.md)",
        )
    ]


def _checked(file: Path) -> Iterator[list[Verdict]]:
    """The checkable equations of each trace, each of a problem of its own."""
    readings = (item for item in read(file) if isinstance(item, Reading))
    for reading in islice(readings, TRACES):
        steps = tuple(steps_of(reading.trace, reading.step_ends))
        verdicts = judge(Case(reading.problem, reading.trace, steps))
        yield [v for v in verdicts if v.verifier == "equations" and v.correct is not None]
