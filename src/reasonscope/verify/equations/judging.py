"""From equations to verdicts: judge each link, bind variables, see what is taken back."""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import pairwise

from reasonscope.traces.schema import Case, Verdict
from reasonscope.verify.arithmetic import written
from reasonscope.verify.equations.bindings import Bindings
from reasonscope.verify.equations.chain import Fragment
from reasonscope.verify.equations.compare import (
    Expression,
    Match,
    Worth,
    holds,
    leaves,
    match,
    readings,
    with_remainder,
    worth_of,
)
from reasonscope.verify.equations.doubts import doubt
from reasonscope.verify.equations.fragments import Finder
from reasonscope.verify.equations.operands import is_name
from reasonscope.verify.equations.reading import assigned_words, tokens_of
from reasonscope.verify.equations.scene import Scene
from reasonscope.verify.equations.vocabulary import HYPOTHETICAL
from reasonscope.verify.retraction import REACH, retracting_step

_REMAINDER = re.compile(
    r"[\s,;(]{0,3}(?:and |with )?(?:a |an )?(?:remainder|rem\.?|[rR])\s?"
    r"(?:of |is |= ?)?(\d{1,9})(?!\.?\d)"
)
_LOOKED_THROUGH = 20_000
"""Characters from the start in which a name's first use is looked for; further on, none is firm."""
_NAMES = 100
"""Names of one trace that can be firm."""
_MOST = 20_000
"""Equations of one trace that are judged; a last open verdict says that there were more."""
_MOST_FALSE = 500
"""False equations of one trace for which a retraction is looked for."""
_CLAIM = 400
"""Longest claim kept in a verdict, in characters."""


@dataclass(frozen=True)
class _Link:
    """One judged link before retraction is looked at."""

    verdict: Verdict
    left: Expression

    @cached_property
    def key(self) -> tuple[Fraction, ...]:
        """The value and the numbers of the left side: what a correction must share."""
        tree = self.left.tree
        if tree is None or not self.left.signs:
            return ()
        value = worth_of(tree, {})
        numbers = sorted(leaf.value for leaf in leaves(tree))
        return () if value is None else (value, *numbers)


