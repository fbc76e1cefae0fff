"""A model's attention function replaced for a while, in every layer of any family."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any, Protocol

import torch
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

from reasonscope.errors import SetupError

_NUMBERS = count()


class AttentionFunction(Protocol):
    """What transformers calls in each layer, with queries and keys already rotated."""

    def __call__(
        self,
        module: Any,
        query: torch.Tensor,
        key: torch.Tensor,
        value: torch.Tensor,
        attention_mask: torch.Tensor | None,
        **settings: Any,
    ) -> tuple[torch.Tensor, None]:
        """The layer's output ``[batch, token, head, width]``, from ``[batch, head, token, width]``.

        No mask comes: the function decides what each query sees.
        """
        ...


@contextmanager
def attending(model: Any, function: AttentionFunction) -> Iterator[None]:
    """Inside the block every layer's attention is computed by ``function``; after it as before.

    Source: transformers' attention interface, which the families there are written on.

    Raises:
        SetupError: the family computes attention in code of its own.
    """
    name, before = f"reasonscope_{next(_NUMBERS)}", model.config._attn_implementation
    if not model._can_set_attn_implementation():
        raise SetupError(
            f"the attention of {type(model).__name__} cannot be replaced: it does not go through "
            "transformers' attention interface. Choose a model of another family."
        )
    ALL_ATTENTION_FUNCTIONS.register(name, function)
    try:
        model.set_attn_implementation(name)
        yield
    finally:
        model.set_attn_implementation(before)
        del ALL_ATTENTION_FUNCTIONS._global_mapping[name]
