"""Records go to Arrow and back unchanged; columns are declared by the records."""

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from reasonscope.findings import Finding
from reasonscope.stats import Estimate
from reasonscope.traces.schema import ErrorRow, Problem, Trace
from reasonscope.traces.tables import arrow_schema, from_arrow, to_arrow

PROBLEM = Problem.make("q", choices=("a", "b"))


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=4))
def test_error_rows_come_back(texts: list[str]) -> None:
    rows = [ErrorRow(source=text, place="p", error="e") for text in texts]
    assert list(from_arrow(ErrorRow, to_arrow(ErrorRow, rows))) == rows


def test_tuples_and_unknowns_come_back() -> None:
    rows = [
        Trace.make(PROBLEM, "ab", token_ids=(1, 2), token_ends=(1, 2), token_logprobs=(-0.5, -1.0)),
        Trace.make(PROBLEM, "cd"),
    ]
    assert list(from_arrow(Trace, to_arrow(Trace, rows))) == rows
    assert list(from_arrow(Problem, to_arrow(Problem, [PROBLEM]))) == [PROBLEM]


def test_nested_records_come_back() -> None:
    found = Finding(instrument="i", name="n", sentence="s", estimate=Estimate(value=0.5, n=2))
    both = Finding(
        instrument="i",
        name="m",
        sentence="s",
        estimate=Estimate(value=None),
        control=Estimate(value=1.0),
    )
    assert list(from_arrow(Finding, to_arrow(Finding, [found, both]))) == [found, both]


def test_null_is_allowed_only_where_a_record_allows_it() -> None:
    schema = arrow_schema(Trace)
    assert schema.field("token_ids").nullable
    assert not schema.field("reasoning").nullable
    assert schema.field("token_ids").type == pa.list_(pa.int64())


def test_columns_of_a_newer_version_are_passed_over() -> None:
    table = to_arrow(ErrorRow, [ErrorRow(source="s", place="p", error="e")])
    newer = table.append_column("new", pa.array([1]))
    assert next(from_arrow(ErrorRow, newer)).source == "s"
