"""Variables with known values, as the trace goes on.

A name is worth what it was last set to. Only a name set once, by calculation, never used as an
unknown before and never under a condition is *firm*: an equation may be called false by it.
"""

from fractions import Fraction

_MOST = 2_000


class Bindings:
    """What each name is worth so far."""

    def __init__(self) -> None:
        self.values: dict[str, Fraction] = {}
        """The last value of each name."""
        self._soft: set[str] = set()

    def bind(self, name: str, value: Fraction, *, firm: bool) -> None:
        """Set a name; a second, different value makes it soft for good."""
        if len(self.values) >= _MOST:
            return
        if not firm or self.values.get(name, value) != value:
            self._soft.add(name)
        self.values[name] = value

    def unknown(self, names: set[str]) -> None:
        """The names stand as unknowns in an equation: never firm again."""
        if len(self._soft) < _MOST:
            self._soft |= names

    def firm(self, names: set[str]) -> bool:
        """Whether an equation with these names may be called false."""
        return not names & self._soft and all(name in self.values for name in names)
