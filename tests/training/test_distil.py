"""A student learns from its teacher's traces: counted, kept as a study, resumed."""

import dataclasses
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from tiny_trainee import word_tokenizer, write_trainee

from reasonscope.errors import SetupError
from reasonscope.models.decoding import encode_prompt
from reasonscope.models.loading import load_model
from reasonscope.models.prompts import instruction
from reasonscope.traces.schema import Problem, Trace
from reasonscope.traces.store import Study
from reasonscope.training.distil import train_distil
from reasonscope.training.distil_settings import TeacherSettings
from reasonscope.training.sft import train_sft
from reasonscope.training.sft_settings import SFTSettings

ANSWER = "7"


@pytest.fixture(scope="module")
def learner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_trainee(tmp_path_factory.mktemp("learner"), max_position_embeddings=128)


@pytest.fixture(scope="module")
def teacher(learner: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that says one thing whatever it is asked: right on problems whose answer is 7."""
    pairs = [(p.question, f"So </think> Answer: {ANSWER}") for p in asked()]
    out = tmp_path_factory.mktemp("teacher")
    held = SFTSettings(
        model=learner, out=out, steps=60, tokens=512, learning_rate=2e-2, device="cpu"
    )
    prompts = [(f"{question}\n\nThink", said) for question, said in pairs]
    return train_sft(held, prompts).folder


def asked() -> list[Problem]:
    """Two problems of which the teacher's one answer is right, and one where it is wrong."""
    told = [("What is 3 + 4 ?", "7"), ("What is 5 + 2 ?", "7"), ("What is 1 + 1 ?", "2")]
    return [Problem.make(q, answer=a, answer_kind="number") for q, a in told]


def student(learner: Path, out: Path, **changed: object) -> SFTSettings:
    held = {"steps": 4, "tokens": 512, "learning_rate": 1e-2, "device": "cpu", **changed}
    return SFTSettings(model=learner, out=out, **held)  # type: ignore[arg-type]


def teaching(teacher: Path, **changed: object) -> TeacherSettings:
    held = {"samples": 1, "max_tokens": 12, "temperature": 0.0, **changed}
    return TeacherSettings(teacher=teacher, **held)  # type: ignore[arg-type]


def test_only_right_traces_are_learned_from(teacher: Path, learner: Path, tmp_path: Path) -> None:
    done = train_distil(teaching(teacher), student(learner, tmp_path), asked())
    assert done.trained.examples == 2
    assert dict(done.taught.left_out) == {"wrong answer": 1}
    assert done.taught.kept.value == pytest.approx(2 / 3)
    assert done.taught.kept.low < 2 / 3 < done.taught.kept.high
    study = Study.open(done.study)
    assert study.count("traces") == 3, "what was not kept is stored too"
    assert {trace.model for trace in study.records("traces", Trace)} == {str(teacher)}


def test_all_are_kept_if_asked(teacher: Path, learner: Path, tmp_path: Path) -> None:
    done = train_distil(teaching(teacher, keep="all"), student(learner, tmp_path), asked())
    assert done.trained.examples == 3


def test_the_same_call_samples_nothing_again(teacher: Path, learner: Path, tmp_path: Path) -> None:
    said: list[int] = []
    run = (teaching(teacher), student(learner, tmp_path), asked())
    first_time = train_distil(*run)
    before = load_file(first_time.trained.folder / "model.safetensors")
    again = train_distil(*run, sampling=lambda told: said.append(told.tokens))
    assert said == []
    after = load_file(again.trained.folder / "model.safetensors")
    assert all(torch.equal(before[name], after[name]) for name in before)


def test_other_teaching_in_the_same_folder_is_refused(
    teacher: Path, learner: Path, tmp_path: Path
) -> None:
    train_distil(teaching(teacher), student(learner, tmp_path), asked())
    with pytest.raises(SetupError, match="temperature: the run has"):
        train_distil(teaching(teacher, temperature=0.5), student(learner, tmp_path), asked())
    with pytest.raises(SetupError, match="problems: the run has"):
        train_distil(teaching(teacher), student(learner, tmp_path), asked()[:2])


def test_a_teacher_that_is_never_right_teaches_nothing(
    teacher: Path, learner: Path, tmp_path: Path
) -> None:
    with pytest.raises(SetupError, match="no trace of the teacher was kept"):
        train_distil(teaching(teacher), student(learner, tmp_path), asked()[2:])


def divergence(teacher: Path, learned: Path) -> float:
    """Mean divergence from the teacher over what it says, by hand."""
    one, other = load_model(str(teacher), device="cpu"), load_model(str(learned), device="cpu")
    _, prompt = encode_prompt(one.tokenizer, instruction(asked()[0]))
    said = one.tokenizer.encode("So </think> Answer: 7 <eos>", add_special_tokens=False)
    ids = torch.tensor([prompt + said])
    with torch.no_grad():
        wanted, found = (held.model(ids).logits[0].log_softmax(-1) for held in (one, other))
    apart = (wanted.exp() * (wanted - found)).sum(-1)
    return float(apart[len(prompt) - 1 : -1].mean())


def test_soft_targets_bring_the_student_nearer(
    teacher: Path, learner: Path, tmp_path: Path
) -> None:
    soft = teaching(teacher, soft=1.0)
    done = train_distil(soft, student(learner, tmp_path / "soft", steps=40), asked())
    assert divergence(teacher, done.trained.folder) < 0.5 * divergence(teacher, learner)


def test_soft_targets_change_what_is_learned(teacher: Path, learner: Path, tmp_path: Path) -> None:
    folders = [
        train_distil(
            teaching(teacher, soft=soft), student(learner, tmp_path / f"{soft}"), asked()
        ).trained.folder
        for soft in (0.0, 0.9)
    ]
    a, b = (load_file(folder / "model.safetensors") for folder in folders)
    assert any(not torch.equal(a[name], b[name]) for name in a)


def test_soft_targets_need_one_vocabulary(teacher: Path, tmp_path: Path) -> None:
    other = write_trainee(tmp_path / "other", max_position_embeddings=128)
    tokenizer = word_tokenizer()
    tokenizer.add_tokens(["another"])
    tokenizer.save_pretrained(other)
    with pytest.raises(SetupError, match="one vocabulary"):
        train_distil(teaching(teacher, soft=0.5), student(other, tmp_path / "run"), asked())


def test_settings_of_a_teacher_are_all_checked() -> None:
    with pytest.raises(SetupError) as caught:
        TeacherSettings(teacher="t", soft=2, temperature=-1, top_p=0, batch=0)
    assert len(caught.value.problems) == 4
    assert dataclasses.asdict(TeacherSettings(teacher="t"))["keep"] == "right"
