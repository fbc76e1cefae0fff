"""Motifs tell what was planted beyond length, and nothing where nothing is."""

from collections import Counter

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from reasonscope.stats import auroc
from reasonscope.structure.motifs import INSTRUMENT, Moves, examine
from reasonscope.structure.motifs.counts import common, patterns, rates
from reasonscope.structure.motifs.findings import conclude, shuffled
from reasonscope.structure.motifs.model import PENALTY, fit, fold_of, forward
from reasonscope.structure.motifs.moves import MOVES, SHORT, moves
from reasonscope.structure.motifs.pairs import area, gain
from reasonscope.structure.motifs.planted import BAD, planted_case, study, told
from reasonscope.structure.motifs.telling import Attempt, telling, why_not
from reasonscope.traces.schema import LABELS, Candidate, Case, Label, Problem, Trace
from reasonscope.traces.store import Study, declare


def test_each_label_has_its_letter() -> None:
    assert sorted(MOVES.values()) == sorted(LABELS)
    assert list(SHORT) == list(MOVES)


def test_a_step_without_a_label_breaks_a_motif() -> None:
    labels = [Label(trace_id="t", step_index=at, label="self_checking") for at in (0, 1, 3)]
    assert moves(4, labels) == "KK-K"
    assert patterns("KK-K") == Counter({"K": 3, "KK": 1})


def test_patterns_by_hand() -> None:
    """CKC: C twice, K once, CK, KC and CKC once each."""
    assert patterns("CKC") == Counter({"C": 2, "K": 1, "CK": 1, "KC": 1, "CKC": 1})


def test_rates_are_per_hundred_steps() -> None:
    counts = [patterns("CCKK"), patterns("KKKK")]
    assert rates(counts, ["C", "K"], [4, 4]).tolist() == [[50.0, 50.0], [0.0, 100.0]]


def test_a_rare_pattern_is_not_looked_at() -> None:
    counts = [patterns("C")] * 19 + [patterns("K")]
    assert common(counts) == ["C"]


def test_the_model_is_that_of_scikit_learn() -> None:
    rng = np.random.default_rng(3)
    columns = rng.normal(size=(200, 5))
    truth = rng.random(200) < 1 / (1 + np.exp(-columns[:, 0]))
    theirs = LogisticRegression(C=1 / PENALTY, tol=1e-9).fit(columns, truth)
    ours = fit(columns, truth)
    assert ours[1:] == pytest.approx(theirs.coef_[0], abs=1e-4)
    assert ours[0] == pytest.approx(theirs.intercept_[0], abs=1e-4)


