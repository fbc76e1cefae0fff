"""Requests in, rollouts out: a continuer goes on from a trace, and what it wrote is read."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from reasonscope.errors import SetupError
from reasonscope.models.continuing import Continuation, Continued, Continuer, Uncontinued
from reasonscope.models.generation import Drawn, Sampling, unheard
from reasonscope.structure.anchors.answering import Outcome, forced_outcome, sampled_outcome
from reasonscope.structure.anchors.rollout import Request, Rollout
from reasonscope.traces.schema import Case, Step, Trace

FORCED_LIMIT = 64
"""Most tokens of a forced answer, unless said otherwise."""
Key = tuple[str, int, str, int]
"""What names a rollout within a trace: arm, kept, inserted, index."""

_BLANKS = " \t"
_LEAD_REACH = 400
_TAG_REACH = 60
_OPENING = re.compile(r"([<\[◁])([^<>\[\]◁▷]{2,40})([>\]▷])\s*\Z")
_NOTHING = Outcome(step="", answer=None, correct=None)


def roll(
    case: Case,
    continuer: Continuer,
    requests: Iterable[Request],
    sampling: Sampling,
    *,
    base_seed: int = 0,
    limit: int = 1024,
    forced_limit: int = FORCED_LIMIT,
    lead: str | None = None,
    drawn: Drawn = unheard,
) -> Iterator[Rollout]:
    """One rollout for each request, in the order in which the continuer ends them.

    Requests are taken as the continuer has room, never listed. A rollout depends on its request,
    the trace and ``base_seed`` alone, so a run that was broken off goes on with those whose
    :func:`key` is missing and ends with the same rows. A forced request without a text of its own
    gets :func:`forcing`'s, which its row then names; a request of any arm whose text ends with that
    is read as a forced one and has its limit.

    A rollout that was cut at its limit has no answer, but a forced one whose answer was complete
    before: its ``ended`` is True. Texts begin where the kept steps end: the blanks before them
    that :func:`characters_kept` leaves to the model are taken off.

    Args:
        case: The trace, its steps and its problem.
        continuer: What goes on.
        requests: What is asked.
        sampling: Temperature and share of probability.
        base_seed: Another one gives other rollouts of the same requests.
        limit: Most tokens of a rollout.
        forced_limit: Most tokens of a forced answer.
        lead: What leads to a forced answer; None: as :func:`proposed_lead` says.
        drawn: Told how many tokens were drawn.

    Yields:
        Rollout: One for each request; a failure is one with an ``error``.

    Raises:
        SetupError: the trace does not fit the continuer, or a request keeps more steps than the
            trace has.
    """
    asked = _Asked(case, base_seed, limit, forced_limit, lead)
    for row in continuer.continued(case.trace, asked.continuations(requests), sampling, drawn):
        yield asked.rollout(row)


class _Asked:
    """The requests of one trace that were made and have not been answered."""

    def __init__(
        self, case: Case, base_seed: int, limit: int, forced_limit: int, lead: str | None
    ) -> None:
        self.case, self.base_seed = case, base_seed
        self.limit, self.forced_limit = limit, forced_limit
        self.forcing = forcing(case.trace, lead)
        self.open: dict[int, list[Request]] = {}

    def continuations(self, requests: Iterable[Request]) -> Iterator[Continuation]:
        """What the continuer is asked, one by one."""
        for request in requests:
            whole = completed(request, self.forcing)
            seed = whole.seed(self.case.trace.trace_id, self.base_seed)
            self.open.setdefault(seed, []).append(whole)
            kept, put = characters_kept(self.case.trace, self.case.steps, whole), _put(whole)
            yield Continuation(
                kept=kept,
                inserted=put if kept else put.lstrip(_BLANKS),
                seed=seed,
                limit=self.forced_limit if self._forces(whole) else self.limit,
            )

    def _forces(self, request: Request) -> bool:
        return request.arm == "forced" or (
            bool(self.forcing) and request.inserted.endswith(self.forcing)
        )

    def rollout(self, row: Continued | Uncontinued) -> Rollout:
        """The row of what came back."""
        seed = row.asked.seed
        waiting = self.open[seed]
        request = waiting.pop()
        if not waiting:
            del self.open[seed]
        if isinstance(row, Uncontinued):
            return _row(self.case.trace, request, seed, _NOTHING, error=row.why or "unknown")
        outcome, error = self._read(request, row)
        settled = self._forces(request) and outcome.answer is not None
        ended = row.ended or settled
        text = self._after_border(request, row)
        return _row(self.case.trace, request, seed, outcome, text, row.tokens, ended, error)

    def _read(self, request: Request, row: Continued) -> tuple[Outcome, str]:
        problem, trace = self.case.problem, self.case.trace
        before, put = trace.text[: row.asked.kept], row.asked.inserted
        try:
            if self._forces(request):
                led = self.forcing.rstrip(_BLANKS)
                asks = led if put.endswith(led) else put
                before += put[: len(put) - len(asks)]
                found = forced_outcome(problem, trace, before, asks, row.text, ended=row.ended)
            else:
                found = sampled_outcome(problem, trace, before + put, row.text, ended=row.ended)
        except Exception as error:  # whatever a strange text breaks, the run goes on
            return _NOTHING, f"could not be read: {type(error).__name__}: {error}"[:500]
        return found, ""

    def _after_border(self, request: Request, row: Continued) -> str:
        """What was sampled, less the blanks of the kept steps that the model wrote instead.

        A decoder that is given a text's first word drops its blank; one that is given the prompt
        as well does not.
        """
        trace = self.case.trace
        if row.asked.inserted:
            return row.text
        if row.asked.kept == 0:
            return row.text if trace.text[:1].isspace() else row.text.lstrip(_BLANKS)
        border = _border(trace, self.case.steps, request.kept)
        return row.text.removeprefix(trace.text[row.asked.kept : border])


def _row(
    trace: Trace,
    request: Request,
    seed: int,
    outcome: Outcome,
    text: str = "",
    tokens: int = 0,
    ended: bool = False,
    error: str = "",
) -> Rollout:
    return Rollout(
        trace_id=trace.trace_id,
        kept=request.kept,
        index=request.index,
        arm=request.arm,
        inserted=request.inserted,
        seed=seed,
        text=text,
        step=outcome.step,
        tokens=tokens,
        ended=ended,
        answer=outcome.answer,
        correct=outcome.correct,
        error=error,
    )


def key(row: Request | Rollout) -> Key:
    """What names a rollout within its trace; the same for a completed request and its row."""
    return row.arm, row.kept, row.inserted, row.index


def completed(request: Request, forced: str) -> Request:
    """The request with the text that is put in where it asks for an answer and names none."""
    if request.arm == "forced" and not request.inserted:
        return replace(request, inserted=forced)
    return request


def characters_kept(trace: Trace, steps: Sequence[Step], request: Request) -> int:
    """How many characters of the trace's text stand before what is inserted or sampled.

    The kept steps, less the blanks at their end where the model writes these with its next word:
    after "I add. " most vocabularies have no good way to go on, since their words begin with the
    blank. With known token ends these are the blanks after the last whole token, else blanks and
    tabs, not line breaks. An insertion that begins with a word keeps the blanks.

    Raises:
        SetupError: the trace has fewer steps than are to be kept.
    """
    border = _border(trace, steps, request.kept)
    put = _put(request)
    if put and not put[0].isspace():
        return border
    if trace.token_ends is None:
        return len(trace.text[:border].rstrip(_BLANKS))
    before = bisect_right(trace.token_ends, border)
    whole = trace.token_ends[before - 1] if before else 0
    return border if trace.text[whole:border].strip() else whole


def _border(trace: Trace, steps: Sequence[Step], kept: int) -> int:
    """Where the first step that is not kept begins in the trace's text."""
    if not 0 <= kept <= len(steps):
        raise SetupError(f"kept must be 0 to {len(steps)}, the trace's steps; found {kept}")
    return len(trace.opening) + (steps[kept - 1].char_end if kept else 0)


