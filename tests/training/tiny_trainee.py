"""A tiny model with a word tokenizer, and examples that it can learn by heart."""

from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

WORDS = ["<pad>", "<bos>", "<eos>", "<unk>", "<think>", "</think>", "Answer:", "."]
WORDS += ["What", "is", "?", "=", "+", "So", "Wait"] + [str(number) for number in range(20)]


def word_tokenizer(end: str | None = "<eos>") -> PreTrainedTokenizerFast:
    """Words between spaces, one token each."""
    core = Tokenizer(
        models.WordLevel({word: place for place, word in enumerate(WORDS)}, unk_token="<unk>")
    )
    core.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    core.decoder = decoders.WordPiece(prefix="##", cleanup=False)
    return PreTrainedTokenizerFast(
        tokenizer_object=core,
        bos_token="<bos>",
        eos_token=end,
        pad_token="<pad>",
        unk_token="<unk>",
        clean_up_tokenization_spaces=False,
    )


def tiny_config(**changed: object) -> LlamaConfig:
    held = {
        "vocab_size": len(WORDS),
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 64,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "pad_token_id": 0,
        "tie_word_embeddings": True,
    }
    return LlamaConfig(**{**held, **changed})


def write_trainee(folder: Path, **changed: object) -> Path:
    """The model's folder, always the same weights."""
    torch.manual_seed(0)
    LlamaForCausalLM(tiny_config(**changed)).save_pretrained(folder)
    word_tokenizer().save_pretrained(folder)
    return folder


def sums(count: int = 40) -> list[tuple[str, str]]:
    """Additions of numbers below ten, in texts of different lengths."""
    pairs = []
    for place in range(count):
        a, b = place % 10, place // 10 % 10
        told = "So " * (place % 5) + f"{a} + {b} = {a + b} . </think> Answer: {a + b}"
        pairs.append((f"<bos> What is {a} + {b} ? <think>", told))
    return pairs
