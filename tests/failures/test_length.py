"""Length is compared within problems; between them difficulty speaks."""

import numpy as np
import pytest

from reasonscope.failures.length import effort, shortest, within
from reasonscope.failures.length.attempts import Attempts, attempts_of, permuted
from reasonscope.failures.length.rows import Length, examine, stated_size
from reasonscope.traces.schema import Candidate, Case, Problem, Trace
from reasonscope.traces.segment.steps import steps_of


def attempts(*groups: list[tuple]) -> Attempts:
    """Groups of (tokens, right, answer), each a problem of its own."""
    rows = [(str(at), *one) for at, group in enumerate(groups) for one in group]
    return attempts_of(
        [row[0] for row in rows],
        [row[0] for row in rows],
        ["m"] * len(rows),
        [row[1] for row in rows],
        [row[2] for row in rows],
        [row[3] if len(row) > 3 else str(row[2]) for row in rows],
    )


SHORT_IS_RIGHT = [(10, True), (20, True), (40, False), (80, False)]
LONG_IS_RIGHT = [(10, False), (20, False), (40, True), (80, True)]


# -- halves ------------------------------------------------------------------------------------


def test_the_longer_half_is_always_wrong() -> None:
    assert within.longer_half_points(attempts(SHORT_IS_RIGHT, SHORT_IS_RIGHT)).value == -1.0


def test_opposite_problems_cancel() -> None:
    assert within.longer_half_points(attempts(SHORT_IS_RIGHT, LONG_IS_RIGHT)).value == 0.0


def test_the_middle_of_three_is_in_neither_half() -> None:
    """(10 right, 20 wrong, 40 right): both ends right, so no difference."""
    assert within.longer_half_points(attempts([(10, True), (20, False), (40, True)])).value == 0.0


def test_a_problem_counts_once_however_many_attempts_it_has() -> None:
    held = within.longer_half_points(attempts(SHORT_IS_RIGHT * 5, LONG_IS_RIGHT))
    assert held.value == pytest.approx(0.0)
    assert held.n == 2


# -- slope -------------------------------------------------------------------------------------


def test_slope_by_hand() -> None:
    """At 1, 2 tokens right falls from 1 to 0: x = -.5, .5 and y = .5, -.5: slope -1."""
    held = within.slope_points(attempts([(1, True), (2, False)], [(4, True), (8, False)]))
    assert held.value == pytest.approx(-1.0)


def test_simpson_is_seen_through() -> None:
    """Easy short problems are solved, hard long ones are not; within each, nothing."""
    easy = [(10, True), (12, True), (10, False), (12, True)]
    hard = [(1000, False), (1200, False), (1000, True), (1200, False)]
    both = attempts([*easy[:2], *easy[2:]], [(10, True)] * 3, hard, [(1100, False)] * 3)
    flat = attempts(
        [(10, True), (20, True), (10, False), (20, False)], [(10, True)] * 4, [(900, False)] * 4
    )
    assert within.slope_points(flat).value == pytest.approx(0.0)
    assert within.between_slope_points(flat).value < -0.1
    assert within.between_slope_points(both).value < -0.1


def test_problems_without_both_outcomes_say_nothing() -> None:
    solved = attempts([(10, True), (20, True)], [(10, True), (40, True)])
    for measure in (
        within.longer_half_points,
        within.slope_points,
        within.right_to_wrong_ratio,
        within.right_minus_wrong_tokens,
        within.between_slope_points,
        shortest.short_1_points,
        shortest.short_3_points,
    ):
        assert measure(solved).value is None
    assert within.inverted_u(solved).p_value is None


def test_models_are_not_compared_with_each_other() -> None:
    """One model is long and right, the other short and wrong: no effect of length."""
    held = attempts_of(
        ["p"] * 4,
        ["a", "a", "b", "b"],
        ["a", "a", "b", "b"],
        [90, 99, 10, 11],
        [1, 1, 0, 0],
        "rrww",
    )
    assert within.slope_points(held).value is None
    assert within.between_slope_points(held).value is None


def test_two_models_at_one_problem_are_one_cluster() -> None:
    one = [(10, True), (20, False)]
    held = attempts_of(
        ["p", "p", "p", "p"], ["a", "a", "b", "b"], ["a", "a", "b", "b"],
        [10, 20, 10, 20], [True, False, True, False], "rwrw",
    )  # fmt: skip
    assert within.longer_half_points(held).clusters == 1
    assert within.longer_half_points(attempts(one, one)).clusters == 2


def test_an_unknown_outcome_is_not_wrong() -> None:
    with_unknown = attempts([(10, True), (20, False), (4000, None)])
    assert within.right_minus_wrong_tokens(with_unknown).value == -10


# -- right and wrong ---------------------------------------------------------------------------


def test_right_attempts_are_half_as_long() -> None:
    held = within.right_to_wrong_ratio(
        attempts([(10, True), (20, False)], [(300, True), (600, False)])
    )
    assert held.value == pytest.approx(0.5)


def test_a_ratio_has_a_positive_interval() -> None:
    held = within.right_to_wrong_ratio(
        attempts([(10, True), (20, False)], [(40, True), (20, False)], [(9, True), (30, False)])
    )
    assert 0 < held.low < held.value < held.high


# -- the shortest ------------------------------------------------------------------------------


def test_the_shortest_of_four_by_hand() -> None:
    """Shortest right, two of four right: 1 - .5."""
    held = shortest.short_1_points(attempts(SHORT_IS_RIGHT, SHORT_IS_RIGHT))
    assert held.value == pytest.approx(0.5)


def test_equally_short_attempts_share_the_place() -> None:
    held = shortest.short_1_points(attempts([(10, True), (10, False), (40, True), (80, False)]))
    assert held.value == pytest.approx(0.0)


