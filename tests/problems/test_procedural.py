"""Each generated family against a second way to get its answer."""

import json
import re
from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reasonscope.problems.answers import compare
from reasonscope.problems.procedural import FAMILIES, beliefs, generate
from reasonscope.problems.procedural.beliefs import Event, Story, believed
from reasonscope.problems.procedural.countdown import check as check_countdown
from reasonscope.problems.procedural.dyck import CLOSERS
from reasonscope.problems.procedural.expressions import (
    MAX_DEPTH,
    MAX_LENGTH,
    NotAnExpression,
    evaluate,
)
from reasonscope.traces.schema import Problem

# -- chained arithmetic --------------------------------------------------------------------

_EQUATION = re.compile(r"(\d+) ([-+*/]) (\d+) = (\d+)")


def test_each_step_of_a_chain_starts_from_the_last_result() -> None:
    for problem in generate("chain", 80, seed=0):
        previous = None
        for step in problem.steps[:-1]:
            match = _EQUATION.fullmatch(step)
            assert match is not None
            a, sign, b, result = int(match[1]), match[2], int(match[3]), int(match[4])
            expected = {"+": a + b, "-": a - b, "*": a * b, "/": Fraction(a, b)}[sign]
            assert expected == result
            assert previous in (None, a)
            previous = result
        assert str(previous) == problem.answer


def test_a_chain_has_as_many_operations_as_asked_for() -> None:
    assert len(FAMILIES["chain"].make(0, 0, hops=4, distractors=0).steps) == 5


def test_distractors_add_sentences_and_leave_the_answer_alone() -> None:
    bare = FAMILIES["chain"].make(3, 1, hops=3, distractors=0)
    full = FAMILIES["chain"].make(3, 1, hops=3, distractors=5)
    assert full.answer == bare.answer
    assert full.steps == bare.steps
    assert full.question.count(". ") == bare.question.count(". ") + 5


def test_no_distractor_talks_of_the_things_counted() -> None:
    for problem in generate("chain", 60, seed=4, distractors=6):
        item = re.search(r"How many (\w+) does", problem.question)
        assert item is not None
        stated = re.findall(rf"has \d+ {item[1]}\.", problem.question)
        assert len(stated) == 1


# -- countdown -----------------------------------------------------------------------------


def puzzle(numbers: list[int], target: int) -> Problem:
    return Problem.make(
        "?", answer="1", family="countdown", extra={"numbers": numbers, "target": target}
    )


@pytest.mark.parametrize(
    ("answer", "correct"),
    [
        ("(25 - 5) * 4", True),
        ("25 * 4 - 5 * 4", False),
        ("(25-5)×4", True),
        (r"(25 - 5) \times 4", True),
        (r"\boxed{(25 - 5) * 4}", True),
        ("(25 - 5) * 4 = 80", True),
        ("4 * (25 - 5)", True),
        ("25 * 4 - 20", False),
        ("80", False),
        ("80 = (25 - 5) * 4", False),
        ("25 + 5 + 4", False),
        ("[25 - 5] * 4", True),
        ("(25 - 5 * 4", None),
        ("25 / (5 - 5)", None),
        ("multiply 4 by 20", None),
        ("9**9**9", None),
        ("", None),
        ("__import__('os')", None),
    ],
)
def test_countdown_takes_any_way_to_the_target_and_no_other(
    answer: str, correct: bool | None
) -> None:
    assert check_countdown(puzzle([25, 5, 4], 80), answer).correct is correct


def test_countdown_numbers_may_repeat_as_often_as_given() -> None:
    assert check_countdown(puzzle([3, 3], 9), "3 * 3").correct is True
    assert check_countdown(puzzle([3, 4], 9), "3 * 3").correct is False


def test_countdown_need_not_use_all_numbers() -> None:
    assert check_countdown(puzzle([3, 3, 50], 9), "3 * 3").correct is True


def test_a_countdown_without_its_numbers_is_left_open() -> None:
    lost = Problem.make("?", answer="1", family="countdown")
    assert check_countdown(lost, "1 + 1").correct is None
    odd = Problem.make("?", family="countdown", extra={"numbers": 5, "target": []})
    assert check_countdown(odd, "1 + 1").correct is None


def test_countdown_answers_are_compared_by_their_check_alone() -> None:
    problem = FAMILIES["countdown"].make(0, 0, numbers=2)
    numbers = json.loads(problem.extra)["numbers"]
    swapped = " ".join(reversed(str(problem.answer).split()))
    if "+" in swapped or "*" in swapped:
        assert compare(swapped, problem).correct is True
    assert compare(str(sum(numbers) + 5000), problem).correct is False


