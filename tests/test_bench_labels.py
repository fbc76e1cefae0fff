"""The labels bench: agreement counted by hand, and the figures on the set at hand."""

import json
from pathlib import Path

import pytest

from reasonscope.bench.labels import LabelScore, labels_bench
from reasonscope.traces.schema import StepLabel

SETUP: StepLabel = "problem_setup"
PLAN: StepLabel = "plan_generation"


def score(theirs: list[StepLabel], ours: list[StepLabel], problems: list[str]) -> LabelScore:
    return LabelScore(
        problems=tuple(problems), theirs=tuple(theirs), ours=tuple(ours), left_out=0, unreadable=0
    )


def test_accuracy_and_f1_by_hand() -> None:
    """Of 4 steps 3 agree; F1 of setup 4/5, of plan 2/3; kappa .5."""
    held = score([SETUP, SETUP, PLAN, PLAN], [SETUP, SETUP, SETUP, PLAN], ["a", "a", "b", "b"])
    assert held.accuracy().value == 0.75
    assert held.macro_f1().value == pytest.approx((4 / 5 + 2 / 3) / 2)
    assert held.kappa().value == pytest.approx(0.5)
    assert held.majority() == 0.5


def test_the_score_is_json_with_the_promised_keys() -> None:
    held = score([SETUP, PLAN], [SETUP, PLAN], ["a", "b"]).to_json()
    assert {"n", "accuracy", "macro_f1", "kappa", "intervals", "confusion"} <= set(held)
    json.dumps(held, allow_nan=False)


def test_nothing_labelled_is_said() -> None:
    assert "no labelled step" in score([], [], []).summary()
    assert score([], [], []).to_json()["accuracy"] is None


def folder_of(root: Path, tags: list[list[str]]) -> Path:
    trace = root / "correct_base_solution" / "problem_1"
    trace.mkdir(parents=True)
    chunks = [f"Step number {n} of the work." for n in range(len(tags))]
    labelled = [
        {"chunk": chunk, "chunk_idx": n, "function_tags": tag, "depends_on": []}
        for n, (chunk, tag) in enumerate(zip(chunks, tags, strict=True))
    ]
    (trace / "problem.json").write_text(json.dumps({"problem": "What?", "gt_answer": "1"}))
    base = {"prompt": "What? <think>", "solution": " ".join(chunks), "is_correct": True}
    (trace / "base_solution.json").write_text(json.dumps(base))
    (trace / "chunks_labeled.json").write_text(json.dumps(labelled))
    return root


def test_the_first_tag_counts_and_unknown_ones_do_not(tmp_path: Path) -> None:
    found = labels_bench(folder_of(tmp_path, [[SETUP, PLAN], ["unknown"], [], [PLAN]]))
    assert found.theirs == (SETUP, PLAN)
    assert found.left_out == 0


def test_a_trace_without_a_known_tag_is_unreadable(tmp_path: Path) -> None:
    found = labels_bench(folder_of(tmp_path, [["unknown"], []]))
    assert found.n == 0
    assert found.unreadable == 1


@pytest.mark.shared
def test_problems_left_out_the_labeller_beats_words_and_regression(shared_data: Path) -> None:
    """TF-IDF with logistic regression reached .58 and .51; a target of .65 is not reached."""
    found = labels_bench(shared_data / "thought-anchors")
    assert found.left_out == found.n
    accuracy, macro = found.accuracy().value, found.macro_f1().value
    assert accuracy is not None
    assert macro is not None
    assert accuracy > 0.6
    assert macro > 0.58
