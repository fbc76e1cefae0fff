"""Tables of panels as text."""

from small_studies import make_study

from reasonscope.report.grid import TABLE_ROWS, grid
from reasonscope.report.page import render
from reasonscope.report.panel import Panel, Table


def numeric(*rows) -> list[bool]:
    names = tuple(f"c{n}" for n in range(len(rows[0])))
    return [held for _, held in grid(Table(title="T", columns=names, rows=rows)).columns]


def test_a_column_of_numbers_stays_one_where_the_first_is_unknown():
    assert numeric((None, "a", 1), (0.5, "b", None)) == [True, False, True]


def test_words_truths_and_unknowns_are_no_numbers():
    assert numeric((1, True, None), ("x", False, None)) == [False, False, False]


def test_rows_are_cut_and_counted():
    held = grid(Table(title="T", columns=("n",), rows=tuple((n,) for n in range(1234))))
    assert (len(held.rows), held.total) == (TABLE_ROWS, 1234)


def test_a_row_shorter_than_the_columns_does_no_harm():
    assert numeric((1, 2), (3,)) == [True, True]


def test_a_table_without_rows_says_none(tmp_path):
    table = Table(title="Empty", columns=("a", "b"), rows=())
    panel = Panel(name="x", title="T", lead="L.", tables=(table,))
    text = render(make_study(tmp_path / "s"), [panel], lambda ids: [])
    assert '<td colspan="2">none</td>' in text
