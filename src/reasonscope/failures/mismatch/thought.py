"""The answer that the thinking ends with: the last one stated, if it stands when thinking ends."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from reasonscope.problems.answers.comparison import option_index
from reasonscope.problems.answers.reference import kind_of
from reasonscope.traces.schema import Candidate, Problem

TAIL_SHARE, TAIL_CHARACTERS = 0.1, 600
"""An answer is the thinking's last word only if it stands in this last share of the reasoning, or
in its last characters: an earlier one may have been given up without a new one being stated."""
BEFORE, AFTER = 90, 60
"""Characters around a stated answer that tell who says it and whether it is meant."""

_REPORTED = re.compile(
    r"\b(?:notes?|dev|users?|developers?|professors?|they|hint|key|example|claims?|said|says|states"
    r"|stated|initial(?:ly)?|earlier|previous(?:ly)?|supposed|suggest\w*|if|unless|assum\w+|typo"
    r"|someone|instead of|rather than|not|eliminat\w*|would be if|why)\b[^.!?\n]*$",
    re.IGNORECASE,
)
_TAKEN_BACK = re.compile(
    r"[^.!?\n]{0,25}\b(?:incorrect|wrong|isn['’]t|is not|can['’]t|cannot|not correct|mistake"
    r"|but that|however|contradict\w*|impossible|invalid|violat\w*|not sure|unsure)\b",
    re.IGNORECASE,
)
_OPTION_LATER = re.compile(
    r"\b(?:options?|answers?|choices?|sentence|answer is|so|is|hence|thus|for|with)\s?:?\s"
    r"[\"'“*(]{0,3}([A-J])(?![\w'’])|\(([A-J])\)|(?<!\w)([A-J])\)"
)


@dataclass(frozen=True, slots=True)
class Thought:
    """The answer that the thinking ends with, or why there is none."""

    stated: Candidate | None
    reason: str
    """Why none is taken; empty where one is."""


def last_thought(problem: Problem, reasoning: str, stated: Sequence[Candidate]) -> Thought:
    """The last answer that the reasoning states, if it is its own and still stands at the end.

    Answers that the reasoning reports of others, makes conditional or takes back in the same
    breath are passed over. One that is followed by another option is not the last word.

    Args:
        problem: the problem.
        reasoning: the trace's reasoning.
        stated: the answers found in it, in order.
    """
    own = [c for c in stated if c.step_index is not None and _meant(problem, reasoning, c)]
    if not own:
        return Thought(None, "the thinking states no answer of its own")
    last = own[-1]
    tail = max(TAIL_CHARACTERS, TAIL_SHARE * len(reasoning))
    if last.char_end < len(reasoning) - tail:
        return Thought(None, "the thinking goes on for long after the last answer it states")
    if _moves_on(problem, reasoning, last):
        return Thought(None, "the thinking names another option after the last answer it states")
    return Thought(last, "")


def _meant(problem: Problem, reasoning: str, candidate: Candidate) -> bool:
    if kind_of(problem) == "choice" and option_index(candidate.text, problem.choices) is None:
        return False
    before = reasoning[max(0, candidate.char_start - BEFORE) : candidate.char_start]
    after = reasoning[candidate.char_end : candidate.char_end + AFTER]
    return _REPORTED.search(before) is None and _TAKEN_BACK.match(after) is None


def _moves_on(problem: Problem, reasoning: str, last: Candidate) -> bool:
    """Whether a letter of another option is named after the last stated one."""
    if kind_of(problem) != "choice":
        return False
    own = option_index(last.text, problem.choices)
    later = _OPTION_LATER.finditer(reasoning, last.char_end)
    letters = {next(filter(None, match.groups())) for match in later}
    return any(ord(letter) - ord("A") != own for letter in letters)
