"""Replays swapped objects: who holds what after each swap, from the state stated before it."""

import re
from dataclasses import dataclass, field

from reasonscope.traces.schema import Case, Problem, Verdict
from reasonscope.verify.simulators.claims import MAX_TEXT, Claim, replayed, short

VERIFIER = "simulators.swaps"
MAX_PEOPLE = 26
"""People in a game; a larger one is left open."""

_HOLDS = (
    r"(?:gets|got|has|had|holds|owns|buys|receives|takes|is playing|is dancing with|is holding"
    r"|starts with|is assigned)"
)
_NAME = r"[A-Z][a-z]{1,20}"
_INITIAL = re.compile(
    rf"\b(?P<who>{_NAME}) {_HOLDS}(?: an?| the)? (?P<what>[^,.;:\n]{{1,60}}?)"
    rf"(?=[,.;:\n]|$| and {_NAME} {_HOLDS})"
)
_SWAP = re.compile(
    rf"\b(?P<one>{_NAME}|[A-Z]) and (?P<two>{_NAME}|[A-Z]) (?:swap|trade|switch|exchange)"
)
_WITH = re.compile(
    rf"\b(?P<one>{_NAME}) (?:swaps|trades|switches|exchanges)(?: [a-z]{{1,12}}){{0,3}} with "
    rf"(?P<two>{_NAME})"
)
_ASKED = re.compile(rf"(?i:at the end)[^.?\n]{{0,60}}?, (?P<who>{_NAME}) [a-z]")
_OPTION = re.compile(
    r"^\s{0,4}\(?(?P<letter>[A-Z])[).]\s{1,4}(?P<text>[^\n]{1,80}?)\.?\s*$", re.MULTILINE
)

_LEAD = re.compile(
    r"\W{0,4}(?:(?:Step )?\d{1,3}[.):]\s{0,3})?[*_]{0,3}"
    r"(?:(?:First|Second|Third|Then|Next|Finally|Lastly|After that|Now|After),?\s{1,3})?"
)
_PAIR = re.compile(r"(?P<one>[A-Z]) (?P<two>[A-Z]):\s")
_STATED = re.compile(
    rf"(?:^|(?<=[\s,;:(]))(?P<who>{_NAME}|[A-Z])(?P<link>\s?(?::|=|->|→)|\s{_HOLDS})\s{{1,3}}"
    rf"(?:an?\s|the\s|The\s)?(?P<what>[^,;:.\n]{{1,60}}?)(?=\s*[,;.\n]|\s*$)"
)
_ANSWER = re.compile(r"(?i:\banswer is:?)\s{0,3}\**\(?(?P<letter>[A-Z])\b\)?")
_START = re.compile(
    r"(?i)^\W{0,4}(?:\d{1,3}[.):]\s{0,3}[*_]{0,3})?"
    r"(?:at (?:the )?(?:start|beginning)|initial|to start|start)"
)
_END = re.compile(
    rf"(?i:^\W{{0,4}}(?:so, |therefore, |finally, )?at the end)\b[^.:\n]{{0,60}}?,\s(?={_NAME} )"
)


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W_]+", text.lower()))


_ARTICLES = _words("the a an")
_THINGS = _words(
    "ball balls present presents gift gifts book books novel position positions player partner "
    "partners"
)
_NO_THING = _words(
    "same still unchanged no nothing none it his her their this that what whatever new old now "
    "former original unknown from with swapped traded to"
)

State = dict[str, str]


def _tokens(text: str) -> frozenset[str]:
    return _words(text) - _ARTICLES


@dataclass(frozen=True, slots=True)
class Game:
    """A question about swapped objects, understood."""

    start: State
    """Who holds what at first."""
    swaps: tuple[tuple[str, str], ...]
    """The swaps, in order."""
    options: dict[str, str] = field(default_factory=dict)
    """The choices by letter."""
    asked: str | None = None
    """Whose object is asked for."""

    def person(self, name: str) -> str | None:
        """The person whom a name or an initial stands for."""
        if name in self.start:
            return name
        meant = [who for who in self.start if len(name) == 1 and who[0] == name]
        return meant[0] if len(meant) == 1 else None

    def thing(self, text: str) -> str | None:
        """The object that words stand for (``Gatsby``: ``The Great Gatsby``), if just one does."""
        said = _tokens(text)
        exact = [what for what in self.start.values() if _tokens(what) == said]
        if len(exact) == 1:
            return exact[0]
        told = (said - _THINGS) or said
        near = {what for what in self.start.values() if told <= _tokens(what)}
        if not near:  # more is said than the name, as in "red (from Bob)"
            near = {what for what in self.start.values() if _tokens(what) - _THINGS <= told}
        return near.pop() if len(near) == 1 else None

    def strange(self, text: str) -> bool:
        """Whether words name a thing that is none of the game's, and not just how it came."""
        told = _tokens(text) - _THINGS
        return self.thing(text) is None and 0 < len(told) <= 2 and not told & _NO_THING


