"""thought-anchors: a folder per trace, with labelled chunks that are the source's own steps."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from reasonscope.errors import SetupError
from reasonscope.traces.formats.attempt import from_text, guarded
from reasonscope.traces.formats.fields import (
    answer_kind,
    as_list,
    as_object,
    maybe_text,
    options,
    outcome,
    rest,
    scalar,
    text,
    whole,
)
from reasonscope.traces.formats.format import Format, Found, Glimpse, Row, Wrong
from reasonscope.traces.formats.pieces import Broken, pieces
from reasonscope.traces.formats.values import RECORD_LIMIT, decode
from reasonscope.traces.schema import (
    AnswerKind,
    Problem,
    Reading,
    ReasoningForm,
    Trace,
    extra_json,
    well_formed,
)

_ENDINGS = (".json", ".json.gz", ".json.zst")
_SAMPLING = re.compile(r"temperature_([0-9.]{1,8})(?:_top_p_([0-9.]{1,8}))?")
_FORMS: tuple[ReasoningForm, ...] = ("tags", "field", "channels", "plain", "unclosed")
_KINDS: tuple[AnswerKind, ...] = ("number", "expression", "choice", "text", "unknown")
_SPACE = re.compile(r"\s+")


def _recognise(glimpse: Glimpse) -> bool:
    return glimpse.kind == "folder" and any(_is_base(name) for name in glimpse.names)


def _is_base(name: str) -> bool:
    return name.rpartition("/")[2] in {f"base_solution{ending}" for ending in _ENDINGS}


def _folders(path: Path) -> Iterator[Path]:
    """The folders of traces at or below a path."""
    try:
        here = sorted(child.name for child in path.iterdir()) if path.is_dir() else []
    except OSError as error:
        raise SetupError(f"cannot look into '{path}': {error.strerror}") from None
    if any(_is_base(name) for name in here):
        yield path
        return
    for name in here:
        child = path / name
        if child.is_dir() and not child.is_symlink() and not name.startswith("chunk_"):
            yield from _folders(child)


def _member(folder: Path, stem: str, limit: int = RECORD_LIMIT) -> Any:
    """A JSON member of a trace's folder, packed or not; None if there is none."""
    file = next(
        (folder / f"{stem}{e}" for e in _ENDINGS if (folder / f"{stem}{e}").is_file()), None
    )
    if file is None:
        return None
    data = bytearray()
    try:
        for piece in pieces(file):
            data += piece
            if len(data) > limit:
                raise Wrong(f"expected '{file.name}' to hold at most {limit:,} bytes, found more")
    except (Broken, SetupError) as error:
        raise Wrong(f"expected '{file.name}' whole, but {error}") from None
    try:
        return decode(bytes(data))
    except Wrong as error:
        raise Wrong(f"'{file.name}': {error}") from None


def _origin(folder: Path) -> tuple[str, dict[str, Any]]:
    """Model and sampling, as ``<model>/[temperature_…]/(in)correct_base_solution/problem_…``."""
    parts = folder.absolute().parts
    at = next((i for i in range(len(parts) - 1, 0, -1) if parts[i].endswith("base_solution")), 0)
    above = list(reversed(parts[1:at]))
    sampling: dict[str, Any] = {}
    if above and (match := _SAMPLING.fullmatch(above[0])):
        said = zip(("temperature", "top_p"), match.groups(), strict=True)
        sampling = {name: _as_number(value) for name, value in said if value}
        above = above[1:]
    return (above[0] if above else "unknown"), sampling


def _as_number(value: str) -> float | str:
    try:
        return float(value)
    except ValueError:
        return value


def _problem(said: dict[str, Any]) -> Problem:
    answer = scalar(said.get("gt_answer"))
    stated = said.get("answer_kind")
    return Problem.make(
        text(said, "problem"),
        answer=answer,
        answer_kind=next((k for k in _KINDS if k == stated), answer_kind(answer)),
        choices=options(said.get("choices")),
        family=scalar(said.get("family")) or "math",
        extra=rest(said, "problem", "gt_answer", "answer_kind", "choices", "family"),
    )


def align(reasoning: str, chunks: Sequence[str]) -> tuple[int, ...] | None:
    r"""Ends of the chunks in the reasoning, if they tile it but for white space.

    The published chunks have their white space trimmed or collapsed, and the splitter loses the
    last sentence; so white space is not compared, white space between two chunks goes to the
    first, and text behind the last chunk becomes a step of its own.

    >>> align("One.\n\nTwo. Three.", ["One.", "Two."])
    (6, 11, 17)
    >>> align("One. Two.", ["Two."]) is None
    True
    """
    starts: list[int] = []
    at = 0
    for chunk in chunks:
        at = _after_space(reasoning, at)
        starts.append(at)
        for word in _SPACE.split(chunk.strip()):
            at = _match(reasoning, at, word)
            if at < 0:
                return None
        if at == starts[-1]:
            return None
    tail = _after_space(reasoning, at)
    if tail < len(reasoning):
        starts.append(tail)
    ends = (*starts[1:], len(reasoning))
    return ends if chunks and reasoning else None


