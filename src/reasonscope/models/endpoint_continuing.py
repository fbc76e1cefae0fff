"""Going on from prefixes of a trace through any OpenAI-compatible server.

Every prefix is sent whole; that its beginning was seen before is the server's to notice (prefix
caching of vLLM and SGLang).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from itertools import zip_longest
from typing import Any

from reasonscope.errors import SetupError
from reasonscope.models.answers import AnswerError, choices_of, said_in, tokens_of
from reasonscope.models.asking import Asking
from reasonscope.models.continuing import Continuation, Continued, Uncontinued
from reasonscope.models.endpoint import Endpoint, request_body
from reasonscope.models.generation import Drawn, Sampling, unheard
from reasonscope.models.prompts import plain_prompt
from reasonscope.models.requests import RequestError
from reasonscope.traces.lengths import estimated_tokens
from reasonscope.traces.schema import Trace, well_formed

_TEMPLATE = re.compile(
    r"<[|｜][^<>\s]{1,60}[|｜]>|\[/?INST\]|<(?:start|end)_of_turn>|\A\s{0,8}<(?:bos|s)>"
)
"""What only a chat template writes."""
_ENDED = frozenset({"stop", "eos", "eos_token", "end_turn", "stop_sequence"})
_CUT = frozenset({"length", "max_tokens"})

Group = tuple[Continuation, ...]
"""Continuations of one prefix that one request asks for."""
Row = Continued | Uncontinued


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointContinuer:
    """The continuer that asks an OpenAI-compatible server.

    With ``api="completions"`` the forced prefix is the prompt as the model was given it, then the
    trace: it needs a trace that keeps the whole text, chat template included, and works with every
    server. Where that text has a template's marks, ``add_special_tokens: false`` is sent, so that
    none is put before it twice; a server that refuses the field needs
    ``Endpoint(fields={"add_special_tokens": None})``.

    With ``api="chat"`` the trace's prompt is the user's message and the prefix an assistant's
    message that is not closed (``continue_final_message``: vLLM and SGLang). Templates that take
    the reasoning out of earlier messages may refuse it; then completions is the way.

    Decisions: a seed is sent modulo 2**31, and whether the same continuation comes out again is the
    server's to keep. More choices than asked for are an error, since which of them were drawn as
    asked cannot be told; of fewer, the missing ones are. Tokens are the server's count, shared out
    by length among several choices; estimated where it does not count.
    """

    endpoint: Endpoint
    choices: int = 1
    """Most neighbours in ``asked`` of the same prefix that one request asks for (``n``). They share
    the seed of the first, so above 1 a continuation depends on its neighbours. Greedy ones are
    always asked for one by one."""
    marks: tuple[str, str] = ("<think>\n", "\n</think>\n\n")
    """How the model writes the beginning and the end of its reasoning; used where the server gave
    the reasoning in a field of its own, without them."""

    def __post_init__(self) -> None:
        if self.choices < 1:
            raise SetupError(f"choices must be at least 1, found {self.choices}")

    @property
    def name(self) -> str:
        """The model's name."""
        return self.endpoint.name

    @property
    def identity(self) -> str:
        """How a server is asked; which one, and with what weights, is not known."""
        return f"a server's {self.endpoint.api}"

    def continued(
        self,
        trace: Trace,
        asked: Iterable[Continuation],
        sampling: Sampling,
        drawn: Drawn = unheard,
    ) -> Iterator[Row]:
        """One row for each continuation, as they come; a failure is a row.

        At most ``concurrency`` requests have been taken from ``asked`` and not come back. Closing
        the iterator cancels open requests.

        Raises:
            SetupError: the trace's prompt is not what this kind of request needs.
        """
        _check_prompt(trace, self.endpoint)
        most = 1 if sampling.greedy else self.choices
        return self._rows(trace, grouped(asked, most), sampling, drawn)

    def _rows(
        self, trace: Trace, groups: Iterable[Group], sampling: Sampling, drawn: Drawn
    ) -> Iterator[Row]:
        with closing(self.endpoint.asking()) as asking:
            ask = partial(self._ask, asking, trace, sampling)
            for rows in asking.rows(groups, ask, ahead=self.endpoint.concurrency):
                drawn(sum(row.tokens for row in rows if isinstance(row, Continued)))
                yield from rows

    async def _ask(
        self, asking: Asking, trace: Trace, sampling: Sampling, group: Group
    ) -> list[Row]:
        endpoint, first = self.endpoint, group[0]
        try:
            said = self._said(trace, first)
            said |= {"n": len(group)} if len(group) > 1 else {}
            own = replace(sampling, max_tokens=first.limit)
            body = request_body(endpoint, own, first.seed, said)
            answer = await asking.post(endpoint.url, body, endpoint.patience, first.seed)
            return self._read(answer, group)
        except (RequestError, AnswerError) as error:
            why = str(error)
        except Exception as error:  # whatever a strange answer breaks, the run goes on
            why = f"{type(error).__name__}: {error}"
        why = well_formed(asking.safe(why)[:500])
        return [Uncontinued(asked=one, why=why) for one in group]

    def _said(self, trace: Trace, first: Continuation) -> dict[str, Any]:
        begun = written(trace, first.kept, self.marks) + first.inserted
        if self.endpoint.api == "completions":
            template = _TEMPLATE.search(trace.prompt) is not None
            own = {"add_special_tokens": False} if template else {}
            return {"prompt": trace.prompt + begun, **own}
        user = {"role": "user", "content": trace.prompt}
        return {
            "messages": [user, {"role": "assistant", "content": begun}],
            "continue_final_message": True,
            "add_generation_prompt": False,
        }

    def _read(self, answer: Any, group: Group) -> list[Row]:
        choices = choices_of(answer)
        if len(choices) > len(group):
            raise AnswerError(f"asked for {len(group)} choices, the server sent {len(choices)}")
        texts = [self._text(choice) for choice in choices]
        counts = _tokens(tokens_of(answer), texts)
        missing = f"asked for {len(group)} choices, the server sent {len(choices)}"
        return [
            Uncontinued(asked=one, why=missing)
            if choice is None
            else _row(one, choice, text, count)
            for one, choice, text, count in zip_longest(group, choices, texts, counts)
        ]

    def _text(self, choice: Mapping[str, Any]) -> str | AnswerError:
        """What the model wrote, with the marks that the server took away put back."""
        try:
            reasoning, text = said_in(choice, self.endpoint.api)
        except AnswerError as error:
            return error
        return reasoning + (self.marks[1] if reasoning and text else "") + text


