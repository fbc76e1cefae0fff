"""From equations to verdicts: judge each link, bind variables, see what is taken back."""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from reasonscope.traces.schema import Case, Verdict
from reasonscope.verify.arithmetic import written
from reasonscope.verify.equations.bindings import Bindings
from reasonscope.verify.equations.compare import Expression, Match, Worth, holds, match, readings, with_remainder
from reasonscope.verify.equations.doubts import Scene, doubt
from reasonscope.verify.equations.fragments import Fragment, find
from reasonscope.verify.equations.operands import is_name
from reasonscope.verify.equations.reading import assigned_words, tokens_of
from reasonscope.verify.equations.vocabulary import HYPOTHETICAL
from reasonscope.verify.retraction import retracting_step

_REMAINDER = re.compile(
    r"[\s,;(]{0,3}(?:and |with )?(?:a |an )?(?:remainder|rem\.?|[rR])\s?(?:of |is |= ?)?(\d{1,9})(?![\d.])"
)
_CLAIM = 400
"""Longest claim kept in a verdict, in characters."""


@dataclass(frozen=True, slots=True)
class _Link:
    """One judged link before retraction is looked at."""

    verdict: Verdict
    key: str
    """The left side without white space: what a correction must share."""


class Judge:
    """Judges the equations of one trace, in the order of the text."""

    def __init__(self, case: Case, verifier: str) -> None:
        self._case = case
        self._verifier = verifier
        self._text = case.trace.reasoning
        self._bindings = Bindings()
        self._rounded: set[Fraction] = set()
        self._links: list[_Link] = []

    def verdicts(self) -> list[Verdict]:
        """All verdicts of the trace."""
        tokens = tokens_of(self._text, self._case.steps)
        if tokens:
            self._names = assigned_words(self._text)
            for fragment in find(tokens, self._names):
                self._fragment(fragment)
        return self._with_retractions()

    # -- one chain -------------------------------------------------------------------------

    def _fragment(self, fragment: Fragment) -> None:
        sides = [Expression(side) if side.tokens else None for side in fragment.sides]
        sides[0] = self._without_bullet(fragment, sides)
        results = [
            self._match(a, sign, b)
            for a, sign, b in zip(sides, fragment.relations, sides[1:], strict=False)
        ]
        for link, (a, b) in enumerate(zip(sides, sides[1:], strict=False)):
            if a is None or b is None or self._is_binding(fragment, link, a, b):
                continue
            held = (link > 0 and _right(results[link - 1])), (
                link + 1 < len(results) and _right(results[link + 1])
            )
            self._judge(fragment, link, a, b, results[link], held)
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
        held: tuple[bool, bool],
    ) -> None:
        if result is None:
            if any(t.kind == "num" for t in (*a.side.tokens, *b.side.tokens)):
                self._add(fragment, link, None, f"open: {a.why or b.why}", None)
                self._bindings.unknown(a.names | b.names)
            return
        truth, found, x, y = result
        if truth is not True and (remainder := self._remainder(fragment, link)):
            truth = with_remainder(a, y, remainder)
            if truth is not None:
                reason = f"{remainder} remains" if truth else "quotient and remainder do not fit"
                self._add(fragment, link, truth, reason, None)
                return
        if truth:
            self._right(fragment, link, a, b, found, x, y)
            return
        scene = Scene(
            self._text, self._case.problem.question, fragment, link, a, b, x, y,
            self._bindings, held, frozenset(self._rounded),
        )  # fmt: skip
        excuse = "it may be cut off instead of rounded" if truth is None else doubt(scene)
        expected, wrong = self._expected(a, b)
        if excuse is not None:
            self._add(fragment, link, None, f"open: {excuse}", expected)
            if a.names | b.names:
                self._bindings.unknown(a.names | b.names)
            return
        self._add(fragment, link, False, f"{wrong} is {expected}", expected)

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
            self._add(fragment, link, True, "holds exactly", None)
            return
        self._rounded.add(y.value if y.ulp is not None else x.value)
        exact = written(x.value if y.ulp is not None else y.value)
        self._add(fragment, link, True, f"rounded: the exact value is {exact}", None)

    def _add(
        self, fragment: Fragment, link: int, correct: bool | None, reason: str, expected: str | None
    ) -> None:
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
                "".join(t.text for t in left.tokens if t.kind != "unit"),
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
        firm = before not in HYPOTHETICAL and before not in ("try", "when", "for", "with", "at")
        for name in names:
            plain = is_name(name) or fragment.before.kind != "word" or before in ("let", "so", "then")
            self._bindings.bind(name, value, firm=firm and plain and "≈" not in fragment.relations)

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
        right: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for link in self._links:
            verdict = link.verdict
            if verdict.correct and verdict.char_start is not None and verdict.char_end is not None:
                right[link.key].append((verdict.char_start, verdict.char_end))
        return [self._retracted(link, right) for link in self._links]

    def _retracted(self, link: _Link, right: dict[str, list[tuple[int, int]]]) -> Verdict:
        verdict = link.verdict
        if verdict.correct is not False or verdict.char_end is None:
            return verdict
        step = retracting_step(
            self._case.steps, self._text, verdict.char_end, right.get(link.key, ())
        )
        return verdict if step is None else replace(verdict, retracted=True, retracted_by=step)


def _bulleted(fragment: Fragment) -> bool:
    tokens = fragment.sides[0].tokens
    if len(tokens) < 2 or tokens[0].kind != "op" or tokens[0].text not in "-–*+":
        return False
    gap = tokens[0].end < tokens[1].start
    return fragment.before.kind in ("newline", "end", "gap") and (gap or tokens[0].text == "*")


def _right(result: tuple[bool | None, Match, Worth, Worth] | None) -> bool:
    return result is not None and bool(result[0])


def _name(expression: Expression) -> str | None:
    tokens = expression.side.tokens
    return tokens[0].text if len(tokens) == 1 and tokens[0].kind == "word" else None


__all__ = ["Judge"]
