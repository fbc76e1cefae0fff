"""One published figure beside ours."""

from dataclasses import asdict, dataclass
from typing import Any

from reasonscope.stats import Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Reproduced:
    """A published figure, what we find on the data at hand, and how they compare."""

    data: str
    """The data set."""
    what: str
    """The quantity, in words."""
    published: float | None
    """The figure as published; None: only its direction is."""
    ours: Estimate
    """The same on the files at hand."""
    unit: str = "share"
    """As in a finding."""
    note: str = ""
    """What differs between the published measurement and ours."""

    @property
    def inside(self) -> bool | None:
        """Whether the published figure lies in our interval; None: nothing to compare."""
        if self.published is None or self.ours.low is None or self.ours.high is None:
            return None
        return self.ours.low <= self.published <= self.ours.high

    def to_json(self) -> dict[str, Any]:
        """The row as a JSON object."""
        return asdict(self) | {"inside": self.inside}
