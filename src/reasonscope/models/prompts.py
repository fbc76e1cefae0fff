"""What a model is asked: the question, its options, and where to put the answer."""

from collections.abc import Callable
from dataclasses import replace

from reasonscope.traces.schema import Case, Problem

_ENDINGS = {
    "number": "End with a line that says 'Answer:' and then the number alone.",
    "expression": "Put the final answer in \\boxed{}.",
    "choice": "End with a line that says 'Answer:' and then the letter of the right option alone.",
    "text": "End with a line that says 'Answer:' and then the final answer alone.",
    "unknown": "End with a line that says 'Answer:' and then the final answer alone.",
}


def instruction(problem: Problem) -> str:
    r"""The text that a model is sent for a problem: question, options, where the answer goes.

    The default wording asks for steps and names a marker that answer extraction knows; it is
    plain on purpose, so that models differ and prompts do not. Options are listed unless the
    question holds them already.

    >>> print(instruction(Problem.make("1 + 1 = ?", answer_kind="number")))
    1 + 1 = ?
    <BLANKLINE>
    Think step by step. End with a line that says 'Answer:' and then the number alone.
    """
    parts = [problem.question.strip()]
    if problem.choices and not all(choice in problem.question for choice in problem.choices):
        parts.append("\n".join(_options(problem.choices)))
    parts.append(f"Think step by step. {_ENDINGS[problem.answer_kind]}")
    return "\n\n".join(parts)


def plain_prompt(text: str) -> str:
    """An instruction for a model without a chat template: the text, and where to go on."""
    return f"{text}\n\nSolution:\n"


def prompted(case: Case, prompt_for: Callable[[Problem], str] | None) -> Case:
    """The trace with its prompt, made where it came without one and something makes it."""
    if case.trace.prompt or prompt_for is None:
        return case
    return replace(case, trace=replace(case.trace, prompt=prompt_for(case.problem)))


def _options(choices: tuple[str, ...]) -> list[str]:
    return [f"{letter(index)}) {choice}" for index, choice in enumerate(choices)]


def letter(index: int) -> str:
    """The letter of an option, counted from 0: A to Z, then AA, AB and so on.

    >>> letter(0), letter(25), letter(26)
    ('A', 'Z', 'AA')
    """
    before, last = divmod(index, 26)
    return (letter(before - 1) if before else "") + chr(ord("A") + last)