def test_the_steps_of_a_countdown_are_true() -> None:
    for problem in generate("countdown", 60, seed=1):
        for step in problem.steps[:-1]:
            left, _, result = step.partition(" = ")
            assert evaluate(left).value == int(result)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("10 - 2 - 3", 5),
        ("2 / 3 / 4", Fraction(1, 6)),
        ("-(2 - 5)", 3),
        ("2 * -3", -6),
        ("7", 7),
        ("8 ÷ 2 − 1", 3),
    ],
)
def test_the_calculator(text: str, value: int | Fraction) -> None:
    assert evaluate(text).value == value


@pytest.mark.parametrize(
    "text",
    ["", "1 +", "1 2", "()", "1 / 0", "a", "1.5", "2^3", "9**9", "(" * (MAX_DEPTH + 2) + "1",
     "1" * (MAX_LENGTH + 1), "1234567890", "-" * 100 + "1", "+".join(["1"] * 100)],
)  # fmt: skip
def test_the_calculator_refuses(text: str) -> None:
    with pytest.raises(NotAnExpression):
        evaluate(text)


@given(st.text(alphabet="0123456789+-*/() ", max_size=80))
def test_the_calculator_agrees_with_python(text: str) -> None:
    try:
        found = evaluate(text).value
    except NotAnExpression:
        return
    exact = re.sub(r"\d+", lambda m: f"F({int(m.group())})", text)
    assert found == eval(exact, {"F": Fraction})  # our own test's text, of digits and signs


# -- swaps ---------------------------------------------------------------------------------


def test_swaps_are_replayed_from_the_question_alone() -> None:
    for problem in generate("swaps", 60, seed=0):
        story, _, _ = problem.question.partition("Options:")
        held = dict(re.findall(r"(\w+) has (?:the )?([\w ]+?)(?=[,.])", story.split("\n")[0]))
        for one, two in re.findall(r"(\w+) and (\w+) swap", story):
            held[one], held[two] = held[two], held[one]
        asked = re.search(r"(\w+) has\n", story)
        assert asked is not None
        letter = "ABCDEFGHI".index(str(problem.answer).strip("()"))
        assert problem.choices[letter].removeprefix("the ") == held[asked[1]]


# -- brackets ------------------------------------------------------------------------------


def test_a_completed_sequence_is_balanced() -> None:
    for problem in generate("dyck", 100, seed=0):
        given_part = problem.question.rpartition("Sequence: ")[2]
        stack = []
        for symbol in f"{given_part} {problem.answer}".split():
            if symbol in CLOSERS:
                stack.append(CLOSERS[symbol])
            else:
                assert stack.pop() == symbol
        assert stack == []
        assert problem.answer


def test_a_bracket_too_few_is_wrong() -> None:
    problem = FAMILIES["dyck"].make(0, 0, length=12)
    assert compare(f"{problem.answer} )", problem).correct is False


# -- order ---------------------------------------------------------------------------------

_BEFORE = ("is to the left of", "is older than", "is more expensive than")
_AFTER = ("is to the right of", "is newer than", "is less expensive than")
_FIRST = ("the leftmost", "the oldest", "the most expensive")
_LAST = ("the rightmost", "the newest", "the cheapest")
_NTH = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh")


def place_of(words: str, count: int) -> int | None:
    if words in _FIRST:
        return 0
    if words in _LAST:
        return count - 1
    match = re.match(r"the (\w+?)(?: from the left|-oldest|-most expensive)$", words)
    return _NTH.index(match[1]) if match else None


def holds(sentence: str, order: tuple[str, ...]) -> bool:
    for phrases, sign in ((_BEFORE, 1), (_AFTER, -1)):
        for phrase in phrases:
            a, found, b = sentence.partition(f" {phrase} the ")
            if found:
                gap = order.index(b) - order.index(a.removeprefix("The "))
                return gap * sign > 0
    thing, _, words = sentence.removeprefix("The ").partition(" is ")
    place = place_of(words, len(order))
    assert place is not None, sentence
    return order[place] == thing


