"""Counts of the equations of real traces, and a seeded sample of the false ones to be read.

    python benchmarks/sample_false_equations.py FILE [--first N] [--sample 30] [--seed 0]

Reads the response files of mip-overthinking (``response.json.gz``), r1-distill-cots
(``cots.jsonl.gz``) and GSM8K (``.jsonl``, ``.jsonl.gz``: the bodies of ``<<...>>`` and the text),
reference solutions (``math.json.gz``) and thought-anchors' resampled sentences.
Prints checkable, true, false, retracted and open equations, the seconds taken, and for each
sampled unretracted false equation its claim, the value expected, and the text around it.
"""

import argparse
import gzip
import json
import random
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reasonscope.provenance import seed_for
from reasonscope.traces.schema import Case, Problem, Step, Trace, Verdict
from reasonscope.traces.segment import step_ends
from reasonscope.verify.equations import check


def records(file: Path) -> Any:
    raw = file.read_bytes()
    text = (gzip.decompress(raw) if file.suffix == ".gz" else raw).decode("utf-8")
    if ".jsonl" in file.name:
        return [json.loads(line) for line in text.splitlines()]
    return json.loads(text)


def texts(file: Path) -> Iterator[tuple[str, str]]:
    """(question, reasoning) of every attempt in a file."""
    if file.name.startswith("chunks_resampled"):
        problem = records(file.with_name("problem.json.gz"))["problem"]
        chunks = {text for texts in records(file).values() for text in texts}
        yield from ((problem, text) for text in sorted(chunks))
        return
    for record in records(file):
        if "solution" in record and not any(key.endswith("question)") for key in record):
            yield record["question"], record["solution"]
        elif "solutions" in record:
            for solution in record["solutions"]:
                yield record["problem"]["question"], solution["solution"]
        elif "####" in str(record.get("answer", "")) and len(record) == 2:
            bodies = "\n".join(re.findall(r"<<([^<>]*)>>", record["answer"]))
            plain = re.sub(r"<<[^<>]*>>", "", record["answer"])
            yield record["question"], f"{bodies}\n\n{plain}"
        else:
            named = [v for k, v in record.items() if k.endswith("question)") and "(" in k]
            written = named[0] if named else record.get("model_answer", "")
            reasoning = str(written).split("</think>")[0]
            if reasoning.strip():
                yield str(record.get("question", "")), reasoning


def case(question: str, reasoning: str) -> Case:
    problem = Problem.make(question)
    trace = Trace.make(problem, reasoning)
    ends = step_ends(trace.reasoning)
    starts = (0, *ends[:-1])
    steps = tuple(
        Step(trace_id=trace.trace_id, index=i, char_start=a, char_end=b, text=trace.reasoning[a:b])
        for i, (a, b) in enumerate(zip(starts, ends, strict=True))
    )
    return Case(problem, trace, steps)


def show(place: int, held: Case, verdict: Verdict, width: int) -> None:
    text = held.trace.reasoning
    start, end = verdict.char_start or 0, verdict.char_end or 0
    around = (
        f"{text[max(0, start - width) : start]}>>>{text[start:end]}<<<{text[end : end + width]}"
    )
    print(
        f"\n--- trace {place}: {verdict.claim}   expected {verdict.expected}   ({verdict.reason})"
    )
    print(around)


def at_most(pool: list[tuple[int, Case, Verdict]], most: int) -> list[tuple[int, Case, Verdict]]:
    """The pool with at most so many of one trace: one long trace must not fill the sample."""
    seen: dict[int, int] = {}
    kept = []
    for row in pool:
        seen[row[0]] = seen.get(row[0], 0) + 1
        if seen[row[0]] <= most:
            kept.append(row)
    return kept


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--first", type=int, default=None, help="only the first N traces")
    parser.add_argument("--sample", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--per-trace", type=int, default=2, help="at most so many of one trace")
    parser.add_argument("--width", type=int, default=300)
    parser.add_argument("--show", choices=("false", "retracted", "open", "true"), default="false")
    options = parser.parse_args()
    pool: list[tuple[int, Case, Verdict]] = []
    counts = dict.fromkeys(("traces", "characters", "true", "false", "retracted", "open"), 0)
    seconds = slowest = 0.0
    for place, (question, reasoning) in enumerate(texts(options.file)):
        if options.first is not None and place >= options.first:
            break
        held = case(question, reasoning)
        started = time.process_time()
        verdicts = check(held)
        taken = time.process_time() - started
        seconds, slowest = seconds + taken, max(slowest, taken)
        counts["traces"] += 1
        counts["characters"] += len(reasoning)
        for verdict in verdicts:
            kind = {True: "true", False: "false", None: "open"}[verdict.correct]
            kind = "retracted" if verdict.retracted else kind
            counts[kind] += 1
            if kind == options.show:
                pool.append((place, held, verdict))
    checkable = counts["true"] + counts["false"] + counts["retracted"]
    print(f"checkable {checkable:,}  " + "  ".join(f"{k} {v:,}" for k, v in counts.items()))
    print(f"{seconds:.2f} s in all, slowest trace {slowest * 1000:.1f} ms")
    pool = at_most(pool, options.per_trace)
    chance = random.Random(seed_for("sample_false_equations", options.seed))
    for place, held, verdict in chance.sample(pool, min(options.sample, len(pool))):
        show(place, held, verdict, options.width)


if __name__ == "__main__":
    main()
