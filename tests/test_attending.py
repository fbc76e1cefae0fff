"""Suppression and receivers in one call, on a shipped reasoner: stored, gone on with, concluded."""

import json
from dataclasses import replace

import pytest

pytest.importorskip("torch")

from reasonscope.attending import _long_traces, find_receivers, find_suppression
from reasonscope.errors import SetupError
from reasonscope.models.decoding import TorchEngine
from reasonscope.models.generation import Attempt, Sampling
from reasonscope.models.loading import load_model
from reasonscope.problems.procedural import relay
from reasonscope.provenance import Provenance
from reasonscope.reporting import marks, panels
from reasonscope.traces.importing import store_readings
from reasonscope.traces.schema import Trace
from reasonscope.traces.store import Study

GREEDY = Sampling(temperature=0.0, max_tokens=200)


@pytest.fixture(scope="module")
def loaded():
    return load_model("organism:sft-rl", device="cpu")


@pytest.fixture(scope="module")
def written(loaded):
    """Three relays of six hops, which take twelve steps, and one of two, which takes fewer."""
    problems = [relay.make(7, i, hops=6, distractors=1) for i in range(3)]
    problems.append(relay.make(31, 4, hops=2, distractors=1))
    rows = TorchEngine(loaded).generate([Attempt.of(p, 0, GREEDY) for p in problems], GREEDY)
    return list(rows)


@pytest.fixture
def study(written, tmp_path):
    return stored(tmp_path / "study", written)


def stored(folder, rows):
    held = Study.create(folder)
    list(store_readings(held, rows, Provenance("test", "0"), 32))
    return held


def short(study):
    """The trace of fewest steps: the quickest to read."""
    return study.rows("select trace_id from steps group by 1 order by count(*), 1 limit 1")[0][0]


def test_every_pair_gets_a_row_and_the_study_concludes(study, loaded):
    seen = []
    found = find_suppression(study, short(study), loaded, draws=2, progress=seen.append)
    steps = len(found.case.steps)
    pairs = {(row.source, row.target) for row in found.rows}
    assert {(a, b) for a in range(steps) for b in range(a + 1, steps)} <= pairs
    assert (steps - 1, steps) in pairs  # what follows the reasoning
    assert seen[-1].done == seen[-1].total
    assert (seen[-1].unit, seen[-1].per_second > 0) == ("tokens", True)
    named = {row[0] for row in study.rows("select name from findings")}
    assert "looked_back_pair_share" in named
    assert json.loads(json.dumps(found.to_json(), allow_nan=False))["pairs"]


def test_the_relay_uses_the_step_before_and_the_model_looks_there(study, loaded):
    """Neighbours of a relay use each other: hidden, they move each other more than far steps."""
    found = find_suppression(study, study.rows("select max(trace_id) from traces")[0][0], loaded,
                             draws=1)  # fmt: skip
    near = [row.nats for row in found.rows if row.target - row.source <= 2]
    far = [row.nats for row in found.rows if row.target - row.source > 4]
    assert sum(near) / len(near) > 10 * sum(far) / max(len(far), 1)


def test_the_same_call_again_computes_nothing(study, loaded):
    first = find_suppression(study, short(study), loaded, draws=2)
    seen = []
    again = find_suppression(study, short(study), loaded, draws=2, progress=seen.append)
    assert not seen
    assert again.rows == first.rows


def test_other_draws_are_computed_anew_and_replace_the_old(study, loaded):
    find_suppression(study, short(study), loaded, draws=1)
    seen = []
    found = find_suppression(study, short(study), loaded, draws=3, progress=seen.append)
    assert seen
    assert max(row.draws for row in found.rows) == 3
    assert study.count("suppressions") == len(found.rows)


def test_a_trace_without_its_prompt_gets_one(written, loaded, tmp_path):
    bare = [replace(row, trace=replace(row.trace, prompt="")) for row in written[-1:]]
    held, where = stored(tmp_path / "bare", bare), bare[0].trace.trace_id
    prompted = find_suppression(
        held, where, loaded, draws=0, prompt_for=lambda problem: written[-1].trace.prompt
    )
    whole = find_suppression(stored(tmp_path / "whole", written), where, loaded, draws=0)
    assert [row.nats for row in prompted.rows] == pytest.approx([row.nats for row in whole.rows])


def test_one_step_has_no_pair(written, loaded, tmp_path):
    trace = replace(written[-1].trace, reasoning="One step.", token_ids=None, token_ends=None,
                    token_logprobs=None)  # fmt: skip
    held = stored(tmp_path / "one", [replace(written[-1], trace=trace)])
    with pytest.raises(SetupError, match="fewer than two steps"):
        find_suppression(held, trace.trace_id, loaded)


