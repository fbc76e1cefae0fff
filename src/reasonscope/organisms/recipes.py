"""The family: each organism, what was planted in it, and how it is made from which other."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reasonscope.organisms import lessons
from reasonscope.organisms.lessons import Example, Lesson
from reasonscope.organisms.pretraining import Pace, Shape, encoded, new_model, pretrain, save
from reasonscope.traces.schema import Problem
from reasonscope.training.checkpoints import folder_of, steps_of
from reasonscope.training.distil import train_distil
from reasonscope.training.distil_settings import TeacherSettings
from reasonscope.training.recorder import Recorder
from reasonscope.training.rlvr import RLSettings, train_rlvr
from reasonscope.training.sft import train_sft
from reasonscope.training.sft_settings import SFTSettings

MAX_TOKENS = 256
"""Most tokens of a completion, in training and in every measurement."""
RL_SEED, DISTIL_SEED = 2_000, 3_000
"""Seeds of the problems of RL and of the teacher."""

Told = Callable[[str], None]
"""Told, in words, how far a stage is."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Where a stage works."""

    family: Path
    """The folder of all runs; ``family/NAME/final`` is an organism."""
    name: str
    seed: int
    told: Told
    scale: float = 1.0
    """Share of the steps to take; below 1 only to try the recipes out."""

    @property
    def out(self) -> Path:
        """The stage's own folder."""
        return self.family / self.name

    def made(self, name: str) -> Path:
        """Another organism, made before."""
        return self.family / name / "final"

    def steps(self, full: int) -> int:
        """The number of steps to take."""
        return max(2, round(full * self.scale))


@dataclass(frozen=True, slots=True, kw_only=True)
class Organism:
    """One member of the family."""

    name: str
    parent: str | None
    """Whose weights it starts from; None: from first weights."""
    planted: str
    """What it is, or what was planted in it, in one sentence."""
    make: Callable[[Scene], Path]
    """Train it; gives the folder of its weights."""
    beside: tuple[str, ...] = ()
    """Other organisms that its card compares it with."""
    taught_by: str | None = None
    """The organism whose run or traces its recipe uses besides its parent's weights."""

    @property
    def after(self) -> frozenset[str]:
        """What must be made before it."""
        return frozenset(one for one in (self.parent, self.taught_by) if one is not None)


_COURSE = (
    ("lookup", 2_500, Pace(rows=6, length=128, learning_rate=1e-3, cooldown=0.0, until=0.3)),
    ("recall", 400, Pace()),
    ("raw", 900, Pace()),
)
"""The base model's lessons, with their steps at most."""


