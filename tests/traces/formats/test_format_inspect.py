"""Inspect logs in both layouts and both packings, made by the documented structure."""

import io
import json
import struct
import zipfile
import zlib
from pathlib import Path

import pytest
import zstandard

from reasonscope.errors import SetupError
from reasonscope.traces.formats import detect, read
from reasonscope.traces.formats.format import Wrong
from reasonscope.traces.formats.zipped import Zipped
from reasonscope.traces.schema import ErrorRow, Reading

HEADER = {
    "version": 2,
    "status": "success",
    "eval": {"task": "sums", "model": "openai/m", "model_generate_config": {"temperature": 0.6}},
}
SYSTEM = {"role": "system", "content": "Be brief."}
USER = {"role": "user", "content": "1+1?"}
PARTS = [{"type": "reasoning", "reasoning": "It is 2.", "signature": "s"},
         {"type": "text", "text": "Two."}]  # fmt: skip
ASSISTANT = {"role": "assistant", "content": PARTS, "model": "m"}
SAMPLE = {
    "id": "a/1",
    "epoch": 2,
    "input": "1+1?",
    "target": "2",
    "messages": [SYSTEM, USER, ASSISTANT],
    "output": {"model": "m-2025", "choices": [{"stop_reason": "stop"}]},
    "scores": {"match": {"value": "C", "answer": "2", "explanation": "long"}},
    "metadata": {"level": 1},
    "events": [{"event": "model"}],
    "store": {"x": 1},
    "model_usage": {"m": {"total_tokens": 9}},
    "attachments": {},
}


def deflated(path: Path, members: dict) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, held in members.items():
            archive.writestr(name, held if isinstance(held, bytes) else json.dumps(held))
    return path


def zstd(path: Path, members: dict, *, method: int = 93, crc: int | None = None) -> Path:
    """A zip file with Zstandard members (method 93), laid out by hand."""
    body, directory = io.BytesIO(), io.BytesIO()
    for name, held in members.items():
        data = held if isinstance(held, bytes) else json.dumps(held).encode()
        packed = zstandard.ZstdCompressor().compress(data)
        check = zlib.crc32(data) if crc is None else crc
        common = struct.pack("<HHHHHIIIHH", 63, 0, method, 0, 33, check, len(packed), len(data),
                             len(name.encode()), 0)  # fmt: skip
        directory.write(b"PK\x01\x02\x3f\x00" + common)
        directory.write(struct.pack("<HHHII", 0, 0, 0, 0, body.tell()) + name.encode())
        body.write(b"PK\x03\x04" + common + name.encode() + packed)
    start, size, count = body.tell(), directory.tell(), len(members)
    end = struct.pack("<HHHHIIH", 0, 0, count, count, size, start, 0)
    path.write_bytes(body.getvalue() + directory.getvalue() + b"PK\x05\x06" + end)
    return path


def old(sample=SAMPLE) -> dict:
    return {
        "_journal/start.json": HEADER,
        "samples/a/1_epoch_2.json": sample,
        "summaries.json": [],
        "header.json": HEADER,
    }


def chunked(**changes) -> dict:
    shell = {k: v for k, v in SAMPLE.items() if k not in ("messages", "metadata", "attachments")}
    prefix = "samples/a/1_epoch_2"
    members = {
        "header.json": {**HEADER, "version": 3},
        f"{prefix}/sample.json": shell | {"message_refs": [[0, 2], [3, 4]], "input": "attachment://1"},
        f"{prefix}/metadata.json": {"level": 1},
        f"{prefix}/skeleton.json": {"spans": []},
        f"{prefix}/messages/0.json": [SYSTEM, USER],
        f"{prefix}/messages/2.json": [{"role": "assistant", "content": "not the last"},
                                      {"role": "assistant", "content": "attachment://0"}],
        f"{prefix}/events/0.json": [{"event": "model"}],
        f"{prefix}/events/stats.json": {},
        f"{prefix}/attachments/0.json": ["<think>\nIt is 2.\n</think>\nTwo.", "1+1?"],
    }  # fmt: skip
    return {**members, **{f"{prefix}/{name}": held for name, held in changes.items()}}


def one(path: Path) -> Reading:
    (found,) = list(read(path))
    assert isinstance(found, Reading), found
    return found


