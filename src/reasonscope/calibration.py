"""Planted truth for every instrument: power, false positives, coverage (level 6)."""

from collections.abc import Callable, Sequence

from reasonscope.errors import SetupError
from reasonscope.instrument import Calibration
from reasonscope.instruments import named


def calibrate(
    instruments: Sequence[str] = (),
    *,
    n: int = 100,
    seed: int = 0,
    progress: Callable[[], None] | None = None,
) -> list[Calibration]:
    """How the named instruments (all, if none is named) do on ``n`` planted cases of each kind.

    Raises:
        SetupError: ``n`` is below 1, or an instrument is unknown.
    """
    if n < 1:
        raise SetupError(f"calibration needs at least one planted case of each kind, not {n}")
    rows: list[Calibration] = []
    for tool in named(instruments):
        rows.extend(tool.calibrate(seed, n))
        if progress is not None:
            progress()
    return rows
