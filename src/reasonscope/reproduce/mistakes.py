"""BIG-Bench-Mistake: how often the first flagged step is the one that people labelled."""

from pathlib import Path

from reasonscope.bench.first_error import PUBLISHED, FirstErrorScore, first_error_bench
from reasonscope.reproduce.row import Reproduced

DATA = "bigbench-mistake"

FILES = ("multistep_arithmetic", "dyck_languages", "tracking_shuffled_objects")
"""The tasks with a published figure of a plain symbolic check (SCIENCE §4)."""


def rows(folder: Path) -> list[Reproduced]:
    """Two rows a task: the labelled first error found, and right traces left alone."""
    files = [folder / f"{name}.jsonl" for name in FILES]
    return [row for file in files if file.exists() for row in _task(file)]


def _task(file: Path) -> list[Reproduced]:
    score: FirstErrorScore = first_error_bench(file, DATA)
    exact, kept = PUBLISHED[score.verifier]
    name = file.stem.replace("_", " ")
    note = "published: a plain check on the whole set; ours: our verifiers on the half at hand"
    return [
        Reproduced(
            data=DATA,
            what=f"{name}: labelled first error found",
            published=exact,
            ours=score.exact_first_error,
            note=note,
        ),
        Reproduced(
            data=DATA,
            what=f"{name}: right traces left alone",
            published=kept,
            ours=score.clean_kept,
            note=note,
        ),
    ]
