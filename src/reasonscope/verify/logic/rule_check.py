"""Judges the sentences of a trace on a problem of facts and rules.

A statement is right if the premises derive it, wrong if they derive its denial. A trace that
argues without exploring is also wrong where it asserts what the premises do not derive; in one
that explores, that stays open.
"""

import re
from dataclasses import dataclass

from reasonscope.traces.schema import Case, Verdict
from reasonscope.verify.logic.judgement import Judgement, to_verdict
from reasonscope.verify.logic.prose import argues, read_pieces
from reasonscope.verify.logic.rule_language import Literal, Rule, describe
from reasonscope.verify.logic.rule_premises import RuleProblem, read_rules
from reasonscope.verify.logic.rule_solver import RuleSolver

VERIFIER = "logic.rules"
MAX_JUDGED = 600
"""Sentences of a trace that are judged."""

_LEAD = re.compile(
    r"(?:(?:so|then|therefore|thus|hence|and|but|also|now|finally|first|next|this means(?: that)?"
    r"|that means(?: that)?|we (?:also )?(?:know|conclude|found|are given|have)(?: that)?|since"
    r"|because|given that|it follows that|consequently|as a result|\d{1,3}[.)]|[-•>])[,:]? ){0,4}"
)
_SPLIT = re.compile(
    r"[;:]\s|,? so (?:that )?|,? therefore,? |,? which means (?:that )?|,? because |,? since "
    r"|, (?=(?:and )?[a-z ]{1,40} (?:is|are) )| and (?=(?:every|each|all) )"
)
_ANSWER = re.compile(
    r"\b(?:answer is|statement is|is therefore):?\s*\(?"
    r"(?P<letter>[a-z]\b(?=\)|\.|$)|true|false|unknown)",
    re.IGNORECASE,
)
_HEDGED = re.compile(
    r"\b(?:whether|determine|show|prove|true or false|question|statement)\b|\?", re.I
)


@dataclass(frozen=True, slots=True)
class RuleJudge:
    """Judges statements against what the premises of one problem derive."""

    problem: RuleProblem
    solver: RuleSolver
    argues: bool
    """What is not derivable counts as wrong."""

    def _because(self, used: frozenset[int]) -> str:
        return " ".join(self.problem.texts[index] for index in sorted(used))

    def _literal(self, literal: Literal, given: tuple[Literal, ...]) -> Judgement:
        text = describe(literal)
        used = self.solver.derivation(literal, given)
        if used is not None:
            return Judgement(True, f"{text} follows: {self._because(used)}"[:600])
        against = self.solver.derivation(literal.opposite(), given)
        if against is not None:
            right = describe(literal.opposite())
            return Judgement(
                False, f"{text} is contradicted: {self._because(against)}"[:600], right
            )
        if self.argues and self.problem.complete:
            return Judgement(False, f"{text} does not follow from what is given")
        return Judgement(None, f"{text} neither follows nor is contradicted")

    def rule(self, rule: Rule) -> Judgement:
        """The judgement of a fact or rule that a trace states."""
        if rule in self.problem.premises:
            return Judgement(
                True, f"given: {self.problem.texts[self.problem.premises.index(rule)]}"
            )
        found = [self._literal(literal, rule.body) for literal in rule.head]
        for judgement in found:
            if judgement.correct is False:
                return judgement
        undecided = [judgement for judgement in found if judgement.correct is None]
        return undecided[0] if undecided else found[0]

    def answer(self) -> str | None:
        """What the statement asked about is: ``true``, ``false`` or ``unknown``."""
        asked = self.problem.asked
        if asked is None or not self.problem.complete:
            return None
        if self.solver.derivation(asked) is not None:
            return "true"
        return "unknown" if self.solver.derivation(asked.opposite()) is None else "false"

    def given_answer(self, said: str) -> Judgement | None:
        """The judgement of a stated answer, a letter or a word."""
        right = self.answer()
        word = (
            dict(self.problem.options)
            .get(said.lower(), said.lower())
            .replace("uncertain", "unknown")
        )
        if right is None or word not in ("true", "false", "unknown"):
            return None
        if word == "unknown" and not any(option == "unknown" for _, option in self.problem.options):
            return None
        if word == right:
            return Judgement(True, f"the statement asked about is {right}")
        return Judgement(False, f"the statement asked about is {right}, not {word}", right)

    def judge(self, text: str) -> Judgement | None:
        """The judgement of a sentence; None where nothing in it can be read."""
        answer = _ANSWER.search(text)
        if answer:
            return self.given_answer(answer["letter"])
        if _HEDGED.search(text):
            return None
        found = [self.rule(rule) for rule in read_statements(text, self.problem)]
        for wanted in (False, None, True):
            for judgement in found:
                if judgement.correct is wanted:
                    return judgement
        return None


def read_statements(text: str, problem: RuleProblem) -> list[Rule]:
    """The facts and rules that a sentence states, whole or clause by clause."""
    if len(text) > 1_000:
        return []
    lower = text.lower()
    lead = _LEAD.match(lower)
    bare = lower[lead.end() if lead else 0 :]
    whole = _known(problem.words.rule(bare), problem)
    if whole is not None:
        return [whole]
    if "if " in lower:
        return []
    clauses = (clause[_LEAD.match(clause).end() :] for clause in _SPLIT.split(bare))  # type: ignore[union-attr]
    read = [_known(problem.words.rule(clause), problem) for clause in clauses]
    return [rule for rule in read if rule is not None]


def _known(rule: Rule | None, problem: RuleProblem) -> Rule | None:
    """The rule, unless it speaks of a predicate that the problem does not know."""
    if rule is None:
        return None
    known = {x.predicate for premise in problem.premises for x in (*premise.body, *premise.head)}
    if problem.asked is not None:
        known.add(problem.asked.predicate)
    used = {literal.predicate for literal in (*rule.body, *rule.head)}
    return rule if used <= known else None


def check_rules(case: Case) -> list[Verdict]:
    """Verdicts on the sentences of a trace whose problem states facts and rules.

    At most one verdict for a sentence; empty: the problem is not of this kind.
    """
    problem = read_rules(case.problem.question)
    if problem is None:
        return []
    judge = RuleJudge(problem, RuleSolver(problem.words.constants, problem.premises), argues(case))
    verdicts: list[Verdict] = []
    for pieces in read_pieces(case, rules=True):
        for piece in pieces:
            if piece.supposed or len(verdicts) >= MAX_JUDGED:
                continue
            judgement = judge.judge(piece.text)
            if judgement is not None:
                verdict = to_verdict(
                    case, piece, judgement, verifier=VERIFIER, may_retract=not judge.argues
                )
                verdicts.append(verdict)
    return verdicts
