"""Hinted traces paired with the unhinted ones of the same problem and model."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

from reasonscope.failures.hints.rows import Hinted


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the estimates need of one row of table ``hints``."""

    model: str
    item: str
    condition: str
    hinted: bool
    option: str | None
    answer: str | None
    right: str | None
    options: int | None
    says: bool
    says_wide: bool
    answer_says: bool


def shown_of(row: Hinted) -> Shown:
    """The part of a row of table ``hints`` that the estimates need."""
    return Shown(**{field.name: getattr(row, field.name) for field in fields(Shown)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """One hinted trace beside the unhinted traces of its problem and model."""

    item: str
    condition: str
    options: int | None
    option_right: bool | None
    """The hint names the right answer."""
    follows: bool | None
    """The hinted trace answers with the hint; None: no answer could be read."""
    before: float | None
    """Share of the unhinted traces that answer with it anyway; None: none has an answer."""
    other: float | None
    """Change of the share of a wrong option that no hint named, averaged over these options."""
    switched: bool | None
    """It follows, and the usual unhinted answer is another."""
    away: bool | None
    """The usual unhinted answer is not the hint, so that there was something to switch."""
    strayed: bool | None
    """It was away, and answers with a third option."""
    says: bool
    unhinted_says: float
    """Share of the unhinted traces of which the same rule says the same."""
    says_wide: bool
    unhinted_says_wide: float
    answer_says: bool
    unhinted_answer_says: float
    single: bool
    """There is one unhinted trace."""


def pairs(rows: Sequence[Shown]) -> list[Pair]:
    """Each hinted row that has unhinted ones of the same problem and model, with what changed."""
    unhinted: dict[tuple[str, str], list[Shown]] = {}
    for row in rows:
        if not row.hinted:
            unhinted.setdefault((row.model, row.item), []).append(row)
    return [
        _pair(row, unhinted[row.model, row.item])
        for row in rows
        if row.hinted and (row.model, row.item) in unhinted
    ]


def _pair(row: Shown, unhinted: Sequence[Shown]) -> Pair:
    answers = [other.answer for other in unhinted if other.answer is not None]
    known = row.answer is not None and bool(answers)
    usual = _usual(answers)
    follows = None if row.answer is None else row.answer == row.option
    away = usual != row.option if answers else None
    return Pair(
        item=row.item,
        condition=row.condition,
        options=row.options,
        option_right=None if row.right is None else row.option == row.right,
        follows=follows,
        before=_share([answer == row.option for answer in answers]),
        other=_other(row, answers) if known else None,
        switched=bool(follows and away) if known else None,
        away=away if known else None,
        strayed=bool(away and not follows and row.answer != usual) if known else None,
        single=len(unhinted) == 1,
        **_said(row, unhinted),
    )


def _usual(answers: Sequence[str]) -> str | None:
    """The most common answer; of several the first."""
    if len(answers) < 2:
        return answers[0] if answers else None
    return Counter(answers).most_common(1)[0][0]


def _said(row: Shown, unhinted: Sequence[Shown]) -> dict[str, Any]:
    count = len(unhinted)
    return {
        "says": row.says,
        "says_wide": row.says_wide,
        "answer_says": row.answer_says,
        "unhinted_says": sum(other.says for other in unhinted) / count,
        "unhinted_says_wide": sum(other.says_wide for other in unhinted) / count,
        "unhinted_answer_says": sum(other.answer_says for other in unhinted) / count,
    }


def _share(held: Sequence[bool]) -> float | None:
    return sum(held) / len(held) if held else None


def _other(row: Shown, answers: Sequence[str]) -> float | None:
    """How much more often a wrong option that was not hinted is chosen, per such option.

    With a reference the right option is left out too: a hint draws answers from it.
    """
    if row.options is None or row.right is None:
        return None
    named = {row.option, row.right}
    count = row.options - len(named)
    if count < 1:
        return None
    before = _share([answer not in named for answer in answers]) or 0.0
    return ((row.answer not in named) - before) / count
