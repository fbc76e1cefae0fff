"""Whether weights on disk are whole, and what tells checkpoints apart."""

import json
from pathlib import Path

import pytest

from reasonscope.errors import SetupError
from reasonscope.models.weight_files import check_folder, file_digest, folder_digest


def checkpoint(folder: Path, values: bytes = b"12345678") -> Path:
    header = json.dumps({"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, len(values)]}})
    start = len(header).to_bytes(8, "little") + header.encode()
    (folder / "model.safetensors").write_bytes(start + values)
    (folder / "config.json").write_text("{}")
    return folder


def test_a_whole_file_passes(tmp_path: Path) -> None:
    check_folder(checkpoint(tmp_path))


def test_one_byte_short_is_found_and_counted(tmp_path: Path) -> None:
    file = checkpoint(tmp_path) / "model.safetensors"
    held = file.read_bytes()
    file.write_bytes(held[:-1])
    with pytest.raises(SetupError, match=f"should have {len(held)} bytes and has {len(held) - 1}"):
        check_folder(tmp_path)


@pytest.mark.parametrize(
    "held",
    [
        b"",
        b"abc",
        b"\xff" * 64,  # a header of 2**64 bytes
        (4).to_bytes(8, "little") + b"null",
        (2).to_bytes(8, "little") + b"[]",
        (4).to_bytes(8, "little") + b"{{{{",
        (9).to_bytes(8, "little") + b'{"w":  1}',
        (50_000).to_bytes(8, "little") + b"[" * 50_000,
    ],
)
def test_what_is_no_safetensors_file_says_so(tmp_path: Path, held: bytes) -> None:
    (checkpoint(tmp_path) / "model.safetensors").write_bytes(held)
    with pytest.raises(SetupError, match=r"model\.safetensors .*copy it again"):
        check_folder(tmp_path)


def test_all_that_is_wrong_is_listed_at_once(tmp_path: Path) -> None:
    with pytest.raises(SetupError) as raised:
        check_folder(tmp_path)
    assert len(raised.value.problems) == 2


def test_pickles_are_refused_with_a_cure(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "pytorch_model.bin").write_bytes(b"\x80\x04")
    with pytest.raises(SetupError, match="pickles, which can run code"):
        check_folder(tmp_path)


def test_the_digest_sees_one_changed_weight(tmp_path: Path) -> None:
    one = folder_digest(checkpoint(tmp_path, b"12345678"))
    assert folder_digest(checkpoint(tmp_path, b"12345678")) == one
    assert folder_digest(checkpoint(tmp_path, b"12345679")) != one


def test_the_digest_sees_the_end_of_a_long_file(tmp_path: Path) -> None:
    file = tmp_path / "w"
    file.write_bytes(bytes(10 << 20))
    one = file_digest(file)
    file.write_bytes(bytes((10 << 20) + 1))
    assert file_digest(file) != one
