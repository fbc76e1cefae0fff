"""Replays relays: whether a pass was told, an amount is right, an equation takes what was there.

Equations are judged as arithmetic elsewhere; here, whether they are about the right amounts.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from reasonscope.problems.procedural.relay import CHANGES, Pass
from reasonscope.traces.schema import Case, Problem, Verdict
from reasonscope.verify.simulators.claims import MAX_STEPS, MAX_TEXT, Claim, as_verdict

VERIFIER = "simulators.relays"

_NAME = r"[A-Z][a-z]{1,20}"
_PASS = re.compile(rf"\b({_NAME}) (plus|minus|times) (\d{{1,2}}) makes ({_NAME})\b")
_HAS = re.compile(rf"\b({_NAME}) has (\d{{1,4}})\b")
_ASKED = re.compile(rf"How many has ({_NAME})\?\s*$")
_SAID = re.compile(
    rf"(?P<pass>{_PASS.pattern})|(?P<has>{_HAS.pattern})"
    r"|(?P<check>\bCheck:[^.]{0,40}\.)"
    r"|(?P<equation>\b(\d{1,4}) ([+*/-]) (\d{1,4}) = (\d{1,4})\b)"
)


@dataclass(frozen=True, slots=True)
class Relay:
    """A question about passed amounts, understood."""

    passes: frozenset[Pass]
    amounts: dict[str, int]
    """The right amount of every name that one can be found for."""


def relay_of(problem: Problem) -> Relay | None:
    """The passes of a question and the amounts that follow; None: it is not of that kind."""
    question = problem.question
    if len(question) > MAX_TEXT or not _ASKED.search(question):
        return None
    found = [Pass(a, word, int(k), b) for a, word, k, b in _PASS.findall(question)]
    passes = [one for one in found if (one.word, one.number) in CHANGES]
    amounts = {name: int(value) for name, value in _HAS.findall(question)}
    if not passes or not amounts:
        return None
    for _ in passes:
        amounts |= {p.taker: p.result(amounts[p.giver]) for p in passes if p.giver in amounts}
    return Relay(frozenset(passes), amounts)


def applies(problem: Problem) -> bool:
    """Whether the question passes amounts on, as the family ``relay`` asks."""
    return relay_of(problem) is not None


def check(case: Case) -> list[Verdict]:
    """Verdicts on passes, amounts and the operands of equations, step by step."""
    relay = relay_of(case.problem)
    if relay is None:
        return []
    last: list[Pass] = []
    return [
        as_verdict(case, step, VERIFIER, claim)
        for step in case.steps[:MAX_STEPS]
        for claim in _claims(relay, step.text[:MAX_TEXT], last)
    ]


def _claims(relay: Relay, text: str, last: list[Pass]) -> Iterator[Claim]:
    """What the sentences of a step claim; ``last`` holds the pass that is being worked out."""
    for found in _SAID.finditer(text):
        said = found.group()
        if found["pass"]:
            giver, word, number, taker = _PASS.fullmatch(said).groups()  # type: ignore[union-attr]
            one = Pass(giver, word, int(number), taker)
            last[:] = [one]
            told = one in relay.passes
            yield Claim(
                told, "the question says so" if told else "the question does not say so", said
            )
        elif found["has"]:
            yield from _amount(relay, said)
        elif found["equation"] and last:
            yield from _operands(relay, last.pop(), said)


def _amount(relay: Relay, said: str) -> Iterator[Claim]:
    name, value = _HAS.fullmatch(said).groups()  # type: ignore[union-attr]
    if name in relay.amounts:
        right = relay.amounts[name]
        yield Claim(int(value) == right, f"{name} has {right}", said, str(right))


def _operands(relay: Relay, one: Pass, said: str) -> Iterator[Claim]:
    if one.giver in relay.amounts and (one.word, one.number) in CHANGES:
        left, sign, right, *_ = said.split()
        wanted = f"{relay.amounts[one.giver]} {CHANGES[one.word, one.number][0]} {one.number}"
        reason = f"{one.giver} has {relay.amounts[one.giver]}, so {wanted} is to be worked out"
        yield Claim(f"{left} {sign} {right}" == wanted, reason, said, wanted)
