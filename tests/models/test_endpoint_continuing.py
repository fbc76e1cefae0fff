"""Going on through a server on loopback that answers, stalls, fails and lies; and a real one."""

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from scripted_server import Handler, Reply, Scripted

from reasonscope.errors import SetupError
from reasonscope.models.continuing import Continuation, Continued, Uncontinued
from reasonscope.models.endpoint import Endpoint
from reasonscope.models.endpoint_continuing import EndpointContinuer, grouped, written
from reasonscope.models.generation import Sampling
from reasonscope.models.loading import LoadedModel
from reasonscope.models.requests import Patience
from reasonscope.traces.schema import Problem, Trace

Serve = Callable[..., Scripted]
Rows = list[Continued | Uncontinued]
QUICK = Patience(retries=2, first_wait=0.01, longest_wait=0.02, timeout=20)
WARM, COLD = Sampling(temperature=0.5, top_p=0.9), Sampling(temperature=0)
SUM = Problem.make("1 + 1 = ?", answer="2", answer_kind="number")
TRACE = Trace.make(
    SUM,
    "I add. It is two.",
    prompt="1 + 1 = ?\n\nSolution:\n",
    opening="<think>",
    closing="</think>",
    answer="2",
    form="tags",
)


def one(kept: int = 7, seed: int = 1, **more: Any) -> Continuation:
    return Continuation(kept=kept, seed=seed, **{"limit": 16, **more})


def says(*texts: str | None, tokens: int | None = 4, reason: str | None = "stop") -> Reply:
    choices = [
        {"message": {"content": text}, "text": text, "finish_reason": reason} for text in texts
    ]
    usage = {} if tokens is None else {"usage": {"completion_tokens": tokens}}
    body = json.dumps({"choices": choices, **usage}).encode()
    return lambda handler: handler.say(200, body)


def sends(body: bytes, status: int = 200) -> Reply:
    return lambda handler: handler.say(status, body)


def raw(held: bytes) -> Reply:
    """Send these bytes, then close the connection."""

    def reply(handler: Handler) -> None:
        handler.wfile.write(held)
        handler.close_connection = True

    return reply


def continuer(server: Scripted, choices: int = 1, **settings: Any) -> EndpointContinuer:
    given = {"api": "completions", "patience": QUICK, "concurrency": 1, **settings}
    endpoint = Endpoint(base_url=server.url, model="m", **given)
    return EndpointContinuer(endpoint=endpoint, choices=choices)


def go_on(
    server: Scripted,
    asked: Iterable[Continuation] = (one(),),
    trace: Trace = TRACE,
    sampling: Sampling = WARM,
    **settings: Any,
) -> Rows:
    return list(continuer(server, **settings).continued(trace, asked, sampling))


def why(rows: Rows) -> str:
    (row,) = rows
    assert isinstance(row, Uncontinued)
    return row.why


def texts(rows: Rows) -> list[str]:
    return [row.text for row in rows if isinstance(row, Continued)]


# -- what is sent --------------------------------------------------------------------------


def test_a_completion_is_asked_for_after_prompt_kept_text_and_insertion(serve: Serve) -> None:
    server = serve(says(" It is two."))
    (row,) = go_on(server, [one(13, seed=2**40 + 5, inserted=" Wait.", limit=9)])
    ((path, _, body),) = server.requests
    assert path == "/v1/completions"
    assert body["prompt"] == "1 + 1 = ?\n\nSolution:\n<think>I add. Wait."
    assert (body["max_tokens"], body["seed"], body["temperature"]) == (9, 5, 0.5)
    assert "n" not in body
    assert "add_special_tokens" not in body
    assert isinstance(row, Continued)
    assert (row.text, row.tokens, row.ended) == (" It is two.", 4, True)


def test_a_chat_is_gone_on_with_in_an_open_message(serve: Serve) -> None:
    server = serve(says(" It is two."))
    go_on(server, [one(13)], api="chat")
    ((path, _, body),) = server.requests
    assert path == "/v1/chat/completions"
    assert body["messages"] == [
        {"role": "user", "content": TRACE.prompt},
        {"role": "assistant", "content": "<think>I add."},
    ]
    assert (body["continue_final_message"], body["add_generation_prompt"]) == (True, False)


