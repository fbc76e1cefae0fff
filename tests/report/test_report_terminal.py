"""One trace in a terminal and in a notebook."""

import io
import re

import pytest
from rich.console import Console
from small_studies import make_case, make_final, make_verdict, three_cases

from reasonscope.report.terminal import MOST_STEPS, plain, show, strip
from reasonscope.report.timeline import timeline_html


def said(case, verdicts=(), answers=(), width=80, **console) -> str:
    out = io.StringIO()
    show(case, verdicts, answers, Console(file=out, width=width, **console))
    return out.getvalue()


def test_strip_steps_reasons_and_answer_are_there():
    cases, verdicts, answers = three_cases()
    wrong = cases[0]
    text = said(wrong, verdicts[:2], answers[:1])
    assert "·✕✓" in text
    assert "✕ 3 + 3 = 5." in text
    assert "false: 3 + 3 is 6" in text
    assert "expected 6" in text
    assert "answer 6 ✕ wrong" in text
    assert "first error in step 2" in text


def test_a_retraction_names_the_step_as_the_page_counts():
    cases, verdicts, _ = three_cases()
    assert "taken back in step 3" in said(cases[1], verdicts[2:])


@pytest.mark.parametrize("width", [20, 40, 120])
def test_no_line_is_wider_than_the_console(width):
    case = make_case("word " * 50, [f"step {n} with words. " for n in range(200)])
    verdicts = [make_verdict(case, n, n % 3 > 0, reason="because " * 20) for n in range(200)]
    lines = said(case, verdicts, width=width).splitlines()
    assert max(len(line) for line in lines) <= width


def test_markup_in_a_trace_is_text():
    case = make_case("[bold]q[/bold]", ["[red]x[/red] [link=http://e]y[/link] [/]"])
    text = said(case, force_terminal=True, color_system="truecolor")
    assert "[red]x[/red]" in text
    assert "[bold]q[/bold]" in text
    assert "\x1b]8;" not in text


def test_no_control_of_a_trace_reaches_the_terminal():
    attack = "\x1b[2J\x1b]0;owned\x07\x9b31m\r\x08\u202ebackwards\u2066"
    case = make_case(attack, [attack], model="m" + attack, answer=attack)
    verdict = make_verdict(case, 0, False, reason=attack, claim=attack, expected=attack)
    text = said(case, [verdict], [make_final(case, attack, False)])
    assert not set("\x1b\x07\x9b\r\x08\u202e\u2066") & set(text)
    assert "⟨1b⟩" in text


def test_plain_keeps_line_breaks_tabs_and_other_scripts():
    assert plain("a\n\tb שלום 😀") == "a\n\tb שלום 😀"


def test_ten_thousand_steps_show_the_telling_ones():
    case = make_case("?", [f"{n} " for n in range(10_000)])
    text = said(case, [make_verdict(case, 7_000, False)])
    assert "7001 ✕" in text
    assert len(text.splitlines()) < MOST_STEPS
    assert len(text.splitlines()) > 5


def test_a_line_of_a_megabyte_is_cut():
    text = said(make_case("?", ["x" * 1_000_000]))
    assert len(text) < 5_000
    assert "more …" in text


def test_a_trace_without_steps_or_answer():
    text = said(make_case("?", []))
    assert "no steps" in text
    assert "none found ? outcome unknown" in text


def test_the_strip_is_never_wider_than_asked():
    for count in (0, 1, 79, 80, 81, 5000):
        assert len(strip(("good",) * count, 80).plain) == min(count, 80)


def test_a_notebook_gets_static_escaped_html():
    cases, verdicts, answers = three_cases()
    html = timeline_html(cases[0], verdicts[:2], answers[:1])
    assert "Three and three and one?" in html
    assert "✕ wrong" in html
    assert html.count("title=") == 3, "one cell a step"
    assert "<script" not in html
    assert html.count("<div") == html.count("</div>")


def test_a_notebook_is_not_flooded():
    case = make_case("q" * 100_000, [f"{n} " for n in range(10_000)])
    html = timeline_html(case, [make_verdict(case, 9_000, False)])
    assert len(html) < 60_000
    assert "60 of 10,000 steps" in html
    assert re.search(r">9001<", html)


def test_a_notebook_shows_an_empty_trace():
    assert "no steps" in timeline_html(make_case("?", []))
