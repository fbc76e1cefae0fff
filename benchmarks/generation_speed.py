"""Tokens per second of our sampling loop against ``model.generate`` of transformers, in one run.

Same model, same prompts, same settings, every output of the same length (no stop token); the
two take turns, and each reports its best of ``--rounds``, since other work on the machine can
only slow a run down.

    python benchmarks/generation_speed.py --batches 8 16 --tokens 128
"""

import argparse
import json
import os
import time
import warnings
from dataclasses import replace

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


def ours(loaded: LoadedModel, batch: int, sampling: Sampling) -> float:
    endless = Endless(loaded.name, loaded.revision, loaded.model, loaded.tokenizer, loaded.device)
    began = time.perf_counter()
    rows = list(sample_traces(TorchEngine(endless, batch), problems(batch), 1, sampling))
    seconds = time.perf_counter() - began
    drawn = sum(len(row.trace.token_ids or ()) for row in rows if isinstance(row, Reading))
    return drawn / seconds


def theirs(loaded: LoadedModel, batch: int, sampling: Sampling) -> float:
    tokenizer = loaded.tokenizer
    texts = [encode_prompt(tokenizer, instruction(problem))[0] for problem in problems(batch)]
    began = time.perf_counter()
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
    seconds = time.perf_counter() - began
    return out[:, inputs["input_ids"].shape[1] :].numel() / seconds


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
        rates: dict[str, list[float]] = {"ours": [], "transformers": []}
        for _ in range(settings.rounds):
            rates["ours"].append(ours(loaded, batch, sampling))
            rates["transformers"].append(theirs(loaded, batch, sampling))
        best = {f"{name}_tokens_per_second": round(max(all_), 1) for name, all_ in rates.items()}
        shape = {"batch": batch, "tokens": settings.tokens, "dtype": loaded.dtype}
        print(json.dumps({**shape, "threads": torch.get_num_threads(), **best}), flush=True)


if __name__ == "__main__":
    main()
