"""Many texts compared with a trace's steps at once: the measures of likeness as tables.

The measures are those of :mod:`reasonscope.structure.anchors.similarity`. A table costs one
reading of each distinct text, where comparing step by step reads every text anew for each step.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from reasonscope.structure.anchors.similarity import (
    EMBEDDING_THRESHOLD,
    TEXT_THRESHOLD,
    TextLikeness,
    numbers,
)
from reasonscope.structure.anchors.step_matrix.said import Similar


def similar_texts(steps: Sequence[str]) -> Similar:
    """The best measure at hand, with numbers: embeddings where their wheel is, else letters.

    Args:
        steps: The trace's own steps, which say how rare a run of letters is.
    """
    from reasonscope.models.sentence_embeddings import embeddings_at_hand

    return with_numbers(by_embeddings() if embeddings_at_hand() else by_letters(steps))


def with_numbers(measure: Similar) -> Similar:
    """Texts that are alike by another measure and in which the same numbers stand."""

    def similar(these: Sequence[str], those: Sequence[str]) -> NDArray[np.bool_]:
        known: dict[frozenset[str], int] = {}
        left, right = (
            np.array([known.setdefault(numbers(text), len(known)) for text in texts], dtype=np.intp)
            for texts in (these, those)
        )
        return np.asarray(measure(these, those) & (left[:, None] == right[None, :]))

    return similar


def by_embeddings(threshold: float = EMBEDDING_THRESHOLD) -> Similar:
    """Texts whose sentence embeddings have at least this cosine say the same."""

    def similar(these: Sequence[str], those: Sequence[str]) -> NDArray[np.bool_]:
        from reasonscope.models.sentence_embeddings import sentence_embeddings

        vectors = sentence_embeddings([text.strip() for text in (*these, *those)])
        cosines = vectors[: len(these)] @ vectors[len(these) :].T
        return np.asarray(cosines >= threshold, dtype=np.bool_)

    return similar


def by_letters(steps: Sequence[str], threshold: float = TEXT_THRESHOLD) -> Similar:
    """Texts whose letters have at least this cosine say the same, as :class:`TextLikeness` does."""
    measure = TextLikeness(steps)

    def similar(these: Sequence[str], those: Sequence[str]) -> NDArray[np.bool_]:
        from scipy.sparse import csr_array

        vectors = [measure._vector(text) for text in (*these, *those)]
        columns = {run: at for at, run in enumerate({run for one in vectors for run in one})}
        ends = np.cumsum([0, *map(len, vectors)])
        held = [value for one in vectors for value in one.values()]
        at = [columns[run] for one in vectors for run in one]
        table = csr_array((held, at, ends), shape=(len(vectors), max(1, len(columns))))
        cosines = (table[: len(these)] @ table[len(these) :].T).toarray()
        return np.asarray(cosines >= threshold, dtype=np.bool_)

    return similar
