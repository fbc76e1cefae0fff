"""Reasoning altered by rule: the number changes, the rest does not; nothing hangs."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasonscope.structure.anchors.necessity.altering import corrupted, filler, reworded


@pytest.mark.parametrize(
    ("step", "number"),
    [
        ("7 + 4 = 11.", "11"),
        ("So Bob has 42.", "42"),
        ("x = 5 and y + 2 = 9 then", "9"),
        ("Step 2: The sum is 30.", "30"),
        ("3) It makes 8 in all", "8"),
        ("about $3.50 in total", "50"),
    ],
)
def test_the_last_number_is_made_wrong(step, number):
    other = corrupted(step, 1)
    assert other is not None
    assert len(other) == len(step)
    place = step.rindex(number)
    assert other[:place] == step[:place]
    fresh = re.match(r"\d+", other[place:]).group()
    assert fresh != number
    assert len(fresh) == len(number)


def test_the_number_after_the_equals_sign_counts_before_a_later_one():
    assert corrupted("1 + 1 = 2", 0)[:8] == "1 + 1 = "
    assert corrupted("so x = y with 17 of them", 0).startswith("so x = y with 1")


@pytest.mark.parametrize("step", ["", "Wait.", "Step 4: we go on", "12. Then"])
def test_what_holds_no_number_is_not_made_wrong(step):
    assert corrupted(step, 0) is None


def test_a_digit_alone_never_becomes_zero():
    assert {corrupted("= 7", seed) for seed in range(80)} == {f"= {d}" for d in "12345689"}


def test_the_same_seed_makes_the_same_mistake():
    assert corrupted("= 123", 5) == corrupted("= 123", 5)
    assert len({corrupted("= 123", seed) for seed in range(20)}) > 3


@given(st.text(max_size=60), st.integers(0, 3))
def test_one_character_changes_or_nothing_does(step, seed):
    other = corrupted(step, seed)
    if other is not None:
        assert sum(a != b for a, b in zip(step, other, strict=True)) == 1


def test_filler_has_as_many_words_and_no_content():
    assert filler("a b\n\nc", ".") == ". . . "
    assert filler("") == ""


def test_other_words_keep_numbers_and_formulas():
    told = "So we get 4. However, \\(so + 1\\) and `so` stay, because 17 = 17. Sofa."
    other = reworded(told)
    assert other == "Hence we obtain 4. Still, \\(so + 1\\) and `so` stay, since 17 = 17. Sofa."


def test_where_no_safe_word_is_known_there_is_no_paraphrase():
    assert reworded("Bob has 4. 4 + 3 = 7.") is None


@pytest.mark.parametrize(
    "text", ["\\(" * 200_000, "$" * 200_001, "9" * 1_000_000, "so " * 100_000, "`$\\(" * 100_000]
)
def test_hostile_text_is_altered_in_linear_time(text):
    corrupted(text, 0)
    reworded(text)
    filler(text)
