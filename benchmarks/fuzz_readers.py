"""Mutated inputs for every trace reader, and the memory that a large JSON list takes.

    PYTHONPATH=src python benchmarks/fuzz_readers.py --inputs 100000 --seed 1
    PYTHONPATH=src python benchmarks/fuzz_readers.py --memory 300

The first prints how many inputs each format saw and what came out; any exception other than
SetupError is a failure and ends with exit code 1. The second writes a JSON list of that many
megabytes and prints the peak memory of reading it.
"""

import argparse
import collections
import copy
import gzip
import io
import json
import os
import random
import resource
import shutil
import struct
import sys
import tempfile
import time
import traceback
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from reasonscope.errors import SetupError
from reasonscope.provenance import seed_for
from reasonscope.traces.formats import FORMATS, read
from reasonscope.traces.schema import ErrorRow, Problem, Reading, Trace
from reasonscope.traces.tables import to_arrow

TEXT = "<think>\nFirst, 2 + 2 = 4. Wait, check: 4.\n</think>\n\nThe answer is \\boxed{4}."


@dataclass(frozen=True)
class Seed:
    """A valid small input: JSON values, and how they become a file or a folder."""

    format: str
    """The format that should be detected."""
    name: str
    """Its path, relative to a scratch folder."""
    value: Any
    """What the mutations change."""
    encode: Callable[[Any], bytes | dict[str, bytes]]
    """Bytes of a file, or of several by name."""


def lines(value: Any) -> bytes:
    """JSON lines."""
    return b"".join(dump(one) + b"\n" for one in value)


def dump(value: Any) -> bytes:
    """JSON with lone surrogates kept as escapes."""
    return json.dumps(value, ensure_ascii=True).encode()


def joined(value: Any) -> bytes:
    """Objects one after another without separators."""
    return b"".join(dump(one) for one in value)


def parquet(value: Any) -> bytes:
    """A Parquet file of rows."""
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(value), sink)
    return sink.getvalue()


