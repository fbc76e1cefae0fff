"""Figures of the logic verifiers on the public sets: ``python benchmarks/logic_sets.py DATA``.

DATA is the folder that holds ``bigbench-mistake``, ``logic`` and ``r1-hints``.
"""

import argparse
import gzip
import json
import random
import re
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from reasonscope.provenance import seed_for
from reasonscope.traces.schema import Case, Problem, Step, Trace
from reasonscope.verify.logic import applies, check
from reasonscope.verify.logic.axes import AXES
from reasonscope.verify.logic.order_check import check_order
from reasonscope.verify.logic.order_claims import LeftOpen, describe
from reasonscope.verify.logic.order_language import Lexicon
from reasonscope.verify.logic.order_premises import OrderProblem, read_order
from reasonscope.verify.logic.order_sentences import read_sentence
from reasonscope.verify.logic.order_solver import OrderSolver
from reasonscope.verify.logic.planted import case_of, planted_order, planted_rules
from reasonscope.verify.logic.rule_check import RuleJudge
from reasonscope.verify.logic.rule_premises import read_rules
from reasonscope.verify.logic.rule_solver import RuleSolver

WRONG_LABELS = {
    11: "marks a right listing (fourth-most expensive of seven is also fourth-cheapest)",
    25: "marks a premise repeated word for word",
    53: "marks a right deduction (the crow is left of the cardinal, which is second)",
    80: "marks a premise repeated word for word, in a trace whose answer is right",
    91: "marks a premise repeated word for word",
    133: "marks a premise repeated word for word",
}
"""Lines (from 0) of logical_deduction.jsonl whose label we hold to be wrong, and why."""


def json_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def first_wrong(case: Case) -> int | None:
    wrong = (v.step_index for v in check(case) if v.correct is False)
    return min((index for index in wrong if index is not None), default=None)


def first_error(path: Path) -> dict[str, Any]:
    """First errors found in PaLM 2's chains, against the human labels."""
    exact, wrong, clean, kept, flagged, prefix_kept, misses = 0, 0, 0, 0, 0, 0, []
    for line, row in enumerate(json_lines(path)):
        problem = Problem.make(row["input"], family="logical_deduction")
        label, found = row["mistake_index"], first_wrong(case_of(problem, row["steps"]))
        if label is None:
            clean, kept = clean + 1, kept + (found is None)
            continue
        wrong, exact, flagged = wrong + 1, exact + (found == label), flagged + (found is not None)
        prefix_kept += found is None or found >= label
        if found != label:
            why = WRONG_LABELS.get(line, "")
            misses.append({"line": line, "label": label, "found": found, "label_wrong": why})
    return {
        "wrong_traces": wrong,
        "exact_first_error": exact / wrong,
        "flag_precision": exact / flagged,
        "clean_traces": clean,
        "clean_kept": kept / clean if clean else None,
        "steps_before_label_kept": prefix_kept / wrong,
        "misses": misses,
    }


def full_question(row: dict[str, Any]) -> str:
    return "\n".join([row["context"], row["question"], *row["options"]])


def order_answers(path: Path) -> dict[str, Any]:
    """Options picked by parser and solver on logical deduction."""
    rows = json.loads(path.read_text("utf-8"))
    right = 0
    for row in rows:
        problem = read_order(full_question(row))
        if problem is None:
            continue
        solver = OrderSolver(problem.words.size, problem.premises)
        fits = [a for a, claims in problem.options if all(map(solver.entails, claims))]
        right += solver.consistent() and fits == [row["answer"].lower()]
    return {"n": len(rows), "right_share": right / len(rows)}


def rule_answers(path: Path) -> dict[str, Any]:
    """Answers derived on ProntoQA or ProofWriter."""
    rows, right = json.loads(path.read_text("utf-8")), 0
    for row in rows:
        problem = read_rules(full_question(row))
        if problem is None:
            continue
        solver = RuleSolver(problem.words.constants, problem.premises)
        answer = RuleJudge(problem, solver, argues=True).answer()
        right += dict(problem.options).get(row["answer"].lower()) == answer
    return {"n": len(rows), "right_share": right / len(rows)}


