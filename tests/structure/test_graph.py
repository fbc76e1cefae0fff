"""Graphs whose measures are known by hand or by networkx, their controls, and whole studies."""

import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reasonscope.measuring import measure
from reasonscope.structure.graph.dependency import measure_dependencies, rewired
from reasonscope.structure.graph.examining import SHUFFLES, graph_of, shuffled_walks
from reasonscope.structure.graph.instrument import INSTRUMENT, averaged, columns, ended
from reasonscope.structure.graph.kinds import KINDS, STEPS, kinds_of, words_of
from reasonscope.structure.graph.outcomes import Ended, labels_shuffled, matched_difference
from reasonscope.structure.graph.planted import calibrate, memoryless_walk, ring_walk, written
from reasonscope.structure.graph.walk import adjacency, measure_walk, shortest, small_world
from reasonscope.traces.importing import import_traces
from reasonscope.traces.store import Study

# -- the walk ----------------------------------------------------------------------------


def ring(nodes: int, chord: int) -> list[int]:
    """A closed walk that draws a ring and every chord over ``chord`` places, each edge once."""
    graph = nx.circulant_graph(nodes, [1, chord])
    return [a for a, _ in nx.eulerian_circuit(graph, 0)] + [0]


def test_a_ring_with_chords_is_exact() -> None:
    """Twelve on a ring, joined one and two places on: C = 1/2, diameter 3, L = 2 - 1/11."""
    found = measure_walk(ring(12, 2))
    assert (found.nodes, found.visits) == (12, 25)
    assert found.clustering == pytest.approx(0.5)
    assert found.diameter == 3
    assert found.path_length == pytest.approx((4 * 1 + 4 * 2 + 3 * 3) / 11)
    chance = (4 / 11, math.log(12) / math.log(4))
    length = found.path_length
    assert length is not None
    assert found.small_world == pytest.approx((0.5 / chance[0]) / (length / chance[1]))
    assert found.revisit_share == pytest.approx((25 - 12) / 24)
    assert found.cycle is True


def test_a_ring_of_ten_walked_once() -> None:
    """No triangles: C = 0 and S = 0; diameter 5; the walk returns once, at its end."""
    found = measure_walk([*range(10), 0])
    assert (found.clustering, found.small_world, found.diameter) == (0.0, 0.0, 5)
    assert (found.loop_count, found.cycle) == (1, True)
    assert found.revisit_share == pytest.approx(1 / 10)


def test_a_path_never_returns() -> None:
    found = measure_walk(list(range(7)))
    assert (found.revisit_share, found.cycle, found.loop_count, found.diameter) == (0, False, 0, 6)
    assert found.path_length == pytest.approx(sum((7 - d) * d for d in range(1, 7)) * 2 / 42)


def test_staying_is_no_return() -> None:
    assert measure_walk([0, 0, 0, 1, 1, 2, 3, 4, 4]).cycle is False


def test_the_first_loop_is_counted_however_often_it_comes() -> None:
    assert measure_walk([0, 1, 0, 2, 0, 3, 1, 4, 0]).loop_count == 3  # 0 comes again three times


def test_a_small_graph_is_not_measured() -> None:
    found = measure_walk([0, 1, 0, 1, 2, 3])
    assert (found.nodes, found.visits) == (4, 6)
    assert (found.cycle, found.diameter, found.small_world) == (None, None, None)


def test_nine_nodes_have_no_small_world_index() -> None:
    assert small_world(0.5, 2.0, 9, 4.0) is None
    assert small_world(0.5, 2.0, 30, 1.0) is None
    assert small_world(None, 2.0, 30, 4.0) is None


WALKS = st.lists(st.integers(0, 14), min_size=1, max_size=60)


