"""Findings of the overthinking instrument, each with its control."""

from collections.abc import Sequence
from functools import partial

from reasonscope.failures.overthinking import controls, shares
from reasonscope.failures.overthinking.shares import Line
from reasonscope.findings import Finding
from reasonscope.traces.store import Study

OTHER = "the same traces with the right answer of another problem in place of their own"

_finding = partial(Finding.of, "overthinking")


def conclude(study: Study) -> list[Finding]:
    """Efficiency, underthinking and repetition."""
    held = shares.lines(study)
    return [
        _outcome(held),
        *_process(study, held),
        *_underthinking(study, held),
        *_repetition(study, held),
        _loops(held),
        _assessed(held),
    ]


def _outcome(held: Sequence[Line]) -> Finding:
    return _finding(
        "outcome_efficiency_share",
        shares.outcome_efficiency(held),
        "A trace spends on average {} of its tokens up to its first right answer; one that never "
        "comes to it counts as 0",
        missing="no trace has an answer that could be told right, or that all are wrong",
        control=shares.uniform(held),
        control_meaning="the first right answer of the same traces at a place drawn uniformly",
        better="higher",
    )


def _process(study: Study, held: Sequence[Line]) -> list[Finding]:
    return [
        _finding(
            "process_efficiency_share",
            shares.process_efficiency(held),
            "A trace spends on average {} of its tokens in solutions that go a way of their own",
            missing="no trace comes to an answer within its reasoning",
            control=controls.exchanged(study),
            control_meaning="the same traces with each solution after the first taken from "
            "another problem: nothing is repeated there",
            better="higher",
        ),
        _finding(
            "repeated_solution_share",
            shares.ratio(held, lambda one: one.solutions - one.distinct, lambda one: one.solutions),
            "{} of the solutions go a way that an earlier one of the same trace went",
            missing="no trace comes to an answer within its reasoning",
            better="lower",
        ),
    ]


def _underthinking(study: Study, held: Sequence[Line]) -> list[Finding]:
    wrong = shares.wrong(held)
    chance = controls.other_answer(study)
    return [
        _finding(
            "underthinking_share",
            shares.underthinking(held),
            "A trace with a wrong answer spends on average {} of its tokens after its first "
            "thought in which the right answer came out; without such a thought it counts as 0",
            missing="no final answer is known to be wrong",
            control=None if chance is None else chance.score,
            control_meaning=OTHER,
            better="lower",
        ),
        _finding(
            "wrong_with_right_thought_share",
            shares.share(wrong, lambda one: one.right_tokens is not None),
            "In {} of the traces with a wrong answer the right one came out somewhere",
            missing="no final answer is known to be wrong",
            control=None if chance is None else chance.holds,
            control_meaning=OTHER,
        ),
    ]


def _repetition(study: Study, held: Sequence[Line]) -> list[Finding]:
    return [
        _finding(
            "repetition_share",
            shares.repetition(held),
            "{} of the words stand in a run of eight that stood before in the same trace",
            missing="there is no reasoning",
            control=controls.shuffled_words(study),
            control_meaning="the same words in a drawn order",
            better="lower",
        ),
        _finding(
            "repetition_gap_points",
            shares.repetition_gap(held),
            "Traces with a wrong answer repeat themselves more than those with a right one by {}",
            missing="there are not traces of both outcomes",
            unit="points",
            control=shares.length_matched_gap(held),
            control_meaning="outcomes shuffled among traces of about the same length: what length "
            "alone does",
        ),
    ]


def _loops(held: Sequence[Line]) -> Finding:
    return _finding(
        "loop_share",
        shares.share([one for one in held if one.words], lambda one: one.loop_words > 0),
        "{} of the traces end in a loop: the same words again and again",
        missing="there is no reasoning",
        better="lower",
    )


def _assessed(held: Sequence[Line]) -> Finding:
    return _finding(
        "assessed_share",
        shares.share(held, lambda one: one.outcome_efficiency is not None),
        "Of {} of the traces it is known whether and where they come to a right answer",
        missing="there are no traces",
    )
