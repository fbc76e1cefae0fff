"""Small cases, verdicts, findings and studies to make pages from."""

from collections.abc import Sequence
from pathlib import Path

from reasonscope.findings import Finding
from reasonscope.report.page import write_report
from reasonscope.stats import Estimate
from reasonscope.traces.schema import Candidate, Case, Problem, Step, Trace, Verdict
from reasonscope.traces.store import Study


def make_case(question: str, pieces: Sequence[str], *, reference: str = "7", **fields) -> Case:
    """A trace whose steps are the pieces."""
    problem = Problem.make(question, answer=reference, family=fields.pop("family", "sums"))
    trace = Trace.make(problem, "".join(pieces), **fields)
    steps, place = [], 0
    for number, piece in enumerate(pieces):
        end = place + len(piece)
        steps.append(
            Step(trace_id=trace.trace_id, index=number, char_start=place, char_end=end, text=piece)
        )
        place = end
    return Case(problem, trace, tuple(steps))


def make_verdict(case: Case, step: int | None, correct: bool | None, **fields) -> Verdict:
    """A verdict on a whole step."""
    held = None if step is None else case.steps[step]
    return Verdict(
        trace_id=case.trace.trace_id,
        step_index=step,
        verifier=fields.pop("verifier", "equations"),
        correct=correct,
        reason=fields.pop("reason", "3 + 3 is 6"),
        char_start=fields.pop("char_start", held and held.char_start),
        char_end=fields.pop("char_end", held and held.char_end),
        **fields,
    )


def make_final(case: Case, text: str, correct: bool | None) -> Candidate:
    """A final answer after the reasoning."""
    return Candidate(
        trace_id=case.trace.trace_id,
        order=0,
        step_index=None,
        char_start=0,
        char_end=len(case.trace.answer),
        text=text,
        correct=correct,
        final=True,
    )


def make_study(
    folder: Path,
    cases: Sequence[Case] = (),
    verdicts: Sequence[Verdict] = (),
    answers: Sequence[Candidate] = (),
    findings: Sequence[Finding] = (),
    name: str = "a small study",
) -> Study:
    """A study of one part."""
    study = Study.create(folder, name)
    if cases:
        study.write_part(
            "problems", "one", {c.problem.problem_id: c.problem for c in cases}.values()
        )
        study.write_part("traces", "one", [c.trace for c in cases])
        study.write_part("steps", "one", [s for c in cases for s in c.steps])
        study.write_part("verdicts", "one", verdicts)
        study.write_part("answers", "one", answers)
    if findings:
        study.write_part("findings", "one", findings)
    return study


def make_finding(value: float | None = 0.9, **fields) -> Finding:
    """A finding with an interval and a control."""
    return Finding(
        instrument=fields.pop("instrument", "answers"),
        name=fields.pop("name", "accuracy_share"),
        sentence=fields.pop("sentence", "Final answers that are right"),
        estimate=Estimate(value=value, low=0.8, high=0.95, n=100, clusters=50, method="wilson")
        if value is not None
        else Estimate(value=None),
        control=fields.pop("control", Estimate(value=0.1, low=0.05, high=0.2, n=100)),
        control_meaning=fields.pop("control_meaning", "answers shuffled between problems"),
        **fields,
    )


def three_cases() -> tuple[list[Case], list[Verdict], list[Candidate]]:
    """A wrong trace with a first error, a right one that takes an error back, a plain one."""
    wrong = make_case(
        "Three and three and one?", ["Let me see. ", "3 + 3 = 5. ", "5 + 1 = 6."], answer="6"
    )
    mended = make_case(
        "Four and three?", ["4 + 3 = 8. ", "Wait, that is wrong. ", "4 + 3 = 7."], answer="7"
    )
    quiet = make_case("Who is there?", ["Hmm. ", "Nobody knows."], model="other")
    verdicts = [
        make_verdict(wrong, 1, False, claim="3 + 3 = 5", expected="6"),
        make_verdict(wrong, 2, True),
        make_verdict(mended, 0, False, expected="7", retracted=True, retracted_by=2),
        make_verdict(mended, 2, True),
    ]
    answers = [make_final(wrong, "6", False), make_final(mended, "7", True)]
    return [wrong, mended, quiet], verdicts, answers


def written(study: Study, panels=(), marks=lambda ids: [], **settings) -> Path:
    """The study's page on disk."""
    return write_report(study, panels, marks, **settings)
