"""Decides what facts and rules derive, with z3 over the named things.

Derivation is that of an open world: a denied condition needs a derived denial, and a rule is not
read backwards. So every literal, affirmed or denied, is a Boolean of its own; the rules, one copy
for each named thing and one for an unnamed "anything", are Horn clauses over them; and a literal
is derivable exactly when the clauses entail its Boolean.
"""

from typing import Any

from reasonscope.verify.logic.rule_language import Literal, Rule

TIMEOUT_MS = 1_000
RLIMIT = 2_000_000
MAX_CHECKS = 3_000
"""Questions put to one solver; beyond them nothing is decided."""
ANYTHING = "anything"
"""The thing of which nothing is known."""


class RuleSolver:
    """What premises derive about named things."""

    def __init__(self, constants: tuple[str, ...], premises: tuple[Rule, ...]) -> None:
        import z3

        self._z3 = z3
        self._context = z3.Context()
        self._solver = z3.SimpleSolver(ctx=self._context)
        self._solver.set("timeout", TIMEOUT_MS)
        self._solver.set("rlimit", RLIMIT)
        self._checks = 0
        self._flags: dict[Literal, Any] = {}
        self._memo: dict[tuple[Literal, tuple[Literal, ...]], frozenset[int] | None] = {}
        self._switches = [z3.Bool(f"premise{i}", self._context) for i in range(len(premises))]
        for switch, rule in zip(self._switches, premises):
            for constant in (*constants, ANYTHING) if rule.general else (ANYTHING,):
                self._add(switch, rule, constant)

    def _flag(self, literal: Literal) -> Any:
        if literal not in self._flags:
            self._flags[literal] = self._z3.Bool(f"literal{len(self._flags)}", self._context)
        return self._flags[literal]

    def _add(self, switch: Any, rule: Rule, constant: str) -> None:
        z3 = self._z3
        body = [self._flag(literal.about(constant)) for literal in rule.body]
        for literal in rule.head:
            head = self._flag(literal.about(constant))
            self._solver.add(z3.Implies(z3.And(switch, *body), head))

    def derivation(
        self, literal: Literal, given: tuple[Literal, ...] = ()
    ) -> frozenset[int] | None:
        """The premises from which the literal follows, ``given`` more; None: it does not."""
        bound = literal.about(ANYTHING)
        more = tuple(sorted({g.about(ANYTHING) for g in given}, key=repr))
        if (bound, more) not in self._memo:
            self._memo[bound, more] = self._ask(bound, more)
        return self._memo[bound, more]

    def _refuted(self, flags: list[Any], switches: list[Any]) -> list[Any] | None:
        self._checks += 1
        if self._checks > MAX_CHECKS:
            return None
        if self._solver.check(*flags, *switches) != self._z3.unsat:
            return None
        core = {str(flag) for flag in self._solver.unsat_core()}
        return [switch for switch in switches if str(switch) in core]

    def _ask(self, literal: Literal, given: tuple[Literal, ...]) -> frozenset[int] | None:
        flags = [self._flag(g) for g in given] + [self._z3.Not(self._flag(literal))]
        core = self._refuted(flags, self._switches)
        if core is None:
            return None
        for switch in list(core):
            smaller = self._refuted(flags, [other for other in core if other is not switch])
            core = smaller if smaller is not None else core
        names = {str(switch): index for index, switch in enumerate(self._switches)}
        return frozenset(names[str(switch)] for switch in core)
