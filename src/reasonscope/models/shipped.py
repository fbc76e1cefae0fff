"""Models that ship with the package: tiny reasoners whose making is known (organisms)."""

from pathlib import Path

from reasonscope.errors import SetupError

WEIGHTS = Path(__file__).parents[1] / "organisms" / "weights"
"""Where they lie."""
PREFIX = "organism:"
"""How their names begin where a model is asked for."""


def organism_names(weights: Path = WEIGHTS) -> list[str]:
    """The shipped organisms."""
    return sorted(file.parent.name for file in weights.glob("*/model.safetensors"))


def organism_folder(name: str, weights: Path = WEIGHTS) -> Path:
    """The folder of a shipped organism, named with or without the prefix.

    Raises:
        SetupError: There is none of that name.
    """
    known = organism_names(weights)
    plain = name.removeprefix(PREFIX)
    if plain not in known:
        raise SetupError(f"no organism '{plain}'; there are: {', '.join(known) or 'none'}")
    return weights / plain
