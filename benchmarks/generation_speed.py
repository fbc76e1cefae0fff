"""Tokens per second of our sampling loop against ``model.generate`` of transformers, in one run.

Same model, same prompts, same settings, every output of the same length (no stop token); the
two take turns, and each reports its best of ``--rounds``, since other work on the machine can
only slow a run down. Tokens per second of processor time (with ``--threads 1``) say more than
those of the clock on a machine that is busy with other things.

    python benchmarks/generation_speed.py --batches 8 16 --tokens 128
"""

import argparse
import json
import os
import time
import warnings
from dataclasses import dataclass, field, replace

os.environ.setdefault("HF_HUB_OFFLINE", "1")

from reasonscope.models.decoding import TorchEngine, encode_prompt
from reasonscope.models.generation import Sampling, sample_traces
from reasonscope.models.loading import LoadedModel, load_model
from reasonscope.models.prompts import instruction
from reasonscope.traces.schema import Problem, Reading


def problems(count: int) -> list[Problem]:
    return [
        Problem.make(f"What is {37 * i + 11} + {13 * i + 5}?", answer_kind="number")
        for i in range(count)
    ]


class Endless(LoadedModel):
    """The same model, which nothing stops."""

    @property
    def ends(self) -> frozenset[int]:
        """None at all."""
        return frozenset()


@dataclass(frozen=True)
class Rate:
    """Tokens per second, by the clock and by the processor."""

    clock: float
    processor: float


@dataclass
class Watch:
    """Started when made."""

    clock: float = field(default_factory=time.perf_counter)
    processor: float = field(default_factory=time.process_time)

    def rate(self, tokens: int) -> Rate:
        """Tokens since the start, per second of each kind."""
        clock, processor = time.perf_counter() - self.clock, time.process_time() - self.processor
        return Rate(tokens / clock, tokens / processor)


def ours(loaded: LoadedModel, batch: int, sampling: Sampling) -> Rate:
    endless = Endless(loaded.name, loaded.revision, loaded.model, loaded.tokenizer, loaded.device)
    watch = Watch()
    rows = list(sample_traces(TorchEngine(endless, batch), problems(batch), 1, sampling))
    return watch.rate(
        sum(len(row.trace.token_ids or ()) for row in rows if isinstance(row, Reading))
    )


def theirs(loaded: LoadedModel, batch: int, sampling: Sampling) -> Rate:
    tokenizer = loaded.tokenizer
    texts = [encode_prompt(tokenizer, instruction(problem))[0] for problem in problems(batch)]
    watch = Watch()
    inputs = tokenizer(
        texts, return_tensors="pt", padding=True, padding_side="left", add_special_tokens=False
    ).to(loaded.device)
    out = loaded.model.generate(
        **inputs,
        do_sample=True,
        temperature=sampling.temperature,
        top_p=sampling.top_p,
        top_k=0,
        max_new_tokens=sampling.max_tokens,
        min_new_tokens=sampling.max_tokens,
    )
    return watch.rate(out[:, inputs["input_ids"].shape[1] :].numel())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="smollm2")
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--batches", type=int, nargs="+", default=[8, 16])
    parser.add_argument("--tokens", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=0, help="0: torch's own choice")
    settings = parser.parse_args()
    warnings.filterwarnings("ignore")
    import torch

    if settings.threads:
        torch.set_num_threads(settings.threads)
    began = time.perf_counter()
    loaded = load_model(settings.model, dtype=settings.dtype)
    print(json.dumps({"load_seconds": round(time.perf_counter() - began, 1)}), flush=True)
    sampling = Sampling(temperature=0.7, top_p=0.95, max_tokens=settings.tokens)
    for batch in settings.batches:
        for engine in (ours, theirs):
            engine(loaded, batch, replace(sampling, max_tokens=4))
        rates: dict[str, list[Rate]] = {"ours": [], "transformers": []}
        for _ in range(settings.rounds):
            rates["ours"].append(ours(loaded, batch, sampling))
            rates["transformers"].append(theirs(loaded, batch, sampling))
        shape: dict[str, object] = {
            "batch": batch,
            "tokens": settings.tokens,
            "dtype": loaded.dtype,
        }
        shape["threads"] = torch.get_num_threads()
        print(json.dumps({**shape, **best(rates)}), flush=True)


def best(rates: dict[str, list[Rate]]) -> dict[str, float]:
    named: dict[str, float] = {}
    for name, found in rates.items():
        named[f"{name}_tokens_per_second"] = round(max(rate.clock for rate in found), 1)
        named[f"{name}_tokens_per_cpu_second"] = round(max(rate.processor for rate in found), 1)
    return named


if __name__ == "__main__":
    main()
