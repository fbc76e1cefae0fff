"""Sampling from any OpenAI-compatible server: vLLM, SGLang, llama.cpp, transformers, hosted ones.

Requests run in an event loop on a thread of its own (so that notebooks, which have a loop
already, can use it), at most ``concurrency`` at once and as many again waiting, so that a long
list of problems is never held whole.
"""

import asyncio
import json
import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

import httpx

from reasonscope.errors import SetupError
from reasonscope.models.answers import AnswerError, Api, read_answer, tokens_of
from reasonscope.models.generation import Attempt, Drawn, Sampling, unheard
from reasonscope.models.prompts import instruction, plain_prompt
from reasonscope.models.requests import Patience, RequestError, post_json
from reasonscope.traces.schema import ErrorRow, Reading

_SOURCE = "models.endpoint"
_SEED_LIMIT = 1 << 31
_OURS = frozenset({"model", "messages", "prompt", "stream", "seed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """The engine that asks an OpenAI-compatible server.

    Decisions: the attempt's seed is sent modulo 2**31, which every server takes; many ignore it.
    Answers are read whole, never streamed. The key is read from the environment at each run and
    goes into the request's header, nowhere else; were a server to echo it, it is struck out.
    """

    base_url: str
    """Up to and with the version, such as ``http://127.0.0.1:8000/v1``."""
    model: str
    """The name that the server knows the model by."""
    api: Api = "chat"
    """``chat`` (the server applies the chat template) or ``completions`` (plain text)."""
    key_variable: str | None = None
    """The environment variable that holds the API key; None: no key is sent."""
    concurrency: int = 8
    """Most requests at once."""
    logprobs: bool = False
    """Ask for log-probabilities; some servers refuse."""
    fields: Mapping[str, Any] = field(default_factory=dict)
    """More fields of the request, such as ``{"reasoning_effort": "high"}``; None takes one of ours
    away. They are kept with each trace."""
    patience: Patience = field(default_factory=Patience)

    def __post_init__(self) -> None:
        wrong = _wrong_url(self.base_url)
        if not self.model:
            wrong.append("model is empty; name one that the server knows")
        if self.api not in ("chat", "completions"):
            wrong.append(f"api must be 'chat' or 'completions', found '{self.api}'")
        if self.key_variable is not None and not os.environ.get(self.key_variable):
            wrong.append(f"the environment variable {self.key_variable} holds no API key")
        if self.concurrency < 1:
            wrong.append(f"concurrency must be at least 1, found {self.concurrency}")
        if taken := sorted(_OURS & set(self.fields)):
            wrong.append(f"these request fields are set by reasonscope: {', '.join(taken)}")
        try:
            json.dumps(dict(self.fields), allow_nan=False)
        except (TypeError, ValueError) as error:
            wrong.append(f"fields must be JSON: {error}")
        if wrong:
            raise SetupError("the endpoint cannot be used", wrong)

    @property
    def name(self) -> str:
        """The model's name."""
        return self.model

    @property
    def batch_size(self) -> None:
        """None: every attempt stands alone."""
        return None

    @property
    def url(self) -> str:
        """The whole address of a request."""
        path = "/chat/completions" if self.api == "chat" else "/completions"
        return self.base_url.rstrip("/") + path

    def prompt(self, attempt: Attempt) -> str:
        """What is sent: the user's message, or the whole text for plain completions."""
        text = instruction(attempt.problem)
        return text if self.api == "chat" else plain_prompt(text)

    def generate(
        self, attempts: Iterable[Attempt], sampling: Sampling, drawn: Drawn = unheard
    ) -> Iterator[Reading | ErrorRow]:
        """One row for each attempt, in the order in which answers come.

        Closing the iterator breaks off at once: open requests are cancelled, their connections
        closed.
        """
        run = _Run(self, sampling)
        with closing(run):
            for row, tokens in run.rows(attempts):
                drawn(tokens)
                yield row


class _Run:
    """The event loop and the connections of one run."""

    def __init__(self, endpoint: Endpoint, sampling: Sampling) -> None:
        self.endpoint, self.sampling = endpoint, sampling
        self.key = os.environ.get(endpoint.key_variable or "", "")
        self.free = asyncio.Semaphore(endpoint.concurrency)
        self.client = httpx.AsyncClient(
            headers={"Authorization": f"Bearer {self.key}"} if self.key else {},
            timeout=httpx.Timeout(None, connect=30.0),  # the whole is bounded by patience
            limits=httpx.Limits(max_connections=endpoint.concurrency),
        )
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, name="endpoint", daemon=True)
        self.thread.start()

    def close(self) -> None:
        """Cancel what is open, then end the thread."""
        asyncio.run_coroutine_threadsafe(self._wind_up(), self.loop).result()
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    async def _wind_up(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self.client.aclose()

    def rows(self, attempts: Iterable[Attempt]) -> Iterator[tuple[Reading | ErrorRow, int]]:
        """Rows as they come, each with the tokens that the server counted."""
        remaining = iter(attempts)
        waiting: set[Future[tuple[Reading | ErrorRow, int]]] = set()
        while True:
            room = 2 * self.endpoint.concurrency - len(waiting)
            waiting |= {
                asyncio.run_coroutine_threadsafe(self.ask(attempt), self.loop)
                for attempt in islice(remaining, room)
            }
            if not waiting:
                return
            finished, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for future in finished:
                yield future.result()

    async def ask(self, attempt: Attempt) -> tuple[Reading | ErrorRow, int]:
        """The row of one attempt."""
        endpoint = self.endpoint
        try:
            prompt = endpoint.prompt(attempt)
            body = request_body(endpoint, self.sampling, attempt, prompt)
            async with self.free:
                answer = await post_json(
                    self.client, endpoint.url, body, endpoint.patience, attempt.seed
                )
            generated = read_answer(answer, prompt, endpoint.api)
            generated = replace(generated, settings={"request_fields": dict(endpoint.fields)})
            return generated.reading(attempt, endpoint.name, self.sampling), tokens_of(answer)
        except (RequestError, AnswerError) as error:
            excerpt = getattr(error, "excerpt", "")
            return attempt.failed(_SOURCE, self._safe(str(error)), self._safe(excerpt)), 0
        except Exception as error:  # whatever a strange answer breaks, the run goes on
            message = f"{type(error).__name__}: {error}"
            return attempt.failed(_SOURCE, self._safe(message)), 0

    def _safe(self, text: str) -> str:
        return text.replace(self.key, "***") if self.key else text


def request_body(
    endpoint: Endpoint, sampling: Sampling, attempt: Attempt, prompt: str
) -> dict[str, Any]:
    """The JSON body of an attempt's request."""
    body: dict[str, Any] = {
        "model": endpoint.model,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "max_tokens": sampling.max_tokens,
        "seed": attempt.seed % _SEED_LIMIT,
    }
    if endpoint.api == "chat":
        body["messages"] = [{"role": "user", "content": prompt}]
        body |= {"logprobs": True} if endpoint.logprobs else {}
    else:
        body["prompt"] = prompt
        body |= {"logprobs": 1} if endpoint.logprobs else {}
    body |= endpoint.fields
    return {name: value for name, value in body.items() if value is not None}


def _wrong_url(url: str) -> list[str]:
    """What is wrong with a base address, each with its cure."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        return [f"base_url is not an address: {error}"]
    wrong = []
    if parts.scheme not in ("http", "https") or not host or port == 0:
        wrong.append(f"base_url must look like http://127.0.0.1:8000/v1, found '{parts.path[:80]}'")
    if parts.username or parts.password:
        wrong.append("base_url must not hold a name or password; use key_variable")
    if parts.query or parts.fragment:
        wrong.append("base_url must end with its path, without '?' or '#'")
    if parts.path.rstrip("/").endswith("/completions"):
        wrong.append("base_url must stop before /chat/completions or /completions")
    return wrong
