"""All published figures beside ours, from a folder that holds the public sets."""

from collections.abc import Callable, Iterator
from pathlib import Path

from reasonscope.errors import SetupError
from reasonscope.reproduce import anchors, equations, hints, mistakes, premises
from reasonscope.reproduce.row import Reproduced
from reasonscope.stats import Estimate

SETS: tuple[tuple[str, Callable[[Path], list[Reproduced]]], ...] = (
    (anchors.DATA, anchors.rows),
    (premises.DATA, premises.rows),
    (equations.DATA, equations.rows),
    (hints.DATA, hints.rows),
    (mistakes.DATA, mistakes.rows),
)
"""The name of a set's folder, and what makes rows of it."""


def reproduce(folder: str | Path) -> Iterator[Reproduced]:
    """The published figures beside ours, set by set; a set that is missing is one row.

    Args:
        folder: holds the public sets under their own names, such as ``thought-anchors``.

    Raises:
        SetupError: none of the sets is there.
    """
    root = Path(folder)
    names = dict.fromkeys(name for name, _ in SETS)
    if not any((root / name).is_dir() for name in names):
        raise SetupError(f"'{root}' holds none of the folders {', '.join(names)}")
    yield from (_missing(name) for name in names if not (root / name).is_dir())
    for name, rows in SETS:
        if (root / name).is_dir():
            yield from rows(root / name)


def _missing(name: str) -> Reproduced:
    return Reproduced(
        data=name,
        what="the set is not there",
        published=None,
        ours=Estimate(value=None),
        note=f"looked for the folder '{name}'",
    )