def zipped(value: Any) -> bytes:
    """A zip file of deflated JSON members."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, held in value.items():
            archive.writestr(name, dump(held))
    return sink.getvalue()


def zstd_zipped(value: Any) -> bytes:
    """A zip file whose members are packed with Zstandard, as Inspect writes them."""
    sink, entries = io.BytesIO(), []
    for name, held in value.items():
        data, at = dump(held), sink.tell()
        packed = zstandard.ZstdCompressor().compress(data)
        fixed = (20, 0, 93, 0, 33, _crc(data), len(packed), len(data), len(name.encode()), 0)
        sink.write(b"PK\x03\x04" + _pack("<HHHHHIIIHH", *fixed) + name.encode() + packed)
        entries.append((name.encode(), fixed, at))
    start = sink.tell()
    for name, fixed, at in entries:
        sink.write(b"PK\x01\x02" + _pack("<H", 20) + _pack("<HHHHHIIIHH", *fixed))
        sink.write(_pack("<HHHII", 0, 0, 0, 0, at) + name)
    size = sink.tell() - start
    sink.write(b"PK\x05\x06" + _pack("<HHHHIIH", 0, 0, len(entries), len(entries), size, start, 0))
    return sink.getvalue()


def _crc(data: bytes) -> int:
    return zlib.crc32(data)


def _pack(code: str, *values: int) -> bytes:
    return struct.pack(code, *values)


def folder(value: Any) -> dict[str, bytes]:
    """JSON files of one folder."""
    return {name: dump(held) for name, held in value.items()}


def seeds() -> list[Seed]:
    """One or more valid inputs for every format."""
    chat = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "2 + 2?"}]
    said = {"role": "assistant", "content": "4", "reasoning_content": "2 + 2 = 4. So 4."}
    parts = [{"type": "reasoning", "reasoning": "2 + 2 = 4."}, {"type": "text", "text": "4"}]
    problem = {"question": "2 + 2?", "answer": "4", "topic": "sums"}
    sample = {
        "id": 1, "epoch": 1, "input": "2 + 2?", "target": "4", "choices": ["3", "4"],
        "messages": [chat[1], {"role": "assistant", "content": parts}],
        "output": {"model": "m", "choices": [{"stop_reason": "stop"}]},
        "scores": {"match": {"value": "C", "answer": "4"}}, "metadata": {"a": 1},
        "attachments": {"ab": "long text"}, "events": [], "store": {},
    }  # fmt: skip
    shell = {key: sample[key] for key in ("id", "epoch", "input", "target", "scores", "output")}
    header = {"version": 2, "eval": {"task": "sums", "model": "m"}}
    chunked = {
        "header.json": header,
        "samples/1_epoch_1/sample.json": shell | {"message_refs": [[0, 2]]},
        "samples/1_epoch_1/messages/0.json": [chat[1]],
        "samples/1_epoch_1/messages/1.json": [{"role": "assistant", "content": "attachment://0"}],
        "samples/1_epoch_1/attachments/0.json": [TEXT],
        "samples/1_epoch_1/metadata.json": {"a": 1},
    }
    mistake = {"input": "2 + 2 =", "target": "4", "answer": "5", "steps": ["2 + 2", "= 5"],
               "mistake_index": 1}  # fmt: skip
    process = {"id": "gsm8k-0", "generator": "m", "problem": "2 + 2?", "steps": ["2 + 2", "= 4"],
               "label": -1, "final_answer_correct": True}  # fmt: skip
    anchors = {
        "problem.json": {"problem": "2 + 2?", "gt_answer": "4", "level": "1", "type": "sums"},
        "base_solution.json": {"prompt": "2 + 2?<think>\n", "solution": TEXT[8:],
                               "full_cot": "x", "answer": "4", "is_correct": True},
        "chunks_labeled.json": [{"chunk": "First, 2 + 2 = 4.", "chunk_idx": 0,
                                 "function_tags": ["setup"], "depends_on": []},
                                {"chunk": "Wait, check: 4.", "chunk_idx": 1}],
    }  # fmt: skip
    own = {"problem": {"question": "2 + 2?", "answer": "4", "answer_kind": "number"},
           "trace": {"reasoning": "2 + 2 = 4.", "answer": "4", "form": "field", "sample": 0,
                     "token_ids": [1, 2], "token_ends": [3, 11], "token_logprobs": [-1.0, 0]},
           "step_ends": [10]}  # fmt: skip
    lm = {"doc_id": 0, "doc": {"question": "2 + 2?"}, "target": "4", "exact_match": 1.0,
          "arguments": {"gen_args_0": {"arg_0": "Q: 2 + 2?", "arg_1": {}}},
          "resps": [[TEXT]], "filtered_resps": ["4"], "filter": "none"}  # fmt: skip
    rows = [{"step": 1, "prompt": "2 + 2?", "completion": TEXT, "accuracy_reward": 1.0,
             "advantage": 0.5} for _ in range(3)]  # fmt: skip
    talk = [{"step": 1, "prompt": [chat[1]], "completion": [{"role": "assistant", "content": TEXT}],
             "advantage": float("nan")}]  # fmt: skip
    plain = {"question": "2 + 2?", "cot": "2 + 2 = 4.", "response": "4", "correct": True}
    body = {"model": "m", "choices": [{"index": 0, "message": said, "finish_reason": "stop"}]}
    of_parts = {"role": "assistant", "content": parts}
    pair = {"request": {"messages": chat}, "response": body}
    two = [plain, {"id": 2, "question": "Why?", "response": TEXT, "score": {"a": 1}}]
    hint = {"targets": ["one", "two"], "correct": [0, 1], "unbiased": TEXT, "sus": TEXT}
    mip = {"question": "2 + 2?", "answer": "so #### 4", "insufficient_question": "+ 2?",
           "m (question)": TEXT, "eval_result": 1}  # fmt: skip
    attempts = {
        "problem": problem,
        "solutions": [{"seed": 0, "solution": "2 + 2? \n\n" + TEXT}] * 2,
    }
    verl = {"input": "2 + 2?", "output": TEXT, "gts": "4", "score": 1.0, "step": 3}
    return [
        Seed("jsonl", "plain.jsonl", two, lines),
        Seed("jsonl", "list.json", two, dump),
        Seed("jsonl", "own.jsonl", [own, own], lines),
        Seed("chat", "chat.jsonl", [{"messages": [*chat, said]}], lines),
        Seed("chat", "bodies.json", [body, pair], dump),
        Seed("chat", "parts.jsonl", [{"messages": [*chat, of_parts]}], lines),
        Seed("thought-anchors", "base_solution/problem_1", anchors, folder),
        Seed("mip", "gsm8k/normal/m/response.json", [mip, mip], dump),
        Seed("hints", "r1_671b_logic.json", [hint, hint], joined),
        Seed("distill-cots", "cots.jsonl", [attempts], lines),
        Seed("bigbench-mistake", "dyck.jsonl", [mistake, mistake], lines),
        Seed("processbench", "gsm8k.json", [process, process], dump),
        Seed("verl", "10.jsonl", [verl, verl], lines),
        Seed("lm-eval", "samples_gsm8k.jsonl", [lm, lm], lines),
        Seed("trl", "rows.parquet", rows, parquet),
        Seed("trl", "talk.parquet", talk, parquet),
        Seed("inspect", "old.eval", {"header.json": header, "samples/1_epoch_1.json": sample},
             zipped),
        Seed("inspect", "new.eval", chunked, zstd_zipped),
    ]  # fmt: skip


HOSTILE: tuple[Any, ...] = (
    None, True, -1, 0, 2**31, 2**63, 2**64, 10**300, -0.0, 1e308, float("nan"), float("inf"), "",
    " ", "\ud800", "\udcff", "\u202e\u2066abc", "\0", "<think>", "</think>", "<script>",
    "<|channel|>analysis<|message|>", "9**9**9", "9" * 5000, "\\frac{" * 50, "a" * 3000, [], {},
    [[]], [None], [{}], {"": None}, {"role": "assistant"}, "attachment://0", "\n" * 50, ["x"] * 50,
)  # fmt: skip
"""Values put in place of valid ones."""
SPLICES = (
    b"NaN", b"Infinity", b"-Infinity", b"1e999", b"9" * 5000, b'"\\ud800"', b"[" * 2000,
    b'{"a":' * 2000, b"\xff\xfe", b"\0" * 9, b"\xef\xbb\xbf", b'"', b"\\", b"}", b"]", b"\n", b",",
    "\u202e".encode(), b"null", b"{}", b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"PK\x03\x04", b"PAR1",
)  # fmt: skip


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every (container, key) of a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, held in list(items):
        yield value, key
        if isinstance(held, dict | list):
            yield from places(held)


def swap(value: Any, rng: random.Random) -> Any:
    """The value with one or two of its parts replaced, removed, renamed or nested."""
    value = copy.deepcopy(value)
    for _ in range(rng.choice((1, 1, 2))):
        found = list(places(value))
        if not found:
            return value
        holder, key = rng.choice(found)
        turn = rng.random()
        if turn < 0.6:
            holder[key] = copy.deepcopy(rng.choice(HOSTILE))
        elif turn < 0.75:
            del holder[key]
        elif turn < 0.85:
            for _ in range(rng.choice((1, 3, 200, 700))):
                holder[key] = [holder[key]] if rng.random() < 0.5 else {"a": holder[key]}
        elif isinstance(holder, dict):
            holder[rng.choice(("", "a", "role", "content", "\ud800"))] = holder.pop(key)
        else:
            holder.insert(0, copy.deepcopy(rng.choice(HOSTILE)))
    return value


def damage(data: bytes, rng: random.Random) -> bytes:
    """The bytes cut, flipped, spliced, doubled or packed."""
    turn = rng.random()
    at = rng.randrange(len(data) + 1)
    if turn < 0.25:
        return data[:at]
    if turn < 0.5:
        held = bytearray(data or b"\0")
        for _ in range(rng.choice((1, 2, 8))):
            held[rng.randrange(len(held))] ^= 1 << rng.randrange(8)
        return bytes(held)
    if turn < 0.75:
        return data[:at] + rng.choice(SPLICES) + data[at:]
    if turn < 0.85:
        return data[:at] + data[at + rng.randrange(1, 40) :]
    packed = gzip.compress(data, 1) if turn < 0.93 else zstandard.ZstdCompressor().compress(data)
    return packed if rng.random() < 0.3 else damage(packed, rng)


def mutate(seed: Seed, rng: random.Random) -> bytes | dict[str, bytes]:
    """A mutated input made from a valid one."""
    value = swap(seed.value, rng) if rng.random() < 0.5 else seed.value
    try:
        data = seed.encode(value)
    except Exception:  # a table or zip cannot hold every value: damage the valid bytes instead
        data, value = seed.encode(seed.value), seed.value
    if value is not seed.value and rng.random() < 0.8:
        return data
    if isinstance(data, bytes):
        return damage(data, rng)
    name = rng.choice(list(data)) if data else "problem.json"
    return data | {name: damage(data.get(name, b""), rng)}


def put(data: bytes | dict[str, bytes], place: Path) -> None:
    """Write an input where it belongs, in place of the one before."""
    if isinstance(data, bytes):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        return
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    for name, held in data.items():
        name = name.encode("utf-8", "replace").decode().replace("/", "_").replace("\0", "") or "_"
        (place / name).write_bytes(held)


def outcome(place: Path, format: str) -> tuple[int, int]:
    """How many readings and error rows come out; they must fit the study's tables."""
    rows = list(read(place, format))
    readings = [row for row in rows if isinstance(row, Reading)]
    errors = [row for row in rows if isinstance(row, ErrorRow)]
    to_arrow(Problem, [row.problem for row in readings])
    to_arrow(Trace, [row.trace for row in readings])
    to_arrow(ErrorRow, errors)
    assert all(len(row.excerpt) <= 200 for row in errors), "an excerpt is not bounded"
    return len(readings), len(errors)