def reachable(context: str) -> set[str]:
    """What a ProntoQA context makes derivable, by a search of its own, as a check on z3."""
    edges: dict[str, set[str]] = {}
    start = ""
    for sentence in (part.strip() for part in context.split(".") if part.strip()):
        words = [w for w in sentence.split() if w not in ("Every", "Each", "is", "are", "a", "an")]
        subject, what = (re.sub(r"uses$", "us", word.lower()) for word in (words[0], words[-1]))
        if " is " in sentence and not sentence.startswith(("Every", "Each")):
            start = subject
        edges.setdefault(subject, set()).add(("not " if "not" in words else "") + what)
    seen, queue = set[str](), [start]
    while queue:
        new = edges.get(queue.pop(), set()) - seen
        seen |= new
        queue += new
    return seen


def corrupted(step: str, derivable: set[str], chance: random.Random) -> str:
    """The step denied (or affirmed), or with a noun that is not derivable."""
    name = re.fullmatch(r"([A-Z][a-z]+) is (not )?(an? )?(\w+)\.", step)
    nouns = ("wumpus", "yumpus", "zumpus", "dumpus", "rompus", "numpus", "tumpus", "vumpus",
             "impus", "jompus")  # fmt: skip
    spare = [noun for noun in nouns if noun not in derivable and noun not in step]
    if name and name[1] not in ("Every", "Each") and spare and chance.random() < 0.5:
        return f"{name[1]} is a {chance.choice(spare)}."
    if " not " in step:
        return step.replace(" not ", " ", 1)
    return re.sub(r" (is|are) ", r" \1 not ", step, count=1)


def rule_steps(path: Path) -> dict[str, Any]:
    """Steps of ProntoQA's own proofs, as they are and made wrong."""
    chance = random.Random(seed_for("logic_sets", "prontoqa"))
    right, wrong = Counter[Any](), Counter[Any]()
    for row in json.loads(path.read_text("utf-8")):
        problem, steps = Problem.make(full_question(row)), row["explanation"]
        found = {v.step_index: v.correct for v in check(case_of(problem, steps))}
        right.update(found.get(index) for index in range(len(steps)))
        derivable = reachable(row["context"])
        index = chance.randrange(1, len(steps))
        bad = [*steps[:index], corrupted(steps[index], derivable, chance), *steps[index + 1 :]]
        found = {v.step_index: v.correct for v in check(case_of(problem, bad))}
        wrong[found.get(index, "not read")] += 1
    return {
        "steps": sum(right.values()),
        "entailed_share": right[True] / sum(right.values()),
        "corrupted": sum(wrong.values()),
        "corrupted_flagged_share": wrong[False] / sum(wrong.values()),
        "corrupted_called_right": wrong[True],
        "corrupted_open_or_unread": wrong[None] + wrong["not read"],
    }


KINDS = {
    "painful": ("song", "birds"), "ate": ("hunger", "friends"), "far": ("space", "toys"),
    "expensive": ("price", "fruits"), "cheap": ("price", "fruits"),
}  # fmt: skip
CONDITIONS = ("unbiased", "all_a", "sus", "syco")


def json_sequence(path: Path) -> list[dict[str, Any]]:
    text = gzip.decompress(path.read_bytes()).decode("utf-8").strip()
    decoder, place, rows = json.JSONDecoder(), 0, []
    while place < len(text):
        row, place = decoder.raw_decode(text, place)
        rows.append(row)
        while place < len(text) and text[place].isspace():
            place += 1
    return rows


def rebuilt(row: dict[str, Any]) -> OrderProblem | None:
    """The problem behind R1's traces, from the premises that they restate first.

    The file does not hold the questions. A rebuilt problem counts only if it is consistent and
    gives the right answer.
    """
    kind = next((kind for word, kind in KINDS.items() if word in row["targets"][0]), None)
    if kind is None:
        return None
    bare = (re.sub(r"^The | (?:is|are|already) .*", "", target) for target in row["targets"])
    axis = next(axis for axis in AXES if axis.name == kind[0])
    words = Lexicon(tuple(name.lower() for name in bare), axis, kind[1][:-1])
    tally = Counter[Any]()
    for condition in CONDITIONS:
        seen: list[Any] = []
        for piece in re.split(r"(?<=[.!?:])\s+|\n+", row[condition].split("</think>")[0][:2500]):
            told = re.sub(r'^.*(?:says?|is) (?:that )?["“]', "", piece.strip('"“” '))
            said = (s.statement for s in read_sentence(told, words).said)
            seen += [s for s in said if s not in seen and not isinstance(s, LeftOpen)]
        tally.update(seen[:4])
    premises = tuple(claim for claim, _ in tally.most_common(3))
    solver = OrderSolver(words.size, premises)
    asked = 1 if "most expensive" in row["targets"][0] else words.size
    if kind[0] == "price" and "cheap" in row["targets"][0]:
        asked = words.size
    right = solver.consistent() and solver.holder(asked) == row["correct"].index(1)
    return OrderProblem(words, premises, (), complete=True) if right else None


