"""Suppression: suffixes recomputed in one row say what whole masked forwards say."""

from collections.abc import Sequence

import numpy as np
import pytest
import torch
import transformers
from numpy.typing import NDArray

from reasonscope.models.loading import LoadedModel
from reasonscope.models.suppression import Suppression, suppress

SMALL = {
    "vocab_size": 40,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 128,
    "initializer_range": 0.4,
    "bos_token_id": 0,
    "eos_token_id": 0,
    "pad_token_id": 0,
}
FAMILIES = {
    "llama": transformers.LlamaConfig(**SMALL),
    "qwen2": transformers.Qwen2Config(**SMALL),
    "qwen3": transformers.Qwen3Config(**SMALL, head_dim=8),
    "mistral, window 7": transformers.MistralConfig(**SMALL, sliding_window=7),
    "gemma": transformers.GemmaConfig(**SMALL, head_dim=8),
    "gemma2, capped and windowed": transformers.Gemma2Config(
        **SMALL,
        head_dim=8,
        sliding_window=7,
        attn_logit_softcapping=2.0,
        final_logit_softcapping=5.0,
        query_pre_attn_scalar=8,
        attn_implementation="eager",
    ),
    "phi": transformers.PhiConfig(**SMALL),
    "phi3": transformers.Phi3Config(**SMALL),
    "cohere, scaled logits": transformers.CohereConfig(**SMALL, logit_scale=0.3),
    "gpt-neox": transformers.GPTNeoXConfig(
        **{**SMALL, "num_key_value_heads": None}, rotary_pct=0.5
    ),
    "gpt2": transformers.GPT2Config(
        vocab_size=40,
        n_embd=32,
        n_layer=2,
        n_head=4,
        n_positions=128,
        initializer_range=0.4,
        bos_token_id=0,
        eos_token_id=0,
        scale_attn_by_inverse_layer_idx=True,
    ),
}
IDS = [int(i) for i in np.random.default_rng(0).integers(1, 40, 33)]
HIDDEN = [
    Suppression(hidden=tuple(range(4, 9)), border=9),
    Suppression(hidden=tuple(range(9, 17)), border=17),
    Suppression(hidden=(2, 5, 19, 20), border=9),
    Suppression(hidden=tuple(range(17, 30)), border=30),
]


def small(config: transformers.PreTrainedConfig) -> LoadedModel:
    torch.manual_seed(1)
    model = transformers.AutoModelForCausalLM.from_config(config).eval()
    return LoadedModel("small", "none", model, None, "cpu")


def by_full_forwards(
    model: LoadedModel, ids: Sequence[int], one: Suppression, all_queries: bool = False
) -> NDArray[np.float64]:
    """The slow way: one masked forward of the whole text in eager attention."""
    size = len(ids)
    at = torch.arange(size)
    blind = torch.zeros(size, dtype=torch.bool)
    blind[list(one.hidden)] = True
    later = torch.ones(size, dtype=torch.bool) if all_queries else (at >= one.border) & ~blind
    hide = torch.zeros(size, size).masked_fill(later[:, None] & blind[None, :], -1e9)

    def attend(module, query, key, value, attention_mask, **settings):  # type: ignore[no-untyped-def]
        groups = query.shape[1] // key.shape[1]
        key, value = (t.repeat_interleave(groups, 1) for t in (key, value))
        scores = query @ key.transpose(-1, -2) * settings["scaling"]
        cap = settings.get("softcap")
        scores = scores if cap is None else torch.tanh(scores / cap) * cap
        far = at[:, None] - at[None, :]
        window = settings.get("sliding_window") or size
        scores = scores.masked_fill((far < 0) | (far >= window), -1e18) + hide
        return (scores.softmax(-1) @ value).transpose(1, 2), None

    from reasonscope.models.attention_swap import attending

    with torch.inference_mode():
        before = model.model(torch.tensor([list(ids)])).logits[0].double().log_softmax(-1)
        with attending(model.model, attend):
            after = model.model(torch.tensor([list(ids)])).logits[0].double().log_softmax(-1)
    kl = (before.exp() * (before - after)).sum(-1).numpy()
    out = np.full(size, np.nan)
    out[one.border + 1 :] = kl[one.border : -1]
    return out


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("at_once", [16, 4096])
def test_suffixes_say_what_whole_forwards_say(family: str, at_once: int) -> None:
    model = small(FAMILIES[family])
    effects = suppress(model, IDS, HIDDEN, at_once=at_once)
    for one, nats in zip(HIDDEN, effects.nats, strict=True):
        np.testing.assert_allclose(nats, by_full_forwards(model, IDS, one), atol=1e-5)
    assert np.nanmax(effects.nats[0]) > 1e-3
    assert effects.noise_nats < 1e-9