def fuzz(inputs: int, seed: int, scratch: Path, keep: Path | None = None) -> dict[str, Any]:
    """Read mutated inputs; the counts, and the failures by their last line."""
    known = seeds()
    counts: dict[str, collections.Counter[str]] = {name: collections.Counter() for name in FORMATS}
    failures: collections.Counter[str] = collections.Counter()
    for index in range(inputs):
        rng = random.Random(seed_for("fuzz readers", seed, index))
        base = known[index % len(known)]
        place = scratch / base.name
        put(mutate(base, rng), place)
        format = base.format if rng.random() < 0.5 else "auto"
        count = counts[base.format]
        count["inputs"] += 1
        try:
            readings, errors = outcome(place, format)
            count["readings"] += readings
            count["error_rows"] += errors
        except SetupError:
            count["setup_errors"] += 1
        except Exception as error:
            last = traceback.extract_tb(error.__traceback__)[-1]
            failures[f"{type(error).__name__} {str(error)[:80]} at {last.name}:{last.lineno}"] += 1
            if keep is not None:
                target = keep / f"{index}-{base.format}"
                (shutil.copytree if place.is_dir() else shutil.copy)(place, target)
    return {"counts": {k: dict(v) for k, v in counts.items()}, "failures": dict(failures)}


def big_list(path: Path, megabytes: int) -> int:
    """Write a JSON list of about that size; the number of its records."""
    steps = "\n\n".join(
        f"Step {at}: {at} + {at} = {2 * at}. Wait, let me check." for at in range(200)
    )
    count = 0
    with open(path, "w", encoding="utf-8") as handle:
        handle.write("[")
        while handle.tell() < megabytes * 10**6:
            record = {
                "question": f"Question {count}?",
                "response": f"<think>\n{steps}\n</think>\n4",
            }
            handle.write((",\n " if count else "") + json.dumps(record))
            count += 1
        handle.write("]")
    return count


