"""Distillation: a student learns from a teacher's traces, from the right ones alone if asked."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from accelerate import PartialState

from reasonscope import __version__
from reasonscope.errors import SetupError
from reasonscope.models.decoding import TorchEngine
from reasonscope.models.generation import Progress, Sampling, sample_traces
from reasonscope.models.loading import LoadedModel, load_model
from reasonscope.provenance import Provenance, content_id, settings_pairs
from reasonscope.traces.importing import store_readings
from reasonscope.traces.schema import Problem
from reasonscope.traces.store import Study
from reasonscope.training.distil_settings import TeacherSettings
from reasonscope.training.settings import pin
from reasonscope.training.sft import Told, train_sft
from reasonscope.training.sft_settings import SFTSettings
from reasonscope.training.sft_trainer import Teacher
from reasonscope.training.taught import Taught, taught
from reasonscope.training.trained import TrainedOnExamples


@dataclass(frozen=True, slots=True, kw_only=True)
class Distilled:
    """What a distillation left behind."""

    trained: TrainedOnExamples
    """The student."""
    study: Path
    """The teacher's traces, kept or not: a study that can be measured."""
    taught: Taught
    """Which of them were learned from, and why others were not."""
    failed: int
    """Attempts of the teacher that gave no trace; see table errors of the study."""


def train_distil(
    teacher: TeacherSettings,
    student: SFTSettings,
    problems: Sequence[Problem],
    *,
    sampling: Callable[[Progress], None] | None = None,
    progress: Told | None = None,
) -> Distilled:
    """A student trained on what a teacher writes on problems.

    The same call again goes on where it was broken off, in the teacher's sampling as in the
    student's training. The student is shown its own prompt for each problem. On several devices
    one of them samples and the others wait: let it sample first, by the same command without
    ``accelerate launch``, where that takes longer than their patience.

    Source: rejection sampling of a teacher's reasoning as in DeepSeek-R1 (2501.12948, section
    2.4); soft targets are the forward divergence from the teacher on its own traces.

    Args:
        teacher: Who teaches, how its traces are drawn, and which are kept.
        student: How the student learns; ``student.out`` holds the whole run.
        problems: What the teacher is asked.
        sampling: Told of every trace and token of the teacher.
        progress: Told of every step of the student.

    Raises:
        SetupError: As of :func:`train_sft`; or no trace was kept, or soft targets were asked for
            and the two have not the same vocabulary.
    """
    state = PartialState()
    path = Path(student.out) / "teacher"
    asked = ["problems", *(problem.problem_id for problem in problems)]
    loaded = load_model(str(teacher.teacher))
    pin(path, teacher, weights=loaded.revision, problems=content_id(*asked))
    failed = 0
    if state.is_main_process:
        failed = sample_teacher(teacher, loaded, problems, path, sampling)
    state.wait_for_everyone()
    tokenizer = load_model(str(student.model), device="cpu").tokenizer
    found = taught(tokenizer, Study.open(path).all_cases(), teacher.keep)
    if not found.pairs:
        left = ", ".join(f"{count:,} {reason}" for reason, count in found.left_out)
        raise SetupError(f"no trace of the teacher was kept ({left or 'it wrote none'})")
    soft = _soft(loaded, tokenizer, teacher.soft)
    trained = train_sft(student, found.pairs, teacher=soft, progress=progress)
    return Distilled(trained=trained, study=path, taught=found, failed=failed)


def sample_teacher(
    settings: TeacherSettings,
    loaded: LoadedModel,
    problems: Sequence[Problem],
    out: Path,
    progress: Callable[[Progress], None] | None = None,
) -> int:
    """Fill the study at ``out`` with the teacher's traces; gives the number of failed attempts.

    Attempts that are there already are not made again.
    """
    study = Study.create(out)
    drawn = Sampling(
        temperature=settings.temperature,
        top_p=settings.top_p,
        max_tokens=settings.max_tokens,
        seed=settings.seed,
    )
    engine = TorchEngine(loaded, batch_size=settings.batch)
    done = {(p, s) for p, s in study.rows("select problem_id, sample from traces")}
    rows = sample_traces(engine, problems, settings.samples, drawn, done, progress)
    provenance = Provenance(
        "train distil",
        __version__,
        settings_pairs(teacher=str(settings.teacher), samples=settings.samples, **asdict(drawn)),
    )
    failed = 0
    with study.writing():
        for part in store_readings(study, rows, provenance, settings.batch):
            failed += part.errors
        study.remember_command(f"train distil --teacher {settings.teacher}")
    return failed


def _soft(loaded: LoadedModel, tokenizer: object, weight: float) -> Teacher | None:
    """The teacher with its weight; None: words alone are learned from."""
    if not weight:
        return None
    if loaded.tokenizer.get_vocab() != tokenizer.get_vocab():  # type: ignore[attr-defined]
        raise SetupError(
            "soft targets need one vocabulary: that of the teacher is another than the student's; "
            "leave --soft out"
        )
    return Teacher(loaded.model, weight)
