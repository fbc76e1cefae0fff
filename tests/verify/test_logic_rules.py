"""Facts and rules: read, derived in an open world, and traces on them judged."""

import json
from pathlib import Path

import pytest

from reasonscope.traces.schema import Case, Problem
from reasonscope.verify.logic import applies, check
from reasonscope.verify.logic.planted import case_of
from reasonscope.verify.logic.rule_check import RuleJudge, read_statements
from reasonscope.verify.logic.rule_language import (
    Literal,
    Rule,
    RuleWords,
    constants_of,
    describe,
    stem,
)
from reasonscope.verify.logic.rule_premises import MAX_QUESTION, RuleProblem, read_rules
from reasonscope.verify.logic.rule_solver import MAX_CHECKS, RuleSolver

ONTOLOGY = """Yumpuses are dumpuses. Every dumpus is a jompus. Each jompus is not bright. \
Rompuses are bright. Jompuses are zumpuses. Stella is a yumpus.
Is the following statement true or false? Stella is bright.
A) True
B) False"""
WORLD = """Anne is green. Bob is kind. Bob is rough. The cat eats the bald eagle. The cat is big. \
The bald eagle is not kind. If something is green then it is not blue. \
Rough, kind people are smart. \
If something eats the bald eagle and it is big then the bald eagle is cold. \
All smart people are nice. If Bob is nice then Bob likes the cat. \
If something is cold and not kind then it is sad.
Based on the above information, is the following statement true, false, or unknown? Anne is blue.
A) True
B) False
C) Unknown"""
WORDS = RuleWords.of(("anne", "bob", "bald eagle", "cat", "stella"))
ANYTHING = "?"


def unary(predicate: str, who: str = ANYTHING, holds: bool = True) -> Literal:
    return Literal(predicate, (who,), holds)


def problem(question: str) -> RuleProblem:
    found = read_rules(question)
    assert found is not None
    return found


def trace(question: str, *steps: str) -> Case:
    return case_of(Problem.make(question), list(steps))


def marks(question: str, *steps: str) -> list[bool | None]:
    return [verdict.correct for verdict in check(trace(question, *steps))]


# Reading ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "same"),
    [
        (("tumpus", "tumpuses"), True),
        (("chase", "chases"), True),
        (("see", "sees"), True),
        (("cat", "cats"), True),
        (("nervous", "nervou"), False),
        (("kind", "kin"), False),
    ],
)
def test_forms_of_a_word_share_a_stem(words: tuple[str, str], same: bool) -> None:
    assert (stem(words[0]) == stem(words[1])) is same


def test_named_things_are_names_and_what_follows_the() -> None:
    assert constants_of("Anne is green. The bald eagle is big. The cat needs the dog.") == (
        "anne",
        "bald eagle",
        "dog",
    )


def test_the_subject_of_a_verb_is_known_from_elsewhere() -> None:
    assert "cat" in constants_of("The cat needs the dog. The cat is big.")


@pytest.mark.parametrize(
    ("sentence", "rule"),
    [
        ("Anne is green.", Rule((), (unary("green", "anne"),))),
        ("Stella is a dumpus.", Rule((), (unary("dumpus", "stella"),))),
        ("Bob is not rough.", Rule((), (unary("rough", "bob", False),))),
        ("The cat eats the bald eagle.", Rule((), (Literal("eat", ("cat", "bald eagle")),))),
        (
            "The cat does not eat the bald eagle.",
            Rule((), (Literal("eat", ("cat", "bald eagle"), False),)),
        ),
        ("Every dumpus is a jompus.", Rule((unary("dumpus"),), (unary("jompus"),))),
        ("Dumpuses are jompuses.", Rule((unary("dumpus"),), (unary("jompus"),))),
        ("A dumpus is a jompus.", Rule((unary("dumpus"),), (unary("jompus"),))),
        ("Each dumpus is not bright.", Rule((unary("dumpus"),), (unary("bright", holds=False),))),
        ("Rough people are cold.", Rule((unary("rough"),), (unary("cold"),))),
        ("Green, red things are rough.", Rule((unary("green"), unary("red")), (unary("rough"),))),
        ("All kind people are smart.", Rule((unary("kind"),), (unary("smart"),))),
        (
            "If something is green then it is not blue.",
            Rule((unary("green"),), (unary("blue", holds=False),)),
        ),
        (
            "If someone is green and not kind then they are nice.",
            Rule((unary("green"), unary("kind", holds=False)), (unary("nice"),)),
        ),
        (
            "If something sees the cat and it is cold then the cat is green.",
            Rule((Literal("see", (ANYTHING, "cat")), unary("cold")), (unary("green", "cat"),)),
        ),
        (
            "If the cat eats something then it is big.",
            Rule((Literal("eat", ("cat", ANYTHING)),), (unary("big"),)),
        ),
        (
            "If Bob is nice then Bob is kind.",
            Rule((unary("nice", "bob"),), (unary("kind", "bob"),)),
        ),
    ],
)
def test_a_sentence_is_a_rule(sentence: str, rule: Rule) -> None:
    assert WORDS.rule(sentence) == rule