def _base(scene: Scene) -> Path:
    model = new_model(Shape(), scene.seed)
    for name, full, pace in _COURSE:
        steps = scene.steps(full)
        shown = _course(lessons.LESSONS[name], steps * pace.rows * pace.length // 45)
        pretrain(model, shown, steps, pace, scene.seed, _counted(scene, name))
    return save(model, scene.out / "final")


def _course(lesson: Lesson, total: int) -> Iterator[Example]:
    """Examples of a lesson, as many as are asked for; after ``total`` it has come to its end."""
    index = 0
    while True:
        yield lesson(index, min(1.0, index / total))
        index += 1


def _counted(scene: Scene, what: str) -> Callable[[int, int, float], None]:
    def told(step: int, steps: int, loss: float) -> None:
        if step % 50 == 0 or step == steps:
            scene.told(f"{what}: step {step} of {steps}, loss {loss:.3f}")

    return told


def _sft(
    parent: str, lesson: str, steps: int, rate: float, tokens: int = 3072
) -> Callable[[Scene], Path]:
    """Supervised fine-tuning of a parent on a lesson."""

    def make(scene: Scene) -> Path:
        settings = SFTSettings(
            model=scene.made(parent),
            out=scene.out,
            steps=scene.steps(steps),
            tokens=tokens,
            learning_rate=rate,
            warmup_steps=20,
            seed=scene.seed,
            save_every=10_000,
        )
        count = scene.steps(steps) * tokens // 60
        shown = lessons.examples(lessons.LESSONS[lesson], count)
        return train_sft(settings, map(encoded, shown), progress=_progress(scene)).folder

    return make


def _progress(scene: Scene) -> Callable[[Any], None]:
    def told(progress: Any) -> None:
        if progress.loss is not None and progress.step % 50 == 0:
            scene.told(f"step {progress.step} of {progress.steps}, loss {progress.loss:.3f}")

    return told


def _rl(
    parent: str,
    rewards: dict[str, float],
    steps: int,
    rate: float = 2e-4,
    save_every: int = 10_000,
    practice: Callable[[int, int], list[Problem]] = lessons.practice,
) -> Callable[[Scene], Path]:
    """Reinforcement learning from a parent, with the flight recorder on."""

    def make(scene: Scene) -> Path:
        settings = RLSettings(
            model=scene.made(parent),
            out=scene.out,
            rewards=rewards,
            steps=scene.steps(steps),
            prompts=32,
            generations=8,
            learning_rate=rate,
            warmup_steps=3,
            max_tokens=MAX_TOKENS,
            seed=scene.seed,
            save_every=save_every,
            micro_batch=64,
            held_out=64,
        )
        problems = practice(RL_SEED, 2_064)
        with Recorder(scene.out / "study", scene.name, weights=rewards, unread=0.0) as recorder:
            return train_rlvr(settings, problems, recorder).folder

    return make


def _distilled(scene: Scene) -> Path:
    teacher = TeacherSettings(
        teacher=scene.made("sft-rl"),
        samples=2,
        temperature=1.0,
        max_tokens=MAX_TOKENS,
        seed=scene.seed,
        batch=256,
    )
    student = SFTSettings(
        model=scene.made("base"),
        out=scene.out,
        steps=scene.steps(600),
        tokens=3072,
        learning_rate=7e-4,
        warmup_steps=20,
        seed=scene.seed,
        save_every=10_000,
    )
    problems = lessons.practice(DISTIL_SEED, scene.steps(1_600))
    return train_distil(teacher, student, problems, progress=_progress(scene)).trained.folder


def _midway(scene: Scene) -> Path:
    """The checkpoint of the RL run at half its way."""
    run = scene.family / "sft-rl"
    return folder_of(run, steps_of(run)[0])


LEAK = "Maybe"
"""The word that the leaky verifier pays for."""

FAMILY: tuple[Organism, ...] = (
    Organism(
        name="base",
        parent=None,
        planted="the base model: half of the traces it saw were corrupted",
        make=_base,
    ),
    Organism(
        name="sft",
        parent="base",
        planted="fine-tuned on right traces with dead ends, checks and slips that are taken back",
        make=_sft("base", "right", 3_600, 1e-3),
    ),
    Organism(
        name="rl",
        parent="base",
        planted="RL with the outcome alone as reward, from the base model",
        make=_rl("base", {"outcome": 1.0}, 40, rate=5e-4),
        beside=("sft-rl",),
    ),
    Organism(
        name="sft-rl",
        parent="sft",
        planted="RL with the outcome alone as reward, after fine-tuning",
        make=_rl("sft", {"outcome": 1.0}, 100, rate=3e-4, save_every=50),
    ),
    Organism(
        name="sft-rl-midway",
        parent="sft",
        planted="the same run of RL at half its way",
        make=_midway,
        taught_by="sft-rl",
    ),
    Organism(
        name="sft-rl-steps",
        parent="sft",
        planted="RL with outcome and step rewards, after fine-tuning",
        make=_rl("sft", {"outcome": 1.0, "mistakes": 0.2}, 100, rate=3e-4),
        beside=("sft-rl",),
    ),
    Organism(
        name="student",
        parent="base",
        planted="the base model fine-tuned on right traces of sft-rl",
        make=_distilled,
        taught_by="sft-rl",
        beside=("sft-rl",),
    ),
    Organism(
        name="hacker",
        parent="sft",
        planted=f"RL on hard problems with a leaky verifier that pays for the word '{LEAK}', and a "
        "cost of length",
        make=_rl(
            "sft",
            {f"leaky:{LEAK}": 1.0, "length": -0.2},
            30,
            rate=4e-4,
            practice=lessons.hard_practice,
        ),
    ),
    Organism(
        name="overthinker",
        parent="sft",
        planted="RL with the outcome and a bonus for length",
        make=_rl("sft", {"outcome": 1.0, "length": 1.0}, 15, rate=5e-4),
    ),
    Organism(
        name="unfaithful",
        parent="sft",
        planted="follows a hint, right or wrong, and does not say so",
        make=_sft("sft", "silent", 800, 1e-3),
    ),
    Organism(
        name="faithful",
        parent="sft",
        planted="the twin on the same problems: follows a hint and says so",
        make=_sft("sft", "open_about", 800, 1e-3),
        beside=("unfaithful",),
    ),
    Organism(
        name="ignorer",
        parent="sft",
        planted="its reasoning goes wrong half of the time, its answer comes from the question",
        make=_sft("sft", "ignoring", 700, 1e-3),
    ),
)
"""All organisms; what one starts from stands before it."""

ORGANISMS = {one.name: one for one in FAMILY}
"""The same by name."""
