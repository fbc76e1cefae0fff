"""``reasonscope suppression`` and ``receivers``: sentences, JSON, and what a user gets wrong."""

import json
from dataclasses import replace

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
def rows():
    """What the shipped reasoner writes of two relays of six hops, at temperature 0."""
    greedy = Sampling(temperature=0.0, max_tokens=200)
    problems = [relay.make(7, i, hops=6, distractors=1) for i in range(2)]
    engine = TorchEngine(load_model("organism:sft-rl", device="cpu"))
    return list(engine.generate([Attempt.of(p, 0, greedy) for p in problems], greedy))


@pytest.fixture
def study(rows, tmp_path):
    return stored(tmp_path / "study", rows)


def stored(folder, rows):
    held = Study.create(folder)
    list(store_readings(held, rows, Provenance("test", "0"), 32))
    return held


def ran(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def suppressed(study, rows, *words):
    return ran("suppression", study.path, "--trace", rows[0].trace.trace_id[:8], *words)


def test_suppression_tells_pairs_and_what_is_open(study, rows):
    done = suppressed(study, rows, "--draws", 2)
    assert done.exit_code == 0, done.output
    assert "No pair of steps could be assessed" in done.stdout
    assert "What follows the reasoning changes most without step" in done.stdout
    assert "pairs could not be assessed" in done.stdout
    assert any("suppression" in one for one in study.header["commands"])


def test_suppression_as_json_has_a_row_for_each_pair(study, rows):
    done = suppressed(study, rows, "--draws", 1, "--json")
    assert done.exit_code == 0, done.output
    assert len(json.loads(done.stdout)["pairs"]) == study.count("suppressions")


def test_receivers_tell_heads_steps_and_traces(study):
    done = ran("receivers", study.path, "-n", 2)
    assert done.exit_code == 0, done.output
    assert "it takes traces of 9 problems (read: 2)" in done.stdout
    assert "layer" in done.stdout
    assert "receiver heads look most at" in done.stdout
    assert "2 traces were read by organism:sft-rl" in done.stdout


def test_receivers_as_json_have_a_row_for_each_head(study):
    done = ran("receivers", study.path, "--json")
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert len(said["heads"]) == 16
    assert len(said["traces"]) == 2


def test_a_trace_that_is_left_out_ends_in_3_with_the_reason(rows, tmp_path):
    ids = (5,) * len(rows[0].trace.token_ids)
    wrong = replace(rows[0], trace=replace(rows[0].trace, token_ids=ids))
    done = ran("receivers", stored(tmp_path / "mixed", [wrong, rows[1]]).path)
    assert done.exit_code == 3, done.output
    assert "1 trace was read" in done.stdout


def test_a_trace_that_is_not_there_and_a_model_that_is_not_are_named(study, rows):
    done = ran("suppression", study.path, "--trace", "nowhere")
    assert isinstance(done.exception, SetupError)
    assert "no trace" in str(done.exception)
    done = suppressed(study, rows, "--model", "organism:nobody")
    assert "nobody" in str(done.exception)


def test_a_model_with_another_vocabulary_is_refused(study, rows):
    done = suppressed(study, rows, "--model", "smollm2")
    assert isinstance(done.exception, SetupError)
    assert "do not spell its text in the vocabulary of smollm2" in str(done.exception)
    assert "organism:sft-rl" in str(done.exception)  # the one to name


def test_a_trace_longer_than_the_context_is_refused(rows, tmp_path):
    trace = replace(
        rows[0].trace,
        reasoning=" ".join([rows[0].trace.reasoning.strip()] * 30),
        token_ids=None,
        token_ends=None,
        token_logprobs=None,
    )
    long = replace(rows[0], trace=trace)
    done = ran("suppression", stored(tmp_path / "long", [long]).path, "--trace", trace.trace_id)
    assert isinstance(done.exception, SetupError)
    assert "Choose a shorter trace" in str(done.exception)


def test_traces_of_several_models_need_a_name(rows, tmp_path):
    other = replace(rows[1], trace=replace(rows[1].trace, model="someone"))
    done = ran("receivers", stored(tmp_path / "two", [rows[0], other]).path)
    assert isinstance(done.exception, SetupError)
    assert "--model" in str(done.exception)


@pytest.mark.parametrize("command", ["suppression", "receivers"])
def test_help_has_an_example(command):
    said = ran(command, "--help")
    assert said.exit_code == 0
    assert f"Example: reasonscope {command} study" in " ".join(said.stdout.split())
