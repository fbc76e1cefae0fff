"""math-verify with bounds: in a child process, killed when it takes too long; no signals.

Math-Verify's own timeouts use signals, which fail off the main thread. Here a child process
is kept and reused; only JSON lines cross. A lock serialises threads; a forked process starts
a child of its own.
"""

import atexit
import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections import OrderedDict
from pathlib import Path

import reasonscope

MAX_INPUT = 2000
"""Longest expression, in characters, that is sent to math-verify."""
TIMEOUT_SECONDS = 20.0
"""Wall-clock time for one comparison; the child's own limit of processor time comes first,
unless the machine is very busy or the child sleeps."""
START_SECONDS = 60.0
"""Wall-clock time for the child to load math-verify."""
MAX_REMEMBERED = 4096

Outcome = tuple[bool | None, str]
TIMED_OUT = "math-verify needs too much time or memory"


class _Child:
    """One child process and the thread that reads its lines."""

    def __init__(self) -> None:
        root = str(Path(reasonscope.__file__).resolve().parents[1])
        path = os.pathsep.join(filter(None, [root, os.environ.get("PYTHONPATH")]))
        # -P: a module of the working folder must not be imported instead of a library's.
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "reasonscope.problems.answers.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path},
            start_new_session=True,
            encoding="ascii",
        )
        self.lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with contextlib.suppress(ValueError, OSError):
            for line in self.process.stdout:
                self.lines.put(line)
        self.lines.put(None)

    def ask(self, request: str) -> None:
        """Send one line."""
        assert self.process.stdin is not None
        self.process.stdin.write(request + "\n")
        self.process.stdin.flush()

    def close(self) -> None:
        """End the process and close its pipes."""
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()


class BoundedEquality:
    """Equality of expressions by math-verify, within bounds of time, memory and length."""

    def __init__(self, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._timeout = timeout_seconds
        self._forget()

    def _forget(self) -> None:
        """Start anew; a child of another process is left to that process."""
        inherited = getattr(self, "_child", None)
        if inherited is not None:
            inherited.process.returncode = 0
        self._lock = threading.Lock()
        self._child: _Child | None = None
        self._count = 0
        self._remembered: OrderedDict[tuple[str, str], Outcome] = OrderedDict()

    def __call__(self, reference: str, given: str) -> Outcome:
        """Whether the two are equal (None: could not tell), and the reason."""
        if max(len(reference), len(given)) > MAX_INPUT:
            return None, f"longer than {MAX_INPUT} characters"
        key = (reference, given)
        with self._lock:
            if key not in self._remembered:
                self._remembered[key] = self._compare(reference, given)
                if len(self._remembered) > MAX_REMEMBERED:
                    self._remembered.popitem(last=False)
            return self._remembered[key]

    def _compare(self, reference: str, given: str) -> Outcome:
        self._count += 1
        request = {"id": self._count, "reference": reference, "given": given}
        try:
            child = self._started()
            child.ask(json.dumps(request))
            reply = child.lines.get(timeout=self._timeout)
        except queue.Empty:
            self._close()
            return None, TIMED_OUT
        except OSError as error:
            self._close()
            return None, f"math-verify could not be run: {error.strerror}"
        if reply is None:
            self._close()
            return None, TIMED_OUT
        answer = json.loads(reply)
        return answer["equal"], answer["reason"]

    def _started(self) -> _Child:
        if self._child is None:
            child = _Child()
            try:
                ready = child.lines.get(timeout=START_SECONDS)
            except queue.Empty:
                ready = None
            if ready is None:
                child.close()
                raise OSError(0, "its process did not start")
            self._child = child
        return self._child

    def _close(self) -> None:
        if self._child is not None:
            self._child.close()
            self._child = None

    def close(self) -> None:
        """End the child process, if any; the next comparison starts another."""
        with self._lock:
            self._close()


expressions_equal = BoundedEquality()
"""The one that this process uses."""

atexit.register(expressions_equal.close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=expressions_equal._forget)
