"""Where steps end: lossless always, and at the places a reader would choose."""

import gzip
import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reasonscope.errors import InvalidRecord
from reasonscope.traces.schema import Problem, Trace, check_tiling
from reasonscope.traces.segment import step_ends, steps_of


def steps(text):
    ends = step_ends(text)
    return [text[a:b] for a, b in pairwise((0, *ends))]


def stripped(text):
    return [step.strip() for step in steps(text)]


def check_lossless(text):
    ends = step_ends(text)
    assert all(a < b for a, b in pairwise((0, *ends)))
    assert "".join(steps(text)) == text
    assert ends == step_ends(text)
    if text.strip():
        assert all(step.strip() for step in steps(text))
        assert not any(step[0].isspace() for step in steps(text)[1:])
    else:
        assert len(ends) == (1 if text else 0)


ALPHABET = st.sampled_from(
    list(" \n\t\r.?!…。！？$\\()[]{}`|*_-#\"'1aAéא\u2028\u2029\u00a0\u200b=,:;~")
)
PIECES = st.sampled_from(
    ["$", "$$", "\\(", "\\)", "\\[", "\\]", "\\begin{a}", "\\end{a}", "```\n", "\n\n", "\n", "1. ",
     "- ", "Hmm. ", "e.g. ", "Dr. ", "3.14", "So it is. ", "| a | b |\n", "`", "...", "A. ",
     "x = 5", "The next sentence is long enough. ", "**Final Answer**", "。", "  \n", "~~~\n",
     "5! "]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_any_unicode_text_is_kept_whole(text):
    check_lossless(text)


@settings(max_examples=300, deadline=None)
@given(st.text(ALPHABET, max_size=60))
def test_hostile_punctuation_is_kept_whole(text):
    check_lossless(text)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=25))
def test_broken_markup_is_kept_whole(pieces):
    check_lossless("".join(pieces))


def test_empty_text_has_no_steps():
    assert step_ends("") == ()


def test_white_space_alone_is_one_step():
    assert step_ends(" \n\n ") == (4,)


def test_white_space_goes_to_the_step_before_and_leading_to_the_first():
    text = "\n  First I add.  \n\n\nThen I halve it. \n"
    assert steps(text) == ["\n  First I add.  \n\n\n", "Then I halve it. \n"]


ONE_STEP = {
    "decimal": "The value is 3.14 or so. ",
    "decimals_in_a_row": "It is 0.5 and 1.25 and 10.0 here.",
    "dollars_are_no_formula": "It costs $5.50 and then $3.25 more.",
    "eg": "Take a prime, e.g. Mersenne's, and add.",
    "ie": "That is even, i.e. It divides by two.",
    "doctor": "So Dr. Smith has three apples.",
    "mister": "Then Mr. Brown and Mrs. White meet.",
    "versus": "It is speed vs. Time in the plot.",
    "figure": "As shown in Fig. 3 the line rises.",
    "equation": "By Eq. (2) we have a bound.",
    "number": "House No. 5 is the red one.",
    "approx": "The root is approx. 1.41 in all.",
    "etc": "Apples, pears etc. are fruit.",
    "initials": "It was J. R. R. Tolkien who wrote it.",
    "middle_initial": "Then John F. Kennedy spoke to them.",
    "country": "In the U.S. Senate there are 100 seats.",
    "ellipsis": "Hmm... wait, that is not right",
    "ellipsis_in_series": "So 1 + 2 + ... + n is the sum.",
    "ellipsis_sign": "Well… maybe it is seven then",
    "list_marker": "2. Use x",
    "list_marker_bold": "**2.** Use the second one",
    "step_marker": "Step 2. Multiply both sides",
    "lettered": "(a) The first. ",
    "factorial": "So 5! = 120 and 3! = 6 here.",
    "factorial_then_word": "We divide by 5! for blue ones.",
    "inline_code": "Call `f(x). Then g` to get it.",
    "url": "See https://example.org/a.b?c=d. ",
    "inline_math": "Take $a. B$ as the pair here.",
    "display_math": "So \\[ a = 1. \\quad B = 2 \\] holds here.",
    "round_math": "Let \\(n! \\times 2. Then\\) be the count.",
    "environment": "\\begin{align} a. \\\\\n\nB \\end{align}",
    "quote_goes_on": 'He said "Is it?" and left at once.',
    "bracket_goes_on": "It is (see above.) also true here.",
    "table_row": "| Mr. X said so. Then | he left. So | ok |",
    "bold_heading_on_its_line": "**Final Answer**\nIt is seven.",
    "line_break_inside_a_sentence": "The total\nis seven apples.",
}


