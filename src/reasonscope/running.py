"""The main job in one call: generate, store, measure, report (level 6)."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from reasonscope import __version__
from reasonscope.errors import SetupError
from reasonscope.findings import Finding
from reasonscope.measuring import Measured, measure
from reasonscope.models.generation import Engine, Key, Progress, Sampling, sample_traces
from reasonscope.provenance import Provenance, settings_pairs
from reasonscope.reporting import write_report
from reasonscope.traces.importing import ImportSummary, store_readings
from reasonscope.traces.schema import ErrorRow, Problem, Reading
from reasonscope.traces.store import Study

FLUSH = 32
"""Readings written at a time: what a kill can lose. A multiple of the usual batch, so that no
batch is computed again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What a run made."""

    study: Study
    report: Path
    findings: tuple[Finding, ...]
    summary: ImportSummary
    """New traces, those that were there before, and failed generations."""


def run(
    out: str | Path,
    engine: Engine,
    problems: Sequence[Problem],
    *,
    samples: int = 1,
    sampling: Sampling | None = None,
    instruments: Sequence[str] = (),
    generating: Callable[[Progress], None] | None = None,
    measuring: Callable[[Measured, int], None] | None = None,
) -> Ran:
    """Traces of ``engine`` on ``problems``, measured and reported in the study at ``out``.

    Killed at any moment, the same call does what is missing. An attempt that failed is tried
    again by the next call; its error row stays as a record.

    Args:
        out: the study's folder; made if it is not there.
        engine: what answers, such as ``models.decoding.TorchEngine`` or an endpoint.
        problems: what is asked.
        samples: attempts at each problem.
        sampling: how tokens are drawn; default: ``Sampling()``.
        instruments: names; none named: all.
        generating: told of every row and token.
        measuring: told of every part.
    """
    study = Study.create(out)
    drawn = sampling or Sampling()
    before = done_attempts(study, engine.name, drawn)
    rows = sample_traces(engine, problems, samples, drawn, before, generating)
    total = ImportSummary(known=len(before))
    with study.writing():
        for part in store_readings(study, rows, _provenance(engine, samples, drawn), FLUSH):
            total += part
        study.remember_command(f"run --model {engine.name}, {len(problems)} problems")
    findings = tuple(measure(study, instruments, progress=measuring))
    return Ran(study=study, report=write_report(study), findings=findings, summary=total)


def done_attempts(study: Study, model: str, sampling: Sampling) -> set[Key]:
    """The attempts that the study holds of this model with these settings."""
    wanted = asdict(sampling)
    rows = study.rows("select problem_id, sample, sampling from traces where model = ?", [model])
    return {(p, s) for p, s, used in rows if wanted.items() <= json.loads(used).items()}


def _provenance(engine: Engine, samples: int, sampling: Sampling) -> Provenance:
    settings = settings_pairs(model=engine.name, samples=samples, **asdict(sampling))
    return Provenance("run", __version__, settings)


def only_problems(rows: Iterator[Problem | ErrorRow], study: Study) -> tuple[list[Problem], int]:
    """The problems among rows, and how many could not be read: each is stored as an error row."""
    problems: list[Problem] = []
    errors: list[Reading | ErrorRow] = []
    for row in rows:
        if isinstance(row, ErrorRow):
            errors.append(row)
        else:
            problems.append(row)
    if errors:
        with study.writing():
            list(store_readings(study, errors, Provenance("problems", __version__)))
    if not problems:
        raise SetupError(f"there is no problem to ask; {len(errors):,} could not be read")
    return problems, len(errors)