def test_a_templates_text_gets_no_second_beginning(serve: Serve) -> None:
    server = serve(says("x"))
    go_on(server, trace=replace(TRACE, prompt="<|im_start|>user\n1 + 1<|im_end|>"))
    assert server.requests[0][2]["add_special_tokens"] is False


def test_a_server_that_refuses_a_field_of_ours_is_not_sent_it(serve: Serve) -> None:
    server = serve(says("x"))
    prompt = "<s>[INST] 1 + 1 [/INST]"
    go_on(server, trace=replace(TRACE, prompt=prompt), fields={"add_special_tokens": None})
    assert "add_special_tokens" not in server.requests[0][2]


@pytest.mark.parametrize(
    ("api", "changes", "needs"),
    [
        ("completions", {"prompt": ""}, "the whole text"),
        ("chat", {"prompt": ""}, "the user's message"),
        ("chat", {"prompt": "<|user|>1 + 1"}, "Use api='completions'"),
        ("chat", {"prompt": "<bos> 1 + 1 <think>"}, "Use api='completions'"),
        ("completions", {"prompt": "1 + 1", "extra": '{"engine": "endpoint"}'}, "Use api='chat'"),
    ],
)
def test_a_prompt_of_the_wrong_kind_says_what_is_needed(
    api: Any, changes: dict[str, str], needs: str
) -> None:
    endpoint = Endpoint(base_url="http://127.0.0.1:9/v1", model="m", api=api)
    with pytest.raises(SetupError, match=needs):
        EndpointContinuer(endpoint=endpoint).continued(replace(TRACE, **changes), [], WARM)


def test_reasoning_from_a_field_gets_its_marks_back(serve: Serve) -> None:
    trace = Trace.make(SUM, "I add.", prompt="1 + 1 = ?", answer="2", form="field")
    message = {"content": "2", "reasoning_content": " It is two."}
    server = serve(sends(json.dumps({"choices": [{"message": message}]}).encode()))
    rows = go_on(server, [one(6)], trace=trace, api="chat")
    assert server.requests[0][2]["messages"][1]["content"] == "<think>\nI add."
    assert texts(rows) == [" It is two.\n</think>\n\n2"]


def test_a_prompt_that_opened_the_reasoning_gets_no_second_opening() -> None:
    trace = Trace.make(SUM, "I add.", prompt="<|user|>1<|assistant|><think>\n", form="field")
    assert written(trace, 6, ("<think>\n", "\n</think>\n\n")) == "I add."


# -- one row for each, whatever comes ------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "tokens", "ended"),
    [("stop", 4, True), ("length", 16, False), (None, 4, True), (None, 16, False)],
)
def test_why_it_ended(serve: Serve, reason: str | None, tokens: int, ended: bool) -> None:
    (row,) = go_on(serve(says("x", tokens=tokens, reason=reason)))
    assert isinstance(row, Continued)
    assert row.ended is ended


def test_a_filter_is_neither_an_end_nor_a_cut(serve: Serve) -> None:
    assert "content_filter" in why(go_on(serve(says("x", reason="content_filter"))))


def test_nothing_more_is_a_continuation(serve: Serve) -> None:
    (row,) = go_on(serve(says("", tokens=1)))
    assert isinstance(row, Continued)
    assert (row.text, row.tokens, row.ended) == ("", 1, True)


def test_tokens_are_estimated_where_the_server_does_not_count(serve: Serve) -> None:
    (row,) = go_on(serve(says("So 12 + 3 = 15.", tokens=None)))
    assert isinstance(row, Continued)
    assert row.tokens == 10


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{half", "not JSON"),
        (b"", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[]", "expected 'choices'"),
        (b'{"choices": []}', "expected 'choices'"),
        (b'{"choices": [null]}', "expected 'choices'"),
        (b'{"choices": [{"text": NaN}]}', "found float"),
        (b'{"choices": [{"text": 7}]}', "found int"),
    ],
)
def test_an_answer_that_cannot_be_read_is_a_row(serve: Serve, body: bytes, reason: str) -> None:
    server = serve(sends(body))
    assert reason in why(go_on(server))
    assert len(server.requests) == 1


@pytest.mark.parametrize("text", ["NaN", "你好 😀", "a\u2028b\x00", "\u202e<script>"])
def test_strange_text_comes_through(serve: Serve, text: str) -> None:
    assert texts(go_on(serve(says(text)))) == [text]