@pytest.mark.parametrize(
    "sentence",
    [
        "",
        "Therefore",
        "Max is a dumpus.",  # nobody of that name is known, and it is not "every max"
        "Anne is very green today.",
        "Is Anne green?",
        "green red blue things are rough and so on",
        "x" * 5_000,
        "If " + "anne is green and " * 40,
    ],
)
def test_what_does_not_fit_whole_is_not_read(sentence: str) -> None:
    assert WORDS.rule(sentence) is None


def test_the_question_is_not_a_premise() -> None:
    found = problem(ONTOLOGY)
    assert found.asked == unary("bright", "stella")
    assert len(found.premises) == 6
    assert found.complete
    assert found.options == (("a", "true"), ("b", "false"))


def test_a_sentence_that_cannot_be_read_makes_it_incomplete() -> None:
    assert not problem("The weather in spring tends to vary. " + ONTOLOGY).complete


@pytest.mark.parametrize(
    "question",
    ["", "2 + 2?", "True or false?", "Answer true or false: is water wet?", "x" * MAX_QUESTION * 2],
)
def test_other_questions_are_not_rule_problems(question: str) -> None:
    assert read_rules(question) is None
    assert check(trace(question or "?", "Stella is bright.")) == []


def test_applies_is_told_by_the_text() -> None:
    assert applies(Problem.make(ONTOLOGY))
    assert applies(Problem.make(WORLD))
    assert not applies(Problem.make("Each of 3 boys is given 2 apples. How many apples?"))


def test_a_literal_is_told_in_words() -> None:
    assert describe(unary("kind", "bob")) == "bob is kind"
    assert describe(unary("kind")) == "anything is kind"
    assert describe(Literal("eat", ("cat", "dog"))) == "cat eats dog"
    assert describe(Literal("eat", ("cat", "dog"), False)) == "cat does not eat dog"


# Deriving ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def world() -> RuleSolver:
    found = problem(WORLD)
    return RuleSolver(found.words.constants, found.premises)


@pytest.mark.parametrize(
    ("literal", "derived"),
    [
        (unary("green", "anne"), True),
        (unary("blue", "anne", False), True),
        (unary("blue", "anne"), False),
        (unary("smart", "bob"), True),
        (unary("nice", "bob"), True),
        (Literal("like", ("bob", "cat")), True),
        (unary("cold", "bald eagle"), True),
        (unary("sad", "bald eagle"), True),  # "not kind" is given, so it counts
        (unary("sad", "cat"), False),
        (unary("green", "anne", False), False),
        (unary("green", "bob", False), False),  # not known is not denied
    ],
)
def test_what_the_world_derives(world: RuleSolver, literal: Literal, derived: bool) -> None:
    assert (world.derivation(literal) is not None) is derived


def test_a_rule_is_not_read_backwards() -> None:
    """An open world, as the data set has it: from "green is not blue" and "Bob is blue" nothing
    follows about Bob being green."""
    rule = Rule((unary("green"),), (unary("blue", holds=False),))
    solver = RuleSolver(("bob",), (rule, Rule((), (unary("blue", "bob"),))))
    assert solver.derivation(unary("green", "bob", False)) is None


def test_the_premises_used_are_the_ones_needed(world: RuleSolver) -> None:
    texts = problem(WORLD).texts
    used = world.derivation(unary("smart", "bob"))
    assert used is not None
    assert {texts[index] for index in used} == {
        "Bob is kind.", "Bob is rough.", "Rough, kind people are smart.",
    }  # fmt: skip


def test_a_rule_follows_for_anything_at_all() -> None:
    found = problem(ONTOLOGY)
    solver = RuleSolver(found.words.constants, found.premises)
    assert solver.derivation(unary("zumpus"), (unary("yumpus"),)) is not None
    assert solver.derivation(unary("yumpus"), (unary("zumpus"),)) is None


def test_beyond_its_budget_the_solver_derives_nothing() -> None:
    solver = RuleSolver(("bob",), (Rule((), (unary("kind", "bob"),)),))
    solver._checks = MAX_CHECKS
    assert solver.derivation(unary("kind", "bob")) is None


@pytest.mark.parametrize(
    ("asked", "answer"),
    [("Anne is blue.", "false"), ("Bob is nice.", "true"), ("Anne is nice.", "unknown")],
)
def test_the_answer_is_true_false_or_unknown(asked: str, answer: str) -> None:
    found = problem(WORLD.replace("Anne is blue.", asked))
    judge = RuleJudge(found, RuleSolver(found.words.constants, found.premises), argues=True)
    assert judge.answer() == answer


