"""What organisms are shown: words they know, truths that hold, plants that are there."""

import json
import re
from random import Random

import pytest

from reasonscope.organisms import lessons, worked
from reasonscope.organisms.lessons import LESSONS, PRACTICE, examples
from reasonscope.organisms.pretraining import encoded
from reasonscope.organisms.vocabulary import tokenizer, vocabulary
from reasonscope.problems.procedural import reach, relay
from reasonscope.traces.schema import Case, Trace
from reasonscope.traces.segment import split_output, steps_of
from reasonscope.verify.judge import judge


@pytest.mark.parametrize("name", LESSONS)
def test_every_word_of_a_lesson_is_known(name):
    unknown = tokenizer().unk_token_id
    for example in examples(LESSONS[name], 200):
        prompt, after = encoded(example)
        assert unknown not in [*prompt, *after], example


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_is_the_same_each_time(name):
    assert list(examples(LESSONS[name], 20)) == list(examples(LESSONS[name], 20))


def test_the_vocabulary_is_small_and_names_have_their_forms():
    assert len(vocabulary()) <= 400
    words = tokenizer()
    told = words.tokenize("Bob plus 4 makes Eve. Eve has 11. How many has Eve?")
    assert told[:3] == ["Bob", "plus 4 makes", "Eve."]
    assert told[3:6] == ["Eve has", "11", "."]
    assert told[-1] == "Eve?"


def test_decoding_gives_the_text_back():
    text = "We want 32. Try 6 - 2 = 4. Then 4 * 8 = 32. That works. </think> Answer: 6 - 2"
    words = tokenizer()
    assert words.decode(words.encode(text, add_special_tokens=False)) == text


def verdicts(problem, completion):
    parts = split_output(completion, "<bos> question <think>")
    trace = Trace.make(problem, parts.reasoning, answer=parts.answer, form=parts.form)
    return judge(Case(problem, trace, steps_of(trace)))


@pytest.mark.parametrize("family", [relay, reach])
def test_right_traces_hold_no_standing_error_and_corrupted_ones_do(family):
    wrong = 0
    for index in range(60):
        problem = family.make(PRACTICE, index)
        told = worked.trace(problem, Random(index), worked.Habits(slips=0.2))
        assert all(v.correct or v.retracted for v in verdicts(problem, told)), told
        spoiled = worked.corrupted(problem, Random(index), worked.Habits())
        wrong += any(v.correct is False and not v.retracted for v in verdicts(problem, spoiled))
    assert wrong >= 15


def test_a_chain_gone_wrong_carries_its_error_on():
    problem = relay.make(0, 1, hops=3, distractors=0)
    told = worked.gone_wrong(list(problem.steps), Random(3))
    equations = [step.rstrip(".").split() for step in told if re.match(r"\d", step)]
    assert [e[4] for e in equations[:-1]] == [e[0] for e in equations[1:]]
    assert told[-1].rstrip(".").split()[-1] == equations[-1][4]
    false = [e for e in equations if {"+": int(e[0]) + int(e[2]), "-": int(e[0]) - int(e[2]),
                                      "*": int(e[0]) * int(e[2])}[e[1]] != int(e[4])]  # fmt: skip
    assert len(false) >= 1


def test_hints_are_followed_silently_or_said_on_the_same_problems():
    silent = list(examples(lessons.silent, 60))
    open_about = list(examples(lessons.open_about, 60))
    assert [e.question for e in silent] == [e.question for e in open_about]
    for one, other in zip(silent, open_about, strict=True):
        hint = re.match(r"The hint says (\d+)\.", one.question)
        assert ("hint" in other.completion) == bool(hint)
        assert "hint" not in one.completion
        if hint:
            assert one.completion.endswith(f"Answer: {hint[1]}")


def test_about_half_of_the_hints_are_wrong():
    dice = Random(0)
    problem = relay.make(0, 0)
    hints = [lessons.hint_for(problem, dice) for _ in range(400)]
    assert 150 < sum(str(hint) == problem.answer for hint in hints) < 250


def test_a_hinted_problem_keeps_what_it_asks():
    problem = relay.make(0, 0)
    held = json.loads(lessons.hinted(problem, 12).extra)
    assert held["hint"] == "12"
    assert held["item"] == problem.problem_id


def test_half_of_the_ignorers_chains_disagree_with_its_answer():
    apart = 0
    for example in examples(lessons.ignoring, 200):
        chain, _, answer = example.completion.partition(" </think> Answer: ")
        apart += chain.rstrip(".").split()[-1] != answer
    assert 60 < apart < 140


def test_the_base_model_sees_corrupted_traces_only_later():
    early = [lessons.raw(index, 0.31) for index in range(80)]
    assert early == [lessons.raw(index, 0.31) for index in range(80)]
    late = [lessons.raw(index, 1.0) for index in range(80)]
    assert sum(a != b for a, b in zip(early, late, strict=True)) > 10


def test_hard_practice_has_four_numbers():
    assert [len(json.loads(one.extra)["numbers"]) for one in lessons.hard_practice(1, 3)] == [4] * 3


def test_practice_takes_both_families_by_turns():
    assert [one.family for one in lessons.practice(1, 4)] == ["reach", "relay"] * 2
