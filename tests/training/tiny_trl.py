"""A tiny Llama with a word tokenizer under TRL's own GRPO trainer, and a reward to train on."""

import re
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from trl import GRPOConfig, GRPOTrainer

TEXT = (
    "<pad> <bos> <eos> <unk> <think> </think> Answer: Add Try Then is not Wait , go back . So "
    "check + - * = ?"
)
WORDS = [*TEXT.split(), *map(str, range(20))]


def word_tokenizer() -> PreTrainedTokenizerFast:
    core = Tokenizer(models.WordLevel({w: i for i, w in enumerate(WORDS)}, unk_token="<unk>"))
    core.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return PreTrainedTokenizerFast(
        tokenizer_object=core,
        bos_token="<bos>",
        eos_token="<eos>",
        pad_token="<eos>",
        unk_token="<unk>",
        padding_side="left",
        clean_up_tokenization_spaces=False,
    )


def tiny_llama(layers: int = 2, width: int = 32) -> LlamaForCausalLM:
    torch.manual_seed(0)
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(WORDS),
            hidden_size=width,
            intermediate_size=4 * width,
            num_hidden_layers=layers,
            num_attention_heads=4,
            max_position_embeddings=256,
            bos_token_id=1,
            eos_token_id=2,
            pad_token_id=2,
            initializer_range=0.2,
        )
    )


def sums(n: int) -> Dataset:
    """Sums of two digits, as prompts that open the reasoning, with their answers."""
    pairs = [(i % 9 + 1, i * 5 % 9 + 1) for i in range(n)]
    return Dataset.from_list(
        [{"prompt": f"<bos> Add {a} + {b} ? <think>", "answer": str(a + b)} for a, b in pairs]
    )


def right(completions: list[str], answer: list[str], **_: Any) -> list[float | None]:
    """1 for the sum as the last number, 0 for another; None where there is no number."""
    found = [re.findall(r"\d+", text) for text in completions]
    return [float(f[-1] == a) if f else None for f, a in zip(found, answer, strict=True)]


def short(completion_ids: list[list[int]], **_: Any) -> list[float]:
    return [1 - len(ids) / 24 for ids in completion_ids]


def trainer(out: Path, rewards: list[Any], callbacks: list[Any], **settings: Any) -> GRPOTrainer:
    given = {
        "output_dir": str(out),
        "use_cpu": True,
        "bf16": False,
        "per_device_train_batch_size": 16,
        "num_generations": 4,
        "max_completion_length": 24,
        "beta": 0.0,
        "max_steps": 3,
        "logging_steps": 1,
        "report_to": [],
        "save_strategy": "no",
        "disable_tqdm": True,
        "learning_rate": 1e-3,
    }
    return GRPOTrainer(
        model=tiny_llama(),
        reward_funcs=rewards,
        args=GRPOConfig(**given | settings),
        train_dataset=sums(32),
        eval_dataset=sums(8) if "eval_strategy" in settings else None,
        processing_class=word_tokenizer(),
        callbacks=callbacks,
    )
