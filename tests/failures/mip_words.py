"""Mean words of the missing-premise set, from its own files: numbers that were published."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reasonscope.traces.formats.mip import response_key
from reasonscope.traces.formats.values import records
from reasonscope.traces.schema import ErrorRow

_QUESTIONS = ("question", "insufficient_question", "eval_result")


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanWords:
    """Mean words of one file's records, split at white space."""

    records: int
    response: float | None
    """Words of the responses; None: no records."""
    record: float | None
    """Words of the responses with the worked solution, subject, level and id that some files
    carry beside them, but without the questions."""


def mean_words(held: Iterable[Mapping[str, Any]]) -> MeanWords:
    """Mean words of records of the missing-premise set.

    >>> mean_words([{"model_answer": "one two three", "answer": "3", "question": "How many?"}])
    MeanWords(records=1, response=3.0, record=4.0)
    """
    responses, wholes = [], []
    for one in held:
        key = response_key(one)
        if key is None:
            continue
        responses.append(len(str(one[key]).split()))
        rest = (str(said) for name, said in one.items() if name not in (key, *_QUESTIONS))
        wholes.append(responses[-1] + sum(len(said.split()) for said in rest))
    n = len(responses)
    return MeanWords(
        records=n,
        response=sum(responses) / n if n else None,
        record=sum(wholes) / n if n else None,
    )


def mean_words_of_file(path: str | Path) -> MeanWords:
    """Mean words of one ``response.json`` (or ``.json.gz``) of the missing-premise set."""
    found = (one.value for one in records(Path(path)) if not isinstance(one, ErrorRow))
    return mean_words(one for one in found if isinstance(one, Mapping))
