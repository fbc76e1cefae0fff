"""The page as text: what stands in it, and how it is written."""

import base64
import gzip
import os
import re
from hashlib import sha256
from html import unescape

import altair as alt
import pytest
from small_studies import make_case, make_finding, make_study, written

from reasonscope.errors import SetupError
from reasonscope.report.page import SCRIPTS, FailedPanel, Head, render, write_report
from reasonscope.report.panel import Figure, Mark, Panel, Table
from reasonscope.report.plots import values


def no_marks(ids):
    return []


def page_of(study, *panels, marks=no_marks) -> str:
    return unescape(render(study, panels, marks))


def test_it_lies_in_the_study_unless_told_otherwise(small_study, tmp_path):
    assert write_report(small_study, [], no_marks) == small_study.path / "report.html"
    other = tmp_path / "other.html"
    assert write_report(small_study, [], no_marks, out=other).read_text() == (
        (small_study.path / "report.html").read_text()
    )


def test_the_same_study_gives_the_same_page(small_study):
    assert render(small_study, [], no_marks) == render(small_study, [], no_marks)


def test_a_study_without_traces_verdicts_or_findings_has_a_page(tmp_path):
    assert "Nothing has been measured yet" in page_of(make_study(tmp_path / "s"))


def test_nothing_is_left_behind_when_it_cannot_be_written(small_study, tmp_path):
    with pytest.raises(SetupError, match="cannot write the report"):
        write_report(small_study, [], no_marks, out=tmp_path / "nowhere" / "x.html")
    folder = tmp_path / "folder.html"
    folder.mkdir()
    with pytest.raises(SetupError, match="cannot write the report"):
        write_report(small_study, [], no_marks, out=folder)
    assert sorted(os.listdir(tmp_path)) == ["folder.html", "small"]


