"""Published figures beside ours: the comparison itself, and the sets where they are at hand."""

import json
from pathlib import Path

import pytest

from reasonscope.errors import SetupError
from reasonscope.reproduce import Reproduced, reproduce
from reasonscope.reproduce.anchors import _tally
from reasonscope.reproduce.anchors import rows as anchor_rows
from reasonscope.reproduce.premises import rows as premise_rows
from reasonscope.stats import Estimate


def row(published: float | None, low: float | None, high: float | None) -> Reproduced:
    found = Estimate(value=0.5, low=low, high=high)
    return Reproduced(data="d", what="w", published=published, ours=found)


def test_a_figure_is_inside_or_outside_or_cannot_be_compared() -> None:
    assert row(0.4, 0.4, 0.6).inside is True
    assert row(0.39, 0.4, 0.6).inside is False
    assert row(None, 0.4, 0.6).inside is None
    assert row(0.4, None, None).inside is None


def test_a_row_is_json() -> None:
    held = json.loads(json.dumps(row(0.4, 0.3, 0.6).to_json(), allow_nan=False))
    assert held["inside"] is True
    assert held["ours"]["value"] == 0.5


def test_a_folder_without_any_set_says_what_it_looked_for(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="thought-anchors"):
        list(reproduce(tmp_path))


def test_a_missing_set_is_a_row_without_a_value(tmp_path: Path) -> None:
    (tmp_path / "bigbench-mistake").mkdir()
    missing = [found.data for found in reproduce(tmp_path) if "not there" in found.what]
    assert "thought-anchors" in missing


def anchors(folder: Path, accuracies: list[float], importances: list[float]) -> Path:
    """One trace of setup, computation, computation ..., with KL .5 for setup and .1 else."""
    trace = folder / "correct_base_solution" / "problem_1"
    trace.mkdir(parents=True)
    chunks = [f"Step number {n} of the work." for n in range(len(accuracies))]
    labelled = [
        {
            "chunk": chunk,
            "chunk_idx": n,
            "function_tags": ["active_computation" if n else "problem_setup"],
            "depends_on": [],
            "accuracy": accuracies[n],
            "resampling_importance_accuracy": importances[n],
            "counterfactual_importance_kl": 0.1 if n else 0.5,
        }
        for n, chunk in enumerate(chunks)
    ]
    (trace / "problem.json").write_text(json.dumps({"problem": "What?", "gt_answer": "1"}))
    base = {"prompt": "What? <think>", "solution": " ".join(chunks), "is_correct": True}
    (trace / "base_solution.json").write_text(json.dumps(base))
    (trace / "chunks_labeled.json").write_text(json.dumps(labelled))
    return folder


def test_the_identity_counts_the_steps_in_which_it_holds(tmp_path: Path) -> None:
    """Accuracies .1, .4, .4: differences .3 and 0; the second importance is off."""
    found = anchor_rows(anchors(tmp_path, [0.1, 0.4, 0.4], [0.3, 0.2, 0.0]))
    assert found[0].ours.value == 0.5
    assert found[0].ours.n == 2


def test_one_step_from_a_tenth_to_all_stands_out_of_three(tmp_path: Path) -> None:
    """.1, .12, .98, .98 of a hundred rollouts: one of the three differences is no accident."""
    found = {
        row.what: row for row in anchor_rows(anchors(tmp_path, [0.1, 0.12, 0.98, 0.98], [0.0] * 4))
    }
    for what in ("differs from 0 at p < .05", "survive correction at q <= .05"):
        row = next(row for name, row in found.items() if what in name)
        assert row.ours.value == pytest.approx(1 / 3)


def test_how_many_answered_is_read_off_the_shares(tmp_path: Path) -> None:
    """73/83 and 21/83 can only be 83 answers; .5 alone may be 100."""
    made = _tally({"accuracy": 73 / 83, "different_trajectories_fraction": 21 / 83})
    assert made is not None
    assert (made.right, made.wrong) == (73, 10)
    half = _tally({"accuracy": 0.5})
    assert half is not None
    assert half.known == 100
    assert _tally({"accuracy": None}) is None


def test_mean_divergence_is_by_label(tmp_path: Path) -> None:
    found = {row.what: row for row in anchor_rows(anchors(tmp_path, [0.0] * 3, [0.0] * 3))}
    assert found["mean counterfactual KL of problem setup"].ours.value == 0.5
    assert found["mean counterfactual KL of active computation"].ours.value == pytest.approx(0.1)
    assert found["mean counterfactual KL of plan generation"].ours.value is None


def test_words_are_those_of_the_output_alone(tmp_path: Path) -> None:
    """Two outputs of 3 and 5 words: 4 on average; the solution's words do not count."""
    folder = tmp_path / "response" / "math" / "normal" / "deepseekR1"
    folder.mkdir(parents=True)
    rows = [
        {"question": f"Q{n}?", "answer": "1", "solution": "w " * 90, "m (question)": said}
        for n, said in enumerate(["It is 1.", "So it must be 1."])
    ]
    (folder / "response.json").write_text(json.dumps(rows))
    found = {row.what: row for row in premise_rows(tmp_path)}
    assert found["R1: mean words, well-posed MATH"].ours.value == 4.0
    assert found["R1: mean words, premise missing"].ours.value is None


@pytest.mark.shared
def test_the_sets_at_hand_give_the_figures_that_the_docs_state(shared_data: Path) -> None:
    found = {(row.data, row.what): row for row in reproduce(shared_data)}
    assert all(row.ours.value is not None for row in found.values())
    tracking = found["bigbench-mistake", "tracking shuffled objects: labelled first error found"]
    assert tracking.ours.value is not None
    assert tracking.ours.value > 0.95
    assert found["mip-overthinking", "R1: mean words, premise missing"].inside
    for what, published in (
        ("sentences whose importance differs from 0 at p < .05", 0.070),
        ("sentences that survive correction at q <= .05", 0.015),
    ):
        assert found["thought-anchors", what].ours.value == pytest.approx(published, abs=0.002)
    assert found["r1-hints", "R1 acknowledges the strong hint (metadata)"].inside
