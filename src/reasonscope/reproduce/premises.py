"""Missing premises: how long models answer whole questions and broken ones."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from reasonscope.reproduce.row import Reproduced
from reasonscope.stats import Estimate, mean_by_cluster
from reasonscope.traces.formats import read
from reasonscope.traces.schema import Reading

DATA = "mip-overthinking"

Condition = Literal["normal", "MiP"]

MEAN_WORDS: dict[str, tuple[str, int, int]] = {
    "deepseekR1": ("R1", 1994, 4836),
    "DSQ": ("R1-Distill-Qwen-32B", 1805, 6480),
    "gpt4o": ("GPT-4o", 377, 398),
    "Qwen32": ("Qwen2.5-32B", 610, 305),
}
"""By folder: the model, and mean words on whole and on broken MATH questions (SCIENCE §4)."""

NOTE = (
    "the published figures of R1 and GPT-4o count the words of five more fields of the record "
    "(solution, answer, subject, level, unique_id: 107 words on average); ours count the output"
)


def rows(folder: Path) -> list[Reproduced]:
    """Mean words of the whole output, model by model, with and without the premise."""
    return [
        row
        for model, (name, whole, broken) in MEAN_WORDS.items()
        for row in (
            _row(folder, model, "normal", f"{name}: mean words, well-posed MATH", whole),
            _row(folder, model, "MiP", f"{name}: mean words, premise missing", broken),
        )
    ]


def _row(folder: Path, model: str, condition: Condition, what: str, published: int) -> Reproduced:
    held = list(_words(folder / "response" / "math" / condition / model))
    return Reproduced(
        data=DATA,
        what=what,
        published=float(published),
        ours=mean_by_cluster([float(words) for words, _ in held], [name for _, name in held])
        if held
        else Estimate(value=None),
        unit="words",
        note=NOTE,
    )


def _words(folder: Path) -> Iterator[tuple[int, str]]:
    """Words of each output, with its problem."""
    for file in sorted(folder.glob("response.json*")):
        for item in read(file):
            if isinstance(item, Reading):
                yield len(item.trace.text.split()), item.problem.problem_id
