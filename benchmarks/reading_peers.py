"""The part of reading_speed.py that runs in another environment: TransformerLens and nnsight.

Started by ``reading_speed.py --peer-python PATH``; prints one JSON line. It knows nothing of
reasonscope: each peer reads the residual after all layers of the same folder and is paired with a
bare forward pass of transformers in the same process. Each is measured as its documentation shows
it (``plain``) and ended after the last layer as it allows (``stopped``).
"""

import argparse
import json
import os
import time
import warnings

os.environ["HF_HUB_OFFLINE"] = "1"
warnings.filterwarnings("ignore")

import torch  # noqa: E402  the settings above must come first
from transformers import AutoModelForCausalLM  # noqa: E402


def transformer_lens(folder: str, ids: torch.Tensor):
    from transformer_lens.model_bridge import TransformerBridge

    bridge = TransformerBridge.boot_transformers(folder, device="cpu", dtype=torch.float32)
    names = [f"blocks.{layer}.hook_out" for layer in range(bridge.cfg.n_layers)]

    def plain():
        _, cache = bridge.run_with_cache(ids, names_filter=names)
        return [cache[name] for name in names]

    def stopped():
        _, cache = bridge.run_with_cache(ids, names_filter=names, stop_at_layer=len(names))
        return [cache[name] for name in names]

    return plain, stopped


def nnsight(folder: str, ids: torch.Tensor):
    from nnsight import TransformersModel, save

    model = TransformersModel(folder, task="text-generation", dispatch=True, dtype=torch.float32)

    def plain():
        with model.trace(ids):
            held = save([layer.output for layer in model.model.layers])
        return held  # noqa: RET504  the block is run elsewhere, and cannot return

    def stopped():
        with model.trace(ids) as tracer:
            held = save([layer.output for layer in model.model.layers])
            tracer.stop()
        return held

    return plain, stopped


def timed(run) -> tuple[float, float]:
    """Seconds by the clock and of the processor."""
    clock, processor = time.perf_counter(), time.process_time()
    with torch.no_grad():
        run()
    return time.perf_counter() - clock, time.process_time() - processor


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--examples", type=int, required=True)
    parser.add_argument("--positions", type=int, required=True)
    parser.add_argument("--rounds", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    settings = parser.parse_args()
    torch.set_num_threads(settings.threads)
    model = AutoModelForCausalLM.from_pretrained(settings.folder, dtype=torch.float32).eval()
    dice = torch.Generator().manual_seed(0)
    shape = (settings.examples, settings.positions)
    ids = torch.randint(0, model.config.vocab_size, shape, generator=dice)
    runs = {"bare": lambda: model(ids)}
    seen = []
    model.model.layers[-1].register_forward_hook(lambda _, __, output: seen.append(output))
    with torch.no_grad():
        model(ids)
    model.model.layers[-1]._forward_hooks.clear()
    off = {}
    for peer in (transformer_lens, nnsight):
        for kind, run in zip(("plain", "stopped"), peer(settings.folder, ids), strict=True):
            with torch.no_grad():
                off[f"{peer.__name__}, {kind}"] = float((run()[-1] - seen[0]).abs().max())
            runs[f"{peer.__name__}, {kind}"] = run
    timed(runs["bare"])
    seconds = [{name: timed(run) for name, run in runs.items()} for _ in range(settings.rounds)]
    print(json.dumps({"seconds": seconds, "off": off}))


if __name__ == "__main__":
    main()
