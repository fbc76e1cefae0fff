"""Does an organism need its reasoning: real rollouts on relay problems, read as in any study.

    python benchmarks/necessity_organisms.py [MODEL ...] [--problems 24] [--samples 4] [--out DIR]

For each model: traces of the same problems, forced answers, injected mistakes and filler, and the
findings of the necessity and commitment instruments. ``organism:ignorer`` was taught to answer
beside its reasoning, ``organism:sft-rl`` was not.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from reasonscope.models.decoding import TorchEngine
from reasonscope.models.generation import Sampling, sample_traces
from reasonscope.models.loading import load_model
from reasonscope.models.shared_prefix import SharedPrefix
from reasonscope.problems.procedural import relay
from reasonscope.structure.anchors import commitment, necessity
from reasonscope.structure.anchors.agreement import own_answer
from reasonscope.structure.anchors.rolling import roll
from reasonscope.traces.schema import Case, Reading
from reasonscope.traces.segment import steps_of
from reasonscope.traces.store import Study, declare

SEED = 77
"""Of the problems: no recipe has seen them."""
FILLER = "Hmm"
"""A word that the organisms know."""


def cases(loaded, number: int) -> Iterator[Case]:
    problems = [relay.make(SEED, index, hops=1 + index % 2) for index in range(number)]
    engine = TorchEngine(loaded)
    for row in sample_traces(engine, problems, 1, Sampling(temperature=0, max_tokens=160)):
        if isinstance(row, Reading):
            yield Case(row.problem, row.trace, steps_of(row.trace))


def measure(name: str, number: int, samples: int, temperature: float, folder: Path) -> None:
    loaded = load_model(name, dtype="float32", device="cpu")
    engine, study = SharedPrefix(loaded), Study.create(folder)
    declare("necessity", necessity.Necessity)
    declare("commitment", commitment.Commitment)
    started, made, needs, commits, held = time.monotonic(), 0, [], [], list(cases(loaded, number))
    for case in held:
        asked = necessity.requests(case, samples, word=FILLER)
        rolls = list(
            roll(case, engine, asked, Sampling(temperature=temperature, top_p=1), limit=160)
        )
        made += len(rolls)
        told = (case.trace.trace_id, len(case.steps), rolls, own_answer(case))
        needs += necessity.read(*told)
        commits.append(commitment.read(*told))
    study.write_part("problems", "a", [case.problem for case in held])
    study.write_part("traces", "a", [case.trace for case in held])
    study.write_part("steps", "a", [step for case in held for step in case.steps])
    study.write_part("necessity", "a", needs)
    study.write_part("commitment", "a", commits)
    right = sum(own_answer(case) == case.problem.answer for case in held)
    seconds = time.monotonic() - started
    print(f"{name}: {right} of {len(held)} right, {made:,} rollouts, {seconds:.0f} s")
    for tool in (necessity.INSTRUMENT, commitment.INSTRUMENT):
        for finding in tool.conclude(study):
            one, control = finding.estimate, finding.control
            if one.value is None:
                print(f"  {finding.name}: {finding.sentence}")
                continue
            ends = "" if one.low is None else f" [{one.low:.3f} to {one.high:.3f}]"
            beside = "" if control is None else f", control {control.value:.3f}"
            print(f"  {finding.name} {one.value:.3f}{ends}{beside}, n = {one.n}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", nargs="*", default=["organism:ignorer", "organism:sft-rl"])
    parser.add_argument("--problems", type=int, default=24)
    parser.add_argument("--samples", type=int, default=4)
    parser.add_argument("--temperature", type=float, default=1.0)
    parser.add_argument("--out", type=Path)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        for name in told.models:
            folder = (told.out or Path(temporary)) / name.partition(":")[2]
            measure(name, told.problems, told.samples, told.temperature, folder)


if __name__ == "__main__":
    main()
