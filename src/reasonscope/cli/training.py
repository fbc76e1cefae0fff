"""The commands that train: train sft, rlvr, distil, log."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from reasonscope.cli.output import DONE, PARTLY, errors, print_json, progress_bar
from reasonscope.errors import MissingExtra, SetupError

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

_SOURCE = Path(__file__).parents[1] / "training"
_PASSED_ON = {"allow_extra_args": True, "ignore_unknown_options": True}
_MAIN = os.environ.get("RANK", "0") == "0"
"""Whether this process speaks: one of those that ``accelerate launch`` starts."""

Config = Annotated[Path | None, typer.Option(help="A TOML file of settings; flags go before it.")]
AsJson = Annotated[bool, typer.Option("--json", help="What was done, as JSON.")]


def register(app: typer.Typer) -> None:
    """Add this group's commands."""
    train = typer.Typer(
        help="Train a reasoning model: by examples, by rewards, or by a teacher.",
        no_args_is_help=True,
        rich_markup_mode="rich",
    )
    for command in (sft, rlvr, distil):
        train.command(context_settings=_PASSED_ON, help=_help(command))(command)
    train.command()(log)
    train.command()(verifier)
    app.add_typer(train, name="train")


_RECORDS: dict[str, tuple[tuple[str, str], ...]] = {
    "sft": (("sft_settings", "SFTSettings"), ("practice", "Practice"), ("practice", "Traces")),
    "rlvr": (("rlvr/settings", "RLSettings"), ("practice", "Practice")),
    "distil": (
        ("distil_settings", "TeacherSettings"),
        ("sft_settings", "SFTSettings"),
        ("practice", "Practice"),
    ),
}
"""By command, the files and records of its settings."""


def _help(command: Callable[..., None]) -> str:
    """A command's docstring with a line for each setting, read without importing any."""
    from reasonscope.training.settings import described

    told: dict[str, str] = {}
    for file, record in _RECORDS[command.__name__]:
        for name, default, line in described(_SOURCE / f"{file}.py", record):
            shown = f" [dim](default: {_escaped(default)})[/dim]" if default else ""
            flag = ("-" if len(name) == 1 else "--") + name.replace("_", "-")
            told.setdefault(name, f"[bold]{flag}[/bold]  {_escaped(line)}{shown}")
    told["organism"] = "[bold]--organism[/bold]  In place of --model: the name of one that ships."
    return f"{command.__doc__}\n\nSettings:\n\n" + "\n\n".join(told.values())


def _escaped(text: str) -> str:
    return text.replace("``", "").replace("[", "\\[")


def sft(ctx: typer.Context, config: Config = None, as_json: AsJson = False) -> None:
    """Learn to write as examples do: traces of a study, pairs, or problems with worked steps.

    Example: reasonscope train sft --model smollm2 --traces study --keep right --out run

    The same command again goes on from the last checkpoint.
    """
    from reasonscope.training.practice import Practice, Traces
    from reasonscope.training.sft_settings import SFTSettings

    settings, practice, traces = _settings(ctx, config, (SFTSettings, Practice, Traces))
    with _installed():  # takes seconds: what is wrong with the settings is said before
        from reasonscope.training.sft import train_sft
    found, unread = _examples(settings, practice, traces)
    with _bar() as bar, _steps(bar, settings.out) as progress:
        trained = train_sft(settings, found.pairs, progress=progress)
    said = {"folder": str(trained.folder), "steps": trained.steps, "examples": trained.examples}
    left_out = dict(found.left_out)
    if trained.dropped:
        left_out["too long"] = trained.dropped
    _end({**said, "left_out": left_out, "kept_share": found.kept.value}, unread, as_json)


def _examples(settings: Any, practice: Any, traces: Any) -> tuple[Any, int]:
    """Examples from what was named, and how many rows could not be read."""
    from reasonscope.models.loading import load_model
    from reasonscope.training.practice import practised
    from reasonscope.training.taught import taught_from, worked

    if (practice.problems is None) == (traces.traces is None):
        raise SetupError("name either --traces or --problems to learn from")
    tokenizer = load_model(str(settings.model), device="cpu").tokenizer
    if traces.traces is not None:
        found = taught_from(tokenizer, traces.traces, traces.keep)
        unread = found.unread
    else:
        problems, unread = practised(practice)
        found = worked(tokenizer, problems)
    _tell_left_out(found)
    return found, unread


