"""The command that prints published figures beside ours."""

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reasonscope.cli.output import DONE, PARTLY, interval, print_json, shown

if TYPE_CHECKING:
    from reasonscope.reproduce import Reproduced


def register(app: typer.Typer) -> None:
    """Add this group's command."""
    app.command()(reproduce)


def reproduce(
    folder: Annotated[Path, typer.Argument(help="Holds thought-anchors, mip-overthinking, …")],
    as_json: Annotated[
        bool, typer.Option("--json", help="Machine-readable results on stdout.")
    ] = False,
) -> None:
    """Published figures beside what we find on the same public data.

    Example: reasonscope reproduce ../shared/data
    """
    from reasonscope.reproduce import reproduce as reproduced

    rows = list(reproduced(folder))
    if as_json:
        print_json([row.to_json() for row in rows])
    else:
        _print(rows)
    raise typer.Exit(DONE if all(row.ours.value is not None for row in rows) else PARTLY)


def _print(rows: "list[Reproduced]") -> None:
    for data, group in groupby(rows, key=lambda row: row.data):
        own = list(group)
        typer.secho(data, bold=True)
        width = max(len(row.what) for row in own)
        for row in own:
            published = "-" if row.published is None else shown(row.published, row.unit)
            inside = {True: "inside", False: "outside", None: ""}[row.inside]
            found = interval(row.ours, row.unit)
            typer.echo(f"  {row.what:{width}}  published {published:>7}  ours {found:32} {inside}")
        for note in dict.fromkeys(row.note for row in own if row.note):
            typer.echo(f"  {note}")