def game_of(problem: Problem) -> Game | None:
    """The people, objects and swaps of a question; None: it is not of that kind."""
    question = problem.question
    if len(question) > MAX_TEXT:
        return None
    first = next((f for p in (_SWAP, _WITH) if (f := p.search(question))), None)
    if first is None:
        return None
    start: State = {}
    for found in _INITIAL.finditer(question[: first.start()]):
        start.setdefault(found["who"], found["what"].strip())
    body = question[first.start() :]
    found_swaps = sorted(
        (f for p in (_SWAP, _WITH) for f in p.finditer(body)), key=lambda f: f.start()
    )
    swaps = tuple(
        (f["one"], f["two"]) for f in found_swaps if f["one"] in start and f["two"] in start
    )
    if not 2 <= len(start) <= MAX_PEOPLE or not swaps or len(set(start.values())) < len(start):
        return None
    options = {f["letter"]: f["text"] for f in _OPTION.finditer(body)}
    for index, choice in enumerate(problem.choices[:26]):
        options.setdefault(chr(ord("A") + index), choice)
    asked = [f["who"] for f in _ASKED.finditer(body) if f["who"] in start]
    return Game(start, swaps, options, asked[-1] if asked else None)


def applies(problem: Problem) -> bool:
    """Whether the question tells who holds what and who swaps with whom."""
    return game_of(problem) is not None


def swapped(state: State, one: str, two: str) -> State:
    """The state after two people swap.

    >>> swapped({"Ann": "red", "Bob": "blue"}, "Ann", "Bob")
    {'Ann': 'blue', 'Bob': 'red'}
    """
    return {**state, one: state[two], two: state[one]}


def _written(state: State) -> str:
    return ", ".join(f"{who}: {what}" for who, what in state.items())