def test_a_lone_surrogate_is_kept_readable(serve: Serve) -> None:
    assert texts(go_on(serve(sends(b'{"choices": [{"text": "a\\ud800b"}]}')))) == ["a\\ud800b"]


def test_counts_that_are_no_counts_are_passed_over(serve: Serve) -> None:
    body = b'{"choices": [{"text": "x"}], "usage": {"completion_tokens": NaN}}'
    (row,) = go_on(serve(sends(body)))
    assert isinstance(row, Continued)
    assert row.tokens == 2


def test_a_timeout_is_a_row_and_the_run_goes_on(serve: Serve) -> None:
    released = threading.Event()

    def stall(handler: Handler) -> None:
        released.wait(60)

    server = serve(stall, says("x"))
    rows = go_on(server, [one(seed=1), one(seed=2)], patience=Patience(retries=0, timeout=0.5))
    released.set()
    assert "no whole answer in 0.5 s" in why(rows[:1])
    assert texts(rows) == ["x"]


def test_a_connection_closed_halfway_is_tried_again(serve: Serve) -> None:
    half = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"
    server = serve(raw(half), raw(b""), says("x"))
    assert texts(go_on(server)) == ["x"]
    assert len(server.requests) == 3


def test_a_connection_that_always_closes_halfway_is_a_row(serve: Serve) -> None:
    half = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"
    assert "connection failed" in why(go_on(serve(raw(half))))


