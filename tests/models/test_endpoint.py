"""A server on loopback that answers, stalls, fails and lies; and a real one."""

import json
import os
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scripted_server import Handler, Reply, Scripted

from reasonscope.errors import SetupError
from reasonscope.models.endpoint import Endpoint
from reasonscope.models.generation import Attempt, Progress, Sampling, attempt_key, sample_traces
from reasonscope.models.prompts import instruction
from reasonscope.models.requests import Patience, retry_after
from reasonscope.traces.schema import ErrorRow, Problem, Reading

Serve = Callable[..., Scripted]
QUICK = Patience(retries=3, first_wait=0.01, longest_wait=0.05, timeout=20)
SUMS = [Problem.make(f"{n} + 1 = ?", answer=str(n + 1), answer_kind="number") for n in range(6)]
SAMPLING = Sampling(temperature=0.5, max_tokens=16, seed=1)


def says(text: str) -> Reply:
    message = {"role": "assistant", "content": text, "reasoning": "thought"}
    body = {
        "choices": [{"message": message, "text": text, "finish_reason": "stop"}],
        "usage": {"completion_tokens": 4},
    }
    return lambda handler: handler.say(200, json.dumps(body).encode())


def fails(status: int, body: bytes = b'{"error": {"message": "not now"}}', **headers: str) -> Reply:
    return lambda handler: handler.say(status, body, **headers)


def raw(held: bytes) -> Reply:
    """Send these bytes, then close the connection."""

    def reply(handler: Handler) -> None:
        handler.wfile.write(held)
        handler.close_connection = True

    return reply


def ask(
    server: Scripted, problems: list[Problem] = SUMS[:1], **settings: Any
) -> list[Reading | ErrorRow]:
    endpoint = Endpoint(base_url=server.url, model="m", **{"patience": QUICK, **settings})
    return list(sample_traces(endpoint, problems, 1, SAMPLING))


def error_of(rows: list[Reading | ErrorRow]) -> str:
    (row,) = rows
    assert isinstance(row, ErrorRow)
    return row.error


# -- what is sent --------------------------------------------------------------------------


def test_a_chat_request_holds_the_question_the_settings_and_a_seed(serve: Serve) -> None:
    server = serve(says("2"))
    (row,) = ask(server)
    ((path, _, body),) = server.requests
    assert path == "/v1/chat/completions"
    assert body["messages"] == [{"role": "user", "content": instruction(SUMS[0])}]
    assert (body["temperature"], body["max_tokens"], body["model"]) == (0.5, 16, "m")
    assert 0 <= body["seed"] < 2**31
    assert isinstance(row, Reading)
    assert row.trace.prompt == instruction(SUMS[0])
    assert (row.trace.reasoning, row.trace.answer, row.trace.form) == ("thought", "2", "field")


def test_a_plain_request_holds_the_whole_prompt(serve: Serve) -> None:
    server = serve(says("2"))
    (row,) = ask(server, api="completions")
    ((path, _, body),) = server.requests
    assert path == "/v1/completions"
    assert isinstance(row, Reading)
    assert body["prompt"] == row.trace.prompt == f"{instruction(SUMS[0])}\n\nSolution:\n"


def test_more_fields_are_sent_kept_and_can_take_ours_away(serve: Serve) -> None:
    server = serve(says("2"))
    fields = {"max_tokens": None, "max_completion_tokens": 9}
    (row,) = ask(server, fields=fields, logprobs=True)
    body = server.requests[0][2]
    assert "max_tokens" not in body
    assert (body["max_completion_tokens"], body["logprobs"]) == (9, True)
    assert isinstance(row, Reading)
    assert json.loads(row.trace.sampling)["request_fields"] == fields


