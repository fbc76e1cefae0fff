"""The one table of formats, and reading and recognising by it."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from reasonscope.errors import SetupError
from reasonscope.traces.formats.bigbench_mistake import BIGBENCH_MISTAKE
from reasonscope.traces.formats.chat import CHAT
from reasonscope.traces.formats.distill_cots import DISTILL_COTS
from reasonscope.traces.formats.format import Format, Glimpse, Row, error_row
from reasonscope.traces.formats.glimpse import data_files, described, glimpse
from reasonscope.traces.formats.hints import HINTS
from reasonscope.traces.formats.inspect_log import INSPECT
from reasonscope.traces.formats.lm_eval import LM_EVAL
from reasonscope.traces.formats.mip import MIP
from reasonscope.traces.formats.plain_jsonl import JSONL
from reasonscope.traces.formats.processbench import PROCESSBENCH
from reasonscope.traces.formats.thought_anchors import THOUGHT_ANCHORS
from reasonscope.traces.formats.trl import TRL
from reasonscope.traces.formats.verl import VERL

FORMATS: dict[str, Format] = {
    known.name: known
    for known in (
        THOUGHT_ANCHORS,
        INSPECT,
        TRL,
        HINTS,
        DISTILL_COTS,
        BIGBENCH_MISTAKE,
        PROCESSBENCH,
        MIP,
        VERL,
        LM_EVAL,
        CHAT,
        JSONL,
    )
}
"""All formats that are read, the most particular first: the first that recognises a path wins."""
_SUFFIXES = tuple(sorted({suffix for known in FORMATS.values() for suffix in known.suffixes}))


def read(
    path: str | Path, format: str = "auto", fields: Mapping[str, str] | None = None
) -> Iterator[Row]:
    """Readings of a file or folder, and an error row for each thing that cannot be read.

    Memory does not grow with the file. A folder is read file by file; names tell the order.
    Where nothing at all can be read from the path it raises SetupError.

    Args:
        path: a file, packed or not, or a folder.
        format: a name in :data:`FORMATS`, or ``auto`` to recognise each file.
        fields: for plain JSON lines, which name holds what, such as ``{"reasoning": "cot"}``.
    """
    chosen, place = _chosen(format, fields), Path(path)
    reader = _read_folder if place.is_dir() else _read_file
    yield from reader(place, chosen, fields or {})


def _chosen(format: str, fields: Mapping[str, str] | None) -> Format | None:
    if format == "auto":
        return FORMATS["jsonl"] if fields else None
    if format not in FORMATS:
        raise SetupError(f"no format '{format}'. There are: auto, {', '.join(FORMATS)}")
    if fields and format != "jsonl":
        raise SetupError(f"a field mapping is for the format 'jsonl', not for '{format}'")
    return FORMATS[format]


def _read_file(path: Path, chosen: Format | None, fields: Mapping[str, str]) -> Iterator[Row]:
    seen = glimpse(path)
    known = chosen or _recognised(seen)
    if known.folders is not None or (seen.kind != "json" and not known.recognise(seen)):
        raise SetupError(f"'{path}' is not in the format '{known.name}': {described(seen)}")
    yield from known.read(path, fields)


def _read_folder(path: Path, chosen: Format | None, fields: Mapping[str, str]) -> Iterator[Row]:
    seen = glimpse(path)
    units: set[Path] = set()
    for known in [chosen] if chosen else FORMATS.values():
        if known.folders is not None and known.recognise(seen):
            units.update(known.folders(path))
            yield from known.read(path, fields)
    files = data_files(path, chosen.suffixes if chosen else _SUFFIXES)
    if chosen is not None and chosen.folders is not None:
        files = iter(())
    file = None
    for file in files:
        if not units.isdisjoint(file.parents):
            continue
        try:
            yield from _read_file(file, chosen, fields)
        except SetupError as error:
            yield error_row(path, str(file.relative_to(path)), str(error))
    if file is None and not units:
        raise SetupError(f"no traces found in '{path}': {described(seen)}")


def detect(path: str | Path) -> str:
    """The name of the format that a path is in.

    For a folder of files it is the format of the first file that is recognised. If there is
    none, the SetupError says what was seen and which formats there are.
    """
    seen = glimpse(Path(path))
    if seen.kind == "folder" and not any(f.recognise(seen) for f in FORMATS.values()):
        for file in data_files(seen.path, _SUFFIXES):
            try:
                return detect(file)
            except SetupError:
                continue
    return _recognised(seen).name


def _recognised(seen: Glimpse) -> Format:
    for known in FORMATS.values():
        if known.recognise(seen):
            return known
    hint = ""
    if seen.has("question", "answer"):
        hint = " Questions and answers alone are problems, not traces."
    if seen.has("eval", "samples"):
        hint = " This looks like an Inspect log in JSON: run 'inspect log convert --to eval' on it."
    raise SetupError(
        f"cannot tell the format of '{seen.path}': found {described(seen)}.{hint} "
        f"Name one with --format: {', '.join(FORMATS)}; "
        "for plain JSON lines say where the text is with --field reasoning=NAME."
    )