def test_one_fold_is_the_plain_area() -> None:
    rng = np.random.default_rng(4)
    scores, truth = rng.normal(size=60), rng.random(60) < 0.4
    names = [str(i // 2) for i in range(60)]
    plain = auroc(list(scores), list(truth), names)
    ours = area(scores, truth, [0] * 60, names)
    assert ours.value == pytest.approx(plain.value)


def test_scores_of_different_folds_are_not_compared() -> None:
    """Each fold is right within; between them all is wrong."""
    scores = np.array([1.0, 2.0, 101.0, 102.0])
    truth = np.array([False, True, False, True])
    assert area(scores, truth, [0, 0, 1, 1], list("abcd")).value == 1.0
    assert area(scores, truth, [0, 0, 0, 0], list("abcd")).value == 0.75


def test_a_score_gains_nothing_over_itself() -> None:
    scores, truth = np.arange(6.0), np.array([True, False] * 3)
    found = gain(scores, scores, truth, [0] * 6, list("abcdef"))
    assert (found.value, found.low, found.high) == (0.0, 0.0, 0.0)


def test_a_fold_learns_from_earlier_ones_alone() -> None:
    columns = np.arange(12.0)[:, None]
    truth = np.array([True, False] * 6)
    folds = [i // 2 for i in range(12)]
    before = forward(columns, truth, folds)
    changed = columns.copy()
    changed[10:] = 1e6
    after = forward(changed, truth, folds)
    assert before is not None
    assert after is not None
    assert before[5].weights.tolist() == after[5].weights.tolist()


def test_a_problem_lies_in_one_fold() -> None:
    assert len({fold_of("a problem") for _ in range(3)}) == 1
    assert len({fold_of(str(i)) for i in range(100)}) == 6


def test_the_planted_motif_is_read_off_labels() -> None:
    row = examine(planted_case(1, bad=True))[0]
    plain = examine(planted_case(1, bad=False))[0]
    assert patterns(row.moves)[BAD] > patterns(plain.moves)[BAD]
    assert len(row.moves) == row.steps


def test_the_planted_motif_is_named_and_gains() -> None:
    found = told(7, planted=True, details=True)
    assert found.gain.low is not None
    assert found.gain.low > 0
    assert BAD in [one.motif for one in found.by_motif[:5]]


def test_nothing_is_named_where_nothing_is() -> None:
    named = [any(m.q_value < 0.05 for m in told(s, False, True).by_motif) for s in range(20)]
    assert sum(named) <= 4


def test_length_alone_is_no_motif() -> None:
    """Wrong traces are longer and made of the same moves: motifs add nothing."""
    rng = np.random.default_rng(11)
    made = []
    for at in range(300):
        wrong = bool(rng.random() < 0.5)
        steps = int(rng.integers(60, 90) if wrong else rng.integers(30, 60))
        text = "".join(rng.choice(list("CKPO"), steps))
        made.append(Attempt(f"p{at}", steps, 10 * steps, wrong, patterns(text)))
    found = telling(made)
    assert found is not None
    assert found.length.low is not None
    assert found.length.low > 0.8
    assert found.gain.value is not None
    assert found.gain.value < 0.02
    assert not any(one.q_value < 0.01 for one in found.by_motif)


def test_a_model_that_is_both_worse_and_different_does_not_name_motifs() -> None:
    """Two models with habits of their own: which model it is tells wrong from right, no motif."""
    rng = np.random.default_rng(12)
    made = []
    for at in range(400):
        model, share = ("a", 0.2) if at % 2 else ("b", 0.7)
        moves_of = "".join(rng.choice(list("CK" if model == "a" else "KP"), 40))
        wrong = bool(rng.random() < share)
        made.append(Attempt(f"p{at}", 40, 400, wrong, patterns(moves_of), model))
    found = telling(made)
    assert found is not None
    assert not any(one.q_value < 0.05 for one in found.by_motif)
    assert found.gain.low is not None
    assert found.gain.low < 0


def test_one_class_cannot_be_assessed() -> None:
    made = [Attempt(f"p{i}", 9, 90, False, patterns("CKC")) for i in range(100)]
    assert telling(made) is None
    assert "found 100 and 0" in why_not(made)


def test_few_problems_cannot_be_assessed() -> None:
    made = [Attempt(f"p{i % 5}", 9, 90, i % 2 == 0, patterns("CKC")) for i in range(100)]
    assert "20 problems" in why_not(made)


def test_shuffling_within_problems_keeps_their_counts() -> None:
    made = study(3, planted=True)
    before, after = Counter(), Counter()
    for one, other in zip(made, shuffled(made), strict=True):
        before[one.problem] += one.wrong
        after[other.problem] += other.wrong
    assert before == after


def make_study(folder, cases: list[tuple[Case, bool]]) -> Study:
    declare("motifs", Moves)
    held = Study.create(folder)
    held.write_part("problems", "one", [case.problem for case, _ in cases])
    held.write_part("traces", "one", [case.trace for case, _ in cases])
    held.write_part("motifs", "one", [row for case, _ in cases for row in examine(case)])
    finals = [
        Candidate(
            trace_id=case.trace.trace_id,
            order=0,
            step_index=None,
            char_start=0,
            char_end=1,
            text="1",
            correct=right,
            final=True,
        )
        for case, right in cases
    ]
    held.write_part("answers", "one", finals)
    return held


def test_a_study_is_concluded_and_drawn(tmp_path) -> None:
    cases = [(planted_case(i, bad=i % 2 == 0), i % 2 == 1) for i in range(90)]
    held = make_study(tmp_path / "s", cases)
    found = {one.name: one for one in conclude(held)}
    assert found["auroc_gain"].estimate.low is not None
    assert found["auroc_gain"].estimate.low > 0
    assert found["auroc_gain"].control is not None
    drawn = INSTRUMENT.panel(held)
    assert len(drawn.figures) == 1
    assert drawn.tables[0].columns == ("label", "share of steps")


def test_an_empty_study_could_not_be_assessed(tmp_path) -> None:
    held = make_study(tmp_path / "s", [])
    assert all(one.estimate.value is None for one in conclude(held))
    assert all("could not be assessed" in one.sentence for one in conclude(held))
    assert INSTRUMENT.panel(held).figures == ()


def test_a_trace_without_labels_has_a_row_that_counts_for_nothing() -> None:
    problem = Problem.make("?")
    row = examine(Case(problem, Trace.make(problem, ""), (), {"labels": ()}))[0]
    assert (row.steps, row.moves) == (0, "")


def test_calibration() -> None:
    gained, recovered = INSTRUMENT.calibrate(2, 40)
    for one in (gained, recovered):
        assert one.power.value is not None
        assert one.power.value > 0.75
        assert one.false_positive.value is not None
        assert one.false_positive.value <= 0.2
