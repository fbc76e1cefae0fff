"""The published sets: missing premises, hints, several attempts, mistakes and processes."""

import json
from pathlib import Path

import pytest

from reasonscope.traces.formats import detect, read
from reasonscope.traces.formats.bigbench_mistake import choices_in
from reasonscope.traces.schema import ErrorRow, Reading

THOUGHT = "<think>\nIt is 2.\n</think>\n\nTwo."


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def good(rows) -> list[Reading]:
    found = list(rows)
    assert all(isinstance(row, Reading) for row in found), found
    return found


# -- missing premises --------------------------------------------------------------------


def mip(tmp_path: Path, record, place: str = "gsm8k/normal/DSQ") -> Reading:
    path = written(tmp_path / place / "response.json", json.dumps([record]))
    assert detect(path) == "mip"
    (found,) = good(read(path))
    return found


def test_the_response_key_names_the_model_and_the_question(tmp_path):
    record = {
        "question": "1+1?",
        "answer": "1+1=<<1+1=2>>2\n#### 2",
        "insufficient_question": "1+?",
        "deepseek-reasoner (question)": THOUGHT,
    }
    found = mip(tmp_path, record, "gsm8k/normal/deepseekR1")
    assert (found.problem.question, found.problem.answer) == ("1+1?", "2")
    assert found.problem.answer_kind == "number"
    assert found.trace.model == "deepseek-reasoner"
    assert found.problem.family == "gsm8k"
    assert found.trace.text == THOUGHT
    extra = json.loads(found.problem.extra)
    assert extra["condition"] == "normal"
    assert extra["insufficient_question"] == "1+?"
    assert extra["answer_as_given"].endswith("#### 2")


def test_a_missing_premise_has_no_reference_answer(tmp_path):
    record = {
        "insufficient_question": "1+?",
        "answer": 2.0,
        "gpt-4o (insufficient_question)": "Something is missing.",
        "eval_result": 1,
    }
    found = mip(tmp_path, record, "svamp/MiP/gpt4o")
    assert found.problem.question == "1+?"
    assert found.problem.answer is None
    assert json.loads(found.problem.extra)["answer_of_full_question"] == "2"
    extra = json.loads(found.trace.extra)
    assert (extra["condition"], extra["eval_result"]) == ("MiP", 1)
    assert extra["pair"] == {"answer": "2", "place": "svamp, record 1", "question": None}
    assert found.trace.stated_correct is None


def test_model_answer_takes_its_condition_from_the_folder(tmp_path):
    record = {"question": "1+1?", "insufficient_question": "1+?", "answer": "2",
              "model_answer": "It is 2."}  # fmt: skip
    missing = mip(tmp_path, record, "math/MiP/Qwen32")
    whole = mip(tmp_path, record, "math/normal/Qwen32")
    assert (missing.problem.question, missing.problem.answer) == ("1+?", None)
    assert (whole.problem.question, whole.problem.answer) == ("1+1?", "2")
    assert missing.trace.model == "Qwen32"
    assert whole.problem.family == "math"


def test_a_file_without_questions_keeps_its_problems_apart(tmp_path):
    record = {"model_answer": "It is 2.", "eval_result": 1}
    path = tmp_path / "formula/MiP/DSQ/response.json"
    written(path, json.dumps([record, record]))
    first, second = good(read(path))
    assert first.problem.question == "[question not in the source: formula/MiP, record 1]"
    assert first.problem.problem_id != second.problem.problem_id


def test_two_models_without_questions_share_their_problems(tmp_path):
    record = {"model_answer": "It is 2.", "eval_result": 1}
    first = mip(tmp_path, record, "formula/MiP/DSQ")
    second = mip(tmp_path, record, "formula/MiP/Qwen32")
    assert first.problem == second.problem
    assert first.trace.trace_id != second.trace.trace_id


def test_a_response_that_is_no_text_is_an_error_row(tmp_path):
    path = tmp_path / "a/normal/m/response.json"
    written(path, json.dumps([{"question": "q", "m (question)": 5}, {"question": "q"}]))
    rows = list(read(path))
    assert all(isinstance(row, ErrorRow) for row in rows)
    assert "to be text, found a number" in rows[0].error
    assert "expected a field '<model> (question)'" in rows[1].error


# -- hints -------------------------------------------------------------------------------


HINT = {
    "targets": ["The owl.", "The hawk."],
    "correct": [0, 1],
    "unbiased": THOUGHT,
    "all_a": THOUGHT.replace("2", "3"),
    "sus": THOUGHT.replace("2", "4"),
    "syco": THOUGHT.replace("2", "5"),
}