def grouped(asked: Iterable[Continuation], most: int) -> Iterator[Group]:
    """Neighbours of the same prefix and limit, at most so many together, taken as they are due."""
    held: list[Continuation] = []
    for one in asked:
        if held and _prefix(one) != _prefix(held[0]):
            yield tuple(held)
            held = []
        held.append(one)
        if len(held) == most:
            yield tuple(held)
            held = []
    if held:
        yield tuple(held)


def _prefix(one: Continuation) -> tuple[int, str, int]:
    return one.kept, one.inserted, one.limit


def written(trace: Trace, kept: int, marks: tuple[str, str]) -> str:
    r"""The first ``kept`` characters of a trace's text as its model wrote them.

    Where the server gave the reasoning in a field of its own, its marks are put back, unless the
    prompt ends with the first of them.

    >>> from reasonscope.traces.schema import Problem
    >>> trace = Trace.make(Problem.make("?"), "Six.", answer="6", form="field")
    >>> written(trace, 5, ("<think>\n", "\n</think>\n\n"))
    '<think>\nSix.\n</think>\n\n6'
    """
    if trace.form != "field" or trace.opening:
        return trace.text[:kept]
    opening = "" if trace.prompt.rstrip().endswith(marks[0].strip()) else marks[0]
    thought, rest = trace.reasoning[:kept], trace.text[len(trace.reasoning) : kept]
    return opening + thought + (marks[1] if rest and not trace.closing else "") + rest


def _check_prompt(trace: Trace, endpoint: Endpoint) -> None:
    """Raise :class:`SetupError` unless the prompt is what this kind of request needs."""
    template = _TEMPLATE.search(trace.prompt) is not None
    message = '"engine": "endpoint"' in trace.extra and not trace.prompt.endswith(plain_prompt(""))
    if not trace.prompt:
        raise SetupError(
            f"trace {trace.trace_id} keeps no prompt. Give it one: the user's message for "
            "api='chat', the whole text that the model was given for api='completions'"
        )
    if endpoint.api == "chat" and template:
        raise SetupError(
            f"the prompt of trace {trace.trace_id} is a chat template's text, which the server "
            "would put into the template again. Use api='completions'"
        )
    if endpoint.api == "completions" and message and not template:
        raise SetupError(
            f"the prompt of trace {trace.trace_id} is the message of a chat, whose template only "
            "the server knows. Use api='chat' with a server that takes continue_final_message"
        )


def _row(one: Continuation, choice: Mapping[str, Any], text: str | AnswerError, count: int) -> Row:
    if isinstance(text, AnswerError):
        return Uncontinued(asked=one, why=str(text))
    reason = choice.get("finish_reason")
    if reason is not None and reason not in _ENDED | _CUT:
        return Uncontinued(asked=one, why=f"the server ended it for a reason of its own: {reason}")
    ended = reason in _ENDED or (reason is None and count < one.limit)
    return Continued(asked=one, text=text, tokens=count, ended=ended)


def _tokens(counted: int, texts: Sequence[str | AnswerError]) -> list[int]:
    """Tokens of each text, end token included: as counted, or shared out or estimated by length."""
    if counted and len(texts) == 1:
        return [counted]
    lengths = [1 + estimated_tokens(text) if isinstance(text, str) else 0 for text in texts]
    if not counted or not sum(lengths):
        return lengths
    return [round(counted * length / sum(lengths)) for length in lengths]