@pytest.mark.parametrize("things", [3, 4, 5])
def test_the_facts_leave_one_order_and_the_answer_is_true_in_it(things: int) -> None:
    for problem in generate("order", 12, seed=0, things=things):
        truth = tuple(json.loads(problem.extra)["order"])
        facts = re.findall(r"(The [^.]+)\.", problem.question.split("Which of")[0])
        facts = [fact for fact in facts if "facts below" not in fact]
        orders = [o for o in permutations(truth) if all(holds(fact, o) for fact in facts)]
        assert orders == [truth]
        true = [c for c in problem.choices if holds(c.removesuffix("."), truth)]
        index = "ABCDEFG".index(str(problem.answer).strip("()"))
        assert true == [problem.choices[index]]
        assert list(problem.steps[: len(facts)]) == [f"{fact}." for fact in facts]
        for step in problem.steps[:-1]:
            assert holds(step.removesuffix("."), truth)


# -- beliefs -------------------------------------------------------------------------------


def test_sally_looks_where_she_left_it() -> None:
    story = Story(
        ("Sally", "Anne"),
        "basket",
        (Event("Sally", "leaves"), Event("Anne", "moves", "box"), Event("Sally", "enters")),
    )
    assert believed(story, ()) == "box"
    assert believed(story, ("Sally",)) == "basket"
    assert believed(story, ("Anne",)) == "box"
    assert believed(story, ("Anne", "Sally")) == "basket"
    assert believed(story, ("Sally", "Anne")) == "basket"
    assert believed(story, ("Anne", "Sally", "Anne")) == "basket"


class Mind:
    """A second way: a model of the room that holds a model of each other mind, and so on."""

    def __init__(self, people: tuple[str, ...], place: str, depth: int) -> None:
        self.place, self.present = place, set(people)
        self.minds = {who: Mind(people, place, depth - 1) for who in people if depth}

    def see(self, event: Event) -> None:
        """An event that this model learns of: those it takes to be in the room learn it too."""
        if event.what == "enters":
            self.present.add(event.who)
        watching = set(self.present)
        if event.what == "moves":
            self.place = event.to
        for who, mind in self.minds.items():
            if who in watching:
                mind.sync(self.present)
                mind.see(event)
        if event.what == "leaves":
            self.present.discard(event.who)

    def sync(self, present: set[str]) -> None:
        """Whoever is in the room sees who else is."""
        self.present = set(present)


people_of = st.sampled_from([("A", "B"), ("A", "B", "C"), ("A", "B", "C", "D")])


@st.composite
def stories(draw: st.DrawFn) -> Story:
    people = draw(people_of)
    present, events = set(people), []
    for _ in range(draw(st.integers(0, 9))):
        what = draw(st.sampled_from(["enters", "leaves", "moves"]))
        pool = set(people) - present if what == "enters" else present
        if not pool:
            continue
        who = draw(st.sampled_from(sorted(pool)))
        events.append(Event(who, what, draw(st.sampled_from("xyz")) if what == "moves" else ""))
        present = present | {who} if what == "enters" else present
        present = present - {who} if what == "leaves" else present
    return Story(people, "w", tuple(events))


@given(stories(), st.data())
@settings(max_examples=150, deadline=None)
def test_the_rule_agrees_with_minds_within_minds(story: Story, data: st.DataObject) -> None:
    chain = tuple(data.draw(st.permutations(story.people))[: data.draw(st.integers(0, 3))])
    world = Mind(story.people, story.start, len(chain))
    for event in story.events:
        world.see(event)
    for who in chain:
        world = world.minds[who]
    assert believed(story, chain) == world.place


@given(stories())
def test_nobody_thinks_what_was_never_so(story: Story) -> None:
    places = {story.start, *(e.to for e in story.events if e.what == "moves")}
    for chain in ((), story.people[:1], story.people[:2]):
        assert believed(story, chain) in places


def test_who_never_leaves_knows_where_it_is() -> None:
    story = Story(("A", "B"), "w", (Event("B", "leaves"), Event("A", "moves", "x")))
    assert believed(story, ("A",)) == believed(story, ()) == "x"


def test_about_half_the_questions_are_about_false_beliefs() -> None:
    told = [json.loads(p.extra) for p in generate("beliefs", 200, seed=0)]
    deep = [e["false_belief"] for e in told if e["order"] > 0]
    assert 0.25 <= sum(deep) / len(deep) <= 0.75
    assert {e["order"] for e in told} == {0, 1, 2, 3}
    assert not any(e["false_belief"] for e in told if e["order"] == 0)


def test_order_three_asks_about_three_minds() -> None:
    problem = beliefs.make(0, 0, order=3, people=2)
    assert problem.question.count(" think") == 3
