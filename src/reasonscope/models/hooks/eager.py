"""Attention computed step by step for a while, so that its pattern can be seen."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def eager_attention(model: Any) -> Iterator[None]:
    """Inside the block the model's attention is transformers' ``eager`` one; then what it was.

    It differs from the fused ones in the last digits and holds the pattern of each layer in
    memory: ``example head query key``.
    """
    before = {id(config): (config, config._attn_implementation) for config in _configs(model)}
    try:
        for config, _ in before.values():
            config._attn_implementation = "eager"
        yield
    finally:
        for config, held in before.values():  # parents come first: they set their children's too
            config._attn_implementation = held


def _configs(model: Any) -> list[Any]:
    """Those of the model and of all its modules, which may come from another model."""
    held = [getattr(module, "config", None) for module in model.modules()]
    return [config for config in held if hasattr(config, "_attn_implementation")]