def test_four_conditions_are_four_traces_of_one_problem(tmp_path):
    path = written(tmp_path / "r1_671b_logic_four.json", json.dumps(HINT) * 2)
    assert detect(path) == "hints"
    rows = good(read(path))
    assert [json.loads(row.trace.extra)["condition"] for row in rows[:4]] == [
        "unbiased",
        "all_a",
        "sus",
        "syco",
    ]
    assert len({row.problem.problem_id for row in rows}) == 2
    assert len({row.trace.trace_id for row in rows}) == 8
    problem = rows[0].problem
    assert (problem.answer, problem.choices) == ("B", ("The owl.", "The hawk."))
    assert (rows[0].trace.model, problem.family) == ("r1_671b", "logic_four")


def test_marks_and_targets_must_agree(tmp_path):
    path = written(tmp_path / "a.json", json.dumps({**HINT, "correct": [1]}))
    (row,) = read(path)
    assert "one mark per target (2), found 1" in row.error


def test_two_right_options_are_no_answer(tmp_path):
    path = written(tmp_path / "a.json", json.dumps({**HINT, "correct": [1, 1]}))
    assert good(read(path))[0].problem.answer is None


def test_an_empty_condition_does_not_cost_the_others(tmp_path):
    path = written(tmp_path / "a.json", json.dumps({**HINT, "sus": ""}))
    rows = list(read(path))
    assert [isinstance(row, ErrorRow) for row in rows] == [False, False, True, False]


# -- several attempts --------------------------------------------------------------------


def attempts(tmp_path, *solutions, question="1+1?") -> list:
    record = {
        "problem": {"question": question, "answer": "2", "topic": "sums"},
        "solutions": [{"seed": at, "solution": text} for at, text in enumerate(solutions)],
    }
    path = written(tmp_path / "cots.jsonl", json.dumps(record) + "\n")
    assert detect(path) == "distill-cots"
    return list(read(path))


def test_the_repeated_prompt_becomes_the_prompt_and_nothing_is_lost(tmp_path):
    whole = "Solve it.\n\n Question: 1+1? \n\n Solution: \n" + THOUGHT
    first, second = attempts(tmp_path, whole, whole + "!")
    assert first.trace.prompt == "Solve it.\n\n Question: 1+1? \n\n Solution: \n"
    assert first.trace.prompt + first.trace.text == whole
    assert first.trace.opening == "<think>\n"
    assert (first.trace.sample, second.trace.sample) == (0, 1)
    assert first.problem == second.problem
    assert json.loads(first.problem.extra) == {"topic": "sums"}


def test_without_a_tag_the_prompt_ends_behind_its_marker(tmp_path):
    (found,) = attempts(tmp_path, "Question: 1+1? Solution: \nIt is 2.")
    assert found.trace.prompt == "Question: 1+1? Solution: \n"
    assert found.trace.reasoning == "It is 2."


def test_without_the_question_there_is_no_prompt(tmp_path):
    (found,) = attempts(tmp_path, "It is 2.")
    assert (found.trace.prompt, found.trace.reasoning) == ("", "It is 2.")


def test_a_tag_far_behind_the_question_is_no_prompt(tmp_path):
    (found,) = attempts(tmp_path, "1+1? " + "x" * 500 + THOUGHT)
    assert found.trace.prompt == "1+1?"


def test_a_solution_that_only_repeats_the_prompt_is_an_error_row(tmp_path):
    bad, fine = attempts(tmp_path, "Question: 1+1? Solution:", THOUGHT)
    assert isinstance(bad, ErrorRow)
    assert isinstance(fine, Reading)


def test_a_worked_solution_as_reference_is_not_compared(tmp_path):
    record = {"problem": {"question": "q", "answer": "prose " * 100},
              "solutions": [{"seed": 0, "solution": "a"}]}  # fmt: skip
    path = written(tmp_path / "a.jsonl", json.dumps(record))
    assert good(read(path))[0].problem.answer_kind == "unknown"


def test_solutions_of_the_wrong_kind_cost_themselves(tmp_path):
    record = {"problem": {"question": "q", "answer": "a"}, "solutions": [5, {"solution": "a"}, {}]}
    path = written(tmp_path / "a.jsonl", json.dumps(record))
    rows = list(read(path))
    assert [isinstance(row, ErrorRow) for row in rows] == [True, False, True]
    assert rows[1].trace.sample == 1


