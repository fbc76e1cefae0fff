"""Commands that judge our own instruments: bench on public sets, calibrate on planted truth."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reasonscope.cli.output import DONE, PARTLY, interval, print_json, progress_bar

if TYPE_CHECKING:
    from reasonscope.instrument import Calibration

Json = Annotated[bool, typer.Option("--json", help="Machine-readable results on stdout.")]


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    bench = typer.Typer(help="Score our instruments on public sets.", no_args_is_help=True)
    bench.command("first-error")(first_error)
    bench.command("labels")(labels)
    bench.command("edges")(edges)
    bench.command("anchors")(anchors)
    app.add_typer(bench, name="bench")
    app.command()(calibrate)


def first_error(
    file: Annotated[Path, typer.Argument(help="A file of labelled traces.")],
    format: Annotated[str, typer.Option(help="bigbench-mistake or processbench.")] = "auto",
    as_json: Json = False,
) -> None:
    """How often the first flagged step is the one that people labelled.

    Example: reasonscope bench first-error dyck_languages.jsonl --format bigbench-mistake
    """
    from reasonscope.bench.first_error import first_error_bench

    score = first_error_bench(file, format)
    if as_json:
        print_json(score.to_json())
    else:
        typer.echo(score.summary())
    raise typer.Exit(PARTLY if score.unreadable else DONE)


def labels(
    folder: Annotated[Path, typer.Argument(help="A folder of labelled traces.")],
    format: Annotated[str, typer.Option(help="thought-anchors.")] = "auto",
    as_json: Json = False,
) -> None:
    """How well the labels of steps agree with published ones, problems of training left out.

    Example: reasonscope bench labels thought-anchors --format thought-anchors
    """
    from reasonscope.bench.labels import labels_bench

    score = labels_bench(folder, format)
    if as_json:
        print_json(score.to_json())
    else:
        typer.echo(score.summary())
    raise typer.Exit(PARTLY if score.unreadable or not score.n else DONE)


def edges(
    folder: Annotated[Path, typer.Argument(help="A folder of labelled traces.")],
    format: Annotated[str, typer.Option(help="thought-anchors.")] = "auto",
    as_json: Json = False,
) -> None:
    """How well the edges between steps agree with what a labeller says each step depends on.

    Example: reasonscope bench edges thought-anchors --format thought-anchors
    """
    from reasonscope.bench.edges import edges_bench

    score = edges_bench(folder, format)
    if as_json:
        print_json(score.to_json())
    else:
        typer.echo(score.summary())
    raise typer.Exit(PARTLY if score.unreadable else DONE)


def anchors(
    folder: Annotated[Path, typer.Argument(help="A folder of thought-anchors traces.")],
    allocator: Annotated[
        list[str] | None, typer.Option(help="racing, bisection, uniform-100, …; all.")
    ] = None,
    truth: Annotated[str, typer.Option(help="published or denoised accuracies.")] = "published",
    repeats: Annotated[int, typer.Option(min=1, help="Replays of each trace.")] = 1,
    seed: Annotated[int, typer.Option(help="Seed of the replays.")] = 0,
    as_json: Json = False,
) -> None:
    """What allocators of rollouts find on the published accuracies, and for how many tokens.

    Example: reasonscope bench anchors thought-anchors --allocator racing
    """
    from reasonscope.bench.anchors import anchors_bench

    with progress_bar() as progress:
        task = progress.add_task("replays", total=None)
        score = anchors_bench(
            folder,
            tuple(allocator or ()),
            truth=truth,
            repeats=repeats,
            seed=seed,
            total=lambda n: progress.update(task, total=n),
            progress=lambda: progress.advance(task),
        )
    if as_json:
        print_json(score.to_json())
    else:
        typer.echo(score.summary())
    raise typer.Exit(PARTLY if score.unreadable or not score.rows else DONE)


def calibrate(
    instruments: Annotated[list[str] | None, typer.Argument(help="Instruments; all.")] = None,
    n: Annotated[int, typer.Option("-n", help="Planted cases of each kind.")] = 100,
    seed: Annotated[int, typer.Option(help="Seed of the planted cases.")] = 0,
    as_json: Json = False,
) -> None:
    """Power, false positives and interval coverage of each instrument on planted truth.

    Example: reasonscope calibrate steps -n 200
    """
    from reasonscope.calibration import calibrate as run_calibration

    with progress_bar() as progress:
        task = progress.add_task("instruments", total=None)
        rows = run_calibration(
            instruments or (), n=n, seed=seed, progress=lambda: progress.advance(task)
        )
    if as_json:
        print_json([row.to_json() for row in rows])
        return
    _print_rows(rows)


def _print_rows(rows: "list[Calibration]") -> None:
    for row in rows:
        typer.secho(f"{row.instrument}: {row.plant}", bold=True)
        parts = {
            "found": row.power,
            "false positives": row.false_positive,
            "coverage": row.coverage,
            "bias": row.bias,
        }
        said = [f"{name} {interval(e, 'share')}" for name, e in parts.items() if e is not None]
        typer.echo("  " + "   ".join(said))