@pytest.mark.parametrize("pack", [deflated, zstd])
def test_the_old_layout(tmp_path, pack):
    path = pack(tmp_path / "log.eval", old())
    assert detect(path) == "inspect"
    found = one(path)
    assert (found.problem.question, found.problem.answer) == ("1+1?", "2")
    assert (found.problem.family, found.problem.answer_kind) == ("sums", "number")
    assert (found.trace.reasoning, found.trace.answer) == ("It is 2.", "Two.")
    assert (found.trace.model, found.trace.form) == ("m-2025", "field")
    assert (found.trace.sample, found.trace.stated_correct) == (1, True)
    assert found.trace.finish_reason == "stop"
    assert json.loads(found.trace.sampling) == {"temperature": 0.6}
    extra = json.loads(found.trace.extra)
    assert extra["context"] == [SYSTEM]
    assert extra["scores"] == {"match": {"value": "C", "answer": "2"}}
    assert "events" not in extra
    assert json.loads(found.problem.extra) == {"id": "a/1", "metadata": {"level": 1}}


@pytest.mark.parametrize("pack", [deflated, zstd])
def test_the_chunked_layout_with_attachments_by_index(tmp_path, pack):
    path = pack(tmp_path / "log.eval", chunked())
    assert detect(path) == "inspect"
    found = one(path)
    assert found.problem.question == "1+1?"
    assert (found.trace.reasoning, found.trace.answer) == ("It is 2.", "Two.")
    assert found.trace.form == "tags"
    assert json.loads(found.trace.extra)["context"] == [SYSTEM]
    assert json.loads(found.problem.extra)["metadata"] == {"level": 1}


def test_attachments_by_hash_are_resolved(tmp_path):
    message = {"role": "assistant", "content": "attachment://" + "ab" * 16}
    sample = SAMPLE | {"messages": [USER, message], "attachments": {"ab" * 16: "It is 2."}}
    assert one(deflated(tmp_path / "a.eval", old(sample))).trace.reasoning == "It is 2."


def test_an_attachment_that_is_not_there_stays_a_reference(tmp_path):
    message = {"role": "assistant", "content": "attachment://none"}
    sample = SAMPLE | {"messages": [USER, message]}
    assert one(deflated(tmp_path / "a.eval", old(sample))).trace.reasoning == "attachment://none"


def test_a_log_that_was_cut_off_has_only_its_journal(tmp_path):
    members = {k: v for k, v in old().items() if k != "header.json"}
    assert one(deflated(tmp_path / "a.eval", members)).problem.family == "sums"


def test_a_list_of_messages_as_input(tmp_path):
    sample = SAMPLE | {"input": [SYSTEM, {"role": "user", "content": "What is 1+1?"}]}
    found = one(deflated(tmp_path / "a.eval", old(sample)))
    assert found.problem.question == "What is 1+1?"


def test_choices_and_several_targets(tmp_path):
    sample = SAMPLE | {"choices": ["1", "2"], "target": ["B", "2"]}
    problem = one(deflated(tmp_path / "a.eval", old(sample))).problem
    assert (problem.answer, problem.answer_kind, problem.choices) == ("B", "choice", ("1", "2"))
    assert json.loads(problem.extra)["targets"] == ["B", "2"]


def test_messages_behind_the_last_answer_are_context(tmp_path):
    after = {"role": "tool", "content": "done"}
    sample = SAMPLE | {"messages": [USER, ASSISTANT, after]}
    assert json.loads(one(deflated(tmp_path / "a.eval", old(sample))).trace.extra)["context"] == [
        after
    ]


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ({"a": {"value": "I"}}, False),
        ({"a": {"value": 0.4}, "b": {"value": 1}}, True),
        (None, None),
    ],
)
def test_the_first_score_that_decides_is_the_outcome(tmp_path, scores, expected):
    found = one(deflated(tmp_path / "a.eval", old(SAMPLE | {"scores": scores})))
    assert found.trace.stated_correct is expected


def test_a_failed_sample_is_an_error_row_with_its_error(tmp_path):
    sample = SAMPLE | {"messages": [USER], "error": {"message": "model refused the call"}}
    (row,) = read(deflated(tmp_path / "a.eval", old(sample)))
    assert isinstance(row, ErrorRow)
    assert "model refused the call" in row.error
    assert row.place == "samples/a/1_epoch_2.json"