@settings(max_examples=100)
@given(WALKS)
def test_the_walk_agrees_with_networkx(walk: list[int]) -> None:
    found = measure_walk(walk)
    graph = nx.Graph((a, b) for a, b in pairwise(walk) if a != b)
    if found.diameter is None:
        assert len(set(walk)) < 5
        return
    assert found.nodes == graph.number_of_nodes()
    assert found.diameter == nx.diameter(graph)
    assert found.path_length == pytest.approx(nx.average_shortest_path_length(graph))
    able = [node for node, degree in graph.degree() if degree >= 2]
    assert found.clustering == pytest.approx(nx.average_clustering(graph, able))
    assert found.cycle == (found.loop_count != 0) == (found.revisit_share != 0)


@settings(max_examples=50)
@given(WALKS)
def test_renaming_the_kinds_changes_nothing(walk: list[int]) -> None:
    assert measure_walk(walk) == measure_walk([100 - kind for kind in walk])


def test_distances_of_a_line() -> None:
    assert shortest(adjacency([0, 1, 2, 3]))[0].tolist() == [0, 1, 2, 3]


# -- kinds of steps ----------------------------------------------------------------------


def test_the_same_step_with_other_numbers_is_the_same_kind() -> None:
    texts = ["Multiply 12 by 7.", "Check the units again.", "Multiply 3.5 by 1,000."]
    assert kinds_of(texts) == [0, 1, 0]


def test_other_words_are_another_kind() -> None:
    assert kinds_of(["The cat sleeps.", "A train departs.", "Blue paint dries."]) == [0, 1, 2]


def test_numbers_are_masked() -> None:
    assert words_of("12.5 > 3") == ["#", ">", "#"]


def test_steps_without_words_do_not_break() -> None:
    assert len(kinds_of(["...", "!?", "one word", ""])) == 4
    assert kinds_of([]) == []


def test_there_are_never_more_kinds_than_the_limit() -> None:
    letters = "bcdfghjklmnp"
    texts = [f"{a}{b}{c}o {c}{a}u {b}{c}e" for a in letters for b in letters for c in letters[:5]]
    kinds = kinds_of(texts)
    assert max(kinds) < KINDS
    assert sorted(set(kinds)) == list(range(max(kinds) + 1))


def test_a_long_trace_is_walked_over_its_start() -> None:
    row = graph_of("t", [f"Step {'abcdefgh'[k % 8] * 3} {k}. " for k in range(10_000)], [])
    assert (row.steps, row.walked) == (10_000, STEPS)


def test_planted_walks_come_out_as_planted() -> None:
    for make in (ring_walk, memoryless_walk):
        walk = make(3)
        order = list(dict.fromkeys(walk))
        assert kinds_of(written(walk, 3)) == [order.index(kind) for kind in walk]


# -- which step uses which ---------------------------------------------------------------


def test_a_chain_a_star_and_a_diamond() -> None:
    chain = measure_dependencies(5, [(j, j - 1) for j in range(1, 5)])
    assert (chain.depth, chain.branching_ratio, chain.convergence_ratio) == (4, 0, 0)
    star = measure_dependencies(5, [(j, 0) for j in range(1, 5)])
    assert (star.depth, star.branching_ratio, star.convergence_ratio) == (1, 1 / 5, 0)
    diamond = measure_dependencies(4, [(1, 0), (2, 0), (3, 1), (3, 2)])
    assert (diamond.depth, diamond.branching_ratio, diamond.convergence_ratio) == (2, 1 / 4, 1 / 4)
    assert diamond.density == pytest.approx(4 / 6)


def test_an_edge_said_twice_counts_once() -> None:
    assert measure_dependencies(3, [(2, 0), (2, 0)]).convergence_ratio == 0


def test_one_step_has_no_graph() -> None:
    assert measure_dependencies(1, []).depth is None
    assert measure_dependencies(2, []).depth == 0


ARROWS = st.lists(
    st.tuples(st.integers(1, 20), st.integers(0, 19)).filter(lambda pair: pair[1] < pair[0]),
    max_size=50,
)


