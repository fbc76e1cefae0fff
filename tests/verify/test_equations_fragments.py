"""Finding equations: where an expression begins, where it ends, what is its unit."""

import pytest

from reasonscope.verify.arithmetic.tokens import scan
from reasonscope.verify.equations.fragments import find
from reasonscope.verify.equations.operands import (
    aside_end,
    is_name,
    relation,
    unit_end,
    word_operator,
)
from reasonscope.verify.equations.reading import assigned_words, tokens_of
from reasonscope.verify.equations.sizes import unit_scale


def sides(text, names=frozenset()):
    """Each chain as text: the tokens of its sides joined, with the relations between."""
    found = []
    for fragment in find(scan(text), names):
        written = [" ".join(t.text for t in side.tokens) for side in fragment.sides]
        parts = [written[0]]
        for sign, side in zip(fragment.relations, written[1:], strict=True):
            parts += [sign, side]
        found.append(" ".join(parts).strip())
    return found


@pytest.mark.parametrize(
    ("text", "chains"),
    [
        ("So, meters per session: 3 * 60 = 180 meters.", ["3 * 60 = 180 meters"]),
        ("3 sprints * 60 meters/sprint = 180", ["3 sprints * 60 meters = 180"]),
        ("He runs 3 times a week and 3 * 3 = 9", ["3 * 3 = 9"]),
        ("240 plus 126. 240 + 126 is 366", ["240 + 126 = 366"]),
        ("(3 + 4 = 7)", ["3 + 4 = 7"]),
        ("5 + 9 = 14 (7 * 2)", ["5 + 9 = 14 ( 7 * 2 )"]),
        ("5 + 9 = 14 (since 7 * 2 = 14)", ["5 + 9 = 14", "7 * 2 = 14"]),
        ("14 = 5 + 9 (7 = 3 + 4)", ["14 = 5 + 9", "7 = 3 + 4"]),
        ("3 * 60\n= 180", ["3 * 60 = 180"]),
        ("3 * 60 =\n180", ["3 * 60 = 180"]),
        ("3 * 60\n4 + 5 = 9", ["4 + 5 = 9"]),
        ("5 x 4 = 20", ["5 * 4 = 20"]),
        ("5x = 20", ["5 x = 20"]),
        ("3 + 4 = 7 - that's right", ["3 + 4 = 7"]),
        ("45 minus 40 is not 6", ["45 - 40 ≠ 6"]),
        ("45 minus 40 is about 5", ["45 - 40 ≈ 5"]),
        ("10/3 = approximately 3.3", ["10 / 3 ≈ 3.3"]),
        ("half of 3 is 1.5", []),
        ("25% of 8 is 2", ["25 % * 8 = 2"]),
        ("1/4 of 8 = 2", ["1 / 4 * 8 = 2"]),
        ("3 of 8 = 2", ["8 = 2"]),
        ("5 squared = 25", ["5 ² = 25"]),
        ("2 million + 1 = 3", ["2 1000000 + 1 = 3"]),
        ("It is 5. She is 12 and he is 13.", []),
        ("3 + 4 = 7, and 7 + 1 is 8", ["3 + 4 = 7", "7 + 1 = 8"]),
        ("x => 3 + 4", []),
        ("3 + 4 = the total", ["3 + 4 ="]),
        (r"\(3\) + \(4\) = \(7\)", ["3 + 4 = 7"]),
        ("$3 + 4 = 7$", ["3 + 4 = 7"]),
        ("5! = 120!", ["5 ! = 120"]),
        ("100 ml/min * 3 = 300", ["100 ml * 3 = 300"]),
        ("a 5 + 3 = 8", ["5 + 3 = 8"]),
    ],
)
def test_chains(text, chains):
    assert sides(text) == chains


def test_words_of_several_letters_are_variables_only_when_named():
    assert sides("cost + 5 = 17", frozenset({"cost"})) == ["cost + 5 = 17"]
    assert sides("cost + 5 = 17") == ["+ 5 = 17"]


def test_what_stands_before_and_behind_is_kept():
    (fragment,) = find(scan("half of 3 + 4 = 7 remainder 2"))
    assert (fragment.before.text, fragment.after.text) == ("of", "remainder")


def test_units_are_noted():
    (fragment,) = find(scan("$5 * 3 hours = 15 dollars"))
    assert fragment.sides[0].units == {"$", "hours"}
    assert fragment.sides[1].units == {"dollars"}


@pytest.mark.parametrize(
    ("text", "sign"),
    [("3 plus 4", "+"), ("3 minus 4", "-"), ("3 times 4", "*"), ("3 x 4", "*"), ("3 x (4+1)", "*")],
)
def test_operators_in_words(text, sign):
    found = word_operator(scan(text), 1)
    assert found is not None
    assert found[0] == sign


@pytest.mark.parametrize("text", ["3 times a week", "3 x = 4", "3 multiplied", "9 times (441)"])
def test_words_that_are_no_operator(text):
    assert word_operator(scan(text), 1) is None


def test_divided_by_needs_both_words():
    assert word_operator(scan("8 divided by 2"), 1) == ("/", 3)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("= 5", ("=", 1)),
        ("= about 5", ("≈", 2)),
        ("= a total of 5", ("=", 4)),
        ("is 5", ("=", 1)),
        ("is equal to 5", ("=", 3)),
        ("is not equal to 5", ("≠", 4)),
        ("doesn't equal 5", ("≠", 2)),
        ("gives us 5", ("=", 2)),
        ("is right", None),
        ("is the best of 5", None),
        ("5", None),
    ],
)
def test_relations(text, found):
    assert relation(scan(text), 0) == found


def test_a_unit_ends_where_an_operator_follows():
    assert unit_end(scan("3 small boxes * 4"), 1, 0) == 3
    assert unit_end(scan("3 small boxes on a shelf"), 1, 0) is None
    assert unit_end(scan("3 boxes and 4 * 5"), 1, 0) is None


def test_a_remark_of_words_is_skipped():
    assert aside_end(scan("5 (red apples) + 3"), 1) == 5
    assert aside_end(scan("5(price) + 3"), 1) is None
    assert aside_end(scan("5 (x) + 3"), 1) is None
    assert aside_end(scan("5 (3 + 4)"), 1) is None


def test_names():
    assert is_name("x")
    assert is_name("x_1")
    assert not is_name("I")
    assert not is_name("apples")


def test_only_telling_lines_are_read():
    tokens = tokens_of("It was a dark night.\n3 + 4 = 7\nThere were 3 of them.\n")
    assert [t.text for t in tokens if t.kind == "num"] == ["3", "4", "7"]


def test_stars_of_markdown_are_no_powers():
    assert [t.text for t in tokens_of("**2 + 3 = 5**") if t.kind == "op"] == ["+"]
    assert [t.text for t in tokens_of("2**3 = 8") if t.kind == "op"] == ["^"]
    assert [t.text for t in tokens_of("2 ** 3 = 8") if t.kind == "op"] == ["^"]


def test_assigned_words():
    text = "cost = 12. Let total = 5. the price = 3. pears=4"
    assert assigned_words(text) == {"cost", "total", "pears"}


def test_sizes():
    assert unit_scale("hours") == unit_scale("hour") == 60 * unit_scale("min")
    assert unit_scale("km") == 1000 * unit_scale("m")
    assert unit_scale("dollars") == 100 * unit_scale("cents")
    assert unit_scale("sprints") is None
    assert unit_scale("in") is None
