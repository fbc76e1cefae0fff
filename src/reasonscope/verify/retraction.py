"""Whether a trace takes back what it has just said.

Long traces try things and reject them; a false statement that the trace itself rejects soon after
is no error of its result. What counts: a question mark right behind the statement, words that deny
it ("wait, no", "that's not right", "mistake", "does not equal"), or a doubt followed by the
right value. Looking again alone ("wait, let me double-check") does not count.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from reasonscope.traces.schema import Step

REACH = 400
"""Characters behind a statement in which words that deny it are looked for."""
FAR = 1_500
"""Characters behind a statement in which a corrected value after a doubt is looked for."""

_DENIAL = re.compile(
    r"""
      \bwait[,.!]?\ no\b | \bno[,.!]?\ wait\b | \bhmm[,.]?\ no\b | \bscratch\ that\b | \boops\b
    | \bno,?\ (?:that|this|it)(?:'s|’s|\ is)\ (?:not|wrong|incorrect)
    | \b(?:that|this|it|which|result|answer|calculation|value)
        (?:'s|’s|\ is|\ was|\ seems|\ can(?:no|['’])t\ be|\ (?:is|was|does)n['’]t(?:\ seem)?)
        \ (?:clearly\ |obviously\ |actually\ |also\ )?
        (?:wrong\b|incorrect\b|false\b|impossible\b|a\ contradiction|a\ mistake|an\ error|off\b
          |(?:not|n't)\ (?:quite\ )?(?:right|correct|true|equal|possible))
    | \b(?:isn|wasn|can|doesn)['’]t\ (?:be\ |seem\ |quite\ )*(?:right|correct|true|equal)
    | \b(?:made|is|was|must\ be|been|my|there's)\ (?:an?\ |some\ )?(?:\w{1,12}\ )?(?:mistake|error)
    | \bmistake\ (?:here|there|in\ (?:my|the)) | \bmiscalculat | \bcorrection\b | \bmisadd
    | \bI\ (?:was\ wrong|messed\ up|miscounted|misread)
    | \b(?:is|does|are|do)\ not\ equal | \b(?:doesn|isn|don|aren)['’]t\ (?:equal|match|work|add\ up)
    | \bis\ (?:actually\ )?(?:not\ [\d(√$\\]|different) | \bbut\ not\ quite\b
    | \bnot\ equal\ to\b | \bnot\ (?:exactly\ )?the\ same\b | ≠ | \\neq?\b
    | \bis\ too\ (?:high|low|big|small|large|much|little)\b
    | (?:\bbut|\bso|[.,])\ no[,.!]
    | \bno[,.]\ (?:\$?[\d(\\]|\w+\ is\ \d)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_DOUBT = re.compile(
    r"\b(?:wait|hmm|actually|hold on|no|re-?comput|re-?calculat|re-?check|double-?check|let me|"
    r"let's|correct|instead|sorry|check|again|but)\b",
    re.IGNORECASE,
)
_QUESTION = re.compile(r"[\s)\\$*\]]{0,6}(?:(?!right|correct|yes)[A-Za-z]{1,12}[\s)]{0,2}){0,2}\?")
_NO_DENIAL = re.compile(
    r"(?:n't|\bnot|\bsure|\bany|\bif|\bavoid|\bno|\bwhether)\s(?:\w+\s){0,3}$", re.IGNORECASE
)
"""Words before a denial that turn it round: "make sure that I have not made a mistake"."""


def taken_back_at(
    reasoning: str,
    end: int,
    corrections: Sequence[tuple[int, int]] = (),
    until: int | None = None,
) -> int | None:
    """Where the text takes a statement back; None: it does not.

    Args:
        reasoning: The text.
        end: Where the statement ends in it.
        corrections: Ranges of statements that give the right value for the same thing, in
            rising order.
        until: Where the next statement begins that words of denial would rather mean.

    >>> text = "17 + 5 = 21. Wait, no, 17 + 5 = 22."
    >>> text[taken_back_at(text, 11):][:8]
    'Wait, no'
    >>> taken_back_at("17 + 5 = 21. Wait, let me double-check.", 11) is None
    True
    """
    asked = _QUESTION.match(reasoning, end)
    if asked:
        return asked.end() - 1
    found: list[int] = []
    reach = min(len(reasoning) if until is None else until, end + REACH)
    for denial in _DENIAL.finditer(reasoning, end, reach):
        turned = "mist" in denial.group().lower() or "error" in denial.group().lower()
        lead = reasoning[max(end, denial.start() - 40) : denial.start()]
        if not (turned and _NO_DENIAL.search(lead)):
            found.append(denial.start())
            break
    doubt = _DOUBT.search(reasoning, end, end + FAR)
    if doubt is not None and corrections:
        later = bisect_left(corrections, (doubt.end(), 0))
        if later < len(corrections) and corrections[later][0] <= end + FAR:
            found.append(doubt.start())
    return min(found) if found else None


def retracting_step(
    steps: Sequence[Step],
    reasoning: str,
    end: int,
    corrections: Sequence[tuple[int, int]] = (),
    until: int | None = None,
) -> int | None:
    """The index of the step that takes a statement back; None: no step does.

    Args:
        steps: The steps of the trace; they tile the reasoning.
        reasoning: The text.
        end: Where the statement ends in it.
        corrections: Ranges of statements that give the right value for the same thing, in
            rising order.
        until: Where the next statement begins that words of denial would rather mean.
    """
    place = taken_back_at(reasoning, end, corrections, until)
    if place is None or not steps:
        return None
    index = bisect_right(steps, place, key=lambda step: step.char_start) - 1
    return steps[max(index, 0)].index