def test_the_policy_allows_one_script_and_one_style_by_hash(small_study):
    text = render(small_study, [], no_marks)
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    assert policy is not None
    rules = dict(rule.strip().split(" ", 1) for rule in unescape(policy.group(1)).split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"].startswith("'sha256-")
    assert rules["style-src"].startswith("'sha256-")
    assert "unsafe" not in policy.group(1)
    assert (rules["base-uri"], rules["form-action"]) == ("'none'", "'none'")


def test_no_element_carries_a_style_or_a_handler(small_study):
    text = render(small_study, [], no_marks)
    body = re.sub(r"<(script|style)\b.*?</\1>", "", text, flags=re.S)
    assert not re.search(r"<[^>]*\s(style|on\w+)=", body)


def test_the_script_never_makes_markup_of_text():
    from importlib.resources import files

    folder = files("reasonscope.report") / "templates" / "js"
    script = "".join((folder / f"{name}.js").read_text() for name in SCRIPTS)
    for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(",
                "Function(", "DOMParser", "fetch(", "XMLHttpRequest", "import("):  # fmt: skip
        assert way not in script
    assert "</script" not in script
    assert "<!--" not in script


def test_all_scripts_are_joined():
    from importlib.resources import files

    folder = files("reasonscope.report") / "templates" / "js"
    assert {file.name for file in folder.iterdir()} == {f"{name}.js" for name in SCRIPTS}


def test_nothing_outside_is_named(small_study):
    text = render(small_study, [], no_marks)
    addresses = set(re.findall(r"(?:https?:)?//[\w.-]+\.\w+", text))
    assert addresses <= {"http://www.w3.org"}


def test_findings_stand_under_their_panels_title(small_study):
    panel = Panel(name="answers", title="How often it is right", lead="Lead.")
    text = page_of(small_study, panel)
    assert "Final answers that are right" in text
    assert "How often it is right" in text


def test_a_finding_without_a_value_says_so(tmp_path):
    study = make_study(
        tmp_path / "s", findings=[make_finding(None, sentence="No reference was known")]
    )
    text = page_of(study)
    assert "could not be assessed" in text
    assert "No reference was known" in text


def test_a_failed_panel_shows_its_error_and_the_page_survives(small_study):
    failed = FailedPanel(name="x", title="Broken", error="ZeroDivisionError: 1 / 0")
    good = Panel(name="y", title="Whole", lead="Lead.")
    text = page_of(small_study, failed, good)
    assert "ZeroDivisionError: 1 / 0" in text
    assert "Whole" in text


def test_a_failed_plot_shows_its_error_beside_the_good_one(small_study):
    good = alt.Chart(values([{"x": 1}])).mark_bar().encode(x="x:Q")
    figures = (
        Figure(title="Good", chart=good, alt="one bar"),
        Figure(title="Bad", chart={"mark": "nonsense"}, alt="nothing"),
    )
    panel = Panel(name="y", title="Whole", lead="Lead.", figures=figures)
    text = page_of(small_study, panel)
    assert 'aria-label="one bar"' in text
    assert "This plot could not be drawn." in text


def test_marks_that_fail_are_told_and_the_page_survives(small_study):
    def broken(ids):
        raise KeyError("no such table")

    text = page_of(small_study, marks=broken)
    assert "KeyError: 'no such table'" in text
    assert "All 3 traces are in this page." in text


def test_marks_are_asked_once_for_the_traces_shown(small_study):
    asked = []
    render(small_study, [], lambda ids: asked.append(sorted(ids)) or [])
    assert len(asked) == 1
    assert len(asked[0]) == 3


def test_tables_show_unknown_as_a_dash_and_cut_long_ones(small_study):
    rows = tuple((n, 0.123456, None) for n in range(300))
    table = Table(title="Numbers", columns=("n", "share", "none"), rows=rows)
    text = page_of(small_study, Panel(name="y", title="T", lead="L.", tables=(table,)))
    assert "(the first 200 of 300 rows)" in text
    assert "<bdi>0.123</bdi>" in text
    assert "<bdi>–</bdi>" in text


def test_a_lone_surrogate_in_the_name_does_no_harm(tmp_path):
    study = make_study(tmp_path / "s")
    header = '{"schema_version": 1, "name": "a\\ud800b", "commands": []}'
    (study.path / "study.json").write_text(header)
    assert b"\\ud800" in written(study).read_bytes()


def test_what_does_not_fit_is_counted_with_reasons(tmp_path):
    cases = [
        make_case(f"{n}?", [sha256(f"{n} {i}".encode()).hexdigest() for i in range(400)])
        for n in range(8)
    ]
    text = unescape(render(make_study(tmp_path / "s", cases), [], no_marks, budget_bytes=60_000))
    words = re.sub(r"\s+", " ", text)
    said = re.search(r"Showing (\d) of 8 traces, chosen to fit the page: ([^<]*)", words)
    assert said is not None
    counts = [int(count) for count in re.findall(r"(\d+) (?:of|among|drawn)", said.group(2))]
    assert sum(counts) == int(said.group(1)) < 8
    assert len(text) < 250_000


def test_a_page_of_many_traces_keeps_its_budget(tmp_path):
    cases = [make_case(f"{n}?", [f"{n} and {i}. " for i in range(60)]) for n in range(400)]
    study = make_study(tmp_path / "s", cases)
    empty = len(render(make_study(tmp_path / "e"), [], no_marks))
    for budget in (30_000, 100_000):
        assert len(render(study, [], no_marks, budget_bytes=budget)) < empty + 1.2 * budget + 12_000


def headed(study, panels, **headlines) -> str:
    heads = [
        Head(name=panel.name, title=f"Short {panel.name}", headlines=headlines.get(panel.name, ()))
        for panel in panels
    ]
    return unescape(render(study, panels, no_marks, heads=heads))


def findings_of(instrument: str, *names: str, value: float | None = 0.5) -> list:
    return [
        make_finding(value, instrument=instrument, name=name, sentence=f"Says {name}")
        for name in names
    ]


def part(text: str, start: str, end: str) -> str:
    return text[text.index(start) : text.index(end)]


def test_headlines_stand_first_with_interval_control_and_a_way_to_the_panel(tmp_path):
    study = make_study(tmp_path / "s", findings=findings_of("x", "main", "other"))
    panel = Panel(name="x", title="What one sees", lead="Lead.")
    text = headed(study, [panel], x=("main",))
    head = part(text, 'id="findings"', 'id="panels"')
    assert "Says main" in head
    assert "80 to 95 %" in head
    assert "Control: 10 % (5 to 20 %), <bdi>answers shuffled between problems" in head
    assert '<a href="#panel-0"><bdi>Short x</bdi></a>' in head
    assert "Says other" not in head
    below = part(text, 'id="panels"', 'id="traces"')
    assert "Says other" in below
    assert "Says main" not in below


def test_what_could_not_be_assessed_is_counted_and_listed_once(tmp_path):
    missing = findings_of("x", "a", "b", value=None)
    study = make_study(tmp_path / "s", findings=[*missing, *findings_of("x", "c")])
    text = headed(study, [Panel(name="x", title="T", lead="L.")], x=("a", "c"))
    head = part(text, 'id="findings"', 'id="panels"')
    assert "2 findings could not be assessed" in head
    assert head.count("Says a") == head.count("Says b") == 1
    assert "<code>x/a</code>" in head
    assert "2 more could not be assessed" in part(text, 'id="panels"', 'id="traces"')


def test_a_panel_with_nothing_to_assess_is_one_line_with_the_reason(tmp_path):
    sentence = "This could not be assessed: no problem has two attempts"
    study = make_study(
        tmp_path / "s", findings=[make_finding(None, instrument="x", sentence=sentence)]
    )
    text = headed(study, [Panel(name="x", title="T", lead="The lead is folded.")])
    section = part(text, '<section class="panel idle"', 'id="traces"')
    assert "could not be assessed: <bdi>no problem has two attempts</bdi></span></summary>" in (
        section
    )
    assert section.index("<details>") < section.index("The lead is folded.")
    assert "nothing to assess" in part(text, 'id="contents"', "</nav>")


def test_more_than_six_findings_of_a_panel_are_folded(tmp_path):
    panel = Panel(name="x", title="T", lead="L.")
    few = make_study(tmp_path / "few", findings=findings_of("x", *"abcdef"))
    assert "6 findings</summary>" not in headed(few, [panel])
    many = make_study(tmp_path / "many", findings=findings_of("x", *"abcdefg"))
    assert "7 findings</summary>" in headed(many, [panel])
    assert "6 more findings" not in headed(many, [panel], x=("a",)), "six are not folded"
    more = make_study(tmp_path / "more", findings=findings_of("x", *"abcdefgh"))
    assert "7 more findings</summary>" in headed(more, [panel], x=("a",))


def test_findings_of_a_failed_and_of_a_missing_panel_are_shown(tmp_path):
    findings = [*findings_of("broken", "b"), *findings_of("stranger", "s")]
    study = make_study(tmp_path / "s", findings=findings)
    text = headed(study, [FailedPanel(name="broken", title="Broken", error="ZeroDivisionError")])
    below = part(text, 'id="panels"', 'id="traces"')
    assert "Says b" in below
    assert "Says s" in below
    assert "<bdi>stranger</bdi></h2>" in below


def test_the_contents_name_every_panel_and_where_it_is(tmp_path):
    panels = [Panel(name=name, title=f"Sentence {name}", lead="L.") for name in ("x", "y")]
    text = headed(make_study(tmp_path / "s"), panels)
    contents = part(text, 'id="contents"', "</nav>")
    for number, name in enumerate(("x", "y")):
        assert f'<a href="#panel-{number}"><bdi>Short {name}</bdi></a>' in contents
        assert f'id="panel-{number}"' in text


def test_one_instrument_whose_marks_fail_does_not_take_those_of_others(small_study):
    name = small_study.rows("select trace_id from traces")[0][0]

    def marks(ids):
        yield Mark(trace_id=name, step_index=0, layer="good", kind="neutral", text="stays")
        yield FailedPanel(name="m", title="Marks of bad", error="KeyError: 'x'")

    text = page_of(small_study, marks=marks)
    assert "Marks of bad" in text
    assert "KeyError: 'x'" in text
    held = re.search(r'id="block-0">([^<]*)<', text)
    assert held is not None
    assert b"stays" in gzip.decompress(base64.b64decode(held.group(1)))


def test_links_between_steps_are_left_out_first_and_the_page_says_so(tmp_path):
    cases = [make_case(f"{n}?", [f"{n} and {i}. " for i in range(60)]) for n in range(60)]
    study = make_study(tmp_path / "s", cases)

    def marks(ids):
        return [
            Mark(trace_id=i, step_index=n, layer="edges", kind="neutral", text=sha(i, n), target=0)
            for i in ids
            for n in range(1, 60)
        ]

    plain = len(render(study, [], no_marks))
    text = page_of(study, marks=marks)
    assert "links between steps" not in text
    tight = unescape(render(study, [], marks, budget_bytes=120_000))
    assert "All 60 traces are in this page." in tight
    said = re.search(r"(\d+) of the 60 traces with links between steps", tight)
    assert said is not None
    assert 0 < int(said.group(1)) <= 60
    assert len(tight) < plain + 120_000


def sha(*parts) -> str:
    return sha256(repr(parts).encode()).hexdigest()