def test_the_key_goes_into_the_header_and_nowhere_else(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("A_KEY", "s3cret-key")
    server = serve(says("2"), fails(401, b'{"error": {"message": "bad key s3cret-key"}}'))
    rows = ask(server, SUMS[:2], key_variable="A_KEY", concurrency=1)
    assert server.requests[0][1]["Authorization"] == "Bearer s3cret-key"
    assert "s3cret-key" not in repr(rows)
    assert any("bad key ***" in row.error for row in rows if isinstance(row, ErrorRow))


def test_control_without_a_key_no_header_is_sent(serve: Serve) -> None:
    server = serve(says("2"))
    ask(server)
    assert "Authorization" not in server.requests[0][1]


# -- patience ------------------------------------------------------------------------------


def test_429_then_200_is_an_answer(serve: Serve) -> None:
    server = serve(fails(429), says("2"))
    (row,) = ask(server)
    assert isinstance(row, Reading)
    assert len(server.requests) == 2


def test_500_for_ever_is_one_error_row_after_all_tries(serve: Serve) -> None:
    server = serve(fails(500))
    assert error_of(ask(server)) == "HTTP 500: not now (tried 4 times)"
    assert len(server.requests) == 4


@pytest.mark.parametrize("status", [400, 401, 404, 422])
def test_no_is_not_asked_twice(serve: Serve, status: int) -> None:
    server = serve(fails(status, b'{"detail": "no such model"}'))
    assert error_of(ask(server)) == f"HTTP {status}: no such model"
    assert len(server.requests) == 1


def test_the_server_says_when_to_come_back(serve: Serve) -> None:
    """Our own wait would be a day; the server says at once."""
    server = serve(fails(503, Retry_After="0"), says("2"))
    (row,) = ask(server, patience=Patience(retries=1, first_wait=86_400, longest_wait=86_400))
    assert isinstance(row, Reading)


def test_no_server_can_ask_for_more_than_the_longest_wait() -> None:
    patience = Patience(longest_wait=60)
    assert patience.wait(0, 0.5, asked=86_400) == 60
    assert patience.wait(0, 0.5, asked=-5) == 0


def test_waits_double_and_half_of_each_is_drawn() -> None:
    patience = Patience(first_wait=1, longest_wait=100)
    assert [patience.wait(k, 0.0) for k in range(4)] == [0.5, 1, 2, 4]
    assert [patience.wait(k, 1.0) for k in range(4)] == [1, 2, 4, 8]


@pytest.mark.parametrize("header", ["soon", "", "-3", "Thu, 99 Foo", "nan"])
def test_a_retry_after_that_makes_no_sense_is_passed_over(header: str) -> None:
    assert retry_after(header, 0.0) is None


def test_a_connection_closed_halfway_is_tried_again(serve: Serve) -> None:
    half = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"
    server = serve(raw(half), raw(b""), raw(b"HTTP/1.1 200 O"), says("2"))
    (row,) = ask(server)
    assert isinstance(row, Reading)
    assert len(server.requests) == 4


def test_a_server_that_is_not_there_is_an_error_row() -> None:
    endpoint = Endpoint(base_url="http://127.0.0.1:9/v1", model="m", patience=QUICK)
    assert "connection failed" in error_of(list(sample_traces(endpoint, SUMS[:1], 1, SAMPLING)))


def test_a_server_that_drips_for_ever_times_out(serve: Serve) -> None:
    def drip(handler: Handler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        for _ in range(400):
            handler.wfile.write(b" ")
            time.sleep(0.02)

    patience = Patience(retries=0, timeout=0.5)
    assert "no whole answer in 0.5 s" in error_of(ask(serve(drip), patience=patience))


# -- strange answers -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "says_why"),
    [
        (b"{half", "not JSON"),
        (b"<html>busy</html>", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "expected 'choices'"),
        (b'{"choices": [{"message": {"content": 7}}]}', "found int"),
        (b"\xff\xfe", "not JSON"),
    ],
)
def test_an_answer_that_cannot_be_read_is_a_row(serve: Serve, body: bytes, says_why: str) -> None:
    server = serve(fails(200, body))
    assert says_why in error_of(ask(server))
    assert len(server.requests) == 1


def test_a_huge_answer_is_cut_off(serve: Serve) -> None:
    server = serve(fails(200, b'"' + b"a" * (1 << 20) + b'"'))
    patience = Patience(retries=0, most_bytes=1 << 16)
    (row,) = ask(server, patience=patience)
    assert isinstance(row, ErrorRow)
    assert "longer than 65,536 bytes" in row.error
    assert len(row.excerpt) == 200


def test_a_complaint_is_cut(serve: Serve) -> None:
    complaint = json.dumps({"error": {"message": "x" * 9999}}).encode()
    assert len(error_of(ask(serve(fails(400, complaint))))) <= 500


def test_a_lone_surrogate_in_an_answer_is_kept_readable(serve: Serve) -> None:
    body = b'{"choices": [{"message": {"content": "a\\ud800b"}}]}'
    (row,) = ask(serve(fails(200, body)))
    assert isinstance(row, Reading)
    assert row.trace.text == "a\\ud800b"


def test_a_redirect_is_not_followed(serve: Serve) -> None:
    other = serve(says("stolen"))
    server = serve(fails(307, b"", Location=other.url))
    assert "HTTP 307" in error_of(ask(server))
    assert other.requests == []


# -- many at once --------------------------------------------------------------------------


def test_no_more_than_concurrency_run_at_once(serve: Serve) -> None:
    lock, running, most = threading.Lock(), [0], [0]

    def busy(handler: Handler) -> None:
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        time.sleep(0.05)
        with lock:
            running[0] -= 1
        says("2")(handler)

    rows = ask(serve(busy), [Problem.make(f"{n}?") for n in range(12)], concurrency=3)
    assert len(rows) == 12
    assert most[0] == 3


def test_every_attempt_gets_its_own_row_failures_among_them(serve: Serve) -> None:
    def fussy(handler: Handler) -> None:
        odd = "3 + 1" in json.dumps(handler.server.requests[-1][2])  # type: ignore[attr-defined]
        (fails(400) if odd else says("2"))(handler)

    rows = ask(serve(fussy), SUMS, concurrency=1)
    assert sorted(map(attempt_key, rows)) == sorted((p.problem_id, 0) for p in SUMS)
    failed = [attempt_key(row) for row in rows if isinstance(row, ErrorRow)]
    assert failed == [(SUMS[3].problem_id, 0)]


def test_what_is_done_is_not_asked(serve: Serve) -> None:
    server = serve(says("2"))
    endpoint = Endpoint(base_url=server.url, model="m", patience=QUICK)
    done = {(problem.problem_id, 0) for problem in SUMS[:4]}
    assert len(list(sample_traces(endpoint, SUMS, 1, SAMPLING, done))) == 2
    assert len(server.requests) == 2


def test_breaking_off_does_not_wait_for_the_server(serve: Serve) -> None:
    """One answer comes, the others not while the test runs; leaving does not wait for them."""
    released, stalled = threading.Event(), threading.Semaphore(0)

    def stall(handler: Handler) -> None:
        stalled.release()
        released.wait(60)

    server = serve(says("2"), stall)
    endpoint = Endpoint(base_url=server.url, model="m", concurrency=4)
    rows = endpoint.generate((Attempt.of(problem, 0, SAMPLING) for problem in SUMS), SAMPLING)
    assert isinstance(next(iter(rows)), Reading)
    assert stalled.acquire(timeout=60)
    rows.close()  # type: ignore[attr-defined]
    assert not released.is_set()
    assert not [thread for thread in threading.enumerate() if thread.name == "endpoint"]
    released.set()


def test_a_fault_in_the_problems_reaches_the_caller(serve: Serve) -> None:
    def broken() -> Any:
        yield SUMS[0]
        raise OSError("the file ended")

    endpoint = Endpoint(base_url=serve(says("2")).url, model="m", patience=QUICK)
    with pytest.raises(OSError, match="the file ended"):
        list(sample_traces(endpoint, broken(), 1, SAMPLING))


def test_it_works_where_an_event_loop_runs_already(serve: Serve) -> None:
    """As in a notebook."""
    import asyncio

    server = serve(says("2"))

    async def cell() -> int:
        return len(ask(server))

    assert asyncio.run(cell()) == 1


def test_progress_counts_the_servers_tokens(serve: Serve) -> None:
    seen: list[Progress] = []
    endpoint = Endpoint(base_url=serve(says("2")).url, model="m", patience=QUICK)
    list(sample_traces(endpoint, SUMS, 1, SAMPLING, progress=seen.append))
    assert (seen[-1].done, seen[-1].tokens) == (6, 24)


# -- settings ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:8000/v1",
        "ftp://host/v1",
        "http://",
        "http://user:pass@host/v1",
        "http://host/v1?key=1",
        "http://host:99999/v1",
        "http://host/v1/chat/completions",
        "http://[::1/v1",
    ],
)
def test_an_address_that_cannot_work_is_refused(url: str) -> None:
    with pytest.raises(SetupError, match="base_url"):
        Endpoint(base_url=url, model="m")


