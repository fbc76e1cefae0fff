"""``reasonscope anchors``: a plan, a search, JSON, and what a user gets wrong."""

import json

import pytest
from typer.testing import CliRunner

pytest.importorskip("torch")

from reasonscope.cli.main import app
from reasonscope.errors import SetupError
from reasonscope.models.decoding import TorchEngine
from reasonscope.models.generation import Attempt, Sampling
from reasonscope.models.loading import load_model
from reasonscope.problems.procedural import relay
from reasonscope.provenance import Provenance
from reasonscope.traces.importing import store_readings
from reasonscope.traces.store import Study


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A study with one trace of the shipped reasoner, at temperature 0."""
    greedy = Sampling(temperature=0.0, max_tokens=160)
    problem = relay.make(31, 4, hops=1, distractors=0)
    engine = TorchEngine(load_model("organism:sft-rl", device="cpu"))
    held = Study.create(tmp_path_factory.mktemp("anchors") / "study")
    rows = engine.generate([Attempt.of(problem, 0, greedy)], greedy)
    list(store_readings(held, rows, Provenance("test", "0"), 32))
    return held


def ran(study, *words):
    [(trace_id,)] = study.rows("select trace_id from traces")
    whole = ["anchors", str(study.path), "--trace", trace_id[:6], *map(str, words)]
    return CliRunner().invoke(app, whole)


def test_a_plan_makes_no_rollout(study):
    done = ran(study, "--plan", "--effect", 0.4, "--temperature", 1)
    assert done.exit_code == 0, done.output
    assert "uniform takes" in done.stdout
    assert "rollouts" not in study.tables()


def test_json_has_a_row_for_each_step_and_what_was_spent(study):
    done = ran(study, "--uniform", 2, "--temperature", 1, "--json")
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert [row["step"] for row in said["steps"]] == list(range(study.count("steps")))
    assert said["spent"]["rollouts"] == study.count("rollouts")


def test_an_interrupted_or_repeated_command_adds_nothing_twice(study):
    before = study.count("rollouts")
    done = ran(study, "--uniform", 2, "--temperature", 1)
    assert done.exit_code == 0, done.output
    assert study.count("rollouts") == before
    assert "than 100 rollouts at every step" in done.stdout


def test_a_matrix_once_asked_for_takes_in_later_rollouts(study):
    done = ran(study, "--uniform", 2, "--temperature", 1, "--matrix")
    assert done.exit_code == 0, done.output
    before = study.count("resilience")
    assert before == study.count("steps")
    rollouts = "select sum(returned + stayed_out + repeated + cut) from resilience"
    [(few,)] = study.rows(rollouts)
    done = ran(study, "--uniform", 6, "--temperature", 1)
    assert done.exit_code == 0, done.output
    assert study.rows(rollouts) > [(few,)]


def test_a_trace_that_is_not_there_and_a_model_that_is_not_are_named(study):
    done = CliRunner().invoke(app, ["anchors", str(study.path), "--trace", "nowhere"])
    assert isinstance(done.exception, SetupError)
    assert "no trace" in str(done.exception)
    done = ran(study, "--model", "organism:nobody")
    assert isinstance(done.exception, SetupError)
    assert "nobody" in str(done.exception)


def test_a_model_with_another_tokenizer_is_refused(study):
    done = ran(study, "--model", "smollm2", "--uniform", 1, "--temperature", 1, "--again")
    assert isinstance(done.exception, SetupError)
    assert "wrong tokenizer" in str(done.exception)
