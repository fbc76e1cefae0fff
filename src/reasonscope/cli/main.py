"""The command line's entry: commands, exit codes, and errors without tracebacks.

Exit codes: 0 done; 2 the user must fix something; 3 done, but part of the input could not be
assessed (the counts say what).
"""

import os
import signal
import sys

import typer

from reasonscope.cli import (
    anchors,
    attention,
    explore,
    generate,
    judge,
    reproducing,
    study,
    training,
)
from reasonscope.errors import ReasonscopeError

app = typer.Typer(
    name="reasonscope",
    help="The observatory for large reasoning models: import traces, verify their steps, report.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)

study.register(app)
explore.register(app)
generate.register(app)
judge.register(app)
anchors.register(app)
attention.register(app)
reproducing.register(app)
training.register(app)


@app.command()
def version() -> None:
    """Print the version. Example: reasonscope version"""
    from reasonscope import __version__

    typer.echo(__version__)


def main() -> None:
    """Run the command line; a :class:`ReasonscopeError` ends it with exit code 2."""
    signal.signal(signal.SIGINT, _interrupted)
    try:
        app()
    except ReasonscopeError as error:
        typer.secho(f"error: {error}", fg="red", err=True)
        sys.exit(2)


def _interrupted(number: int, frame: object) -> None:
    """Say what to do, then end as Python does: typer itself says nothing."""
    os.write(2, b"\ninterrupted; the same command goes on where it stopped\n")
    raise KeyboardInterrupt


if __name__ == "__main__":  # accelerate launch -m reasonscope.cli.main train …
    main()
