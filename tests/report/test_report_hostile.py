"""Every text of a study tries to break out of the page: it is shown as text, nothing runs."""

import re

import altair as alt
import pytest
from small_studies import make_finding, make_study, make_verdict, written

from reasonscope.report.page import FailedPanel, Head
from reasonscope.report.panel import Figure, Mark, Panel, Table
from reasonscope.report.plots import values
from reasonscope.report.timeline import timeline_html
from reasonscope.traces.schema import Candidate, Case, ErrorRow, Problem, Step, Trace

ATTACKS = (
    '<img src=x onerror="alert(1)">',
    "</script><script>alert(2)</script>",
    "<!--<script>alert(3)",
    "</style></textarea></title></bdi><svg onload=alert(4)>",
    "\"' onmouseover=alert(5) x='",
    "<a href='javascript:alert(6)'>click</a>",
    "{{ 7 * 7 }}{% for x in y %}${alert(7)}",
    "&lt;script&gt; &amp; \u2028\u2029 \x00\x07\x1b[31m",
    "\u202e\u2066\u2067 backwards \ufeff\ufffe",
    "<iframe srcdoc='<script>alert(8)</script>'></iframe><base href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=http://evil.example'>",
    "<link rel=stylesheet href=http://evil.example/x.css><object data=x>",
)
ALL = " ".join(ATTACKS)


def hostile_case(number: int, attack: str) -> Case:
    """A case in which every text is an attack."""
    problem = Problem.make(
        attack + f" {number}", answer=attack, family=attack, choices=[attack, "b"],
        extra={attack: attack},
    )  # fmt: skip
    trace = Trace.make(
        problem, attack + ALL, model=attack, prompt=attack, opening=attack, closing=attack,
        answer=attack + "!", extra={"condition": attack, attack: attack},
        sampling={attack: 1}, finish_reason=attack,
    )  # fmt: skip
    ends = [len(attack), len(attack) + len(ALL)]
    steps = [
        Step(trace_id=trace.trace_id, index=n, char_start=a, char_end=b, text=trace.reasoning[a:b])
        for n, (a, b) in enumerate([(0, ends[0]), tuple(ends)])
    ]
    return Case(problem, trace, tuple(steps))


def hostile_study(folder):
    cases = [hostile_case(n, attack) for n, attack in enumerate(ATTACKS)]
    verdicts = [
        make_verdict(c, 0, False, verifier=ALL, reason=ALL, claim=ALL, expected=ALL) for c in cases
    ]
    answers = [
        Candidate(
            trace_id=c.trace.trace_id, order=n, step_index=step, char_start=0, char_end=2,
            text=ALL, correct=None, final=step is None, reason=ALL,
        )
        for c in cases
        for n, step in enumerate((0, None))
    ]  # fmt: skip
    findings = [
        make_finding(v, instrument=ALL, name=ALL, sentence=ALL, control_meaning=ALL, unit=ALL)
        for v in (0.5, None)
    ]
    study = make_study(folder, cases, verdicts, answers, findings, name=ALL)
    rows = [ErrorRow(source=a, place=a, error=a, excerpt=a) for a in ATTACKS]
    study.write_part("errors", "one", rows)
    study.remember_command(ALL)
    return study, cases


def hostile_panels() -> list:
    data = [{"word": attack, "n": n} for n, attack in enumerate(ATTACKS)]
    chart = (
        alt.Chart(values(data), title=ALL)
        .mark_bar(tooltip=True)
        .encode(
            x="n:Q",
            y=alt.Y("word:N", title=ALL),
            color="word:N",
            href=alt.value("http://evil.example"),
        )
    )
    picture = alt.Chart(values([{"u": "http://evil.example/x.png"}])).mark_image().encode(url="u:N")
    figures = tuple(Figure(title=ALL, chart=c, alt=ALL) for c in (chart, picture, None))
    tables = (Table(title=ALL, columns=(ALL, ALL), rows=((ALL, 1), (None, 0.5))),)
    held = Panel(name=ALL, title=ALL, lead=ALL, figures=figures, tables=tables, misleads=ALL)
    return [held, FailedPanel(name=ALL, title=ALL, error=ALL)]