def test_a_no_is_a_row_without_the_key(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_KEY", "s3cret-key")
    server = serve(sends(b'{"error": {"message": "bad key s3cret-key"}}', status=401))
    assert why(go_on(server, key_variable="A_KEY")) == "HTTP 401: bad key ***"


def test_an_answer_sent_twice_is_not_taken_for_the_next_ones(serve: Serve) -> None:
    """Both answers to the first request come in one packet; the second must not be read at all."""

    def twice(handler: Handler) -> None:
        body = json.dumps({"choices": [{"text": "first"}]}).encode()
        again = json.dumps({"choices": [{"text": "surplus"}]}).encode()
        head = "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n"
        answers = [head.format(len(held)).encode() + held for held in (body, again)]
        handler.wfile.write(b"".join(answers))

    server = serve(twice, says("second"))
    assert texts(go_on(server, [one(seed=1), one(seed=2)])) == ["first", "second"]


# -- several choices -----------------------------------------------------------------------


def test_neighbours_of_one_prefix_are_one_request(serve: Serve) -> None:
    server = serve(says("a", "b", "c", tokens=9))
    rows = go_on(server, [one(seed=s) for s in range(3)], choices=4)
    ((_, _, body),) = server.requests
    assert (body["n"], body["seed"]) == (3, 0)
    assert [(row.asked.seed, text) for row, text in zip(rows, texts(rows), strict=True)] == [
        (0, "a"),
        (1, "b"),
        (2, "c"),
    ]
    assert sum(row.tokens for row in rows if isinstance(row, Continued)) == 9


def test_each_choice_that_is_missing_is_a_row(serve: Serve) -> None:
    rows = go_on(serve(says("a")), [one(seed=s) for s in range(3)], choices=3)
    assert texts(rows) == ["a"]
    assert [row.why for row in rows if isinstance(row, Uncontinued)] == [
        "asked for 3 choices, the server sent 1"
    ] * 2


def test_more_choices_than_asked_are_an_error(serve: Serve) -> None:
    assert why(go_on(serve(says("a", "b")))) == "asked for 1 choices, the server sent 2"


def test_one_choice_without_text_does_not_spoil_the_others(serve: Serve) -> None:
    body = b'{"choices": [{"text": "a"}, {"text": 7}]}'
    rows = go_on(serve(sends(body)), [one(seed=s) for s in range(2)], choices=2)
    assert texts(rows) == ["a"]
    assert isinstance(rows[1], Uncontinued)


def test_greedy_ones_are_asked_for_one_by_one(serve: Serve) -> None:
    server = serve(says("a"))
    go_on(server, [one(seed=s) for s in range(3)], sampling=COLD, choices=3)
    assert [body.get("n") for _, _, body in server.requests] == [None] * 3


def test_other_prefixes_are_other_requests() -> None:
    asked = [one(7), one(7), one(7), one(9), one(9, inserted="x"), one(9, inserted="x", limit=3)]
    assert [len(group) for group in grouped(asked, 2)] == [2, 1, 1, 1, 1]
    assert [one for group in grouped(asked, 4) for one in group] == asked


def test_no_choices_is_refused() -> None:
    endpoint = Endpoint(base_url="http://127.0.0.1:9/v1", model="m")
    with pytest.raises(SetupError, match="at least 1"):
        EndpointContinuer(endpoint=endpoint, choices=0)


# -- many at once --------------------------------------------------------------------------


def test_no_more_is_taken_than_there_is_room_for(serve: Serve) -> None:
    """What comes back decides what is asked next, so nothing may be taken early."""
    taken: list[int] = []

    def asked() -> Iterator[Continuation]:
        for seed in range(20):
            taken.append(seed)
            yield one(seed=seed)

    rows = continuer(serve(says("x")), concurrency=3).continued(TRACE, asked(), WARM)
    for count, _ in enumerate(rows, start=1):
        assert len(taken) <= count + 3
    assert len(taken) == 20


def test_every_continuation_gets_its_own_row(serve: Serve) -> None:
    def echo(handler: Handler) -> None:
        with handler.server.lock:  # type: ignore[attr-defined]
            seen = len(handler.server.requests)  # type: ignore[attr-defined]
        time.sleep(0.01 * (seen % 3))
        says("x")(handler)

    rows = go_on(serve(echo), (one(seed=s) for s in range(12)), concurrency=4)
    assert sorted(row.asked.seed for row in rows) == list(range(12))


def test_breaking_off_does_not_wait_for_the_server(serve: Serve) -> None:
    released = threading.Event()

    def stall(handler: Handler) -> None:
        released.wait(60)

    engine = continuer(serve(says("x"), stall), concurrency=2)
    rows = engine.continued(TRACE, (one(seed=s) for s in range(9)), WARM)
    assert isinstance(next(iter(rows)), Continued)
    rows.close()  # type: ignore[attr-defined]
    assert not released.is_set()
    assert not [thread for thread in threading.enumerate() if thread.name == "endpoint"]
    released.set()


def test_drawn_hears_the_servers_count(serve: Serve) -> None:
    heard: list[int] = []
    asked = [one(seed=s) for s in range(3)]
    list(continuer(serve(says("x"))).continued(TRACE, asked, WARM, heard.append))
    assert heard == [4, 4, 4]


# -- a real server -------------------------------------------------------------------------


def greedy(loaded: LoadedModel, begun: str, limit: int) -> tuple[str, bool]:
    """What transformers itself goes on with, and whether it ended."""
    tokenizer = loaded.tokenizer
    ids = tokenizer(begun, return_tensors="pt").input_ids
    made = loaded.model.generate(ids, max_new_tokens=limit, do_sample=False)[0, ids.shape[1] :]
    return tokenizer.decode(made, skip_special_tokens=True), len(made) < limit


@pytest.mark.slow
def test_a_real_server_goes_on_as_the_model_does(
    served: str, tiny_folder: Path, tiny: LoadedModel
) -> None:
    """Greedy, after a forced prefix and an insertion: the words of the model in this process."""
    endpoint = Endpoint(
        base_url=served,
        model=str(tiny_folder),
        api="completions",
        concurrency=2,
        patience=Patience(retries=1),
    )
    asked = [one(7, limit=8), one(13, limit=20), one(24, inserted=" The sum", limit=12)]
    rows = EndpointContinuer(endpoint=endpoint).continued(TRACE, asked, COLD)
    found = {row.asked: row for row in rows if isinstance(row, Continued)}
    for ask in asked:
        begun = TRACE.prompt + TRACE.text[: ask.kept] + ask.inserted
        text, ended = greedy(tiny, begun, ask.limit)
        assert (found[ask].text, found[ask].ended) == (text, ended)
    assert any(row.text for row in found.values())


@pytest.mark.slow
def test_a_real_server_refuses_what_it_does_not_know(served: str, tiny_folder: Path) -> None:
    """``transformers serve`` knows no continue_final_message: loud rows, not another answer."""
    endpoint = Endpoint(
        base_url=served, model=str(tiny_folder), api="chat", patience=Patience(retries=0)
    )
    rows = EndpointContinuer(endpoint=endpoint).continued(TRACE, [one()], COLD)
    assert "continue_final_message" in why(list(rows))
