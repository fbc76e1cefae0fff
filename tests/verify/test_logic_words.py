"""The words of orders: things, places, comparisons and directions as canonical tokens."""

import pytest

from reasonscope.verify.logic.axes import AXES, Axis
from reasonscope.verify.logic.order_claims import (
    Before,
    Claim,
    LeftOpen,
    Placed,
    at,
    describe,
    true_in,
)
from reasonscope.verify.logic.order_language import Lexicon, ordinal_value, ordinal_word
from reasonscope.verify.logic.order_sentences import read_sentence, resolve_ordinals

AXIS = {axis.name: axis for axis in AXES}
BIRDS = Lexicon(("blue jay", "crow", "owl", "robin"), AXIS["space"], "bird")
BOOKS = Lexicon(("red book", "green book", "blue book"), AXIS["space"], "book")
CARS = Lexicon(("bus", "truck", "station wagon", "sedan", "tractor"), AXIS["age"], "vehicle")
FRUITS = Lexicon(("apples", "mangoes", "kiwis", "peaches"), AXIS["price"], "fruit")
GOLF = Lexicon(("eve", "rob", "dan", "mel", "ana"), AXIS["race"], "golfer")
SONG = Lexicon(("hawk", "owl", "raven", "falcon"), AXIS["song"], "bird")


def statements(words: Lexicon, sentence: str, reverse: bool | None = None, strict: bool = False):
    return [s.statement for s in read_sentence(sentence, words, reverse, strict=strict).said]


def is_not(thing: int, *places: int) -> Placed:
    return Placed(frozenset((thing, place) for place in places), holds=False)


@pytest.mark.parametrize(("word", "number"), [("first", 1), ("twelfth", 12), ("3rd", 3)])
def test_ordinals_count(word: str, number: int) -> None:
    assert ordinal_value(word) == number


def test_a_number_without_a_word_is_written_in_digits() -> None:
    assert ordinal_word(13) == "13th"


@pytest.mark.parametrize(
    ("words", "sentence", "canonical"),
    [
        (BIRDS, "The owl is the leftmost.", "T2 is P1."),
        (BIRDS, "The owl is the rightmost.", "T2 is P4."),
        (BIRDS, "The blue jay is the second from the left.", "T0 is P2."),
        (BIRDS, "The blue jay is the second from the right.", "T0 is P3."),
        (BIRDS, "The third bird from the left is the owl.", "P3 is T2."),
        (BIRDS, "The owl is to the left of the crow.", "T2 is LT T1."),
        (BIRDS, "The owl is to the right of the crow.", "T2 is GT T1."),
        (BOOKS, "The green book is the leftmost book.", "T1 is P1."),
        (CARS, "The bus is the second-newest.", "T0 is P2."),
        (CARS, "The bus is the second-oldest.", "T0 is P4."),
        (CARS, "The station wagon is older than the bus.", "T2 is GT T0."),
        (CARS, "The fourth-oldest vehicle must be the sedan.", "P2 must be T3."),
        (FRUITS, "The kiwis are the third-most expensive.", "T2 are P3."),
        (FRUITS, "The kiwis are the second-cheapest.", "T2 are P3."),
        (FRUITS, "The kiwis are less expensive than the peaches.", "T2 are GT T3."),
        (GOLF, "Eve finished second-to-last.", "T0 finished P4."),
        (GOLF, "Eve finished above Rob.", "T0 finished LT T1."),
        (GOLF, "Eve finished last.", "T0 finished P5."),
        (SONG, "The raven does not sing as well as the falcon.", "T2 does GT T3."),
    ],
)
def test_a_sentence_becomes_tokens(words: Lexicon, sentence: str, canonical: str) -> None:
    assert words.canonical(sentence) == canonical


def test_an_apple_and_apples_are_one_thing() -> None:
    assert FRUITS.canonical("the apple") == FRUITS.canonical("the apples") == "T0"


def test_a_colour_alone_names_the_book_since_all_are_books() -> None:
    assert BOOKS.canonical("Green is first") == "T1 is Q1"


