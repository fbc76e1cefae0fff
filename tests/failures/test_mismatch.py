"""Thinking and answer that disagree: planted, on real wordings, and where nothing can be said."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasonscope import import_traces, measure
from reasonscope.failures import mismatch
from reasonscope.failures.mismatch import planted
from reasonscope.failures.mismatch.findings import differing, repeated_flaws
from reasonscope.failures.mismatch.rows import Mismatch, examine
from reasonscope.failures.mismatch.sameness import same
from reasonscope.findings import Finding
from reasonscope.problems.answers import candidates
from reasonscope.stats import Estimate
from reasonscope.traces.schema import Case, Problem, Trace, Verdict
from reasonscope.traces.segment import steps_of
from reasonscope.traces.store import Study

NUMBER = Problem.make("How far?", answer="18", answer_kind="number")
CHOICE = Problem.make("Which?", answer="A", answer_kind="choice", choices=("owl", "hawk", "jay"))


def row(
    reasoning: str, answer: str, problem: Problem = NUMBER, verdicts: tuple[Verdict, ...] = ()
) -> Mismatch:
    trace = Trace.make(problem, reasoning, closing="</think>", answer=answer)
    steps = tuple(steps_of(trace))
    found = tuple(candidates(problem, trace, steps))
    (made,) = examine(Case(problem, trace, steps, {"answers": found, "verdicts": verdicts}))
    return made


def test_the_same_number_in_other_words_agrees() -> None:
    made = row("Hmm.\n\nSo the answer is 18.", "**Answer:** $18.00")
    assert (made.agrees, made.thought, made.thought_right) == (True, "18", True)


def test_17_is_not_18() -> None:
    made = row("So the answer is 18.", "The answer is 17.")
    assert (made.agrees, made.thought_right, made.final_right) == (False, True, False)


def test_thinking_a_and_answering_b_disagrees() -> None:
    thinking = "So that's option A.  Therefore the best answer is (A)."
    assert row(thinking, "The best answer is: (B).", CHOICE).agrees is False
    assert row(thinking, "The best answer is: (A).", CHOICE).agrees is True


@pytest.mark.parametrize(
    "thinking",
    [
        "I conclude (A). However, the dev note says the correct answer is (B).",
        "Therefore answer (A). But the user thinks the answer is (B).",
        "It is the owl, so (A). If it were a typo, then the answer would be (B).",
        "So the answer is (A). And option (B) is wrong.",
        "So the answer is (A), hence (B) can't be right.",
    ],
)
def test_an_option_that_others_name_is_not_the_thinkings_own(thinking: str) -> None:
    made = row(thinking, "The best answer is: (A).", CHOICE)
    assert made.agrees is not False


def test_thinking_that_goes_on_has_no_last_word() -> None:
    made = row("So the answer is 17. " + "Let me check it again. " * 100, "The answer is 18.")
    assert made.agrees is None
    assert "goes on" in made.reason


def test_thinking_that_moves_on_to_another_option_has_no_last_word() -> None:
    made = row("So the answer is (B). Hmm, but then option C fits too.", "**Answer:** (C)", CHOICE)
    assert made.agrees is None


@pytest.mark.parametrize(
    ("thinking", "answer", "reason"),
    [
        ("Hmm, hard.", "The answer is 18.", "the thinking states no answer of its own"),
        ("So the answer is 18.", "", "no text follows the thinking"),
        ("So the answer is 18.", "I am not sure.", "the answer text states no answer"),
    ],
)
def test_what_is_missing_is_said(thinking: str, answer: str, reason: str) -> None:
    made = row(thinking, answer)
    assert (made.agrees, made.reason) == (None, reason)


def test_the_first_of_a_list_is_not_the_answer() -> None:
    made = row("So the answer is 20.", "**Answer:** 1. 35 students\n2. 25 students")
    assert made.agrees is None


UNKNOWN = Problem.make("?", answer=None)


@pytest.mark.parametrize(
    ("one", "other", "verdict"),
    [
        ("540", "540 meters", True),
        ("approximately 36 participants", "36", True),
        ("1/2", "0.5", True),
        ("50%", "1/2", True),
        ("17", "18", False),
        ("11/40", "\\dfrac{1}{4}", False),
        ("A", "A) If it rains, then we stay", True),
        ("B", "(A) The chef", False),
        ("the chef", "The chef.", True),
        ("the chef", "the cook", None),
        ("18.8", "18 hours and 48 minutes", None),
        ("18 hours", "1080 minutes", None),
        ("3.333", "3.33", None),
        ("r = 14", "14(\\sqrt{2} - 1)", None),
        ("86", "\\boxed{86} glasses and \\boxed{42} plates", None),
        ("2 blue marbles initially", "2", True),
        ("x" * 400, "x", None),
    ],
)
def test_different_only_where_it_is_certain(one: str, other: str, verdict: bool | None) -> None:
    assert same(one, other, UNKNOWN).correct is verdict


@given(st.text(max_size=40))
def test_every_short_answer_is_the_same_as_itself_or_untold(text: str) -> None:
    assert same(text, text, NUMBER).correct is not False


def test_a_wrong_claim_said_again_is_counted_and_a_retracted_one_is_not() -> None:
    def claim(text: str, *, correct: bool, retracted: bool = False) -> Verdict:
        return Verdict(trace_id="t", step_index=0, verifier="equations", correct=correct,
                       reason="by hand", claim=text, retracted=retracted)  # fmt: skip

    verdicts = (
        claim("3 * 5 = 16", correct=False),
        claim("2 + 2 = 5", correct=False, retracted=True),
        claim("1 + 1 = 3", correct=False),
        claim("6 * 3 = 18", correct=True),
    )
    made = row(
        "So the answer is 18.", "3 \\times 5 = 16; \\(6 \\times 3 = 18\\).", NUMBER, verdicts
    )
    assert (made.wrong_claims, made.wrong_repeated) == (2, 1)
    assert (made.right_claims, made.right_repeated) == (1, 1)


def test_a_claim_is_not_found_inside_a_longer_number() -> None:
    verdict = Verdict(trace_id="t", step_index=0, verifier="e", correct=False,
                      reason="by hand", claim="3 + 5 = 9")  # fmt: skip
    assert row("Hm.", "13 + 5 = 98", NUMBER, (verdict,)).wrong_repeated == 0


def test_ten_thousand_stated_answers_end() -> None:
    made = row("So the answer is 17. " * 10_000 + "So the answer is 18.", "The answer is 18.")
    assert made.agrees in (True, None)


def test_answers_of_other_problems_differ() -> None:
    made = [Problem.make(f"{i}?", answer=str(i), answer_kind="number") for i in range(9)]
    problems = {problem.problem_id: problem for problem in made}
    rows = [(p.problem_id, str(p.answer), str(p.answer)) for p in problems.values()]
    control = differing(rows, problems)
    assert control is not None
    assert control.value == 1.0
    assert differing(rows[:1], problems) is None


@pytest.mark.parametrize("index", range(24))
def test_planted_disagreement_is_found_and_agreement_left_alone(index: int) -> None:
    (bad,) = examine(planted.planted_case(1, index, False))
    (good,) = examine(planted.planted_case(1, index, True))
    assert bad.agrees is False
    assert good.agrees is True


def test_calibration_finds_the_planted_share() -> None:
    simulated, exact = planted.calibrate(seed=2, n=20)
    assert simulated.power.value is not None
    assert simulated.power.value >= 0.9
    assert (exact.power.value, exact.false_positive.value) == (1.0, 0.0)


@pytest.fixture
def measured(tmp_path: Path) -> Callable[..., tuple[Study, dict[str, Finding]]]:
    def make(*pairs: tuple[str, str]) -> tuple[Study, dict[str, Finding]]:
        lines = [
            {"question": f"How many of {i}?", "reference": str(i + 20), "answer_kind": "number",
             "reasoning": thought, "final_answer": answer}
            for i, (thought, answer) in enumerate(pairs)
        ]  # fmt: skip
        file = tmp_path / "mine.jsonl"
        file.write_text("\n".join(json.dumps(one) for one in lines))
        study, _ = import_traces([file], tmp_path / "study")
        found = measure(study, ["mismatch"], workers=1)
        return study, {f.name: f for f in found if f.instrument == "mismatch"}

    return make


def test_from_lines_to_findings_panel_and_marks(measured: Callable[..., object]) -> None:
    says = "So the answer is {}."
    alike = [(says.format(i + 20), says.format(i + 20)) for i in range(6)]
    study, found = measured(*alike, (says.format(26), says.format(99)), ("Hm.", "No."))  # type: ignore[misc]
    assert found["mismatch_share"].estimate.value == pytest.approx(1 / 7)
    assert found["mismatch_share"].control is not None
    assert found["mismatch_share"].control.value == 1.0
    assert found["compared_share"].estimate.value == pytest.approx(7 / 8)
    assert found["thought_right_share"].estimate.value == 1.0
    ids = [one[0] for one in study.rows("select trace_id from traces")]
    marks = mismatch.INSTRUMENT.marks(study, ids) if mismatch.INSTRUMENT.marks else []
    assert sorted(mark.kind for mark in marks) == ["bad", *["good"] * 6]
    panel = mismatch.INSTRUMENT.panel(study)
    assert "14.3 % of 7 comparable" in panel.title
    assert len(panel.tables[1].rows) == 1


@pytest.mark.parametrize(("claims", "told"), [(0, False), (1, False), (9, False), (10, True)])
def test_a_share_of_few_wrong_claims_is_no_finding(claims: int, told: bool) -> None:
    wrong = Estimate(value=0.0 if claims else None, n=claims)
    found = repeated_flaws(wrong, Estimate(value=0.2, n=500))
    assert (found.estimate.value is not None) is told
    assert (found.control is not None) is told
    if not told:
        assert f"({claims} found)" in found.sentence


def test_nothing_to_compare_is_said(measured: Callable[..., object]) -> None:
    _, found = measured(("Hm.", "No."))  # type: ignore[misc]
    assert found["mismatch_share"].estimate.value is None
    assert "could not be assessed" in found["mismatch_share"].sentence


def test_an_empty_study_is_measured(tmp_path: Path) -> None:
    study = Study.create(tmp_path / "empty")
    assert all(f.estimate.value is None for f in mismatch.INSTRUMENT.conclude(study))
    assert mismatch.INSTRUMENT.panel(study).figures == ()