def test_heads_of_every_long_trace_are_stored_and_the_short_one_is_counted(study, loaded):
    seen = []
    found = find_receivers(study, loaded, progress=seen.append)
    assert len(found.traces) == 3
    assert found.too_short == 1
    assert found.left_out == ()
    assert [(at.done, at.total, at.unit) for at in seen] == [
        (1, 3, "traces"), (2, 3, "traces"), (3, 3, "traces")
    ]  # fmt: skip
    assert study.count("receiver_heads") == 3 * len(found.heads) == 48
    assert {row[0] for row in study.rows("select distinct trace_id from receivers")} == set(
        found.traces
    )
    assert json.dumps(found.to_json(), allow_nan=False)


def test_an_interrupted_call_goes_on_with_the_traces_that_are_missing(
    study, loaded, written, tmp_path
):
    def stop(at):
        if at.done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        find_receivers(study, loaded, progress=stop)
    assert len(study.part_keys("receiver_heads")) == 2
    seen = []
    find_receivers(study, loaded, progress=seen.append)
    assert len(seen) == 1
    whole = stored(tmp_path / "whole", written)
    find_receivers(whole, loaded)
    query = "select * from receivers order by trace_id, step_index"
    assert study.rows(query) == whole.rows(query)


def test_more_traces_later_change_who_chooses_the_heads_of_all(study, loaded):
    find_receivers(study, loaded, number=1)
    assert len(study.part_keys("receivers")) == 1
    assert len(find_receivers(study, loaded, number=3).traces) == 3
    assert len(study.part_keys("receivers")) == 3


def test_heads_that_were_read_otherwise_are_read_again(study, loaded):
    """The model of that name is another by now: none of the old one's heads is averaged in."""
    find_receivers(study, loaded, number=3)
    seen = []
    found = find_receivers(study, replace(loaded, revision="r2"), number=1, progress=seen.append)
    assert len(seen) == len(found.traces) == 3
    for table in ("receiver_heads", "receivers"):
        for key in study.part_keys(table):
            metadata = study.read_part(table, key).schema.metadata
            assert b"r2" in metadata[b"reasonscope.provenance"]


def test_traces_are_of_as_many_problems_as_the_model_wrote_on(written, tmp_path):
    """Another model's traces of a problem, however many, do not push the model's own back."""
    rows = []
    for index, (one, other) in enumerate([(0, 2), (0, 2), (3, 0)]):
        row = written[index]
        for number in range(one + 1):
            model = "own" if number == one else "other"
            rows += [with_trace(row, f"{model} {number}", model)]
        rows += [with_trace(row, f"own, again {number}", "own") for number in range(other)]
    held = stored(tmp_path / "two", rows)
    chosen = _long_traces(held, "own", 3)
    query = "select count(distinct problem_id) from traces where trace_id in (select unnest(?))"
    assert held.rows(query, [chosen]) == [(3,)]
    wrote = held.rows("select distinct model from traces where trace_id in (select unnest(?))",
                      [chosen])  # fmt: skip
    assert wrote == [("own",)]


def with_trace(row, closing, model):
    """The reading with the trace as another model wrote it, with another end."""
    made = Trace.make(row.problem, row.trace.reasoning, answer=closing, model=model)
    return replace(row, trace=made)


def test_without_a_long_trace_it_says_how_long_is_long(written, loaded, tmp_path):
    with pytest.raises(SetupError, match="no trace here has 12 steps"):
        find_receivers(stored(tmp_path / "short", written[-1:]), loaded)


def test_a_trace_that_does_not_fit_is_left_out_with_its_reason(written, loaded, tmp_path):
    """Tokens of another vocabulary spell another text."""
    [wrong] = [
        replace(row, trace=replace(row.trace, token_ids=(5,) * len(row.trace.token_ids)))
        for row in written[:1]
    ]
    held = stored(tmp_path / "mixed", [wrong, *written[1:]])
    found = find_receivers(held, loaded)
    assert [one for one, _ in found.left_out] == [wrong.trace.trace_id]
    assert "do not spell its text" in found.left_out[0][1]
    assert len(found.traces) == 2
    with pytest.raises(SetupError, match="no trace could be read"):
        find_receivers(stored(tmp_path / "none", [wrong]), loaded)


def test_heads_of_another_model_are_refused_until_they_are_removed(study, loaded):
    find_receivers(study, loaded, number=1)
    other = replace(loaded, name="another")
    with pytest.raises(SetupError, match=r"cannot be averaged.*--again"):
        find_receivers(study, other)
    found = find_receivers(study, other, again=True)
    assert found.model == "another"
    assert study.rows("select distinct model from receiver_heads") == [("another",)]


def test_both_have_a_panel_and_marks_in_the_report(study, loaded):
    assert not {one.name for one in panels(study)} & {"suppression", "receivers"}
    find_suppression(study, short(study), loaded, draws=2)
    find_receivers(study, loaded)
    drawn = {one.name: one for one in panels(study)}
    assert drawn["suppression"].figures
    assert drawn["receivers"].figures
    ids = [row[0] for row in study.rows("select trace_id from traces")]
    assert {mark.layer for mark in marks(study, ids)} <= {"suppression", "receivers"}
