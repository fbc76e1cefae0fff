"""Rollouts from many prefixes of one trace: ours against ``generate`` and a bare forward.

The arms take turns in one process: same trace, same prefixes, same settings, every rollout of the
same length (no stop token). ``generate`` gets each rollout its own copy of prompt and prefix, as
the published code does, in batches of 8 and of other sizes; rollouts are sorted by length, so
that hardly anything is padded, and the batch in the middle stands for all. Ours reads the trace
and computes every rollout. The bare forward is body and vocabulary head on one token for each
slot, without a cache. Every arm reports its best round, by the clock and by the processor; on a
machine that is busy with other things the second says more (with ``OMP_NUM_THREADS=1``).

    python benchmarks/rollout_speed.py
    python benchmarks/rollout_speed.py --memory
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch

from reasonscope.models.continuing import Continuation, Continued
from reasonscope.models.decoding import encode_prompt
from reasonscope.models.generation import Sampling
from reasonscope.models.loading import LoadedModel, load_model
from reasonscope.models.prompts import instruction
from reasonscope.models.shared_prefix import SharedPrefix
from reasonscope.models.token_text import decode, token_ends
from reasonscope.traces.schema import Problem, Trace

SAMPLING = Sampling(temperature=0.6, top_p=0.95)
QUESTION = "A shop sells 12 boxes of 30 pens a day. How many pens does it sell in 25 days?"


class Endless(LoadedModel):
    """The same model, which nothing stops."""

    @property
    def ends(self) -> frozenset[int]:
        """None at all."""
        return frozenset()


@dataclass
class Arm:
    """One way to get tokens, and its best round so far."""

    run: Callable[[], int]
    """Computes and says how many tokens came of it."""
    clock: float = 0.0
    processor: float = 0.0
    """Tokens per second."""
    rounds: int = field(default=0)

    def turn(self) -> None:
        """Run once and keep the better rate."""
        clock, processor = time.perf_counter(), time.process_time()
        tokens = self.run()
        self.clock = max(self.clock, tokens / (time.perf_counter() - clock))
        self.processor = max(self.processor, tokens / (time.process_time() - processor))
        self.rounds += 1


def endless(name: str, dtype: str) -> LoadedModel:
    loaded = load_model(name, dtype=dtype)
    return Endless(loaded.name, loaded.revision, loaded.model, loaded.tokenizer, loaded.device)


def trace_of(loaded: LoadedModel, length: int) -> Trace:
    """A trace of so many tokens that spell themselves."""
    problem = Problem.make(QUESTION)
    prompt, _ = encode_prompt(loaded.tokenizer, instruction(problem))
    words = " ".join(
        f"Step {i}: 12 times 30 is 360, and {i} times 360 is {360 * i}." for i in range(99)
    )
    ids = loaded.tokenizer.encode(words, add_special_tokens=False)[:length]
    text = decode(loaded.tokenizer, ids)
    ends = token_ends(loaded.tokenizer, ids, text)
    return Trace.make(problem, text, prompt=prompt, token_ids=tuple(ids), token_ends=ends)


def prefixes(trace: Trace, count: int) -> list[int]:
    """Characters kept, at token ends spread evenly over the trace."""
    ends = trace.token_ends or ()
    return [ends[len(ends) * place // count - 1] if place else 0 for place in range(count)]


def asked(kept: list[int], samples: int, limit: int) -> Iterator[Continuation]:
    for sample in range(samples):
        for place, characters in enumerate(kept):
            yield Continuation(kept=characters, seed=1000 * sample + place, limit=limit)


def ours(engine: SharedPrefix, trace: Trace, kept: list[int], samples: int, limit: int) -> int:
    engine._prefix = None  # each turn reads the trace anew
    rows = list(engine.continued(trace, asked(kept, samples, limit), SAMPLING))
    assert all(isinstance(row, Continued) for row in rows)
    return sum(row.tokens for row in rows if isinstance(row, Continued))


def theirs(loaded: LoadedModel, rows: list[list[int]], batch: int, limit: int) -> int:
    """``generate`` on copied prompts, for the batch in the middle of ``rows``."""
    first = max(0, min(len(rows) // batch // 2 * batch, len(rows) - batch))
    some = rows[first : first + batch]
    width = max(map(len, some))
    ids = torch.tensor([[0] * (width - len(row)) + row for row in some])
    mask = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in some])
    out = loaded.model.generate(
        ids,
        attention_mask=mask,
        do_sample=True,
        temperature=SAMPLING.temperature,
        top_p=SAMPLING.top_p,
        top_k=0,
        max_new_tokens=limit,
        min_new_tokens=limit,
        pad_token_id=0,
    )
    return out[:, width:].numel()


def bare(loaded: LoadedModel, rows: int, steps: int) -> int:
    ids = torch.arange(rows)[:, None] + 100
    with torch.inference_mode():
        for _ in range(steps):
            loaded.model(input_ids=ids, use_cache=False)
    return rows * steps


def compare(settings: argparse.Namespace) -> dict[str, object]:
    loaded = endless(settings.model, settings.dtype)
    trace = trace_of(loaded, settings.trace)
    kept = prefixes(trace, settings.prefixes)
    prompt = loaded.tokenizer.encode(trace.prompt, add_special_tokens=False)
    ends = trace.token_ends or ()
    starts = [prompt + list(trace.token_ids or ())[: sum(end <= at for end in ends)] for at in kept]
    rows = [start for start in starts for _ in range(settings.samples)]
    engine = SharedPrefix(loaded, slots=len(rows))
    arms = {
        "ours": Arm(lambda: ours(engine, trace, kept, settings.samples, settings.tokens)),
        "bare": Arm(lambda: bare(loaded, len(rows), 4)),
    }
    for batch in settings.batches:
        arms[f"generate_{batch}"] = Arm(
            lambda batch=batch: theirs(loaded, rows, batch, settings.tokens)
        )
    ours(engine, trace, kept[:2], 1, 2)  # warm
    for _ in range(settings.rounds):
        for arm in arms.values():
            arm.turn()
    found: dict[str, object] = {"threads": torch.get_num_threads(), "dtype": loaded.dtype}
    for clock in ("clock", "processor"):
        speed = {name: getattr(arm, clock) for name, arm in arms.items()}
        best = max(rate for name, rate in speed.items() if name.startswith("generate"))
        found[clock] = {
            "tokens_per_second": {name: round(rate, 1) for name, rate in speed.items()},
            "against_generate_8": round(speed["ours"] / speed["generate_8"], 2),
            "against_best_generate": round(speed["ours"] / best, 2),
            "of_bare_forward": round(speed["ours"] / speed["bare"], 3),
        }
    return found


def peak(settings: argparse.Namespace, steps: int, samples: int) -> dict[str, int]:
    """Greatest resident memory of a fresh process that computes ``steps * samples`` rollouts."""
    command = [sys.executable, __file__, "--model", settings.model, "--dtype", settings.dtype]
    command += ["--child", str(steps), str(samples), "--tokens", str(settings.tokens)]
    command += ["--trace", str(settings.trace), "--slots", str(settings.slots)]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


def child(settings: argparse.Namespace, steps: int, samples: int) -> dict[str, int]:
    loaded = endless(settings.model, settings.dtype)
    after_load = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    trace = trace_of(loaded, settings.trace)
    engine = SharedPrefix(loaded, slots=settings.slots)
    kept = prefixes(trace, steps)
    most = 0
    for _ in engine.continued(trace, asked(kept, samples, settings.tokens), SAMPLING):
        most = max(most, engine.cache_bytes)
    weights = {p.data_ptr(): p.nbytes for p in loaded.model.parameters()}
    return {
        "rollouts": steps * samples,
        "model": sum(weights.values()),
        "caches": most,
        "after_load": after_load,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="smollm2")
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--trace", type=int, default=384, help="tokens")
    parser.add_argument("--prefixes", type=int, default=12)
    parser.add_argument("--samples", type=int, default=16)
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--batches", type=int, nargs="+", default=[8, 16, 48])
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--slots", type=int, default=64, help="for --memory")
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--child", type=int, nargs=2, help=argparse.SUPPRESS)
    settings = parser.parse_args()
    warnings.filterwarnings("ignore")
    if settings.child:
        print(json.dumps(child(settings, *settings.child)))
    elif settings.memory:
        for shape in ((10, 10), (100, 100)):
            print(json.dumps(peak(settings, *shape)), flush=True)
    else:
        print(json.dumps(compare(settings), indent=1))


if __name__ == "__main__":
    main()
