"""Decides claims about an order with z3: one solver per problem, one switch per premise.

A thing's place is an integer from 1 to n, all different. Each premise stands behind a switch,
so that "does it follow from what was cited so far" and "does it follow from everything given"
are the same solver with other switches on.
"""

from collections.abc import Iterable
from typing import Any

from reasonscope.verify.logic.order_claims import Claim, Placed, true_in

TIMEOUT_MS = 500
RLIMIT = 400_000
MAX_PLACE = 1_000
MAX_SEEN = 200
"""Orders kept, to answer "is this possible" without asking again."""
MAX_CHECKS = 1_500
"""Questions put to one solver; beyond them nothing is decided."""


class OrderSolver:
    """The orders of n things that premises allow."""

    def __init__(self, size: int, premises: Iterable[Claim]) -> None:
        import z3

        self._z3 = z3
        self._size = size
        context = z3.Context()
        self._solver = z3.SimpleSolver(ctx=context)
        self._solver.set("timeout", TIMEOUT_MS)
        self._solver.set("rlimit", RLIMIT)
        self._context = context
        self._checks = 0
        self._seen: list[tuple[frozenset[int], tuple[int, ...]]] = []
        self._refuted: dict[tuple[Claim | None, bool], list[frozenset[int]]] = {}
        self._memo: dict[tuple[Claim | None, bool, frozenset[int]], bool | None] = {}
        self._at = [z3.Int(f"place{thing}", context) for thing in range(size)]
        self._solver.add(z3.Distinct(*self._at))
        for place in self._at:
            self._solver.add(place >= 1, place <= size)
        self._switches = []
        for index, premise in enumerate(premises):
            switch = z3.Bool(f"premise{index}", context)
            self._switches.append(switch)
            self._solver.add(z3.Implies(switch, self._formula(premise)))
        self.everything = frozenset(range(len(self._switches)))

    def _formula(self, claim: Claim) -> Any:
        z3 = self._z3
        if isinstance(claim, Placed):
            one = z3.Or(z3.BoolVal(False, self._context), *self._pairs(claim))
            return one if claim.holds else z3.Not(one)
        first, second = self._at[claim.first], self._at[claim.second]
        return second == first + 1 if claim.directly else first < second

    def _pairs(self, claim: Placed) -> list[Any]:
        return [self._at[t] == p for t, p in sorted(claim.pairs) if abs(p) <= MAX_PLACE]

    def possible(self, claim: Claim | None, holds: bool, using: frozenset[int]) -> bool | None:
        """Whether the claim (or its opposite) can hold; None: not decided within the limits."""
        key = (claim, holds, using)
        if key not in self._memo:
            self._memo[key] = self._decide(claim, holds, using)
        return self._memo[key]

    def _decide(self, claim: Claim | None, holds: bool, using: frozenset[int]) -> bool | None:
        """z3 is asked only where no earlier order or refutation settles it already."""
        refuted = self._refuted.setdefault((claim, holds), [])
        if any(fewer <= using for fewer in refuted):
            return False
        found = True if self._shown(claim, holds, using) else self._ask(claim, holds, using)
        if found is False:
            refuted.append(using)
        return found

    def _shown(self, claim: Claim | None, holds: bool, using: frozenset[int]) -> bool:
        """Whether an order found before already shows that it is possible."""
        return any(
            using <= premises and (claim is None or true_in(claim, order) == holds)
            for premises, order in self._seen
        )

    def _ask(self, claim: Claim | None, holds: bool, using: frozenset[int]) -> bool | None:
        self._checks += 1
        if self._checks > MAX_CHECKS:
            return None
        z3 = self._z3
        self._solver.push()
        if claim is not None:
            formula = self._formula(claim)
            self._solver.add(formula if holds else z3.Not(formula))
        answer = self._solver.check(*[self._switches[i] for i in sorted(using)])
        if answer == z3.sat:
            self._remember(using)
        self._solver.pop()
        return None if answer == z3.unknown else bool(answer == z3.sat)

    def consistent(self, using: frozenset[int] | None = None) -> bool:
        """Whether at least one order satisfies the premises."""
        return self.possible(None, True, self.everything if using is None else using) is True

    def entails(self, claim: Claim, using: frozenset[int] | None = None) -> bool:
        """Whether the claim holds in every order that the premises allow."""
        return self.possible(claim, False, self.everything if using is None else using) is False

    def contradicts(self, claim: Claim, using: frozenset[int] | None = None) -> bool:
        """Whether the claim holds in no order that the premises allow."""
        return self.possible(claim, True, self.everything if using is None else using) is False

    def _remember(self, using: frozenset[int]) -> None:
        if len(self._seen) < MAX_SEEN:
            model = self._solver.model()
            places = [model.eval(place).as_long() for place in self._at]
            self._seen.append((using, tuple(sorted(range(self._size), key=places.__getitem__))))

    def holder(self, place: int, using: frozenset[int] | None = None) -> int | None:
        """The thing that must have the place; None where it is not determined."""
        used = self.everything if using is None else using
        if not self.consistent(used) or not 1 <= place <= self._size:
            return None
        seen = (order[place - 1] for premises, order in self._seen if used <= premises)
        thing = next(seen, None)
        if thing is None:
            return None
        return thing if self.entails(Placed(frozenset({(thing, place)})), used) else None

    def reasons_against(self, claim: Claim) -> frozenset[int]:
        """A small set of premises that together exclude the claim, by leaving out one by one."""
        core = self.everything
        for index in sorted(self.everything):
            if self.contradicts(claim, core - {index}):
                core = core - {index}
        return core