def _after_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _match(text: str, at: int, word: str) -> int:
    """The place behind ``word``, which may be broken by white space in the text; -1 if not."""
    at = _after_space(text, at)
    if text.startswith(word, at):
        return at + len(word)
    for character in word:
        at = _after_space(text, at)
        if at >= len(text) or text[at] != character:
            return -1
        at += 1
    return at


def _parts(base: Mapping[str, Any], solution: str) -> list[str] | None:
    """Opening, reasoning, closing and answer where our own writer noted their lengths."""
    lengths = base.get("part_lengths")
    if not isinstance(lengths, list) or len(lengths) != 3:
        return None
    counts = [whole(length) for length in lengths]
    cuts, at = [], 0
    for count in counts:
        if count is None or at + count > len(solution):
            return None
        cuts.append(solution[at : at + count])
        at += count
    return [*cuts, solution[at:]]


def _attempt(problem: Problem, base: dict[str, Any], folder: Path) -> Reading:
    prompt, solution = well_formed(maybe_text(base, "prompt")), well_formed(text(base, "solution"))
    model, sampling = _origin(folder)
    shared: dict[str, Any] = {
        "model": scalar(base.get("model")) or model,
        "sample": whole(base.get("sample")) or 0,
        "stated_correct": outcome(base.get("is_correct")),
        "sampling": sampling,
    }
    parts = _parts(base, solution)
    if parts is None:
        return from_text(problem, solution, prompt, **shared)
    if not solution.strip():
        raise Wrong("expected the model's text in 'solution', found none")
    form = next((f for f in _FORMS if f == base.get("form")), "plain")
    opening, reasoning, closing, answer = parts
    shared |= {"opening": opening, "closing": closing, "answer": answer, "form": form}
    trace = Trace.make(problem, reasoning, prompt=prompt, **shared)
    return Reading(problem=problem, trace=trace)


def _base_extra(base: dict[str, Any]) -> dict[str, Any]:
    used = ("prompt", "solution", "full_cot", "is_correct", "model", "sample", "answer")
    extra = rest(base, *used, "part_lengths", "form")
    said = f"{base.get('prompt')}{base.get('solution')}"
    if isinstance(base.get("full_cot"), str) and base["full_cot"] != said:
        extra |= rest({"full_cot": base["full_cot"]})
    if scalar(base.get("answer")) is not None:
        extra["stated_answer"] = scalar(base.get("answer"))
    return extra


def _chunks(folder: Path) -> tuple[list[str], list[dict[str, Any]]]:
    """The chunks' texts, and all else that is said of each."""
    labelled = _member(folder, "chunks_labeled")
    if labelled is not None:
        held = [as_object(one, "a labelled chunk") for one in as_list(labelled, "the chunks")]
        return [text(one, "chunk") for one in held], [rest(one, "chunk") for one in held]
    plain = _member(folder, "chunks")
    listed = as_list(as_object(plain, "'chunks.json'").get("chunks"), "'chunks'") if plain else []
    return [c for c in listed if isinstance(c, str)], []


def _read_folder(folder: Path) -> Reading:
    said = _member(folder, "problem")
    base = as_object(_member(folder, "base_solution"), "'base_solution.json'")
    if said is None:
        raise Wrong("expected 'problem.json' beside 'base_solution.json', found none")
    extra = _base_extra(base)
    chunks, labels = _chunks(folder)
    first = _attempt(_problem(as_object(said, "'problem.json'")), base, folder)
    ends = (
        align(first.trace.reasoning, [well_formed(chunk) for chunk in chunks]) if chunks else None
    )
    if chunks and ends is None:
        labels = labels or [{} for _ in chunks]
        labels = [{**label, "chunk": chunk} for label, chunk in zip(labels, chunks)]
    if labels:
        extra["chunks"] = labels
    trace = replace(first.trace, extra=extra_json(extra))
    return Reading(problem=first.problem, trace=trace, step_ends=ends)


def _build(folder: Path, record: dict[str, Any], found: Found) -> list[Reading]:
    return [_read_folder(folder)]


def _read(path: Path, fields: Mapping[str, str]) -> Iterator[Row]:
    for number, folder in enumerate(_folders(path), 1):
        place = str(folder.relative_to(path)) if folder != path else ""
        found = Found(number, "record", {}, place)
        yield from guarded(path, found, partial(_build, folder))


THOUGHT_ANCHORS = Format(
    name="thought-anchors",
    summary="thought-anchors: a folder per trace with problem, base_solution and labelled chunks",
    recognise=_recognise,
    read=_read,
    example="reasonscope import thought-anchors/deepseek-r1-distill-qwen-14b --out study",
    folders=_folders,
)
"""Decisions: the chunks are the steps where they tile the reasoning but for white space, else
the text is segmented here; tags, depends_on and importances are in the trace's extra under
``chunks``, one entry a chunk. Rollouts, resampled chunks and sentence-to-sentence matrices are
no traces and are left where they are."""