def _tell_left_out(found: Any) -> None:
    if not _MAIN:
        return
    errors.print(f"{len(found.pairs):,} examples")
    for reason, count in found.left_out:
        errors.print(f"left out: {count:,} {reason}")


def rlvr(ctx: typer.Context, config: Config = None, as_json: AsJson = False) -> None:
    """Practise problems whose answers and steps can be checked (GRPO), with a flight recorder.

    Example: reasonscope train rlvr --organism sft --problems relay --rewards outcome=1 --out run

    The same command again goes on from the last checkpoint. The recorder's study is OUT/study:
    reasonscope report OUT/study
    """
    with _installed():
        from reasonscope.training.rlvr import RLSettings, train_rlvr
    from reasonscope.training.practice import Practice, practised
    from reasonscope.training.recorder import Recorder

    settings, practice = _settings(ctx, config, (RLSettings, Practice))
    problems, unread = practised(practice)
    with _recorder(Recorder, settings) as recorder, _bar() as bar:
        trained = train_rlvr(settings, problems, _Watched(recorder, bar, settings.steps))
    said = {"folder": str(trained.folder), "steps": trained.steps, "problems": len(problems)}
    where = recorder.study.path
    _end({**said, "study": str(where), "page": str(where / "dynamics.html")}, unread, as_json)


def _recorder(kind: Any, settings: Any) -> Any:
    """The recorder of a run of reinforcement learning, in its folder."""
    out = Path(settings.out)
    name, weights = out.resolve().name, settings.rewards
    recorder = kind(out / "study", name, weights=weights, unread=settings.unread)
    recorder.live.total = settings.steps
    return recorder


class _Watched:
    """A recorder, and the progress of the run it listens to."""

    def __init__(self, recorder: Any, bar: "Bar", steps: int) -> None:
        self._recorder, self._bar = recorder, bar
        self._task = bar.add_task("practising", total=steps)

    def completions(self, step: int, judged: Any, rewards: Any, entropies: Any = None) -> None:
        """Pass on a step's completions, and show how many of them are right."""
        self._recorder.completions(step, judged, rewards, entropies)
        right = sum(one.correct is True for one in judged)
        told = f"practising ({right} of {len(judged)} right)"
        self._bar.update(self._task, completed=step, description=told)

    def held_out(self, step: int, judged: Any, rewards: Any = None) -> None:
        """Pass on what was tried of the problems set aside."""
        self._recorder.held_out(step, judged, rewards)

    def metrics(self, step: int, values: Mapping[str, float]) -> None:
        """Pass on a step's numbers."""
        self._recorder.metrics(step, values)
        self._bar.update(self._task, completed=step + 1)


def distil(ctx: typer.Context, config: Config = None, as_json: AsJson = False) -> None:
    """Let a teacher write traces on problems, and a student learn from those that are right.

    Example: reasonscope train distil --teacher smollm2 --model base --problems chain --out run

    The same command again goes on where it stopped. The teacher's traces are the study OUT/teacher.
    """
    from reasonscope.training.distil_settings import TeacherSettings
    from reasonscope.training.practice import Practice, practised
    from reasonscope.training.sft_settings import SFTSettings

    teacher, student, practice = _settings(ctx, config, (TeacherSettings, SFTSettings, Practice))
    with _installed():
        from reasonscope.training.distil import train_distil
    problems, unread = practised(practice)
    with _bar() as bar, _steps(bar, student.out) as progress:
        done = train_distil(teacher, student, problems, sampling=_sampling(bar), progress=progress)
    _tell_left_out(done.taught)
    kept = done.taught.kept
    said = {
        "folder": str(done.trained.folder),
        "steps": done.trained.steps,
        "examples": done.trained.examples,
        "left_out": dict(done.taught.left_out),
        "kept_share": kept.value,
        "kept_share_low": kept.low,
        "kept_share_high": kept.high,
        "study": str(done.study),
    }
    _end(said, unread + done.failed, as_json)


