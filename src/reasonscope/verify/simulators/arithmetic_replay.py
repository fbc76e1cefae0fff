"""Replays a nested sum that a trace takes apart: its parts, each chain of equals, the whole."""

import re
from dataclasses import dataclass, field
from fractions import Fraction

from reasonscope.traces.schema import Case, Problem, Verdict
from reasonscope.verify.arithmetic import evaluate, written
from reasonscope.verify.simulators.claims import MAX_TEXT, Claim, replayed, short

VERIFIER = "simulators.arithmetic"
MAX_AFTER = 24
"""Characters between a chain and the answer that it ends on, as in ``. So the``."""
MAX_LINKS = 200
"""Links of one chain of equals that are looked at."""

_QUESTION = re.compile(
    r"(?i)\s*(?:(?:what is|calculate|compute|evaluate|simplify)(?: the value of)?:?\s+)?"
    r"(?P<sum>[-+*/×÷·().\d\s]{3,2000}?)\s*=?\s*\??\s*"
)
_OPERATION = re.compile(r"\d\s*\)*\s*[-+*/×÷·]")
_FORMULA = re.compile(r"(?i)\bwritten as:?\s*[\"'`](?P<formula>[-+*/×÷·() A-Z]{1,200})[\"'`]")
_PART = re.compile(r"\b(?P<name>[A-Z])\s?=\s?(?P<sum>[-+*/×÷·()\d\s]{1,400})")
_CHAIN = re.compile(
    r"\s*(?P<chain>(?:[-+*/×÷·()=\s]|\d++(?:\.\d++)?+|[A-Z]\b){1,20000}+)(?P<next>.?)", re.DOTALL
)
_ANSWER = re.compile(r"(?i)\banswer is:?\s{0,3}(?P<answer>-?\s?\d{1,400}(?:\.\d{1,50})?)")
_BEFORE = re.compile(r"(?i)\b(?:let'?s calculate|calculate|final equation is|equation is)\b:?")


def sum_of(problem: Problem) -> str | None:
    """The expression that the question asks to work out; None: it asks something else.

    >>> sum_of(Problem.make("((1 + 2) * -3) ="))
    '((1 + 2) * -3)'
    """
    if len(problem.question) > MAX_TEXT:
        return None
    found = _QUESTION.fullmatch(problem.question)
    if found is None or _OPERATION.search(found["sum"]) is None:
        return None
    return found["sum"].strip()


def applies(problem: Problem) -> bool:
    """Whether the question is one arithmetic expression.

    >>> applies(Problem.make("(1 + 2) * 3 ="))
    True
    >>> applies(Problem.make("{ [ ( ) ]"))
    False
    """
    return sum_of(problem) is not None


def _balanced(text: str) -> str:
    """The text without the brackets that nothing matches."""
    kept, opened = list(text), []
    for place, char in enumerate(text):
        if char == "(":
            opened.append(place)
        elif char == ")" and opened:
            opened.pop()
        elif char == ")":
            kept[place] = " "
    for place in opened:
        kept[place] = " "
    return "".join(kept).strip()


def _rounds(value: Fraction, link: str) -> bool:
    """Whether a decimal link is the value, rounded to as many places as are written.

    >>> _rounds(Fraction(10, 3), "3.33"), _rounds(Fraction(10, 3), "3.34")
    (True, False)
    """
    found = re.fullmatch(r"-?\d{1,50}\.(?P<places>\d{1,20})", link)
    if found is None:
        return False
    return abs(Fraction(link) - value) * 2 <= Fraction(1, 10 ** len(found["places"]))


