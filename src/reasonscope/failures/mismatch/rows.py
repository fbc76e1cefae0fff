"""One row of table ``mismatches``: the thinking's last answer beside the final one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reasonscope.failures.mismatch.sameness import same
from reasonscope.failures.mismatch.thought import last_thought
from reasonscope.traces.schema import Candidate, Case, Verdict

MAX_CLAIMS = 200
"""Claims of one trace that are looked for in its answer text."""
MAX_CHARACTERS = 20_000
"""Characters of the answer text in which claims are looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """One trace: whether its answer text gives the answer that its thinking ended with."""

    trace_id: str
    thought: str | None
    """The thinking's last answer as written; None: none was taken."""
    thought_step: int | None
    char_start: int | None
    """Where it stands in the reasoning."""
    char_end: int | None
    final: str | None
    """The final answer as written in the answer text; None: there is none."""
    agrees: bool | None
    """They are the same answer; None: could not be compared."""
    reason: str
    """How they were compared, or why not."""
    thought_right: bool | None
    """The thinking's answer against the reference."""
    final_right: bool | None
    wrong_claims: int
    """Claims of the reasoning that are wrong and not taken back."""
    wrong_repeated: int
    """Of these, those that the answer text says again."""
    right_claims: int
    right_repeated: int


def examine(case: Case) -> list[Mismatch]:
    """The row of a trace, compared or with the reason why not."""
    stated = case.rows("answers", Candidate)
    finals = [c for c in stated if c.final and c.step_index is None]
    found = last_thought(case.problem, case.trace.reasoning, stated)
    agrees, reason = _compared(case, finals, found.stated, found.reason)
    thought, final = found.stated, finals[-1] if finals else None
    return [
        Mismatch(
            trace_id=case.trace.trace_id,
            thought=None if thought is None else thought.text,
            thought_step=None if thought is None else thought.step_index,
            char_start=None if thought is None else thought.char_start,
            char_end=None if thought is None else thought.char_end,
            final=None if final is None else final.text,
            agrees=agrees,
            reason=reason,
            thought_right=None if thought is None else thought.correct,
            final_right=None if final is None else final.correct,
            **_repeated(case, case.rows("verdicts", Verdict)),
        )
    ]


def _compared(
    case: Case, finals: Sequence[Candidate], thought: Candidate | None, why: str
) -> tuple[bool | None, str]:
    if not case.trace.answer.strip():
        return None, "no text follows the thinking"
    if not finals:
        return None, "the answer text states no answer"
    if thought is None:
        return None, why
    if _first_of_a_list(case.trace.answer, finals[-1]):
        return None, "an answer of several parts"
    found = same(thought.text, finals[-1].text, case.problem)
    return found.correct, found.reason


def _first_of_a_list(text: str, final: Candidate) -> bool:
    """Whether what was taken for the answer only numbers the first of several."""
    if not final.text.strip().isdigit() or not re.match(r"[.)]\s", text[final.char_end :][:2]):
        return False
    following = str(int(final.text.strip()[:6]) + 1)
    return re.search(rf"\n\s{{0,8}}{following}[.)]\s", text[final.char_end :]) is not None


def _repeated(case: Case, verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """How many wrong and right claims of the reasoning the answer text says again."""
    answer = _plain(case.trace.answer[:MAX_CHARACTERS])
    claims = [v for v in verdicts if v.step_index is not None and v.claim and not v.retracted]
    counted = dict.fromkeys(("wrong_claims", "wrong_repeated", "right_claims", "right_repeated"), 0)
    for verdict in claims[:MAX_CLAIMS]:
        if verdict.correct is None:
            continue
        kind = "right" if verdict.correct else "wrong"
        counted[f"{kind}_claims"] += 1
        counted[f"{kind}_repeated"] += _says(answer, _plain(verdict.claim))
    return counted


def _plain(text: str) -> str:
    """The text without spaces, currency and the dress of formulas, for looking up a claim."""
    for dress, plain in (("\\times", "*"), ("×", "*"), ("\\cdot", "*"), ("\\div", "/"), ("÷", "/")):
        text = text.replace(dress, plain)
    return re.sub(r"[\s$*_,\\()\[\]{}]+", "", text.replace("*", "×")).casefold()


def _says(answer: str, claim: str) -> bool:
    """Whether the answer holds the claim, not as the end or start of a longer number."""
    place = answer.find(claim) if len(claim) > 2 else -1
    if place < 0:
        return False
    around = answer[max(0, place - 1) : place], answer[place + len(claim) :][:1]
    return not (around[0].isdigit() and claim[0].isdigit()) and not (
        around[1].isdigit() and claim[-1].isdigit()
    )
