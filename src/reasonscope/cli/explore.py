"""Commands that look into a study: show a trace, query its tables."""

import math
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from reasonscope.cli.output import print_json

StudyPath = Annotated[Path, typer.Argument(help="The study's folder.")]


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command()(show)
    app.command()(sql)


def show(
    study: StudyPath,
    trace: Annotated[str, typer.Argument(help="The start of a trace's id; empty: the first.")] = "",
) -> None:
    """One trace in the terminal: its steps with verdicts and candidate answers.

    Example: reasonscope show study a3f9
    """
    from rich.console import Console

    from reasonscope.errors import SetupError
    from reasonscope.report.terminal import show as show_trace
    from reasonscope.reporting import marks
    from reasonscope.traces.schema import Candidate, Verdict
    from reasonscope.traces.store import Study

    held = Study.open(study)
    if not trace:
        first = held.rows("select trace_id from traces order by trace_id limit 1")
        if not first:
            raise SetupError(f"the study '{study}' holds no traces")
        trace = first[0][0]
    case = held.trace(trace)
    where = case.trace.trace_id
    show_trace(
        case,
        held.of_trace("verdicts", Verdict, where),
        held.of_trace("answers", Candidate, where),
        Console(),
        marks(held, [where]),
    )


def sql(
    study: StudyPath,
    query: Annotated[str, typer.Argument(help="A DuckDB query over the study's tables.")],
    as_json: Annotated[bool, typer.Option("--json", help="Rows as JSON objects.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="Most rows to print.")] = 1000,
) -> None:
    """Query a study's tables with DuckDB.

    Example: reasonscope sql study "select verifier, correct, count(*) from verdicts group by all"
    """
    from reasonscope.traces.store import Study, querying

    held = Study.open(study)
    with querying():
        relation = held.sql(query).limit(limit)
        if as_json:
            rows = [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]
            print_json(_plain(rows))
        else:
            relation.show(max_rows=limit)


def _plain(held: object) -> object:
    """JSON-able: NaN and infinity become null, what else JSON does not know becomes text."""
    if isinstance(held, Decimal):
        held = float(held)
    if isinstance(held, float) and not math.isfinite(held):
        return None
    if isinstance(held, dict):
        return {str(key): _plain(value) for key, value in held.items()}
    if isinstance(held, list | tuple):
        return [_plain(value) for value in held]
    return held if isinstance(held, str | int | float | bool | None) else str(held)