def hostile_marks(cases):
    return lambda ids: [
        Mark(
            trace_id=i, step_index=0, layer=layer, kind="bad", text=ALL, category=ALL,
            target=target, char_start=0, char_end=3,
        )
        for i in ids
        for layer in (ALL, "edges", "backtracking")
        for target in (None, 1, 10**12)
    ]  # fmt: skip


@pytest.fixture
def hostile_page(tmp_path):
    study, cases = hostile_study(tmp_path / "s")
    heads = [Head(name=ALL, title=ALL, headlines=(ALL,))]
    return written(study, hostile_panels(), hostile_marks(cases), heads=heads), cases


@pytest.mark.browser
def test_nothing_runs_and_nothing_is_loaded(hostile_page, look):
    file, cases = hostile_page
    page, seen = look(file)
    for element in page.locator("main details > summary").all():
        element.click()
    page.locator("#contents > summary").click()
    for _ in cases:
        for key in ("ArrowRight", "ArrowLeft", "n", "j"):
            page.keyboard.press(key)
        page.wait_for_timeout(50)
    page.mouse.move(600, 400)
    page.fill("#query", ATTACKS[1])
    page.wait_for_timeout(400)
    assert seen.dialogs == []
    assert seen.console == []
    assert seen.errors == []
    assert [url.partition("#")[0] for url in seen.requests] == [file.as_uri()]


@pytest.mark.browser
def test_no_element_of_an_attack_comes_to_be(hostile_page, look):
    file, cases = hostile_page
    page, _ = look(file)
    for _ in cases:
        page.keyboard.press("j")
        page.wait_for_timeout(50)
        assert page.locator("img, iframe, object, base, embed, image, foreignObject").count() == 0
        assert page.locator("meta[http-equiv=refresh], link[rel=stylesheet]").count() == 0
        assert page.locator("a[href^='javascript'], svg a").count() == 0
        assert (
            page.evaluate("""() => [...document.querySelectorAll('*')].flatMap(
            (e) => [...e.attributes].filter((a) => a.name.startsWith('on'))).length""")
            == 0
        )
    scripts = page.locator("script").all()
    kinds = [script.get_attribute("type") for script in scripts]
    assert kinds.count(None) == 1, "the page's own script and no other"


@pytest.mark.browser
def test_the_attack_is_there_to_be_read(hostile_page, look):
    file, cases = hostile_page
    page, _ = look(file)
    assert "<script>alert(2)</script>" in page.locator("h1").inner_text()
    read = set()
    for _ in cases:
        read.add(page.locator(".question").inner_text().rpartition(" ")[0])
        page.keyboard.press("j")
        page.wait_for_timeout(80)
    assert ATTACKS[0] in read
    assert ATTACKS[1] in read


@pytest.mark.browser
def test_direction_overrides_end_where_their_text_ends(hostile_page, look):
    page, _ = look(hostile_page[0])
    isolated = page.evaluate("""() => [...document.querySelectorAll(
        '.prose .step, .question, .row .asked, bdi')].every(
        (e) => getComputedStyle(e).unicodeBidi.includes('isolate'))""")
    assert isolated


@pytest.mark.browser
def test_the_policy_stops_a_script_that_is_not_ours(small_study, look):
    """The control: what the page's escaping would have to let through is stopped all the same."""
    file = written(small_study)
    smuggled = (
        "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    )
    file.write_text(file.read_text().replace("</main>", smuggled + "</main>"))
    page, seen = look(file)
    assert page.title() == "a small study · reasonscope"
    assert any("Content Security Policy" in said for said in seen.console)


@pytest.mark.browser
def test_without_the_policy_the_smuggled_script_would_run(small_study, look):
    """And the control of the control: the smuggled script is a working one."""
    file = written(small_study)
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", file.read_text())
    file.write_text(text.replace("</main>", "<script>document.title='owned'</script></main>"))
    page, _ = look(file)
    assert page.title() == "owned"


def test_a_notebook_shows_the_attack_as_text():
    for number, attack in enumerate(ATTACKS):
        case = hostile_case(number, attack)
        verdict = make_verdict(case, 0, False, reason=ALL, claim=ALL, expected=ALL)
        drawn = timeline_html(case, [verdict], [])
        tags = set(re.findall(r"</?([a-zA-Z]+)", drawn))
        assert tags <= {"div", "p", "b", "bdi", "span", "details", "summary"}
        assert not re.search(r"<[^>]*\son\w+\s*=", drawn)