@settings(max_examples=80)
@given(ARROWS)
def test_depth_agrees_with_networkx(arrows: list[tuple[int, int]]) -> None:
    graph = nx.DiGraph(arrows)
    assert measure_dependencies(21, arrows).depth == (
        nx.dag_longest_path_length(graph) if arrows else 0
    )


@settings(max_examples=80)
@given(ARROWS, st.integers(0, 99))
def test_rewiring_keeps_how_many_each_step_uses(arrows: list[tuple[int, int]], seed: int) -> None:
    drawn = rewired(arrows, seed)
    assert sorted(j for j, _ in drawn) == sorted(j for j, _ in set(arrows))
    assert len(set(drawn)) == len(drawn)
    assert all(0 <= i < j for j, i in drawn)


# -- controls ----------------------------------------------------------------------------


def test_a_ring_is_a_smaller_world_than_its_steps_shuffled() -> None:
    rows = [graph_of(str(k), written(ring_walk(k, steps=80), k), []) for k in range(6)]
    own, mixed = (
        np.mean([getattr(row, f"{kind}small_world") for row in rows]) for kind in ("", "shuffled_")
    )
    assert own > 1.2 * mixed
    assert all((row.path_length or 0) > (row.shuffled_path_length or 9) for row in rows)


def test_memoryless_walks_are_like_their_shuffles() -> None:
    rows = [graph_of(str(k), written(memoryless_walk(k), k), []) for k in range(60)]
    gaps = [(row.small_world or 0) - (row.shuffled_small_world or 0) for row in rows]
    assert abs(np.mean(gaps)) < 3 * np.std(gaps) / math.sqrt(len(gaps))


def test_the_same_trace_has_the_same_shuffles() -> None:
    walk = ring_walk(1)
    assert shuffled_walks(walk, "a") == shuffled_walks(walk, "a")
    assert len(shuffled_walks(walk, "a")) == SHUFFLES
    assert shuffled_walks(walk, "a") != shuffled_walks(walk, "b")


# -- outcomes at the same length ---------------------------------------------------------


def planted_outcomes(gap: float, seed: int, traces: int = 400) -> list[Ended]:
    rng = np.random.default_rng(seed)
    steps = rng.integers(20, 200, traces)
    right = rng.random(traces) < 1 / (1 + np.exp((steps - 100) / 30))
    depth = np.sqrt(steps) + gap * right + rng.normal(0, 1, traces)
    return [
        Ended(str(k), int(s), bool(r), float(d))
        for k, (s, r, d) in enumerate(zip(steps, right, depth, strict=True))
    ]


def test_length_alone_makes_no_difference() -> None:
    """The trap: wrong traces are longer and so deeper; at the same length nothing is left."""
    traces = planted_outcomes(0.0, 5)
    plain = [np.mean([t.value for t in traces if t.correct is side]) for side in (True, False)]
    assert plain[0] - plain[1] < -1
    told = matched_difference(traces)
    assert told.low is not None
    assert told.high is not None
    assert told.low < 0 < told.high


def test_a_planted_difference_is_found() -> None:
    told = matched_difference(planted_outcomes(1.0, 6))
    assert told.value == pytest.approx(1.0, abs=0.35)
    assert told.low is not None
    assert told.low > 0


def test_shuffled_outcomes_are_as_many_and_tell_nothing() -> None:
    traces = planted_outcomes(1.0, 7)
    mixed = labels_shuffled(traces, 1)
    assert sum(t.correct for t in mixed) == sum(t.correct for t in traces)
    assert [t.value for t in mixed] == [t.value for t in traces]
    told = matched_difference(mixed)
    assert told.value is not None
    assert abs(told.value) < 0.5


def test_one_class_only_cannot_be_compared() -> None:
    traces = [Ended(str(k), 10 + k, True, 1.0) for k in range(50)]
    assert matched_difference(traces).value is None
    assert matched_difference([]).value is None


def test_length_that_tells_the_outcome_leaves_nothing_to_compare() -> None:
    traces = [Ended(str(k), 10 if k < 40 else 90, k < 40, float(k)) for k in range(80)]
    assert matched_difference(traces).method == "length tells the outcome"


