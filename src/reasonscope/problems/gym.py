"""Problems of the package reasoning-gym, reseeded by hash and scored exactly.

Its own seeds are ``seed + index``, so neighbouring sets share nearly all items; here each item
has a seed of its own. Its default scorer gives partial credit for an answer that merely contains
the right one ("17" for "7"); here an answer is right, wrong or open. The package takes seconds
to load, so it is imported when first needed.

A problem's ``extra`` holds the name of the data set and the item's seed: enough to make the
item again, which a check by the data set's own verifier does.
"""

import json
import re
from collections.abc import Iterator
from contextlib import redirect_stdout
from functools import cache, lru_cache
from io import StringIO
from itertools import count, islice
from typing import Any

from reasonscope.errors import SetupError
from reasonscope.problems.answers.comparison import Comparison
from reasonscope.problems.answers.quantities import read_quantity
from reasonscope.provenance import seed_for
from reasonscope.traces.schema import Problem

PREFIX = "gym:"
"""What a family's name begins with."""
MAX_ANSWER = 2000
"""Longest answer, in characters, that is checked."""

AS_NUMBERS = (
    "aiw", "basic_arithmetic", "binary_alternation", "chain_sum", "count_bits", "count_primes",
    "decimal_chain_sum", "gcd", "gsm_symbolic", "largest_island", "lcm", "leg_counting",
    "letter_counting", "maze", "products", "rectangle_count", "rotten_oranges",
    "simple_equations",
)  # fmt: skip
"""Data sets whose answers are numbers: equal by value."""
AS_TEXTS = (
    "ab", "base_conversion", "binary_matrix", "bitwise_arithmetic", "caesar_cipher",
    "calendar_arithmetic", "circuit_logic", "color_cube_rotation", "course_schedule",
    "family_relationships", "futoshiki", "isomorphic_strings", "mini_sudoku", "modulo_grid",
    "needle_haystack", "number_filtering", "path_star", "ransom_note", "rotate_matrix",
    "spell_backward", "spiral_matrix", "string_insertion", "string_manipulation",
    "string_splitting", "string_synthesis", "sudoku", "syllogism", "word_sequence_reversal",
    "word_sorting", "zebra_puzzles",
)  # fmt: skip
"""Data sets with one right answer as a text: equal but for case, spaces and quotation marks."""
BY_VERIFIER = (
    "cryptarithm", "group_anagrams", "jugs", "kakurasu", "knight_swap", "knights_knaves",
    "palindrome_generation", "quantum_lock", "shortest_path", "sokoban", "tower_of_hanoi",
    "word_ladder",
)  # fmt: skip
"""Data sets with several right answers whose own scorer gives 1.0 to these and to no other,
without evaluating the answer as code; anything below 1.0 counts as wrong. The others of the
package are left out: they evaluate the answer as code, allow a tolerance, take one of several
right answers for the only one, or need files that do not come with it."""


def gym_names() -> tuple[str, ...]:
    """The data sets that can be scored exactly, sorted."""
    return tuple(sorted((*AS_NUMBERS, *AS_TEXTS, *BY_VERIFIER)))


def gym_problems(dataset: str, n: int | None, seed: int) -> Iterator[Problem]:
    """The first ``n`` problems of a data set of reasoning-gym for a seed; None: without end."""
    if dataset not in gym_names():
        raise SetupError(
            f"no data set '{dataset}' of reasoning-gym that can be scored exactly; there are: "
            + ", ".join(gym_names())
        )
    return islice((_problem(dataset, seed, index) for index in count()), n)


def _problem(dataset: str, seed: int, index: int) -> Problem:
    item_seed = seed_for(PREFIX + dataset, seed, index) % 2**31
    _, entry = _item(dataset, item_seed)
    answer = str(entry["answer"])
    return Problem.make(
        str(entry["question"]),
        answer=answer,
        answer_kind="number" if dataset in AS_NUMBERS else "text",
        family=PREFIX + dataset,
        extra={"dataset": dataset, "item_seed": item_seed},
    )


@cache
def _package() -> Any:
    import logging

    import reasoning_gym

    logging.getLogger("reasoning_gym").setLevel(logging.ERROR)
    return reasoning_gym


@lru_cache(maxsize=256)
def _item(dataset: str, item_seed: int) -> tuple[Any, dict[str, Any]]:
    """The data set that holds one item, and the item."""
    made = _package().create_dataset(dataset, seed=item_seed, size=1)
    return made, made[0]


def check_gym(problem: Problem, answer: str) -> Comparison:
    """Whether an answer to a problem of reasoning-gym is right: exactly, or left open."""
    dataset = problem.family.removeprefix(PREFIX)
    if len(answer) > MAX_ANSWER:
        return Comparison(None, f"the answer is longer than {MAX_ANSWER} characters")
    if dataset in BY_VERIFIER:
        return _verified(problem, dataset, answer)
    if problem.answer is None or dataset not in (*AS_NUMBERS, *AS_TEXTS):
        return Comparison(None, f"'{dataset}' cannot be scored exactly")
    same = _same_number if dataset in AS_NUMBERS else _same_text
    return same(problem.answer, answer)


def _same_number(wanted: str, answer: str) -> Comparison:
    right, found = read_quantity(wanted), read_quantity(answer)
    if right is None or found is None:
        return Comparison(None, "is not one number")
    same = right.value == found.value
    return Comparison(same, f"equals {wanted}" if same else f"is not {wanted}")


def _plain(text: str) -> str:
    """A text without case, quotation marks, and spaces but one between words."""
    bare = re.sub(r"[\"'`“”‘’]|\*\*", "", text.casefold())
    return " ".join(re.sub(r"\s*,\s*", ", ", bare).split()).removesuffix(".")


def _same_text(wanted: str, answer: str) -> Comparison:
    found, right = _plain(answer), _plain(wanted)
    if found == right:
        return Comparison(True, "equals the reference")
    if right and f" {right} " in f" {found} ":
        return Comparison(None, "holds the reference with more around it")
    return Comparison(False, "differs from the only right answer")


def _verified(problem: Problem, dataset: str, answer: str) -> Comparison:
    try:
        made, entry = _item(dataset, int(json.loads(problem.extra)["item_seed"]))
    except (KeyError, TypeError, ValueError):
        return Comparison(None, "the problem does not say which item it is")
    if str(entry["question"]) != problem.question:
        return Comparison(None, "this version of reasoning-gym makes another item from the seed")
    try:
        with redirect_stdout(StringIO()):
            right = made.score_answer(answer=answer.strip(), entry=entry) == 1.0
    except Exception as error:  # the package's own code on hostile text
        return Comparison(None, f"its verifier failed: {type(error).__name__}")
    return Comparison(right, "its verifier finds it " + ("right" if right else "wrong"))
