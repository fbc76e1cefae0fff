"""Numbers as people write them are read exactly, and what is not one number is not read."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasonscope.problems.answers.quantities import (
    MAX_DIGITS,
    MAX_LENGTH,
    numbers_in,
    plain_math,
    read_quantity,
    spoken_numbers_in,
)


def value(text: str) -> Fraction | None:
    found = read_quantity(text)
    return None if found is None else found.value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("540", 540),
        ("+7", 7),
        ("-7", -7),
        ("−7", -7),
        ("3.50", Fraction(7, 2)),
        (".5", Fraction(1, 2)),
        ("1,234", 1234),
        ("1,234,567.25", Fraction(4938269, 4)),
        (r"1{,}234", 1234),
        (r"1\,234", 1234),
        ("$12", 12),
        (r"\$12", 12),
        ("-$5", -5),
        ("$-5", -5),
        ("€ 3", 3),
        ("12 dollars", 12),
        ("1/2", Fraction(1, 2)),
        ("-1/2", Fraction(-1, 2)),
        (r"\frac{3}{4}", Fraction(3, 4)),
        (r"\dfrac{400}{11}", Fraction(400, 11)),
        (r"\frac12", Fraction(1, 2)),
        ("7½", Fraction(15, 2)),
        ("2 1/2", Fraction(5, 2)),
        (r"7\frac{1}{2}", Fraction(15, 2)),
        ("540 meters", 540),
        ("540 meters per week", 540),
        ("20 km/h", 20),
        ("12 m^2", 12),
        ("5kg", 5),
        ("45 minutes.", 45),
        (r"540 \text{ meters}", 540),
        (r"\(540\)", 540),
        ("**540**", 540),
        ("$540$", 540),
        ("$$540$$", 540),
        ("about 5", 5),
        (r"\approx 4.12", Fraction(103, 25)),
        ("3 * 180 = 540", 540),
        ("x = 5", 5),
        ("twelve", 12),
        ("Ninety", 90),
        ("2.5 million", 2500000),
        ("90^\\circ", 90),
        ("90°", 90),
        ("1e3", 1000),
        ("2:00 pm", 2),
    ],
)
def test_a_number_with_its_dress_is_read(text: str, expected: int | Fraction) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "eggs",
        "3 hours and 20 minutes",
        "86 glasses and 42",
        "5 feet 6 inches",
        "5x",
        "3\\pi",
        "2 pi",
        "6 - 5i",
        "2^3",
        "1/0",
        "12,34",
        "2:30 pm",
        "R2",
        "1 2 3",
        "9**9**9",
        "9" * (MAX_DIGITS + 1),
        "7" + " " * MAX_LENGTH,
        "1e9999",
    ],
)
def test_what_is_not_one_number_is_not_read(text: str) -> None:
    assert value(text) is None


def test_fifty_percent_may_be_fifty_or_a_half() -> None:
    found = read_quantity("50%")
    assert found is not None
    assert found.percent
    assert found.readings == (50, Fraction(1, 2))


def test_units_can_be_refused() -> None:
    assert read_quantity("540 meters", units=False) is None
    assert read_quantity("50%", units=False) is not None


@given(st.integers(-(10**20), 10**20))
def test_every_whole_number_is_read_with_and_without_separators(number: int) -> None:
    assert value(str(number)) == number
    assert value(f"{number:,}") == number


@given(st.decimals(-(10**6), 10**6, allow_nan=False, places=4))
def test_every_decimal_is_read_exactly(number: object) -> None:
    assert value(format(number, "f")) == Fraction(str(number))


@given(st.integers(-999, 999), st.integers(1, 999))
def test_every_fraction_is_read_exactly(above: int, below: int) -> None:
    assert value(f"{above}/{below}") == Fraction(above, below)


@given(st.text(max_size=120))
def test_no_text_breaks_the_reader(text: str) -> None:
    read_quantity(text)
    assert all(0 <= a < b <= len(text) for a, b in numbers_in(text))


def found_in(text: str) -> list[str]:
    return [text[a:b] for a, b in numbers_in(text)]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("He has 5 apples and $1,234.50.", ["5", "$1,234.50"]),
        ("10 - 5 is not minus", ["10", "5"]),
        ("it is -5 below", ["-5"]),
        ("x=-5", ["-5"]),
        ("3-5 days", ["3", "5"]),
        ("the 3rd of 7", ["7"]),
        ("R2D2 and H2O", []),
        ("2. Use 7", ["7"]),
        ("**2.** Use 7", ["7"]),
        ("50% of 20", ["50%", "20"]),
        (r"\frac{1}{2} of it", [r"\frac{1}{2}"]),
        ("by 2:00 pm sharp", ["2:00 pm"]),
        ("2 1/2 cups", ["2 1/2"]),
        ("5kg and 5x", ["5"]),
        ("3 million people", ["3 million"]),
        ("he made $70k, not 5km", ["$70k", "5"]),
    ],
)
def test_numbers_are_found_in_sentences(text: str, numbers: list[str]) -> None:
    assert found_in(text) == numbers


def test_a_list_marker_alone_on_its_line_is_a_number() -> None:
    assert found_in("**Answer**\n42.") == ["42"]


def test_spoken_numbers_are_whole_words() -> None:
    text = "Seven of the tents"
    assert [text[a:b] for a, b in spoken_numbers_in(text)] == ["Seven"]


def test_dress_is_taken_off_and_content_kept() -> None:
    assert plain_math(r"\left(\mathrm{A}\right)") == "( A )"


def test_a_megabyte_of_digits_is_passed_over() -> None:
    assert read_quantity("9" * 1_000_000) is None
    assert len(list(numbers_in("9" * 1_000_000))) <= 1_000_000 // MAX_DIGITS + 1
