"""JSON values come one at a time; what cannot be read costs only itself."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reasonscope.traces.formats.format import Found, Wrong
from reasonscope.traces.formats.values import decode, records
from reasonscope.traces.schema import ErrorRow


def file(tmp_path: Path, data: bytes | str, name: str = "a.json") -> Path:
    path = tmp_path / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def split(path: Path, **options) -> tuple[list, list[ErrorRow]]:
    rows = list(records(path, **options))
    good = [row.value for row in rows if isinstance(row, Found)]
    return good, [row for row in rows if isinstance(row, ErrorRow)]


ROWS = [{"a": at, "b": "x" * at} for at in range(20)]
LISTED = json.dumps(ROWS)
LINES = "".join(json.dumps(row) + "\n" for row in ROWS)
JOINED = "".join(json.dumps(row) for row in ROWS)
PRETTY = "\n".join(json.dumps(row, indent=2) for row in ROWS)


@pytest.mark.parametrize("data", [LISTED, LINES, JOINED, PRETTY, json.dumps(ROWS, indent=1)])
def test_every_way_of_holding_records_gives_the_same(tmp_path, data):
    assert split(file(tmp_path, data)) == (ROWS, [])


@pytest.mark.parametrize("data", [LISTED, LINES, JOINED])
def test_packed_or_not_is_the_same(tmp_path, data):
    assert split(file(tmp_path, gzip.compress(data.encode()))) == (ROWS, [])


def test_places_are_lines_where_there_are_lines(tmp_path):
    path = file(tmp_path, '{"a": 1}\n\n{"a": 2}\n')
    assert [row.place for row in records(path) if isinstance(row, Found)] == ["line 1", "line 3"]


def test_places_are_records_in_a_list(tmp_path):
    path = file(tmp_path, LISTED)
    assert [row.place for row in records(path) if isinstance(row, Found)][:2] == [
        "record 1",
        "record 2",
    ]


def test_a_byte_order_mark_is_no_content(tmp_path):
    for data in (LISTED, LINES, JOINED):
        assert split(file(tmp_path, b"\xef\xbb\xbf" + data.encode()))[0] == ROWS


def test_a_broken_line_costs_one_line(tmp_path):
    good, bad = split(file(tmp_path, '{"a": 1}\n{"a": \n{"a": 3}\n'))
    assert good == [{"a": 1}, {"a": 3}]
    assert [row.place for row in bad] == ["line 2"]
    assert bad[0].excerpt == '{"a": '
    assert "expected JSON" in bad[0].error


def test_a_broken_record_in_a_list_costs_one_record(tmp_path):
    data = '[{"a": 1, "b": "x"}, {"a": 2, "b": oops}, {"a": 3, "b": "z"}]'
    good, bad = split(file(tmp_path, data))
    assert [row["a"] for row in good] == [1, 3]
    assert [row.place for row in bad] == ["record 2"]


def test_a_missing_quote_in_a_list_is_mended_at_a_later_record(tmp_path):
    data = '[{"a": 1, "b": "x"}, {"a": 2, "b": "y}, {"a": 3, "b": "z"}, {"a": 4, "b": "w"}]'
    good, bad = split(file(tmp_path, data))
    assert good[0]["a"] == 1
    assert good[-1]["a"] == 4
    assert len(bad) == 1


def test_an_object_inside_a_broken_record_is_not_taken_for_a_record(tmp_path):
    data = '[{"id": 1, "c": {"x": 1}}, {"id": 2 2, "c": {"x": 5}}, {"id": 3, "c": {"x": 1}}]'
    good, _ = split(file(tmp_path, data))
    assert [row.get("id") for row in good] == [1, 3]


def test_a_list_that_is_cut_short_gives_what_is_whole(tmp_path):
    good, bad = split(file(tmp_path, LISTED[: len(LISTED) // 2]))
    assert good == ROWS[: len(good)]
    assert len(good) >= 9
    assert len(bad) == 1
    assert "end of the file" in bad[0].error


def test_a_list_without_its_bracket_gives_everything(tmp_path):
    assert split(file(tmp_path, LISTED[:-1])) == (ROWS, [])


def test_a_gzip_cut_short_gives_what_is_whole_and_one_error(tmp_path):
    long = [
        {"a": at, "b": "".join(chr(33 + (at * k * k) % 90) for k in range(300))}
        for at in range(300)
    ]
    lines = "".join(json.dumps(row) + "\n" for row in long).encode()
    for data in (lines, json.dumps(long).encode()):
        packed = gzip.compress(data)
        good, bad = split(file(tmp_path, packed[: len(packed) // 2]))
        assert good == long[: len(good)]
        assert len(good) > 50
        assert len(bad) in (1, 2)
        assert "cut short" in bad[-1].error


def test_a_line_beyond_the_limit_is_skipped_not_loaded(tmp_path):
    data = '{"a": 1}\n{"a": "' + "x" * 300_000 + '"}\n{"a": 3}\n'
    good, bad = split(file(tmp_path, data), limit=100_000)
    assert good == [{"a": 1}, {"a": 3}]
    assert [row.place for row in bad] == ["line 2"]
    assert "100,000 bytes" in bad[0].error


def test_a_record_beyond_the_limit_is_skipped(tmp_path):
    data = '[{"a": 1}, {"a": "' + "x" * 500_000 + '"}, {"a": 3}]'
    good, bad = split(file(tmp_path, data), limit=100_000)
    assert good == [{"a": 1}, {"a": 3}]
    assert "100,000 characters" in bad[0].error


def test_a_one_megabyte_line_is_read(tmp_path):
    assert split(file(tmp_path, '{"a": "' + "x" * 2**20 + '"}\n'))[0] == [{"a": "x" * 2**20}]


def test_nan_and_infinity_become_null():
    assert decode(b"[NaN, Infinity, -Infinity, 1e999, -1e999]") == [None] * 5


def test_a_number_with_a_million_digits_stays_text():
    digits = "7" * 1_000_000
    assert decode(f'{{"a": {digits}}}'.encode()) == {"a": digits}
    assert decode(f'{{"a": 0.{digits}}}'.encode()) == {"a": f"0.{digits}"}


def test_a_number_with_a_thousand_digits_is_exact():
    assert decode(b"1" + b"0" * 999) == 10**999


def test_nesting_without_end_is_an_error_row(tmp_path):
    deep = '{"a": ' + "[" * 100_000 + "]" * 100_000 + "}"
    good, bad = split(file(tmp_path, f'{{"a": 1}}\n{deep}\n{{"a": 3}}\n'))
    assert good == [{"a": 1}, {"a": 3}]
    assert "nested" in bad[0].error
    good, bad = split(file(tmp_path, f'[{{"a": 1}}, {deep}, {{"a": 3}}]'))
    assert [row["a"] for row in good] == [1, 3]
    assert "nested" in bad[0].error


def test_a_lone_surrogate_escape_is_kept():
    assert decode(rb'"a\ud800b"') == "a\ud800b"


def test_a_byte_that_is_no_utf8_is_kept_as_a_mark():
    assert decode(b'"a\xffb"') == "a\udcffb"


def test_a_control_character_in_a_string_is_let_through():
    assert decode(b'"a\x01b\tc"') == "a\x01b\tc"


def test_a_line_separator_of_unicode_does_not_end_a_line(tmp_path):
    assert split(file(tmp_path, '{"a": "x\u2028y\x85z"}\n'))[0] == [{"a": "x\u2028y\x85z"}]


def test_a_character_across_two_pieces_is_whole(tmp_path):
    text = "x" * 65_530 + "🦉" * 10
    assert split(file(tmp_path, json.dumps([{"a": text}], ensure_ascii=False)))[0] == [{"a": text}]


@pytest.mark.parametrize("data", [b"", b"\n\n \n", b"[]", b"[ ]\n"])
def test_nothing_in_a_file_is_nothing(tmp_path, data):
    assert split(file(tmp_path, data)) == ([], [])


def test_a_binary_file_is_error_rows_not_a_traceback(tmp_path):
    good, bad = split(file(tmp_path, bytes(range(256)) * 300))
    assert all(not isinstance(value, dict) for value in good)
    assert bad
    assert all(len(row.excerpt) <= 200 for row in bad)


def test_trailing_garbage_behind_a_line_is_an_error():
    with pytest.raises(Wrong, match="Extra data"):
        decode(b'{"a": 1} x')


def test_broken_records_take_linear_work(tmp_path):
    """20,000 broken records: quadratic work would take minutes."""
    data = "[" + ", ".join(['{"a": "x", "b": oops}'] * 20_000) + "]"
    good, bad = split(file(tmp_path, data))
    assert (len(good), len(bad)) == (0, 20_000)


VALUE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)
OBJECTS = st.lists(st.dictionaries(st.text(max_size=5), VALUE, max_size=5), min_size=1, max_size=8)


@settings(max_examples=60, deadline=None)
@given(OBJECTS, st.sampled_from(["lines", "list", "pretty", "joined"]), st.booleans())
def test_any_json_comes_back(tmp_path_factory, rows, shape, ascii_only):
    dumped = [json.dumps(row, ensure_ascii=ascii_only) for row in rows]
    data = {
        "lines": "\n".join(dumped) + "\n",
        "list": "[" + ",".join(dumped) + "]",
        "pretty": json.dumps(rows, indent=2, ensure_ascii=ascii_only),
        "joined": "".join(dumped),
    }[shape]
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_bytes(data.encode("utf-8", "surrogatepass"))
    if ascii_only:
        assert split(path) == (rows, [])
    else:
        assert len(split(path)[0]) == len(rows)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_end_in_values_or_error_rows(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "bytes.json"
    path.write_bytes(data)
    for row in records(path):
        assert isinstance(row, Found | ErrorRow)
