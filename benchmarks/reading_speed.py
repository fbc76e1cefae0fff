"""Reading the residual after all layers against a bare forward pass with logits, in one run.

Same model, same tokens; in each round every way takes its turn, and the ratio to that round's bare
pass is kept: the median of the rounds, with the least and the most. Ratios of processor time (with
``--threads 1``) say more than those of the clock on a machine that is busy with other things.

    python benchmarks/reading_speed.py --threads 1 --rounds 7

With ``--peer-python`` TransformerLens and nnsight do the same in that interpreter's environment,
each against a bare pass in its own process:

    python -m venv peers
    peers/bin/pip install torch==2.13.0 transformer-lens==4.3.0 nnsight==0.8.1
    python benchmarks/reading_speed.py --threads 1 --rounds 7 --peer-python peers/bin/python
"""

import argparse
import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

os.environ.setdefault("HF_HUB_OFFLINE", "1")

import torch

from reasonscope.models.hooks import layout_of, read, reading
from reasonscope.models.loading import LoadedModel, load_model

Seconds = tuple[float, float]
"""By the clock, and of the processor."""


def ways(loaded: LoadedModel, ids: torch.Tensor) -> dict[str, Callable[[], object]]:
    model = loaded.model
    sites = layout_of(model).every("residual")

    def around_a_whole_pass() -> object:
        with reading(model, sites):
            return model(ids)

    return {
        "bare": lambda: model(ids),
        "read": lambda: read(model, ids, sites),
        "read, layers 0 to 9": lambda: read(model, ids, sites[:10]),
        "reading around a whole pass": around_a_whole_pass,
    }


def timed(run: Callable[[], object]) -> Seconds:
    clock, processor = time.perf_counter(), time.process_time()
    with torch.no_grad():
        run()
    return time.perf_counter() - clock, time.process_time() - processor


def ours(settings: argparse.Namespace) -> list[dict[str, Seconds]]:
    loaded = load_model("smollm2", dtype="float32", device="cpu")
    dice = torch.Generator().manual_seed(0)
    shape = (settings.examples, settings.positions)
    ids = torch.randint(0, loaded.model.config.vocab_size, shape, generator=dice)
    runs = ways(loaded, ids)
    for run in runs.values():
        timed(run)
    return [{name: timed(run) for name, run in runs.items()} for _ in range(settings.rounds)]


def theirs(settings: argparse.Namespace) -> list[dict[str, Seconds]]:
    folder = load_model("smollm2").model.name_or_path
    script = Path(__file__).with_name("reading_peers.py")
    command = [settings.peer_python, str(script), folder]
    for name in ("examples", "positions", "rounds", "threads"):
        command += [f"--{name}", str(getattr(settings, name))]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    said = json.loads(done.stdout.splitlines()[-1])
    print(json.dumps({"off the bare pass, at most": said["off"]}), flush=True)
    found: list[dict[str, Seconds]] = said["seconds"]
    return found


def ratios(seconds: list[dict[str, Seconds]]) -> None:
    """Print each way's seconds and ratio to the bare pass of the same round."""
    for name in seconds[0]:
        row: dict[str, object] = {"way": name}
        for index, kind in enumerate(("clock", "processor")):
            shares = [round_[name][index] / round_["bare"][index] for round_ in seconds]
            row[f"{kind}_seconds"] = round(median(round_[name][index] for round_ in seconds), 3)
            row[f"{kind}_ratio"] = round(median(shares), 3)
            row[f"{kind}_ratio_from_to"] = [round(min(shares), 3), round(max(shares), 3)]
        print(json.dumps(row), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=4)
    parser.add_argument("--positions", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--peer-python", help="an interpreter with transformer-lens and nnsight")
    settings = parser.parse_args()
    torch.set_num_threads(settings.threads)
    print(
        json.dumps({name: held for name, held in vars(settings).items() if name != "peer_python"})
    )
    ratios(ours(settings))
    if settings.peer_python:
        ratios(theirs(settings))


if __name__ == "__main__":
    main()
