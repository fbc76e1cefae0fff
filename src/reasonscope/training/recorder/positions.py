"""Entropy by the kind of position a token stands at.

Kinds, each token having one: ``answer`` (behind the reasoning, the end token too), ``step_start``
(the first token of a step), ``result`` (the first token of the number behind an equals sign) and
``reasoning`` (all others). A token belongs where its first character that is no space stands.
"""

import re
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from reasonscope.traces.schema import Case
from reasonscope.training.recorder.completion import Completion
from reasonscope.training.recorder.means import Mean, ratio

KINDS = ("reasoning", "step_start", "result", "answer")

_RESULT = re.compile(r"=\s{0,4}(?=[-−$\\(]{0,3}\d)")


def kinds(case: Case) -> NDArray[np.int64] | None:
    """The kind of each token, as places in :data:`KINDS`; None: the tokens' places are unknown."""
    ends = case.trace.token_ends
    if ends is None:
        return None
    text, begin = case.trace.text, len(case.trace.opening)
    stop = begin + len(case.trace.reasoning)
    starts = np.array([_word_start(text, start) for start in (0, *ends[:-1])][: len(ends)])
    found = np.zeros(len(ends), dtype=np.int64)
    results = [begin + match.end() for match in _RESULT.finditer(case.trace.reasoning)]
    found[_first_from(starts, results, stop)] = KINDS.index("result")
    firsts = [_word_start(text, begin + step.char_start) for step in case.steps]
    found[_first_from(starts, firsts, stop)] = KINDS.index("step_start")
    found[starts >= stop] = KINDS.index("answer")
    return found


def _word_start(text: str, place: int) -> int:
    """The place of the next character that is no space; a token that is only space ends before."""
    while place < len(text) and text[place] == " ":
        place += 1
    return place


def _first_from(starts: NDArray[np.int64], places: Sequence[int], stop: int) -> NDArray[np.int64]:
    """The first token at or after each place, where it stands before ``stop``."""
    found = np.searchsorted(starts, np.array(places, dtype=np.int64))
    kept: NDArray[np.int64] = found[found < len(starts)]
    return kept[starts[kept] < stop]


def entropies(completions: Sequence[Completion]) -> Iterator[tuple[str, Mean]]:
    """Mean entropy in nats over all tokens (part empty) and by kind of position.

    Each token counts once; errors are by problem. A completion without tokens of a kind counts
    as missing there.
    """
    problems = [one.problem for one in completions]
    sums = np.zeros((len(completions), len(KINDS)))
    counts = np.zeros_like(sums)
    whole = np.zeros((len(completions), 2))
    for place, one in enumerate(completions):
        values = _values(one)
        if values is None:
            continue
        whole[place] = values.sum(), len(values)
        held = kinds(one.judged.case) if one.known else None
        if held is not None and len(held) == len(values):
            sums[place] = np.bincount(held, weights=values, minlength=len(KINDS))
            counts[place] = np.bincount(held, minlength=len(KINDS))
    yield "", ratio(whole[:, 0].tolist(), whole[:, 1].tolist(), problems)
    for number, kind in enumerate(KINDS):
        yield kind, ratio(sums[:, number].tolist(), counts[:, number].tolist(), problems)


def _values(one: Completion) -> NDArray[np.float64] | None:
    """The entropies of a completion; None where unknown, or not finite or not one a token."""
    if one.entropies is None:
        return None
    values = np.asarray(one.entropies, dtype=np.float64)
    whole = one.tokens is None or len(values) == one.tokens
    return values if whole and len(values) and bool(np.isfinite(values).all()) else None
