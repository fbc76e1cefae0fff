"""Numbers with their uncertainty: estimates and the intervals behind them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A number with its interval, and what it rests on."""

    value: float | None
    """The number; None: it could not be assessed."""
    low: float | None = None
    """Lower end of the interval."""
    high: float | None = None
    """Upper end of the interval."""
    n: int = 0
    """How many observations."""
    clusters: int | None = None
    """How many independent groups (problems) they fall into; None: not clustered."""
    method: str = ""
    """How the interval was made, such as ``wilson`` or ``cluster bootstrap``."""
    level: float = 0.95
    """Nominal coverage of the interval."""
