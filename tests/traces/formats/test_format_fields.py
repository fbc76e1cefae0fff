"""Fields are checked for their type, and messages say what was expected and found."""

import pytest

from reasonscope.traces.formats import fields
from reasonscope.traces.formats.format import Wrong


def test_text_that_is_missing_names_the_fields_that_are_there():
    with pytest.raises(Wrong, match="expected a field 'b', found the fields a, c"):
        fields.text({"a": 1, "c": 2}, "b")


def test_a_list_is_not_text():
    with pytest.raises(Wrong, match="expected 'a' to be text, found a list of 2"):
        fields.text({"a": [1, 2]}, "a")


def test_null_is_no_text_where_text_must_be():
    with pytest.raises(Wrong, match="found null"):
        fields.text({"a": None}, "a")


def test_null_is_empty_where_text_may_be():
    assert fields.maybe_text({"a": None}, "a") == fields.maybe_text({}, "a") == ""


def test_a_list_of_texts_with_a_number_in_it_is_wrong():
    with pytest.raises(Wrong, match="item 1 of 'a'"):
        fields.texts({"a": ["x", 1]}, "a")


def test_many_fields_are_not_all_named():
    assert "and 88 more" in fields.keys({str(at): at for at in range(100)})


@pytest.mark.parametrize(
    ("value", "expected"),
    [("4", "4"), (4, "4"), (4.0, "4"), (0.5, "0.5"), (True, None), (None, None), ([4], None)],
)
def test_a_scalar_is_text_or_a_number(value, expected):
    assert fields.scalar(value) == expected


def test_a_huge_number_keeps_its_own_spelling():
    assert fields.scalar(1e300) == "1e+300"


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, 0), (7.0, 7), (-1, None), (2**31, None), (0.5, None), (True, None), ("3", None)],
)
def test_a_count_is_a_small_whole_number(value, expected):
    assert fields.whole(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (True, True),
        (False, False),
        (1, True),
        (0.0, False),
        ("C", True),
        ("I", False),
        ("P", None),
        (0.9, None),
        (2, None),
        (None, None),
        ({"a": 1}, None),
        ("True", True),
    ],
)
def test_an_outcome_is_stated_or_unknown(value, expected):
    assert fields.outcome(value) is expected


def test_half_right_is_not_right():
    """A partial score must not pass for an outcome."""
    assert fields.outcome(0.5) is None


def test_unknown_fields_are_kept():
    assert fields.rest({"a": 1, "b": 2}, "a") == {"b": 2}


def test_a_huge_unknown_field_is_named_and_left_out():
    kept = fields.rest({"a": "x" * 300_000, "b": list(range(200_000)), "c": 1})
    assert kept["c"] == 1
    assert set(kept) == {"c", "left_out"}
    assert kept["left_out"]["characters"]["a"] == 300_000


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("540", "number"),
        ("-2116", "number"),
        ("1,080", "number"),
        ("$5.50", "number"),
        ("25%", "number"),
        ("3/4", "number"),
        ("(E)", "choice"),
        (r"\frac{1}{2}", "expression"),
        ("x^2 + 1", "expression"),
        ("] }", "text"),
        ("{ [ ] }", "text"),
        ("being bellyache betelgeuse", "text"),
        ("", "unknown"),
        (None, "unknown"),
        ("A", "text"),
    ],
)
def test_how_an_answer_is_to_be_compared(answer, kind):
    assert fields.answer_kind(answer) == kind


def test_a_letter_is_a_choice_only_where_there_are_choices():
    assert fields.answer_kind("A", choices=True) == "choice"


def test_a_long_answer_takes_no_time():
    assert fields.answer_kind("1," * 500_000) == "text"


def test_the_reference_of_gsm8k_is_behind_its_marks():
    assert fields.reference("5 * 2 = <<5*2=10>>10\n#### 10") == "10"
    assert fields.reference("plain") == "plain"
    assert fields.reference(None) is None


def test_marks_without_an_answer_keep_the_text():
    assert fields.reference("no answer ####") == "no answer ####"


@pytest.mark.parametrize(
    ("value", "name"),
    [(None, "null"), ("", "empty text"), ("x", "text"), (1, "a number"), ({}, "an object")],
)
def test_kinds_have_plain_names(value, name):
    assert fields.kind(value) == name