# Judging ----------------------------------------------------------------------------------------

PROOF = (
    "Stella is a yumpus.",
    "Yumpuses are dumpuses.",
    "So Stella is a dumpus.",
    "Since every dumpus is a jompus, Stella is a jompus.",
    "Each jompus is not bright.",
    "Therefore, Stella is not bright. The answer is (B).",
)


def test_a_right_proof_is_entailed_step_by_step() -> None:
    assert marks(ONTOLOGY, *PROOF) == [True] * 7


@pytest.mark.parametrize(
    "step",
    [
        "Stella is not a yumpus.",
        "So Stella is bright.",
        "So Stella is a rompus.",
        "Every dumpus is a rompus.",
        "Every dumpus is not a jompus.",
        "Yumpuses are bright.",
        "The answer is (A).",
        "The answer is true.",
    ],
)
def test_a_wrong_step_is_never_called_right(step: str) -> None:
    assert marks(ONTOLOGY, step) == [False]


def test_a_contradicted_step_says_what_is_right_and_why() -> None:
    verdict = check(trace(ONTOLOGY, "Stella is bright."))[0]
    assert verdict.expected == "stella is not bright"
    assert "Each jompus is not bright." in verdict.reason
    assert "Rompuses" not in verdict.reason


def test_a_true_rule_that_is_not_a_premise_is_entailed() -> None:
    assert marks(ONTOLOGY, "Every yumpus is a jompus.", "Every yumpus is not bright.") == [True] * 2


def test_the_converse_of_a_rule_is_not_entailed() -> None:
    assert marks(ONTOLOGY, "Every jompus is a dumpus.") == [False]


def test_what_is_underivable_stays_open_in_prose_that_explores() -> None:
    assert marks(ONTOLOGY, "Okay, wait.\n\n", "Stella is a rompus.") == [None]
    assert marks(ONTOLOGY, "Okay, wait.\n\n", "Stella is bright.") == [False]


def test_what_is_underivable_stays_open_where_the_problem_was_not_read_whole() -> None:
    assert marks("The weather in spring tends to vary. " + ONTOLOGY, "Stella is a rompus.") == [
        None
    ]


@pytest.mark.parametrize(
    "step",
    [
        "We need to determine whether Stella is bright.",
        "Is Stella bright?",
        "Stella is happy.",  # the problem knows no happiness
        "Polly is a rompus.",  # nor Polly
        "The statement says Stella is bright.",
        "Let x = 3.",
    ],
)
def test_what_claims_nothing_about_the_problem_has_no_verdict(step: str) -> None:
    assert marks(ONTOLOGY, step) == []


def test_unknown_is_an_answer_only_where_it_is_offered() -> None:
    assert marks(ONTOLOGY, "The answer is unknown.") == []
    assert marks(WORLD, "The answer is unknown.") == [False]


def test_clauses_are_read_one_by_one() -> None:
    found = read_statements(
        "Since Stella is a yumpus and every yumpus is a dumpus, Stella is a dumpus.",
        problem(ONTOLOGY),
    )
    assert [literal.predicate for rule in found for literal in rule.head] == [
        "yumpus",
        "dumpus",
        "dumpus",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "every " + "big, " * 200 + "is big.",
        "if " + "stella is bright and " * 40 + "then stella is bright.",
        "so then " * 120,
        "the " * 100_000,
        "stella is " * 100_000,
        "Stella is bright. " * 2_000,
    ],
)
def test_hostile_text_ends(text: str) -> None:
    assert len(check(trace(ONTOLOGY, text))) <= 600


# Public sets ------------------------------------------------------------------------------------


def question_of(row: dict[str, object]) -> str:
    return "\n".join([str(row["context"]), str(row["question"]), *row["options"]])  # type: ignore[misc]


@pytest.mark.shared
@pytest.mark.parametrize("name", ["ProntoQA_dev.json", "ProofWriter_dev.json"])
def test_the_public_answers_are_derived(shared_data: Path, name: str) -> None:
    for row in json.loads((shared_data / "logic" / name).read_text("utf-8"))[::15]:
        found = problem(question_of(row))
        judge = RuleJudge(found, RuleSolver(found.words.constants, found.premises), argues=True)
        answer = judge.answer()
        assert dict(found.options)[row["answer"].lower()] == answer, row["id"]


@pytest.mark.shared
def test_the_public_proofs_are_entailed_and_their_denials_are_not(shared_data: Path) -> None:
    rows = json.loads((shared_data / "logic" / "ProntoQA_dev.json").read_text("utf-8"))
    for row in rows[::25]:
        steps = row["explanation"]
        assert marks(question_of(row), *steps) == [True] * len(steps)
        last = steps[-1]
        denied = last.replace(" not ", " ") if " not " in last else last.replace(" is ", " is not ")
        assert marks(question_of(row), *steps[:-1], denied)[-1] is False
