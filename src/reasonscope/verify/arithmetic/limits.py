"""The caps of exact arithmetic, and the refusal that says which one was met."""

from reasonscope.errors import ReasonscopeError

MAX_DIGITS = 4_000
"""Digits of one number as written, and of any result (Python's own limit is 4,300)."""
MAX_BITS = 13_280
"""Bits of a numerator or denominator: 4,000 decimal digits hold at most this many."""
MAX_EXPONENT = 10_000
"""Absolute value of an integer exponent."""
MAX_DEPTH = 60
"""Brackets within brackets."""
MAX_TOKENS = 400
"""Signs in one expression, and so nodes of its tree."""
MAX_FACTORIAL = 1_000
"""Largest n in n!."""


class Refusal(ReasonscopeError):
    """An expression that is over a cap or not understood; the message is the reason."""
