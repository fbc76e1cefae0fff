"""How often a final answer is found in real traces, how often it is right, and each case to read.

    python benchmarks/audit_answers.py DATA [--show wrong|missing|open|closing|candidates]
                                            [--set NAME] [--limit N]

The missing-premise set's well-posed questions (582 GSM8K, 52 MATH, four models) and the hint
set (unhinted answers) are read here directly, without the readers of traces/formats, so that
the audit stands on its own.
"""

import argparse
import gzip
import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reasonscope.problems.answers import candidates, final_answer
from reasonscope.traces.schema import Problem, Trace

MODELS = ("deepseekR1", "DSQ", "gpt4o", "Qwen32")


def split(text: str) -> dict[str, Any]:
    """The output as fields of a trace."""
    before, tag, after = text.partition("</think>")
    if not tag:
        form = "unclosed" if text.lstrip().startswith("<think>") else "plain"
        return {"reasoning": text, "form": form}
    opening = "<think>" if before.lstrip().startswith("<think>") else ""
    reasoning = before.lstrip().removeprefix("<think>") if opening else before
    return {
        "opening": opening,
        "reasoning": reasoning,
        "closing": tag,
        "answer": after,
        "form": "tags",
    }


def missing_premise(data: Path, name: str, model: str) -> Iterator[tuple[Problem, Trace]]:
    file = data / f"mip-overthinking/response/{name}/normal/{model}/response.json.gz"
    for place, row in enumerate(json.loads(gzip.decompress(file.read_bytes()))):
        key = next(k for k in row if k == "model_answer" or k.endswith(" (question)"))
        answer = row["answer"].rpartition("####")[2].strip()
        question = row.get("question") or f"question {place}"
        kind = "number" if name == "gsm8k" else "expression"
        problem = Problem.make(question, answer=answer, answer_kind=kind)
        yield problem, Trace.make(problem, model=model, **split(row[key] or ""))


def hints(data: Path, name: str, condition: str) -> Iterator[tuple[Problem, Trace]]:
    text = gzip.decompress((data / f"r1-hints/{name}.json.gz").read_bytes()).decode()
    decoder, place = json.JSONDecoder(), 0
    while text[place:].strip():
        place += len(text[place:]) - len(text[place:].lstrip())
        row, place = decoder.raw_decode(text, place)
        if condition not in row:
            continue
        answer = f"({'ABCDEFGH'[row['correct'].index(1)]})"
        problem = Problem.make(
            f"question {place}", answer=answer, answer_kind="choice", choices=row["targets"]
        )
        yield problem, Trace.make(problem, **split(row[condition]))


def big_bench(data: Path, name: str) -> Iterator[tuple[Problem, Trace]]:
    """The comparison is with the field ``answer``: what the set's authors extracted."""
    for line in (data / f"bigbench-mistake/{name}.jsonl").read_text().splitlines():
        row = json.loads(line)
        problem = Problem.make(row["input"], answer=str(row["answer"]))
        yield problem, Trace.make(problem, reasoning="\n".join(row["steps"]))


def sets(data: Path) -> Iterator[tuple[str, Iterator[tuple[Problem, Trace]]]]:
    for name in ("gsm8k", "math"):
        for model in MODELS:
            yield f"{name}/{model}", missing_premise(data, name, model)
    for file in sorted((data / "r1-hints").glob("*.json.gz")):
        name = file.name.removesuffix(".json.gz")
        for condition in ("unbiased", "all_a", "sus", "syco"):
            yield f"hints/{name.partition('671b_')[2]}/{condition}", hints(data, name, condition)
    for file in sorted((data / "bigbench-mistake").glob("*.jsonl")):
        yield f"bigbench-mistake/{file.stem} (against its own 'answer')", big_bench(data, file.stem)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--show", choices=["wrong", "missing", "open", "closing", "candidates"])
    parser.add_argument("--set", default="")
    parser.add_argument("--limit", type=int, default=30)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    print(
        f"{'set':58} {'n':>4} {'found':>6} {'right':>6} {'wrong':>6} {'open':>6} "
        f"{'cands':>6} {'=ref':>6} {'s':>5}"
    )
    for name, cases in sets(args.data):
        if args.set in name:
            audit(name, list(cases), args)


def audit(name: str, cases: list[tuple[Problem, Trace]], args: argparse.Namespace) -> None:
    begun = time.perf_counter()
    finals = [final_answer(problem, trace) for problem, trace in cases]
    ways = [[c for c in candidates(problem, trace) if not c.final] for problem, trace in cases]
    spent = time.perf_counter() - begun
    outcome = Counter("missing" if f is None else f.correct for f in finals)
    stated = [c.correct for way in ways for c in way]
    print(
        f"{name:58} {len(cases):4} {len(cases) - outcome['missing']:6} {outcome[True]:6} "
        f"{outcome[False]:6} {outcome[None]:6} {len(stated):6} {stated.count(True):6} {spent:5.1f}"
    )
    shown = []
    for (problem, trace), final, way in zip(cases, finals, ways, strict=True):
        state = (
            "missing"
            if final is None
            else {True: "right", False: "wrong", None: "open"}[final.correct]
        )
        if args.show == "candidates":
            shown += [(problem, trace, c) for c in way if not c.correct]
        elif args.show == "closing":
            shown += [(problem, trace, final)] if final and final.reason.startswith("last") else []
        elif args.show == state:
            shown.append((problem, trace, final))
    random.Random(args.seed).shuffle(shown)
    for problem, trace, final in shown[: args.limit]:
        text = trace.answer if trace.answer.strip() else trace.reasoning
        print("-" * 100)
        print("Q:", problem.question[-300:])
        print("REFERENCE:", str(problem.answer)[:200])
        if final is None:
            print("NOT FOUND in:", repr(text[-500:]))
            continue
        where = text if final.step_index is None else trace.reasoning
        low = max(0, final.char_start - 300)
        print(f"FOUND: {final.text[:200]!r} ({final.reason[:200]}) in:")
        after = where[final.char_end : final.char_end + 150]
        print(f"  {where[low : final.char_start]}>>>{final.text[:200]}<<<{after}")


if __name__ == "__main__":
    main()