# -- calibration and whole studies -------------------------------------------------------


def test_calibration_finds_what_was_planted() -> None:
    for row in calibrate(0, 30):
        assert row.power.value is not None
        assert row.power.value > 0.9
        assert row.false_positive.value is not None
        assert row.false_positive.value < 0.25


@pytest.mark.slow
def test_calibration_reaches_its_levels() -> None:
    for row in calibrate(1, 2000):
        assert row.coverage is not None
        assert row.coverage.value is not None
        assert row.false_positive.value is not None
        assert 0.93 <= row.coverage.value <= 0.97
        assert 0.03 <= row.false_positive.value <= 0.07


def study_of(folder: Path, traces: list[str]) -> Study:
    rows = [
        {
            "question": f"Question {k}?",
            "answer": "1",
            "reasoning": steps,
            "response": f"The answer is {k % 2}.",
        }
        for k, steps in enumerate(traces)
    ]
    file = folder / "t.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows))
    return import_traces([file], folder / "s")[0]


def by_name(study: Study) -> dict[str, Any]:
    return {f.name: f for f in measure(study, ["graph"], workers=1) if f.instrument == "graph"}


def long_trace(seed: int) -> str:
    return "".join(
        f"We now count the {text[:-2]} on the long shelf. "
        for text in written(ring_walk(seed), seed)
    )


def test_findings_stand_beside_their_controls(tmp_path: Path) -> None:
    study = study_of(tmp_path, [long_trace(k) for k in range(24)])
    found = by_name(study)
    assert found["small_world_excess"].estimate.low > 0
    assert found["path_length_edges"].estimate.value > found["path_length_edges"].control.value
    assert found["assessed_share"].estimate.value == 1.0
    assert averaged(columns(study), "depth").n == 24
    assert {t.correct for t in ended(study, "depth")} == {True, False}
    assert found["depth_outcome_steps"].estimate.value is not None
    panel = INSTRUMENT.panel(study)
    assert panel.figures[0].title.startswith("Each measure beside its control: depth")
    assert len(panel.figures) == 2


def test_measures_of_different_units_have_rows_and_scales_of_their_own(tmp_path: Path) -> None:
    study = study_of(tmp_path, [long_trace(k) for k in range(6)])
    found = by_name(study)
    drawn = INSTRUMENT.panel(study).figures[0].chart.to_dict()
    assert drawn["resolve"]["scale"]["x"] == "independent"
    (data,) = drawn["datasets"].values() if "datasets" in drawn else (drawn["data"]["values"],)
    depth = next(r for r in data if r["measure"].startswith("depth") and r["order"] == "as written")
    assert depth["value"] == pytest.approx(found["depth_steps"].estimate.value)
    assert not any("/" in row["measure"] for row in data)


def test_small_traces_are_counted_and_not_measured(tmp_path: Path) -> None:
    study = study_of(tmp_path, ["One short sentence stands here. ", long_trace(1)])
    found = by_name(study)
    assert found["assessed_share"].estimate.value == 0.5
    assert found["revisit_share"].estimate.n == 1


def test_all_the_same_step_is_one_kind_and_not_measured(tmp_path: Path) -> None:
    found = by_name(study_of(tmp_path, ["We look at the red box once more. " * 40]))
    assert found["assessed_share"].estimate.value == 0.0
    assert found["cycle_share"].estimate.value is None
    assert "could not be assessed" in found["cycle_share"].sentence


def test_an_empty_study_cannot_be_assessed(tmp_path: Path) -> None:
    study = Study.create(tmp_path / "empty")
    told = INSTRUMENT.conclude(study)
    assert all(finding.estimate.value is None for finding in told)
    assert INSTRUMENT.panel(study).figures == ()
    assert INSTRUMENT.marks is not None
    assert INSTRUMENT.marks(study, []) == []
