"""Labels: what the shipped labeller says, how shares are corrected, and what it survives."""

import json
from pathlib import Path

import numpy as np
import pytest

from reasonscope.measuring import measure
from reasonscope.structure.labels import INSTRUMENT, examine, mappings
from reasonscope.structure.labels.conclude import runs
from reasonscope.structure.labels.cues import CUES, cue_counts
from reasonscope.structure.labels.features import seen
from reasonscope.structure.labels.labeller import context, fingerprint, probabilities, shipped
from reasonscope.structure.labels.planted import channel, planted_chains, planted_share
from reasonscope.structure.labels.shares import (
    corrected,
    corrected_pairs,
    corrected_share,
    kept_beyond_shuffled,
    rates,
)
from reasonscope.traces.importing import import_traces
from reasonscope.traces.schema import LABELS, Case, Label, Problem, Trace
from reasonscope.traces.segment import steps_of

QUESTION = "Tom has 12 apples and buys 7 more. How many apples does Tom have?"


def case_of(*pieces: str, question: str = QUESTION) -> Case:
    problem = Problem.make(question, answer="19", answer_kind="number")
    trace = Trace.make(problem, "".join(pieces))
    ends = tuple(np.cumsum([len(piece) for piece in pieces]).tolist())
    return Case(problem, trace, tuple(steps_of(trace, ends)) if pieces else ())


STORY = (
    "Okay, so Tom has 12 apples and buys 7 more, and I need to find how many he has. ",
    "Let me first add the two numbers. ",
    "12 + 7 = 19. ",
    "Wait, maybe I should double-check that sum. ",
    "Counting up from 12 by 7 gives 19, so that is correct. ",
    "**Final Answer**\n\\boxed{19}",
)


def test_a_plain_story_is_labelled_as_a_person_would() -> None:
    """The first step sets up, the third computes, the fourth doubts or checks, the last answers."""
    said = [row.label for row in examine(case_of(*STORY))]
    assert said[0] == "problem_setup"
    assert said[2] == "active_computation"
    assert said[3] in ("uncertainty_management", "self_checking")
    assert said[5] == "final_answer_emission"


def test_every_step_has_one_label_with_a_chance() -> None:
    rows = examine(case_of(*STORY))
    assert [row.step_index for row in rows] == list(range(len(STORY)))
    assert all(row.probability is not None and 1 / 8 <= row.probability <= 1 for row in rows)


def test_probabilities_sum_to_one() -> None:
    assert probabilities(STORY, QUESTION).sum(axis=1) == pytest.approx(np.ones(len(STORY)))


def test_no_steps_have_no_labels() -> None:
    assert examine(case_of()) == []


@pytest.mark.parametrize("texts", [["Hm."], [" "], ["\x00" * 50], ["=" * 5000], ["a"] * 500])
def test_odd_steps_are_labelled_too(texts: list[str]) -> None:
    chances = probabilities(texts, "")
    assert chances.shape == (len(texts), len(LABELS))
    assert np.isfinite(chances).all()


def test_ten_thousand_steps_and_a_megabyte_are_labelled() -> None:
    assert len(probabilities([f"{n} + 1 = {n + 1}. " for n in range(10_000)], QUESTION)) == 10_000
    assert len(probabilities(["x" * 1_000_000], QUESTION)) == 1


def test_a_question_of_the_training_set_is_labelled_by_weights_that_never_saw_it() -> None:
    labeller = shipped()
    assert len(labeller.without) == 10
    for mark, weights in labeller.without.items():
        assert weights is not labeller.full, mark
        assert not np.allclose(weights.second, labeller.full.second)


def test_a_fingerprint_forgives_spacing_and_capitals_only() -> None:
    assert fingerprint(" What IS\n2?") == fingerprint("what is 2?")
    assert fingerprint("what is 2?") != fingerprint("what is 3?")


