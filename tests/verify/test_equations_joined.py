"""What ran together: two statements on one line, sums in parts, running totals.

Each trap is a false flag that was read in a real text; each control is an error beside it.
"""

import pytest

from reasonscope.traces.schema import Case, Problem, Step, Trace
from reasonscope.verify.equations import check


def judged(text, question="How many?"):
    trace = Trace.make(problem := Problem.make(question), text)
    step = Step(trace_id=trace.trace_id, index=0, char_start=0, char_end=len(text), text=text)
    return [v.correct for v in check(Case(problem, trace, (step,)))]


TRAPS = {
    "bracket_behind_a_blank": "so -3125/288 ≈ -10.8507 (119/144)*25 = 2975/144 ≈ 20.6597",
    "two_numbers_side_by_side": "so 2975/144 = 5950/288 415/144 = 830/288",
    "value_before_a_division": "So, 216,504 - 216,000 = 504 504 /6 = 84",
    "value_before_a_sum": "213 - 755 = -542 -542 + 830 = 288",
    "value_before_a_fraction": "0 - 2/3 = -2/3 -2/3 + 1/4 = (-8/12 + 3/12) = -5/12",
    "value_before_a_bracket": "2825 - 3775 = -950 (-950 + 830) = -120",
    "running_total_in_a_chain": "Then 7 + 3 * π ≈ 9.424777796 ≈ 574.9114548.",
    "running_total_of_products": "so 942.477796 + 19π ≈ 59.6902604 ≈ 1002.168056.",
    "right_side_adds_the_left": "19 * 3.14159 ≈ 59.69026 ≈ 942.477796 + 59.69026 ≈ 1002.168056",
    "between_inequalities": "So 1000/π < k < 10000/π ≈ 318.309 < k < 3183.098.",
    "cut_at_the_thousands": "So total 9546 + 450.5712 ≈ 10, 9546 is 9,546.",
    "zeros_behind_a_comma": "So total 9424.77796 + 571.504 ≈ 10, 000.28196.",
    "cut_sum_of_billions": "So 6,191,736,422 +2,476,694,569 = 8,668,431, but let me compute it.",
    "bracket_that_is_a_name": "the number of 3s before the innermost (1 + 3) is 9.",
    "range_with_a_word": "the book ends at 488, so the 480-488 range is 9 numbers.",
    "whole_division_with_signs": "Units: 4, 14, ..., 484: that's 484/10 +1 = 48 +1 = 49.",
    "product_in_parts": "220000 - 3487 = 220000 - 3000 = 217000; 217000 - 487 = 216513",
    "numerators_all_over": "we get 3/8 + 1/8 = 3 + 1 all over 8.",
    "terms_one_by_one": "so 1/2 + (3/4)*(2/2) = 6/8 + 1/8 = 7/8.",
    "broken_off": "So total 9546 + 450.5712 ≈ 10,000 - 450.5712 ≈ wait, that is more.",
    "index_of_a_sum": r"\sum_{k=0}^{4} gives the term where \( 4 - k = 2 \) and \( k = 2 \).",
}


@pytest.mark.parametrize("name", TRAPS)
def test_never_called_false(name):
    assert False not in judged(TRAPS[name])


@pytest.mark.parametrize(
    "text",
    [
        "So 3 * (4 + 5) = 28 eggs.",
        "So 2(5 - 3) = 5 eggs.",
        "So 2 1/2 + 1 = 4 cups.",
        "So 100 + 100 - 75 = 25 students.",
        "So 12 -5 = 8 eggs.",
        "So (60 - 42)/2 = 9 ≤ G ≤ (60 - 18)/4 = 14.5 holds.",
        "So 9546 + 450 = 9995, and that is all.",
        "So 3 + 4 = 6 + 2 = 8 eggs.",
        "So 48 / 3 = 15 eggs.",
        "So 3 * 5 = 16 = 16 eggs.",
        "So the cost (3 + 4) = 8 dollars.",
    ],
)
def test_errors_beside_the_traps_are_found(text):
    assert False in judged(text)


@pytest.mark.parametrize(
    "text",
    [
        "3 (4 + 5) = 27",
        "2 1/2 + 1 = 3.5",
        "12 -5 = 7",
        "(1 + 3) is 4",
        "484/10 + 1 = 49.4",
        "220000 - 3487 = 216513",
        "1/2 + 3/4 = 2/4 + 3/4 = 5/4",
    ],
)
def test_right_ones_stay_right(text):
    found = judged(text)
    assert found
    assert all(found)
