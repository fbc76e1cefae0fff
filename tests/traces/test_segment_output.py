"""Where reasoning ends and the answer begins."""

import gzip
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reasonscope.traces.segment import split_output


def parts(text, prompt=""):
    out = split_output(text, prompt)
    assert out.opening + out.reasoning + out.closing + out.answer == text
    return out.reasoning, out.answer, out.form


@pytest.mark.parametrize(
    ("opened", "closed"),
    [
        ("<think>", "</think>"),
        ("<thinking>", "</thinking>"),
        ("<reasoning>", "</reasoning>"),
        ("<thought>", "</thought>"),
        ("<Think>", "</THINK>"),
        ("[THINK]", "[/THINK]"),
        ("<|begin_of_thought|>", "<|end_of_thought|>"),
        ("◁think▷", "◁/think▷"),
    ],
)
def test_each_pair_of_tags_is_known(opened, closed):
    text = f"{opened}\nOne and one.\n{closed}\n\nTwo."
    assert parts(text) == ("One and one.", "Two.", "tags")


def test_tag_opened_in_the_prompt():
    assert parts("One.\n</think>\nTwo.", "User: 1 + 1?\n<think>\n") == ("One.", "Two.", "tags")


def test_tag_opened_in_the_prompt_and_never_closed():
    assert parts("One and", "User: 1 + 1?<think>") == ("One and", "", "unclosed")


def test_close_tag_alone_means_that_an_unknown_prompt_opened_it():
    assert parts("One.</think>Two.") == ("One.", "Two.", "tags")


def test_prompt_that_speaks_of_the_tag_opens_nothing():
    assert parts("Two.", "Put <think> before you think.") == ("Two.", "", "plain")


def test_prompt_that_switched_thinking_off_opens_nothing():
    assert parts("Two.", "1 + 1?<think>\n\n</think>\n\n") == ("Two.", "", "plain")


def test_opening_repeated_by_the_model_is_not_reasoning():
    assert parts("<think>\nOne.</think>Two.", "1 + 1?<think>\n") == ("One.", "Two.", "tags")
    assert parts("<think>\n<think>\nOne.</think>Two.") == ("One.", "Two.", "tags")


def test_missing_end_tag():
    assert parts("<think>One and") == ("One and", "", "unclosed")


def test_tag_cut_in_the_middle_is_part_of_the_reasoning():
    assert parts("<think>One</thi") == ("One</thi", "", "unclosed")


def test_no_tags_at_all():
    assert parts("One. Two.") == ("One. Two.", "", "plain")
    assert parts("") == ("", "", "plain")


@pytest.mark.parametrize("inside", ["", "\n\n", " "])
def test_empty_block_has_no_reasoning_and_an_answer(inside):
    assert parts(f"<think>{inside}</think>Two.") == ("", "Two.", "tags")


def test_nothing_after_the_closing():
    assert parts("<think>One.</think>") == ("One.", "", "tags")


def test_preamble_stays_before_the_reasoning():
    out = split_output("Sure.\n<think>One.</think>Two.")
    assert (out.opening, out.reasoning) == ("Sure.\n<think>", "One.")


def test_special_tokens_before_the_tag():
    out = split_output("<|im_start|>assistant\n<think>One.</think>Two.")
    assert (out.opening, out.reasoning) == ("<|im_start|>assistant\n<think>", "One.")


@pytest.mark.parametrize(
    "answer",
    [
        "Write `</think>` to close it.",
        "A tag such as </think> ends it.",
        'It reads "<think>" there.',
        "See:\n```\n<think>\nx\n</think>\n```\n",
        "Use `a <think> b </think> c` here.",
    ],
)
def test_tags_spoken_of_in_the_answer_stay_there(answer):
    assert parts(f"<think>One.</think>{answer}") == ("One.", answer, "tags")


@pytest.mark.parametrize(
    "text",
    [
        "Write `</think>` to close it.",
        "Finish with </think> and then answer.",
        "```\n<think>\n</think>\n```",
    ],
)
def test_plain_text_that_only_speaks_of_tags_is_plain(text):
    assert parts(text) == (text, "", "plain")


@pytest.mark.parametrize(
    "mention",
    ["I must write `</think>` at the end.", "I close with </think> before it.", '"</think>" ends.'],
)
def test_close_tag_spoken_of_in_the_reasoning_does_not_close_it(mention):
    assert parts(f"<think>{mention}\nOne.</think>Two.") == (f"{mention}\nOne.", "Two.", "tags")


