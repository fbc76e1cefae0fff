"""Which traces are chosen when not all fit."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from reasonscope.report.facts import Facts
from reasonscope.report.selection import STRATA, cost, select, telling

PLAIN = Facts(
    trace_id="t", problem_id="p", model="m", family="f", condition="", question="?", correct=True,
    by="answers", chars=1000, steps=10, tokens=None, weight=1000, records=5, checked=3, wrong=0,
    retracted=0, first_error=None,
)  # fmt: skip

COST = cost(PLAIN)


def many(**kinds: int) -> list[Facts]:
    """So many traces of each kind."""
    changes = {
        "located": {"correct": False, "wrong": 1, "first_error": 2},
        "lost": {"correct": False},
        "lucky": {"wrong": 1, "first_error": 3},
        "mended": {"retracted": 1},
        "unknown": {"correct": None},
        "plain": {},
    }
    return [
        replace(PLAIN, trace_id=f"{kind}{n}", **changes[kind])
        for kind, count in kinds.items()
        for n in range(count)
    ]


def kinds_of(chosen) -> set[str]:
    return {name.rstrip("0123456789") for name in chosen}


def test_all_that_fits_is_chosen():
    held = select(many(plain=20), 21 * COST)
    assert held.complete
    assert held.total == 20


def test_rare_kinds_are_there_though_plain_traces_abound():
    facts = many(plain=500, located=1, lost=1, lucky=1, mended=1, unknown=1)
    held = select(facts, 12 * COST)
    assert kinds_of(held.chosen) >= {"located", "lost", "lucky", "mended", "unknown"}
    assert len(held.chosen) <= 12


def test_a_common_telling_kind_does_not_crowd_out_the_sample():
    held = select(many(located=500, plain=500), 60 * COST)
    assert kinds_of(held.chosen) == {"located", "plain"}


def test_a_trace_counts_for_one_reason_and_counts_add_up():
    held = select(many(plain=100, located=10, mended=10), 50 * COST)
    assert sum(count for _, count in held.counts()) == len(held.chosen)


def test_the_longest_and_the_shortest_are_among_them():
    facts = [replace(f, chars=n) for n, f in enumerate(many(plain=200))]
    names = set(select(facts, 9 * COST).chosen)
    assert {"plain0", "plain199"} <= names


def test_a_trace_too_large_for_the_page_is_passed_over():
    giant = replace(PLAIN, trace_id="giant", weight=10**9, correct=False)
    held = select([giant, *many(plain=3)], 10 * COST)
    assert set(held.chosen) == {"plain0", "plain1", "plain2"}
    assert not held.complete


def test_nothing_to_choose_from_and_no_room():
    assert select([], 10**6).chosen == {}
    assert select([], 10**6).complete
    assert select(many(plain=3), 0).chosen == {}


def test_the_order_of_the_facts_does_not_matter():
    facts = many(plain=60, located=6, lost=6)
    assert list(select(facts, 20 * COST).chosen) == list(select(facts[::-1], 20 * COST).chosen)


def test_ties_do_not_follow_the_id():
    first = list(select(many(lost=100), 10 * COST).chosen)
    assert first != sorted(first)


def test_keeping_some_keeps_their_reasons_and_order():
    held = select(many(lost=5), 100 * COST)
    names = list(held.chosen)
    kept = held.keep([names[3], names[1]])
    assert list(kept.chosen) == [names[1], names[3]]
    assert kept.total == 5


def test_a_wrong_answer_with_a_located_error_is_the_most_telling():
    located, lost, plain = many(located=1), many(lost=1), many(plain=1)
    assert telling(located[0]) < telling(lost[0]) < telling(plain[0]) < len(STRATA)


fact = st.builds(
    lambda n, correct, wrong, retracted, size: replace(
        PLAIN,
        trace_id=f"t{n}",
        correct=correct,
        wrong=wrong,
        retracted=retracted,
        weight=size,
        chars=size,
        first_error=0 if wrong else None,
    ),
    st.integers(0, 10**6),
    st.sampled_from([True, False, None]),
    st.integers(0, 3),
    st.integers(0, 3),
    st.integers(0, 50_000),
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(fact, max_size=40, unique_by=lambda f: f.trace_id),
    st.integers(0, 300_000),
)
def test_the_budget_holds_and_nothing_that_fits_is_left_out(facts, budget):
    held = select(facts, budget)
    spent = sum(cost(f) for f in facts if f.trace_id in held.chosen)
    assert spent <= budget
    assert all(cost(f) > budget - spent for f in facts if f.trace_id not in held.chosen)
