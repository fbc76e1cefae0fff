"""Problems from files (GSM8K-like and multiple-choice JSONL), and one name for every source."""

import gzip
import heapq
import json
import re
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from reasonscope.errors import SetupError
from reasonscope.problems.gym import PREFIX, gym_names, gym_problems
from reasonscope.problems.procedural import FAMILIES, generate
from reasonscope.provenance import seed_for
from reasonscope.traces.schema import AnswerKind, ErrorRow, Problem, well_formed

MAX_LINE = 10_000_000
"""Longest line of a file, in characters; a longer one is an error row."""

_MARK = re.compile(r"<<[^<>]{0,200}>>")
_QUESTION_FIELDS = ("question", "problem", "prompt", "input")
_CHOICE_FIELDS = ("choices", "options")
_ANSWER_FIELDS = ("answer", "target", "answerKey", "solution", "label")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def load_problems(spec: str, n: int | None, seed: int) -> Iterator[Problem | ErrorRow]:
    """Problems by the name of a family, ``gym:`` and a data set, or the path of a JSONL file.

    A family's name may carry its difficulty, such as ``chain:hops=2,distractors=0``.
    Of a file with more than ``n`` problems, ``n`` are drawn by seed and come in the file's
    order; lines that cannot be read come as error rows, none of them lost.

    Raises :class:`SetupError`, which lists the sources there are, where there is no such one.
    """
    family, _, settings = spec.partition(":")
    if family in FAMILIES:
        return iter(generate(family, n, seed, **_difficulty(settings)))
    if spec.startswith(PREFIX):
        return iter(gym_problems(spec.removeprefix(PREFIX), n, seed))
    path = Path(spec)
    if path.is_file():
        rows = read_problems(path)
        return rows if n is None else _drawn(rows, n, seed)
    raise SetupError(
        f"no problems '{spec}': it is neither a family, nor a data set, nor a file",
        [f"{family.name}: {family.summary}" for family in FAMILIES.values()]
        + [f"{PREFIX}NAME: one of {', '.join(gym_names())}", "a path of a JSONL file, .gz or not"],
    )


def _difficulty(settings: str) -> dict[str, int]:
    """``hops=2,distractors=0`` as a mapping.

    >>> _difficulty("hops=2,distractors=0"), _difficulty("")
    ({'hops': 2, 'distractors': 0}, {})
    """
    pairs = [part.partition("=") for part in settings.split(",") if part]
    wrong = [name for name, _, value in pairs if not value.isascii() or not value.isdigit()]
    if wrong:
        raise SetupError(
            "difficulty is written as NAME=WHOLE NUMBER, such as chain:hops=2",
            [f"'{name}' has no whole number" for name in wrong],
        )
    return {name: int(value[:9]) for name, _, value in pairs}


def _drawn(rows: Iterator[Problem | ErrorRow], n: int, seed: int) -> Iterator[Problem | ErrorRow]:
    """All error rows, then ``n`` problems drawn by hash; memory grows with ``n`` alone."""
    kept: list[tuple[int, int, Problem]] = []
    for place, row in enumerate(rows):
        if isinstance(row, ErrorRow):
            yield row
            continue
        entry = (-seed_for("draw", seed, row.problem_id, place), -place, row)
        if len(kept) < n:
            heapq.heappush(kept, entry)
        elif n > 0:
            heapq.heappushpop(kept, entry)
    for _, _, problem in sorted(kept, key=lambda entry: -entry[1]):
        yield problem


def read_problems(path: Path) -> Iterator[Problem | ErrorRow]:
    """The problems of a JSONL file, line by line; what cannot be read is an error row."""
    family = path.name.partition(".")[0] or "file"
    place = 0
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as lines:
            while line := lines.readline(MAX_LINE):
                place += 1
                if line.strip():
                    yield _row(line, str(path), place, family)
    except (OSError, EOFError, zlib.error) as error:
        yield ErrorRow(
            source=str(path),
            place=f"after line {place}",
            error=f"the file cannot be read on: {error}",
        )


