"""Many requests to one server at once, from code that waits for their rows one by one.

Requests run in an event loop on a thread of its own, so that notebooks, which have a loop
already, can use it.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from itertools import islice
from typing import Any, TypeVar

import httpx

from reasonscope.models.requests import Patience, post_json

Task = TypeVar("Task")
Row = TypeVar("Row")


class Asking:
    """The event loop and the connections of one run; close it when done.

    Decision: every request has a connection of its own. On one that is kept open, an answer that
    a server sends twice would be read as the answer to the next request.
    """

    def __init__(self, concurrency: int, key: str = "") -> None:
        """Start the thread.

        Args:
            concurrency: Most requests at once.
            key: Goes into the header of each request; empty: none does.
        """
        self._key = key
        self._free = asyncio.Semaphore(concurrency)
        self._client = httpx.AsyncClient(
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=httpx.Timeout(None, connect=30.0),  # the whole is bounded by patience
            limits=httpx.Limits(max_connections=concurrency, max_keepalive_connections=0),
        )
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="endpoint", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Cancel what is open, then end the thread."""
        asyncio.run_coroutine_threadsafe(self._wind_up(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _wind_up(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self._client.aclose()

    def rows(
        self,
        tasks: Iterable[Task],
        ask: Callable[[Task], Coroutine[Any, Any, Row]],
        ahead: int,
    ) -> Iterator[Row]:
        """What ``ask`` makes of each task, as it comes.

        Args:
            tasks: Taken one by one as there is room, so that a long list is never held whole.
            ask: Runs in the loop; calls :meth:`post`.
            ahead: Most tasks that have been taken and whose rows have not come out.

        Yields:
            Row: One for each task, in the order in which they end.
        """
        remaining = iter(tasks)
        waiting: set[Future[Row]] = set()
        while True:
            waiting |= {
                asyncio.run_coroutine_threadsafe(ask(task), self._loop)
                for task in islice(remaining, ahead - len(waiting))
            }
            if not waiting:
                return
            finished, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for future in finished:
                yield future.result()

    async def post(self, url: str, body: Mapping[str, Any], patience: Patience, seed: int) -> Any:
        """The parsed answer to a request, once one of the connections is free.

        Raises:
            RequestError: there is none; see :func:`post_json`.
        """
        async with self._free:
            return await post_json(self._client, url, body, patience, seed)

    def safe(self, text: str) -> str:
        """The text with the key struck out, were a server to echo it."""
        return text.replace(self._key, "***") if self._key else text
