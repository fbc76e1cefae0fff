"""Two questions that exclude each other: found, counted by hand, planted, and absent."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasonscope import import_traces, measure
from reasonscope.failures import paired
from reasonscope.failures.paired import planted
from reasonscope.failures.paired.estimates import (
    Asked,
    asked,
    biased,
    biased_control,
    contradictory,
    exchanged,
    is_biased,
    lean,
    lean_control,
)
from reasonscope.failures.paired.rows import examine
from reasonscope.failures.paired.wording import reversible
from reasonscope.findings import Finding
from reasonscope.problems.answers import candidates
from reasonscope.traces.schema import Case, Problem, Trace
from reasonscope.traces.store import Study


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Is Oslo larger than Rome?", "Is Rome larger than Oslo?"),
        ("Was the first war longer than the second?", "Was the second longer than the first war?"),
        ("Is gold more expensive than silver?", "is silver more expensive than gold ?"),
        ("Is 3/7 > 2/5?", "Is 2/5 > 3/7?"),
        ("Answer yes or no.\nIs Oslo larger than Rome?", "Is Rome larger than Oslo?\nThink."),
    ],
)
def test_reversed_questions_are_two_sides_of_one_pair(one: str, other: str) -> None:
    first, second = reversible(one), reversible(other)
    assert first is not None
    assert second is not None
    assert first[0] == second[0]
    assert first[1] != second[1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Is Oslo larger than Rome?", "Is Oslo larger than Paris?"),
        ("Is Oslo larger than Rome?", "Is Rome smaller than Oslo?"),
        ("Is Oslo larger than Rome?", "Was Rome larger than Oslo?"),
    ],
)
def test_other_questions_are_no_pair(one: str, other: str) -> None:
    first, second = reversible(one), reversible(other)
    assert first is not None
    assert second is not None
    assert first[0] != second[0]


@pytest.mark.parametrize(
    "question",
    [
        "Is Oslo the capital of Norway?",
        "Which is larger, Oslo or Rome?",
        "Is Oslo larger than Oslo?",
        "I wonder: is Oslo larger than Rome? Or not?",
        "Is " + "x" * 500 + " larger than y?",
        "Is a " * 100_000 + "?",
        "",
    ],
)
def test_what_is_no_reversible_comparison_is_left_alone(question: str) -> None:
    assert reversible(question) is None


@given(st.text(max_size=100))
def test_any_text_is_read_or_left(question: str) -> None:
    found = reversible(question)
    assert found is None or found[1] in ("1", "2")


def case(answer: str, choices: tuple[str, ...] = (), **extra: object) -> Case:
    problem = Problem.make("Sky blue?", answer="Yes", choices=choices, extra=extra)
    trace = Trace.make(problem, "No. Hmm.", closing="</think>", answer=answer, form="tags")
    return Case(problem, trace, (), {"answers": tuple(candidates(problem, trace))})


@pytest.mark.parametrize(
    ("answer", "yes"),
    [
        ("Yes.", True),
        ("No, it is not.", False),
        ("**Yes**", True),
        ("The answer is no.", False),
        ("True", True),
        ("No one can know.", None),
        ("Perhaps.", None),
        ("", None),
        ("Nothing of the kind.", None),
    ],
)
def test_yes_and_no_are_read_and_nothing_else(answer: str, yes: bool | None) -> None:
    (row,) = examine(case(answer, pair="p1"))
    assert row.yes is yes


def test_an_option_stands_for_its_words() -> None:
    (row,) = examine(case("The answer is (B).", ("Yes", "No"), pair=7))
    assert (row.yes, row.pair, row.by_wording) == (False, "pair 7", False)


def test_without_a_name_or_a_reversible_wording_there_is_no_row() -> None:
    assert examine(case("Yes.")) == []
    assert examine(case("Yes.", pair=True)) == []


@pytest.mark.parametrize("dress", range(6))
@pytest.mark.parametrize("reverse", [True, False])
@pytest.mark.parametrize("yes", [True, False])
def test_every_planted_answer_is_read(yes: bool, reverse: bool, dress: int) -> None:
    (row,) = examine(planted.planted_case(yes, dress, reverse))
    assert row.yes is yes
    assert row.by_wording


def one(first: str, second: str, pair: str = "p") -> Asked:
    """A pair from strings such as ``yyn``."""
    return Asked(
        model="m",
        pair=pair,
        first=tuple(c == "y" for c in first),
        second=tuple(c == "y" for c in second),
    )


def test_both_yes_and_both_no_contradict() -> None:
    assert contradictory([one("yyn", "ynn")]).value == pytest.approx(2 / 3)
    assert contradictory([one("yy", "nn")]).value == 0


def test_the_lean_is_both_yes_less_both_no() -> None:
    found = [one("yyyn", "yynn", "a"), one("nnnn", "yyyy", "b")]
    assert lean(found).value == pytest.approx((2 - 1) / 8)


def test_a_coin_takes_the_lean_away() -> None:
    found = [one("yyyy", "yyyy", str(i)) for i in range(300)]
    control = lean_control(found)
    assert lean(found).value == 1
    assert control is not None
    assert control.value is not None
    assert abs(control.value) < 0.2
    assert lean_control([]) is None


def test_unpaired_and_threefold_names_are_left_out() -> None:
    rows = [("m", "a", "1", True), ("m", "b", "1", True), ("m", "b", "2", None)]
    assert asked(rows) == []
    three = [("m", "c", side, True) for side in "123"]
    assert asked(three) == []
    assert len(asked([("m", "d", "1", True), ("m", "d", "2", False)])) == 1


def test_two_models_do_not_answer_for_each_other() -> None:
    assert asked([("m", "a", "1", True), ("other", "a", "2", True)]) == []


def test_exchanged_answers_contradict_as_chance_has_it() -> None:
    found = [one("y", "n", str(i)) for i in range(400)]
    assert contradictory(found).value == 0
    control = exchanged(found)
    assert control is not None
    assert control.value is not None
    assert 0.4 < control.value < 0.6
    assert exchanged(found[:1]) is None


def test_ten_of_ten_yes_to_both_is_biased_and_one_apart_is_not() -> None:
    assert is_biased([True] * 10, [True] * 10)
    assert is_biased([False] * 10, [False] * 10)
    assert not is_biased([True] * 10, [False] * 10)
    assert not is_biased([True] * 10, [True] * 2 + [False] * 8)
    assert not is_biased([True, False] * 5, [True] * 10)


def test_a_pair_is_judged_by_itself_from_ten_answers_on() -> None:
    assert biased([one("y" * 9, "y" * 9)]).value is None
    found = [one("y" * 10, "y" * 10, "a"), one("y" * 10, "n" * 10, "b")]
    assert biased(found).value == 0.5
    control = biased_control(found)
    assert control is not None
    assert control.value == 0
    assert biased_control([one("y", "y")]) is None


def test_planted_truth_by_hand() -> None:
    """p(yes) = .2 + .8 * .9 = .92 and .2 + .8 * .1 = .28: lean .2; null: .9 and .1."""
    assert planted.true_lean(planted.BIASED) == pytest.approx(0.2)
    assert planted.true_contradictory(planted.FAIR) == pytest.approx(2 * 0.9 * 0.1)
    rows = planted.calibrate(seed=4, n=40)
    for row in rows:
        assert row.power.value is not None
        assert row.power.value >= 0.9
        assert row.false_positive.value is not None
        assert row.false_positive.value <= 0.2
        assert row.bias is not None
        assert abs(row.bias.value or 0) < 0.03


Line = dict[str, object]


@pytest.fixture
def measured(tmp_path: Path) -> Callable[..., tuple[Study, dict[str, Finding]]]:
    def make(*lines: Line) -> tuple[Study, dict[str, Finding]]:
        file = tmp_path / "mine.jsonl"
        file.write_text("\n".join(json.dumps(line) for line in lines))
        study, _ = import_traces([file], tmp_path / "study")
        found = measure(study, ["paired"], workers=1)
        return study, {f.name: f for f in found if f.instrument == "paired"}

    return make


def line(question: str, answer: str, **more: object) -> Line:
    return {"question": question, "reasoning": "Hmm.", "final_answer": answer, **more}


def test_plain_lines_with_a_pair_give_contradictions(measured: Callable[..., object]) -> None:
    lines = [line(f"Is {i} good?", "Yes.", pair=i) for i in range(6)]
    lines += [line(f"Is {i} bad?", "Yes." if i < 2 else "No.", pair=i) for i in range(6)]
    study, found = measured(*lines)  # type: ignore[misc]
    assert found["contradictory_share"].estimate.value == pytest.approx(1 / 3)
    assert found["contradictory_share"].control is not None
    assert found["yes_lean_points"].estimate.value == pytest.approx(1 / 3)
    assert "no pair has 10 or more" in found["biased_pair_share"].sentence
    assert found["paired_trace_share"].estimate.value == 1.0
    panel = paired.INSTRUMENT.panel(study)
    assert len(panel.tables[1].rows) == 2
    assert panel.figures


def test_ten_rollouts_each_judge_the_pair(measured: Callable[..., object]) -> None:
    lines = [
        line(f"Is {a} older than {b}?", "Yes.", sample=sample)
        for a, b in (("Rome", "Oslo"), ("Oslo", "Rome"))
        for sample in range(10)
    ]
    _, found = measured(*lines)  # type: ignore[misc]
    assert found["biased_pair_share"].estimate.value == 1.0
    assert found["contradictory_share"].estimate.n == 10


def test_a_study_without_pairs_says_so_once(measured: Callable[..., object]) -> None:
    study, found = measured(line("1 + 1?", "2"), line("Is Oslo larger than Rome?", "No."))  # type: ignore[misc]
    assert list(found) == ["contradictory_share"]
    assert "no two questions here exclude each other" in found["contradictory_share"].sentence
    assert "Nothing could be assessed" in paired.INSTRUMENT.panel(study).lead


def test_an_empty_study_is_measured(tmp_path: Path) -> None:
    study = Study.create(tmp_path / "empty")
    (found,) = paired.INSTRUMENT.conclude(study)
    assert found.estimate.value is None
    assert paired.INSTRUMENT.panel(study).figures == ()
