"""A learned verifier finds what is there, knows how often it errs, and is at chance on noise."""

import dataclasses
import json
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasonscope.errors import SetupError
from reasonscope.provenance import Provenance
from reasonscope.traces.importing import store_readings
from reasonscope.traces.schema import Case, Problem, Reading, Trace
from reasonscope.traces.segment import steps_of
from reasonscope.traces.store import Study
from reasonscope.training import rewards
from reasonscope.training.judged import Judged
from reasonscope.training.verifier import (
    Evidence,
    evidence_of,
    fit,
    load,
    save,
    step_reward,
)
from reasonscope.training.verifier.features import (
    BUCKETS,
    SHAPES,
    WIDTH,
    _apart,
    _misplaced,
    step_features,
)


def reading(number: int, wrong_share: float = 0.3) -> Reading:
    """A problem with a trace of sums, some of them wrong."""
    dice = Random(number)
    problem = Problem.make(f"What comes of {number}?", answer="1", answer_kind="number")
    said = []
    for _ in range(6):
        a, b = dice.randrange(10, 90), dice.randrange(10, 90)
        slip = dice.randrange(1, 9) if dice.random() < wrong_share else 0
        said.append(f"So {a} + {b} = {a + b + slip}.")
    trace = Trace.make(problem, "\n".join(said), model="planted", answer="Answer: 1")
    return Reading(problem=problem, trace=trace)


def case_of(text: str, question: str = "?") -> Case:
    problem = Problem.make(question)
    trace = Trace.make(problem, text)
    return Case(problem, trace, steps_of(trace))


def judged(case: Case) -> Judged:
    return Judged(case=case, verdicts=(), correct=None, answered=False, truncated=False)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    made = Study.create(tmp_path_factory.mktemp("sums"))
    with made.writing():
        list(store_readings(made, map(reading, range(60)), Provenance("planted", "0")))
    return made


@pytest.fixture(scope="module")
def evidence(study: Study) -> Evidence:
    return evidence_of(study)


@pytest.fixture(scope="module")
def planted(evidence: Evidence):
    return fit(evidence)


def shape(text: str, name: str, step: int = -1, question: str = "?") -> float:
    return float(step_features(case_of(text, question))[step, BUCKETS + SHAPES.index(name)])


def test_evidence_is_of_steps_with_a_verdict(evidence: Evidence) -> None:
    assert len(evidence.right) == 360
    assert 0.2 < 1 - evidence.right.mean() < 0.4
    assert len(set(evidence.problems)) == 60


def test_what_was_planted_is_found(planted) -> None:
    assert planted.card.auroc.low > 0.9
    assert planted.card.false_accept.high < 0.3
    assert planted.card.balanced > 0.85


def test_on_shuffled_verdicts_it_is_at_chance(evidence: Evidence) -> None:
    dice = np.random.default_rng(7)
    noise = dataclasses.replace(evidence, right=dice.permutation(evidence.right))
    card = fit(noise).card
    assert card.auroc.low < 0.5 < card.auroc.high
    assert card.control.low < 0.5 < card.control.high


def test_the_card_prints_a_control_at_chance(planted) -> None:
    assert planted.card.control.low < 0.5 < planted.card.control.high
    assert "wrong steps taken for right" in str(planted.card)


def test_chances_are_chances(planted, evidence: Evidence) -> None:
    """Of steps that it calls right with nine in ten, about nine in ten are."""
    assert abs(planted.card.calibration.value) < 0.05
    chances = planted.chances(evidence.features)
    assert ((chances > 0) & (chances < 1)).all()


def test_who_knows_problems_by_heart_is_found_out() -> None:
    """Features that name the problem: perfect on what was learned, chance on what was left out."""
    problems = np.repeat([f"p{place:02d}" for place in range(40)], 5)
    features = np.repeat(np.eye(40, dtype=np.float32), 5, axis=0)
    right = np.repeat(np.arange(40) % 2 == 0, 5)
    made = fit(Evidence(features=features, right=right, problems=problems, kind="states"))
    by_heart = (features @ made.weights + made.bias > 0) == right
    assert by_heart.mean() == 1
    assert made.card.auroc.value < 0.7


def test_hidden_states_can_be_learned_from() -> None:
    dice = np.random.default_rng(0)
    right = dice.random(300) < 0.6
    states = dice.normal(size=(300, 16)).astype(np.float32)
    states[:, 3] += 2 * right
    problems = np.array([f"p{place % 50}" for place in range(300)])
    made = fit(Evidence(features=states, right=right, problems=problems, kind="states"))
    assert made.card.auroc.low > 0.8
    with pytest.raises(SetupError, match="learned from states"):
        step_reward(made)
    with pytest.raises(SetupError, match="takes 16 features"):
        made.chances(np.zeros((2, 3)))


def test_states_of_a_study_take_the_place_of_words(study: Study) -> None:
    def lengths(case: Case):
        return np.array([[len(step.text)] for step in case.steps], dtype=np.float32)

    held = evidence_of(study, states=lengths, limit=7)
    assert held.kind == "states"
    assert held.features.shape == (42, 1)


