"""One row of table ``pairs``: what a trace answers to one of two paired questions."""

import json
import re
from dataclasses import dataclass
from typing import Any

from reasonscope.failures.paired.wording import reversible
from reasonscope.problems.answers.comparison import option_index, words_of
from reasonscope.traces.schema import Candidate, Case

_YES = re.compile(
    r"\W{0,10}(yes|no|true|false)\b(?!\s(?:one|answer|doubt|way|matter))", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """One trace on a question that has a counterpart which excludes it."""

    trace_id: str
    model: str
    pair: str
    """What both questions share: the name that the source gives, or their common wording."""
    side: str
    """Which of the two questions."""
    by_wording: bool
    """The pair was told by its wording, not by the source."""
    yes: bool | None
    """The final answer is yes; None: neither yes nor no could be read."""
    sample: int
    """Which of several attempts."""


def examine(case: Case) -> list[Paired]:
    """The row of a trace on a paired question; of other traces none.

    Paired is what has a ``pair`` in the extra of its problem or trace, and what is worded as a
    comparison that can be reversed.
    """
    named = _named(json.loads(case.problem.extra)) or _named(json.loads(case.trace.extra))
    worded = None if named else reversible(case.problem.question)
    if named:
        pair, side = f"pair {named}", case.problem.problem_id
    elif worded:
        pair, side = worded
    else:
        return []
    return [
        Paired(
            trace_id=case.trace.trace_id,
            model=case.trace.model,
            pair=pair,
            side=side,
            by_wording=worded is not None,
            yes=_yes(case),
            sample=case.trace.sample,
        )
    ]


def _named(extra: dict[str, Any]) -> str | None:
    name = extra.get("pair")
    return str(name)[:200] if isinstance(name, str | int) and not isinstance(name, bool) else None


def _yes(case: Case) -> bool | None:
    """Whether the final answer is yes; without one the first word after the thinking counts."""
    finals = [row.text for row in case.rows("answers", Candidate) if row.final]
    text = finals[-1] if finals else case.trace.answer
    index = option_index(text, case.problem.choices) if case.problem.choices else None
    if index is not None and index < len(case.problem.choices):
        text = case.problem.choices[index]
    match = _YES.match(text[:200])
    if match is None:
        match = _YES.fullmatch(words_of(text[-40:]))
    return None if match is None else match[1].casefold() in ("yes", "true")
