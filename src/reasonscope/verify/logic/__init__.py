"""Steps checked with z3: entailed by the problem's premises, contradicted by them, or open.

Two families. ``logic.order``: things in a fixed order, with statements such as "the owl is to
the left of the crow". ``logic.rules``: facts and if-then rules, as in ProntoQA and ProofWriter.
z3 is loaded only when a problem of one of these kinds is checked.
"""

from reasonscope.traces.schema import Case, Problem, Verdict
from reasonscope.verify.logic.order_check import check_order
from reasonscope.verify.logic.order_premises import looks_like_order
from reasonscope.verify.logic.rule_check import check_rules
from reasonscope.verify.logic.rule_premises import looks_like_rules

__all__ = ["applies", "check"]


def applies(problem: Problem) -> bool:
    """Whether the text of a problem looks like one that can be checked here; cheap.

    >>> applies(Problem.make("What is 2 + 2?"))
    False
    """
    return looks_like_order(problem.question) or looks_like_rules(problem.question)


def check(case: Case) -> list[Verdict]:
    """At most one verdict for each sentence of the trace that states something checkable.

    ``correct`` is True where the premises entail it, False where they contradict it or, in a
    trace that argues without exploring, do not license it, and None where it stays open. A
    problem of neither kind gives no verdicts.
    """
    if looks_like_order(case.problem.question):
        found = check_order(case)
        if found:
            return found
    return check_rules(case) if looks_like_rules(case.problem.question) else []
