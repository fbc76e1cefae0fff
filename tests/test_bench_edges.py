"""Agreement with labelled edges, worked out by hand, and on the public set where it is at hand."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from reasonscope.bench.edges import EdgeScore, edges_bench, labelled, score_one
from reasonscope.cli.main import app
from reasonscope.traces.schema import Edge, Problem, Reading, Trace


def edge(j: int, i: int, weight: float) -> Edge:
    return Edge(trace_id="t", step_index=j, uses=i, evidence="value", weight=weight, reason="r")


GOLD = {(1, 0), (2, 1), (3, 2), (4, 1)}
"""Five steps: three depend on the one before, the last on the second."""


def test_f1_is_the_one_done_by_hand() -> None:
    ours = [edge(1, 0, 0.9), edge(2, 1, 0.9), edge(4, 3, 0.9), edge(4, 1, 0.3)]
    told = EdgeScore(traces=(score_one(ours, GOLD, 5, "p"),), unreadable=0, in_sample=False)
    said = told.to_json()
    assert said["f1"] == pytest.approx(2 * 2 / (3 + 4))  # two right of three found, four labelled
    assert said["f1_previous_step"] == pytest.approx(2 * 3 / (4 + 4))
    assert (said["precision"], said["recall"]) == (pytest.approx(2 / 3), 0.5)
    assert said["difference_at_most"] == pytest.approx(0.25)
    assert said["intervals"]["f1"] == [None, None]  # one problem has no interval


def test_edges_further_back_are_scored_apart() -> None:
    one = score_one([edge(4, 1, 0.3), edge(3, 0, 0.2)], GOLD, 5, "p")
    assert (one.far_labelled, one.far_found, one.far_right) == (1, 2, 1)
    assert (one.looked_back, one.looked_right) == (1, 1)
    assert one.looked_chance == pytest.approx(1 / 3)  # steps 0, 1, 2 stand before step 3


def test_saying_the_previous_step_scores_as_the_previous_step() -> None:
    """A control: the baseline's own edges have no advantage over the baseline."""
    ours = [edge(j, j - 1, 1.0) for j in range(1, 5)]
    traces = tuple(score_one(ours, GOLD, 5, f"p{k}") for k in range(3))
    said = EdgeScore(traces=traces, unreadable=0, in_sample=False).to_json()
    assert said["difference"] == 0
    assert said["f1"] == said["f1_previous_step"]


def reading(depends: list[object], steps: int = 3) -> Reading:
    problem = Problem.make("Q?")
    text = "ab" * steps
    chunks = [{"depends_on": one} for one in depends]
    trace = Trace.make(problem, text, extra={"chunks": chunks})
    ends = tuple(range(2, 2 * steps + 1, 2))
    return Reading(problem=problem, trace=trace, step_ends=ends)


def test_labels_that_point_nowhere_are_left_out() -> None:
    told = reading([[], ["0", "1", "7", "x", "-1", None], ["1", "1", "9" * 30]])
    assert labelled(told) == {(1, 0), (2, 1)}


def test_labels_of_another_shape_are_none() -> None:
    assert labelled(reading(["0", None, 3])) == set()


def test_a_folder_without_labels_cannot_be_scored(tmp_path: Path) -> None:
    folder = tmp_path / "problem_1"
    folder.mkdir()
    (folder / "problem.json").write_text(json.dumps({"problem": "Q?", "gt_answer": "1"}))
    base = {"prompt": "Q?<think>\n", "solution": "So 1.\n</think>\n1", "is_correct": True}
    (folder / "base_solution.json").write_text(json.dumps(base))
    said = edges_bench(tmp_path, "thought-anchors").to_json()
    assert (said["n"], said["unreadable"], said["f1"]) == (0, 1, None)
    assert "unknown" in edges_bench(tmp_path, "thought-anchors").summary()


@pytest.mark.shared
def test_the_public_set_is_above_the_previous_step(shared_data: Path) -> None:
    """Above the baseline, clear of zero; .10 above it is out of reach: 1 - .893 = .107."""
    folder = str(shared_data / "thought-anchors")
    run = CliRunner().invoke(
        app, ["bench", "edges", folder, "--format", "thought-anchors", "--json"]
    )
    said = json.loads(run.stdout)
    assert (said["n"], said["n_problems"], said["n_edges"]) == (20, 10, 2857)
    assert said["f1_previous_step"] == pytest.approx(0.8927, abs=1e-4)
    assert said["intervals"]["difference"][0] > 0
    assert said["far_hit"] > 4 * said["far_hit_chance"]


@pytest.mark.shared
def test_leaving_problems_out_changes_little(shared_data: Path) -> None:
    folder = shared_data / "thought-anchors"
    apart, together = (
        edges_bench(folder, "thought-anchors", in_sample=held).f1().value for held in (False, True)
    )
    assert apart is not None
    assert together is not None
    assert abs(together - apart) < 0.01
