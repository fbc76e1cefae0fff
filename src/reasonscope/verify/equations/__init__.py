"""The verifier ``equations``: every equation of a trace, judged by exact rational arithmetic.

``check(case)`` gives one Verdict per link of each chain of equations, in the order of the text:
True (equal, or rightly rounded), False (not equal, and no reason to doubt that this was meant),
or None (open: an unknown, a unit, a condition, a notation that is not fully understood). A false
one that the trace takes back is marked retracted. Precision of False comes before anything else.
"""

from reasonscope.traces.schema import Case, Verdict
from reasonscope.verify.equations.judging import Judge

__all__ = ["VERIFIER", "check"]

VERIFIER = "equations"


def check(case: Case) -> list[Verdict]:
    """The verdicts on all equations of a trace, in the order of the text.

    Source: SCIENCE F26 (symbolic step checker); departures: chains, roundings, units and
    retraction, as the equations page says.

    >>> from reasonscope.traces.schema import Problem, Step, Trace
    >>> problem = Problem.make("How many?")
    >>> trace = Trace.make(problem, "17 + 5 = 21 eggs.")
    >>> step = Step(trace_id=trace.trace_id, index=0, char_start=0, char_end=17,
    ...             text=trace.reasoning)
    >>> [(v.claim, v.correct, v.expected) for v in check(Case(problem, trace, (step,)))]
    [('17 + 5 = 21', False, '22')]
    """
    return Judge(case, VERIFIER).verdicts()