def test_the_last_word_alone_does_not_name_a_book() -> None:
    assert "T" not in BOOKS.canonical("the book is here")


@pytest.mark.parametrize(
    ("words", "header", "token"),
    [
        (BIRDS, "from left to right", "DF"),
        (BIRDS, "from right to left", "DR"),
        (CARS, "from newest to oldest", "DF"),
        (CARS, "from oldest to newest", "DR"),
        (FRUITS, "from cheapest to most expensive", "DR"),
        (FRUITS, "from most to least expensive", "DF"),
        (FRUITS, "from most expensive to least expensive", "DF"),
        (GOLF, "from first to last", "DF"),
        (GOLF, "from last to first", "DR"),
    ],
)
def test_a_direction_is_told_from_its_first_end(words: Lexicon, header: str, token: str) -> None:
    assert words.canonical(header) == token


@pytest.mark.parametrize(
    ("words", "reverse", "expected"),
    [
        (BIRDS, None, "P2"),  # space: from the left
        (GOLF, None, "P2"),  # a race: from the winner
        (CARS, None, "Q2"),  # age: which end is the second?
        (CARS, False, "P2"),
        (CARS, True, "P4"),
    ],
)
def test_a_bare_ordinal_needs_a_direction(
    words: Lexicon, reverse: bool | None, expected: str
) -> None:
    assert resolve_ordinals("Q2", words, reverse) == expected


@pytest.mark.parametrize(
    ("words", "sentence", "claims"),
    [
        (BIRDS, "The owl is to the left of the crow.", [Before(2, 1)]),
        (BIRDS, "So the owl is to the right of the crow.", [Before(1, 2)]),
        (BIRDS, "The owl is not to the right of the crow.", [Before(2, 1)]),
        (BIRDS, "The owl is immediately to the left of the crow.", [Before(2, 1, True)]),
        (BIRDS, "The owl and the robin are to the left of the crow.", [Before(2, 1), Before(3, 1)]),
        (BIRDS, "The owl must be the leftmost.", [at(2, 1)]),
        (BIRDS, "By process of elimination, the third bird must be the owl.", [at(2, 3)]),
        (BIRDS, "According to this ordering, the owl is the third from the left.", [at(2, 3)]),
        (BIRDS, "The only bird that can be the rightmost is the owl.", [at(2, 4)]),
        (BIRDS, "The owl is the only bird that can be the leftmost.", [at(2, 1)]),
        (BIRDS, "The owl cannot be the leftmost.", [is_not(2, 1)]),
        (
            BIRDS,
            "The owl is to the left of the crow, so the owl cannot be the rightmost and the crow "
            "cannot be the leftmost.",
            [Before(2, 1), is_not(2, 4), is_not(1, 1)],
        ),
        (CARS, "The bus is the third-newest, so it is the third-oldest.", [at(0, 3), at(0, 3)]),
        (
            FRUITS,
            "The kiwis are the cheapest, so they cannot be the second-cheapest.",
            [at(2, 4), is_not(2, 3)],
        ),
        (GOLF, "Eve finished third or higher.", [Placed(frozenset({(0, 1), (0, 2), (0, 3)}))]),
        (GOLF, "Eve finished fourth or lower.", [Placed(frozenset({(0, 4), (0, 5)}))]),
        (GOLF, "We know that Eve finished second or third.", [Placed(frozenset({(0, 2), (0, 3)}))]),
        (SONG, "Hawk > Owl > Raven", [Before(0, 1), Before(1, 2)]),
        (SONG, "Raven < Owl", [Before(1, 2)]),
        (SONG, "Hawk is first", []),  # first of what order?
    ],
)
def test_a_sentence_says(words: Lexicon, sentence: str, claims: list[Claim]) -> None:
    assert statements(words, sentence) == claims


def test_a_sign_means_nothing_between_places() -> None:
    assert statements(BIRDS, "Owl > Crow") == []


def test_a_thing_twice_in_a_chain_is_not_read() -> None:
    assert statements(SONG, "Hawk > Owl > Hawk") == []