def memory(megabytes: int, scratch: Path) -> dict[str, Any]:
    """Peak memory and time of reading a JSON list of that many megabytes."""
    path = scratch / "big.json"
    expected = big_list(path, megabytes)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    start = time.perf_counter()
    found = sum(isinstance(row, Reading) for row in read(path))
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    assert found == expected, (found, expected)
    return {
        "file_mb": round(path.stat().st_size / 1e6), "records": found,
        "seconds": round(seconds, 1), "before_mb": round(before), "peak_mb": round(peak),
    }  # fmt: skip


def main() -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--inputs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--memory", type=int, metavar="MB", help="measure memory instead")
    parser.add_argument("--keep", type=Path, help="folder for the inputs that fail")
    chosen = parser.parse_args()
    if chosen.keep:
        chosen.keep.mkdir(parents=True, exist_ok=True)
    fast = Path("/dev/shm")
    roomy = fast.is_dir() and not chosen.memory and os.access(fast, os.W_OK)
    with tempfile.TemporaryDirectory(dir=fast if roomy else None) as scratch:
        if chosen.memory:
            print(json.dumps(memory(chosen.memory, Path(scratch))))
            return 0
        start = time.perf_counter()
        result = fuzz(chosen.inputs, chosen.seed, Path(scratch), chosen.keep)
        result |= {"inputs": chosen.inputs, "seconds": round(time.perf_counter() - start)}
    print(json.dumps(result, indent=1))
    return 1 if result["failures"] else 0


if __name__ == "__main__":
    sys.exit(main())