def test_a_password_in_the_address_is_not_repeated() -> None:
    with pytest.raises(SetupError) as raised:
        Endpoint(base_url="ftp://user:hunter2@host/v1", model="m")
    assert "hunter2" not in str(raised.value)


def test_all_wrong_settings_are_listed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    with pytest.raises(SetupError) as raised:
        Endpoint(
            base_url="x",
            model="",
            api="talk",  # type: ignore[arg-type]
            key_variable="NO_SUCH_KEY",
            concurrency=0,
            fields={"seed": 1, "odd": object()},
        )
    assert len(raised.value.problems) == 7


# -- a real server -------------------------------------------------------------------------


@pytest.mark.parametrize("api", ["chat", "completions"])
def test_transformers_serve_answers(served: str, tiny_folder: Path, api: Any) -> None:
    endpoint = Endpoint(
        base_url=served,
        model=str(tiny_folder),
        api=api,
        concurrency=2,
        patience=Patience(retries=1),
    )
    seen: list[Progress] = []
    rows = list(sample_traces(endpoint, SUMS[:3], 1, SAMPLING, progress=seen.append))
    assert [row.error for row in rows if isinstance(row, ErrorRow)] == []
    readings = [row for row in rows if isinstance(row, Reading)]
    assert {row.trace.finish_reason for row in readings} <= {"stop", "length"}
    assert seen[-1].tokens > 0
    assert all('"served_model"' in row.trace.extra for row in readings)