def paragraphs(problem: Problem, text: str) -> Case:
    trace, steps, start = Trace.make(problem, text), [], 0
    for index, part in enumerate(p for p in re.split(r"(?<=\n\n)", text) if p):
        end = start + len(part)
        steps.append(
            Step(trace_id=trace.trace_id, index=index, char_start=start, char_end=end, text=part)
        )
        start = end
    return Case(problem, trace, tuple(steps))


def r1_prose(folder: Path) -> dict[str, Any]:
    """Traces of R1 in which something is flagged, over rebuilt problems."""
    traces, flags, states, questions = 0, [], Counter[Any](), 0
    for path in sorted(folder.glob("*logic*.json.gz")):
        for number, row in enumerate(json_sequence(path)):
            problem = rebuilt(row)
            if problem is None:
                continue
            questions += 1
            for condition in CONDITIONS:
                case = paragraphs(Problem.make("not given"), row[condition].split("</think>")[0])
                found = check_order(case, problem)
                traces += 1
                states.update(str(v.correct) for v in found)
                flags += [
                    {"file": path.name, "row": number, "condition": condition,
                     "premises": [describe(p, problem.words) for p in problem.premises],
                     "claim": v.claim, "reason": v.reason}
                    for v in found if v.correct is False
                ]  # fmt: skip
    flagged = {(f["file"], f["row"], f["condition"]) for f in flags}
    return {
        "questions": questions,
        "traces": traces,
        "flagged_traces": len(flagged),
        "verdicts": dict(states),
        "flags": flags,
    }


def planted(n: int) -> dict[str, Any]:
    """Planted errors found at the planted step, and clean twins in which something is flagged."""
    out = {}
    for make in (planted_order, planted_rules):
        plants = [make(0, index) for index in range(n)]
        found = sum(first_wrong(plant.corrupted) == plant.wrong_step for plant in plants)
        false = sum(first_wrong(plant.clean) is not None for plant in plants)
        out[make.__name__] = {"n": n, "found_share": found / n, "clean_flagged_share": false / n}
    return out


def microseconds(calls: int = 20_000) -> float:
    """Time of ``applies`` on a word problem that is not logic."""
    problem = Problem.make(
        "Natalia sold clips to 48 of her friends in April, and then she sold half as many clips in "
        "May. How many clips did Natalia sell altogether in April and May?"
    )
    start = time.perf_counter()
    for _ in range(calls):
        applies(problem)
    return (time.perf_counter() - start) / calls * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--planted", type=int, default=200, help="planted problems of each kind")
    options = parser.parse_args()
    logic = options.data / "logic"
    parts = {
        "first_error": lambda: first_error(
            options.data / "bigbench-mistake/logical_deduction.jsonl"
        ),
        "logical_deduction_answers": lambda: order_answers(logic / "LogicalDeduction_dev.json"),
        "prontoqa_answers": lambda: rule_answers(logic / "ProntoQA_dev.json"),
        "proofwriter_answers": lambda: rule_answers(logic / "ProofWriter_dev.json"),
        "prontoqa_steps": lambda: rule_steps(logic / "ProntoQA_dev.json"),
        "r1_prose": lambda: r1_prose(options.data / "r1-hints"),
        "planted": lambda: planted(options.planted),
        "applies_microseconds": microseconds,
    }
    figures = {}
    for name, part in parts.items():
        start = time.perf_counter()
        figures[name] = part()
        print(f"{name}: {time.perf_counter() - start:.1f} s", file=sys.stderr)
    print(json.dumps(figures, indent=None if options.json else 2, ensure_ascii=False))


if __name__ == "__main__":
    main()
