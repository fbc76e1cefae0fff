"""Findings of the flips instrument, each with its control."""

from collections.abc import Callable, Sequence
from functools import partial

from reasonscope.findings import Finding, percent
from reasonscope.stats import Estimate
from reasonscope.structure.flips import reading, shares
from reasonscope.structure.flips.controls import by_chance, shuffled
from reasonscope.structure.flips.shares import Line
from reasonscope.traces.store import Study

SHUFFLED = "the same candidates, the final answer among them, in shuffled order"
NO_PAIR = "no trace has both a first candidate and a final answer that could be compared"

_finding = partial(Finding.of, "flips")


def conclude(study: Study) -> list[Finding]:
    """Tokens after the right answer, what reflection changed, and what stopping would have."""
    held = shares.lines(study)
    mixed = shuffled(held)
    return [
        _after_right(study, held),
        _gain(held, mixed),
        *_after_first(held),
        _confirmatory(held, mixed),
        *_moved(held, mixed),
        *_corrected(held),
        *_early("first", "the first candidate answer", held, mixed, lambda _: 0),
        *_early("repeat", "the first answer said twice", held, mixed, lambda line: line.repeated),
    ]


def _after_right(study: Study, held: Sequence[Line]) -> Finding:
    return _finding(
        "tokens_after_right_share",
        shares.after_right(held),
        "{} of the tokens of reasoning come after the first right answer "
        "(traces that come to the right answer)",
        missing="no trace states an answer that is right by its reference",
        control=by_chance(study),
        control_meaning="the same traces searched for the right answer of another problem; "
        "a trace without a match has no tokens after it",
    )


def _gain(held: Sequence[Line], mixed: Sequence[Line]) -> Finding:
    estimate = shares.gain(held)
    first, final = (
        percent(None if wrong.value is None else 1 - wrong.value)
        for wrong in (shares.first_wrong(held), shares.final_wrong(held))
    )
    return _finding(
        "reflection_gain_points",
        estimate,
        f"{verdict(estimate)}: {{}} from the first answers of a trace ({first} right) to the last "
        f"({final})",
        missing=NO_PAIR,
        unit="points",
        control=shares.gain(mixed),
        control_meaning=SHUFFLED,
        better="higher",
    )


def verdict(gain: Estimate) -> str:
    """Whether reflection helped, in three words or five.

    >>> verdict(Estimate(value=0.01, low=-0.01, high=0.03))
    'Reflection made no measurable difference'
    """
    if gain.low is not None and gain.low > 0:
        return "Reflection helped"
    if gain.high is not None and gain.high < 0:
        return "Reflection did harm"
    return "Reflection made no measurable difference"


def _after_first(held: Sequence[Line]) -> list[Finding]:
    return [
        _finding(
            "candidate_share",
            shares.share(held, lambda line: int(bool(line.outcomes)), lambda _: 1),
            "{} of the traces come to an answer within their reasoning",
            missing="there are no traces",
        ),
        _finding(
            "tokens_after_stated_right_share",
            shares.after_stated(held),
            "{} of the tokens come after the right answer is first called the answer, in those "
            "same traces: the least that the share after the first right answer can be",
            missing="no trace states an answer that is right by its reference",
        ),
        _finding(
            "tokens_after_first_share",
            shares.after_first(held),
            "{} of the tokens come after the first candidate answer, right or wrong",
            missing="no trace comes to an answer within its reasoning",
        ),
    ]


def _confirmatory(held: Sequence[Line], mixed: Sequence[Line]) -> Finding:
    return _finding(
        "confirmatory_share",
        shares.confirmatory(held),
        "{} of the times that an answer is followed by another, it is the same one again",
        missing="no trace comes to an answer twice",
        control=shares.confirmatory(mixed),
        control_meaning=SHUFFLED,
    )


def _moved(held: Sequence[Line], mixed: Sequence[Line]) -> list[Finding]:
    rows: list[tuple[str, Callable[[Sequence[Line]], Estimate], str, str, str]] = [
        (
            "rescued_share",
            shares.rescued,
            "{} of the traces whose first answer is wrong end with a right one",
            "no first answer is known to be wrong",
            "higher",
        ),
        (
            "spoiled_share",
            shares.spoiled,
            "{} of the traces whose first answer is right end with a wrong one",
            "no first answer is known to be right",
            "lower",
        ),
    ]
    return [
        _finding(
            name,
            measure(held),
            says,
            missing=missing,
            control=measure(mixed),
            control_meaning=SHUFFLED,
            better=better,
        )
        for name, measure, says, missing, better in rows
    ]


def _corrected(held: Sequence[Line]) -> list[Finding]:
    """What misreading the first candidate can do to the numbers, by the rates of ``reading``."""
    apparent = shares.first_wrong(held)
    wrong = reading.corrected(apparent)
    return [
        _finding(
            "first_wrong_share",
            apparent,
            "{} of the first candidate answers are wrong, as read",
            missing=NO_PAIR,
            better="lower",
        ),
        _finding(
            "first_wrong_corrected_share",
            wrong,
            "{} of the first answers are wrong, corrected for how often a first candidate was "
            "misread in a reading by hand",
            missing=NO_PAIR,
            better="lower",
        ),
        _finding(
            "reflection_gain_corrected_points",
            reading.corrected_gain(shares.final_wrong(held), wrong),
            "Corrected for misread first candidates, reflection changed accuracy by {}",
            missing=NO_PAIR,
            unit="points",
            better="higher",
        ),
    ]


def _early(
    name: str,
    where: str,
    held: Sequence[Line],
    mixed: Sequence[Line],
    place: Callable[[Line], int | None],
) -> list[Finding]:
    return [
        _finding(
            f"stop_at_{name}_saved_share",
            shares.stopping_saves(held, place),
            f"Stopping at {where} would have saved {{}} of all tokens",
            missing="no trace comes to an answer within its reasoning",
        ),
        _finding(
            f"stop_at_{name}_points",
            shares.stopping_cost(held, place),
            f"Stopping at {where} would have changed accuracy by {{}}",
            missing=NO_PAIR,
            unit="points",
            control=shares.stopping_cost(mixed, place),
            control_meaning=SHUFFLED,
            better="higher",
        ),
    ]
