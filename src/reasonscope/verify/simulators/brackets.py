"""Replays a stack of brackets: each stated stack must follow from the one stated before it."""

import re
from dataclasses import dataclass

from reasonscope.traces.schema import Case, Problem, Verdict
from reasonscope.verify.simulators.claims import MAX_TEXT, Claim, replayed, short

VERIFIER = "simulators.brackets"
CLOSERS = {"(": ")", "[": "]", "{": "}", "<": ">"}
_OPENERS = {closer: opener for opener, closer in CLOSERS.items()}
_SYMBOL = r"[()\[\]{}<>]"

_RUN = re.compile(rf"{_SYMBOL}(?:[ \t]*{_SYMBOL})*")
_WORDS = re.compile(r"(?i)bracket|parenthes|closed|sequence|stack")
_START = re.compile(r"(?i)^\s*(?:the )?(?:initial )?stack\s*(?:is|:|=)\s*[\"'`]?empty")
_MOVE = re.compile(
    rf"(?i)^\W{{0,4}}?[\"'`]?(?P<read>{_SYMBOL}(?: ?{_SYMBOL}){{0,80}})[\"'`]?\s{{0,4}}"
    rf"(?:;|:|,|→|->)\s{{0,4}}(?:the )?stack\s{{0,4}}(?:is|:|=)?\s{{0,4}}"
    rf"(?P<stack>[\"'`]?empty[\"'`]?|[()\[\]{{}}<>\s\"'`]*)(?P<rest>.*)",
    re.DOTALL,
)
_FINAL = re.compile(
    r"(?i)\bfinal stack (?:is|:)\s{0,4}(?P<stack>[\"'`]?empty|[()\[\]{}<>\s\"'`,]*)"
)
_LISTED = (
    rf"(?:nothing|(?:[\s\"'`,]|{_SYMBOL}|and\b|then\b|once\b|twice\b|(?:three|four) times\b)*+)"
)
_POP = re.compile(rf"(?i)\bpop out (?P<popped>{_LISTED})")
_NEED = re.compile(rf"(?i)\bwe need (?P<need>{_LISTED})")
_TIMES = re.compile(rf"[\"'`]({_SYMBOL})[\"'`] (once|twice|three times|four times)")
_COUNTS = {"once": 1, "twice": 2, "three times": 3, "four times": 4}
_ANSWER = re.compile(r"(?i)\banswer is:?(?P<answer>[()\[\]{}<>\s\"'`,]*)")


def _symbols(text: str) -> tuple[str, ...]:
    return tuple(char for char in text if char in CLOSERS or char in _OPENERS)


def _listed(text: str) -> tuple[str, ...]:
    """The symbols of a list in words: ``"[" twice, then "<"``."""
    return _symbols(_TIMES.sub(lambda m: " ".join(m[1] * _COUNTS[m[2].lower()]), text))


def sequence_of(problem: Problem) -> tuple[str, ...]:
    """The brackets that the question asks to close; empty: it asks nothing of the kind.

    >>> sequence_of(Problem.make("Complete the sequence of brackets. Input: [ ( { }"))
    ('[', '(', '{', '}')
    """
    question = problem.question
    if len(question) > MAX_TEXT:
        return ()
    bare = not question.strip(" \t\r\n()[]{}<>")
    if not bare and _WORDS.search(question) is None:
        return ()
    given = question[question.lower().rfind("input:") + 1 :]
    runs = [_symbols(found.group()) for found in _RUN.finditer(given)]
    longest = max(runs, key=len, default=())
    return longest if len(longest) >= 2 or (bare and longest) else ()


def applies(problem: Problem) -> bool:
    """Whether the question asks to close a sequence of brackets.

    >>> applies(Problem.make("{ [ ( ) ]"))
    True
    >>> applies(Problem.make("((1 + 2) * 3) ="))
    False
    """
    return bool(sequence_of(problem))


def _written(stack: tuple[str, ...]) -> str:
    return " ".join(stack) if stack else "empty"


def after(stack: tuple[str, ...], symbol: str) -> tuple[str, ...] | None:
    """The stack after reading a symbol; None: a closer that the top does not match.

    >>> after(("{", "["), "]")
    ('{',)
    """
    if symbol in CLOSERS:
        return (*stack, symbol)
    if stack and stack[-1] == _OPENERS[symbol]:
        return stack[:-1]
    return None


