"""An equation whose sides differ, with all that may excuse it."""

from dataclasses import dataclass
from fractions import Fraction

from reasonscope.verify.equations.bindings import Bindings
from reasonscope.verify.equations.chain import Fragment
from reasonscope.verify.equations.compare import Expression, Worth


@dataclass(frozen=True, slots=True)
class Scene:
    """An equation whose sides differ, with all that may excuse it."""

    text: str
    question: str
    fragment: Fragment
    link: int
    """Which relation of the fragment."""
    left: Expression
    right: Expression
    a: Worth
    b: Worth
    bindings: Bindings
    rounded: frozenset[Fraction]
    """Values that the trace rounded before."""

    @property
    def start(self) -> int:
        """Start of the whole chain in the text."""
        return next(side.start for side in self.fragment.sides if side.start >= 0)

    @property
    def end(self) -> int:
        """End of the whole chain in the text."""
        return max(side.end for side in self.fragment.sides)

    def around(self, before: int, after: int) -> str:
        """The text around the chain."""
        return self.text[max(0, self.start - before) : self.end + after]
