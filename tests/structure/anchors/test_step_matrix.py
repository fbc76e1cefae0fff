"""The step-to-step matrix: planted dependences are found, shuffled rollouts hold none."""

import numpy as np
import pytest

from reasonscope.structure.anchors.planted_steps import made, resamples, same_words, steps_in
from reasonscope.structure.anchors.rollout import Request
from reasonscope.structure.anchors.step_matrix.planted import Dependence
from reasonscope.structure.anchors.step_matrix.reading import edge_auc, read, step_effects
from reasonscope.structure.anchors.step_matrix.said import NEVER, Said, said_again, split

CHAIN = Dependence(uses=(None, 0, 1, None, 3, 4), steady=0.8, leak=0.1)


def places(model: Dependence, rollouts: int = 40, seed: int = 0, trace_id: str = "t"):
    size = len(model.uses)
    rows = model.roll(resamples(range(size + 1), rollouts), seed, trace_id)
    return said_again(model.steps, rows, same_words, steps_in)


def said(kept: int, first) -> Said:
    return Said(first=np.array(first), kept=kept, ended=np.ones(len(first), dtype=bool))


def edges(model: Dependence, trace_id: str = "t"):
    return {(trace_id, int(i), int(j)) for i, j in np.argwhere(model.edges())}


def test_the_exact_matrix_of_a_chain_by_hand():
    exact = CHAIN.importance()
    assert exact[0, 1] == pytest.approx(0.7)
    assert exact[0, 2] == pytest.approx(0.49)
    assert exact[0, 3] == exact[2, 3] == 0.0
    assert edges(CHAIN) == {("t", *e) for e in [(0, 1), (0, 2), (1, 2), (3, 4), (3, 5), (4, 5)]}


def test_entries_are_the_exact_ones_within_their_intervals():
    exact = CHAIN.importance()
    held = []
    for seed in range(30):
        for one in step_effects("t", places(CHAIN, 30, seed)):
            held.append(one.low <= exact[one.step_index, one.target] <= one.high)
    assert np.mean(held) > 0.92


def test_a_difference_by_hand():
    """Kept: 2 of 2 say step 1 again; resampled: 1 of 2; one that repeats step 0 stays out."""
    here = said(0, [[NEVER, 1], [NEVER, NEVER], [0, 1]])
    after = said(1, [[NEVER, 0], [NEVER, 0]])
    (one,) = step_effects("t", {0: here, 1: after})
    assert (one.step_index, one.target, one.value) == (0, 1, 0.5)
    assert (one.kept, one.resampled) == (2, 2)
    assert one.low < 0.5 < one.high


def test_dependences_are_found_and_shuffled_rollouts_hold_none():
    found = places(CHAIN, 60)
    auc = edge_auc(step_effects("t", found), edges(CHAIN))
    assert auc.value > 0.97
    areas = []
    for seed in range(20):
        effects = step_effects("t", found, shuffled=seed)
        areas.append(edge_auc(effects, edges(CHAIN)).value)
    assert abs(np.mean(areas) - 0.5) < 0.12


def test_shuffled_rollouts_hold_no_entry_that_survives_the_correction():
    traces = [step_effects("t", places(CHAIN, 30, s), shuffled=s) for s in range(60)]
    assert np.mean([any(one.q < 0.05 for one in effects) for effects in traces]) <= 0.12


def test_no_dependence_no_entry_that_survives_the_correction():
    model = Dependence(uses=(None,) * 6)
    wrong = [
        any(one.q < 0.05 for one in step_effects("t", places(model, 30, s))) for s in range(60)
    ]
    assert np.mean(wrong) <= 0.12


def test_true_entries_survive_the_correction():
    effects = step_effects("t", places(CHAIN, 60))
    assert {(one.step_index, one.target) for one in effects if one.q < 0.05} >= {(0, 1), (3, 4)}
    assert all(one.q >= one.p for one in effects)


def test_a_target_that_never_returns_has_no_entry():
    model = Dependence(uses=(None, None), steady=0.0)
    assert step_effects("t", places(model)) == []


def test_a_prefix_without_its_neighbour_gives_no_entry():
    rows = CHAIN.roll(resamples([0, 2, 5], 5), 0)
    found = said_again(CHAIN.steps, rows, same_words, steps_in)
    assert sorted(found) == [0, 2, 5]
    assert step_effects("t", found) == []


def test_failures_forced_answers_and_later_rounds_are_passed_over():
    rows = [
        made(Request(kept=0, index=0), "t", "x0 is 10; ", error="timed out"),
        made(Request(kept=0, index=0, arm="forced"), "t", "x0 is 10; "),
        made(Request(kept=0, index=0, inserted="y; "), "t", "x0 is 10; "),
    ]
    found = said_again(CHAIN.steps, rows, same_words, steps_in)
    assert all(len(held.left) == 0 for held in found.values())


def test_empty_rollouts_and_no_rollouts():
    rows = [made(Request(kept=k, index=0), "t", "") for k in (0, 1)]
    found = said_again(CHAIN.steps, rows, same_words, steps_in)
    assert found[0].left.tolist() == [True]
    assert step_effects("t", found) == []
    assert said_again(CHAIN.steps, [], same_words, steps_in) == {}
    assert step_effects("t", {}) == []


def test_equal_texts_are_compared_once():
    asked = []

    def counting(these, those):
        asked.extend(these)
        return same_words(these, those)

    rows = CHAIN.roll(resamples([0, 1], 200), 0)
    said_again(CHAIN.steps, rows, counting, steps_in)
    assert len(asked) == len(set(asked))


def test_a_rollout_splits_as_a_trace_does():
    told = ["First we add three. ", "Then we add four.\n\n", "So there are seven."]
    assert split("".join(told)) == told
    assert split("".join(told) + "</think>It is seven.") == told
    assert split("") == []


def test_one_class_only_has_no_area():
    assert edge_auc(step_effects("t", places(CHAIN, 5)), set()).value is None


def test_areas_over_traces_are_clustered():
    effects, known = [], set()
    for number in range(8):
        name = f"t{number}"
        effects += step_effects(name, places(CHAIN, 12, number, name))
        known |= edges(CHAIN, name)
    found = edge_auc(effects, known)
    assert found.clusters == 8
    assert found.low > 0.7


def test_each_entry_has_its_control_beside_it():
    rows = read("t", places(CHAIN, 60))
    assert {(row.step_index, row.target) for row in rows if row.q < 0.05} >= {(0, 1), (3, 4)}
    assert not [row for row in rows if row.q_shuffled < 0.05]


def test_where_a_step_is_first_said_again():
    rows = [made(Request(kept=0, index=0), "t", "y; x1 is 11; x1 is 11; x0 is 10; ", ended=False)]
    [found] = said_again(CHAIN.steps, rows, same_words, steps_in).values()
    assert found.first[0].tolist() == [3, 1, NEVER, NEVER, NEVER, NEVER]
    assert found.left.tolist() == [True]
    assert found.ended.tolist() == [False]
    assert found.of(slice(1, 3)).first.tolist() == [[1, NEVER]]
