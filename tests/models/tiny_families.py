"""A tiny random model of each family: two layers, four heads, norms that are not all ones."""

from functools import cache
from typing import Any

import torch
import transformers

VOCABULARY = 40
WIDTH = 32
HEADS = 4

_SHARED: dict[str, Any] = {
    "vocab_size": VOCABULARY,
    "hidden_size": WIDTH,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": HEADS,
    "max_position_embeddings": 64,
    "initializer_range": 0.3,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
_GROUPED = {**_SHARED, "num_key_value_heads": 2}
_WIDE = {**_GROUPED, "head_dim": 12, "tie_word_embeddings": False}
"""Heads that together are wider than the residual."""
_GPT2 = {
    "vocab_size": VOCABULARY,
    "n_embd": WIDTH,
    "n_layer": 2,
    "n_head": HEADS,
    "n_positions": 64,
    "initializer_range": 0.3,
    "bos_token_id": 1,
    "eos_token_id": 2,
}

CONFIGS: dict[str, tuple[str, dict[str, Any]]] = {
    "llama": ("Llama", _GROUPED),
    "qwen2": ("Qwen2", _GROUPED),
    "qwen3": ("Qwen3", _WIDE),
    "mistral": ("Mistral", {**_GROUPED, "sliding_window": 5}),
    "gemma": ("Gemma", {**_WIDE, "num_key_value_heads": 1}),
    "gemma2": ("Gemma2", {**_WIDE, "sliding_window": 5}),
    "gemma3": ("Gemma3Text", {**_WIDE, "sliding_window": 5}),
    "phi": ("Phi", _GROUPED),
    "gpt_neox": ("GPTNeoX", _SHARED),
    "gpt_neox_sequential": ("GPTNeoX", {**_SHARED, "use_parallel_residual": False}),
    "gpt2": ("GPT2", _GPT2),
}
"""The class of its configuration, and the settings."""


@cache
def shared(family: str) -> Any:
    """The family's model, one for all tests that leave it as it was."""
    return tiny_of(family)


def tiny_of(family: str) -> Any:
    """The family's model, random but always the same, in evaluation mode."""
    name, settings = CONFIGS[family]
    return tiny_from(getattr(transformers, f"{name}Config")(**settings))


def tiny_from(config: Any) -> Any:
    """A model of this configuration."""
    torch.manual_seed(0)
    said = transformers.logging.get_verbosity()
    transformers.logging.set_verbosity_error()
    model = transformers.AutoModelForCausalLM.from_config(config).eval()
    transformers.logging.set_verbosity(said)
    with torch.no_grad():
        for name, weights in model.named_parameters():
            if "norm" in name or "ln_" in name:
                weights += 0.3 * torch.randn_like(weights)
    return model


def hooks_of(model: Any) -> int:
    """How many forward hooks are registered in the whole model."""
    return sum(
        len(held)
        for module in model.modules()
        for held in (
            module._forward_hooks,
            module._forward_pre_hooks,
            module._forward_hooks_with_kwargs,
            module._forward_pre_hooks_with_kwargs,
        )
    )
