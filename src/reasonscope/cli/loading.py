"""A model on this machine as commands need it: loaded, and with the prompt that it would get."""

from typing import TYPE_CHECKING

from reasonscope.cli.output import remark

if TYPE_CHECKING:
    from collections.abc import Callable

    from reasonscope.models.loading import LoadedModel
    from reasonscope.traces.schema import Problem


def loaded_here(model: str) -> "LoadedModel":
    """The named model, ready to run.

    Raises:
        MissingExtra: what runs models is not installed.
        SetupError: no model is named, or it cannot be loaded.
    """
    from reasonscope.errors import MissingExtra, SetupError

    if model in ("", "unknown"):
        raise SetupError("the trace does not say which model wrote it: name one with --model")

    try:
        from reasonscope.models.loading import load_model
    except ModuleNotFoundError as error:
        raise MissingExtra(str(error.name), "models") from None
    remark(f"loading {model}")
    return load_model(model)


def own_prompt(loaded: "LoadedModel") -> "Callable[[Problem], str]":
    """Makes the prompt of a trace that came without one, as this model would be asked."""
    from reasonscope.models.decoding import encode_prompt
    from reasonscope.models.prompts import instruction

    return lambda problem: encode_prompt(loaded.tokenizer, instruction(problem))[0]
