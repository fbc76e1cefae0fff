"""Bytes come out unpacked, whole, and as far as a damaged file allows."""

import gzip
import random
import zlib
from pathlib import Path

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from reasonscope.errors import SetupError
from reasonscope.traces.formats.pieces import DEFLATE, GZIP, Broken, inflate, pieces, unzstd

TEXT = b"".join(b"line %d of the text, which repeats\n" % at for at in range(5000))


def taken(source) -> tuple[bytes, str | None]:
    """What came before the end or the break, and the break's message."""
    out = bytearray()
    try:
        for piece in source:
            out += piece
    except Broken as error:
        return bytes(out), str(error)
    return bytes(out), None


def held(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def test_a_plain_file_comes_out_as_it_is(tmp_path):
    assert taken(pieces(held(tmp_path / "a.json", TEXT))) == (TEXT, None)


def test_an_empty_file_gives_nothing(tmp_path):
    assert taken(pieces(held(tmp_path / "a.json", b""))) == (b"", None)


def test_gzip_is_told_by_its_first_bytes_not_by_the_name(tmp_path):
    assert taken(pieces(held(tmp_path / "a.json", gzip.compress(TEXT)))) == (TEXT, None)


def test_a_plain_file_named_gz_is_read_as_it_is(tmp_path):
    assert taken(pieces(held(tmp_path / "a.json.gz", TEXT))) == (TEXT, None)


def test_two_gzip_members_are_one_text(tmp_path):
    data = gzip.compress(TEXT) + gzip.compress(b"more")
    assert taken(pieces(held(tmp_path / "a.gz", data))) == (TEXT + b"more", None)


def test_zeros_behind_a_gzip_member_are_padding(tmp_path):
    assert taken(pieces(held(tmp_path / "a.gz", gzip.compress(TEXT) + b"\0" * 512))) == (TEXT, None)


def test_a_gzip_cut_short_gives_its_start_and_then_breaks(tmp_path):
    packed = gzip.compress(random.Random(1).randbytes(200_000))
    whole = gzip.decompress(packed)
    found, message = taken(pieces(held(tmp_path / "a.gz", packed[: len(packed) // 2])))
    assert message is not None
    assert "cut short" in message
    assert len(found) > len(whole) // 3
    assert whole.startswith(found)


def test_a_gzip_that_lacks_only_its_checksum_gives_all_and_then_breaks(tmp_path):
    found, message = taken(pieces(held(tmp_path / "a.gz", gzip.compress(TEXT)[:-4])))
    assert found == TEXT
    assert message is not None


def test_a_wrong_checksum_gives_all_and_then_breaks(tmp_path):
    packed = bytearray(gzip.compress(TEXT))
    packed[-6] ^= 1
    found, message = taken(pieces(held(tmp_path / "a.gz", bytes(packed))))
    assert found == TEXT
    assert "damaged" in (message or "")


def test_garbage_behind_a_gzip_member_breaks_after_the_text(tmp_path):
    found, message = taken(pieces(held(tmp_path / "a.gz", gzip.compress(TEXT) + b"garbage")))
    assert found == TEXT
    assert message is not None


def test_no_piece_of_a_gzip_bomb_is_large():
    bomb = gzip.compress(b"\0" * (50 << 20))
    assert len(bomb) < 100_000
    assert max(len(piece) for piece in inflate([bomb], GZIP)) <= 1 << 16


def test_zstd_is_told_by_its_first_bytes(tmp_path):
    packed = zstandard.ZstdCompressor().compress(TEXT)
    assert taken(pieces(held(tmp_path / "a.jsonl", packed))) == (TEXT, None)


def test_two_zstd_frames_are_one_text():
    pack = zstandard.ZstdCompressor().compress
    assert taken(unzstd([pack(TEXT) + pack(b"more")])) == (TEXT + b"more", None)


def test_a_zstd_cut_short_breaks():
    packed = zstandard.ZstdCompressor().compress(random.Random(1).randbytes(300_000))
    found, message = taken(unzstd([packed[: len(packed) // 2]]))
    assert "cut short" in (message or "")
    assert len(found) > 0


def test_a_damaged_zstd_breaks():
    packed = bytearray(zstandard.ZstdCompressor().compress(TEXT))
    packed[10:20] = b"\xff" * 10
    assert taken(unzstd([bytes(packed)]))[1] is not None


def test_no_piece_of_a_zstd_bomb_is_huge():
    bomb = zstandard.ZstdCompressor(level=19).compress(b"\0" * (200 << 20))
    assert max(len(piece) for piece in unzstd([bomb])) <= 64 << 20


def test_a_missing_file_is_a_setup_error(tmp_path):
    with pytest.raises(SetupError, match="cannot open"):
        list(pieces(tmp_path / "none"))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=3000), st.integers(1, 7))
def test_deflate_in_any_cut_comes_out_whole(data: bytes, size: int):
    packer = zlib.compressobj(wbits=DEFLATE)
    packed = packer.compress(data) + packer.flush()
    cut = [packed[at : at + size] for at in range(0, len(packed), size)]
    assert taken(inflate(cut, DEFLATE)) == (data, None)


@settings(max_examples=100, deadline=None)
@given(st.binary(min_size=1, max_size=3000), st.data())
def test_any_damage_gives_a_start_of_something_or_a_break(data: bytes, draw):
    packed = bytearray(gzip.compress(data))
    packed[draw.draw(st.integers(0, len(packed) - 1))] ^= draw.draw(st.integers(1, 255))
    found, message = taken(inflate([bytes(packed)], GZIP))
    assert message is not None or isinstance(found, bytes)
