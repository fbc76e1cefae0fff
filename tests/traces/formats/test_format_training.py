"""TRL tables, verl dumps and lm-eval samples, made by the documented structure."""

import contextlib
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from reasonscope.errors import SetupError
from reasonscope.traces.formats import detect, read
from reasonscope.traces.formats.lm_eval import _prompt
from reasonscope.traces.schema import ErrorRow, Reading

THOUGHT = "<think>\nIt is 2.\n</think>\n\nTwo."


def table(tmp_path: Path, rows: list[dict], **options) -> Path:
    path = tmp_path / "completions_00010.parquet"
    pq.write_table(pa.Table.from_pylist(rows), path, **options)
    return path


def good(path: Path) -> list[Reading]:
    rows = list(read(path))
    assert all(isinstance(row, Reading) for row in rows), rows
    return rows


def lines(tmp_path: Path, *rows, name: str = "10.jsonl") -> Path:
    path = tmp_path / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


# -- TRL ---------------------------------------------------------------------------------


ROW = {
    "step": 10,
    "prompt": "1+1?",
    "completion": THOUGHT,
    "accuracy_reward": 1.0,
    "format_reward": 0.5,
    "advantage": -0.7,
}


def test_plain_completions(tmp_path):
    path = table(tmp_path, [ROW])
    assert detect(path) == "trl"
    (found,) = good(path)
    assert (found.problem.question, found.trace.prompt) == ("1+1?", "1+1?")
    assert (found.trace.reasoning, found.trace.answer) == ("It is 2.", "Two.")
    assert found.trace.stated_correct is True
    extra = json.loads(found.trace.extra)
    assert extra["rewards"] == {"accuracy_reward": 1.0, "format_reward": 0.5}
    assert (extra["step"], extra["advantage"]) == (10, -0.7)


def test_conversational_completions(tmp_path):
    prompt = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "1+1?"}]
    row = ROW | {"prompt": prompt, "completion": [{"role": "assistant", "content": THOUGHT}]}
    (found,) = good(table(tmp_path, [row]))
    assert (found.problem.question, found.trace.prompt) == ("1+1?", "")
    assert found.trace.reasoning == "It is 2."
    assert json.loads(found.trace.extra)["context"] == prompt[:1]


def test_neighbouring_rows_of_a_prompt_are_samples(tmp_path):
    other = ROW | {"prompt": "2+2?"}
    found = good(table(tmp_path, [ROW, ROW, ROW, other, other, ROW | {"step": 11}]))
    assert [row.trace.sample for row in found] == [0, 1, 2, 0, 1, 0]
    assert len({row.trace.trace_id for row in found[:3]}) == 3


def test_a_prompt_that_opens_the_tag(tmp_path):
    row = ROW | {"prompt": "1+1?\n<think>\n", "completion": "It is 2.\n</think>\nTwo."}
    (found,) = good(table(tmp_path, [row]))
    assert (found.trace.opening, found.trace.reasoning) == ("", "It is 2.")


def test_nan_is_unknown(tmp_path):
    row = ROW | {"advantage": float("nan"), "accuracy_reward": float("nan")}
    (found,) = good(table(tmp_path, [row]))
    assert json.loads(found.trace.extra)["advantage"] is None
    assert found.trace.stated_correct is None


def test_a_partial_reward_is_no_outcome(tmp_path):
    (found,) = good(table(tmp_path, [ROW | {"accuracy_reward": 0.5}]))
    assert found.trace.stated_correct is None


def test_a_solution_column_is_the_reference(tmp_path):
    (found,) = good(table(tmp_path, [ROW | {"solution": "#### 2"}]))
    assert found.problem.answer == "2"


def test_an_empty_completion_costs_its_row(tmp_path):
    rows = list(read(table(tmp_path, [ROW, ROW | {"completion": ""}, ROW | {"completion": None}])))
    assert [isinstance(row, ErrorRow) for row in rows] == [False, True, True]
    assert rows[1].place == "row 2"


def test_many_row_groups_are_read_in_order(tmp_path):
    rows = [ROW | {"prompt": f"{at}?"} for at in range(500)]
    found = good(table(tmp_path, rows, row_group_size=50))
    assert [row.problem.question for row in found] == [row["prompt"] for row in rows]


def test_another_table_is_not_recognised(tmp_path):
    with pytest.raises(SetupError, match="parquet file with the columns a, b"):
        detect(table(tmp_path, [{"a": 1, "b": 2}]))


def test_a_parquet_file_cut_short_is_a_setup_error(tmp_path):
    path = table(tmp_path, [ROW])
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(SetupError, match="as Parquet"):
        list(read(path))


def test_a_damaged_page_is_an_error(tmp_path):
    path = table(
        tmp_path, [ROW | {"prompt": f"{at}?" * 50} for at in range(300)], compression="zstd"
    )
    data = bytearray(path.read_bytes())
    data[200:400] = b"\xff" * 200
    path.write_bytes(bytes(data))
    rows = []
    with contextlib.suppress(SetupError):
        rows.extend(read(path))
    assert len(rows) < 300 or isinstance(rows[-1], ErrorRow)


