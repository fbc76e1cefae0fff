"""The commands that read a model's attention: suppression of steps, and receiver heads."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reasonscope.cli.loading import loaded_here, own_prompt
from reasonscope.cli.output import DONE, PARTLY, print_json, progress_bar, remark, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.progress import Progress as Bar

    from reasonscope.attending import Attended, Received
    from reasonscope.traces.store import Study

SHOWN = 3
"""Traces whose steps are printed, and reasons that are."""


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command()(suppression)
    app.command()(receivers)


def suppression(
    study: Annotated[Path, typer.Argument(help="The study's folder.")],
    trace: Annotated[str, typer.Option(help="The trace's id, or how it begins.")],
    model: Annotated[
        str | None, typer.Option(help="What reads the trace; default: the model that wrote it.")
    ] = None,
    draws: Annotated[
        int,
        typer.Option(
            min=0,
            help="Stretches that each step is compared with; below 20 no pair can be told, more "
            "reach further.",
        ),
    ] = 32,
    temperature: Annotated[float, typer.Option(min=0.01, help="Divides the logits.")] = 1.0,
    seed: Annotated[int, typer.Option(help="Seed of the stretches.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="The pairs as JSON.")] = False,
) -> None:
    """Which earlier steps each step of a trace looks back to: each is hidden from what follows.

    Nothing is sampled; the model must run on this machine.

    Example: reasonscope suppression study --trace 3f9
    """
    from reasonscope.attending import find_suppression
    from reasonscope.traces.store import Study

    held = Study.open(study)
    case = held.trace(trace)
    loaded = loaded_here(model or case.trace.model)
    with progress_bar() as bar:
        found = find_suppression(
            held,
            case.trace.trace_id,
            loaded,
            draws=draws,
            temperature=temperature,
            seed=seed,
            prompt_for=own_prompt(loaded),
            progress=_teller(bar, f"hiding {len(case.steps)} steps"),
        )
    if as_json:
        print_json(found.to_json())
        return
    from reasonscope.structure.suppression.telling import told

    for line in told(found.rows, found.case.steps):
        say(line)


def receivers(
    study: Annotated[Path, typer.Argument(help="The study's folder.")],
    number: Annotated[int, typer.Option("-n", min=1, help="Traces that are read.")] = 50,
    model: Annotated[
        str | None, typer.Option(help="Whose heads; default: the model that wrote the traces.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the controls.")] = 0,
    again: Annotated[bool, typer.Option("--again", help="Remove what was read before.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The heads as JSON.")] = False,
) -> None:
    """Which attention heads gather on few steps of the traces, and on which steps.

    Traces of at least twelve steps are read, one of each problem first.

    Example: reasonscope receivers study -n 50
    """
    from reasonscope.attending import find_receivers
    from reasonscope.traces.store import Study

    held = Study.open(study)
    loaded = loaded_here(model or _writer(held))
    with progress_bar() as bar:
        found = find_receivers(
            held,
            loaded,
            number=number,
            seed=seed,
            prompt_for=own_prompt(loaded),
            again=again,
            progress=_teller(bar, "reading heads"),
        )
    if as_json:
        print_json(found.to_json())
    else:
        _print_received(held, found)
    raise typer.Exit(PARTLY if found.left_out else DONE)


def _writer(study: "Study") -> str:
    """The model that wrote the study's traces.

    Raises:
        SetupError: there are several.
    """
    from reasonscope.errors import SetupError

    names = [row[0] for row in study.rows("select distinct model from traces order by 1")]
    if len(names) != 1:
        said = ", ".join(names[:5]) or "none"
        raise SetupError(f"name the model whose heads are read with --model; traces are of: {said}")
    return str(names[0])


def _print_received(study: "Study", found: "Received") -> None:
    from reasonscope.structure.receivers.steps import ReceiverRow
    from reasonscope.structure.receivers.telling import looked_at, told

    for line in told(found.heads):
        say(line)
    for case in study.cases_of(found.traces[:SHOWN]):
        say(f"Trace {case.trace.trace_id[:8]}: its receiver heads look most at")
        rows = study.of_trace("receivers", ReceiverRow, case.trace.trace_id)
        for line in looked_at(rows, {step.index: step.text for step in case.steps}):
            say(line)
    read = "1 trace was" if len(found.traces) == 1 else f"{len(found.traces):,} traces were"
    few = f"; with fewer than 12 steps: {found.too_short:,}" if found.too_short else ""
    say(f"{read} read by {found.model}{few}")
    if found.left_out:
        remark(f"traces that do not fit the model: {len(found.left_out):,}, such as")
    for _, reason in found.left_out[:SHOWN]:
        remark(f"  {reason}")


def _teller(bar: "Bar", what: str) -> "Callable[[Attended], None]":
    task = bar.add_task(what, total=None)

    def tell(at: "Attended") -> None:
        said = f"{what} ({at.per_second:,.3g} {at.unit}/s)"
        bar.update(task, completed=at.done, total=at.total, description=said)

    return tell
