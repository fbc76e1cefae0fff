"""Pooled attention is transformers' own pattern, pooled."""

import numpy as np
import pytest
import torch
import transformers
from numpy.typing import NDArray
from test_suppression import FAMILIES, IDS, STRANGE, small

from reasonscope.errors import SetupError
from reasonscope.models import attention_maps
from reasonscope.models.attention_maps import pooled_attention
from reasonscope.models.planted_copy import (
    ANCHORS,
    COPIER,
    PAYLOADS,
    RECALL,
    RECEIVER,
    SINK,
    planted_model,
)
from reasonscope.models.trace_tokens import Span

TILING = (Span(3, 8), Span(8, 20), Span(20, 33))
WINDOW = 7


def pooled_eagerly(family: str) -> NDArray[np.float64]:
    """``[layer, head, stretch, stretch]`` from the patterns that transformers returns."""
    model = small(FAMILIES[family]).model
    model.set_attn_implementation("eager")
    with torch.inference_mode():
        patterns = model(torch.tensor([IDS]), output_attentions=True).attentions
    whole = torch.stack([pattern[0] for pattern in patterns]).double().numpy()
    out = np.empty((*whole.shape[:2], 3, 3))
    for i, a in enumerate(TILING):
        for j, b in enumerate(TILING):
            out[:, :, i, j] = whole[:, :, a.start : a.end, b.start : b.end].sum(-1).mean(-1)
    return out


def both(attention: NDArray[np.float64], even: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate([attention, even[None]])


@pytest.mark.parametrize("family", FAMILIES)
def test_pooled_attention_is_the_models_own(family: str) -> None:
    (ours,) = pooled_attention(small(FAMILIES[family]), IDS, [TILING], both)
    np.testing.assert_allclose(ours[:, :-1], pooled_eagerly(family), atol=1e-5)


def test_a_few_queries_at_a_time_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    model = small(FAMILIES["llama"])
    (whole,) = pooled_attention(model, IDS, [TILING], both)
    monkeypatch.setattr(attention_maps, "_WEIGHTS", 4 * 33 * 5)
    (parts,) = pooled_attention(model, IDS, [TILING], both)
    np.testing.assert_allclose(parts, whole, atol=1e-6)


def test_even_attention_by_hand() -> None:
    """Token 1 gives tokens 0 and 1 a half each; token 2 gives each of three a third."""
    (found,) = pooled_attention(small(FAMILIES["llama"]), IDS[:3], [(Span(0, 1), Span(1, 3))], both)
    even = found[0, -1]
    np.testing.assert_allclose(even[0], [1, 0], atol=1e-6)
    np.testing.assert_allclose(even[1], [(1 / 2 + 1 / 3) / 2, (1 / 2 + 2 / 3) / 2], atol=1e-6)


def test_even_attention_ends_with_the_window() -> None:
    """Token 20 sees 14 to 20; of stretch 3 to 8 it sees nothing."""
    (found,) = pooled_attention(small(FAMILIES["mistral, window 7"]), IDS, [TILING], both)
    assert found[0, -1, 2, 0] == 0
    assert found[0, -1, 2, 1] > 0


def test_several_tilings_in_one_pass() -> None:
    model = small(FAMILIES["gemma"])
    one, other = pooled_attention(model, IDS, [TILING, TILING[:2]], both)
    np.testing.assert_allclose(one[:, :, :2, :2], other)


def test_heads_set_by_hand_look_where_they_should() -> None:
    payload, anchor = PAYLOADS[2], ANCHORS[0]
    ids = [SINK, 20, 21, payload, 22, anchor, anchor, 23, RECALL, 24]
    tiling = tuple(Span(at, at + 1) for at in range(len(ids)))
    (found,) = pooled_attention(planted_model(), ids, [tiling], both)
    copier, receiver = (found[one.layer, one.head] for one in (COPIER, RECEIVER))
    assert copier[8, 3] > 0.99
    assert copier[9, 0] > 0.99
    assert (receiver[7:, 5] + receiver[7:, 6] > 0.99).all()
    assert receiver[4, 0] > 0.99


def test_the_planted_copy_reaches_the_next_token() -> None:
    model = planted_model(noise=0.0).model
    for payload in PAYLOADS:
        with torch.inference_mode():
            logits = model(torch.tensor([[SINK, 20, payload, 21, 22, RECALL]])).logits[0, -1]
        assert int(logits.argmax()) == payload


@pytest.mark.parametrize("kind", ["attention sinks", "distance as a bias"])
def test_other_attention_is_refused(kind: str) -> None:
    with pytest.raises(SetupError, match="another family"):
        pooled_attention(small(STRANGE[kind]), IDS, [TILING], both)


def test_a_text_longer_than_the_context_is_refused() -> None:
    model = small(transformers.LlamaConfig(**FAMILIES["llama"].to_dict()))
    with pytest.raises(SetupError, match="129 tokens"):
        pooled_attention(model, [1] * 129, [TILING], both)