def test_the_weights_are_small_and_hold_no_objects() -> None:
    from importlib.resources import files

    file = files("reasonscope.structure.labels") / "labeller.npz"
    with file.open("rb") as held:
        weights = np.load(held, allow_pickle=False)
        assert all(weights[name].dtype != object for name in weights.files)
    assert len(file.read_bytes()) < 2_000_000


def test_features_of_a_step_do_not_cross_into_the_next() -> None:
    """Two steps apart have the n-grams of each, and none of both."""
    both = seen(["one two", "three four"], "")[0]
    assert both[0].nnz == seen(["one two"], "")[0].nnz
    assert both[1].nnz == seen(["three four"], "")[0].nnz


def test_a_step_has_the_same_n_grams_wherever_it_stands() -> None:
    alone = seen(["so it is 19."], "")[0]
    last = seen(["wait, what? ", "so it is 19."], "")[0][1]
    assert (alone != last).nnz == 0


def test_numbers_of_the_question_and_of_earlier_steps_are_told_apart() -> None:
    rows = seen(["It is 12.", "So 19.", "Again 19."], "There are 12.")[1]
    given, before, fresh = rows[:, -3], rows[:, -2], rows[:, -1]
    assert given.tolist() == [1.0, 0.0, 0.0]
    assert before.tolist() == [0.0, 0.0, 1.0]
    assert fresh.tolist() == [0.0, 1.0, 0.0]


def test_a_phrase_counts_in_its_own_step_only() -> None:
    """The second step holds the check; no phrase is made of the end of one and the next."""
    counts = cue_counts(["hold", " on, let me check", "", "wait wait wait wait"])
    check = next(n for n, cue in enumerate(CUES) if "verify" in cue)
    assert counts[:, check].tolist() == [0.0, 1.0, 0.0, 0.0]
    assert counts[:, 0].tolist() == [0.0, 0.0, 0.0, 3.0]


def test_the_context_of_the_first_step_has_nothing_before_it() -> None:
    first = np.full((3, 2), 0.5)
    rows = context(first, np.zeros((3, 1)))
    assert rows.shape[0] == 3
    assert (rows[0] != rows[1]).any()
    assert np.isfinite(rows).all()


def test_a_known_channel_is_inverted_exactly() -> None:
    """True shares .2 and .8 through errors of .1 and .3 are seen as .42 and .58."""
    errors = np.array([[0.9, 0.1], [0.3, 0.7]])
    assert np.array([0.2, 0.8]) @ errors == pytest.approx([0.42, 0.58])
    assert corrected(np.array([0.42, 0.58]), errors) == pytest.approx([0.2, 0.8])


def test_known_transitions_are_recovered_through_the_channel() -> None:
    errors = np.array([[0.9, 0.1], [0.3, 0.7]])
    pairs = np.array([[40.0, 10.0], [20.0, 30.0]])
    seen = errors.T @ pairs @ errors
    assert corrected_pairs(seen, errors) == pytest.approx(np.array([[0.8, 0.2], [0.4, 0.6]]))


def test_rates_are_rows_that_sum_to_one_even_for_a_label_nobody_gave() -> None:
    table = rates(np.array([[8.0, 2.0], [0.0, 0.0]]))
    assert table.sum(axis=1) == pytest.approx([1.0, 1.0])
    assert table[1, 1] == 1.0


def test_a_share_without_steps_is_unknown_and_one_problem_has_no_interval() -> None:
    confusion = shipped().confusion
    assert corrected_share(np.zeros((0, 8)), confusion, 0).value is None
    one = corrected_share(np.ones((1, 8)), confusion, 3)
    assert one.value is not None
    assert one.low is None


def test_runs_of_equal_labels_by_hand() -> None:
    """a a b b keeps 2 of 3; over all orders 1 of 3 is expected."""
    assert kept_beyond_shuffled([0, 0, 1, 1]) == pytest.approx(1 / 3)
    assert kept_beyond_shuffled([0, 1, 0, 1]) == pytest.approx(-1 / 3)
    assert kept_beyond_shuffled([5, 5, 5]) == 0.0
    assert kept_beyond_shuffled([5]) is None