@dataclass(slots=True)
class _Replay:
    """Where the trace stands: swaps done and the state it last stated."""

    game: Game
    state: State
    done: int = 0
    """Swaps done or named."""
    pending: list[tuple[str, str]] = field(default_factory=list)
    """Swaps named since the last stated state."""
    listed: frozenset[str] = frozenset()
    """Whom the last stated state listed."""
    begun: bool = False
    terse: bool = False
    """Each step is a bare list, so each stands for one swap."""

    def step(self, text: str) -> list[Claim]:
        """What is right and wrong in one step."""
        answer = _ANSWER.search(text)
        body = text if answer is None else text[: answer.start()]
        body = re.sub(r"\s{0,4}\b(?:So|so|Thus|Therefore),?(?: the)?\s{0,4}$", "", body.rstrip())
        claims = self._body(body.strip())
        if answer is not None and self.begun:
            claims += self._answer(answer)
        return claims

    def current(self) -> State:
        """The state last stated, and the swaps named since."""
        state = dict(self.state)
        for one, two in self.pending:
            state = swapped(state, one, two)
        return state

    def _body(self, text: str) -> list[Claim]:
        end = _END.match(text)
        if end is not None:
            return self._end(text[end.end() :]) if self.begun else []
        lead = _LEAD.match(text)
        rest = text[lead.end() :] if lead else text
        named = _PAIR.match(rest) or _SWAP.match(rest)
        claims = self._named(rest) if named is not None and not _START.match(text) else []
        after = rest[rest.find(":") + 1 :] if named is not None and ":" in rest else rest
        stated = self.stated(after)
        if len(stated) >= 2:
            claims += self._state(text, stated, named is not None)
        return claims

    def stated(self, text: str) -> dict[str, str]:
        """Persons and objects of a text that is nothing but a list of who holds what."""
        found: dict[str, str] = {}
        covered = 0
        for match in _STATED.finditer(text):
            who = self.game.person(match["who"])
            if who is not None:
                found.setdefault(who, match["what"].strip())
                covered += match.end() - match.start()
        return found if covered >= 0.6 * len(text) or _START.match(text) else {}

    def _named(self, text: str) -> list[Claim]:
        pairs = [m for m in [_PAIR.match(text)] if m] or list(_SWAP.finditer(text))
        claims: list[Claim] = []
        for match in pairs:
            one, two = self.game.person(match["one"]), self.game.person(match["two"])
            if one is None or two is None or one == two:
                continue
            claims.append(self._name(one, two, match.group().strip()))
            self.pending.append((one, two))
            self.done += 1
        return claims

    def _name(self, one: str, two: str, said: str) -> Claim:
        if self.done >= len(self.game.swaps):
            return Claim(False, f"all {self.done} swaps had been made before this one", said)
        wanted = self.game.swaps[self.done]
        if {one, two} == set(wanted):
            return Claim(True, f"swap {self.done + 1} is between {one} and {two}", said)
        reason = f"swap {self.done + 1} is between {wanted[0]} and {wanted[1]}, not {one} and {two}"
        return Claim(False, reason, said, f"{wanted[0]} and {wanted[1]}")

    def _state(self, text: str, stated: dict[str, str], named: bool) -> list[Claim]:
        first = not self.begun and not named and not self.pending
        if (first and self.terse) or _START.match(text):
            self.done, self.pending, self.state = 0, [], dict(self.game.start)
            moved: set[str] = set()
            what = "at the start"
        else:
            if self.terse and not self.pending and self.done < len(self.game.swaps):
                self.pending.append(self.game.swaps[self.done])
                self.done += 1
            moved = {who for pair in self.pending for who in pair}
            what = " and ".join(f"{one} and {two} swap" for one, two in self.pending[:3])
            what = f"after {what}" if what else f"after {self.done} swaps"
        right = self.current()
        claim = self._compare(right, stated, moved, what, text)
        if not (claim.correct or self.pending or self.terse or _START.match(text)):
            return []  # a list in prose that stands for no one swap, such as a summary
        self.begun, self.pending = True, []
        self.listed = frozenset(stated)
        self.state = right | {
            who: thing for who, said in stated.items() if (thing := self.game.thing(said))
        }
        return [claim]

    def _differs(self, said: str, right: str) -> bool:
        """Whether words name another thing; words that cannot be placed do not."""
        thing = self.game.thing(said)
        return self.game.strange(said) if thing is None else thing != right

    def _compare(
        self, right: State, stated: dict[str, str], moved: set[str], what: str, said: str
    ) -> Claim:
        wrong = [who for who, said_thing in stated.items() if self._differs(said_thing, right[who])]
        if wrong:
            told = ", ".join(f"{who}: {stated[who]}" for who in wrong)
            should = _written({who: right[who] for who in wrong})
            return Claim(
                False,
                f"{what} it should be {short(should)}, not {short(told)}",
                said,
                _written(right),
            )
        dropped = self.listed - set(stated)
        if dropped and not set(stated) <= moved:
            return Claim(
                False, f"{what} {', '.join(sorted(dropped))} is left out", said, _written(right)
            )
        return Claim(True, f"{what} this is who holds what", said)

    def _end(self, text: str) -> list[Claim]:
        found = _STATED.match(text)
        who = self.game.person(found["who"]) if found else None
        if found is None or who is None:
            return []
        said = found.group().strip()
        if self.done < len(self.game.swaps):
            one, two = self.game.swaps[self.done]
            reason = f"this is not the end: swap {self.done + 1}, {one} and {two}, was not made"
            return [Claim(False, reason, said, f"{one} and {two} swap")]
        right = self.current()[who]
        if self._differs(found["what"], right):
            return [Claim(False, f"{who} holds {right}, not {short(found['what'])}", said, right)]
        return [Claim(True, f"{who} holds {right} in the last stated state", said)]

    def _answer(self, found: re.Match[str]) -> list[Claim]:
        said, letter = found.group().strip(), found["letter"]
        option, asked = self.game.options.get(letter), self.game.asked
        if not self.game.options or asked is None:
            return []
        right = self.current()[asked]
        if option is not None and self.game.thing(option) == right:
            return [Claim(True, f"({letter}) is {right}, which {asked} holds", said)]
        letters = [key for key, text in self.game.options.items() if self.game.thing(text) == right]
        wanted = f"({letters[0]}) {right}" if letters else right
        return [
            Claim(
                False, f"{asked} holds {right}; ({letter}) is {option or 'no option'}", said, wanted
            )
        ]


def _is_terse(case: Case, game: Game) -> bool:
    """Whether the trace is bare lists of who holds what, one a step, but for the outcome."""
    bare = 0
    for step in case.steps[:1000]:
        text = step.text[:MAX_TEXT].strip()
        if not text or _ANSWER.search(text) or _END.match(text):
            continue
        listed = len(_Replay(game, dict(game.start)).stated(text)) >= 2
        if not listed or _SWAP.search(text) or not (_STATED.match(text) or _START.match(text)):
            return False
        bare += _STATED.match(text) is not None
    return bare >= 2


def check(case: Case) -> list[Verdict]:
    """Verdicts on every step that names a swap, lists who holds what, or states the outcome.

    A step is judged against the state that the trace stated last, right or not. Steps in other
    words get no verdict.
    """
    game = game_of(case.problem)
    if game is None:
        return []
    replay = _Replay(game, dict(game.start), terse=_is_terse(case, game))
    return replayed(case, VERIFIER, replay)
