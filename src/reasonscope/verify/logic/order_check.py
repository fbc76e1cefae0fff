"""Judges the sentences of a trace on an order problem.

Two measures. *Truth*: the sentence is judged against everything the problem gives. *Licence*:
a trace that argues step by step, restating the premise that each step uses, is also held to
what it has cited so far; what does not follow from that claims more than is known, even where
it happens to be true. A trace that explores ("wait", "maybe", a question) is held to truth only.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from reasonscope.traces.schema import Case, Verdict
from reasonscope.verify.logic.judgement import Judgement, to_verdict
from reasonscope.verify.logic.order_claims import Claim, LeftOpen, Placed, describe
from reasonscope.verify.logic.order_premises import OrderProblem, read_order
from reasonscope.verify.logic.order_sentences import Sentence, read_sentence
from reasonscope.verify.logic.order_solver import OrderSolver
from reasonscope.verify.logic.prose import Piece, argues, read_pieces

VERIFIER = "logic.order"
MAX_JUDGED = 600
"""Sentences of a trace that are judged."""


@dataclass(slots=True)
class OrderJudge:
    """Judges statements one after another and remembers which premises were cited."""

    problem: OrderProblem
    solver: OrderSolver
    argues: bool
    """The trace only asserts: what does not follow counts as wrong."""
    cites: bool
    """It goes through the premises one by one: it is held to what it has cited so far."""
    cited: set[int] = field(default_factory=set)

    def cite(self, sentence: Sentence) -> None:
        """Remember the premises that a sentence restates."""
        self.cited |= _cited(self.problem, sentence)

    @property
    def _known(self) -> frozenset[int]:
        """The premises that a statement may rest on."""
        return frozenset(self.cited) if self.cites else self.solver.everything

    def _because(self, core: frozenset[int]) -> str:
        words = self.problem.words
        given = [describe(self.problem.premises[i], words) for i in sorted(core)]
        return "; ".join(given)

    def _denied(self, claim: Claim) -> Judgement:
        words = self.problem.words
        text = describe(claim, words)
        outside = (
            isinstance(claim, Placed)
            and claim.holds
            and not any(1 <= place <= words.size for _, place in claim.pairs)
        )
        if outside:
            return Judgement(False, f"there are only {words.size} places: {text} is outside them")
        core = self.solver.reasons_against(claim)
        reason = f"{text} contradicts what is given: {self._because(core)}"
        return Judgement(False, reason, self._expected(claim))

    def _expected(self, claim: Claim) -> str | None:
        if not (isinstance(claim, Placed) and claim.fixed):
            return None
        holder = self.solver.holder(claim.fixed[1])
        return None if holder is None else describe(_at(holder, claim.fixed[1]), self.problem.words)

    def _claim(self, claim: Claim, listed: bool) -> Judgement:
        words, known = self.problem.words, self._known
        text = describe(claim, words)
        if claim in self.problem.premises and not (listed and self.cites):
            return Judgement(True, f"given: {text}")
        if self.solver.contradicts(claim):
            return self._denied(claim)
        if self.argues and self.problem.complete and not self.solver.entails(claim, known):
            if not self.solver.possible(claim, False, known):
                return Judgement(None, f"{text}: not decided within the limits")
            given = "has been cited so far" if self.cites else "is given"
            reason = f"{text} does not follow from what {given}"
            return Judgement(False, reason, self._expected(claim))
        if self.solver.entails(claim):
            return Judgement(True, f"{text} follows from what is given")
        return Judgement(None, f"{text} is neither given nor excluded")

    def _left_open(self, claim: LeftOpen) -> Judgement:
        words = self.problem.words
        outside = [place for place in claim.places if not 1 <= place <= words.size]
        if outside:
            return Judgement(False, f"there are only {words.size} places")
        if self.cites:
            return self._known_of_open(claim) or Judgement(None, describe(claim, words))
        return Judgement(None, describe(claim, words))

    def _known_of_open(self, claim: LeftOpen) -> Judgement | None:
        """What the cited premises already say of places that are said to be open."""
        words, known = self.problem.words, self._known
        for place in sorted(claim.places):
            thing, name = self.solver.holder(place, known), words.place_name(place)
            if thing is not None:
                right = describe(_at(thing, place), words)
                return Judgement(False, f"{name} is left open, but {right}", right)
        return self._excluded(claim, known) if claim.anything else None

    def _excluded(self, claim: LeftOpen, known: frozenset[int]) -> Judgement | None:
        """A thing without a place that cannot have one of the places said to be free for any."""
        words = self.problem.words
        settled = {self.solver.holder(place, known) for place in range(1, words.size + 1)}
        for place in sorted(claim.places):
            for thing in range(words.size):
                if thing not in settled and self.solver.contradicts(_at(thing, place), known):
                    name = words.place_name(place)
                    reason = f"{name} is left open for any, but {words.names[thing]} cannot be it"
                    return Judgement(False, reason)
        return None

    def judge(self, sentence: Sentence) -> Judgement | None:
        """The judgement of a sentence: wrong if any of its statements is, right if all are."""
        found = [
            self._left_open(s.statement) if isinstance(s.statement, LeftOpen)
            else self._claim(s.statement, s.listed)
            for s in sentence.said
        ]  # fmt: skip
        if sentence.letter is not None:
            found += self._answer(sentence.letter)
        for judgement in found:
            if judgement.correct is False:
                return judgement
        decided = [judgement for judgement in found if judgement.correct is not None]
        return decided[0] if decided else (found[0] if found else None)

    def _answer(self, letter: str) -> list[Judgement]:
        for name, claims in self.problem.options:
            if name == letter:
                wrong = [claim for claim in claims if self.solver.contradicts(claim)]
                if wrong:
                    return [self._denied(wrong[0])]
                if all(self.solver.entails(claim) for claim in claims):
                    return [Judgement(True, f"option {letter.upper()} follows from what is given")]
                return []
        return []


_Found = tuple[Piece, Sentence]


def _goes_through(problem: OrderProblem, steps: list[list[_Found]]) -> bool:
    """Whether a trace restates premises as it goes, two at least in different steps."""
    citing = [step for step in steps if any(_cited(problem, sentence) for _, sentence in step)]
    return len(citing) >= min(2, len(problem.premises))


def _cited(problem: OrderProblem, sentence: Sentence) -> set[int]:
    """The premises that a sentence restates."""
    said = {s.statement for s in sentence.said if not s.listed}
    return {index for index, premise in enumerate(problem.premises) if premise in said}


def _at(thing: int, place: int) -> Placed:
    return Placed(frozenset({(thing, place)}))


def _read(case: Case, problem: OrderProblem, strict: bool) -> Iterator[list[_Found]]:
    """The sentences of each step that say something, read."""
    reverse: bool | None = None
    left = MAX_JUDGED
    for pieces in read_pieces(case):
        found = []
        for piece in pieces:
            sentence = read_sentence(piece.text, problem.words, reverse, strict=strict)
            reverse = sentence.reverse
            if (sentence.said or sentence.letter) and not piece.supposed and left > 0:
                left -= 1
                found.append((piece, sentence))
        yield found


def check_order(case: Case, problem: OrderProblem | None = None) -> list[Verdict]:
    """Verdicts on the sentences of a trace whose problem orders things; empty: no such problem.

    At most one verdict for a sentence. ``correct=None``: neither given nor excluded. ``problem``
    serves where it is known from elsewhere; otherwise the question is read.
    """
    problem = read_order(case.problem.question) if problem is None else problem
    if problem is None:
        return []
    solver = OrderSolver(problem.words.size, problem.premises)
    if not solver.consistent():
        return []
    mild = argues(case)
    steps = list(_read(case, problem, strict=not mild))
    judge = OrderJudge(problem, solver, mild, mild and _goes_through(problem, steps))
    verdicts = []
    for found in steps:
        for _, sentence in found:
            judge.cite(sentence)
        for piece, sentence in found:
            judgement = judge.judge(sentence)
            if judgement is not None:
                verdict = to_verdict(
                    case, piece, judgement, verifier=VERIFIER, may_retract=not judge.argues
                )
                verdicts.append(verdict)
    return verdicts