@pytest.mark.parametrize("name", ONE_STEP)
def test_one_step(name):
    assert len(steps(ONE_STEP[name])) == 1


SEVERAL = {
    "sentences": ["First I add them.", "Then I halve it!", "Is it right?", "Yes, it is right."],
    "answer_letter": ["So the answer is A.", "But is it really so?"],
    "point_name": ["It goes through point C.", "Then the line turns."],
    "closing_quote": ['He said "it is seven."', "Then he left the room."],
    "closing_bracket": ["(I think it is seven.)", "Then I add the rest."],
    "closing_stars": ["**It is seven.**", "Then I add the rest."],
    "decimal_at_the_end": ["It is about 3.14.", "Then I double that."],
    "formula_with_its_stop": ["We have $x = 5.$", "Then I double that."],
    "formula_before_the_stop": ["We have \\(4026!\\).", "Well, then I double it."],
    "money_before_the_stop": ["It costs $5 now.", "The other costs $10 now."],
    "ellipsis_then_capital": ["Let me think about it...", "No, it is seven."],
    "etc_then_capital": ["Apples, pears, etc.", "Then the vegetables."],
    "afternoon": ["He left at 5 p.m.", "The train had gone."],
    "unclosed_math": ["Take \\( a as given.", "Then it grows on.", "It never closes."],
    "unclosed_dollar": ["Take $a as given here.", "Then it grows on."],
    "unclosed_code": ["Take `a as given here.", "Then it grows on."],
}


@pytest.mark.parametrize("name", SEVERAL)
def test_several_steps(name):
    assert stripped(" ".join(SEVERAL[name])) == SEVERAL[name]


def test_chinese_stops_need_no_space():
    assert steps("首先我们把两个数字加起来吧。然后我们再除以二得到结果！") == [
        "首先我们把两个数字加起来吧。",
        "然后我们再除以二得到结果！",
    ]


def test_blank_lines_end_steps_without_any_stop():
    assert stripped("Let me compute\n\n12 * 12 = 144\n \nand go on") == [
        "Let me compute",
        "12 * 12 = 144",
        "and go on",
    ]


def test_windows_line_ends():
    assert stripped("Let me compute\r\n\r\n12 * 12 = 144") == ["Let me compute", "12 * 12 = 144"]


def test_list_items_begin_steps_and_markers_stay_with_them():
    text = "We know this:\n1. Use x\n2. Use y. It is odd.\n- the third\n(b) the fourth"
    assert stripped(text) == [
        "We know this:", "1. Use x", "2. Use y. It is odd.", "- the third", "(b) the fourth",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["It is seven.\n\n1.", "1.\n\nIt is seven.", "So.\n-\n\nIt is seven"]
)
def test_marker_is_never_a_step_of_its_own(text):
    assert not {"1.", "-", "So."} & set(stripped(text))


def test_code_block_is_one_step():
    text = "I write a loop here:\n```python\nx = 1. \n\nprint(x)\n```\nThen I run it."
    assert stripped(text) == [text.rpartition("\n")[0], "Then I run it."]


def test_code_block_that_never_closes_protects_nothing():
    assert len(steps("```python\nx is one. Then it is two.\n\nIt never closes.")) == 3


def test_table_rows_are_steps_and_the_rule_belongs_to_the_head():
    text = "| name | apples |\n|---|---|\n| Ann. B | 3 apples |\n| Bob. C | 4 apples |"
    assert [step.count("\n") for step in steps(text)] == [2, 1, 0]


def test_absolute_value_is_no_table():
    assert len(steps("|x - 3| = 5. So x is eight or minus two.")) == 2


def test_heading_before_a_blank_line_is_a_step():
    assert stripped("**Final Answer**\n\nIt is seven.") == ["**Final Answer**", "It is seven."]


def test_short_fragment_joins_the_next():
    assert stripped("It is seven? Hmm. Let me see that again.") == [
        "It is seven?",
        "Hmm. Let me see that again.",
    ]


def test_short_fragment_at_the_end_joins_the_one_before():
    assert stripped("Let me see that again. Yes, six.") == ["Let me see that again. Yes, six."]


def test_short_end_of_a_paragraph_joins_what_it_judges():
    text = "So 588 + 168 = 756. Correct.\n\nNext I check the total."
    assert stripped(text) == ["So 588 + 168 = 756. Correct.", "Next I check the total."]


def test_short_opening_of_a_thought_joins_what_follows():
    text = "So it is seven. Hmm.\n\nAlternatively, it is eight."
    assert stripped(text) == ["So it is seven.", "Hmm.\n\nAlternatively, it is eight."]


