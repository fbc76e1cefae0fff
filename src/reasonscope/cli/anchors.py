"""The command that finds the steps of a trace that decide its answer."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reasonscope.cli.loading import loaded_here, own_prompt
from reasonscope.cli.output import DONE, PARTLY, print_findings, print_json, progress_bar, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.progress import Progress as Bar

    from reasonscope.anchoring import Rolled
    from reasonscope.models.continuing import Continuer
    from reasonscope.models.generation import Sampling
    from reasonscope.structure.anchors.budget.allocation import Policy
    from reasonscope.traces.schema import Case, Problem


def register(app: typer.Typer) -> None:
    """Add this group's command."""
    app.command()(anchors)


def anchors(
    study: Annotated[Path, typer.Argument(help="The study's folder.")],
    trace: Annotated[str, typer.Option(help="The trace's id, or how it begins.")],
    model: Annotated[
        str | None, typer.Option(help="What goes on from the steps; default: the trace's model.")
    ] = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="Say what it would cost, and make no rollout.")
    ] = False,
    effect: Annotated[
        float, typer.Option(min=0.01, max=1, help="The least importance worth finding.")
    ] = 0.1,
    uniform: Annotated[
        int | None, typer.Option(min=1, help="So many rollouts at every step; else racing.")
    ] = None,
    budget: Annotated[int | None, typer.Option(min=1, help="Most tokens to sample.")] = None,
    need: Annotated[
        int,
        typer.Option(min=0, help="Also: is the reasoning needed? So many rollouts of each test."),
    ] = 0,
    matrix: Annotated[
        bool, typer.Option("--matrix", help="Also: which steps come from which, and come back.")
    ] = False,
    temperature: Annotated[float | None, typer.Option(help="Default: the trace's.")] = None,
    top_p: Annotated[float | None, typer.Option(help="Default: the trace's.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Most tokens of a rollout.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the rollouts.")] = 0,
    slots: Annotated[int, typer.Option(min=1, help="Rollouts computed together.")] = 64,
    endpoint: Annotated[str | None, typer.Option(help="Base URL of a server: …/v1.")] = None,
    api: Annotated[str, typer.Option(help="chat or completions.")] = "completions",
    key_variable: Annotated[
        str | None, typer.Option(help="Environment variable that holds the API key.")
    ] = None,
    concurrency: Annotated[int, typer.Option(help="Most requests at once.")] = 8,
    again: Annotated[bool, typer.Option("--again", help="Remove the trace's rollouts.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The steps as JSON.")] = False,
) -> None:
    """Which steps of a trace decide its answer, each with an interval, and what it cost.

    Rollouts are stored in the study as they come; the same command goes on where it stopped.

    Example: reasonscope anchors study --trace 3f9 --plan
    """
    from reasonscope.anchoring import find_anchors, planned
    from reasonscope.structure.anchors.similarity import likeness
    from reasonscope.structure.anchors.step_matrix.comparing import similar_texts
    from reasonscope.traces.store import Study

    held = Study.open(study)
    case = held.trace(trace)
    texts = [step.text for step in case.steps]
    continuer, prompt_for = (
        _local(model or case.trace.model, slots)
        if endpoint is None
        else _remote(endpoint, model or case.trace.model, api, key_variable, concurrency)
    )
    sampling = _sampling(case, temperature, top_p, limit, seed)
    if plan:
        typer.echo(planned(case, continuer, sampling, effect, prompt_for).sentence())
        return
    with progress_bar() as bar:
        found = find_anchors(
            held,
            case.trace.trace_id,
            continuer,
            _policy(effect, uniform, budget, seed),
            sampling=sampling,
            alike=likeness(texts),
            need=need,
            similar=similar_texts(texts) if matrix else None,
            prompt_for=prompt_for,
            again=again,
            progress=_teller(bar, len(case.steps)),
        )
    if as_json:
        print_json(found.to_json())
    else:
        from reasonscope.structure.anchors.telling import told

        for line in told(found.anchors, case.steps, found.spent):
            say(line)
        if need or matrix:
            typer.echo("\nOver all traces of the study that were gone on from:")
            print_findings(found.beside, as_json=False)
    raise typer.Exit(PARTLY if found.failed else DONE)


def _policy(effect: float, uniform: int | None, budget: int | None, seed: int) -> "Policy":
    from reasonscope.structure.anchors.budget.racing import Racing
    from reasonscope.structure.anchors.budget.uniform import Uniform

    if uniform is not None:
        return Uniform(uniform)
    return Racing(least=effect, budget=budget, seed=seed)


def _sampling(
    case: "Case", temperature: float | None, top_p: float | None, limit: int | None, seed: int
) -> "Sampling":
    """What was asked for, else what the trace was sampled with, else what is usual."""
    import json

    from reasonscope.models.generation import Sampling

    used = json.loads(case.trace.sampling)
    usual = {"temperature": 0.6, "top_p": 0.95, "max_tokens": 1024, **used}
    return Sampling(
        temperature=usual["temperature"] if temperature is None else temperature,
        top_p=usual["top_p"] if top_p is None else top_p,
        max_tokens=usual["max_tokens"] if limit is None else limit,
        seed=seed,
    )


def _local(model: str, slots: int) -> "tuple[Continuer, Callable[[Problem], str]]":
    loaded = loaded_here(model)
    from reasonscope.models.shared_prefix import SharedPrefix

    return SharedPrefix(loaded, slots=slots), own_prompt(loaded)


def _remote(
    url: str, model: str, api: Any, key_variable: str | None, concurrency: int
) -> "tuple[Continuer, Callable[[Problem], str]]":
    from reasonscope.models.endpoint import Endpoint
    from reasonscope.models.endpoint_continuing import EndpointContinuer

    endpoint = Endpoint(
        base_url=url, model=model, api=api, key_variable=key_variable, concurrency=concurrency
    )
    endpoint.require_listening()
    return EndpointContinuer(endpoint=endpoint), _asked(api)


def _asked(api: str) -> "Callable[[Problem], str]":
    """The prompt of a trace that came without one, in the form that the server's API takes."""
    from reasonscope.models.prompts import instruction, plain_prompt

    if api == "chat":
        return instruction
    return lambda problem: plain_prompt(instruction(problem))


def _teller(bar: "Bar", steps: int) -> "Callable[[Rolled], None]":
    task = bar.add_task(f"rollouts of {steps} steps", total=None)

    def tell(rolled: "Rolled") -> None:
        bar.update(
            task,
            completed=rolled.rollouts,
            description=f"rollouts of {steps} steps ({rolled.tokens_per_second:,.0f} tokens/s)",
        )

    return tell