def _row(line: bytes, source: str, place: int, family: str) -> Problem | ErrorRow:
    try:
        record = json.loads(line)
        if not isinstance(record, dict):
            raise ValueError(f"expected a JSON object, found {type(record).__name__}")
        return problem_of(record, family)
    except (ValueError, RecursionError) as error:
        return ErrorRow(
            source=source,
            place=f"line {place}",
            error=str(error),
            excerpt=well_formed(line[:200].decode("utf-8", "replace")),
        )


def problem_of(record: dict[str, Any], family: str) -> Problem:
    r"""One record as a problem: GSM8K-like, multiple-choice, or a question with an answer.

    >>> p = problem_of({"question": "?", "answer": "2+2=<<2+2=4>>4 eggs\n#### 4"}, "gsm8k")
    >>> p.answer, p.answer_kind, p.steps
    ('4', 'number', ('2+2=4 eggs',))

    Raises :class:`ValueError`, which says which field is missing or of the wrong type.
    """
    question = _field(record, _QUESTION_FIELDS)
    if not isinstance(question, str) or not question.strip():
        raise ValueError(f"expected text in one of the fields {', '.join(_QUESTION_FIELDS)}")
    known = {*_QUESTION_FIELDS, *_CHOICE_FIELDS, *_ANSWER_FIELDS}
    extra = {name: value for name, value in record.items() if name not in known}
    choices = _choices(_field(record, _CHOICE_FIELDS))
    answer = _field(record, _ANSWER_FIELDS)
    if choices:
        index = _index(answer, choices)
        return Problem.make(
            question,
            answer=None if index is None else f"({_LETTERS[index]})",
            answer_kind="choice",
            choices=choices,
            family=family,
            extra=extra,
        )
    if answer is not None and not isinstance(answer, str | int | float):
        raise ValueError(f"expected the answer as text or number, found {type(answer).__name__}")
    worked, mark, final = ("" if answer is None else str(answer)).rpartition("####")
    steps = [_MARK.sub("", step).strip() for step in worked.splitlines() if step.strip()]
    kind: AnswerKind = "number" if mark else "unknown"
    return Problem.make(
        question,
        answer=final.strip() or None,
        answer_kind=kind,
        family=family,
        steps=steps,
        extra=extra,
    )


def _field(record: dict[str, Any], names: tuple[str, ...]) -> Any:
    return next((record[name] for name in names if record.get(name) is not None), None)


def _choices(value: Any) -> list[str]:
    """The texts of the options: a list of texts, of {"text": ...}, or {"text": [...]}, or A: ..."""
    if value is None:
        return []
    if isinstance(value, dict):
        value = value["text"] if isinstance(value.get("text"), list) else list(value.values())
    if not isinstance(value, list) or len(value) > len(_LETTERS):
        raise ValueError(f"expected a list of at most {len(_LETTERS)} options")
    texts = [option.get("text") if isinstance(option, dict) else option for option in value]
    if not all(isinstance(text, str | int | float) for text in texts):
        raise ValueError("expected each option as text")
    return [str(text) for text in texts]


def _index(answer: Any, choices: list[str]) -> int | None:
    """The option that the answer names by index, letter or text; None: no reference."""
    if answer is None:
        return None
    if isinstance(answer, int) and not isinstance(answer, bool):
        if str(answer) in choices:
            return choices.index(str(answer))
        if 0 <= answer < len(choices):
            return answer
    text = str(answer).strip()
    if text in choices:
        return choices.index(text)
    letter = text.strip("(). ").upper()
    place = _LETTERS.find(letter) if len(letter) == 1 else -1
    if 0 <= place < len(choices):
        return place
    raise ValueError(f"the answer {text[:80]!r} is none of the {len(choices)} options")


def first(spec: str, n: int, seed: int = 0) -> list[Problem]:
    """The first ``n`` readable problems of a source, for notebooks and tests."""
    rows = load_problems(spec, n, seed)
    return list(islice((row for row in rows if isinstance(row, Problem)), n))
