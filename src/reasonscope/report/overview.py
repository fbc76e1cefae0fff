"""What a study holds, in plain sentences: the first lines of its report."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from reasonscope.report.facts import Facts
from reasonscope.traces.schema import ErrorRow
from reasonscope.traces.store import Study

MODELS_NAMED = 3
"""More models than this are counted, not named."""

ERRORS_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The head of the page."""

    name: str
    holds: str
    """One sentence: how many traces, problems, models, and how long."""
    unassessed: str
    """One sentence on what could not be read or assessed."""
    created: str
    commands: tuple[str, ...]
    errors: tuple[ErrorRow, ...]
    """The first few error rows."""
    error_count: int


def overview(study: Study, facts: Sequence[Facts]) -> Overview:
    """What the study holds and what is missing from it."""
    header = study.header
    commands = header.get("commands")
    rows = study.rows("select source, place, error, excerpt from errors order by all limit ?",
                      [ERRORS_SHOWN])  # fmt: skip
    error_count = study.count("errors")
    return Overview(
        name=study.name,
        holds=_holds(study, facts),
        unassessed=_unassessed(facts, error_count),
        created=_day(str(header.get("created", ""))),
        commands=tuple(str(c) for c in commands) if isinstance(commands, list) else (),
        errors=tuple(ErrorRow(source=s, place=p, error=e, excerpt=x) for s, p, e, x in rows),
        error_count=error_count,
    )


def counted(count: int, word: str) -> str:
    """A number with its noun in the right form.

    >>> counted(1, "trace"), counted(1930, "trace"), counted(2, "is right/are right")
    ('1 trace', '1,930 traces', '2 are right')
    """
    one, _, many = word.partition("/")
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def _holds(study: Study, facts: Sequence[Facts]) -> str:
    if not facts:
        return f"No traces yet, {counted(study.count('problems'), 'problem')}."
    models = sorted({fact.model for fact in facts})
    named = ", ".join(models) if len(models) <= MODELS_NAMED else counted(len(models), "model")
    problems = len({fact.problem_id for fact in facts})
    characters = statistics.median(fact.chars for fact in facts)
    steps = statistics.median(fact.steps for fact in facts)
    tokens = [fact.tokens for fact in facts if fact.tokens is not None]
    length = f"{characters:,.0f} characters"
    if len(tokens) == len(facts):
        length += f" ({statistics.median(tokens):,.0f} tokens of output)"
    return (
        f"{counted(len(facts), 'trace')} of {named} on {counted(problems, 'problem')}. "
        f"The median reasoning has {length} in {counted(round(steps), 'step')}."
    )


def _unassessed(facts: Sequence[Facts], errors: int) -> str:
    unknown = sum(fact.correct is None for fact in facts)
    unchecked = sum(fact.checked == 0 for fact in facts)
    parts = ["Every row could be read and measured"]
    if errors:
        parts = [f"{counted(errors, 'row')} could not be read or measured"]
    if facts:
        parts.append(f"the outcome of {counted(unknown, 'trace')} is unknown")
        parts.append(f"{counted(unchecked, 'trace has/traces have')} no step that could be judged")
    return "; ".join(parts) + "."


def _day(stamp: str) -> str:
    """An ISO time stamp as a date; what is not one is shown as it is.

    >>> _day("2026-11-22T01:00:00+00:00"), _day("lately")
    ('22 November 2026', 'lately')
    """
    try:
        moment = datetime.fromisoformat(stamp)
    except ValueError:
        return stamp
    return f"{moment.day} {moment:%B %Y}"
