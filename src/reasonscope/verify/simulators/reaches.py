"""Replays tries at a target number: numbers that are left, amounts that go on, false success.

Equations are judged as arithmetic elsewhere; here, whether the trace may use their numbers.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from reasonscope.traces.schema import Case, Problem, Verdict
from reasonscope.verify.simulators.claims import MAX_STEPS, MAX_TEXT, Claim, as_verdict

VERIFIER = "simulators.reaches"

_ASKED = re.compile(r"\s*Use (\d{1,3}(?:, \d{1,3}){1,9}) to make (\d{1,4})\.")
_EQUATION = r"(\d{1,4}) ([+*/-]) (\d{1,4}) = (\d{1,4})"
_SAID = re.compile(
    rf"(?P<check>\bCheck: {_EQUATION})"
    rf"|(?P<move>\b(?:(?P<lead>Try|Then) )?(?P<equation>{_EQUATION}))"
    r"|(?P<isnot>\b(?P<value>\d{1,4}) is not (?P<wanted>\d{1,4}))"
    r"|(?P<missed>\bNot (?P<target>\d{1,4}))"
    r"|(?P<works>\bThat works\b)"
)


def asked(problem: Problem) -> tuple[tuple[int, ...], int] | None:
    """The numbers and the target of a question; None: it is not of that kind."""
    found = _ASKED.match(problem.question[:MAX_TEXT])
    if found is None:
        return None
    return tuple(int(n) for n in found[1].split(", ")), int(found[2])


def applies(problem: Problem) -> bool:
    """Whether the question asks for a target from given numbers, as the family ``reach`` does."""
    return asked(problem) is not None


def check(case: Case) -> list[Verdict]:
    """Verdicts on the numbers that moves take and on what is said of the target."""
    question = asked(case.problem)
    if question is None:
        return []
    search = _Search(*question)
    return [
        as_verdict(case, step, VERIFIER, claim)
        for step in case.steps[:MAX_STEPS]
        for claim in search.claims(step.text[:MAX_TEXT])
    ]


@dataclass
class _Search:
    """Where a trace stands in its search."""

    numbers: tuple[int, ...]
    target: int
    value: int | None = None
    """The amount reached in this try; None: no try has begun."""
    left: Counter[int] = field(default_factory=Counter)
    """The numbers not yet used in this try."""

    def claims(self, text: str) -> Iterator[Claim]:
        """What the sentences of a step claim."""
        for found in _SAID.finditer(text):
            if found["move"]:
                yield from self._move(found["lead"], found["equation"])
            elif found["isnot"]:
                yield self._is_not(found.group(), int(found["value"]), int(found["wanted"]))
            elif self.value is not None and found["missed"]:
                yield self._missed(found.group(), int(found["target"]))
            elif self.value is not None and found["works"]:
                works = self.value == self.target
                yield Claim(
                    works,
                    f"the try has come to {self.value}, wanted is {self.target}",
                    found.group(),
                )

    def _move(self, lead: str | None, said: str) -> Iterator[Claim]:
        left, _, right, _, result = said.split()
        if lead == "Try":
            self.left = Counter(self.numbers)
            yield self._take((int(left), int(right)), said)
        elif lead == "Then" and self.value is not None:
            yield self._go_on(int(left), int(right), said)
        self.value = int(result)

    def _take(self, numbers: tuple[int, ...], said: str) -> Claim:
        missing = Counter(numbers) - self.left
        self.left -= Counter(numbers)
        if missing:
            return Claim(False, f"{min(missing)} is not left among the numbers", said)
        return Claim(True, "these numbers are left", said)

    def _go_on(self, left: int, right: int, said: str) -> Claim:
        before = self.value
        taken = self._take((right,), said)
        if left != before:
            return Claim(False, f"the try stands at {before}, not at {left}", said, str(before))
        return taken

    def _is_not(self, said: str, value: int, wanted: int) -> Claim:
        right = value != wanted and wanted == self.target and value == self.value
        return Claim(right, f"the try has come to {self.value}, wanted is {self.target}", said)

    def _missed(self, said: str, wanted: int) -> Claim:
        right = wanted == self.target and self.value != self.target
        return Claim(right, f"the try has come to {self.value}, wanted is {self.target}", said)
