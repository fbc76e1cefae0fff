"""A transformer set by hand: a head that copies, a head that always looks at one kind of token.

All other heads are random. Nothing was trained, so what depends on what is known exactly.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import torch
from transformers import GPT2Config, GPT2LMHeadModel

from reasonscope.models.loading import LoadedModel

SINK, RECALL = 0, 1
PAYLOADS = range(2, 10)
"""Tokens that are worth copying."""
ANCHORS = range(10, 16)
"""Tokens that the receiver head looks at."""
FILLERS = range(16, 40)
_WIDTH, _HEADS, _CONTENT = 128, 8, 64
_RECALL, _PAYLOAD, _SINK, _ANCHOR, _NAMES = 64, 65, 66, 67, 68
_STRENGTH = 4.0


@dataclass(frozen=True, slots=True)
class PlantedHead:
    """Where a head stands."""

    layer: int
    head: int


COPIER, RECEIVER = PlantedHead(0, 2), PlantedHead(0, 3)


@lru_cache(maxsize=4)
def planted_model(seed: int = 0, noise: float = 1.0) -> LoadedModel:
    """Two layers of eight heads; :data:`COPIER` and :data:`RECEIVER` are set by hand.

    At the token :data:`RECALL` the copier looks at payload tokens and writes their names into the
    next token's distribution; elsewhere it looks at the sink, which says nothing. The receiver
    looks at anchor tokens from everywhere, and at the sink where there are none; it writes
    nothing. Layer norm leaves both intact since flags are large. ``noise`` scales what the other
    heads write: at 0 a token's distribution depends on itself, and at :data:`RECALL` on payloads.
    """
    dice = torch.Generator().manual_seed(seed)
    config = GPT2Config(
        vocab_size=FILLERS.stop,
        n_embd=_WIDTH,
        n_layer=2,
        n_head=_HEADS,
        n_positions=256,
        n_inner=8,
        tie_word_embeddings=False,
        bos_token_id=SINK,
        eos_token_id=SINK,
    )
    model = GPT2LMHeadModel(config).eval()
    with torch.no_grad():
        _embed(model, dice)
        for block in model.transformer.h:
            _randomise(block, dice, 0.06 * noise)
        _copy(model.transformer.h[COPIER.layer].attn)
        _receive(model.transformer.h[RECEIVER.layer].attn)
    return LoadedModel("planted copy", f"seed {seed}", model, None, "cpu")


def _embed(model: GPT2LMHeadModel, dice: torch.Generator) -> None:
    words, places = model.transformer.wte.weight, model.transformer.wpe.weight
    words.zero_()
    words[:, :_CONTENT] = torch.randn(len(words), _CONTENT, generator=dice)
    places.zero_()
    places[:, :_CONTENT] = 0.3 * torch.randn(len(places), _CONTENT, generator=dice)
    words[RECALL, _RECALL] = words[SINK, _SINK] = _STRENGTH
    words[list(ANCHORS), _ANCHOR] = _STRENGTH
    out = model.lm_head.weight
    out.zero_()
    out[:, :_CONTENT] = 0.1 * torch.randn(len(out), _CONTENT, generator=dice)
    for index, token in enumerate(PAYLOADS):
        words[token, _PAYLOAD] = words[token, _NAMES + index] = _STRENGTH
        out[token, _NAMES + index] = 3.0


def _randomise(block: Any, dice: torch.Generator, written: float) -> None:
    """Heads that read content and write content; no feed-forward."""
    attention = block.attn
    for weight, scale in ((attention.c_attn.weight, 0.15), (attention.c_proj.weight, written)):
        weight.zero_()
        weight[:_CONTENT] = scale * torch.randn(_CONTENT, weight.shape[1], generator=dice)
    attention.c_proj.weight[_CONTENT:] = attention.c_proj.weight[:_CONTENT]
    attention.c_proj.weight[:, _CONTENT:] = 0
    attention.c_attn.bias.zero_()
    attention.c_proj.bias.zero_()
    block.mlp.c_proj.weight.zero_()
    block.mlp.c_proj.bias.zero_()


def _cleared(attention: Any, head: int) -> tuple[torch.Tensor, torch.Tensor, int]:
    """The head's weights and biases of queries, keys and values, at 0; and its first column."""
    size = _WIDTH // _HEADS
    first = head * size
    weight = attention.c_attn.weight.view(_WIDTH, 3, _WIDTH)
    bias = attention.c_attn.bias.view(3, _WIDTH)
    weight[:, :, first : first + size] = 0
    attention.c_proj.weight[first : first + size] = 0
    weight[_SINK, 1, first + 1] = 2.0
    bias[0, first + 1] = 4.5
    return weight, bias, first


def _copy(attention: Any) -> None:
    weight, _, first = _cleared(attention, COPIER.head)
    weight[_RECALL, 0, first] = 2.0
    weight[_PAYLOAD, 1, first] = 2.0
    for index in range(len(PAYLOADS)):
        weight[_NAMES + index, 2, first + index] = 1.0
        attention.c_proj.weight[first + index, _NAMES + index] = 1.0


def _receive(attention: Any) -> None:
    weight, bias, first = _cleared(attention, RECEIVER.head)
    bias[0, first] = 9.0
    weight[_ANCHOR, 1, first] = 2.0
