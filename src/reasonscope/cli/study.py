"""Commands that make a study and report on it: import, measure, report, export, formats."""

from pathlib import Path
from typing import Annotated, Any

import typer

from reasonscope.cli.output import DONE, PARTLY, errors, print_findings, print_json, progress_bar
from reasonscope.errors import SetupError

StudyPath = Annotated[Path, typer.Argument(help="The study's folder.")]
Json = Annotated[bool, typer.Option("--json", help="Machine-readable results on stdout.")]


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command("import")(import_)
    app.command()(measure)
    app.command()(report)
    app.command()(export)
    app.command()(formats)


def import_(
    files: Annotated[list[Path], typer.Argument(help="Files or folders with traces.")],
    out: Annotated[Path, typer.Option(help="The study's folder.")],
    format: Annotated[str, typer.Option(help="A format's name, or auto.")] = "auto",
    field: Annotated[
        list[str] | None, typer.Option(help="Plain JSON lines: which key holds what: OURS=KEY.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Traces from elsewhere into a study.

    Example: reasonscope import traces.jsonl --field reasoning=cot --out study
    """
    from reasonscope.traces.importing import import_traces

    with progress_bar() as progress:
        task = progress.add_task("traces", total=None)
        study, summary = import_traces(
            files,
            out,
            format=format,
            fields=_mapping(field or []),
            progress=lambda s: progress.update(task, completed=s.new + s.known),
        )
    held: dict[str, Any] = {
        "study": str(out),
        "new": summary.new,
        "known": summary.known,
        "errors": summary.errors,
        "traces": study.count("traces"),
        "problems": study.count("problems"),
    }
    if as_json:
        print_json(held)
    else:
        typer.echo(
            f"{held['traces']:,} traces of {held['problems']:,} problems in {out} "
            f"({summary.new:,} new, {summary.known:,} known, {summary.errors:,} unreadable)"
        )
    raise typer.Exit(PARTLY if summary.errors else DONE)


def _mapping(pairs: list[str]) -> dict[str, str]:
    wrong = [f"'{pair}' is not OURS=KEY" for pair in pairs if "=" not in pair]
    if wrong:
        raise SetupError("--field wants OURS=KEY, such as reasoning=cot", wrong)
    return dict(pair.split("=", 1) for pair in pairs)


def measure(
    study: StudyPath,
    instruments: Annotated[list[str] | None, typer.Argument(help="Instruments; all.")] = None,
    again: Annotated[bool, typer.Option(help="Measure anew what was measured before.")] = False,
    workers: Annotated[int | None, typer.Option(min=1, help="Processes; one a core.")] = None,
    as_json: Json = False,
) -> None:
    """Run the instruments over a study and print their findings.

    Example: reasonscope measure study steps
    """
    from reasonscope.measuring import Measured, failures
    from reasonscope.measuring import measure as measure_study
    from reasonscope.traces.store import Study

    held = Study.open(study)
    with progress_bar() as progress:
        task = progress.add_task("traces", total=held.count("traces"))

        def advance(done: Measured, parts: int) -> None:
            progress.advance(task, done.traces)

        findings = measure_study(
            held, instruments or (), again=again, workers=workers, progress=advance
        )
    print_findings(findings, as_json)
    failed = failures(held, instruments or ())
    if failed:
        errors.print(f"{failed:,} traces could not be measured; see table errors")
    raise typer.Exit(PARTLY if failed else DONE)


def report(
    study: StudyPath,
    out: Annotated[Path | None, typer.Option(help="The page; STUDY/report.html.")] = None,
    open_: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    as_json: Json = False,
) -> None:
    """Write the report: one HTML file that works from disk without network.

    Example: reasonscope report study --open
    """
    from reasonscope.findings import Finding
    from reasonscope.instruments import instruments
    from reasonscope.reporting import unmeasured, write_report
    from reasonscope.traces.store import Study

    held = Study.open(study)
    page = write_report(held, out)
    late = [(unmeasured(held, tool), tool.name) for tool in instruments().values()]
    for said in dict.fromkeys(said for said, _ in late if said):
        names = ", ".join(name for other, name in late if other == said)
        errors.print(f"{names}: {said}", markup=False)
    if as_json:
        order = list(instruments())
        found = sorted(
            held.records("findings", Finding),
            key=lambda f: order.index(f.instrument) if f.instrument in order else len(order),
        )
        print_json([finding.to_json() for finding in found])
    else:
        typer.echo(str(page))
    if open_:
        typer.launch(page.resolve().as_uri())


def export(
    study: StudyPath,
    out: Annotated[Path, typer.Option(help="The file or folder to write.")],
    format: Annotated[str, typer.Option(help="jsonl, thought-anchors or inif.")] = "jsonl",
) -> None:
    """Write a study's traces in a format of others.

    Example: reasonscope export study --format inif --out traces.json
    """
    from reasonscope.traces.formats import write
    from reasonscope.traces.store import Study

    write(Study.open(study).all_cases(), format, out)
    typer.echo(str(out))


def formats(as_json: Json = False) -> None:
    """List the formats that import reads. Example: reasonscope formats"""
    from reasonscope.traces.formats import FORMATS

    if as_json:
        print_json([{"name": f.name, "summary": f.summary} for f in FORMATS.values()])
        return
    for known in FORMATS.values():
        typer.echo(f"{known.name:18} {known.summary}")
