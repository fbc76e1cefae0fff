"""Errors that say what was expected, what was found and what to do next."""

from collections.abc import Sequence


class ReasonscopeError(Exception):
    """Any error that reasonscope raises on purpose."""


class SetupError(ReasonscopeError):
    """Something that the user must fix; the command line prints it without a traceback.

    All problems found at once are listed, so that one run shows everything to mend.

    >>> str(SetupError("no such study: 'x'. Make one with 'reasonscope import'."))
    "no such study: 'x'. Make one with 'reasonscope import'."
    >>> print(SetupError("two settings are wrong", ["level must be < 1", "n must be > 0"]))
    two settings are wrong
      - level must be < 1
      - n must be > 0
    """

    def __init__(self, message: str, problems: Sequence[str] = ()) -> None:
        super().__init__("\n  - ".join([message, *problems]))
        self.problems = tuple(problems)


class InvalidRecord(ReasonscopeError, ValueError):
    """A record broke one of its invariants; the message names the field and what was found."""


class MissingExtra(SetupError):
    """A command needs an optional dependency; the message says which extra to install."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(
            f"this needs the package '{package}', which is not installed. "
            f"Install it with: pip install 'reasonscope[{extra}]'"
        )
