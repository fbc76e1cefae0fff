"""The command that makes traces: run (generate, verify, measure, report)."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reasonscope.cli.output import DONE, PARTLY, errors, print_findings, progress_bar, remark

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from reasonscope.models.generation import Engine, Progress


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    app.command()(run)


def run(
    out: Annotated[Path, typer.Option(help="The study's folder.")],
    model: Annotated[str, typer.Option(help="smollm2, a folder, or a server's name for it.")] = (
        "smollm2"
    ),
    problems: Annotated[str, typer.Option(help="A family, gym:NAME, or a JSONL file.")] = "chain",
    n: Annotated[int, typer.Option("-n", min=1, help="Problems.")] = 20,
    samples: Annotated[int, typer.Option(help="Attempts at each problem.")] = 1,
    seed: Annotated[int, typer.Option(help="Seed of problems and sampling.")] = 0,
    temperature: Annotated[float, typer.Option(help="0: the likeliest token.")] = 0.7,
    top_p: Annotated[float, typer.Option(help="Nucleus that is drawn from.")] = 0.95,
    max_tokens: Annotated[int, typer.Option(help="Most tokens of one output.")] = 1024,
    batch: Annotated[
        int, typer.Option(min=1, help="Attempts computed together on this machine.")
    ] = 32,
    endpoint: Annotated[str | None, typer.Option(help="Base URL of a server: …/v1.")] = None,
    api: Annotated[str, typer.Option(help="chat or completions.")] = "chat",
    key_variable: Annotated[
        str | None, typer.Option(help="Environment variable that holds the API key.")
    ] = None,
    concurrency: Annotated[int, typer.Option(help="Most requests at once.")] = 8,
    trust_remote_code: Annotated[
        bool, typer.Option("--trust-remote-code", help="Run code that comes with the model.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Findings as JSON.")] = False,
) -> None:
    """Generate traces, verify and measure them, and write the report.

    Example: reasonscope run --model smollm2 --problems chain -n 20 --out study
    """
    from reasonscope.measuring import failures
    from reasonscope.models.generation import Sampling
    from reasonscope.problems.datasets import load_problems
    from reasonscope.running import only_problems
    from reasonscope.running import run as run_study
    from reasonscope.traces.store import Study

    sampling = Sampling(temperature=temperature, top_p=top_p, max_tokens=max_tokens, seed=seed)
    asked, unread = only_problems(load_problems(problems, n, seed), Study.create(out))
    if endpoint is None:
        engine = _local(model, batch, trust_remote_code)
    else:
        engine = _remote(endpoint, model, api, key_variable, concurrency)
    with progress_bar() as bar:
        ran = run_study(
            out, engine, asked, samples=samples, sampling=sampling, generating=_teller(bar)
        )
    print_findings(ran.findings, as_json)
    counts = {
        "problems could not be read": unread,
        "attempts failed": ran.summary.errors,
        "traces could not be measured": failures(ran.study),
    }
    for what, count in counts.items():
        if count:
            errors.print(f"{count:,} {what}; see table errors")
    typer.echo(str(ran.report), err=as_json)
    raise typer.Exit(PARTLY if any(counts.values()) else DONE)


def _local(model: str, batch: int, trust_remote_code: bool) -> "Engine":
    from reasonscope.errors import MissingExtra

    try:
        from reasonscope.models.decoding import TorchEngine
        from reasonscope.models.loading import load_model
    except ModuleNotFoundError as error:
        raise MissingExtra(str(error.name), "models") from None
    remark(f"loading {model}")
    return TorchEngine(load_model(model, trust_remote_code=trust_remote_code), batch_size=batch)


def _remote(url: str, model: str, api: Any, key_variable: str | None, concurrency: int) -> "Engine":
    from reasonscope.models.endpoint import Endpoint

    engine = Endpoint(
        base_url=url, model=model, api=api, key_variable=key_variable, concurrency=concurrency
    )
    engine.require_listening()
    return engine


def _teller(bar: "Bar") -> Any:
    """What shows the progress of generation: attempts, failures, tokens a second."""
    task = bar.add_task("generating", total=None)

    def tell(progress: "Progress") -> None:
        bar.update(
            task,
            total=progress.total,
            completed=progress.done + progress.skipped,
            description=f"generating ({progress.tokens_per_second:,.0f} tokens/s, "
            f"{progress.failed} failed)",
        )

    return tell