def test_verdicts_of_the_study_go_before_new_ones(study: Study, tmp_path: Path) -> None:
    from reasonscope.traces.schema import Verdict

    own = Study.create(tmp_path)
    with own.writing():
        list(store_readings(own, [reading(1)], Provenance("planted", "0")))
        (key,) = own.part_keys("traces")
        (case,) = own.cases(key)
        said = Verdict(
            trace_id=case.trace.trace_id, step_index=2, verifier="x", correct=False, reason="so"
        )
        own.write_part("verdicts", key, [said])
    held = evidence_of(own)
    assert held.right.tolist() == [False]
    assert held.unjudged == 5


def test_it_comes_back_from_disk_as_it_was(planted, tmp_path: Path) -> None:
    file = save(planted, tmp_path / "verifier.npz")
    back = load(file)
    features = step_features(case_of("So 12 + 13 = 25.\nSo 12 + 13 = 26."))
    assert np.array_equal(back.chances(features), planted.chances(features))
    assert back.card == planted.card
    assert list(tmp_path.iterdir()) == [file]


def test_what_is_stored_holds_no_pickle(planted, tmp_path: Path) -> None:
    file = save(planted, tmp_path / "verifier")
    with np.load(file, allow_pickle=False) as held:
        assert sorted(held) == ["told", "weights"]
        assert json.loads(str(held["told"]))["kind"] == "words"


def test_a_file_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "bad.npz").write_bytes(b"PK\x03\x04 cut short")
    for name in ("bad.npz", "missing.npz"):
        with pytest.raises(SetupError, match="no learned verifier"):
            load(tmp_path / name)


def test_it_is_a_step_reward_by_name(planted, tmp_path: Path) -> None:
    file = save(planted, tmp_path / "verifier.npz")
    reward = rewards.step_reward(f"learned:{file}")
    right, wrong = reward(judged(case_of("So 12 + 13 = 25.\nSo 12 + 13 = 28.")))
    assert -1 <= wrong < 0 < right <= 1
    assert reward(judged(Case(Problem.make("?"), Trace.make(Problem.make("?"), "")))) == ()
    with pytest.raises(SetupError, match="no learned verifier"):
        rewards.step_reward(f"learned:{tmp_path / 'none.npz'}")


def test_too_little_evidence_is_said(evidence: Evidence) -> None:
    few = evidence.problems < sorted(set(evidence.problems))[3]
    small = dataclasses.replace(
        evidence,
        features=evidence.features[few],
        right=evidence.right[few],
        problems=evidence.problems[few],
    )
    with pytest.raises(SetupError, match="at least 5 problems"):
        fit(small)
    with pytest.raises(SetupError, match="wrong steps of at least 5 problems, found 0"):
        fit(dataclasses.replace(evidence, right=np.ones_like(evidence.right)))


def test_features_that_are_not_finite_are_said(evidence: Evidence) -> None:
    broken = evidence.features.copy()
    broken[3, 4] = np.nan
    with pytest.raises(SetupError, match="NaN or infinite"):
        fit(dataclasses.replace(evidence, features=broken))


def test_an_empty_study_is_said(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="at least 5 problems"):
        fit(evidence_of(Study.create(tmp_path)))


# -- features ------------------------------------------------------------------------------


def test_the_last_digit_and_the_nines_by_hand() -> None:
    assert _apart((17, "+", 5, 22), 10) == _apart((17, "+", 5, 22), 9) == 0
    assert _apart((17, "+", 5, 32), 10) == 0, "the last digit alone does not see ten"
    assert _apart((17, "+", 5, 32), 9) == 1
    assert _apart((6, "*", 7, 42), 9) == _apart((6, "×", 7, 42), 10) == 0
    assert _apart((42, "/", 6, 7), 10) == 0
    assert _misplaced((3, "-", 1, 5)) == 1


def test_a_number_from_nowhere_is_seen() -> None:
    assert shape("So 12 + 7 = 19.", "unseen_operands", question="12 and 7") == 0
    assert shape("So 12 + 8 = 20.", "unseen_operands", question="12 and 7") == 0.5
    assert shape("So 1 + 2 = 3.\nSo 3 + 1 = 4.", "unseen_operands") == 0


def test_no_equation_says_nothing_of_equations() -> None:
    names = ("equations", "unit_digit_wrong", "nines_wrong", "size_wrong", "result_repeats")
    assert [shape("Let me think.", name) for name in names] == [0] * 5


@given(st.text(max_size=300))
def test_any_text_has_finite_features(text: str) -> None:
    case = case_of(text or "x")
    rows = step_features(case)
    assert rows.shape == (len(case.steps), WIDTH)
    assert np.isfinite(rows).all()


def test_hostile_text_does_not_hang() -> None:
    for text in ("9" * 1_000_000, "1+1=" * 250_000, "(" * 500_000, "9**9**9 = 1", "a" * 1_000_000):
        assert np.isfinite(step_features(case_of(text))).all()


def test_ten_thousand_steps_are_linear() -> None:
    rows = step_features(case_of("\n".join(f"So {n} + 1 = {n + 1}." for n in range(10_000))))
    assert len(rows) == 10_000
