"""A child process that compares mathematical expressions: JSON lines in, JSON lines out.

Run as ``python -m reasonscope.problems.answers.worker`` by :mod:`.bounded`, which bounds its
time from outside. It limits its own memory and processor time, so that it ends even where
its parent was killed.
"""

import contextlib
import json
import logging
import sys
from typing import Any

MEMORY_BYTES = 2 << 30
"""Address space of the child."""
PROCESSOR_SECONDS = 2
"""Processor time for one comparison, rounded up, after which the system ends the child. Unlike
time on the clock it does not depend on what else the machine does."""


def _limit_memory() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def _renew_processor_time() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        usage = resource.getrusage(resource.RUSAGE_SELF)
        soft = int(usage.ru_utime + usage.ru_stime) + PROCESSOR_SECONDS
        resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def equal(reference: str, given: str) -> tuple[bool | None, str]:
    """Whether two expressions are equal by math-verify, and why; None: could not be read."""
    from math_verify import parse, verify

    def read(text: str) -> list[Any]:
        return [e for e in parse(f"${text}$", parsing_timeout=None) if not isinstance(e, str)]

    wanted, found = read(reference), read(given)
    if not wanted:
        return None, "math-verify cannot read the reference"
    if not found:
        return None, "math-verify cannot read the answer"
    same = bool(verify(wanted, found, timeout_seconds=None))
    return same, f"math-verify finds them {'equal' if same else 'different'}"


def main() -> None:
    """Answer requests until the input ends."""
    logging.disable(logging.CRITICAL)
    _limit_memory()
    equal("\\frac{1}{2}", "0.5")  # loads the parsers, which takes longer than any comparison
    answers = sys.stdout
    sys.stdout = sys.stderr
    answers.write('{"ready": true}\n')
    answers.flush()
    for line in sys.stdin:
        request = json.loads(line)
        _renew_processor_time()
        try:
            correct, reason = equal(request["reference"], request["given"])
        except (Exception, RecursionError, MemoryError) as error:  # hostile input: anything goes
            correct, reason = None, f"math-verify failed: {type(error).__name__}"
        answers.write(json.dumps({"id": request["id"], "equal": correct, "reason": reason}) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
