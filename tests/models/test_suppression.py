"""Suppression: suffixes recomputed in one row say what whole masked forwards say."""

from collections.abc import Sequence

import numpy as np
import pytest
import torch
import transformers
from numpy.typing import NDArray

from reasonscope.errors import SetupError
from reasonscope.models.attention_swap import attending
from reasonscope.models.distributions import divergence
from reasonscope.models.loading import LoadedModel, load_model
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


def test_what_the_hidden_tokens_see_makes_no_difference_to_later_ones() -> None:
    """Published code masks all queries, ours only those behind the border: later tokens agree."""
    model = small(FAMILIES["llama"])
    ours = suppress(model, IDS, HIDDEN[:2]).nats
    for one, nats in zip(HIDDEN[:2], ours, strict=True):
        np.testing.assert_allclose(nats, by_full_forwards(model, IDS, one, True), atol=1e-5)


def test_hiding_nothing_does_nothing() -> None:
    effects = suppress(small(FAMILIES["qwen3"]), IDS, [Suppression(hidden=(), border=5)])
    assert np.nanmax(effects.nats[0]) < 1e-9


def test_tokens_up_to_the_border_are_unknown_and_not_zero() -> None:
    nats = suppress(small(FAMILIES["gpt2"]), IDS, HIDDEN[:1]).nats[0]
    assert np.isnan(nats[:10]).all()
    assert np.isfinite(nats[10:]).all()


def test_a_border_at_the_end_leaves_nothing_to_assess() -> None:
    last = Suppression(hidden=(1, 2), border=len(IDS))
    assert np.isnan(suppress(small(FAMILIES["llama"]), IDS, [last]).nats[0]).all()


def test_only_suffixes_are_computed() -> None:
    one = Suppression(hidden=(3,), border=30)
    spent = suppress(small(FAMILIES["llama"]), IDS, [one]).tokens_computed
    assert spent == 33 + (32 - 30) + (32 - 24)  # first pass, the suffix, the null's last quarter


def test_a_higher_temperature_makes_effects_smaller() -> None:
    model = small(FAMILIES["llama"])
    hot, cold = (
        np.nanmean(suppress(model, IDS, HIDDEN[:1], temperature=t).nats[0]) for t in (3.0, 1.0)
    )
    assert 0 < hot < cold


def test_half_precision_has_noise_and_says_how_much() -> None:
    model = small(FAMILIES["llama"])
    model = LoadedModel("half", "none", model.model.to(torch.bfloat16), None, "cpu")
    effects = suppress(model, IDS, HIDDEN)
    assert 0 <= effects.noise_nats < 3e-2
    assert np.nanmin(effects.nats[0]) >= 0


def test_the_model_is_bitwise_itself_afterwards() -> None:
    model = small(FAMILIES["mistral, window 7"])
    ids = torch.tensor([IDS])
    attention = model.model.config._attn_implementation
    with torch.inference_mode():
        before = model.model(ids).logits
        suppress(model, IDS, HIDDEN)
        with pytest.raises(ZeroDivisionError), attending(model.model, broken):
            model.model(ids)
        assert torch.equal(before, model.model(ids).logits)
    assert model.model.config._attn_implementation == attention


def broken(*_: object, **__: object) -> tuple[torch.Tensor, None]:
    raise ZeroDivisionError


def test_a_token_of_another_vocabulary_is_refused() -> None:
    with pytest.raises(SetupError, match="does not know"):
        suppress(small(FAMILIES["llama"]), [*IDS, 40], HIDDEN)


def test_a_text_longer_than_the_context_is_refused() -> None:
    with pytest.raises(SetupError, match="129 tokens"):
        suppress(small(FAMILIES["llama"]), [1] * 129, HIDDEN)


def test_damaged_weights_are_refused() -> None:
    model = small(FAMILIES["llama"])
    model.model.model.layers[1].mlp.down_proj.weight.data.fill_(float("nan"))
    with pytest.raises(SetupError, match="not finite"):
        suppress(model, IDS, HIDDEN)


def test_a_suppression_outside_the_text_is_our_own_mistake() -> None:
    with pytest.raises(ValueError, match="reaches out"):
        suppress(small(FAMILIES["llama"]), IDS, [Suppression(hidden=(99,), border=5)])


STRANGE = {
    "attention sinks": transformers.GptOssConfig(
        **SMALL, head_dim=8, num_local_experts=2, num_experts_per_tok=1, sliding_window=8
    ),
    "no attention at all": transformers.MambaConfig(
        vocab_size=40, hidden_size=32, num_hidden_layers=2, state_size=4
    ),
    "distance as a bias": transformers.BloomConfig(
        vocab_size=40, hidden_size=32, n_layer=2, n_head=4
    ),
}


@pytest.mark.parametrize("kind", STRANGE)
def test_what_cannot_be_computed_exactly_is_refused(kind: str) -> None:
    with pytest.raises(SetupError, match="another family"):
        suppress(small(STRANGE[kind]), IDS, HIDDEN)


def test_nearly_equal_distributions_keep_their_digits() -> None:
    """The usual sum has errors of 1e-7 here, a hundred thousand times the truth."""
    logits = torch.randn(1, 50_000, generator=torch.Generator().manual_seed(0))
    moved = logits + 1e-6 * torch.randn(1, 50_000, generator=torch.Generator().manual_seed(1))
    p, q = logits.double().log_softmax(-1), moved.double().log_softmax(-1)
    truth = float((p.exp() * (p - q)).sum())
    ours = float(divergence(logits.log_softmax(-1), moved.log_softmax(-1)))
    usual = float((p.float().exp() * (p.float() - q.float())).sum())
    assert 0 <= ours < 1e-11
    assert truth < 1e-12
    assert abs(usual - truth) > 10 * abs(ours - truth)


@pytest.mark.slow
def test_a_real_model_agrees_too() -> None:
    model = load_model("smollm2", device="cpu")
    ids = model.tokenizer.encode("Tom has 3 apples. He eats one. So he has 2 apples left. Good.")
    one = Suppression(hidden=tuple(range(4, 8)), border=8)
    nats = suppress(model, ids, [one]).nats[0]
    np.testing.assert_allclose(nats, by_full_forwards(model, ids, one), atol=1e-4)
