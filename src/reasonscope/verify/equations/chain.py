"""What is found: a chain of expressions with relations between them."""

from dataclasses import dataclass, field

from reasonscope.verify.arithmetic.tokens import Token


@dataclass(slots=True)
class Side:
    """One expression of a chain."""

    tokens: list[Token] = field(default_factory=list)
    """In normal form, as the parser of arithmetic takes them."""
    start: int = -1
    """Start in the text; -1: empty."""
    end: int = -1
    units: set[str] = field(default_factory=set)
    """The unit words and currencies in it."""


@dataclass(slots=True)
class Fragment:
    """A chain: sides with a relation between each two neighbours."""

    sides: list[Side]
    relations: list[str]
    """``= ≈ ≠ < > ≤ ≥ ≡ :=``, one fewer than sides."""
    places: list[int]
    """Where each relation stands in the text."""
    before: Token
    """The token in front."""
    after: Token
    """The token behind."""
    in_words: list[bool]
    """Whether each relation is a word such as "is"."""
