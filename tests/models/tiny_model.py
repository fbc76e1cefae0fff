"""A tiny random model and a tokenizer whose tokens are smaller than characters."""

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

WORDS = "What is one and one? Think step by step. Answer: two, 2. The sum of 1 + 1 is 2. "
TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}<|end|>"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
TEMPLATE_NAMES = ["<|end|>", "<|user|>", "<|assistant|>", "<think>", "</think>"]


def byte_level_tokenizer() -> PreTrainedTokenizerFast:
    """A byte-level BPE of about 330 tokens with a chat template; most characters take several."""
    core = Tokenizer(models.BPE())
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=330,
        special_tokens=TEMPLATE_NAMES,
        initial_alphabet=sorted(alphabet),
        show_progress=False,
    )
    core.train_from_iterator([WORDS, "naïve café 你好 😀"], trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=core,
        eos_token="<|end|>",
        pad_token="<|end|>",
        chat_template=TEMPLATE,
        clean_up_tokenization_spaces=False,
    )


def tiny_model(vocab: int, context: int = 512) -> LlamaForCausalLM:
    """Two layers of width 32, random but always the same, and sure enough of itself to vary."""
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=vocab,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=context,
        bos_token_id=None,
        eos_token_id=0,
        pad_token_id=0,
        initializer_range=0.3,
    )
    return LlamaForCausalLM(config).eval()
