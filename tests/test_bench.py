"""Scores worked out by hand on made-up files, and the real sets where they are at hand."""

import json
import re

import numpy as np
import pytest

from reasonscope.bench.first_error import (
    PUBLISHED,
    Judged,
    first_error_bench,
    harmonic_mean,
    label_of,
    score,
)
from reasonscope.traces.schema import Problem, Reading, Trace


def one(label, ours, place="record 1"):
    return Judged(
        place=place,
        trace_id="t",
        label=label,
        ours=ours,
        labelled_flagged=label is not None and label == ours,
        verifier="" if ours is None else "equations",
        reason="" if ours is None else "as planted",
    )


FOUR_WRONG_TWO_CLEAN = [
    one(1, 1),
    one(2, 2),
    one(3, 1),
    one(0, None),
    one(None, None),
    one(None, 4),
]


def test_the_shares_are_those_done_by_hand():
    found = score(FOUR_WRONG_TWO_CLEAN, verifier="equations").to_json()
    assert found["n"] == 6
    assert found["exact_first_error"] == 0.5  # 2 of 4
    assert found["clean_kept"] == 0.5  # 1 of 2
    assert found["flag_precision"] == pytest.approx(2 / 3)  # 2 of the 3 flagged
    assert found["f1"] == 0.5
    assert (found["n_wrong"], found["n_clean"]) == (4, 2)


def test_the_disagreements_are_all_there_with_our_reason():
    found = score(FOUR_WRONG_TWO_CLEAN, verifier="equations").to_json()["disagreements"]
    assert [(d["label"], d["ours"]) for d in found] == [(3, 1), (0, None), (None, 4)]
    assert found[0]["reason"] == "as planted"


def test_a_verifier_that_flags_nothing_keeps_every_clean_trace_and_scores_nothing():
    found = score([one(1, None), one(None, None)], verifier="equations").to_json()
    assert (found["exact_first_error"], found["clean_kept"], found["f1"]) == (0.0, 1.0, 0.0)
    assert found["flag_precision"] is None


def test_without_clean_traces_their_share_and_f1_are_unknown_not_zero():
    found = score([one(1, 1)], verifier="equations").to_json()
    assert found["exact_first_error"] == 1.0
    assert found["clean_kept"] is None
    assert found["f1"] is None
    assert score([], verifier="equations").to_json()["n"] == 0


def test_the_score_is_plain_json_and_its_summary_names_the_published_figure():
    found = score(FOUR_WRONG_TWO_CLEAN, verifier="simulators.brackets", unreadable=1)
    again = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert again["published_exact_first_error"] == PUBLISHED["simulators.brackets"][0]
    assert (
        again["intervals"]["exact_first_error"][0]
        < 0.5
        < again["intervals"]["exact_first_error"][1]
    )
    assert "published 0.928" in found.summary()
    assert "label step 3, ours step 1 (equations: as planted)" in found.summary()
    assert "1 unreadable" in found.summary()


def test_the_harmonic_mean_lies_by_the_smaller_share():
    assert harmonic_mean(0.2, 0.8) == pytest.approx(0.32)
    assert harmonic_mean(0.0, 0.0) == 0.0
    assert harmonic_mean(None, 1.0) is None


@pytest.mark.parametrize(
    ("extra", "label"),
    [
        ({"first_error": 2}, (2,)),
        ({"first_error": None}, (None,)),
        ({}, None),
        ({"first_error": True}, None),
    ],
)
def test_a_missing_label_is_not_a_clean_trace(extra, label):
    problem = Problem.make("1 + 1 = ?")
    reading = Reading(problem=problem, trace=Trace.make(problem, "2", extra=extra))
    assert label_of(reading) == label


PROCESSBENCH = [
    {
        "id": "made-up-0",
        "generator": "none",
        "problem": "Ann has 3 bags of 4 eggs and eats 2. How many are left?",
        "steps": ["She has 3 * 4 = 12 eggs.", "12 - 2 = 10 are left.", "The answer is 10."],
        "final_answer_correct": True,
        "label": -1,
    },
    {
        "id": "made-up-1",
        "generator": "none",
        "problem": "A pen costs 7 dollars. What do 6 pens cost?",
        "steps": ["One pen costs $7.", "6 pens cost 6 * $7 = $43.", "So the answer is 43."],
        "final_answer_correct": False,
        "label": 1,
    },
    {
        "id": "made-up-2",
        "generator": "none",
        "problem": "Tom is 5 and Sue is twice as old. How old is Sue?",
        "steps": ["Sue is 3 years older than Tom.", "5 + 3 = 8."],
        "final_answer_correct": False,
        "label": 0,
    },
]


