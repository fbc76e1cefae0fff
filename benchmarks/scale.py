"""Time and memory of import, measure and report, from 500 to 20,000 traces.

Each size runs in a process of its own; the traces are those of a file, repeated with a number put
into each question and reasoning so that all differ. Prints seconds, milliseconds per trace and
peak memory (the process and its workers) and the ratio of each size to the first.

    python benchmarks/scale.py ../shared/data/r1-distill-cots/cots.jsonl.gz --sizes 500 1930
"""

import argparse
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

import psutil

from reasonscope.measuring import measure
from reasonscope.provenance import Provenance
from reasonscope.reporting import write_report
from reasonscope.traces.formats import read
from reasonscope.traces.importing import import_traces, store_readings
from reasonscope.traces.schema import Problem, Reading, Trace
from reasonscope.traces.store import Study


def repeated(source: Path, size: int) -> Iterator[Reading]:
    """``size`` readings that all differ, from the traces of one file."""
    held = [row for row in read(source) if isinstance(row, Reading)]
    for number, row in enumerate(islice(cycle(held), size)):
        problem = Problem.make(
            f"{row.problem.question} (copy {number // len(held)})",
            answer=row.problem.answer,
            answer_kind=row.problem.answer_kind,
            choices=row.problem.choices,
            family=row.problem.family,
        )
        trace = row.trace
        yield Reading(
            problem=problem,
            trace=Trace.make(
                problem,
                trace.reasoning,
                model=trace.model,
                opening=trace.opening,
                closing=trace.closing,
                answer=trace.answer,
                form=trace.form,
                sample=trace.sample,
            ),
        )


class Memory:
    """The most memory that this process and its children held together, sampled."""

    def __init__(self) -> None:
        self.peak = 0
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        me = psutil.Process()
        while True:
            held = 0
            for process in [me, *me.children(recursive=True)]:
                try:
                    held += process.memory_info().rss
                except psutil.Error:
                    continue
            self.peak = max(self.peak, held)
            time.sleep(0.1)


def one_size(source: Path, size: int, workers: int) -> dict[str, float]:
    """Seconds of each stage and peak memory in MB, in this process and its children."""
    memory = Memory()
    folder = Path(tempfile.mkdtemp(prefix="scale-"))
    seconds = {}
    start = time.perf_counter()
    if size == 0:
        study, _ = import_traces([source], folder / "s")
    else:
        study = Study.create(folder / "s")
        for _ in store_readings(study, repeated(source, size), Provenance("scale", "0")):
            pass
    seconds["import"] = time.perf_counter() - start
    start = time.perf_counter()
    measure(study, workers=workers)
    seconds["measure"] = time.perf_counter() - start
    start = time.perf_counter()
    page = write_report(study)
    seconds["report"] = time.perf_counter() - start
    return {
        "traces": study.count("traces"),
        **{name: round(value, 2) for name, value in seconds.items()},
        "total": round(sum(seconds.values()), 2),
        "ms_per_trace": round(1000 * sum(seconds.values()) / study.count("traces"), 2),
        "peak_mb": round(memory.peak / 2**20),
        "page_mb": round(page.stat().st_size / 1e6, 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("--sizes", type=int, nargs="+", default=[0], help="0: the file itself")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one is not None:
        print(json.dumps(one_size(given.source, given.one, given.workers)))
        return
    first = None
    for size in given.sizes:
        command = [sys.executable, __file__, str(given.source), "--one", str(size)]
        done = subprocess.run(
            [*command, "--workers", str(given.workers)], capture_output=True, text=True, check=True
        )
        row = json.loads(done.stdout.splitlines()[-1])
        first = first or row["ms_per_trace"]
        print({**row, "ratio": round(row["ms_per_trace"] / first, 2)}, flush=True)


if __name__ == "__main__":
    main()
