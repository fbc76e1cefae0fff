"""thought-anchors folders, one per trace: a writer."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from reasonscope.traces.schema import Case

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_OUTCOME = {True: "correct_base_solution", False: "incorrect_base_solution", None: "base_solution"}


def write_folders(cases: Iterable[Case], out: Path) -> None:
    """Write ``<model>/<outcome>/problem_<trace id>/`` for each case."""
    out.mkdir(parents=True, exist_ok=True)
    for case in cases:
        trace = case.trace
        folder = out / _name(trace.model) / _OUTCOME[trace.stated_correct]
        folder = folder / f"problem_{_name(trace.trace_id)}"
        folder.mkdir(parents=True, exist_ok=True)
        texts = [step.text.strip() or step.text for step in case.steps]
        _dump(folder / "problem.json", _problem(case))
        _dump(folder / "base_solution.json", _base(case))
        whole = {"source_text": trace.prompt + trace.text, "solution_text": trace.text}
        _dump(folder / "chunks.json", whole | {"chunks": texts})
        _dump(folder / "chunks_labeled.json", _labels(case, texts))


def _name(text: str) -> str:
    """A name that is safe for a folder on any system.

    >>> _name("deepseek/r1:671b"), _name("..")
    ('deepseek_r1_671b', '_')
    """
    return _UNSAFE.sub("_", text)[:100].strip(".") or "_"


def _dump(file: Path, held: Any) -> None:
    content = json.dumps(held, ensure_ascii=False, indent=2, allow_nan=False)
    file.write_text(content + "\n", encoding="utf-8", newline="\n")


def _problem(case: Case) -> dict[str, Any]:
    problem = case.problem
    extra = json.loads(problem.extra)
    known = {name: extra.get(name) for name in ("level", "type", "gt_solution", "nickname")}
    return {
        **extra,
        **known,
        "problem": problem.question,
        "gt_answer": problem.answer,
        "family": problem.family,
        "answer_kind": problem.answer_kind,
        "choices": list(problem.choices),
    }


def _base(case: Case) -> dict[str, Any]:
    trace = case.trace
    parts = (trace.opening, trace.reasoning, trace.closing)
    return {
        "prompt": trace.prompt,
        "solution": trace.text,
        "full_cot": trace.prompt + trace.text,
        "answer": json.loads(trace.extra).get("stated_answer", ""),
        "is_correct": trace.stated_correct,
        "model": trace.model,
        "sample": trace.sample,
        "form": trace.form,
        "part_lengths": [len(part) for part in parts],
    }


def _labels(case: Case, texts: list[str]) -> list[dict[str, Any]]:
    """The chunks with what the trace's extra says of each, or with empty labels."""
    said = json.loads(case.trace.extra).get("chunks")
    known = said if isinstance(said, list) else []
    return [
        {"chunk": chunk, "chunk_idx": at, "function_tags": [], "depends_on": []}
        | (_label(known[at]) if at < len(known) else {})
        for at, chunk in enumerate(texts)
    ]


def _label(said: Any) -> dict[str, Any]:
    return {k: v for k, v in said.items() if k != "chunk"} if isinstance(said, dict) else {}