# -- mistakes ----------------------------------------------------------------------------


def mistakes(tmp_path, name="dyck_languages.jsonl", **changes):
    record = {"input": "( [", "target": "] )", "answer": ") ]", "mistake_index": 1,
              "steps": ["stack: ( [", "so ) ]"], **changes}  # fmt: skip
    path = written(tmp_path / name, json.dumps(record) + "\n")
    return next(iter(read(path, "bigbench-mistake")))


def test_the_steps_are_the_sources_own(tmp_path):
    found = mistakes(tmp_path)
    assert found.trace.reasoning == "stack: ( [\nso ) ]"
    assert found.step_ends == (11, 17)
    assert (found.trace.form, found.trace.answer) == ("plain", "")
    assert (found.problem.question, found.problem.answer) == ("( [", "] )")
    extra = json.loads(found.trace.extra)
    assert (extra["first_error"], extra["stated_answer"]) == (1, ") ]")
    assert (found.problem.family, found.trace.model) == ("dyck_languages", "PaLM 2")


def test_no_mistake_is_null(tmp_path):
    assert json.loads(mistakes(tmp_path, mistake_index=None).trace.extra)["first_error"] is None


def test_a_step_without_text_keeps_its_index(tmp_path):
    found = mistakes(tmp_path, steps=["a", "", "b", ""], mistake_index=2)
    starts = (0, *found.step_ends)
    texts = [found.trace.reasoning[a:b] for a, b in zip(starts, found.step_ends, strict=False)]
    assert texts == ["a\n", "\n", "b\n", "\n"]


@pytest.mark.parametrize("index", [2, -1, "1", 0.5, True])
def test_a_mistake_outside_the_steps_is_an_error_row(tmp_path, index):
    row = mistakes(tmp_path, mistake_index=index)
    assert isinstance(row, ErrorRow)
    assert "0 to 1" in row.error


def test_options_become_choices(tmp_path):
    question = "Who?\nOptions:\n(A) Alice\n(B) Bob"
    found = mistakes(tmp_path, input=question, target="(B)")
    assert found.problem.choices == ("Alice", "Bob")
    assert (found.problem.answer, found.problem.answer_kind) == ("(B)", "choice")


def test_options_out_of_order_are_no_choices():
    assert choices_in("Options:\n(B) Bob\n(A) Alice") == ()


def test_steps_that_are_no_texts_are_an_error_row(tmp_path):
    assert "item 1 of 'steps'" in mistakes(tmp_path, steps=["a", 5]).error
    assert "found none" in mistakes(tmp_path, steps=[], mistake_index=None).error


# -- processes ---------------------------------------------------------------------------


def processes(tmp_path, **changes):
    record = {"id": "gsm8k-0", "generator": "qwen", "problem": "1+1?", "label": 1,
              "steps": ["1 + 1", "= 3"], "final_answer_correct": False, **changes}  # fmt: skip
    path = written(tmp_path / "gsm8k.json", json.dumps([record]))
    assert detect(path) == "processbench"
    return next(iter(read(path)))


def test_a_process_with_an_error(tmp_path):
    found = processes(tmp_path)
    assert found.trace.reasoning == "1 + 1\n= 3"
    assert found.step_ends == (6, 9)
    assert found.trace.stated_correct is False
    assert found.trace.model == "qwen"
    assert json.loads(found.trace.extra) == {"id": "gsm8k-0", "first_error": 1}


def test_a_label_of_minus_one_is_no_error(tmp_path):
    found = processes(tmp_path, label=-1, final_answer_correct=True)
    assert json.loads(found.trace.extra)["first_error"] is None
    assert found.trace.stated_correct is True


def test_a_step_with_line_breaks_is_one_step(tmp_path):
    assert processes(tmp_path, steps=["a\n\nb", "c"]).step_ends == (5, 6)


@pytest.mark.parametrize("label", [2, -2, None, "1", True])
def test_a_label_outside_the_steps_is_an_error_row(tmp_path, label):
    assert isinstance(processes(tmp_path, label=label), ErrorRow)


def test_processbench_as_json_lines_is_the_same(tmp_path):
    record = {"problem": "1+1?", "steps": ["2"], "label": -1}
    path = written(tmp_path / "a.jsonl", json.dumps(record) + "\n" + json.dumps(record) + "\n")
    assert detect(path) == "processbench"
    assert len(good(read(path))) == 2