def log(
    path: Annotated[Path, typer.Argument(help="TRL's folder or trainer_state.json; verl's log.")],
    out: Annotated[Path, typer.Option(help="The study's folder.")],
    format: Annotated[str, typer.Option(help="auto, trl or verl.")] = "auto",
    run: Annotated[str | None, typer.Option(help="The run's name; else from the path.")] = None,
    as_json: AsJson = False,
) -> None:
    """Read the log of another trainer into a study's table of training curves.

    Example: reasonscope train log checkpoint-500 --out study
    """
    from dataclasses import asdict

    from reasonscope.dynamics.logs import import_log

    summary = import_log(path, out, format, run)
    _end({**asdict(summary), "study": str(out)}, summary.errors, as_json)


def verifier(
    study: Annotated[Path, typer.Argument(help="A study whose steps can be verified.")],
    out: Annotated[Path, typer.Option(help="The file to write, ending in .npz.")],
    limit: Annotated[int | None, typer.Option(help="Most traces that are read.")] = None,
    seed: Annotated[int, typer.Option(help="Of the folds.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Learn to judge steps from a study's verdicts; prints its error rate on problems left out.

    Example: reasonscope train verifier study --out verifier.npz

    Use it as a reward: train rlvr --rewards outcome=1,learned:verifier.npz=0.5
    """
    from reasonscope.traces.store import Study
    from reasonscope.training.verifier import evidence_of, fit, save

    learned = fit(evidence_of(Study.open(study), limit=limit), seed=seed)
    file = save(learned, out)
    if as_json:
        print_json({"file": str(file), **learned.card.to_json()})
    else:
        typer.echo(f"{file}\n{learned.card}")


# -- what the commands share --------------------------------------------------------------


def _settings(ctx: typer.Context, config: Path | None, records: tuple[type, ...]) -> list[Any]:
    """The records of settings from the file and from flags."""
    from reasonscope.training.settings import flags_of, several_from_sources

    flags: dict[str, Any] = dict(flags_of(ctx.args))
    if (name := flags.pop("organism", None)) is not None:
        if "model" in flags:
            raise SetupError("name either --model or --organism")
        flags["model"] = f"organism:{name}"
    return several_from_sources(records, config, flags)


@contextmanager
def _installed() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        raise MissingExtra(str(error.name), "train") from None


@contextmanager
def _bar() -> Iterator["Bar"]:
    """The progress display; only one of several processes shows it."""
    with progress_bar() as bar:
        bar.disable = not _MAIN
        yield bar


@contextmanager
def _steps(bar: "Bar", out: str | Path) -> Iterator[Callable[[Any], None]]:
    """What shows the steps of a run, and keeps its numbers in ``OUT/study``."""
    task = bar.add_task("training", total=None, visible=False)
    with _numbers(out) if _MAIN else nullcontext() as recorder:

        def tell(progress: Any) -> None:
            bar.update(task, total=progress.steps, completed=progress.step, visible=True)
            if progress.loss is not None:
                bar.update(task, description=f"training (loss {progress.loss:.3f})")
            if recorder is not None and progress.loss is not None:
                before = progress.step - 1  # measured before the step that it is logged after
                recorder.metrics(before, _measured(progress))
                recorder.flush(before)

        yield tell


def _numbers(out: str | Path) -> Any:
    from reasonscope.training.recorder import Recorder

    return Recorder(Path(out) / "study", Path(out).resolve().name)


def _measured(progress: Any) -> dict[str, float]:
    names = ("loss", "learning_rate", "grad_norm")
    held = {name: getattr(progress, name) for name in names}
    return {name: float(value) for name, value in held.items() if value is not None}


def _sampling(bar: "Bar") -> Callable[[Any], None]:
    task = bar.add_task("the teacher writes", total=None)

    def tell(progress: Any) -> None:
        bar.update(
            task,
            total=progress.total,
            completed=progress.done + progress.skipped,
            description=f"the teacher writes ({progress.tokens_per_second:,.0f} tokens/s, "
            f"{progress.failed} failed)",
        )

    return tell


def _end(said: dict[str, Any], unread: int, as_json: bool) -> None:
    """Say what was done; exit code 3 where a part of the input could not be used."""
    said = {**said, "could_not_be_read": unread}
    if _MAIN and as_json:
        print_json(said)
    elif _MAIN:
        for name, value in said.items():
            if value not in (0, {}, None):
                typer.echo(f"{name.replace('_', ' ')}: {value}")
    raise typer.Exit(PARTLY if unread else DONE)
