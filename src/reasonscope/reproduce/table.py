"""All published figures beside ours, from a folder that holds the public sets."""

from collections.abc import Callable, Iterator
from pathlib import Path

from reasonscope.errors import SetupError
from reasonscope.reproduce import anchors
from reasonscope.reproduce.row import Reproduced
from reasonscope.stats import Estimate

SETS: dict[str, Callable[[Path], list[Reproduced]]] = {
    anchors.DATA: anchors.rows,
}
"""By name of the set's folder, what makes its rows."""


def reproduce(folder: str | Path) -> Iterator[Reproduced]:
    """The published figures beside ours, set by set; a set that is missing is one row.

    Args:
        folder: holds the public sets under their own names, such as ``thought-anchors``.

    Raises:
        SetupError: none of the sets is there.
    """
    root = Path(folder)
    if not any((root / name).is_dir() for name in SETS):
        raise SetupError(f"'{root}' holds none of the folders {', '.join(SETS)}")
    for name, rows in SETS.items():
        if (root / name).is_dir():
            yield from rows(root / name)
        else:
            yield Reproduced(
                data=name,
                what="the set is not there",
                published=None,
                ours=Estimate(value=None),
                note=f"looked for the folder '{name}'",
            )
