"""inif documents, the interchange format of token-level interpretability tools: a writer."""

import json
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from reasonscope.traces.schema import Case, Trace

VERSION = "0.1"


def write_inif(cases: Iterable[Case], out: Path) -> None:
    """Write one document; its metadata comes last, when all models are known."""
    models: dict[str, None] = {}
    with open(out, "w", encoding="utf-8", newline="") as handle:
        handle.write('{"sequences": [], "samples": [')
        for at, case in enumerate(cases):
            models[case.trace.model] = None
            handle.write(",\n" if at else "\n")
            handle.write(json.dumps(_sample(case), ensure_ascii=False, allow_nan=False))
        handle.write('\n], "metadata": ')
        json.dump(_metadata(list(models)), handle, ensure_ascii=False)
        handle.write("}\n")


def _metadata(models: list[str]) -> dict[str, Any]:
    name = models[0] if len(models) == 1 else f"{len(models)} models"
    model: dict[str, Any] = {"name": name, "huggingface_id": None, "generation_config": {}}
    extra = {"models": models[:1000]}
    return {"model": model, "inif_version": VERSION, "source_eval": None, "extra": extra}


def _sample(case: Case) -> dict[str, Any]:
    problem, trace = case.problem, case.trace
    tokens = list(_tokens(trace))
    return {
        "id": trace.trace_id,
        "tokens": tokens,
        "texts": [trace.prompt or problem.question, trace.text],
        "spans": _spans(case) if tokens else [],
        "scores": _scores(trace),
        "target": problem.answer,
        "metadata": {
            "problem_id": problem.problem_id,
            "question": problem.question,
            "family": problem.family,
            "model": trace.model,
            "sample": trace.sample,
            "form": trace.form,
            "sampling": json.loads(trace.sampling),
            "parts": {"opening": trace.opening, "closing": trace.closing, "answer": trace.answer},
            "step_ends": [step.char_end for step in case.steps],
            "extra": json.loads(trace.extra),
        },
    }


def _tokens(trace: Trace) -> Iterator[dict[str, Any]]:
    """The tokens with their texts, where the trace knows both; ids below 0 are left out."""
    ids, ends = trace.token_ids, trace.token_ends
    if ids is None or ends is None or any(token < 0 for token in ids):
        return
    logprobs = trace.token_logprobs or (None,) * len(ids)
    borders = pairwise((0, *ends))
    for token, (start, end), logprob in zip(ids, borders, logprobs, strict=True):
        held = {"id": token, "token": trace.text[start:end], "role": "assistant"}
        yield held if logprob is None else held | {"logprob": logprob}


def _spans(case: Case) -> list[dict[str, Any]]:
    """A span for each step: the positions of the tokens that end in it."""
    ends = case.trace.token_ends or ()
    shift = len(case.trace.opening)
    spans: list[dict[str, Any]] = []
    at = 0
    while at < len(ends) and ends[at] <= shift:
        at += 1
    for step in case.steps:
        first = at
        while at < len(ends) and ends[at] <= shift + step.char_end:
            at += 1
        spans.append({"name": f"step {step.index}", "positions": list(range(first, at)),
                      "tags": ["step"], "metadata": {}})  # fmt: skip
    return spans


def _scores(trace: Trace) -> list[dict[str, Any]]:
    if trace.stated_correct is None:
        return []
    return [
        {"scorer": "stated", "value": trace.stated_correct, "answer": trace.answer or None,
         "explanation": None, "metadata": {}}
    ]  # fmt: skip