def test_code_block_left_open_in_the_reasoning_still_lets_it_close():
    text = "<think>Try:\n```\nx\n</think>\nSo:\n```\ny\n```"
    assert parts(text)[1] == "So:\n```\ny\n```"


def test_several_blocks_are_one_reasoning():
    text = "<think>One.</think>\nThen\n<think>two.</think>\nThree."
    assert parts(text) == ("One.</think>\nThen\n<think>two.", "Three.", "tags")


def test_second_block_that_never_closes():
    assert parts("<think>One.</think>\n<think>two")[1:] == ("", "unclosed")


def test_begin_of_solution_belongs_to_the_closing():
    text = "<|begin_of_thought|>One.<|end_of_thought|>\n\n<|begin_of_solution|>Two."
    assert parts(text) == ("One.", "Two.", "tags")


HEAD, END = "<|channel|>analysis<|message|>", "<|end|><|start|>assistant"
FINAL = "<|channel|>final<|message|>"


def test_channels():
    assert parts(f"{HEAD}One.{END}{FINAL}Two.<|return|>") == ("One.", "Two.<|return|>", "channels")


def test_several_analysis_and_commentary_messages():
    call = "<|channel|>commentary to=functions.add <|constrain|>json<|message|>{}<|call|>"
    text = (
        f"{HEAD}One.{END}{call}<|start|>functions.add to=assistant<|channel|>commentary<|message|>2"
    )
    text += f"{END}{HEAD}Good.{END}{FINAL}Two."
    reasoning, answer, form = parts(text)
    assert reasoning.startswith("One.<|end|>")
    assert reasoning.endswith("Good.")
    assert (answer, form) == ("Two.", "channels")


def test_channel_opened_in_the_prompt():
    prompt = f"<|start|>assistant{HEAD}"
    assert parts(f"One.{END}{FINAL}Two.", prompt) == ("One.", "Two.", "channels")


def test_channels_without_a_final_message():
    assert parts(f"{HEAD}One and") == ("One and", "", "unclosed")


def test_final_channel_alone_has_no_reasoning():
    assert parts(f"{FINAL}Two.") == ("", "Two.", "channels")


def test_channel_spoken_of_in_the_final_message():
    answer = f"Headers look like {HEAD} in text."
    assert parts(f"{HEAD}One.{END}{FINAL}{answer}") == ("One.", answer, "channels")


def test_channels_whose_special_tokens_were_dropped():
    assert parts("analysisWe add.assistantfinalTwo.") == ("We add.", "Two.", "channels")


def test_text_that_begins_with_the_word_analysis_is_plain():
    text = "analysis of the sum"
    assert parts(text) == (text, "", "plain")


PIECES = [
    "<think>", "</think>", "[THINK]", "[/THINK]", HEAD, END, FINAL, "`", "```\n", "\n", " ", "a",
    "One.", "<|return|>", "◁think▷", "\ud7ff", "é", "</thinking>", "<|begin_of_solution|>",
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), max_size=12), st.lists(st.sampled_from(PIECES), max_size=3)
)
def test_nothing_is_lost_whatever_the_order_of_tags(text, prompt):
    whole = "".join(text)
    reasoning, answer, form = parts(whole, "".join(prompt))
    assert form != "unclosed" or answer == ""
    assert form != "plain" or reasoning == whole


@settings(max_examples=150, deadline=None)
@given(st.text(), st.text())
def test_nothing_is_lost_for_any_text(text, prompt):
    parts(text, prompt)


@pytest.mark.parametrize("piece", ["<think>", "</think>", "<think></think>", "`<think>", HEAD, END])
def test_a_megabyte_of_tags_is_split(piece):
    parts(piece * (1_000_000 // len(piece)))


@pytest.mark.shared
def test_every_public_trace_of_r1_distill_has_tags(shared_data):
    path = shared_data / "r1-distill-cots" / "cots.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for _, line in zip(range(20), lines):
            for solution in json.loads(line)["solutions"]:
                text = solution["solution"].partition("Solution:")[2]
                reasoning, answer, form = parts(text.lstrip())
                assert form == ("tags" if "</think>" in text else "unclosed")
                assert "</think>" not in reasoning + answer