def test_a_study_of_single_steps_has_no_runs() -> None:
    assert runs([("p", [1]), ("q", [2])]).value is None


def test_planted_checking_is_found_and_its_absence_is_not() -> None:
    found = planted_share(1, 0.25)
    assert found.low is not None
    assert found.high is not None
    assert found.low <= 0.25 <= found.high
    assert found.low > 0.07


def test_planted_chains_keep_their_labels_and_independent_ones_do_not() -> None:
    kept, free = runs(planted_chains(1, 0.3)), runs(planted_chains(1, 0.0))
    assert kept.low is not None
    assert kept.low > 0
    assert free.low is not None
    assert free.high is not None
    assert free.low < 0 < free.high


def test_the_channel_says_what_the_bench_measures() -> None:
    assert channel().sum(axis=1) == pytest.approx(np.ones(8))
    right = shipped().confusion.sum(axis=0)
    assert 0.55 < np.trace(right) / right.sum() < 0.75


@pytest.mark.slow
def test_calibration_holds_its_levels() -> None:
    for row in INSTRUMENT.calibrate(0, 600):
        assert row.power.value is not None
        assert row.power.value >= 0.9
        assert row.false_positive.low is not None
        assert row.false_positive.high is not None
        assert row.false_positive.low <= 0.07
        assert row.false_positive.high >= 0.03
        assert row.coverage is not None
        assert row.coverage.high is not None
        assert row.coverage.high >= 0.93


def test_each_taxonomy_maps_every_label() -> None:
    for mapping in (mappings.SCHOENFELD, mappings.HABITS, mappings.PHASES):
        assert set(mapping) == set(LABELS)
    assert "backward chaining" not in mappings.HABITS.values()
    assert "Explore" not in mappings.SCHOENFELD.values()


def study_of(folder: Path, reasonings: list[str]) -> Path:
    rows = [
        {"question": f"{QUESTION} ({n})", "answer": "19", "reasoning": text, "response": "19"}
        for n, text in enumerate(reasonings)
    ]
    file = folder / "t.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows))
    return import_traces([file], folder / "s")[0].path


def test_a_study_is_labelled_with_its_controls(tmp_path: Path) -> None:
    findings = {f.name: f for f in measure(study_of(tmp_path, ["".join(STORY)] * 6), ["labels"])}
    share = findings["active_computation_share"]
    assert share.estimate.value is not None
    assert share.control is not None
    assert findings["kept_label_points"].control is not None
    assert findings["expected_right_share"].estimate.value is not None


@pytest.mark.parametrize("reasonings", [[], ["One step."], ["Same. " * 300]])
def test_little_or_dull_text_gives_findings_or_reasons(
    tmp_path: Path, reasonings: list[str]
) -> None:
    from reasonscope.reporting import panels
    from reasonscope.traces.store import Study

    folder = study_of(tmp_path, reasonings) if reasonings else Study.create(tmp_path / "s").path
    for finding in measure(folder, ["labels"]):
        assert finding.estimate.value is not None or "could not be assessed" in finding.sentence
    assert all("Failed" not in type(panel).__name__ for panel in panels(Study.open(folder)))


def test_marks_name_the_label_and_its_chance(tmp_path: Path) -> None:
    from reasonscope.traces.store import Study

    study = Study.open(study_of(tmp_path, ["".join(STORY)]))
    measure(study, ["labels"])
    ids = [row.trace_id for row in study.records("labels", Label)]
    assert INSTRUMENT.marks is not None
    marks = list(INSTRUMENT.marks(study, sorted(set(ids))))
    assert len(marks) == len(ids)
    assert {mark.category for mark in marks} <= set(LABELS)
    assert marks[0].text.endswith("sure")