def test_json_asked_for_as_trl_is_a_setup_error(tmp_path):
    with pytest.raises(SetupError, match="as Parquet"):
        list(read(lines(tmp_path, ROW), "trl"))


# -- verl --------------------------------------------------------------------------------


VERL = {"input": "user\n1+1?\nassistant\n", "output": THOUGHT, "gts": "2", "score": 1.0, "step": 3}


def test_a_rollout(tmp_path):
    path = lines(tmp_path, VERL | {"acc": True})
    assert detect(path) == "verl"
    (found,) = good(path)
    assert found.problem.question == found.trace.prompt == VERL["input"]
    assert (found.problem.answer, found.problem.answer_kind) == ("2", "number")
    assert found.trace.text == THOUGHT
    assert found.trace.stated_correct is True
    assert json.loads(found.trace.extra) == {"gts": "2", "score": 1.0, "step": 3, "acc": True}


@pytest.mark.parametrize(
    ("score", "expected"), [(0.0, False), (-1, False), (-1.0, False), (0.3, None), ("x", None)]
)
def test_scores_that_say_nothing_sure_are_unknown(tmp_path, score, expected):
    (found,) = good(lines(tmp_path, VERL | {"score": score}))
    assert found.trace.stated_correct is expected


def test_ground_truth_in_a_list_of_one(tmp_path):
    assert good(lines(tmp_path, VERL | {"gts": ["2"]}))[0].problem.answer == "2"
    assert good(lines(tmp_path, VERL | {"gts": {"a": 1}}))[0].problem.answer is None


def test_a_rollout_without_text_costs_its_line(tmp_path):
    rows = list(read(lines(tmp_path, VERL, VERL | {"output": None}, VERL)))
    assert [isinstance(row, ErrorRow) for row in rows] == [False, True, False]


# -- lm-eval -----------------------------------------------------------------------------


LM = {
    "doc_id": 0,
    "doc": {"question": "1+1?", "answer": "#### 2", "level": 1},
    "target": "#### 2",
    "arguments": {"gen_args_0": {"arg_0": "Q: 1+1?\nA:", "arg_1": {"until": []}}},
    "resps": [[THOUGHT]],
    "filtered_resps": ["2"],
    "filter": "strict-match",
    "metrics": ["exact_match"],
    "doc_hash": "h",
    "exact_match": 1.0,
}


def test_a_generated_sample(tmp_path):
    folder = tmp_path / "org__model"
    folder.mkdir()
    path = lines(folder, LM, name="samples_gsm8k_2025-01-01T00-00-00.123.jsonl")
    assert detect(path) == "lm-eval"
    (found,) = good(path)
    assert (found.problem.question, found.problem.answer) == ("1+1?", "2")
    assert (found.problem.family, found.trace.model) == ("gsm8k", "org/model")
    assert found.trace.prompt == "Q: 1+1?\nA:"
    assert found.trace.text == THOUGHT
    assert found.trace.stated_correct is True
    assert json.loads(found.trace.extra)["filter"] == "strict-match"


def test_repeats_are_samples(tmp_path):
    found = good(lines(tmp_path, LM | {"resps": [["a", "b"]]}))
    assert [row.trace.sample for row in found] == [0, 1]
    assert len({row.problem.problem_id for row in found}) == 1


def test_the_older_spelling_of_arguments(tmp_path):
    assert _prompt([["Q: 1+1?", {"until": []}]]) == "Q: 1+1?"
    assert _prompt({"a": {"b": 1}}) == _prompt([]) == _prompt(None) == ""


def test_a_metric_named_by_the_sample_states_the_outcome(tmp_path):
    row = {k: v for k, v in LM.items() if k != "exact_match"}
    row |= {"metrics": ["my_metric"], "my_metric": 0}
    assert good(lines(tmp_path, row))[0].trace.stated_correct is False


def test_a_log_likelihood_task_has_no_text(tmp_path):
    (row,) = read(lines(tmp_path, LM | {"resps": [[[-3.2, False]], [[-1.0, True]]]}))
    assert isinstance(row, ErrorRow)
    assert "log-likelihood" in row.error


def test_a_response_that_is_no_text_costs_itself(tmp_path):
    rows = list(read(lines(tmp_path, LM | {"resps": [["a", 5]]})))
    assert [isinstance(row, ErrorRow) for row in rows] == [False, True]


def test_without_a_question_the_prompt_asks(tmp_path):
    assert good(lines(tmp_path, LM | {"doc": {}}))[0].problem.question == "Q: 1+1?\nA:"
    bare = LM | {"doc": None, "arguments": None}
    asked = good(lines(tmp_path, bare))[0].problem.question
    assert asked == "[question not in the source: lm-eval, line 1]"