class Judge:
    """Judges the equations of one trace, in the order of the text."""

    def __init__(self, case: Case, verifier: str) -> None:
        self._case = case
        self._verifier = verifier
        self._text = case.trace.reasoning
        self._question = case.problem.question[:_LOOKED_THROUGH]
        self._bindings = Bindings()
        self._rounded: set[Fraction] = set()
        self._links: list[_Link] = []

    def verdicts(self) -> list[Verdict]:
        """All verdicts of the trace."""
        tokens = tokens_of(self._text, self._case.steps)
        if tokens:
            self._names = assigned_words(self._text)
            for fragment in Finder(tokens, self._names).fragments():
                self._fragment(fragment)
                if len(self._links) >= _MOST:
                    last = self._links[-1]
                    reason = f"open: this trace has more than {_MOST:,} equations"
                    rest = replace(last.verdict, correct=None, expected=None, reason=reason)
                    self._links.append(_Link(rest, last.left))
                    break
        return self._with_retractions()

    # -- one chain -------------------------------------------------------------------------

    def _fragment(self, fragment: Fragment) -> None:
        sides = [Expression(side) if side.tokens else None for side in fragment.sides]
        sides[0] = self._without_bullet(fragment, sides)
        results = [
            self._match(a, sign, b)
            for a, sign, b in zip(sides, fragment.relations, sides[1:], strict=False)
        ]
        for link, (a, b) in enumerate(pairwise(sides)):
            if a is None or b is None or self._is_binding(fragment, link, a, b):
                continue
            self._judge(fragment, link, a, b, results[link])
        self._bind(fragment, sides)

    def _without_bullet(
        self, fragment: Fragment, sides: Sequence[Expression | None]
    ) -> Expression | None:
        """The first side without a dash or star that may be a bullet; with it if that holds."""
        first, second = sides[0], sides[1]
        if first is None or second is None or not _bulleted(fragment):
            return first
        held = match(first, second, self._bindings.values)
        if held is not None and holds(fragment.relations[0], *held):
            return first
        side = fragment.sides[0]
        fragment.sides[0] = replace(side, tokens=side.tokens[1:], start=side.tokens[1].start)
        return Expression(fragment.sides[0])

    def _match(
        self, a: Expression | None, sign: str, b: Expression | None
    ) -> tuple[bool | None, Match, Worth, Worth] | None:
        if a is None or b is None:
            return None
        found = match(a, b, self._bindings.values)
        return None if found is None else (holds(sign, *found), *found)

    def _is_binding(self, fragment: Fragment, link: int, a: Expression, b: Expression) -> bool:
        """A lone name that gets or had this value is bound, not claimed."""
        sign = fragment.relations[link]
        return sign in ("=", ":=", "≈") and (_name(a) is not None or _name(b) is not None)

    def _judge(
        self,
        fragment: Fragment,
        link: int,
        a: Expression,
        b: Expression,
        result: tuple[bool | None, Match, Worth, Worth] | None,
    ) -> None:
        if result is None:
            if any(t.kind == "num" for t in (*a.side.tokens, *b.side.tokens)):
                self._add(fragment, link, a, None, f"open: {a.why or b.why}", None)
                self._bindings.unknown(_letters(a) | _letters(b))
            return
        truth, found, x, y = result
        if truth is not True and (remainder := self._remainder(fragment, link)):
            truth = with_remainder(a, y, remainder)
            if truth is not None:
                reason = f"{remainder} remains" if truth else "quotient and remainder do not fit"
                self._add(fragment, link, a, truth, reason, None)
                return
        if truth:
            self._right(fragment, link, a, b, found, x, y)
            return
        scene = Scene(
            self._text, self._question, fragment, link, a, b, x, y,
            self._bindings, frozenset(self._rounded),
        )  # fmt: skip
        excuse = "it may be cut off instead of rounded" if truth is None else doubt(scene)
        expected, wrong = self._expected(a, b)
        if excuse is not None:
            self._add(fragment, link, a, None, f"open: {excuse}", expected)
            self._bindings.unknown(a.names | b.names)
            return
        self._add(fragment, link, a, False, f"{wrong} is {expected}", expected)

    def _remainder(self, fragment: Fragment, link: int) -> int | None:
        if link < len(fragment.relations) - 1:
            return None
        found = _REMAINDER.match(self._text, fragment.sides[-1].end)
        return int(found.group(1)) if found else None

    def _expected(self, a: Expression, b: Expression) -> tuple[str | None, str]:
        """The right value in the usual reading, and which side has it."""
        side, name = (a, "the left side") if a.signs >= b.signs else (b, "the right side")
        worth = side.worth(self._bindings.values, next(readings(side.ambiguities)))
        return (None if worth is None else written(worth.value)), name

    def _right(
        self, fragment: Fragment, link: int, a: Expression, b: Expression, found: Match,
        x: Worth, y: Worth,
    ) -> None:  # fmt: skip
        if found == "equal" or fragment.relations[link] not in "=≈":
            self._add(fragment, link, a, True, "holds exactly", None)
            return
        self._rounded.add(y.value if y.ulp is not None else x.value)
        exact = written(x.value if y.ulp is not None else y.value)
        self._add(fragment, link, a, True, f"rounded: the exact value is {exact}", None)

    def _add(
        self, fragment: Fragment, link: int, a: Expression, correct: bool | None, reason: str,
        expected: str | None,
    ) -> None:  # fmt: skip
        left, right = fragment.sides[link], fragment.sides[link + 1]
        self._links.append(
            _Link(
                Verdict(
                    trace_id=self._case.trace.trace_id,
                    step_index=self._step_at(right.start),
                    verifier=self._verifier,
                    correct=correct,
                    reason=reason,
                    claim=self._text[left.start : min(right.end, left.start + _CLAIM)],
                    expected=expected,
                    char_start=left.start,
                    char_end=right.end,
                ),
                a,
            )
        )

    def _step_at(self, place: int) -> int:
        steps = self._case.steps
        if not steps:
            return 0
        return max(0, bisect_right(steps, place, key=lambda step: step.char_start) - 1)

    # -- variables -------------------------------------------------------------------------

    def _bind(self, fragment: Fragment, sides: Sequence[Expression | None]) -> None:
        names = {name for side in sides if side is not None and (name := _name(side))}
        if not names or set(fragment.relations) - {"=", ":=", "≈"}:
            return
        value = self._last_value(sides)
        if value is None:
            self._bindings.unknown(names)
            return
        before = fragment.before.text.lower() if fragment.before.kind == "word" else ""
        at = fragment.sides[0].start
        index = at > 0 and self._text[at - 1] == "{"
        firm = (
            not index
            and before not in HYPOTHETICAL
            and before not in ("try", "when", "for", "with", "at")
        )
        for name in names:
            firm = firm and self._first_seen(name, fragment)
            plain = (
                is_name(name) or fragment.before.kind != "word" or before in ("let", "so", "then")
            )
            self._bindings.bind(name, value, firm=firm and plain and "≈" not in fragment.relations)

    def _first_seen(self, name: str, fragment: Fragment) -> bool:
        """Whether a name that is set was never written before: not an unknown of the problem."""
        if name in self._bindings.values:
            return self._bindings.firm({name})
        place = fragment.sides[0].start if fragment.sides[0].start >= 0 else fragment.places[0]
        if place > _LOOKED_THROUGH or len(self._bindings.values) > _NAMES:
            return False
        word = re.compile(rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z'’])")
        return word.search(self._question) is None and word.search(self._text, 0, place) is None

    def _last_value(self, sides: Sequence[Expression | None]) -> Fraction | None:
        for side in reversed(sides):
            if side is not None and _name(side) is None:
                found = match(side, side, self._bindings.values)
                if found is not None and found[1].exact:
                    return found[1].value
                return None
        return None

    # -- retraction ------------------------------------------------------------------------

    def _with_retractions(self) -> list[Verdict]:
        if not any(link.verdict.correct is False for link in self._links):
            return [link.verdict for link in self._links]
        right: dict[tuple[Fraction, ...], list[tuple[int, int]]] = defaultdict(list)
        for link in self._links:
            verdict = link.verdict
            if (
                verdict.correct
                and link.key
                and verdict.char_start is not None
                and verdict.char_end is not None
            ):
                right[link.key].append((verdict.char_start, verdict.char_end))
        wrong = [i for i, link in enumerate(self._links) if link.verdict.correct is False]
        verdicts = [link.verdict for link in self._links]
        for place in wrong[:_MOST_FALSE]:
            verdicts[place] = self._retracted(place, right)
        return verdicts

    def _retracted(
        self, place: int, right: dict[tuple[Fraction, ...], list[tuple[int, int]]]
    ) -> Verdict:
        link = self._links[place]
        verdict = link.verdict
        if verdict.correct is not False or verdict.char_end is None:
            return verdict
        step = retracting_step(
            self._case.steps, self._text, verdict.char_end, right.get(link.key, ()),
            self._next_claim(place),
        )  # fmt: skip
        return verdict if step is None else replace(verdict, retracted=True, retracted_by=step)

    def _next_claim(self, place: int) -> int | None:
        """Where the next claim begins that a denial would rather mean.

        The chain's other links, and true equations on the same line or with a number in common,
        are passed over: they are often the very argument for the denial.
        """
        end = self._links[place].verdict.char_end or 0
        for later in range(place + 1, len(self._links)):
            link = self._links[later]
            start = link.verdict.char_start or 0
            if start > end + REACH:
                break
            if start < end or (link.key and link.key == self._links[place].key):
                continue
            again = set(link.key[1:]) & set(self._links[place].key[1:])
            if link.verdict.correct is False or ("\n" in self._text[end:start] and not again):
                return start
        return None


def _letters(expression: Expression) -> set[str]:
    """The variables of an expression, even where it is not understood as a whole."""
    return {token.text for token in expression.side.tokens if token.kind == "word"}


def _bulleted(fragment: Fragment) -> bool:
    tokens = fragment.sides[0].tokens
    if len(tokens) < 2 or tokens[0].kind != "op" or tokens[0].text not in "-–*+":
        return False
    gap = tokens[0].end < tokens[1].start
    return fragment.before.kind in ("newline", "end", "gap") and (gap or tokens[0].text == "*")


def _name(expression: Expression) -> str | None:
    tokens = expression.side.tokens
    return tokens[0].text if len(tokens) == 1 and tokens[0].kind == "word" else None


__all__ = ["Judge"]
