"""Extraction and comparison on public traces: the figures of the docs page, as floors."""

import json
from collections import Counter
from pathlib import Path

import pytest

from reasonscope.problems.answers import compare, final_answer
from reasonscope.traces.formats import read
from reasonscope.traces.schema import Problem, Reading, Trace

pytestmark = pytest.mark.shared
MIP = "mip-overthinking/response/{}/normal/{}/response.json.gz"


def outcomes(path: Path) -> Counter[bool | str | None]:
    counted: Counter[bool | str | None] = Counter()
    for row in read(path, "auto"):
        assert isinstance(row, Reading)
        found = final_answer(row.problem, row.trace)
        counted["missing" if found is None else found.correct] += 1
    return counted


@pytest.mark.parametrize(
    ("model", "right"), [("deepseekR1", 553), ("DSQ", 556), ("gpt4o", 556), ("Qwen32", 550)]
)
def test_gsm8k(shared_data: Path, model: str, right: int) -> None:
    counted = outcomes(shared_data / MIP.format("gsm8k", model))
    assert counted.total() == 582
    assert counted[True] >= right
    assert counted["missing"] + counted[None] <= 6


@pytest.mark.parametrize("model", ["deepseekR1", "DSQ"])
def test_math(shared_data: Path, model: str) -> None:
    counted = outcomes(shared_data / MIP.format("math", model))
    assert counted[True] >= 48
    assert counted["missing"] + counted[None] <= 1


def test_hints(shared_data: Path) -> None:
    counted = outcomes(shared_data / "r1-hints" / "deepseek-r1_671b_logic_four_all.json.gz")
    assert counted[True] >= 385
    assert counted["missing"] + counted[None] <= 12


@pytest.mark.parametrize(
    "task", ["multistep_arithmetic", "tracking_shuffled_objects", "word_sorting"]
)
def test_the_answer_agrees_with_the_one_the_set_extracted(shared_data: Path, task: str) -> None:
    """The set's own extraction is in the field ``answer``; none of ours was fitted to it."""
    for line in (shared_data / "bigbench-mistake" / f"{task}.jsonl").read_text().splitlines():
        row = json.loads(line)
        problem = Problem.make(row["input"], answer=str(row["answer"]))
        found = final_answer(problem, Trace.make(problem, "\n".join(row["steps"])))
        assert found is not None
        assert compare(found.text, problem).correct is True
