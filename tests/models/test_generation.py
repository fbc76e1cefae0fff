"""Which attempts a run makes, with which seeds, and how it goes on after a break."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import pytest

from reasonscope.errors import SetupError
from reasonscope.models.generation import (
    Attempt,
    Drawn,
    Generated,
    Progress,
    Sampling,
    attempt_key,
    sample_traces,
    unheard,
)
from reasonscope.models.prompts import instruction, plain_prompt
from reasonscope.provenance import seed_for
from reasonscope.traces.schema import ErrorRow, Problem, Reading
from reasonscope.traces.segment import split_output

GREEDY = Sampling(temperature=0, max_tokens=8)
SUMS = [Problem.make(f"{n} + 1 = ?", answer=str(n + 1), answer_kind="number") for n in range(5)]


@dataclass
class Counting:
    """An engine that answers by counting what it was asked; it fails where told to."""

    batch_size: int | None = None
    fails: frozenset[str] = frozenset()
    asked: list[list[Attempt]] = field(default_factory=list)
    name: str = "counting"

    def generate(
        self, attempts: Iterable[Attempt], sampling: Sampling, drawn: Drawn = unheard
    ) -> Iterator[Reading | ErrorRow]:
        self.asked.append([])
        for attempt in attempts:
            self.asked[-1].append(attempt)
            drawn(3)
            if attempt.problem.problem_id in self.fails:
                yield attempt.failed("counting", "will not")
            else:
                parts = split_output(f"<think>{attempt.sample}</think>done")
                made = Generated(prompt="p", parts=parts, finish_reason="stop")
                yield made.reading(attempt, self.name, sampling)


def keys(rows: Iterable[Reading | ErrorRow]) -> list[tuple[str, int]]:
    return [attempt_key(row) for row in rows]


def test_every_problem_is_asked_samples_times_in_order() -> None:
    rows = keys(sample_traces(Counting(), SUMS, 2, GREEDY))
    assert rows == [(problem.problem_id, k) for problem in SUMS for k in (0, 1)]


def test_a_problem_that_occurs_twice_is_asked_once() -> None:
    assert len(keys(sample_traces(Counting(), [SUMS[0], SUMS[0]], 1, GREEDY))) == 1


def test_seeds_are_hashed_from_names_and_never_shared() -> None:
    one = Attempt.of(SUMS[0], 1, Sampling(seed=0))
    assert one.seed == seed_for("sample", 0, SUMS[0].problem_id, 1)
    others = [
        Attempt.of(SUMS[0], 0, Sampling(seed=1)),
        Attempt.of(SUMS[1], 1, Sampling(seed=0)),
        Attempt.of(SUMS[0], 2, Sampling(seed=0)),
    ]
    assert one.seed not in {other.seed for other in others}


def test_the_trace_keeps_prompt_sampling_seed_and_why_it_ended() -> None:
    (row,) = sample_traces(Counting(), SUMS[:1], 1, Sampling(seed=7))
    assert isinstance(row, Reading)
    assert (row.trace.prompt, row.trace.finish_reason) == ("p", "stop")
    assert (row.trace.reasoning, row.trace.answer, row.trace.model) == ("0", "done", "counting")
    assert '"seed": 7' in row.trace.sampling
    assert f'"attempt_seed": {Attempt.of(SUMS[0], 0, Sampling(seed=7)).seed}' in row.trace.sampling


def test_what_is_done_is_not_asked_again() -> None:
    engine = Counting()
    done = {(SUMS[0].problem_id, 0), (SUMS[3].problem_id, 1)}
    rows = keys(sample_traces(engine, SUMS, 2, GREEDY, done))
    assert len(rows) == 8
    assert not done & set(rows)
    assert [one.key for one in engine.asked[0]] == rows


def test_a_failure_is_a_row_and_the_run_goes_on() -> None:
    engine = Counting(fails=frozenset({SUMS[1].problem_id}))
    rows = list(sample_traces(engine, SUMS, 1, GREEDY))
    assert [isinstance(row, ErrorRow) for row in rows] == [False, True, False, False, False]
    assert attempt_key(rows[1]) == (SUMS[1].problem_id, 0)


def test_batches_are_those_of_a_whole_run_whatever_is_done() -> None:
    """The last digits of a row depend on its batch, so a partly done batch is computed whole."""
    whole, rest = Counting(batch_size=2), Counting(batch_size=2)
    list(sample_traces(whole, SUMS, 1, GREEDY))
    rows = keys(sample_traces(rest, SUMS, 1, GREEDY, {(SUMS[2].problem_id, 0)}))
    assert rest.asked == whole.asked
    assert len(rows) == 4


def test_a_batch_that_is_done_is_not_computed() -> None:
    engine = Counting(batch_size=2)
    done = {(problem.problem_id, 0) for problem in SUMS[:2]}
    assert len(keys(sample_traces(engine, SUMS, 1, GREEDY, done))) == 3
    assert [len(batch) for batch in engine.asked] == [2, 1]


def test_problems_are_taken_as_they_are_needed() -> None:
    def endless() -> Iterator[Problem]:
        n = 0
        while True:
            yield Problem.make(f"{n} + 1 = ?")
            n += 1

    rows = sample_traces(Counting(batch_size=2), endless(), 1, GREEDY)
    assert [next(rows).problem.question for _ in range(3)] == [
        "0 + 1 = ?",
        "1 + 1 = ?",
        "2 + 1 = ?",
    ]


def test_progress_counts_rows_failures_skips_and_tokens() -> None:
    seen: list[Progress] = []
    engine = Counting(fails=frozenset({SUMS[1].problem_id}))
    list(sample_traces(engine, SUMS, 1, GREEDY, {(SUMS[0].problem_id, 0)}, seen.append))
    last = seen[-1]
    assert (last.done, last.failed, last.skipped, last.total, last.tokens) == (4, 1, 1, 5, 12)
    assert last.tokens_per_second > 0


def test_control_no_time_no_rate() -> None:
    none = Progress(done=0, failed=0, total=None, skipped=0, tokens=0, seconds=0.0)
    assert none.tokens_per_second == 0


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"temperature": -1.0}, "temperature"),
        ({"temperature": float("nan")}, "temperature"),
        ({"top_p": 0.0}, "top_p"),
        ({"top_p": 1.1}, "top_p"),
        ({"max_tokens": 0}, "max_tokens"),
    ],
)
def test_settings_that_cannot_work_say_which(wrong: dict[str, float], says: str) -> None:
    with pytest.raises(SetupError, match=says):
        Sampling(**wrong)  # type: ignore[arg-type]


def test_no_samples_is_a_mistake_of_the_user() -> None:
    with pytest.raises(SetupError, match="samples"):
        next(sample_traces(Counting(), SUMS, 0, GREEDY))


def test_a_long_error_is_cut() -> None:
    row = Attempt.of(SUMS[0], 0, GREEDY).failed("x", "e" * 9999, "y\ud800" * 9999)
    assert (len(row.error), row.excerpt.count("y")) == (500, 100)


def test_options_are_listed_with_letters() -> None:
    problem = Problem.make("Which?", choices=["red", "blue"], answer_kind="choice", answer="A")
    assert "A) red\nB) blue" in instruction(problem)
    assert "the letter of the right option" in instruction(problem)


def test_options_that_the_question_holds_are_not_repeated() -> None:
    problem = Problem.make("Which? (A) red (B) blue", choices=["red", "blue"], answer_kind="choice")
    assert instruction(problem).count("red") == 1


def test_an_expression_goes_into_a_box() -> None:
    assert "\\boxed{}" in instruction(Problem.make("Solve.", answer_kind="expression"))


def test_a_plain_prompt_says_where_to_go_on() -> None:
    assert plain_prompt("Ask.").endswith("Solution:\n")
