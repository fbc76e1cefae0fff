"""What is learned from: kept for a reason, left out with a reason, never cut."""

import json
from pathlib import Path

import pytest
from tiny_trainee import word_tokenizer

from reasonscope.errors import SetupError
from reasonscope.problems.datasets import first
from reasonscope.provenance import Provenance
from reasonscope.traces.importing import store_readings
from reasonscope.traces.schema import Case, ErrorRow, Problem, Reading, Trace
from reasonscope.traces.store import Study
from reasonscope.training.taught import fitted, taught, taught_from, why_not, worked

PROBLEM = Problem.make("What is 2 + 3?", answer="5", answer_kind="number")
TAGS = {"opening": "<think>", "closing": "</think>", "form": "tags"}


def case(reasoning: str = "2 + 3 = 5.", answer: str = "Answer: 5", **fields: object) -> Case:
    held = {**TAGS, "answer": answer, **fields}
    return Case(PROBLEM, Trace.make(PROBLEM, reasoning, **held))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("held", "keep", "reason"),
    [
        (case(), "valid", None),
        (case(answer="Answer: 6"), "all", None),
        (case(answer="Answer: 6"), "right", "wrong answer"),
        (case(answer=""), "right", "without a final answer"),
        (case(finish_reason="length"), "all", "cut before its end"),
        (case(form="unclosed", closing="", answer=""), "all", "cut before its end"),
        (case("2 + 2 = 5. So 2 + 3 = 5."), "right", None),
        (case("2 + 2 = 5. So 2 + 3 = 5."), "valid", "wrong step"),
        (case("2 + 2 = 5. Wait, 2 + 2 = 4. So 2 + 3 = 5."), "valid", None),
    ],
)
def test_why_a_trace_is_not_learned_from(held: Case, keep, reason: str | None) -> None:
    assert why_not(held, keep) == reason


def test_an_answer_without_reference_is_not_right() -> None:
    unknown = Problem.make("What is best?")
    held = Case(unknown, Trace.make(unknown, "Hm.", answer="Answer: 5", **TAGS))
    assert why_not(held, "right") == "answer that cannot be compared"
    assert why_not(held, "all") is None


def test_the_opening_tag_stands_once() -> None:
    with_tag, without = case().trace, case(opening="").trace
    for trace in (with_tag, without):
        assert fitted(trace, "Q <think>\n").count("<think>") == 0
        assert fitted(trace, "Q").count("<think>") == 1
    plain = Trace.make(PROBLEM, "Just so.", form="plain")
    assert fitted(plain, "Q") == "Just so."


def test_shares_and_reasons_are_counted() -> None:
    error = ErrorRow(source="x", place="line 1", error="broken")
    rows = [case(), case(answer="Answer: 6"), case(finish_reason="length"), error]
    found = taught(word_tokenizer(), rows, "right")
    assert len(found.pairs) == 1
    assert dict(found.left_out) == {
        "cut before its end": 1,
        "unreadable": 1,
        "wrong answer": 1,
    }
    assert found.kept.value == pytest.approx(1 / 3)
    assert found.unread == 1


def test_a_study_a_file_of_traces_and_pairs_are_read(tmp_path: Path) -> None:
    study = Study.create(tmp_path / "study")
    with study.writing():
        rows = [Reading(problem=PROBLEM, trace=case().trace)]
        list(store_readings(study, rows, Provenance("test", "0")))
    from_study = taught_from(word_tokenizer(), study.path)
    line = {"question": "What is 2 + 3?", "answer": "5", "reasoning": "2 + 3 = 5.", "output": "5"}
    (tmp_path / "traces.jsonl").write_text(json.dumps(line) + "\n")
    from_file = taught_from(word_tokenizer(), tmp_path / "traces.jsonl", "all")
    pair = {"prompt": "What is", "completion": "2"}
    (tmp_path / "pairs.jsonl").write_text(json.dumps(pair) + "\n\n" + json.dumps(pair) + "\n")
    from_pairs = taught_from(word_tokenizer(), tmp_path / "pairs.jsonl", "right")
    assert [len(found.pairs) for found in (from_study, from_file, from_pairs)] == [1, 1, 2]
    assert from_pairs.pairs[0] == ("What is", "2")


def test_a_line_that_is_no_pair_is_said(tmp_path: Path) -> None:
    file = tmp_path / "pairs.jsonl"
    file.write_text('{"prompt": "a", "completion": "b"}\n{"prompt": 3}\n')
    with pytest.raises(SetupError, match="line 2"):
        taught_from(word_tokenizer(), file)
    with pytest.raises(SetupError, match="no such file"):
        taught_from(word_tokenizer(), tmp_path / "missing")


def test_worked_problems_end_as_their_prompt_asks() -> None:
    chain, countdown = first("chain:hops=2", 1)[0], first("countdown", 1)[0]
    plain = Problem.make("?", answer="1")
    found = worked(word_tokenizer(), [chain, countdown, plain])
    assert len(found.pairs) == 2
    assert dict(found.left_out) == {"without worked steps": 1}
    told = [str(pair[1]) for pair in found.pairs]
    assert told[0].startswith(f"<think>\n{chain.steps[0]}\n")
    assert told[0].endswith(f"</think>\n\nAnswer: {chain.answer}")
    assert told[1].endswith(f"\\boxed{{{countdown.answer}}}")


def test_what_is_worked_is_right_and_valid() -> None:
    """Told back to our own judges, worked problems have no wrong step and the right answer."""
    for problem in first("chain:hops=3", 5) + first("countdown", 5):
        (pair,) = worked(word_tokenizer(), [problem]).pairs
        reasoning, _, answer = str(pair[1]).removeprefix("<think>\n").partition("</think>")
        trace = Trace.make(problem, reasoning, **{**TAGS, "answer": answer})
        assert why_not(Case(problem, trace), "valid") is None
