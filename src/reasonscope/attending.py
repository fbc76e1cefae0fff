"""What a model attends to in a study's traces: suppression and receiver heads in one call each.

Each trace is stored as it ends; a killed call goes on with the traces that are missing.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reasonscope import __version__
from reasonscope.errors import SetupError
from reasonscope.instruments import instruments
from reasonscope.measuring import measure
from reasonscope.models.prompts import prompted
from reasonscope.provenance import Provenance, content_id, settings_pairs
from reasonscope.structure.receivers.heads import HeadGain, head_gains
from reasonscope.structure.receivers.reading import STEPS, reception
from reasonscope.structure.receivers.store import TABLE as HEADS
from reasonscope.structure.receivers.store import stored_peaks, stored_steps
from reasonscope.structure.suppression.matrix import SuppressionRow
from reasonscope.structure.suppression.reading import DRAWS, suppression_matrix
from reasonscope.traces.schema import Case, Problem
from reasonscope.traces.store import Study

if TYPE_CHECKING:
    from reasonscope.models.loading import LoadedModel

TRACES = 50
"""Traces that are read for receiver heads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attended:
    """How far a call is."""

    done: int
    total: int
    unit: str
    """``tokens`` or ``traces``."""
    seconds: float

    @property
    def per_second(self) -> float:
        """Done in a second of this call."""
        return self.done / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppressed:
    """What hiding the steps of one trace does to its later ones."""

    case: Case
    rows: tuple[SuppressionRow, ...]

    def to_json(self) -> dict[str, Any]:
        """The pairs as a JSON object."""
        return {
            "trace_id": self.case.trace.trace_id,
            "pairs": [asdict(row) for row in self.rows],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """The receiver heads of a study's traces."""

    model: str
    heads: tuple[HeadGain, ...]
    """The highest rank first."""
    traces: tuple[str, ...]
    """Those that are in the study by now, ids sorted."""
    too_short: int
    """Traces of the study with fewer than twelve steps."""
    left_out: tuple[tuple[str, str], ...]
    """Ids of traces that do not fit the model, each with the reason."""

    def to_json(self) -> dict[str, Any]:
        """Heads and counts as a JSON object."""
        return {
            "model": self.model,
            "heads": [asdict(row) for row in self.heads],
            "traces": list(self.traces),
            "too_short": self.too_short,
            "left_out": [{"trace_id": one, "reason": reason} for one, reason in self.left_out],
        }


def find_suppression(
    study: Study | str | Path,
    trace: str,
    loaded: "LoadedModel",
    *,
    draws: int = DRAWS,
    temperature: float = 1.0,
    seed: int = 0,
    prompt_for: Callable[[Problem], str] | None = None,
    progress: Callable[[Attended], None] | None = None,
) -> Suppressed:
    """Which steps of a trace look back to which, stored in table ``suppressions``.

    Args:
        study: A study or its folder.
        trace: The trace's id, or how it begins.
        loaded: The model that reads it; best the one that wrote it.
        draws: Stretches that each step is compared with.
        temperature: Divides the logits.
        seed: Of the stretches.
        prompt_for: Makes the prompt of a trace that came without one.
        progress: Told as tokens are computed.

    Raises:
        SetupError: There is no such trace, it has fewer than two steps, or it does not fit the
            model.
    """
    held = study if isinstance(study, Study) else Study.open(study)
    instruments()  # their tables become known
    case = prompted(held.trace(trace), prompt_for)
    where = case.trace.trace_id
    made_by = _provenance(
        "suppression",
        loaded,
        draws=draws,
        temperature=temperature,
        seed=seed,
        prompt=content_id("prompt", case.trace.prompt),
    )
    with held.writing():
        if not _stands(held, "suppressions", where, made_by):
            matrix = suppression_matrix(
                loaded,
                case,
                draws=draws,
                seed=seed,
                temperature=temperature,
                progress=_timed("tokens", progress),
            )
            held.write_part("suppressions", where, matrix.rows(), made_by)
        settings = f"--draws {draws} --temperature {temperature:g} --seed {seed}"
        held.remember_command(f"suppression --trace {where} --model {loaded.name} {settings}")
    measure(held, ("suppression",))
    return Suppressed(case=case, rows=tuple(held.part_records("suppressions", where)))


def find_receivers(
    study: Study | str | Path,
    loaded: "LoadedModel",
    *,
    traces: Sequence[str] | None = None,
    number: int = TRACES,
    seed: int = 0,
    prompt_for: Callable[[Problem], str] | None = None,
    again: bool = False,
    progress: Callable[[Attended], None] | None = None,
) -> Received:
    """Which heads gather on few steps and on which, in tables ``receiver_heads`` and ``receivers``.

    Args:
        study: A study or its folder.
        loaded: The model whose heads are read; best the one that wrote the traces.
        traces: Ids of the traces; None: ``number`` of those that have twelve steps, of as many
            problems as there are, those that this model wrote where there are any.
        number: How many, where ``traces`` names none.
        seed: Of moved borders and control heads.
        prompt_for: Makes the prompt of a trace that came without one.
        again: Remove what was read before and begin anew.
        progress: Told after each trace.

    Raises:
        SetupError: No trace has twelve steps, none fits the model, or heads of another model
            were read in this study.
    """
    held = study if isinstance(study, Study) else Study.open(study)
    instruments()  # their tables become known
    made_by = _provenance("receivers", loaded, seed=seed)
    wanted = list(traces) if traces is not None else _long_traces(held, loaded.name, number)
    with held.writing():
        _one_model(held, loaded.name, again)
        known = dict.fromkeys([*wanted, *held.part_keys(HEADS)])  # all heads are averaged
        todo = [one for one in known if not _stands(held, HEADS, one, made_by)]
        left_out = _read(held, loaded, todo, seed, made_by, prompt_for, _timed("traces", progress))
        for trace_id, rows in stored_steps(held, seed):
            held.write_part("receivers", trace_id, rows, made_by)
        held.remember_command(f"receivers -n {len(wanted)} --model {loaded.name} --seed {seed}")
    measure(held, ("receivers",))
    return _received(held, loaded.name, left_out)


def _read(
    study: Study,
    loaded: "LoadedModel",
    todo: Sequence[str],
    seed: int,
    made_by: Provenance,
    prompt_for: Callable[[Problem], str] | None,
    tell: Callable[[int, int], None],
) -> list[tuple[str, str]]:
    """Read traces one by one; returns those that do not fit the model, each with the reason."""
    from reasonscope.models.trace_tokens import trace_tokens

    left_out = []
    for count, case in enumerate(study.cases_of(todo), 1):
        trace = case.trace
        try:
            tokens = trace_tokens(loaded, prompted(case, prompt_for))
            found = reception(loaded, tokens, trace.trace_id, trace.problem_id, seed=seed)
            study.write_part(HEADS, trace.trace_id, found.rows(), made_by)
        except SetupError as error:
            study.remove_part(HEADS, trace.trace_id)  # of other settings, if there is one
            left_out.append((trace.trace_id, str(error)))
        tell(count, len(todo))
    if left_out and not study.part_keys(HEADS):
        raise SetupError("no trace could be read", [reason for _, reason in left_out[:3]])
    return left_out


def _received(study: Study, model: str, left_out: Sequence[tuple[str, str]]) -> Received:
    held = stored_peaks(study)
    if held is None:
        raise SetupError("no trace was read: name traces of this study, or none for a choice")
    ids, peaks = held
    ((short,),) = study.rows(
        "select count(distinct trace_id) from traces where trace_id not in "
        f"(select trace_id from steps group by 1 having count(*) >= {STEPS})"
    )
    return Received(
        model=model,
        heads=head_gains(peaks),
        traces=ids,
        too_short=int(short),
        left_out=tuple(left_out),
    )


def _long_traces(study: Study, model: str, number: int) -> list[str]:
    """Traces with enough steps: one of each problem, then a second of each."""
    found = study.rows(
        "select trace_id, problem_id, model from (select distinct trace_id, problem_id, model "
        "from traces) join (select trace_id from steps group by 1 having count(*) >= ?) "
        "using (trace_id) order by row_number() over "
        "(partition by problem_id order by model <> ?, trace_id), md5(problem_id)",
        [STEPS, model],
    )
    if not found:
        raise SetupError(
            f"no trace here has {STEPS} steps: heads are told by how unevenly they look at the "
            "steps of a trace. Import or generate longer ones."
        )
    own = [one for one, _, wrote in found if wrote == model]
    return (own or [row[0] for row in found])[:number]


def _one_model(study: Study, model: str, again: bool) -> None:
    """Raise where heads of another model were read, or remove them."""
    if again:
        for table in (HEADS, "receivers"):
            study.remove_parts(table)
    others = study.rows(f"select distinct model from {HEADS} where model <> ?", [model])
    if others:
        raise SetupError(
            f"this study holds heads of {others[0][0]}, which cannot be averaged with those of "
            f"{model}: name that model, or --again to remove them"
        )


def _provenance(command: str, loaded: "LoadedModel", **settings: Any) -> Provenance:
    known = {"model": loaded.name, **loaded.identity, **settings}
    return Provenance(command, __version__, settings_pairs(**known))


def _stands(study: Study, table: str, key: str, made_by: Provenance) -> bool:
    """Whether a part is there that was made in the same way."""
    if key not in study.part_keys(table):
        return False
    metadata = study.read_part(table, key, ["trace_id"]).schema.metadata or {}
    return metadata.get(b"reasonscope.provenance") == made_by.to_json().encode()


def _timed(unit: str, progress: Callable[[Attended], None] | None) -> Callable[[int, int], None]:
    """What tells how far a call is, since now."""
    began = time.monotonic()

    def tell(done: int, total: int) -> None:
        if progress is not None:
            seconds = time.monotonic() - began
            progress(Attended(done=done, total=total, unit=unit, seconds=seconds))

    return tell