@pytest.mark.parametrize("lines", [True, False], ids=["lines", "list"])
def test_processbench_as_lines_and_as_a_list(tmp_path, lines):
    file = tmp_path / "gsm8k.json"
    rows = [json.dumps(row) for row in PROCESSBENCH]
    file.write_text("\n".join(rows) if lines else "[" + ",".join(rows) + "]")
    found = first_error_bench(file, "processbench").to_json()
    assert (found["n"], found["n_wrong"], found["n_clean"]) == (3, 2, 1)
    assert found["exact_first_error"] == 0.5  # a wrong plan is no wrong equation
    assert found["clean_kept"] == 1.0
    assert found["flag_precision"] == 1.0


def test_an_unreadable_line_is_counted_and_costs_nothing_else(tmp_path):
    file = tmp_path / "brackets.jsonl"
    right = {
        "input": "[ (",
        "target": ") ]",
        "answer": ") ]",
        "steps": ["stack: empty", "[ ; stack: [", "( ; stack: [ (", 'So, we need ")", "]".'],
        "mistake_index": None,
    }
    wrong = right | {
        "steps": ["stack: empty", "[ ; stack: (", "( ; stack: ( ("],
        "mistake_index": 1,
    }
    file.write_text("\n".join([json.dumps(right), '{"input": 3', json.dumps(wrong)]) + "\n")
    found = first_error_bench(file, "bigbench-mistake").to_json()
    assert (found["n"], found["unreadable"]) == (2, 1)
    assert (found["exact_first_error"], found["clean_kept"], found["f1"]) == (1.0, 1.0, 1.0)
    assert found["verifier"] == "simulators.brackets"


RESULT = re.compile(r"=\s*\$?(\d+)(?![\d.,/])")


def _solutions(file, rng):
    """GSM8K's reference solutions as they are, and with one result changed."""
    for line in file.read_text(encoding="utf-8").splitlines()[:300]:
        row = json.loads(line)
        text = re.sub(r"<<[^>]*>>", "", row["answer"]).replace("####", "The answer is")
        steps = [step for step in text.split("\n") if step.strip()]
        record = {"problem": row["question"], "generator": "none", "final_answer_correct": True}
        yield record | {"steps": steps, "label": -1}
        places = [i for i, step in enumerate(steps) if RESULT.search(step)]
        if places:
            at = places[int(rng.integers(len(places)))]
            *_, last = RESULT.finditer(steps[at])
            wrong = str(int(last[1]) + int(rng.integers(1, 11)))
            spoiled = steps[at][: last.start(1)] + wrong + steps[at][last.end(1) :]
            yield record | {"steps": [*steps[:at], spoiled, *steps[at + 1 :]], "label": at}


@pytest.mark.shared
def test_gsm8k_solutions_with_planted_errors(shared_data, tmp_path):
    file = tmp_path / "gsm8k.jsonl"
    rows = _solutions(shared_data / "gsm8k" / "test.jsonl", np.random.default_rng(0))
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    found = first_error_bench(file, "processbench")
    print(found.summary())
    assert found.n > 500
    assert found.verifier == "equations"
    assert found.clean_kept.value >= 0.98
    assert found.flag_precision.value >= 0.80
    assert found.exact_first_error.value >= 0.5


REACHED = {
    "multistep_arithmetic": (0.96, 7),
    "dyck_languages": (0.97, 0),
    "tracking_shuffled_objects": (0.95, 3),
    "word_sorting": (0.90, 2),
}
"""Least share of exact first errors, and how many clean traces hold an error (all of them are
listed in docs/instruments/simulators.md)."""


@pytest.mark.shared
@pytest.mark.parametrize("name", REACHED)
def test_the_public_halves(shared_data, name):
    least, mislabelled = REACHED[name]
    found = first_error_bench(
        shared_data / "bigbench-mistake" / f"{name}.jsonl", "bigbench-mistake"
    )
    assert found.exact_first_error.value >= least
    clean = [d for d in found.disagreements if d.label is None]
    assert len(clean) == mislabelled
    assert found.unreadable == 0
