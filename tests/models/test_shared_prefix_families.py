"""Shared-prefix decoding in every family: greedy tokens are those of ``generate``."""

from dataclasses import replace
from typing import Any

import pytest
import torch
import transformers
from tiny_model import byte_level_tokenizer

from reasonscope.models.continuing import Continuation, Continued
from reasonscope.models.generation import Sampling
from reasonscope.models.loading import LoadedModel
from reasonscope.models.shared_prefix import SharedPrefix
from reasonscope.models.shared_prefix.spelling import spelling
from reasonscope.traces.schema import Problem, Trace

SIZES = {
    "vocab_size": 330,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 256,
    "bos_token_id": None,
    "eos_token_id": 0,
    "pad_token_id": 0,
    "initializer_range": 0.3,
}
ONE_HEAD_EACH = {k: v for k, v in SIZES.items() if k != "num_key_value_heads"}
GEMMA = SIZES | {"head_dim": 8, "query_pre_attn_scalar": 16, "sliding_window": 16}
FAMILIES: dict[str, tuple[str, dict[str, Any]]] = {
    "llama": ("Llama", SIZES),
    "qwen2": ("Qwen2", SIZES),
    "qwen2 with windows": (
        "Qwen2",
        SIZES | {"use_sliding_window": True, "sliding_window": 16, "max_window_layers": 1},
    ),
    "qwen3": ("Qwen3", SIZES | {"head_dim": 16}),
    "mistral": ("Mistral", SIZES | {"sliding_window": None}),
    "mistral with windows": ("Mistral", SIZES | {"sliding_window": 16}),
    "gemma": ("Gemma", SIZES | {"head_dim": 8}),
    "gemma2": (
        "Gemma2",
        GEMMA | {"attn_logit_softcapping": 2.0, "final_logit_softcapping": 3.0},
    ),
    "gemma3": ("Gemma3Text", GEMMA),
    "phi": ("Phi", SIZES),
    "phi3": ("Phi3", SIZES | {"sliding_window": None}),
    "gpt_neox": ("GPTNeoX", ONE_HEAD_EACH),
    "gpt2": (
        "GPT2",
        {
            "vocab_size": 330,
            "n_embd": 32,
            "n_layer": 2,
            "n_head": 4,
            "n_positions": 256,
            "initializer_range": 0.3,
            "bos_token_id": None,
            "eos_token_id": 0,
            "pad_token_id": 0,
        },
    ),
}
TEXT = "One and one is two.\n\nThink: naïve café, 你好. The sum of 1 + 1 is 2. Answer: 2"
TRACE = Trace.make(Problem.make("1 + 1 = ?"), TEXT, prompt="What is one and one? ")
KEPT = (0, 5, 20, 37, len(TEXT))


def model_of(family: str) -> LoadedModel:
    """Random, but sure enough of itself that no two tokens tie."""
    name, sizes = FAMILIES[family]
    config = getattr(transformers, f"{name}Config")(**sizes)
    kinds = {"GPT2": "GPT2LMHeadModel", "Gemma3Text": "Gemma3ForCausalLM"}
    torch.manual_seed(1)
    model = getattr(transformers, kinds.get(name, f"{name}ForCausalLM"))(config).eval()
    for parameter in model.parameters():
        if parameter.dim() == 1:  # norms that do something
            torch.nn.init.normal_(parameter, float(parameter.detach().mean()), 0.2)
    tokenizer = byte_level_tokenizer()
    return LoadedModel(family, "random", model, tokenizer, "cpu")


def generated(loaded: LoadedModel, ids: tuple[int, ...], count: int) -> list[int]:
    out = loaded.model.generate(
        torch.tensor([ids]),
        attention_mask=torch.ones(1, len(ids), dtype=torch.long),
        do_sample=False,
        max_new_tokens=count,
    )
    return out[0, len(ids) :].tolist()


def rows(engine: SharedPrefix, asked: list[Continuation], **settings: Any) -> list[Continued]:
    found = list(engine.continued(TRACE, asked, Sampling(**settings)))
    assert all(isinstance(row, Continued) for row in found), found
    return sorted(found, key=lambda row: (row.asked.kept, row.asked.seed))


@pytest.fixture(params=list(FAMILIES))
def family(request: pytest.FixtureRequest) -> LoadedModel:
    return model_of(request.param)


def test_greedy_tokens_are_those_of_generate_from_every_prefix_at_once(
    family: LoadedModel,
) -> None:
    asked = [Continuation(kept=kept, seed=0, limit=30) for kept in KEPT]
    spelt = spelling(family, TRACE)
    told = set()
    for row in rows(SharedPrefix(family, slots=3), asked, temperature=0):
        start, over = spelt.cut(row.asked.kept)
        before = spelt.ids[:start] + (spelt.encode(over, start) or ())
        if over.isspace():
            before = spelt.ids[:start]
        assert list(row.token_ids or ()) == generated(family, before, 30)
        told.add(row.token_ids)
    assert len(told) == len(KEPT)  # else the prefix says nothing


def test_the_model_is_bitwise_what_it_was(family: LoadedModel) -> None:
    ids = torch.arange(1, 40)[None]
    own = family.model.config._attn_implementation
    before = family.model(ids).logits
    rows(SharedPrefix(family), [Continuation(kept=20, seed=0, limit=4)], temperature=1)
    assert family.model.config._attn_implementation == own
    assert torch.equal(family.model(ids).logits, before)


def test_bfloat16_runs(family: LoadedModel) -> None:
    half = replace(family, model=family.model.to(torch.bfloat16))
    asked = [Continuation(kept=kept, seed=kept, limit=8) for kept in KEPT]
    assert len(rows(SharedPrefix(half), asked, temperature=1)) == len(KEPT)
