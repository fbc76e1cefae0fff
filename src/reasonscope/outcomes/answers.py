"""The answers instrument: which traces end with the right answer.

Every answer that a trace states is a row of table ``answers``; the last that counts is final.
Accuracy is over traces whose final answer could be compared; traces without a final answer and
those that could not be compared are counted beside it, never as wrong.
"""

from collections.abc import Sequence

from reasonscope.findings import Finding
from reasonscope.instrument import Instrument
from reasonscope.outcomes.answers_panel import panel
from reasonscope.outcomes.answers_planted import calibrate
from reasonscope.problems.answers import candidates, compare
from reasonscope.provenance import content_id
from reasonscope.report.panel import Mark
from reasonscope.shares import share_of
from reasonscope.stats import Estimate, clustered_proportion
from reasonscope.traces.schema import Candidate, Case, Problem
from reasonscope.traces.store import Study

CONTROL_TRACES = 500
"""Most traces whose answers are compared with another problem's reference."""

OUTCOMES = """
select t.trace_id, t.problem_id, a.text, a.correct
from traces t left join (select * from answers where final) a using (trace_id)
where t.trace_id not in (select place from errors where source = 'instrument answers')
"""
"""Each examined trace with its final answer, if any, and whether it is right."""


def examine(case: Case) -> list[Candidate]:
    """Every answer that the trace states, in order, compared with the reference."""
    return candidates(case.problem, case.trace, case.steps)


def conclude(study: Study) -> list[Finding]:
    """Accuracy with its shuffled control, and how many traces could be assessed."""
    return [_accuracy(study), _answered(study), _compared(study)]


def _accuracy(study: Study) -> Finding:
    estimate = share_of(study, OUTCOMES, "correct", "correct is not null")
    return Finding.of(
        "answers",
        "accuracy_share",
        estimate,
        "{} of the final answers that could be compared with a reference are right",
        missing="no final answer could be compared with a reference",
        control=_shuffled(study),
        control_meaning="the same answers compared with the reference of another problem",
        better="higher",
    )


def _answered(study: Study) -> Finding:
    estimate = share_of(study, OUTCOMES, "text is not null", "true")
    return Finding.of(
        "answers",
        "answered_share",
        estimate,
        "{} of the traces state a final answer that could be read",
        missing="there are no traces",
        better="higher",
    )


def _compared(study: Study) -> Finding:
    estimate = share_of(study, OUTCOMES, "correct is not null", "text is not null")
    return Finding.of(
        "answers",
        "compared_share",
        estimate,
        "{} of these answers could be told right or wrong",
        missing="no trace states a final answer",
        better="higher",
    )


def _shuffled(study: Study) -> Estimate | None:
    """How often answers match the reference of another problem of their family and kind."""
    known = [p for p in study.records("problems", Problem) if p.answer is not None]
    partner = _partners(known)
    rows = study.rows(
        f"select trace_id, problem_id, text from ({OUTCOMES}) "
        f"where correct is not null order by md5(trace_id) limit {CONTROL_TRACES}"
    )
    outcomes: dict[str, list[bool]] = {}
    for _, problem_id, text in rows:
        if problem_id in partner:
            verdict = compare(text, partner[problem_id]).correct
            if verdict is not None:  # as in the accuracy itself: never as wrong
                outcomes.setdefault(problem_id, []).append(verdict)
    if not outcomes:
        return None
    return clustered_proportion(
        [sum(o) for o in outcomes.values()], [len(o) for o in outcomes.values()]
    )


def _partners(problems: Sequence[Problem]) -> dict[str, Problem]:
    """For each problem another of its family and kind, in hashed order; references may agree."""
    groups: dict[tuple[str, str], list[Problem]] = {}
    for problem in sorted(problems, key=lambda p: content_id("shuffle", p.problem_id)):
        groups.setdefault((problem.family, problem.answer_kind), []).append(problem)
    pairs = [
        (one.problem_id, other)
        for group in groups.values()
        for one, other in zip(group, [*group[1:], group[0]], strict=True)
    ]
    return {one: other for one, other in pairs if one != other.problem_id}


def marks(study: Study, trace_ids: Sequence[str]) -> list[Mark]:
    """A mark where each candidate answer stands."""
    return [
        Mark(
            trace_id=row.trace_id,
            step_index=row.step_index,
            layer="answers",
            kind="final" if row.final else "answer",
            text=_says(row),
            char_start=row.char_start,
            char_end=row.char_end,
        )
        for row in study.of_traces("answers", Candidate, trace_ids)
    ]


def _says(row: Candidate) -> str:
    judged = {True: "right", False: "wrong", None: "could not be compared"}[row.correct]
    kind = "final answer" if row.final else "candidate answer"
    return f"{kind} {row.text}: {judged}" + (f" ({row.reason})" if row.reason else "")


INSTRUMENT = Instrument(
    name="answers",
    title="Answers",
    row=Candidate,
    table="answers",
    examine=examine,
    conclude=conclude,
    panel=panel,
    headlines=("accuracy_share",),
    marks=marks,
    calibrate=calibrate,
)