def test_transformers_serve_repeats_itself_at_temperature_zero(
    served: str, tiny_folder: Path
) -> None:
    endpoint = Endpoint(base_url=served, model=str(tiny_folder), concurrency=1)
    cold = Sampling(temperature=0, max_tokens=12)
    one, two = (list(sample_traces(endpoint, SUMS[:2], 1, cold)) for _ in range(2))
    texts = [[row.trace.text for row in rows if isinstance(row, Reading)] for rows in (one, two)]
    assert texts[0] == texts[1]
    assert len(texts[0]) == 2


def test_both_engines_agree_on_the_same_model_when_greedy(
    served: str, tiny_folder: Path, tiny: Any
) -> None:
    """The same folder here and behind the server: the same words, but for special tokens."""
    from reasonscope.models.decoding import TorchEngine

    cold = Sampling(temperature=0, max_tokens=12)
    endpoint = Endpoint(base_url=served, model=str(tiny_folder), concurrency=1)
    far = next(iter(sample_traces(endpoint, SUMS[:1], 1, cold)))
    near = next(iter(sample_traces(TorchEngine(tiny), SUMS[:1], 1, cold)))
    assert isinstance(far, Reading)
    assert isinstance(near, Reading)
    spoken = tiny.tokenizer.decode(near.trace.token_ids, skip_special_tokens=True)
    assert far.trace.text.strip() == spoken.strip()


def test_a_model_that_the_server_does_not_have_is_a_row(served: str) -> None:
    endpoint = Endpoint(base_url=served, model="another", patience=Patience(retries=0))
    assert "another" in error_of(list(sample_traces(endpoint, SUMS[:1], 1, SAMPLING)))


def test_a_server_that_was_never_started_is_told_of_at_once() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    endpoint = Endpoint(base_url=f"http://127.0.0.1:{port}/v1", model="m")
    with pytest.raises(SetupError, match="no connection to"):
        endpoint.require_listening()


def test_a_server_that_answers_strangely_listens(serve: Serve) -> None:
    server = serve(says("never asked"))  # it knows POST alone: 501
    Endpoint(base_url=server.url, model="m").require_listening()


def test_the_environment_is_offline() -> None:
    assert os.environ["HF_HUB_OFFLINE"] == "1"
