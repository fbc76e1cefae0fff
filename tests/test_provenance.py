"""Ids depend on content alone; seeds of neighbours share nothing."""

import json

from hypothesis import given
from hypothesis import strategies as st

from reasonscope.provenance import ID_DIGITS, Provenance, content_id, seed_for, settings_pairs


def test_an_id_is_the_same_on_every_machine() -> None:
    """The value is written down: a change of it would orphan every study."""
    assert content_id("problem", "1 + 1 = ?", None) == "4a551fcdf2927ca14102"
    assert seed_for("chain", 0, 1) == 4154315708708175322


def test_borders_between_parts_count() -> None:
    assert content_id("t", "ab", "c") != content_id("t", "a", "bc")
    assert content_id("t", "a") != content_id("t", "a", None)
    assert content_id("t", 1) != content_id("t", "1")


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_neighbouring_seeds_do_not_share_items(seed: int, index: int) -> None:
    """The trap of ``seed + index``: item 1 of seed 0 would be item 0 of seed 1."""
    assert seed_for("chain", seed, index + 1) != seed_for("chain", seed + 1, index)
    assert 0 <= seed_for("chain", seed, index) < 2**63


@given(st.text())
def test_any_text_has_an_id(text: str) -> None:
    assert len(content_id("x", text)) == ID_DIGITS


def test_provenance_is_one_line_of_json() -> None:
    line = Provenance("import", "1.0", settings_pairs(n=3, name="a\nb")).to_json()
    assert "\n" not in line
    assert json.loads(line)["settings"] == {"n": "3", "name": '"a\\nb"'}
