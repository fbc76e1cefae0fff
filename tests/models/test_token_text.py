"""Each token's end in the decoded text, in characters."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_model import byte_level_tokenizer
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from reasonscope.models.token_text import decode, ends_of_bytes, token_ends

BYTE_LEVEL = byte_level_tokenizer()


def encode(text: str) -> list[int]:
    return BYTE_LEVEL.encode(text, add_special_tokens=False)


def byte_fallback_tokenizer() -> PreTrainedTokenizerFast:
    """SentencePiece's habits: ▁ for a space, <0xNN> for bytes, no space at the very start."""
    words = ["<unk>", *[f"<0x{byte:02X}>" for byte in range(256)], "▁", "▁one", "▁and", "s"]
    core = Tokenizer(
        models.BPE(
            vocab={word: place for place, word in enumerate(words)},
            merges=[],
            unk_token="<unk>",
            byte_fallback=True,
            fuse_unk=True,
        )
    )
    core.decoder = decoders.Sequence(
        [
            decoders.Replace("▁", " "),
            decoders.ByteFallback(),
            decoders.Fuse(),
            decoders.Strip(" ", 1, 0),
        ]
    )
    return PreTrainedTokenizerFast(tokenizer_object=core, unk_token="<unk>")


def word_tokenizer() -> PreTrainedTokenizerFast:
    words = {"<unk>": 0, "two": 1, "and": 2, "three": 3}
    core = Tokenizer(models.WordLevel(words, unk_token="<unk>"))
    core.pre_tokenizer = pre_tokenizers.Whitespace()
    return PreTrainedTokenizerFast(tokenizer_object=core, unk_token="<unk>")


def test_a_letter_of_two_bytes_ends_with_its_second() -> None:
    assert ends_of_bytes([b"caf", b"\xc3", b"\xa9", b"s"]) == ("cafés", (3, 3, 4, 5))


def test_a_letter_cut_off_at_the_end_becomes_a_replacement_mark() -> None:
    assert ends_of_bytes([b"a", b"\xc3"]) == ("a\ufffd", (1, 2))


def test_nothing_has_no_ends() -> None:
    assert ends_of_bytes([]) == ("", ())
    assert token_ends(BYTE_LEVEL, [], "") == ()
    assert token_ends(word_tokenizer(), [], "") == ()


def test_an_emoji_of_several_tokens_ends_with_the_last() -> None:
    ids = encode("a🐍b")
    ends = token_ends(BYTE_LEVEL, ids, "a🐍b")
    assert ends is not None
    assert len(ids) > 3  # the tokenizer knows no snake
    assert ends[0] == 1
    assert set(ends[1:-2]) == {1}
    assert ends[-2:] == (2, 3)


@settings(max_examples=150)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufffd"), max_size=40))
def test_every_end_is_that_of_the_tokenizers_own_decoding(text: str) -> None:
    """The first n tokens decode to the text up to the n-th end, and at most half a character."""
    ids = encode(text)
    ends = token_ends(BYTE_LEVEL, ids, decode(BYTE_LEVEL, ids))
    assert ends is not None
    assert decode(BYTE_LEVEL, ids) == text
    for count, end in enumerate(ends, start=1):
        assert decode(BYTE_LEVEL, ids[:count]) in (text[:end], text[:end] + "\ufffd")


@settings(max_examples=150)
@given(st.lists(st.integers(0, len(BYTE_LEVEL) - 1), max_size=30))
def test_any_tokens_even_broken_utf8_have_ends(ids: list[int]) -> None:
    text = decode(BYTE_LEVEL, ids)
    ends = token_ends(BYTE_LEVEL, ids, text)
    assert ends is not None
    assert list(ends) == sorted(ends)
    assert (ends[-1] if ends else 0) == len(text)


def test_special_tokens_are_spelt_out() -> None:
    ids = [*encode("a"), BYTE_LEVEL.convert_tokens_to_ids("<think>"), *encode("b")]
    assert decode(BYTE_LEVEL, ids) == "a<think>b"
    assert token_ends(BYTE_LEVEL, ids, "a<think>b") == (1, 8, 9)


def test_an_added_token_outside_the_byte_alphabet_is_spelt_out() -> None:
    tokenizer = byte_level_tokenizer()
    tokenizer.add_tokens([AddedToken("◁think▷", special=False, normalized=False)])
    ids = tokenizer.encode("a◁think▷b", add_special_tokens=False)
    text = decode(tokenizer, ids)
    assert text == "a◁think▷b"
    assert token_ends(tokenizer, ids, text) == (1, 8, 9)


def test_sentencepiece_drops_the_first_space_and_the_ends_with_it() -> None:
    tokenizer = byte_fallback_tokenizer()
    ids = tokenizer.convert_tokens_to_ids(["▁one", "▁and", "▁one", "s"])
    text = decode(tokenizer, ids)
    assert text == "one and ones"
    assert token_ends(tokenizer, ids, text) == (3, 7, 11, 12)


def test_byte_fallback_spells_a_letter_in_two_tokens() -> None:
    tokenizer = byte_fallback_tokenizer()
    ids = tokenizer.convert_tokens_to_ids(["▁one", "<0xC3>", "<0xA9>", "s"])
    text = decode(tokenizer, ids)
    assert text == "oneés"
    assert token_ends(tokenizer, ids, text) == (3, 3, 4, 5)


def test_whole_words_are_joined_with_spaces() -> None:
    tokenizer = word_tokenizer()
    ids = [1, 2, 3]
    assert decode(tokenizer, ids) == "two and three"
    assert token_ends(tokenizer, ids, "two and three") == (3, 7, 13)


@pytest.mark.parametrize("tokenizer", [BYTE_LEVEL, word_tokenizer()])
def test_control_a_text_of_other_tokens_gives_none_not_wrong_ends(
    tokenizer: PreTrainedTokenizerFast,
) -> None:
    ids = tokenizer.encode("two and three", add_special_tokens=False)
    assert token_ends(tokenizer, ids, "two and three!") is None
