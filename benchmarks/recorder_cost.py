"""What the flight recorder costs: one GRPO run of plain TRL, recorded at every second step.

A Llama of 1.07 M parameters with a word tokenizer is first shown worked countdown traces, so that
its completions look like reasoning; then TRL's own GRPO trainer trains it, 64 prompts × 8
completions a step by default. Steps with and without the recorder alternate in one run and one
process, so that a busy machine slows both. Prints seconds of the wall and of the processor.

    OMP_NUM_THREADS=1 python benchmarks/recorder_cost.py --steps 16
"""

import argparse
import json
import random
import statistics
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from trl import GRPOConfig, GRPOTrainer

from reasonscope.training.recorder import Recorder, RecorderCallback

SPECIAL = ["<pad>", "<bos>", "<eos>", "<unk>"]


def worked(rng: random.Random) -> tuple[str, str, str]:
    """A prompt, a worked trace with dead ends, and the answer."""
    a, b, c = (rng.randrange(2, 13) for _ in range(3))
    target = a * b + c
    tries = []
    for _ in range(min(6, int(rng.expovariate(0.3)))):
        first = f"Try {a} + {b} = {a + b} . Then {a + b} * {c} = {(a + b) * c} ."
        tries.append(f"{first} {(a + b) * c} is not {target} . Wait , go back .")
    check = f"Let me check : {a * b} + {c} = {target} . " if rng.random() < 0.3 else ""
    tries.append(f"Try {a} * {b} = {a * b} . Then {a * b} + {c} = {target} . {check}That works .")
    prompt = f"<bos> Use {a} {b} {c} to make {target} ? <think>"
    trace = f"{' '.join(tries)} </think> Answer: {target} <eos>"
    return prompt, trace, str(target)


def word_tokenizer(texts: list[str]) -> PreTrainedTokenizerFast:
    words = list(dict.fromkeys([*SPECIAL, *(word for text in texts for word in text.split())]))
    core = Tokenizer(models.WordLevel({w: i for i, w in enumerate(words)}, unk_token="<unk>"))
    core.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return PreTrainedTokenizerFast(
        tokenizer_object=core,
        bos_token="<bos>",
        eos_token="<eos>",
        pad_token="<pad>",
        unk_token="<unk>",
        padding_side="left",
        clean_up_tokenization_spaces=False,
    )


def llama(vocab: int) -> LlamaForCausalLM:
    torch.manual_seed(0)
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=vocab,
            hidden_size=128,
            intermediate_size=512,
            num_hidden_layers=4,
            num_attention_heads=4,
            max_position_embeddings=512,
            bos_token_id=1,
            eos_token_id=2,
            pad_token_id=0,
            tie_word_embeddings=True,
        )
    )


def show(model: LlamaForCausalLM, tokenizer: Any, steps: int, rng: random.Random) -> None:
    """Train on worked traces for a few steps."""
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(steps):
        texts = [" ".join(worked(rng)[:2]) for _ in range(16)]
        batch = tokenizer(
            texts, return_tensors="pt", padding=True, truncation=True, max_length=200,
            add_special_tokens=False,
        )  # fmt: skip
        labels = batch["input_ids"].masked_fill(batch["attention_mask"] == 0, -100)
        loss = model(
            input_ids=batch["input_ids"], attention_mask=batch["attention_mask"], labels=labels
        ).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
    print(f"shown {steps} batches of worked traces, loss {loss.item():.2f}", flush=True)


def right(completions: list[str], answer: list[str], **_: Any) -> list[float]:
    return [float(text.split()[-1:] == [a]) for text, a in zip(completions, answer, strict=True)]


class EverySecond(RecorderCallback):
    """A recorder that sleeps at odd steps, and a clock of all steps."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.on = True
        self.times: list[tuple[bool, float, float]] = []
        self._clock: tuple[float, float] | None = None

    def _saw(self, *given: Any, **named: Any) -> None:
        if self.on:
            super()._saw(*given, **named)

    def _took(self, *given: Any, **named: Any) -> None:
        if self.on:
            super()._took(*given, **named)

    def _lap(self) -> None:
        now = (time.perf_counter(), time.process_time())
        if self._clock is not None:
            spent = (now[0] - self._clock[0], now[1] - self._clock[1])
            self.times.append((self.on, *spent))
            which = "with" if self.on else "without"
            print(f"step {which}: {spent[0]:.2f} s, processor {spent[1]:.2f} s", flush=True)
        self._clock = now

    def on_step_begin(self, args: Any, state: Any, control: Any, **given: Any) -> None:
        """A step begins: the clock is read, and the recorder wakes or sleeps."""
        self._lap()
        self.on = state.global_step % 2 == 0
        super().on_step_begin(args, state, control, **given)

    def on_step_end(self, args: Any, state: Any, control: Any, **given: Any) -> None:
        """Told only while awake."""
        if self.on:
            super().on_step_end(args, state, control, **given)

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **given: Any) -> None:
        """Told only while awake."""
        if self.on:
            super().on_log(args, state, control, logs=logs, **given)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--prompts", type=int, default=64)
    parser.add_argument("--generations", type=int, default=8)
    parser.add_argument("--tokens", type=int, default=180)
    parser.add_argument("--shown", type=int, default=250)
    parser.add_argument("--out", type=Path, help="keep the study here")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    rng = random.Random(0)
    rows = [worked(rng) for _ in range(4 * given.prompts)]
    tokenizer = word_tokenizer([*(" ".join(row) for row in rows), " ".join(map(str, range(300)))])
    model = llama(len(tokenizer))
    show(model, tokenizer, given.shown, rng)
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.out or Path(scratch)
        began = time.perf_counter()
        recorder = Recorder(folder / "study", "cost", tokenizer)
        callback = EverySecond(recorder, max_tokens=given.tokens)
        trainer = GRPOTrainer(
            model=model,
            reward_funcs=[callback.watching(right)],
            args=GRPOConfig(
                output_dir=str(Path(scratch) / "run"),
                use_cpu=True,
                bf16=False,
                per_device_train_batch_size=given.prompts * given.generations,
                num_generations=given.generations,
                max_completion_length=given.tokens,
                max_steps=given.steps + 1,
                beta=0.0,
                top_k=0,
                learning_rate=1e-5,
                logging_steps=1,
                report_to=[],
                save_strategy="no",
                disable_tqdm=True,
            ),
            train_dataset=Dataset.from_list([{"prompt": p, "answer": a} for p, _, a in rows]),
            processing_class=tokenizer,
            callbacks=[callback],
        )
        callback.follow(trainer)
        print(f"made ready in {time.perf_counter() - began:.1f} s", flush=True)
        trainer.train()
        report(callback, recorder)


def report(callback: EverySecond, recorder: Recorder) -> None:
    """Print medians of steps with and without, and their ratio."""
    said: dict[str, Any] = {"steps": len(callback.times), "failures": recorder.failures}
    for place, clock in ((1, "wall"), (2, "processor")):
        spent = {on: [row[place] for row in callback.times if row[0] is on] for on in (True, False)}
        medians = {on: statistics.median(values) for on, values in spent.items()}
        said[f"{clock}_seconds_with"] = round(medians[True], 3)
        said[f"{clock}_seconds_without"] = round(medians[False], 3)
        said[f"{clock}_more_percent"] = round(100 * (medians[True] / medians[False] - 1), 2)
    own = recorder.study.rows(
        "select median(value) from recorded where name = 'recorder_seconds' and run = 'cost'"
    )[0][0]
    said["recorder_seconds_own_clock"] = round(own, 3)
    print(json.dumps(said, indent=1))


if __name__ == "__main__":
    main()
