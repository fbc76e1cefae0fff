"""Fixtures: a tiny model on disk, a real server of it, and servers that misbehave."""

import os

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from scripted_server import Reply, Scripted
from tiny_model import byte_level_tokenizer, tiny_model

from reasonscope.models.loading import LoadedModel, load_model


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model and its tokenizer as transformers saves them."""
    folder = tmp_path_factory.mktemp("tiny")
    tokenizer = byte_level_tokenizer()
    tokenizer.save_pretrained(folder)
    tiny_model(len(tokenizer)).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny(tiny_folder: Path) -> LoadedModel:
    return load_model(str(tiny_folder), device="cpu")


@pytest.fixture
def fresh(tiny_folder: Path) -> LoadedModel:
    """A copy of the tiny model that a test may change."""
    return load_model(str(tiny_folder), device="cpu")


def _free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@pytest.fixture(scope="session")
def served(tiny_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base address of a real server of the tiny model: ``transformers serve``."""
    port = _free_port()
    log = tmp_path_factory.mktemp("server") / "log"
    command = [str(Path(sys.executable).with_name("transformers")), "serve"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu", str(tiny_folder)]
    with open(log, "wb") as out:
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        process = subprocess.Popen(command, stdout=out, stderr=out, env=environment)
    try:
        _await_health(f"http://127.0.0.1:{port}/health", process, log)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await_health(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 300
    while time.monotonic() < until:
        if process.poll() is not None:
            pytest.fail(f"transformers serve ended with {process.returncode}:\n{log.read_text()}")
        try:
            if httpx.get(url, timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.3)
    pytest.fail(f"transformers serve did not answer:\n{log.read_text()}")


@pytest.fixture
def serve() -> Iterator[Callable[..., Scripted]]:
    """``serve(reply, ...)``: a scripted server, closed after the test."""
    made: list[Scripted] = []

    def start(*script: Reply) -> Scripted:
        made.append(Scripted(*script))
        return made[-1]

    yield start
    for server in made:
        server.close()