def test_a_listing_is_read_entry_by_entry() -> None:
    said = statements(
        CARS,
        "So from oldest to newest: first can be any vehicle, then second is the bus, then third, "
        "fourth, and fifth can be any vehicle.",
    )
    assert said == [
        LeftOpen(frozenset({5}), True),
        at(0, 4),
        LeftOpen(frozenset({1, 2, 3}), True),
    ]


def test_a_range_of_places_is_filled_in() -> None:
    said = statements(CARS, "So from newest to oldest: second to fourth can be any vehicle.")
    assert said == [LeftOpen(frozenset({2, 3, 4}), True)]


def test_unknown_is_weaker_than_any() -> None:
    said = statements(BIRDS, "So from left to right: first is an unknown bird.")
    assert said == [LeftOpen(frozenset({1}), False)]


def test_one_thing_at_several_places_is_a_claim_for_each() -> None:
    said = statements(BIRDS, "So from left to right: second to third are the owl.")
    assert said == [at(2, 2), at(2, 3)]


def test_a_choice_of_things_is_one_claim() -> None:
    said = statements(BIRDS, "So from left to right: first is the owl or the crow.")
    assert said == [Placed(frozenset({(1, 1), (2, 1)}))]


def test_a_direction_lasts_until_the_next() -> None:
    reverse = read_sentence("So from oldest to newest: first is the bus.", CARS).reverse
    assert statements(CARS, "The second vehicle must be the truck.", reverse) == [at(1, 4)]


def test_a_place_beyond_the_last_is_kept_as_said() -> None:
    assert statements(BIRDS, "So from left to right: fifth is the owl.") == [at(2, 5)]


def test_the_letter_of_an_answer_is_read() -> None:
    assert read_sentence("So the answer is (C)", BIRDS).letter == "c"


@pytest.mark.parametrize(
    "sentence",
    [
        "If the owl is to the left of the crow",
        "Suppose the owl is the leftmost.",
        "Maybe the owl is the leftmost.",
        "Is the owl the leftmost?",
        "Option 2: the owl is the leftmost.",
        "It is possible that the owl is the leftmost.",
        "The owl could be the leftmost.",
        "Let's say the owl is the leftmost.",
        "Wait, the owl is the leftmost.",
    ],
)
def test_what_is_hedged_is_no_claim(sentence: str) -> None:
    assert statements(BIRDS, sentence, strict=True) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "I should first find any statements about positions of birds.",
        "The owl is a beautiful bird to the left of my heart and the crow.",
        "first",
        "",
        "the owl the owl the owl",
        "x" * 5_000,
    ],
)
def test_what_does_not_fit_whole_says_nothing(sentence: str) -> None:
    assert statements(BIRDS, sentence) == []


@pytest.mark.parametrize(
    ("claim", "text"),
    [
        (Before(1, 2), "crow is left of owl"),
        (Before(1, 2, True), "crow is directly left of owl"),
        (at(1, 1), "crow is the leftmost"),
        (at(1, 3), "crow is the third from the left"),
        (is_not(1, 2), "crow is not the second from the left"),
        (LeftOpen(frozenset({2})), "the place the second from the left is open"),
    ],
)
def test_a_claim_is_told_in_words(claim: Claim | LeftOpen, text: str) -> None:
    assert describe(claim, BIRDS) == text


@pytest.mark.parametrize(
    ("claim", "holds"),
    [
        (Before(2, 0), True),
        (Before(0, 2), False),
        (Before(2, 1, True), True),
        (Before(2, 0, True), False),
        (at(2, 1), True),
        (at(2, 2), False),
        (at(2, 9), False),
        (is_not(2, 2), True),
        (is_not(2, 1, 2), False),
    ],
)
def test_truth_in_the_order_owl_robin_jay(claim: Claim, holds: bool) -> None:
    assert true_in(claim, (2, 1, 0)) is holds


def test_every_axis_tells_its_ends_apart() -> None:
    def clash(axis: Axis) -> set[str]:
        start = {*axis.start, *axis.start_names, *axis.nearer_start}
        return start & {*axis.end, *axis.end_names, *axis.nearer_end}

    assert [axis.name for axis in AXES if clash(axis)] == []