@dataclass(slots=True)
class _Replay:
    """What the trace has said so far: the formula, its parts, and their values."""

    wanted: Fraction | None
    """The value of the question's expression."""
    question: str
    formula: str | None = None
    parts: dict[str, str] = field(default_factory=dict)
    values: dict[str, Fraction] = field(default_factory=dict)
    last: Fraction | None = None
    """The value that the last chain ended on, if the text stops there."""
    begun: bool = False

    def value(self, text: str) -> Fraction | None:
        """The value of a link of a chain, with the stated values of the parts."""
        return evaluate(_balanced(text), self.values)

    def step(self, text: str) -> list[Claim]:
        """What is right and wrong in one step."""
        formula = _FORMULA.search(text)
        if formula is not None:
            return self._taken_apart(
                formula["formula"].strip(), text[formula.end() :], text.strip()
            )
        claims: list[Claim] = []
        answer = _ANSWER.search(text)
        body = text if answer is None else text[: answer.start()]
        before = _BEFORE.search(body)
        if before is not None:
            chain = _CHAIN.match(body, before.end())
            if chain is not None and "=" in chain["chain"]:
                self.begun = True
                whole = chain["next"] in ("", ".", ",", ";")
                claims += self._chain(chain["chain"], whole)
                self.last = self.last if whole and len(body) - chain.end() <= MAX_AFTER else None
        if answer is not None and self.last is not None:
            claims += self._answer(answer)
        return claims

    def _taken_apart(self, formula: str, where: str, said: str) -> list[Claim]:
        self.formula, self.begun = formula, True
        self.parts = {m["name"]: _balanced(m["sum"]) for m in _PART.finditer(where)}
        values = {name: evaluate(text, {}) for name, text in self.parts.items()}
        known = {name: value for name, value in values.items() if value is not None}
        value = evaluate(_balanced(formula), known)
        if value is None or self.wanted is None:
            return []
        if value == self.wanted:
            return [
                Claim(
                    True, f"with its parts put in it is the question's {written(self.wanted)}", said
                )
            ]
        reason = (
            f"with its parts put in this is {written(value)}, "
            f"but the question's expression is {written(self.wanted)}"
        )
        return [Claim(False, reason, said, self.question)]

    def _chain(self, text: str, whole: bool) -> list[Claim]:
        links = [link.strip() for link in text.split("=")[:MAX_LINKS]]
        links = links if whole else links[:-1]
        named = links[0] if re.fullmatch(r"[A-Z]", links[0]) else None
        claims: list[Claim] = []
        if named is not None:
            links = links[1:]
            claims += self._copied(named, links)
        elif self.formula is not None:
            claims += self._recalled(links[0])
        claims += self._equal(links)
        values = [value for link in links if (value := self.value(link)) is not None]
        if values:
            self.last = values[-1]
            if named is not None:
                self.values[named] = values[-1]
        return claims

    def _copied(self, name: str, links: list[str]) -> list[Claim]:
        """Whether the part worked out is the part that was named."""
        if name not in self.parts or not links:
            return []
        stated, wanted = evaluate(_balanced(links[0]), {}), evaluate(self.parts[name], {})
        if stated is None or wanted is None or stated == wanted:
            return []
        reason = f"{name} was {self.parts[name]}, not {short(links[0])}"
        return [Claim(False, reason, links[0], self.parts[name])]

    def _recalled(self, first: str) -> list[Claim]:
        """Whether the final formula is the one that was written at first."""
        assert self.formula is not None
        stated, wanted = self.value(first), self.value(self.formula)
        if stated is None or wanted is None or stated == wanted:
            return []
        return [
            Claim(False, f"the formula was {self.formula}, not {short(first)}", first, self.formula)
        ]

    def _equal(self, links: list[str]) -> list[Claim]:
        """Whether each link of a chain has the value of the one before."""
        held: tuple[str, Fraction] | None = None
        compared = 0
        for link in links:
            value = self.value(link)
            if value is None:
                continue
            if held is not None:
                compared += 1
                if _rounds(held[1], link):
                    continue
                if value != held[1]:
                    reason = f"{short(held[0])} is {written(held[1])}, not {short(link)}"
                    reason += "" if written(value) == link else f" (which is {written(value)})"
                    return [Claim(False, reason, link, written(held[1]))]
            held = (link, value)
        return [Claim(True, f"all {compared} equalities hold", links[0])] if compared else []

    def _answer(self, found: re.Match[str]) -> list[Claim]:
        stated = evaluate(found["answer"].replace(" ", ""), {})
        said = found.group()
        if stated is None or self.last is None:
            return []
        if stated == self.last:
            return [Claim(True, "the answer is what the calculation ended on", said)]
        return [
            Claim(False, f"the calculation ended on {written(self.last)}", said, written(self.last))
        ]


def check(case: Case) -> list[Verdict]:
    """Verdicts on each step that takes the expression apart, works out a part, or ends.

    Later steps are judged with the values that the trace stated for its parts, right or not.
    """
    question = sum_of(case.problem)
    if question is None:
        return []
    replay = _Replay(evaluate(_balanced(question), {}), question)
    return replayed(case, VERIFIER, replay)
