"""Traces as the page carries them."""

import base64
import gzip
import json
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st
from small_studies import make_case, make_final, make_study, make_verdict

from reasonscope.report.facts import facts
from reasonscope.report.panel import Mark
from reasonscope.report.payload import glance, json_text, payload, units
from reasonscope.report.selection import select


def carried(study, marks=(), budget=10**6, index_rows=1000):
    known = facts(study)
    return payload(study, known, select(known, 10**9), marks, budget, index_rows)


def unpacked(held):
    return [t for b in held.blocks for t in json.loads(gzip.decompress(base64.b64decode(b)))]


def noise(number: int, pieces: int = 300) -> list[str]:
    """Text that does not compress."""
    return [sha256(f"{number} {n}".encode()).hexdigest() for n in range(pieces)]


def test_a_trace_comes_back_as_it_was(small_study):
    held = {t["question"]: t for t in unpacked(carried(small_study))}
    wrong = held["Three and three and one?"]
    assert wrong["reasoning"] == "Let me see. 3 + 3 = 5. 5 + 1 = 6."
    assert wrong["ends"] == [12, 23, 33]
    assert wrong["states"] == "402"
    assert wrong["verdicts"][0] == [
        1, 0, 12, 23, "equations", "3 + 3 is 6", "3 + 3 = 5", "6", None
    ]  # fmt: skip
    assert wrong["candidates"] == [[None, False, 0, 1, "6", True, ""]]


def test_the_index_says_where_each_trace_is(small_study):
    held = carried(small_study)
    traces = [json.loads(gzip.decompress(base64.b64decode(b))) for b in held.blocks]
    for row in held.index["rows"]:
        named = dict(zip(held.index["columns"], row, strict=True))
        assert traces[named["block"]][named["place"]]["id"] == named["id"]


def test_the_same_study_gives_the_same_bytes(small_study):
    assert carried(small_study) == carried(small_study)


def test_blocks_keep_within_the_budget(tmp_path):
    study = make_study(tmp_path / "s", [make_case(f"{n}?", noise(n)) for n in range(6)])
    whole = carried(study)
    assert len(whole.selection.chosen) == 6
    held = carried(study, budget=40_000)
    assert 0 < sum(map(len, held.blocks)) <= 40_000
    assert 0 < len(held.selection.chosen) < 6
    assert {t["id"] for t in unpacked(held)} == set(held.selection.chosen)


def test_no_room_means_no_block_and_still_an_index(tmp_path):
    study = make_study(tmp_path / "s", [make_case("?", noise(1))])
    held = carried(study, budget=10)
    assert held.blocks == ()
    assert [row[0] for row in held.index["rows"]] == [facts(study)[0].trace_id]


def test_the_index_is_cut_but_never_below_what_is_embedded(small_study):
    assert len(carried(small_study, index_rows=0).index["rows"]) == 3


def test_marks_on_core_layers_add_nothing(small_study):
    name = facts(small_study)[0].trace_id
    marks = [
        Mark(trace_id=name, step_index=0, layer=layer, kind="bad", text="x")
        for layer in ("verdicts", "answers", "flips")
    ]
    held = {t["id"]: t for t in unpacked(carried(small_study, marks))}
    assert [layer[0] for layer in held[name]["marks"]] == ["flips"]


def test_offsets_in_the_answer_are_the_answers_own(tmp_path):
    case = make_case("?", ["😀😀😀 "], answer="is 7")
    final = make_final(case, "7", True)
    [held] = unpacked(carried(make_study(tmp_path / "s", [case], answers=[final])))
    assert held["ends"] == [7], "three characters of two units and a space"
    assert held["candidates"][0][2:4] == [0, 4], "the answer has no wide character"


@given(st.text(), st.data())
def test_units_are_those_of_utf_16(text, data):
    place = data.draw(st.integers(0, len(text)))
    text = text.encode("utf-8", "replace").decode()
    assert units(text)(place) == len(text[:place].encode("utf-16-le")) // 2


def test_units_of_nowhere_is_nowhere():
    assert units("😀")(None) is None


@given(st.text())
def test_json_text_reads_back_and_cannot_end_its_element(text):
    written = json_text({"x": text})
    assert json.loads(written) == {"x": text}
    assert not set("<>&\u2028\u2029") & set(written)


def test_a_glance_shows_one_error_among_thousands():
    states = ["good"] * 10_000
    states[5_000] = "bad"
    assert glance(tuple(states)).count("0") == 1
    assert len(glance(tuple(states))) == 32
    assert glance(()) == ""


def test_a_trace_that_is_wrong_but_retracted_is_drawn_so(tmp_path):
    case = make_case("?", ["a ", "b"])
    verdict = make_verdict(case, 0, False, retracted=True, retracted_by=1)
    [held] = unpacked(carried(make_study(tmp_path / "s", [case], [verdict])))
    assert held["states"] == "14"
    assert held["verdicts"][0][-1] == 1
