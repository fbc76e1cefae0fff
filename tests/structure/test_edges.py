"""Edges on steps that a person can check, traps, and the instrument on whole studies."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reasonscope.measuring import measure
from reasonscope.structure.edges import cues
from reasonscope.structure.edges.evidence import FAR, clues
from reasonscope.structure.edges.finding import edges_between, fold
from reasonscope.structure.edges.instrument import INSTRUMENT, TALLIES, marks, tallies
from reasonscope.structure.edges.mentions import likeness, plain_number, rarities, read
from reasonscope.structure.edges.planted import calibrate, planted_steps
from reasonscope.structure.edges.previous import FEATURES, features, probability
from reasonscope.structure.edges.sample import controls
from reasonscope.structure.edges.tallies import (
    evident,
    foreign_tally,
    ratio,
    shuffled,
    tally,
    value_excess,
)
from reasonscope.structure.edges.weights import PREVIOUS
from reasonscope.traces.importing import import_traces
from reasonscope.traces.schema import Edge
from reasonscope.traces.store import Study

CHAIN = [
    "The shop sells 417 boxes. ",
    "Hmm, what about the lid? ",
    "So 417 * 3 = 1,251. ",
    "Fine. ",
    "Then 1251 + 9 = 1260. ",
]


def found(texts: list[str]) -> dict[tuple[int, int], Edge]:
    return {(edge.step_index, edge.uses): edge for edge in edges_between(texts)}


# -- evidence ----------------------------------------------------------------------------


def test_a_number_flows_from_the_step_that_states_it() -> None:
    edge = found(CHAIN)[2, 0]
    assert (edge.evidence, edge.reason) == ("value", "uses 417, which step 1 states")


def test_a_result_flows_from_the_step_that_computes_it() -> None:
    edge = found(CHAIN)[4, 2]
    assert (edge.evidence, edge.reason) == ("value", "uses 1251, which step 3 computes")


def test_a_result_that_nobody_computed_flows_from_nowhere() -> None:
    assert not [
        e
        for e in found([*CHAIN[:4], "Then 1252 + 9 = 1261. "]).values()
        if evident(e) and e.step_index == 4
    ]


def test_the_latest_producer_counts_and_not_a_mention() -> None:
    steps = [
        "2 * 333 = 666. ",
        "Hmm. ",
        "3 * 222 = 666. ",
        "Is 666 right? ",
        "Ok. ",
        "666 + 1 = 667. ",
    ]
    uses = [i for j, i in found(steps) if j == 5 and i < 4]
    assert uses == [2]


def test_a_lone_small_number_is_no_evidence() -> None:
    steps = ["There are 2 cats. ", *["Well, well. "] * 3, "Take 2 of the dogs. "]
    assert (4, 0) not in found(steps)


def test_a_number_before_an_operator_is_no_result() -> None:
    assert read("x = 12 + 5 = 17").made == {"17"}
    assert read("There are 12 boxes").made == {"12"}


def test_what_a_step_works_out_itself_it_does_not_use() -> None:
    assert read("2 * 707 = 1414").results == {"1414"}
    assert read("So 1414 = 2 * 707 = 1414").results == frozenset()
    steps = ["So 2 * 707 = 1414 hours. ", "Hmm. ", "Well. ", "Again, 707 * 2 = 1414. "]
    assert found(steps)[3, 0].reason == "uses 707, which step 1 states"


def test_4_comma_4_is_not_44() -> None:
    assert read("from (0,0) to (4,4)").values == ("0", "4")
    assert read("1,234 and 12,345.60").values == ("1234", "12345.6")


def test_an_apostrophe_defines_no_symbol() -> None:
    assert read("it doesn't matter, I'm sure that's it").symbols == frozenset()


def test_a_symbol_flows_from_its_definition() -> None:
    steps = ["Let x be the price of a lamp. ", "Hmm. ", "Is that so? ", "Then x doubles. "]
    edge = found(steps)[3, 0]
    assert (edge.evidence, edge.reason) == ("name", "uses x, which step 1 defines")


def test_an_arrow_defines_nothing() -> None:
    assert read("So A → B holds").defined == frozenset()


def test_words_said_again_are_a_restatement() -> None:
    steps = [
        "The gardener waters every orchid twice. ",
        "Hmm. ",
        "That is odd. ",
        "Right, the gardener waters every orchid twice. ",
    ]
    edge = found(steps)[3, 0]
    assert edge.evidence == "restatement"
    assert edge.reason.startswith('says again what step 1 says, such as "')


def test_one_shared_word_is_no_restatement() -> None:
    steps = ["The gardener sings. ", "Hmm. ", "Well. ", "A gardener. "]
    assert (3, 0) not in found(steps)


def test_a_numbered_step_is_a_reference() -> None:
    steps = ["Step 1: buy paint. ", "Hmm. ", "Step 2: paint the wall. ", "By step 1 we have some. "]
    edge = found(steps)[3, 0]
    assert (edge.evidence, edge.reason) == ("reference", 'names "step 1", which step 1 is')


def test_so_points_to_the_step_before() -> None:
    edge = found(
        [
            "We walk. ",
            "It rains. ",
            "Dark. ",
            "Cold. ",
            "Late. ",
            "Wet. ",
            "Far. ",
            "So far so good, we stay. ",
            "So we stay. ",
        ]
    )[8, 7]
    assert (edge.evidence, edge.uses) == ("reference", 7)
    assert not evident(edge)


def test_at_most_three_steps_further_back() -> None:
    texts = [f"Item {k}: {1000 + k}. " for k in range(10)]
    last = "All: " + ", ".join(str(1000 + k) for k in range(9)) + ". "
    told = list(clues([*texts, "Hmm. ", last]))[-1]
    assert len([clue for clue in told if clue.uses < 10]) == FAR


# -- properties --------------------------------------------------------------------------

TEXTS = st.lists(st.text(alphabet="abc x=+12,.\n'\\{}", min_size=1, max_size=40), max_size=12)


@settings(max_examples=80)
@given(TEXTS)
def test_edges_point_back_and_repeat_none(texts: list[str]) -> None:
    edges = edges_between(texts)
    arrows = [(edge.step_index, edge.uses) for edge in edges]
    assert len(arrows) == len(set(arrows))
    assert all(0 <= i < j < len(texts) for j, i in arrows)
    assert all("{}" not in edge.reason for edge in edges)
    assert edges == edges_between(texts)


@settings(max_examples=60)
@given(st.text(max_size=60), st.text(max_size=60))
def test_likeness_lies_between_0_and_1_and_takes_no_side(one: str, other: str) -> None:
    told = [read(one), read(other)]
    rarity = rarities(told)
    alike = likeness(*told, rarity)
    assert 0 <= alike <= 1 + 1e-9
    assert alike == pytest.approx(likeness(told[1], told[0], rarity))


@given(st.integers(0, 10**9))
def test_a_plain_number_is_its_own_reading(number: int) -> None:
    assert plain_number(f"{number:,}") == str(number)


def test_ten_thousand_steps_are_no_more_a_step_than_a_hundred() -> None:
    texts = [f"So {k} + 7 = {k + 7} marbles. " for k in range(10_000)]
    edges = edges_between(texts)
    assert len(edges) <= (1 + FAR) * len(texts)


@pytest.mark.parametrize(
    "text", ["9" * 300_000, "\\frac{" * 60_000, "step " * 60_000, "(" * 300_000, "1," * 150_000]
)
def test_a_hostile_line_ends(text: str) -> None:
    assert edges_between([text, "so " + text]) is not None


# -- the edge to the step before ---------------------------------------------------------


def test_every_set_of_weights_has_a_weight_for_each_feature() -> None:
    assert {len(weights) for weights in PREVIOUS.values()} == {len(FEATURES)}


def test_a_word_that_goes_on_makes_the_step_before_likelier() -> None:
    plain, linked = (features(30, "We get 12. ", text, []) for text in ("A dog. ", "So a dog. "))
    assert probability(linked) > probability(plain)


def test_the_second_step_stands_for_itself() -> None:
    assert probability(features(1, "We read. ", "Let me see. ", [])) < 0.5
    assert probability(features(40, "We read. ", "So let me see. ", [])) > 0.5


def test_an_unknown_question_takes_the_weights_of_all() -> None:
    told = features(9, "a. ", "b. ", [])
    assert probability(told, fold("never seen")) == probability(told)


def test_cues() -> None:
    assert cues.link("Thus it ends.") == "Thus"
    assert cues.turns("Wait, is it?")
    assert cues.restarts("Next, the tax.")
    assert cues.points_back("as we found earlier") == "we found"
    assert cues.numbered_start("Equation (3): y") == "equation 3"


# -- tallies and controls ----------------------------------------------------------------


def edge(j: int, i: int, evidence: str = "value") -> Edge:
    return Edge(trace_id="t", step_index=j, uses=i, evidence=evidence, weight=0.5, reason="r")  # type: ignore[arg-type]


def test_the_tally_is_the_one_done_by_hand() -> None:
    """Five steps: 2 uses 0, 3 uses 2 and 0; 4 follows 3 by order, 1 follows 0 by a "So"."""
    edges = [
        edge(1, 0, "reference"),
        edge(2, 0),
        edge(3, 2, "name"),
        edge(3, 0),
        edge(4, 3, "order"),
    ]
    told = tally("p", 5, edges)
    assert (told.later, told.edges, told.known) == (4, 5, 3)
    assert (told.value_users, told.far_users, told.reach) == (2, 2, 2 + 1 + 3)
    assert told.unused == 4 - 2  # steps 0 and 2 are used; 1 and 3 are not; the last cannot be


def test_a_trace_behind_another_uses_nothing_of_it() -> None:
    other = [f"The sky holds {9000 + k} stars. " for k in range(3)]
    assert tally("p", 5, edges_between(CHAIN)).value_users == 2
    assert foreign_tally("p", CHAIN, other).value_users == 0


def test_shuffling_keeps_the_steps() -> None:
    assert sorted(shuffled(CHAIN, "t")) == sorted(CHAIN)
    assert shuffled(CHAIN, "t") == shuffled(CHAIN, "t")


def test_planted_flows_are_found() -> None:
    hits = planted = 0
    for seed in range(20):
        texts, uses = planted_steps(seed, 0.3)
        seen = {(e.step_index, e.uses) for e in edges_between(texts) if e.evidence == "value"}
        hits, planted = hits + len(seen & uses), planted + len(uses)
    assert hits / planted > 0.7


def test_where_nothing_flows_a_trace_is_like_any_other() -> None:
    pairs = []
    for seed in range(150):
        (texts, _), (other, _) = planted_steps(seed, 0.0), planted_steps(10_000 + seed, 0.0)
        own = tally(str(seed), len(texts), edges_between(texts))
        pairs.append((own, foreign_tally(str(seed), texts, other)))
    told = value_excess(pairs)
    assert told.low is not None
    assert told.high is not None
    assert told.low < 0 < told.high


def test_calibration_finds_what_was_planted() -> None:
    (row,) = calibrate(0, 40)
    assert row.power.value == 1.0
    assert row.false_positive.value is not None
    assert row.false_positive.value < 0.2


@pytest.mark.slow
def test_calibration_reaches_its_levels() -> None:
    (row,) = calibrate(1, 2000)
    assert row.coverage is not None
    assert row.coverage.value is not None
    assert row.false_positive.value is not None
    assert 0.93 <= row.coverage.value <= 0.97
    assert 0.03 <= row.false_positive.value <= 0.07


# -- whole studies -----------------------------------------------------------------------


def study_of(folder: Path, traces: list[list[str]]) -> Study:
    rows = [
        {"question": f"Question {k}?", "answer": "1", "reasoning": "".join(steps), "response": "1"}
        for k, steps in enumerate(traces)
    ]
    file = folder / "t.jsonl"
    file.write_text("\n".join(json.dumps(row) for row in rows))
    return import_traces([file], folder / "s")[0]


def by_name(study: Study) -> dict[str, Any]:
    return {f.name: f for f in measure(study, ["edges"], workers=1) if f.instrument == "edges"}


GEESE = [
    "Over 77 geese fly by the old house. ",
    "They land 38 times on the frozen lake there. ",
    "How often would a lone swan do that? ",
]
LONG = [
    "The shop sells 417 boxes and 12 lids to every customer. ",
    "Let me think about the question for a while. ",
    "So 417 * 3 = 1251 boxes are sold in total today. ",
    "That seems to be a rather large number of boxes. ",
    "Then 1251 + 9 = 1260 boxes are needed for the shop. ",
]


def test_sql_counts_as_the_tally_does(tmp_path: Path) -> None:
    study = study_of(tmp_path, [LONG, LONG[:3]])
    by_name(study)
    for told, case in zip(
        tallies(study), sorted(study.all_cases(), key=lambda c: c.trace.trace_id)
    ):
        texts = [step.text for step in case.steps]
        assert told == tally(case.problem.problem_id, len(texts), edges_between(texts))


def test_findings_have_their_control(tmp_path: Path) -> None:
    found_ = by_name(study_of(tmp_path, [LONG, GEESE]))
    share = found_["value_use_share"]
    assert share.estimate.value > 0
    assert share.control.value == 0
    assert {name for name, f in found_.items() if f.control is None} == {
        "value_use_excess_points",
        "assessed_share",
    }


def test_an_empty_study_cannot_be_assessed(tmp_path: Path) -> None:
    told = INSTRUMENT.conclude(Study.create(tmp_path / "empty"))
    assert all(finding.estimate.value is None for finding in told)
    assert all("could not be assessed" in finding.sentence for finding in told)
    assert INSTRUMENT.panel(Study.create(tmp_path / "empty")).figures == ()


def test_a_trace_of_one_step_is_counted_and_in_no_figure(tmp_path: Path) -> None:
    found_ = by_name(study_of(tmp_path, [["Only this sentence is here. "], LONG]))
    assert found_["assessed_share"].estimate.value == 0.5
    assert found_["value_use_share"].estimate.n == 1


def test_one_problem_has_no_foreign_control(tmp_path: Path) -> None:
    study = study_of(tmp_path, [LONG])
    assert by_name(study)["value_use_excess_points"].estimate.value is None
    assert controls(study).foreign == ()


def test_the_same_step_again_and_again(tmp_path: Path) -> None:
    found_ = by_name(study_of(tmp_path, [["We look at the red box once more. "] * 30, LONG]))
    assert found_["edges_per_step"].estimate.value is not None


def test_marks_point_to_steps_further_back(tmp_path: Path) -> None:
    study = study_of(tmp_path, [LONG])
    by_name(study)
    ids = [row[0] for row in study.rows("select trace_id from traces")]
    told = marks(study, ids)
    assert told
    assert all(
        mark.target is not None and mark.target < (mark.step_index or 0) - 1 for mark in told
    )


def test_the_panel_is_drawn_from_the_table(tmp_path: Path) -> None:
    study = study_of(tmp_path, [LONG, LONG[:4]])
    by_name(study)
    panel = INSTRUMENT.panel(study)
    assert len(panel.figures) == 2
    assert "further back" in panel.figures[0].title or "use one" in panel.figures[0].title
    assert ratio(tallies(study), "value_users", "later").n == 2
    assert "problem_id" in TALLIES
