"""Each format is recognised, or what was seen is said; folders are read file by file."""

import contextlib
import dataclasses
import gzip
import importlib.util
import json
import random
import sys
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from reasonscope.errors import SetupError
from reasonscope.traces.formats import FORMATS, detect, read
from reasonscope.traces.schema import ErrorRow, Reading

SCRIPT = Path(__file__).parents[3] / "benchmarks" / "fuzz_readers.py"


def _load():
    spec = importlib.util.spec_from_file_location("fuzz_readers", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


fuzzing = _load()
SEEDS = fuzzing.seeds()


def test_every_format_has_a_valid_input_to_mutate():
    assert {seed.format for seed in SEEDS} == set(FORMATS)


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.name)
def test_each_format_is_recognised_and_read_without_errors(tmp_path, seed):
    place = tmp_path / seed.name
    fuzzing.put(seed.encode(seed.value), place)
    assert detect(place) == seed.format
    rows = list(read(place))
    assert rows
    assert all(isinstance(row, Reading) for row in rows)
    assert list(read(place, seed.format)) == rows


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.name)
def test_reading_twice_gives_the_same_ids(tmp_path, seed):
    place = tmp_path / seed.name
    fuzzing.put(seed.encode(seed.value), place)
    first, second = ([row.trace.trace_id for row in read(str(place))] for _ in range(2))
    assert first == second


@pytest.mark.parametrize("seed", [s for s in SEEDS if s.encode in (fuzzing.lines, fuzzing.dump)],
                         ids=lambda seed: seed.name)  # fmt: skip
@pytest.mark.parametrize("pack", [gzip.compress, zstandard.ZstdCompressor().compress])
def test_packed_is_the_same_as_plain(tmp_path, seed, pack):
    place = tmp_path / seed.name
    data = seed.encode(seed.value)
    fuzzing.put(data, place)
    plain = list(read(place))
    place.write_bytes(pack(data))
    assert list(read(place)) == plain


def test_formats_name_themselves_and_give_an_example():
    for name, known in FORMATS.items():
        assert known.name == name
        assert known.summary
        assert known.example.startswith("reasonscope import ")
        assert dataclasses.is_dataclass(known)


def test_the_table_ends_with_the_format_that_takes_almost_anything():
    assert list(FORMATS)[-1] == "jsonl"


# -- what cannot be read -------------------------------------------------------------------


def test_a_missing_path(tmp_path):
    with pytest.raises(SetupError, match="is not there"):
        detect(tmp_path / "none")


def test_an_unknown_format_lists_the_known(tmp_path):
    with pytest.raises(SetupError, match="There are: auto, thought-anchors"):
        list(read(tmp_path, "docx"))


def test_a_mapping_is_for_plain_lines_only(tmp_path):
    with pytest.raises(SetupError, match="not for 'chat'"):
        list(read(tmp_path, "chat", {"reasoning": "cot"}))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "an empty file"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), r"no JSON; it starts with b'\\x89PNG"),
        (b"just words\n", "no JSON; it starts with b'just words"),
        (b"[1, 2, 3]", "JSON, but no object"),
        (b"\xff\xfe{\x00", "UTF-16"),
        (b"PK\x03\x04 not a zip", "as a zip file"),
        (b"PAR1 not parquet", "as Parquet"),
        (gzip.compress(b"x" * 100, mtime=0)[:8], "cannot be unpacked"),
        (b'{"alpha": 1}', "the keys alpha"),
        (b'{"question": "q", "answer": "a"}', "problems, not traces"),
        (b"id,prompt\n1,hello\n", "no JSON"),
    ],
)
def test_what_was_seen_is_said(tmp_path, data, said):
    path = tmp_path / "file"
    path.write_bytes(data)
    with pytest.raises(SetupError, match=said):
        detect(path)
    with pytest.raises(SetupError):
        list(read(path))


def test_an_empty_folder(tmp_path):
    with pytest.raises(SetupError, match="a folder without files"):
        list(read(tmp_path))


def test_one_broken_line_at_the_start_does_not_hide_the_format(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"question"\n' + json.dumps({"question": "q", "output": "a"}) + "\n")
    rows = list(read(path))
    assert [isinstance(row, ErrorRow) for row in rows] == [True, False]


def test_a_named_format_reads_records_that_do_not_fit_as_error_rows(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"alpha": 1}\n{"alpha": 2}\n')
    rows = list(read(path, "verl"))
    assert [row.place for row in rows] == ["line 1", "line 2"]
    assert "expected a field 'input', found the fields alpha" in rows[0].error


def test_an_error_row_names_the_file_not_the_machine(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"alpha": 1}\n')
    assert next(read(path, "verl")).source == "a.jsonl"


# -- folders -------------------------------------------------------------------------------


def test_a_folder_of_several_formats(tmp_path):
    for seed in SEEDS:
        fuzzing.put(seed.encode(seed.value), tmp_path / seed.name)
    (tmp_path / "README.md").write_text("not data")
    (tmp_path / ".hidden.jsonl").write_text("{}")
    (tmp_path / "problems.jsonl").write_text('{"question": "q", "answer": "a"}')
    rows = list(read(tmp_path))
    errors = [row for row in rows if isinstance(row, ErrorRow)]
    assert [row.place for row in errors] == ["problems.jsonl"]
    singly = sum(len(list(read(tmp_path / seed.name))) for seed in SEEDS)
    assert len(rows) - 1 == singly


def test_files_of_a_folder_come_in_the_order_of_their_names(tmp_path):
    for name in ("b", "a", "c"):
        text = json.dumps({"question": name, "output": "x"})
        (tmp_path / f"{name}.jsonl").write_text(text)
    assert [row.problem.question for row in read(tmp_path)] == ["a", "b", "c"]


def test_a_folder_read_as_one_format_reads_its_files(tmp_path):
    (tmp_path / "a.jsonl").write_text(json.dumps({"mine": "x", "question": "q"}))
    rows = list(read(tmp_path, fields={"output": "mine"}))
    assert [row.trace.reasoning for row in rows] == ["x"]


# -- mutations -----------------------------------------------------------------------------


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(SEEDS), st.integers(0, 2**32), st.booleans())
def test_a_mutated_input_gives_rows_or_a_setup_error(tmp_path_factory, seed, number, auto):
    place = tmp_path_factory.getbasetemp() / "mutated" / seed.name
    fuzzing.put(fuzzing.mutate(seed, random.Random(number)), place)
    with contextlib.suppress(SetupError):
        fuzzing.outcome(place, "auto" if auto else seed.format)


def test_the_fuzzer_counts_what_it_did(tmp_path):
    result = fuzzing.fuzz(54, 1, tmp_path)
    assert sum(count["inputs"] for count in result["counts"].values()) == 54
    assert result["failures"] == {}


def test_the_fuzzer_tells_a_failure(tmp_path, monkeypatch):
    """The control: a reader that breaks must be found."""

    def breaks(path, format):
        raise ZeroDivisionError("planted")

    monkeypatch.setattr(fuzzing, "outcome", breaks)
    result = fuzzing.fuzz(5, 1, tmp_path)
    assert sum(result["failures"].values()) == 5
    assert "ZeroDivisionError planted" in next(iter(result["failures"]))


@pytest.mark.slow
def test_memory_does_not_grow_with_the_file(tmp_path):
    result = fuzzing.memory(60, tmp_path)
    assert result["peak_mb"] - result["before_mb"] < 50
