"""Replay on published accuracies: what counts as found and as false, by hand and on real data."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from reasonscope.bench.anchors import CONTENDERS, AnchorsScore, Replayed, anchors_bench, true_top
from reasonscope.bench.anchors_data import Published, published_traces
from reasonscope.cli.main import app
from reasonscope.errors import SetupError
from reasonscope.structure.anchors.budget.allocation import Setting


def published(accuracies: list[float]) -> Published:
    shares = np.asarray(accuracies)
    return Published(
        trace_id="t",
        problem_id="p",
        accuracies=shares,
        forced=shares,
        setting=Setting((10.0,) * len(shares)),
    )


def test_the_true_top_are_the_largest_up_or_down_that_count() -> None:
    assert true_top(np.array([0.3, -0.5, 0.01, 0.1, 0.04])) == {0, 1, 3}
    assert true_top(np.array([0.2, 0.3, 0.4, 0.5, 0.6, 0.1])) == {0, 1, 2, 3, 4}
    assert true_top(np.zeros(4)) == set()


def test_a_denoised_curve_keeps_a_jump_and_drops_the_noise() -> None:
    noise = [0.02, -0.03, 0.01, 0.0, -0.02, 0.03, 0.0, -0.01, 0.02, -0.02]
    trace = published([0.3 + n for n in noise] + [0.8 + n for n in noise])
    jumps = np.diff(trace.denoised())
    assert np.flatnonzero(jumps).tolist() == [9]
    assert jumps[9] == pytest.approx(0.5, abs=0.01)


def test_what_is_spent_is_told_as_a_share_of_uniform() -> None:
    row = Replayed(
        contender="racing, pooled",
        trace="t",
        problem_id="p",
        tokens=20.0,
        uniform_tokens=100.0,
        recall=0.5,
        false=0.0,
        reported=3.0,
        ranked=1.0,
    )
    score = AnchorsScore((row,), "published", 1, 0)
    assert score.estimates("racing, pooled")["tokens_share"].value == pytest.approx(0.2)
    assert "5.0 x" in score.summary()
    assert json.loads(json.dumps(score.to_json()))["contenders"]["racing, pooled"]


def test_an_unknown_allocator_and_truth_are_told_together(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"'raceing'; no truth 'guessed'; allocators are"):
        anchors_bench(tmp_path, ("raceing",), truth="guessed")


def test_the_command_says_what_went_wrong(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["bench", "anchors", str(tmp_path), "--allocator", "no"])
    assert done.exit_code != 0


@pytest.mark.shared
def test_published_accuracies_give_published_importances(shared_data: Path) -> None:
    traces, unreadable = published_traces(shared_data / "thought-anchors")
    assert (len(traces), unreadable) == (20, 0)
    assert all(len(one.setting.costs) == len(one.accuracies) for one in traces)
    tokens = np.mean([one.setting.uniform_tokens() for one in traces])
    assert tokens == pytest.approx(38e6, rel=0.05)


@pytest.mark.shared
def test_forced_levels_are_shares(shared_data: Path) -> None:
    for one in published_traces(shared_data / "thought-anchors")[0]:
        assert one.forced.min() == 0
        assert one.forced.max() <= 1


@pytest.mark.shared
def test_a_replay_is_the_same_every_time(shared_data: Path) -> None:
    folder = shared_data / "thought-anchors"
    first, second = (anchors_bench(folder, ("uniform-20",)) for _ in range(2))
    assert first.to_json() == second.to_json()
    assert len(first.rows) == 20


@pytest.mark.shared
def test_more_rollouts_find_more(shared_data: Path) -> None:
    score = anchors_bench(shared_data / "thought-anchors", ("uniform-100", "uniform-10"))
    more, fewer = (score.estimates(CONTENDERS[n].name) for n in ("uniform-100", "uniform-10"))
    assert more["recall"].value is not None
    assert fewer["recall"].value is not None
    assert more["recall"].value > fewer["recall"].value