def test_a_log_without_samples_is_an_error_row(tmp_path):
    (row,) = read(deflated(tmp_path / "a.eval", {"header.json": HEADER}))
    assert "expected samples" in row.error


def test_a_damaged_sample_does_not_cost_the_others(tmp_path):
    members = {"header.json": HEADER, "samples/1_epoch_1.json": b"{broken",
               "samples/2_epoch_1.json": SAMPLE, "samples/3_epoch_1.json": b"[]"}  # fmt: skip
    rows = list(read(deflated(tmp_path / "a.eval", members)))
    assert [isinstance(row, ErrorRow) for row in rows] == [True, False, True]


def test_a_missing_chunk_is_an_error_row(tmp_path):
    path = deflated(tmp_path / "a.eval", chunked(**{"messages/9.json": [USER]}))
    (row,) = read(path)
    assert "messages/4.json' next" in row.error


@pytest.mark.parametrize("refs", [[[0, 9]], [[2, 1]], [[0]], [5], "x", [[0, 1e9]]])
def test_references_beyond_the_messages_are_error_rows(tmp_path, refs):
    shell = {"id": 1, "epoch": 1, "input": "q", "message_refs": refs}
    (row,) = read(deflated(tmp_path / "a.eval", chunked(**{"sample.json": shell})))
    assert isinstance(row, ErrorRow)


def test_repeated_references_cannot_grow_without_end(tmp_path):
    shell = {"id": 1, "epoch": 1, "message_refs": [[0, 1000]] * 1100}
    many = chunked(**{"sample.json": shell, "messages/4.json": [USER] * 1000})
    (row,) = read(deflated(tmp_path / "a.eval", many))
    assert "at most a million" in row.error


def test_a_folder_of_logs(tmp_path):
    deflated(tmp_path / "one.eval", old())
    zstd(tmp_path / "two.eval", chunked())
    (tmp_path / "notes.txt").write_text("no log")
    (tmp_path / "three.eval").write_bytes(b"PK\x03\x04 broken")
    assert detect(tmp_path) == "inspect"
    rows = list(read(tmp_path))
    assert [isinstance(row, ErrorRow) for row in rows] == [False, True, False]
    assert rows[1].place == "three.eval"


# -- zip files ---------------------------------------------------------------------------


def test_a_member_that_unpacks_beyond_the_limit_is_refused(tmp_path):
    bomb = {"a.json": b" " * (20 << 20)}
    for pack in (deflated, zstd):
        path = pack(tmp_path / "bomb.zip", bomb)
        assert path.stat().st_size < 100_000
        with (
            Zipped(path, limit=1 << 20) as archive,
            pytest.raises(Wrong, match="at most 1,048,576"),
        ):
            archive.member("a.json")


def test_a_wrong_checksum_is_told(tmp_path):
    path = zstd(tmp_path / "a.zip", {"a": b"text"}, crc=7)
    with Zipped(path) as archive, pytest.raises(Wrong, match="checksum"):
        archive.member("a")


def test_an_unknown_method_is_named(tmp_path):
    path = zstd(tmp_path / "a.zip", {"a": b"text"}, method=98)
    with Zipped(path) as archive, pytest.raises(Wrong, match="method 98"):
        archive.member("a")


def test_a_missing_member_is_named(tmp_path):
    with Zipped(deflated(tmp_path / "a.zip", {"a": b"text"})) as archive:
        assert archive.member("a") == b"text"
        with pytest.raises(Wrong, match="'b'"):
            archive.member("b")


def test_members_are_found_by_their_folder(tmp_path):
    path = deflated(tmp_path / "a.zip", {"x/1": b"", "x/2": b"", "x/y/3": b"", "4": b""})
    with Zipped(path) as archive:
        assert archive.folder("x/") == ["x/1", "x/2"]
        assert archive.folder("z/") == []


def test_no_zip_is_a_setup_error(tmp_path):
    path = tmp_path / "a.eval"
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(SetupError, match="as a zip file"):
        Zipped(path)


def test_a_zip_without_a_log_is_not_recognised(tmp_path):
    with pytest.raises(SetupError, match=r"a zip file with the members a\.txt"):
        detect(deflated(tmp_path / "a.zip", {"a.txt": b"x"}))
