"""Which tokens a step has: by the first letter, so that a step's first word is its own."""

from dataclasses import replace

import pytest

from reasonscope.errors import SetupError
from reasonscope.models.loading import LoadedModel
from reasonscope.models.token_text import decode, token_ends
from reasonscope.models.trace_tokens import Span, trace_tokens
from reasonscope.traces.schema import Case, Problem, Trace
from reasonscope.traces.segment.steps import steps_of

PROBLEM = Problem.make("What is one and one?")
REASONING = "The sum of 1 + 1 is 2. Answer two step by step. Think of café one."


def case(tiny: LoadedModel, stored: bool = True, **fields: object) -> Case:
    text = f"<think>{REASONING}</think> Answer: 2"
    ids = tiny.tokenizer.encode(text, add_special_tokens=False)
    known = {"token_ids": tuple(ids), "token_ends": token_ends(tiny.tokenizer, ids, text)}
    trace = Trace.make(
        PROBLEM,
        REASONING,
        prompt="What is one?",
        opening="<think>",
        closing="</think>",
        answer=" Answer: 2",
        **{**(known if stored else {}), **fields},
    )
    return Case(PROBLEM, trace, steps_of(trace))


def spoken(tiny: LoadedModel, held: Case) -> list[str]:
    tokens = trace_tokens(tiny, held)
    spans = [*tokens.steps, tokens.after]
    return [decode(tiny.tokenizer, tokens.ids[span.start : span.end]) for span in spans]


@pytest.mark.parametrize("stored", [True, False])
def test_a_steps_first_word_is_its_own(tiny: LoadedModel, stored: bool) -> None:
    assert spoken(tiny, case(tiny, stored)) == [
        "The sum of 1 + 1 is 2.",
        " Answer two step by step.",
        " Think of café one.",
        "</think> Answer: 2",
    ]


def test_spans_tile_the_tokens_behind_the_prompt(tiny: LoadedModel) -> None:
    tokens = trace_tokens(tiny, case(tiny))
    borders = [span.start for span in (*tokens.steps, tokens.after)] + [tokens.after.end]
    assert borders == sorted(borders)
    assert borders[0] == tokens.prompt + 1  # the opening tag is in no step
    assert borders[-1] == len(tokens.ids)
    assert tokens.stored


def test_an_end_token_belongs_to_what_follows_the_reasoning(tiny: LoadedModel) -> None:
    held = case(tiny)
    assert held.trace.token_ids is not None
    assert held.trace.token_ends is not None
    end = tiny.tokenizer.eos_token_id
    longer = replace(
        held.trace,
        token_ids=(*held.trace.token_ids, end),
        token_ends=(*held.trace.token_ends, len(held.trace.text)),
    )
    tokens = trace_tokens(tiny, replace(held, trace=longer))
    assert tokens.ids[-1] == end
    assert len(tokens.after) == len(trace_tokens(tiny, held).after) + 1


def test_tokens_of_another_vocabulary_are_refused(tiny: LoadedModel) -> None:
    held = case(tiny)
    assert held.trace.token_ids is not None
    for wrong in (7, 99_999):
        ids = (wrong, *held.trace.token_ids[1:])
        with pytest.raises(SetupError, match="Name the model that made the trace"):
            trace_tokens(tiny, replace(held, trace=replace(held.trace, token_ids=ids)))


def test_a_trace_longer_than_the_context_is_refused(tiny: LoadedModel) -> None:
    trace = Trace.make(PROBLEM, "one " * 600)
    with pytest.raises(SetupError, match="512"):
        trace_tokens(tiny, Case(PROBLEM, trace, steps_of(trace)))


def test_a_trace_without_steps_has_only_what_follows(tiny: LoadedModel) -> None:
    trace = Trace.make(PROBLEM, "", answer="two")
    tokens = trace_tokens(tiny, Case(PROBLEM, trace, ()))
    assert tokens.steps == ()
    assert tokens.after.end == len(tokens.ids)


def test_a_span_by_hand() -> None:
    assert len(Span(2, 5)) == 3
    assert Span(2, 5).positions == (2, 3, 4)