def _put(request: Request) -> str:
    """What is inserted, less the blanks at its end, which the model writes with its next word."""
    return request.inserted.rstrip(_BLANKS)


def forcing(trace: Trace, lead: str | None = None) -> str:
    r"""What closes a trace's reasoning and asks for its answer.

    The trace's own closing or, where it never closed, that of its opening tag; then the lead.

    >>> from reasonscope.traces.schema import Problem
    >>> problem = Problem.make("1 + 1 = ?")
    >>> forcing(Trace.make(problem, "1 + 1 = 2.", closing="\n</think>\n\n", answer="It is 2."))
    '\n</think>\n\nThe final answer is'
    >>> forcing(Trace.make(problem, "1 + 1 = 2."))
    '\n\nThe final answer is'
    """
    wanted = proposed_lead(trace) if lead is None else lead
    closing = trace.closing or _closing_of(trace)
    if not closing.strip():
        return wanted if not wanted or wanted[0].isspace() else f"\n\n{wanted}"
    return closing + wanted.lstrip() if closing[-1].isspace() else closing + wanted


def proposed_lead(trace: Trace) -> str:
    r"""What leads to a trace's answer, in the way in which the trace itself gives answers.

    Nothing where the text after the reasoning begins with "Answer:", which the model will write
    again; else a box or "Answer:", where its end or, failing that, its prompt's has one; else a
    plain sentence.
    """
    if trace.answer.lstrip().casefold().startswith("answer:"):
        return ""
    for text in (trace.answer or trace.reasoning, trace.prompt):
        end = text[-_LEAD_REACH:].casefold()
        if "\\boxed" in end:
            return "\n\nThe final answer is \\boxed{"
        if "answer:" in end:
            return "\n\nAnswer:"
    return "\n\nThe final answer is"


def _closing_of(trace: Trace) -> str:
    """The closing tag of reasoning that never closed, or whose tags a server took away."""
    if trace.form == "field":
        return "\n</think>\n\n"
    before = trace.opening if trace.opening.strip() else trace.prompt[-_TAG_REACH:]
    match = _OPENING.search(before) if trace.form == "unclosed" else None
    if match is None:
        return ""
    first, name, last = match.groups()
    closes = name.replace("begin_of", "end_of").replace("START", "END")
    return f"\n{first}{'/' if closes == name else ''}{closes}{last}\n\n"
