"""thought-anchors folders: chunks become steps where they tile the text, and labels are kept."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reasonscope.errors import SetupError
from reasonscope.traces.formats import detect, read
from reasonscope.traces.formats.thought_anchors import align
from reasonscope.traces.schema import ErrorRow, Reading

SOLUTION = "First, add.\n\nIt is 2. Correct.\n\nDone now.\n</think>\n\nThe answer is 2."
PROBLEM = {"problem": "1+1?", "level": "Level 1", "type": "Algebra", "gt_solution": "...",
           "gt_answer": "2", "nickname": "Sum"}  # fmt: skip
BASE = {"prompt": "Solve: 1+1?\n<think>\n", "solution": SOLUTION,
        "full_cot": "Solve: 1+1?\n<think>\n" + SOLUTION, "answer": "2",
        "is_correct": True}  # fmt: skip


def label(at: int, chunk: str, **more) -> dict:
    return {"chunk": chunk, "chunk_idx": at, "function_tags": ["active_computation"],
            "depends_on": [str(at - 1)] if at else [], "accuracy": 0.5, **more}  # fmt: skip


CHUNKS = [label(0, "First, add."), label(1, "It is 2."), label(2, "Correct. Done now.")]


def folder(
    tmp_path: Path, place: str = "r1/correct_base_solution/problem_1", packed=False, **files
):
    held = {"problem": PROBLEM, "base_solution": BASE, "chunks_labeled": CHUNKS, **files}
    at = tmp_path / place
    at.mkdir(parents=True)
    for name, value in held.items():
        if value is None:
            continue
        data = value if isinstance(value, bytes) else json.dumps(value).encode()
        if packed:
            (at / f"{name}.json.gz").write_bytes(gzip.compress(data))
        else:
            (at / f"{name}.json").write_bytes(data)
    return at


def one(path: Path) -> Reading:
    (found,) = list(read(path))
    assert isinstance(found, Reading), found
    return found


def steps(found: Reading) -> list[str]:
    starts = (0, *(found.step_ends or ()))
    return [found.trace.reasoning[a:b] for a, b in zip(starts, found.step_ends or (), strict=False)]


@pytest.mark.parametrize("packed", [False, True])
def test_a_folder_is_a_trace(tmp_path, packed):
    folder(tmp_path, packed=packed)
    assert detect(tmp_path) == "thought-anchors"
    found = one(tmp_path)
    assert (found.problem.question, found.problem.answer) == ("1+1?", "2")
    assert found.problem.answer_kind == "number"
    assert found.trace.prompt == BASE["prompt"]
    assert found.trace.text == SOLUTION
    assert found.trace.answer == "The answer is 2."
    assert found.trace.stated_correct is True
    assert found.trace.model == "r1"
    assert json.loads(found.problem.extra)["nickname"] == "Sum"


def test_collapsed_white_space_still_tiles(tmp_path):
    """The third chunk was glued from two lines: the published set does this."""
    folder(tmp_path)
    assert steps(one(tmp_path)) == ["First, add.\n\n", "It is 2. ", "Correct.\n\nDone now."]


def test_labels_are_kept_without_the_texts(tmp_path):
    folder(tmp_path)
    chunks = json.loads(one(tmp_path).trace.extra)["chunks"]
    assert [chunk["chunk_idx"] for chunk in chunks] == [0, 1, 2]
    assert chunks[1]["depends_on"] == ["0"]
    assert "chunk" not in chunks[0]


def test_a_lost_last_sentence_is_a_step_of_its_own(tmp_path):
    folder(tmp_path, chunks_labeled=[label(0, "First, add."), label(1, "It is 2.")])
    found = one(tmp_path)
    assert steps(found)[-1] == "Correct.\n\nDone now."
    assert len(json.loads(found.trace.extra)["chunks"]) == 2


def test_chunks_that_do_not_tile_are_kept_with_their_texts(tmp_path):
    folder(tmp_path, chunks_labeled=[label(0, "First, add."), label(1, "Something else.")])
    found = one(tmp_path)
    assert found.step_ends is None
    assert json.loads(found.trace.extra)["chunks"][1]["chunk"] == "Something else."


def test_plain_chunks_without_labels(tmp_path):
    chunks = {"source_text": "x", "solution_text": "y", "chunks": ["First, add.", "It is 2."]}
    folder(tmp_path, chunks_labeled=None, chunks=chunks)
    found = one(tmp_path)
    assert len(steps(found)) == 3
    assert "chunks" not in json.loads(found.trace.extra)


def test_no_chunks_at_all(tmp_path):
    folder(tmp_path, chunks_labeled=None)
    assert one(tmp_path).step_ends is None


def test_temperature_in_the_path_is_sampling(tmp_path):
    folder(tmp_path, "qwen/temperature_0.6_top_p_0.95/incorrect_base_solution/problem_3")
    found = one(tmp_path)
    assert found.trace.model == "qwen"
    assert json.loads(found.trace.sampling) == {"temperature": 0.6, "top_p": 0.95}


def test_a_folder_of_its_own_has_an_unknown_model(tmp_path):
    assert one(folder(tmp_path, "problem_1")).trace.model == "unknown"


def test_rollouts_are_not_traces(tmp_path):
    at = folder(tmp_path)
    (at / "chunk_0").mkdir()
    (at / "chunk_0" / "solutions.json").write_text(json.dumps([{"rollout": "x", "answer": "2"}]))
    (at / "chunks_resampled.json").write_text(json.dumps({"0": ["x"] * 100}))
    assert len(list(read(tmp_path))) == 1


def test_a_full_cot_that_is_something_else_is_kept(tmp_path):
    folder(tmp_path, base_solution=BASE | {"full_cot": "other"})
    assert json.loads(one(tmp_path).trace.extra)["full_cot"] == "other"


def test_the_stated_answer_is_kept(tmp_path):
    folder(tmp_path)
    assert json.loads(one(tmp_path).trace.extra)["stated_answer"] == "2"


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"problem": None}, "expected 'problem.json'"),
        ({"problem": {"level": 1}}, "expected a field 'problem'"),
        ({"base_solution": {"prompt": "x"}}, "expected a field 'solution'"),
        ({"base_solution": b"{broken"}, "'base_solution.json'"),
        ({"base_solution": b"[]"}, "to be an object, found a list of 0"),
        ({"base_solution": BASE | {"solution": " "}}, "found none"),
        ({"chunks_labeled": b"5"}, "the chunks to be a list"),
        ({"chunks_labeled": [5]}, "a labelled chunk to be an object"),
    ],
)
def test_a_bad_folder_costs_itself(tmp_path, files, said):
    folder(tmp_path, "m/correct_base_solution/problem_1", **files)
    folder(tmp_path, "m/correct_base_solution/problem_2")
    bad, good = read(tmp_path)
    assert isinstance(bad, ErrorRow)
    assert said in bad.error
    assert bad.place == "m/correct_base_solution/problem_1"
    assert isinstance(good, Reading)


def test_a_packed_member_cut_short_is_an_error_row(tmp_path):
    at = folder(tmp_path, packed=True)
    file = at / "base_solution.json.gz"
    file.write_bytes(file.read_bytes()[:-10])
    (row,) = read(tmp_path)
    assert "cut short" in row.error


def test_a_file_is_no_folder_of_traces(tmp_path):
    file = folder(tmp_path) / "base_solution.json"
    with pytest.raises(SetupError, match="not in the format 'thought-anchors'"):
        list(read(file, "thought-anchors"))


def test_a_folder_without_traces_says_what_it_holds(tmp_path):
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(SetupError, match=r"a folder with notes\.txt"):
        list(read(tmp_path, "thought-anchors"))


def test_a_link_to_itself_is_not_followed(tmp_path):
    at = folder(tmp_path)
    (at.parent / "loop").symlink_to(at.parent)
    assert len(list(read(tmp_path))) == 1


# -- alignment ---------------------------------------------------------------------------


def test_repeated_sentences_align_in_order():
    assert align("Yes. Yes. No.", ["Yes.", "Yes.", "No."]) == (5, 10, 13)


def test_a_chunk_before_the_last_cannot_be_left_out():
    assert align("One. Two. Three.", ["One.", "Three."]) is None


def test_an_empty_chunk_is_no_step():
    assert align("One. Two.", ["One.", "", "Two."]) is None


def test_no_text_has_no_steps():
    assert align("", ["One."]) is None
    assert align("One.", []) is None


def test_leading_white_space_belongs_to_the_first_step():
    assert align("  One.", ["One."]) == (6,)


def test_a_megabyte_aligns_in_linear_work():
    text = "ab " * 350_000
    ends = align(text, ["ab"] * 350_000)
    assert ends is not None
    assert len(ends) == 350_000


WORD = st.text("ab.\\$∑", min_size=1, max_size=8)
SPACE = st.sampled_from([" ", "\n\n", "  \n"])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(WORD, SPACE), min_size=1, max_size=12), st.integers(0, 12))
def test_chunks_cut_from_a_text_tile_it(pieces, known):
    text = "".join(word + space for word, space in pieces)
    chunks = [word for word, _ in pieces][: max(known, 1)]
    ends = align(text, chunks)
    assert ends is not None
    assert ends[-1] == len(text)
    assert all(a < b for a, b in zip((0, *ends), ends, strict=False))
    starts = (0, *ends)
    for chunk, start, end in zip(chunks, starts, ends, strict=False):
        assert text[start:end].split() == chunk.split() or len(chunks) < len(pieces)
