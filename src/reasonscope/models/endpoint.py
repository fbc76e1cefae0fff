"""Sampling from any OpenAI-compatible server: vLLM, SGLang, llama.cpp, transformers, hosted ones.

At most ``concurrency`` requests run at once, with as many again waiting, so that a long list of
problems is never held whole.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import httpx

from reasonscope.errors import SetupError
from reasonscope.models.answers import AnswerError, Api, read_answer, tokens_of
from reasonscope.models.asking import Asking
from reasonscope.models.generation import Attempt, Drawn, Sampling, unheard
from reasonscope.models.prompts import instruction, plain_prompt
from reasonscope.models.requests import Patience, RequestError
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

    def require_listening(self) -> None:
        """Raise unless something listens at the address, whatever it says.

        A run outlasts a server that is down for a minute; one that was never started is a mistake
        to be told of at once.

        Raises:
            SetupError: There is no connection: it is refused, or there is no such host.
        """
        try:
            with httpx.stream("GET", self.base_url.rstrip("/") + "/models", timeout=10.0):
                pass  # it listens, and what it says is not read
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise SetupError(
                f"no connection to {self.base_url} ({error}): start the server, or name another"
            ) from None
        except httpx.HTTPError:
            pass  # slow or strange answers are dealt with request by request

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
        with closing(self.asking()) as asking:
            ask = partial(_ask, asking, self, sampling)
            for row, tokens in asking.rows(attempts, ask, ahead=2 * self.concurrency):
                drawn(tokens)
                yield row

    def asking(self) -> Asking:
        """The loop and the connections of one run, with the key in their headers."""
        return Asking(self.concurrency, os.environ.get(self.key_variable or "", ""))


async def _ask(
    asking: Asking, endpoint: Endpoint, sampling: Sampling, attempt: Attempt
) -> tuple[Reading | ErrorRow, int]:
    """The row of one attempt, with the tokens that the server counted."""
    try:
        prompt = endpoint.prompt(attempt)
        body = request_body(endpoint, sampling, attempt.seed, _said(endpoint.api, prompt))
        answer = await asking.post(endpoint.url, body, endpoint.patience, attempt.seed)
        generated = read_answer(answer, prompt, endpoint.api)
        generated = replace(generated, settings={"request_fields": dict(endpoint.fields)})
        return generated.reading(attempt, endpoint.name, sampling), tokens_of(answer)
    except (RequestError, AnswerError) as error:
        excerpt = getattr(error, "excerpt", "")
        return attempt.failed(_SOURCE, asking.safe(str(error)), asking.safe(excerpt)), 0
    except Exception as error:  # whatever a strange answer breaks, the run goes on
        message = f"{type(error).__name__}: {error}"
        return attempt.failed(_SOURCE, asking.safe(message)), 0


def _said(api: Api, prompt: str) -> dict[str, Any]:
    if api == "chat":
        return {"messages": [{"role": "user", "content": prompt}]}
    return {"prompt": prompt}


def request_body(
    endpoint: Endpoint, sampling: Sampling, seed: int, said: Mapping[str, Any]
) -> dict[str, Any]:
    """The JSON body of a request: settings, what is said, and the endpoint's own fields."""
    body: dict[str, Any] = {
        "model": endpoint.model,
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "max_tokens": sampling.max_tokens,
        "seed": seed % _SEED_LIMIT,
    }
    if endpoint.logprobs:
        body["logprobs"] = True if endpoint.api == "chat" else 1
    body |= said
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
