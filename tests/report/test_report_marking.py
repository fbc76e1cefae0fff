"""Marks in columns: they come back as they were, arcs apart, categories in a fixed order."""

from hypothesis import given
from hypothesis import strategies as st

from reasonscope.report.marking import (
    COLOURS,
    MOST_CATEGORIES,
    TEXT_CHARACTERS,
    aims,
    apart,
    categories,
    columns,
    legend,
)
from reasonscope.report.panel import Mark
from reasonscope.report.plots import CATEGORIES, LABEL_COLOURS
from reasonscope.traces.schema import LABELS

STEPS = 10


def make_mark(step: int | None = 0, **fields) -> Mark:
    settings = {"layer": "labels", "kind": "neutral", "text": "says"} | fields
    return Mark(trace_id="t", step_index=step, **settings)


def same(place):
    return place


def held_in(column, place):
    return column[place] if isinstance(column, list) else column


def read_back(layers, table) -> list[tuple]:
    """What the page's script makes of the columns."""
    found = []
    for layer, steps, *rest in layers:
        names, step = list(table.get(layer, {})), 0
        for place, by in enumerate(steps):
            step += by
            kind, category, target, start, end, text = (held_in(c, place) for c in rest)
            word = "" if category is None else names[category]
            found.append((layer, None if step < 0 else step, kind, word, target, start, end, text))
    return found


def plain(mark: Mark, steps: int) -> tuple:
    target = mark.target if aims(mark, steps) else None
    place = (mark.char_start, mark.char_end)
    return (mark.layer, mark.step_index, mark.kind, mark.category, target, *place, mark.text)


marks = st.builds(
    Mark,
    trace_id=st.just("t"),
    step_index=st.none() | st.integers(0, 12),
    layer=st.sampled_from(["labels", "edges", "backtracking"]),
    kind=st.sampled_from(["good", "bad", "neutral"]),
    text=st.text(max_size=8),
    category=st.sampled_from(["", "self_checking", "x", "y"]),
    target=st.none() | st.integers(-2, 12),
    char_start=st.none() | st.integers(0, 9),
    char_end=st.none() | st.integers(0, 9),
)


@given(st.lists(marks, max_size=20))
def test_columns_read_back_as_the_marks_were(held):
    table = categories(held)
    read = read_back(columns(held, STEPS, table, same, same), table)
    assert sorted(read, key=repr) == sorted((plain(mark, STEPS) for mark in held), key=repr)


@given(st.lists(marks, max_size=20))
def test_rows_and_arcs_share_out_the_marks(held):
    rows, arcs = apart(held, STEPS)
    assert sorted(map(repr, rows + arcs)) == sorted(map(repr, held))
    assert all(aims(mark, STEPS) and mark.layer != "backtracking" for mark in arcs)


def test_a_column_of_one_value_is_written_once():
    held = [make_mark(step, category="x") for step in range(100)]
    [layer] = columns(held, 100, categories(held), same, same)
    assert layer == ["labels", [0, *[1] * 99], "neutral", 0, None, None, None, "says"]


def test_the_eight_labels_have_their_own_colours_whatever_else_there_is():
    held = [make_mark(category=name) for name in ("zebra", "zebra", "self_checking")]
    names = list(categories(held)["labels"])
    assert names[:8] == list(LABELS)
    assert names[8:] == ["zebra"]
    assert list(LABEL_COLOURS) == list(LABELS)
    assert list(LABEL_COLOURS.values()) == list(CATEGORIES[:8])


def test_other_categories_are_ordered_by_how_often():
    held = [make_mark(category=name) for name in "abbcc"]
    assert list(categories(held)["labels"]) == ["b", "c", "a"]


def test_more_categories_than_colours_share_a_grey():
    held = [make_mark(category=f"{n:03}") for n in range(20)]
    colours = [colour for _, colour in legend(categories(held))["labels"]]
    assert colours == [*range(COLOURS), *[COLOURS] * (20 - COLOURS)]
    assert len(CATEGORIES) == COLOURS


def test_a_category_for_each_mark_does_not_swell_the_page():
    held = [make_mark(n, category=f"{n} " * 1000) for n in range(1000)]
    table = categories(held)
    assert len(table["labels"]) == MOST_CATEGORIES
    assert max(map(len, table["labels"])) <= 80
    assert columns(held, 1000, table, same, same)[0][3].count(None) == 800


def test_a_mark_points_only_to_another_step_that_is_there():
    assert aims(make_mark(3, target=2), STEPS)
    assert aims(make_mark(2, target=9), STEPS)
    for step, target in ((3, 3), (3, -1), (3, 10), (3, None), (None, 2), (10, 2), (-1, 2)):
        assert not aims(make_mark(step, target=target), STEPS)


def test_arcs_of_returns_stay_with_the_rows():
    back, edge = make_mark(3, layer="backtracking", target=1), make_mark(3, layer="e", target=1)
    assert apart([back, edge], STEPS) == ([back], [edge])


def test_a_long_text_is_cut():
    [layer] = columns([make_mark(text="x" * 10**6)], 1, {}, same, same)
    assert layer[-1] == "x" * TEXT_CHARACTERS + "…"
