"""What must not change a verdict: names, kinds of bracket, what comes later; and what must."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reasonscope.verify.simulators import SIMULATORS
from reasonscope.verify.simulators.planted import KINDS, case_of, planted

CHECK = {simulator.name.split(".")[1]: simulator.check for simulator in SIMULATORS}
SEEDS = st.integers(0, 10**9)

OTHER_BRACKETS = str.maketrans("()[]{}<>", "[]{}<>()")
OTHER_PARTS = str.maketrans("ABCD", "PQRS")
OTHER_NAMES = {
    "Alice": "Zoe",
    "Bob": "Yann",
    "Claire": "Xenia",
    "Dave": "Walter",
    "Eve": "Vera",
    "Fred": "Uwe",
    "Gertrude": "Tina",
}


def renamed(text):
    for old, new in OTHER_NAMES.items():
        text = text.replace(old, new)
    return text


TURNED = {
    "brackets": lambda text: text.translate(OTHER_BRACKETS),
    "arithmetic": lambda text: text.translate(OTHER_PARTS),
    "swaps": renamed,
    "sorting": lambda text: text,
}
"""The same trace in other signs; sorting is turned by the order of the question's words."""


def steps_of(case):
    return [step.text.removesuffix("\n") for step in case.steps]


def first_wrong(kind, question, steps):
    verdicts = CHECK[kind](case_of(question, steps))
    return min((v.step_index for v in verdicts if v.correct is False), default=None)


def turned(kind, question, steps):
    turn = TURNED[kind]
    if kind == "sorting":
        question = " ".join(reversed(question.split()))
    elif kind != "arithmetic":
        question = turn(question)
    return question, [turn(step) if "This equation" not in step else _parts(step) for step in steps]


def _parts(step):
    """The set-up sentence in other letters, its words kept."""
    head, _, tail = step.partition("written as")
    return head + "written as" + tail.translate(OTHER_PARTS)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=30, deadline=None)
@given(seed=SEEDS, error=st.booleans())
def test_other_signs_and_names_change_nothing(kind, seed, error):
    plant = planted(kind, seed, error)
    question, steps = plant.case.problem.question, steps_of(plant.case)
    assert first_wrong(kind, *turned(kind, question, steps)) == plant.wrong_step


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=30, deadline=None)
@given(seed=SEEDS, cut=st.integers(1, 40))
def test_what_comes_later_changes_no_earlier_verdict(kind, seed, cut):
    plant = planted(kind, seed, error=True)
    question, steps = plant.case.problem.question, steps_of(plant.case)
    whole = CHECK[kind](plant.case)
    part = CHECK[kind](case_of(question, steps[:cut]))
    told = [(v.step_index, v.correct, v.reason) for v in whole if v.step_index < cut]
    assert [(v.step_index, v.correct, v.reason) for v in part] == told


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=30, deadline=None)
@given(seed=SEEDS)
def test_an_error_that_is_taken_back_at_once_does_not_stand(kind, seed):
    plant = planted(kind, seed, error=True)
    question, steps = plant.case.problem.question, steps_of(plant.case)
    at = plant.wrong_step
    doubted = [*steps[: at + 1], "Wait, that is not right.", *steps[at + 1 :]]
    verdicts = CHECK[kind](case_of(question, doubted))
    wrong = [v for v in verdicts if v.correct is False]
    assert wrong
    assert all(v.retracted and v.retracted_by == at + 1 for v in wrong)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=30, deadline=None)
@given(seed=SEEDS)
def test_a_preamble_in_plain_words_moves_the_error_and_nothing_else(kind, seed):
    plant = planted(kind, seed, error=True)
    question, steps = plant.case.problem.question, steps_of(plant.case)
    assert first_wrong(kind, question, ["I think first.", *steps]) == plant.wrong_step + 1


def last_number(case):
    """The value that a right sum ends on."""
    return case.steps[-1].text.rstrip(" .\n").split()[-1]


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=20, deadline=None)
@given(seed=SEEDS)
def test_the_steps_of_another_problem_are_noticed(kind, seed):
    """The control that must fail: a right trace under a question that it does not answer.

    Two sums of one value are left out: a set-up is judged by its value.
    """
    one, other = planted(kind, seed, False).case, planted(kind, seed + 1, False).case
    same_value = kind == "arithmetic" and last_number(one) == last_number(other)
    if one.problem.question != other.problem.question and not same_value:
        assert first_wrong(kind, one.problem.question, steps_of(other)) is not None


@pytest.mark.parametrize("kind", ["brackets", "swaps"])
def test_shuffled_steps_are_noticed(kind):
    """The control of step order, where order counts: parts of a sum may come in any order."""
    rng = np.random.default_rng(0)
    passed = 0
    for seed in range(40):
        case = planted(kind, seed, error=False).case
        steps = steps_of(case)
        order = rng.permutation(len(steps))
        shuffled = [steps[i] for i in order]
        passed += shuffled != steps and first_wrong(kind, case.problem.question, shuffled) is None
    assert passed <= 4


FILES = {
    "arithmetic": "multistep_arithmetic",
    "brackets": "dyck_languages",
    "swaps": "tracking_shuffled_objects",
    "sorting": "word_sorting",
}


@pytest.mark.shared
@pytest.mark.parametrize("kind", FILES)
def test_other_signs_and_names_change_nothing_on_real_traces(kind, shared_data):
    file = shared_data / "bigbench-mistake" / f"{FILES[kind]}.jsonl"
    differ = 0
    for line in file.read_text(encoding="utf-8").splitlines()[:100]:
        row = json.loads(line)
        before = first_wrong(kind, row["input"], row["steps"])
        if kind == "swaps" and any(step.startswith("A:") for step in row["steps"]):
            continue  # initials do not turn with the names
        differ += first_wrong(kind, *turned(kind, row["input"], row["steps"])) != before
    assert differ == 0