def test_a_vote_of_three_by_hand() -> None:
    """Six attempts, the three shortest right, others wrong alike: of 20 triples 1 + 9 are right."""
    six = [(1, True), (2, True), (3, True), (4, False, "x"), (5, False, "x"), (6, False, "x")]
    assert shortest.short_3_points(attempts(six)).value == pytest.approx(1 - 10 / 20)


def test_a_split_vote_goes_to_the_shortest_or_to_chance() -> None:
    """One right, the shortest, and five different wrong answers: 10 of 20 triples hold it."""
    six = [(1, True), *[(n, False, str(n)) for n in range(2, 7)]]
    assert shortest.short_3_points(attempts(six)).value == pytest.approx(1 - 10 / 20 / 3)


def test_too_few_attempts_to_choose_from() -> None:
    assert shortest.short_1_points(attempts([(1, True), (2, False), (3, True)])).value is None
    assert shortest.short_3_points(attempts(SHORT_IS_RIGHT)).value is None


# -- effort ------------------------------------------------------------------------------------


def problems(tokens, hardness, models=None) -> effort.Problems:
    n = len(tokens)
    return effort.Problems(
        problems=np.arange(n),
        models=np.zeros(n, dtype=int) if models is None else np.array(models),
        tokens=np.array(tokens, dtype=float),
        hardness=np.array(hardness, dtype=float),
    )


def test_effort_that_follows_difficulty() -> None:
    held = effort.effort_correlation(problems(range(1, 21), range(20)))
    assert held.value == pytest.approx(1.0)
    assert effort.effort_correlation(problems(range(20, 0, -1), range(20))).value < -0.99


def test_ranks_are_taken_within_models() -> None:
    """The longer model meets easier problems; within each model effort follows difficulty."""
    tokens = [*range(1, 11), *range(1001, 1011)]
    hardness = [*range(101, 111), *range(1, 11)]
    held = effort.effort_correlation(problems(tokens, hardness, [0] * 10 + [1] * 10))
    assert held.value == pytest.approx(1.0)


def test_problems_that_are_equally_hard_say_nothing() -> None:
    assert effort.effort_correlation(problems(range(1, 21), [0.1] * 20)).value is None
    assert effort.effort_correlation(problems(range(1, 6), range(5))).value is None


def test_difficulties_dealt_anew_are_found_as_often_as_the_level_says() -> None:
    rng = np.random.default_rng(1)
    found = 0
    for seed in range(500):
        held = problems(rng.lognormal(size=60), rng.binomial(8, 0.3, 60) / 8)
        estimate = effort.effort_correlation(effort.shuffled(held, seed))
        found += not estimate.low <= 0 <= estimate.high
    assert 0.025 <= found / 500 <= 0.08


# -- the control -------------------------------------------------------------------------------


def test_permuting_keeps_each_problems_lengths() -> None:
    held = attempts(SHORT_IS_RIGHT, [(1, True), (2, False), (3, False)])
    dealt = permuted(held, 5)
    for group in (0, 1):
        own = held.groups == group
        assert sorted(dealt.tokens[own]) == sorted(held.tokens[own])
    assert (dealt.right == held.right).all()


def test_permuting_takes_an_effect_away() -> None:
    held = attempts(*[SHORT_IS_RIGHT] * 50)
    assert within.slope_points(held).high < -0.3
    control = within.slope_points(permuted(held, 1))
    assert control.low < 0 < control.high


# -- rows --------------------------------------------------------------------------------------


def row(reasoning: str, finals: tuple = (), *, extra=None, **fields) -> Length:
    problem = Problem.make("How many?", answer="4", answer_kind="number", extra=extra)
    trace = Trace.make(problem, reasoning, **fields)
    answers = tuple(
        Candidate(
            trace_id=trace.trace_id, order=i, step_index=None, char_start=0, char_end=1,
            text=text, correct=correct, final=i == len(finals) - 1,
        )
        for i, (text, correct) in enumerate(finals)
    )  # fmt: skip
    (held,) = examine(Case(problem, trace, steps_of(trace), {"answers": answers}))
    return held


def test_a_row_by_hand() -> None:
    held = row("Two and two. That is four.", (("5", False), ("4 Tiles", True)))
    assert (held.right, held.answer, held.counted, held.cut) == (True, "4tiles", False, False)
    assert held.tokens == 8


def test_no_final_answer_is_unknown() -> None:
    held = row("I do not know.")
    assert (held.right, held.answer) == (None, None)


@pytest.mark.parametrize("fields", [{"finish_reason": "length"}, {"form": "unclosed"}])
def test_a_cut_trace_is_marked(fields) -> None:
    assert row("And so on and", **fields).cut


def test_an_empty_reasoning_has_no_tokens() -> None:
    assert row("", (("4", True),)).tokens == 0


def test_conditions_and_prompts_keep_attempts_apart() -> None:
    plain = row("One.", sample=0).attempts_at
    assert row("One.", sample=1).attempts_at == plain
    assert row("One.", prompt="Be brief.").attempts_at != plain
    assert row("One.", extra=None, model="other").attempts_at != plain


@pytest.mark.parametrize(
    ("extra", "size"),
    [
        ('{"hops": 4}', ("hops", 4.0)),
        ('{"level": "Level 5"}', ("level", 5.0)),
        ('{"difficulty": "Hard"}', ("difficulty", 3.0)),
        ('{"order": [1, 2]}', (None, None)),
        ('{"hops": true}', (None, None)),
        ('{"hops": 1e300}', (None, None)),
        ('{"level": "' + "9" * 10_000 + '"}', (None, None)),
    ],
)
def test_stated_sizes(extra, size) -> None:
    assert stated_size(extra) == size
