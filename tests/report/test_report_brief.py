"""Labels and returns in the terminal and in a notebook."""

import io

from rich.console import Console
from small_studies import make_case, make_verdict

from reasonscope.report.brief import brief
from reasonscope.report.panel import Mark
from reasonscope.report.terminal import show
from reasonscope.report.timeline import timeline_html


def make_mark(step, **fields) -> Mark:
    settings = {"layer": "labels", "kind": "neutral", "text": ""} | fields
    return Mark(trace_id="t", step_index=step, **settings)


CASE = make_case("?", ["Two and two. ", "Four. ", "Wait, once more. "], answer="4")
MARKS = [
    make_mark(0, category="problem_setup"),
    make_mark(2, category="self_checking"),
    make_mark(2, layer="backtracking", target=0, text="the sum is done again"),
    make_mark(1, layer="edges", target=0, text="uses two"),
]


def printed(case, marks, width=80) -> str:
    out = io.StringIO()
    show(case, [], [], Console(file=out, width=width), marks)
    return out.getvalue()


def test_a_terminal_names_labels_and_returns_and_leaves_edges_out():
    text = printed(CASE, MARKS)
    assert "Two and two.  ‹problem setup›" in text
    assert "↩ returns to step 1: the sum is done again" in text
    assert "labels: problem setup 1 · self checking 1" in text
    assert "uses two" not in text


def test_a_notebook_names_them_too():
    html = timeline_html(CASE, [make_verdict(CASE, 1, True)], [], MARKS)
    assert "‹<bdi>self checking</bdi>›" in html
    assert "↩ returns to step 1: <bdi>the sum is done again</bdi>" in html
    assert html.count("<div") == html.count("</div>")


def test_without_marks_nothing_is_said():
    assert "‹" not in printed(CASE, [])
    assert "‹" not in timeline_html(CASE)


def test_hostile_marks_are_printed_as_text():
    attack = "[red]</b><script>alert(1)</script>\x1b[2J"
    marks = [
        make_mark(0, category=attack, layer=attack),
        make_mark(2, layer="backtracking", target=0, text=attack),
    ]
    assert "\x1b" not in printed(CASE, marks)
    assert "[red]" in printed(CASE, marks)
    assert "<script" not in timeline_html(CASE, [], [], marks)


def test_marks_on_steps_that_are_not_there_are_passed_over():
    marks = [
        make_mark(7, category="x"),
        make_mark(None, category="x"),
        make_mark(2, layer="backtracking", target=9),
        make_mark(2, layer="backtracking", target=-1),
    ]
    held = brief(marks, 3)
    assert held.categories == held.returns == {}
    assert held.summary == ()


def test_many_categories_are_summed_up():
    marks = [make_mark(n, category=f"c{n:02}") for n in range(12)]
    assert brief(marks, 12).summary[0].endswith("c07 1 · others 4")
