"""Time of a GRPO step: ours against TRL's own trainer, same model, prompts and settings.

    python benchmarks/grpo_step.py [--model FOLDER] [--steps 3] [--threads 2]

Without a model a random one of 1.1 million parameters is made, with the organisms' tokenizer; its
completions are noise of about 130 tokens. Both trainers take turns, step by step, so that what
else the machine does falls on both; processor seconds are told beside those of the clock. TRL
samples with transformers' generate and gets a reward that compares the answer's text; ours samples
with one preallocated cache, judges every completion and, with --steps-reward, every step.
"""

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TRL_EXPERIMENTAL_SILENCE", "1")

import torch
from datasets import Dataset
from transformers import LlamaConfig, LlamaForCausalLM
from transformers.utils import logging
from trl import GRPOTrainer

from reasonscope.models.decoding import encode_prompt
from reasonscope.models.loading import load_model
from reasonscope.models.prompts import instruction
from reasonscope.organisms.vocabulary import tokenizer as organisms_tokenizer
from reasonscope.problems.procedural import reach, relay
from reasonscope.training.rlvr.configuring import configured, prepared
from reasonscope.training.rlvr.settings import RLSettings


def random_model(folder: Path) -> Path:
    """A random model of the organisms' size, so sure of nothing that it writes noise."""
    tokenizer = organisms_tokenizer()
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=128,
        intermediate_size=512,
        num_hidden_layers=4,
        num_attention_heads=4,
        max_position_embeddings=512,
        tie_word_embeddings=True,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def plain(settings: RLSettings, problems: list) -> GRPOTrainer:
    """TRL's trainer as its documentation shows it, with the same settings."""
    loaded = load_model(str(settings.model), device="cpu", dtype="float32")
    loaded.tokenizer.padding_side = "left"
    answers = [str(problem.answer) for problem in problems]
    count = settings.steps * settings.prompts
    rows = [place % len(problems) for place in range(count)]
    prompts = [encode_prompt(loaded.tokenizer, instruction(p))[0] for p in problems]

    def right(completions: list[str], problem: list[int], **_: object) -> list[float]:
        said = [text.rpartition("Answer:")[2].strip() for text in completions]
        return [float(text == answers[place]) for text, place in zip(said, problem)]

    def length(completion_ids: list[list[int]], **_: object) -> list[float]:
        return [len(ids) / 100 for ids in completion_ids]

    table = {"outcome": right, "length": length}
    return GRPOTrainer(
        model=loaded.model,
        reward_funcs=[table[name] for name in settings.rewards if name in table],
        args=configured(settings, reward_weights=[1.0] * len(set(table) & set(settings.rewards))),
        train_dataset=Dataset.from_dict({"prompt": [prompts[i] for i in rows], "problem": rows}),
        processing_class=loaded.tokenizer,
    )


class Turns:
    """One optimizer step at a time of a trainer that would run them all."""

    def __init__(self, trainer: GRPOTrainer) -> None:
        self.trainer = trainer
        trainer.model.train()
        trainer.create_optimizer_and_scheduler(trainer.args.max_steps)
        trainer.current_gradient_accumulation_steps = trainer.args.gradient_accumulation_steps
        self.batches = iter(trainer.get_train_dataloader())

    def step(self) -> tuple[float, float]:
        """Seconds of a step by the clock and of the processor: sampling, rewards, loss, update."""
        began = time.perf_counter(), time.process_time()
        for _ in range(self.trainer.args.gradient_accumulation_steps):
            self.trainer.training_step(self.trainer.model, next(self.batches), None)
        torch.nn.utils.clip_grad_norm_(self.trainer.model.parameters(), 1.0)
        self.trainer.optimizer.step()
        self.trainer.optimizer.zero_grad()
        self.trainer.state.global_step += 1
        return time.perf_counter() - began[0], time.process_time() - began[1]


def main() -> None:
    """Print seconds a step of both, and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--prompts", type=int, default=64)
    parser.add_argument("--max-tokens", type=int, default=180)
    parser.add_argument("--rows", type=int, default=64)
    parser.add_argument("--steps-reward", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    logging.disable_progress_bar()
    problems = [family.make(0, i) for i in range(options.prompts) for family in (relay, reach)]
    rewards = {"outcome": 1.0, "length": -0.01}
    with tempfile.TemporaryDirectory() as folder:
        settings = RLSettings(
            model=options.model or random_model(Path(folder) / "model"),
            out=Path(folder) / "out",
            rewards={**rewards, "steps": 0.5} if options.steps_reward else rewards,
            steps=options.steps + 1,
            prompts=options.prompts,
            max_tokens=options.max_tokens,
            micro_batch=options.rows,
            device="cpu",
        )
        ours, theirs = Turns(prepared(settings, problems)), Turns(plain(settings, problems))
        taken: dict[str, list[tuple[float, float]]] = {"ours": [], "trl": []}
        for step in range(options.steps + 1):
            for name, turns in (("ours", ours), ("trl", theirs)):
                clock, processor = turns.step()
                if step:  # the first warms up
                    taken[name].append((clock, processor))
                print(
                    f"step {step} {name:5}{clock:7.2f} s, processor {processor:.2f} s", flush=True
                )
    held = f"up to {options.max_tokens} tokens, {options.threads} threads"
    print(f"{options.prompts} prompts x 8, {held}")
    for place, kind in enumerate(("by the clock", "of the processor")):
        own, trls = (statistics.median(t[place] for t in taken[name]) for name in ("ours", "trl"))
        print(f"{kind}: ours {own:.2f} s, TRL {trls:.2f} s, ratio {own / trls:.2f}")


if __name__ == "__main__":
    main()
