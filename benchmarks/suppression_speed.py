"""How much faster a suppression matrix is on suffixes than by one whole forward a step.

    python benchmarks/suppression_speed.py [--steps 12] [--tokens 32] [--prompt 60] [--rounds 3]

Both arms give KL(base || suppressed) in nats for every token behind each step, over the full
vocabulary, by the same code from the last hidden states on. The whole arm runs one base pass and
one masked pass of all tokens a step, with logits where they are needed only (the published path
makes all logits). Arms take turns within each round; the figure is the ratio of the medians.
``--cpu`` counts processor seconds, which other programs on the machine move less.
"""

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
import torch

from reasonscope.models.loading import LoadedModel, load_model
from reasonscope.models.suppression import Suppression, suppress

TEXT = (
    "Natalia sold clips to 48 of her friends in April, and then she sold half as many clips in "
    "May. How many clips did Natalia sell altogether in April and May? In May she sold 24. "
)


def whole(
    loaded: LoadedModel, ids: list[int], asked: list[Suppression], all_logits: bool
) -> list[np.ndarray]:
    """One masked pass of the whole text a step; transformers takes the mask as it is."""
    tokens, at = torch.tensor([ids]), torch.arange(len(ids))
    out = []
    with torch.inference_mode():
        base = log_probabilities(loaded, tokens, None, None)
        for one in asked:
            hidden = torch.zeros(len(ids), dtype=torch.bool)
            hidden[list(one.hidden)] = True
            sees = (at[:, None] >= at) & ~(hidden & (at[:, None] >= one.border))
            kept = at[one.border : -1]
            q = log_probabilities(loaded, tokens, sees[None, None], None if all_logits else kept)
            q = q[kept] if all_logits else q
            p = base[kept]
            nats = np.full(len(ids), np.nan)
            nats[one.border + 1 :] = (p.exp() * (torch.expm1(q - p) - (q - p))).sum(-1).numpy()
            out.append(nats)
    return out


def log_probabilities(
    loaded: LoadedModel,
    tokens: torch.Tensor,
    mask: torch.Tensor | None,
    kept: torch.Tensor | None,
) -> torch.Tensor:
    keep = 0 if kept is None else kept
    logits = loaded.model(input_ids=tokens, attention_mask=mask, logits_to_keep=keep).logits
    return logits[0].float().log_softmax(-1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--model", default="smollm2")
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--tokens", type=int, default=32)
    parser.add_argument("--prompt", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cpu", action="store_true")
    parser.add_argument("--published", action="store_true", help="also the arm with all logits")
    args = parser.parse_args()
    loaded = load_model(args.model)
    length = args.prompt + args.steps * args.tokens
    ids = loaded.tokenizer.encode(TEXT * (length // 40 + 2))[:length]
    starts = range(args.prompt, length, args.tokens)
    asked = [
        Suppression(hidden=tuple(range(s, s + args.tokens)), border=s + args.tokens) for s in starts
    ]
    arms: dict[str, Callable[[], object]] = {
        "suffixes": lambda: suppress(loaded, ids, asked).nats,
        "whole, logits where needed": lambda: whole(loaded, ids, asked, False),
    }
    if args.published:
        arms["whole, all logits (published)"] = lambda: whole(loaded, ids, asked, True)
    clock = time.process_time if args.cpu else time.perf_counter
    spent: dict[str, list[float]] = {name: [] for name in arms}
    found = {}
    for _ in range(args.rounds):
        for name, arm in arms.items():
            began = clock()
            found[name] = arm()
            spent[name].append(clock() - began)
            print(f"{name:32} {spent[name][-1]:7.2f} s", flush=True)
    fast, slow = found["suffixes"], found["whole, logits where needed"]
    worst = max(
        np.nanmax(abs(a - b), initial=0.0) for a, b in zip(fast[:-1], slow[:-1], strict=True)
    )
    medians = {name: statistics.median(times) for name, times in spent.items()}
    print(f"{length} tokens, {args.steps} steps, {torch.get_num_threads()} threads")
    print(f"tokens of whole passes: {(args.steps + 1) * length}")
    for name, seconds in medians.items():
        print(f"{name:32} {seconds:7.2f} s, {seconds / medians['suffixes']:.2f} x")
    print(f"largest difference {worst:.2g} nats")


if __name__ == "__main__":
    main()