@dataclass(slots=True)
class _Replay:
    """Where the trace stands: what it has read and the stack it last stated."""

    sequence: tuple[str, ...]
    position: int = 0
    stack: tuple[str, ...] = ()
    popped: tuple[str, ...] | None = None
    needed: tuple[str, ...] | None = None
    begun: bool = False

    def step(self, text: str) -> list[Claim]:
        """What is right and wrong in one step."""
        if _START.match(text):
            return self._start(text)
        claims: list[Claim] = []
        move = _MOVE.match(text)
        if move is not None:
            claims += self._move(move)
            text = move["rest"]
        for pattern, judge in (
            (_FINAL, self._final),
            (_POP, self._pop),
            (_NEED, self._need),
            (_ANSWER, self._answer),
        ):
            found = pattern.search(text)
            if found is not None and self.begun:
                claims += judge(found)
        return claims

    def _start(self, text: str) -> list[Claim]:
        self.position, self.stack, self.begun = 0, (), True
        return [Claim(True, "before any symbol is read the stack is empty", text.strip())]

    def _move(self, move: re.Match[str]) -> list[Claim]:
        self.begun = True
        read, stated = _symbols(move["read"]), _symbols(move["stack"])
        said = move.group()[: move.end("stack") - move.start()].strip()
        wanted = self.sequence[self.position : self.position + len(read)]
        before, self.stack = self.stack, stated
        start, self.position = self.position, self.position + len(read)
        if read != wanted:
            if not wanted:
                reason = (
                    f"all {len(self.sequence)} symbols had been read before this '{_written(read)}'"
                )
            else:
                reason = (
                    f"symbol {start + 1} of the input is '{_written(wanted)}', "
                    f"not '{_written(read)}'"
                )
            return [Claim(False, reason, said, _written(wanted) if wanted else "the end")]
        right: tuple[str, ...] | None = before
        for symbol in read:
            right = None if right is None else after(right, symbol)
        if right is None:
            reason = f"'{_written(read)}' does not close the top of the stack '{_written(before)}'"
            return [Claim(False, reason, said)]
        if right != stated:
            reason = (
                f"reading '{_written(read)}' with the stack '{short(_written(before))}' gives "
                f"'{short(_written(right))}', not '{short(_written(stated))}'"
            )
            return [Claim(False, reason, said, _written(right))]
        return [
            Claim(True, f"the stack after symbol {start + 1} follows from the one before", said)
        ]

    def _final(self, found: re.Match[str]) -> list[Claim]:
        said, stated = found.group().strip(), _symbols(found["stack"])
        if self.position < len(self.sequence):
            missed = self.sequence[self.position :]
            reason = f"the end is not reached: '{short(_written(missed))}' has not been read"
            return [Claim(False, reason, said, f"{missed[0]} is read next")]
        return [self._same(stated, self.stack, "the final stack", "the last stated stack", said)]

    def _pop(self, found: re.Match[str]) -> list[Claim]:
        self.popped = _listed(found["popped"])
        wanted = self.stack[::-1]
        return [
            self._same(
                self.popped,
                wanted,
                "what is popped",
                "the stack from the top",
                found.group().strip(),
            )
        ]

    def _need(self, found: re.Match[str]) -> list[Claim]:
        self.needed = _listed(found["need"])
        wanted = tuple(CLOSERS.get(s, s) for s in (self.popped or self.stack[::-1]))
        return [
            self._same(
                self.needed,
                wanted,
                "what is needed",
                "the closers of what is popped",
                found.group().strip(),
            )
        ]

    def _answer(self, found: re.Match[str]) -> list[Claim]:
        stated = _symbols(found["answer"])
        wanted = self.needed
        if wanted is None:
            wanted = tuple(CLOSERS.get(s, s) for s in (self.popped or self.stack[::-1]))
        return [self._same(stated, wanted, "the answer", "what is needed", found.group().strip())]

    @staticmethod
    def _same(
        stated: tuple[str, ...], wanted: tuple[str, ...], what: str, of: str, said: str
    ) -> Claim:
        if stated == wanted:
            return Claim(True, f"{what} is {of}", said)
        reason = (
            f"{what} should be {of}, '{short(_written(wanted))}', not '{short(_written(stated))}'"
        )
        return Claim(False, reason, said, _written(wanted))


def check(case: Case) -> list[Verdict]:
    """Verdicts on every step that states a stack, what to pop, what is needed or the answer.

    A step is judged against the stack that the trace stated last, right or not, so what follows
    from an error is not a new one. Steps in other words get no verdict.
    """
    replay = _Replay(sequence_of(case.problem))
    return replayed(case, VERIFIER, replay)
