"""Traces and worked problems as examples to learn from: which are kept, and why others are not."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from reasonscope.errors import SetupError
from reasonscope.models.decoding import encode_prompt
from reasonscope.models.prompts import instruction
from reasonscope.problems.answers import final_answer
from reasonscope.stats import Estimate, clustered_proportion
from reasonscope.traces.formats import read
from reasonscope.traces.schema import Case, ErrorRow, Problem, Trace
from reasonscope.traces.segment import steps_of
from reasonscope.traces.store import Study
from reasonscope.training.by_step import by_step
from reasonscope.training.sft_examples import Part
from reasonscope.verify.judge import judge, step_outcome

Keep = Literal["all", "right", "valid"]
"""Which traces are learned from: all that ended, those with a right final answer, or those of
them in which no step holds a wrong claim that stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taught:
    """Examples, and what was left out."""

    pairs: tuple[tuple[Part, Part], ...]
    """Prompt and completion of each example."""
    left_out: tuple[tuple[str, int], ...]
    """By reason, how many traces were left out."""
    kept: Estimate
    """The share of traces that were kept, clustered by problem."""

    @property
    def unread(self) -> int:
        """Rows that could not be read."""
        return dict(self.left_out).get("unreadable", 0)


def taught(tokenizer: Any, cases: Iterable[Case | ErrorRow], keep: Keep = "right") -> Taught:
    """Examples from traces: the student's own prompt for the problem, and the trace's text.

    A trace that was cut is never kept: it would teach to end anywhere. Its text is fitted to the
    student's prompt: the opening tag stands once, in the prompt or in the text.
    """
    pairs: list[tuple[Part, Part]] = []
    reasons: Counter[str] = Counter()
    kept: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for case in cases:
        if isinstance(case, ErrorRow):
            reasons["unreadable"] += 1
            continue
        asked[case.problem.problem_id] += 1
        if (reason := why_not(case, keep)) is not None:
            reasons[reason] += 1
            continue
        kept[case.problem.problem_id] += 1
        prompt, ids = encode_prompt(tokenizer, instruction(case.problem))
        pairs.append((ids, fitted(case.trace, prompt)))
    names = sorted(asked)
    return Taught(
        pairs=tuple(pairs),
        left_out=tuple(sorted(reasons.items())),
        kept=clustered_proportion([kept[n] for n in names], [asked[n] for n in names]),
    )


def why_not(case: Case, keep: Keep) -> str | None:
    """Why a trace is not learned from; None: it is."""
    if case.trace.finish_reason == "length" or case.trace.form == "unclosed":
        return "cut before its end"
    if not case.trace.text.strip():
        return "empty"
    if keep == "all":
        return None
    steps = case.steps or steps_of(case.trace)
    final = final_answer(case.problem, case.trace, steps)
    if final is None:
        return "without a final answer"
    if final.correct is not True:
        return "wrong answer" if final.correct is False else "answer that cannot be compared"
    if keep == "valid" and _has_wrong_step(Case(case.problem, case.trace, steps)):
        return "wrong step"
    return None


def _has_wrong_step(case: Case) -> bool:
    return any(step_outcome(said) is False for said in by_step(case.steps, judge(case)))


def fitted(trace: Trace, prompt: str) -> str:
    """The trace's text so that it goes on from a prompt: with the opening tag once in all.

    >>> one = Problem.make("1 + 1 = ?")
    >>> t = Trace.make(one, "2.", opening="<think>", closing="</think>", answer="2", form="tags")
    >>> fitted(t, "1 + 1 = ? <think>"), fitted(t, "1 + 1 = ?")
    ('2.</think>2', '<think>2.</think>2')
    """
    opening = trace.opening
    if trace.form == "tags" and not opening.strip():
        opening = trace.closing.strip().replace("/", "", 1) + "\n"
    tag = opening.strip()
    if tag and prompt.rstrip().endswith(tag):
        opening = ""
    return opening + trace.reasoning + trace.closing + trace.answer


def taught_from(tokenizer: Any, source: str | Path, keep: Keep = "right") -> Taught:
    """Examples from a study's folder, from a file of traces, or from lines of pairs.

    A file of JSON lines that each hold ``prompt`` and ``completion`` as texts is taken as it is;
    anything else is read as ``reasonscope import`` would.
    """
    place = Path(source)
    if not place.exists():
        raise SetupError(f"no such file or folder: '{place}'")
    if (place / "study.json").is_file():
        return taught(tokenizer, Study.open(place).all_cases(), keep)
    if place.is_file() and (pairs := list(_pairs(place))):
        whole = Estimate(value=1.0, n=len(pairs), method="all are kept")
        return Taught(pairs=tuple(pairs), left_out=(), kept=whole)
    return taught(tokenizer, _read(place), keep)


def _read(place: Path) -> Iterator[Case | ErrorRow]:
    for row in read(place):
        yield row if isinstance(row, ErrorRow) else Case(row.problem, row.trace)


def _pairs(file: Path) -> Iterator[tuple[Part, Part]]:
    """The pairs of a file of JSON lines; nothing where its first line is none."""
    with file.open("rb") as lines:
        for place, line in enumerate(lines, start=1):
            try:
                held = json.loads(line) if line.strip() else None
            except (ValueError, RecursionError):
                held = {}
            if held is None:
                continue
            match held:
                case {"prompt": str(prompt), "completion": str(completion)}:
                    yield prompt, completion
                case _ if place == 1:
                    return
                case _:
                    raise SetupError(
                        f"line {place} of '{file}' should hold prompt and completion as texts, as "
                        "its first line does"
                    )


def worked(tokenizer: Any, problems: Sequence[Problem]) -> Taught:
    """Examples from problems that come with a right sequence of steps.

    The completion is ``<think>``, a line for each step, ``</think>`` and the answer as the prompt
    asks for it.
    """
    pairs: list[tuple[Part, Part]] = []
    for problem in problems:
        if problem.steps and problem.answer is not None:
            prompt, ids = encode_prompt(tokenizer, instruction(problem))
            lines = "\n".join(problem.steps)
            opening = "" if prompt.rstrip().endswith("<think>") else "<think>\n"
            pairs.append((ids, f"{opening}{lines}\n</think>\n\n{_final(problem)}"))
    missing = len(problems) - len(pairs)
    return Taught(
        pairs=tuple(pairs),
        left_out=(("without worked steps", missing),) if missing else (),
        kept=clustered_proportion([len(pairs)], [len(problems)]),
    )


def _final(problem: Problem) -> str:
    if problem.answer_kind == "expression":
        return f"\\boxed{{{problem.answer}}}"
    return f"Answer: {problem.answer}"