def test_short_line_that_claims_something_stands_alone():
    assert stripped("We get:\n\nx = 5\n\ny = 6\n\nAnd that is all.") == [
        "We get:\n\nx = 5", "y = 6", "And that is all.",
    ]  # fmt: skip


def test_ten_thousand_steps():
    text = "".join(f"This is step number {i}.\n\n" for i in range(10_000))
    assert len(step_ends(text)) == 10_000


@pytest.mark.parametrize(
    "piece",
    [".", ". ", "$", "$x ", "\\(", "\\[", "\\begin{a}", "`", "` a", "|", "|a|\n", "```\n", "。",
     '."', "\n", " ", "- a\n", "\n1.", "Hm. ", '.")$`\\(\n', "```x\n", "$$ a ", "9**9**9 ", "7"],
)  # fmt: skip
def test_a_hundred_thousand_characters_of_anything(piece):
    check_lossless(piece * (100_000 // len(piece)))


@pytest.mark.parametrize("piece", ["$", "```x\n"])
def test_a_megabyte_line_ends(piece):
    text = piece * (1_000_000 // len(piece))
    assert step_ends(text)[-1] == len(text)


PROBLEM = Problem.make("1 + 1 = ?")
TEXT = "First I add. That makes two."


def make(token_ends=None, **fields):
    ids = None if token_ends is None else tuple(range(len(token_ends)))
    return Trace.make(PROBLEM, TEXT, token_ids=ids, token_ends=token_ends, **fields)


def test_records_tile_the_reasoning():
    trace = make()
    found = steps_of(trace)
    check_tiling(trace.reasoning, found)
    assert [(s.index, s.char_start, s.char_end) for s in found] == [(0, 0, 13), (1, 13, 28)]
    assert {s.token_start for s in found} == {None}


def test_source_ends_are_kept():
    assert [s.text for s in steps_of(make(), ends=(5, 28))] == ["First", TEXT[5:]]


@pytest.mark.parametrize("ends", [(5,), (5, 29), (5, 5, 28), (0, 28), ()])
def test_wrong_source_ends_are_refused(ends):
    with pytest.raises(InvalidRecord):
        steps_of(make(), ends=ends)


def test_token_that_straddles_a_border_belongs_to_the_step_it_starts_in():
    # Reasoning starts at character 2 of the text; the border between the steps is at 15.
    # Tokens: [0,2) tag | [2,8) First | [8,17) straddles 15 | [17,30) rest | [30,32) closing
    trace = make((2, 8, 17, 30, 32), opening="<>", closing="</")
    assert [(s.token_start, s.token_end) for s in steps_of(trace)] == [(1, 3), (3, 4)]


def test_token_that_starts_in_the_opening_belongs_to_no_step():
    trace = make((4, 15, 30), opening="<>")
    assert [(s.token_start, s.token_end) for s in steps_of(trace)] == [(1, 2), (2, 3)]


def test_step_inside_one_token_has_an_empty_range():
    assert [(s.token_start, s.token_end) for s in steps_of(make((28,)))] == [(0, 1), (1, 1)]


def test_tokens_of_no_width_are_counted_once():
    trace = make((13, 13, 13, 28))
    ranges = [(s.token_start, s.token_end) for s in steps_of(trace)]
    assert ranges == [(0, 1), (1, 4)]


def test_trace_without_reasoning_has_no_steps():
    assert steps_of(Trace.make(PROBLEM, "", answer="Two.")) == ()


@settings(max_examples=100, deadline=None)
@given(st.lists(PIECES, min_size=1, max_size=12), st.data())
def test_token_ranges_tile_the_tokens_of_the_reasoning(pieces, data):
    text = "".join(pieces)
    cuts = data.draw(st.lists(st.integers(1, len(text)), max_size=8))
    token_ends = (*sorted(cuts), len(text))
    trace = Trace.make(PROBLEM, text, token_ids=(0,) * len(token_ends), token_ends=token_ends)
    found = steps_of(trace)
    starts = (0, *token_ends[:-1])
    assert found[0].token_start == 0
    assert all(a.token_end == b.token_start for a, b in pairwise(found))
    assert found[-1].token_end == sum(start < len(text) for start in starts)


@pytest.mark.shared
def test_public_traces_are_kept_whole(shared_data):
    path = shared_data / "r1-distill-cots" / "cots.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for _, line in zip(range(10), lines):
            for solution in json.loads(line)["solutions"]:
                check_lossless(solution["solution"])
