"""One request to a server, with patience: bounded in size and time, repeated where that helps."""

import asyncio
import json
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from reasonscope.errors import ReasonscopeError

_BUSY = frozenset({408, 409, 425, 429})
"""Client errors that mean later, not no."""


class RequestError(ReasonscopeError):
    """A request that gave no answer, after all its repeats; the message says why."""

    def __init__(self, message: str, excerpt: str = "") -> None:
        super().__init__(message)
        self.excerpt = excerpt


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long and how often a request is tried.

    >>> Patience(first_wait=1, longest_wait=60).wait(3, chance=1.0)
    8.0
    >>> Patience(first_wait=1, longest_wait=60).wait(20, chance=1.0)
    60.0
    """

    retries: int = 6
    """Repeats after the first try, on 408, 409, 425, 429, 5xx, timeouts and broken connections."""
    first_wait: float = 1.0
    """Seconds before the first repeat; doubled each time."""
    longest_wait: float = 60.0
    """No wait is longer, whatever the server asks for."""
    timeout: float = 600.0
    """Seconds for one whole try, from connecting to the last byte."""
    most_bytes: int = 64 << 20
    """An answer longer than this is cut off and counted as failed."""

    def wait(self, repeat: int, chance: float, asked: float | None = None) -> float:
        """Seconds before a repeat, counted from 0: what the server asked, or doubling with jitter.

        Args:
            repeat: Which repeat it is.
            chance: A uniform number in [0, 1): half of the wait is drawn, so that requests
                that failed together do not come back together.
            asked: What ``Retry-After`` says.

        Returns:
            Seconds, never more than ``longest_wait``.
        """
        if asked is not None:
            return min(max(asked, 0.0), self.longest_wait)
        whole = min(self.first_wait * 2.0 ** min(repeat, 60), self.longest_wait)
        return whole * (0.5 + 0.5 * chance)


async def post_json(
    client: httpx.AsyncClient, url: str, body: Mapping[str, Any], patience: Patience, seed: int = 0
) -> Any:
    """What the server answers to a JSON body, after as many tries as it takes and is allowed.

    Args:
        client: Its headers carry the key.
        url: The whole address.
        body: Sent as JSON.
        patience: How long and how often.
        seed: Of the jitter.

    Returns:
        The parsed body of the first answer with status 200.

    Raises:
        RequestError: The server said no, kept failing, or sent too much or no JSON.
    """
    dice = random.Random(seed)
    for repeat in range(patience.retries + 1):
        asked = None
        try:
            async with asyncio.timeout(patience.timeout):
                status, headers, answer = await _post_once(client, url, body, patience)
            if status == 200:
                return _parse(answer)
            failure = RequestError(f"HTTP {status}: {_complaint(answer)}", _excerpt(answer))
            if status not in _BUSY and status < 500:
                raise failure
            asked = retry_after(headers.get("retry-after"), time.time())
        except TimeoutError:
            failure = RequestError(f"no whole answer in {patience.timeout:g} s")
        except httpx.TransportError as error:
            failure = RequestError(_network_words(error))
        if repeat < patience.retries:
            await asyncio.sleep(patience.wait(repeat, dice.random(), asked))
    tries = patience.retries + 1
    raise RequestError(f"{failure} (tried {tries} times)", failure.excerpt)


async def _post_once(
    client: httpx.AsyncClient, url: str, body: Mapping[str, Any], patience: Patience
) -> tuple[int, httpx.Headers, bytes]:
    held = bytearray()
    async with client.stream("POST", url, json=body) as response:
        async for block in response.aiter_bytes(1 << 16):
            held += block
            if len(held) > patience.most_bytes:
                raise RequestError(
                    f"the answer is longer than {patience.most_bytes:,} bytes", _excerpt(held)
                )
        return response.status_code, response.headers, bytes(held)


def _parse(answer: bytes) -> Any:
    try:
        return json.loads(answer)
    except (ValueError, RecursionError) as error:
        message = f"the answer is not JSON: {str(error)[:120]}"
        raise RequestError(message, _excerpt(answer)) from None


def retry_after(header: str | None, now: float) -> float | None:
    """Seconds that a ``Retry-After`` header asks for, in either of its forms; None: nothing.

    >>> retry_after("7", 0.0)
    7.0
    >>> retry_after("Thu, 01 Jan 1970 00:01:00 GMT", 10.0)
    50.0
    """
    if not header:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(header).timestamp() - now
        except (ValueError, TypeError, OverflowError):
            return None
    return seconds if seconds >= 0 else None


def _complaint(answer: bytes) -> str:
    """The server's own message, wherever such servers put it."""
    try:
        held = json.loads(answer)
    except (ValueError, RecursionError):
        return _excerpt(answer)
    for key in ("error", "message", "detail"):
        if isinstance(held, dict) and held.get(key):
            held = held[key]
    return (held if isinstance(held, str) else json.dumps(held))[:300]


def _excerpt(answer: bytes | bytearray) -> str:
    return answer[:800].decode("utf-8", "replace")[:200]


def _network_words(error: httpx.TransportError) -> str:
    kind = "timed out" if isinstance(error, httpx.TimeoutException) else "connection failed"
    return f"{kind}: {error or type(error).__name__}"
