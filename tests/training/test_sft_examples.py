"""Batches waste little, lose nothing, and are the same for the same seed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_trainee import word_tokenizer

from reasonscope.training.sft_examples import (
    IGNORED,
    encode_examples,
    padding_share,
    plan_batches,
)
from reasonscope.training.sft_trainer import padded

LENGTHS = st.lists(st.integers(1, 60), min_size=1, max_size=200)


def plan(lengths, **changed):
    held = {"tokens": 64, "examples": None, "seed": 0, "epoch": 0}
    return plan_batches(lengths, **{**held, **changed})


@given(LENGTHS, st.booleans(), st.one_of(st.none(), st.integers(1, 9)))
def test_every_example_is_shown_once(lengths, keep_order, examples) -> None:
    made = plan(lengths, keep_order=keep_order, examples=examples, tokens=None if examples else 64)
    assert sorted(index for batch in made for index in batch) == list(range(len(lengths)))


@given(LENGTHS, st.booleans())
def test_no_batch_is_larger_than_asked(lengths, keep_order) -> None:
    for batch in plan(lengths, keep_order=keep_order):
        assert len(batch) == 1 or len(batch) * max(lengths[i] for i in batch) <= 64


def test_an_example_longer_than_a_batch_has_one_of_its_own() -> None:
    assert sorted(sorted(batch) for batch in plan([3, 100, 3])) == [[0, 2], [1]]


def test_the_same_seed_gives_the_same_batches_and_epochs_differ() -> None:
    lengths = list(range(1, 50))
    assert plan(lengths) == plan(lengths)
    assert plan(lengths) != plan(lengths, seed=1)
    assert plan(lengths) != plan(lengths, epoch=1)


def test_little_is_padding_even_where_lengths_differ_much() -> None:
    lengths = np.random.default_rng(0).integers(20, 220, 3_000)
    assert padding_share(plan(lengths, tokens=3_072), lengths) < 0.05
    assert padding_share(plan(lengths, tokens=3_072, keep_order=True), lengths) < 0.15


def test_a_curriculum_keeps_its_order_to_within_four_batches() -> None:
    lengths = np.random.default_rng(0).integers(20, 220, 3_000)
    shown = [i for batch in plan(lengths, tokens=3_072, keep_order=True) for i in batch]
    moved = max(abs(place - index) for place, index in enumerate(shown))
    assert moved <= 4 * 3_072 // 20
    free = [i for batch in plan(lengths, tokens=3_072) for i in batch]
    assert max(abs(place - index) for place, index in enumerate(free)) > 1_500


def test_prompt_and_padding_have_no_loss() -> None:
    examples = encode_examples(word_tokenizer(), [([1, 8], [9, 2]), ([1], [5, 6, 7, 2])])
    held = padded(examples, [0, 1])
    assert held["input_ids"].tolist() == [[1, 8, 9, 2, 0], [1, 5, 6, 7, 2]]
    off = IGNORED
    assert held["labels"].tolist() == [[off, off, 9, 2, off], [off, 5, 6, 7, 2]]
    assert held["attention_mask"].tolist() == [[1, 1, 1, 1, 0], [1, 1, 1, 1, 1]]


def test_a_device_without_examples_gets_one_token_without_loss() -> None:
    examples = encode_examples(word_tokenizer(), [([1], [2])])
    held = padded(examples, [])
    assert held["input_ids"].shape == (1, 1)
    assert held["labels"].tolist() == [[IGNORED]]


def test_texts_end_with_the_end_token() -> None:
    examples = encode_examples(word_tokenizer(), [("<bos> What", "So .")])
    words = word_tokenizer().convert_ids_to_tokens(examples.example(0).tolist())
    assert words == ["<bos>", "What", "So", ".", "<eos>"]
    assert examples.prompts.tolist() == [2]


def test_too_long_is_left_out_and_counted_never_cut() -> None:
    pairs = [([1], [5] * 9 + [2]), ([1], [5, 2]), ([1], [])]
    examples = encode_examples(word_tokenizer(), pairs, max_length=5)
    assert len(examples) == 1
    assert examples.dropped == 2
    assert examples.example(0).tolist() == [1, 5, 2]


def test_the_digest_tells_examples_apart() -> None:
    def digest(pairs):
        return encode_examples(word_tokenizer(), pairs).digest

    assert digest([([1], [5, 2])]) == digest([([1], [5, 2])])
    assert digest([([1], [5, 2])]) != digest([([1, 5], [2])]), "where the prompt ends counts"
    assert digest([]) != digest([([1], [2])])


def test_padding_by_hand() -> None:
    assert padding_share([[0, 1], [2]], [4, 2, 6]) == pytest.approx(2 / 14)
