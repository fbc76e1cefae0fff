"""Rows by category, arcs and links on the strip, headlines and contents, in Chromium."""

import pytest
from looking import silent, step_said, until
from small_studies import make_case, make_finding, make_study, make_verdict, written

from reasonscope.report.page import Head
from reasonscope.report.panel import Mark, Panel
from reasonscope.traces.schema import LABELS

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.browser

HOSTILE = "</script><img src=x onerror=alert(1)> {{ 7 * 7 }} \u202e c1 closer hidden"

COLOURS = """() => {
    const canvas = document.querySelector('.strip canvas');
    const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
    const seen = new Set();
    for (let i = 0; i < data.length; i += 4) if (data[i + 3] === 255) seen.add(
        [data[i], data[i + 1], data[i + 2]].join());
    return [...seen];
}"""

HEIGHT = "document.querySelector('.strip canvas').clientHeight"


def make_mark(case, step, **fields) -> Mark:
    settings = {"layer": "labels", "kind": "neutral", "text": "says"} | fields
    return Mark(trace_id=case.trace.trace_id, step_index=step, **settings)


def four_steps():
    return make_case("Four?", ["One. ", "Two. ", "Three. ", "Four."], answer="4")


def page_with(tmp_path, look, marks, case=None, **settings):
    held = case or four_steps()
    file = written(make_study(tmp_path / "s", [held]), marks=lambda ids: marks(held))
    return *look(file, **settings), file


def test_each_category_has_its_colour_and_its_words(tmp_path, look):
    page, seen, file = page_with(
        tmp_path,
        look,
        lambda case: [make_mark(case, n, category=LABELS[n]) for n in range(4)],
        color_scheme="light",
    )
    colours = page.evaluate(COLOURS)
    for colour in ("158,84,0", "160,150,36", "37,92,112", "69,148,240"):
        assert colour in colours
    legend = page.locator(".swatches").inner_text().split("\n")
    assert legend[1:] == ["problem setup", "plan generation", "fact retrieval",
                          "active computation"]  # fmt: skip
    page.keyboard.press("ArrowRight")
    assert step_said(page) == "Step 2 of 4: nothing to check, plan generation"
    assert "plan generation" in page.locator(".card").inner_text()
    assert silent(seen, file)


def test_without_categories_there_is_no_legend_and_no_colour(tmp_path, look):
    page, _, _ = page_with(tmp_path, look, lambda case: [make_mark(case, 1)], color_scheme="light")
    assert page.locator(".swatches").count() == 0
    assert "160,150,36" not in page.evaluate(COLOURS)


def test_links_go_both_ways_by_keyboard(tmp_path, look):
    edges = [(2, 0), (2, 1), (3, 2)]
    page, _, _ = page_with(
        tmp_path,
        look,
        lambda case: [
            make_mark(case, step, layer="edges", target=target, text=f"the {target} flows")
            for step, target in edges
        ],
    )
    assert page.locator(".layers").count() == 0, "edges have no row of their own"
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    links = page.locator(".card .links li").all_inner_texts()
    assert links == ["Uses step 1 → the 0 flows", "Uses step 2 → the 1 flows", "Used by step 4 →"]
    page.get_by_role("button", name="Used by step 4").focus()
    page.keyboard.press("Enter")
    assert step_said(page).startswith("Step 4 of 4")
    assert page.evaluate("document.activeElement.className") == "card"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert step_said(page).startswith("Step 3 of 4")


def test_arcs_of_edges_are_drawn_for_the_current_step_only(tmp_path, look):
    page, _, _ = page_with(
        tmp_path,
        look,
        lambda case: [make_mark(case, 3, layer="edges", target=0)],
        color_scheme="light",
    )
    accent = "43,92,148"
    assert accent not in page.evaluate(COLOURS), "step 1 uses nothing"
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    assert accent not in page.evaluate(COLOURS)
    page.keyboard.press("ArrowRight")
    assert accent in page.evaluate(COLOURS)


def test_returns_are_drawn_whatever_step_is_current(tmp_path, look):
    inked = """() => {
        const canvas = document.querySelector('.strip canvas');
        const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, 24).data;
        let count = 0;
        for (let i = 3; i < data.length; i += 4) if (data[i]) count += 1;
        return count;
    }"""
    page, _, _ = page_with(
        tmp_path,
        look,
        lambda case: [make_mark(case, 3, layer="backtracking", target=1, text="again")],
    )
    assert page.evaluate(inked) > 50
    assert page.get_by_text("Rows below the cells: backtracking").is_visible()


def test_a_trace_without_arcs_keeps_no_room_for_them(tmp_path, look):
    (tmp_path / "a").mkdir()
    page, _, _ = page_with(tmp_path / "a", look, lambda case: [make_mark(case, 1)])
    low = page.evaluate(HEIGHT)
    page, _, _ = page_with(
        tmp_path, look, lambda case: [make_mark(case, 1), make_mark(case, 2, target=1)]
    )
    assert page.evaluate(HEIGHT) == low + 24


def hostile_marks(case):
    targets = (-1, 4, 10**9, 2, None, 0)
    made = [
        make_mark(case, step, layer=layer, category=HOSTILE, text=HOSTILE, target=target)
        for layer in (HOSTILE, "__proto__", "constructor", "edges", "backtracking")
        for target in targets
        for step in (0, 2, 3, 99, -7, None)
    ]
    return [*made, *(make_mark(case, 1, kind=HOSTILE, category=f"{n}") for n in range(500))]


def test_hostile_categories_layers_and_targets_do_no_harm(tmp_path, look):
    page, seen, file = page_with(tmp_path, look, hostile_marks)
    for _ in range(5):
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(30)
    assert HOSTILE in page.locator(".card").inner_text()
    assert page.locator("img").count() == 0
    for link in page.locator(".card .jump").all()[:5]:
        assert int(link.inner_text().split()[-2].replace(",", "")) in range(1, 5)
    assert silent(seen, file)


def test_ten_thousand_labelled_steps_with_edges_and_returns_stay_usable(tmp_path, look):
    case = make_case("Count!", [f"{n} + 1 = {n + 1}. " for n in range(10_000)])

    def marks(case):
        for n in range(10_000):
            yield make_mark(case, n, category=LABELS[n % 8])
            if n:
                yield make_mark(case, n, layer="edges", target=n - 1)
            if n % 10 == 9:
                yield make_mark(case, n, layer="backtracking", target=n - 9)

    page, seen, _ = page_with(tmp_path, look, lambda case: list(marks(case)), case)
    assert page.get_by_text("200 of 1,000 arcs are drawn").is_visible()
    page.locator(".strip [role=slider]").focus()
    page.keyboard.press("End")
    expect(page.locator(".step.now")).to_have_text("9999 + 1 = 10000.")
    page.get_by_role("button", name="Returns to step 9,991").click()
    assert step_said(page).startswith("Step 9991 of 10000")
    assert not seen.errors


def study_with_findings(tmp_path):
    sentence = "This could not be assessed: no problem has two attempts"
    findings = [
        make_finding(instrument="x", name="main", sentence="90 % are right"),
        make_finding(instrument="x", name="other", sentence="Another thing"),
        make_finding(None, instrument="idle", name="slope", sentence=sentence),
    ]
    case = four_steps()
    study = make_study(tmp_path / "s", [case], [make_verdict(case, 0, True)], findings=findings)
    panels = [
        Panel(name="x", title="What one sees", lead="Lead."),
        Panel(name="idle", title="Nothing", lead="Folded lead."),
    ]
    heads = [
        Head(name="x", title="Answers", headlines=("main",)),
        Head(name="idle", title="Length", headlines=("slope",)),
    ]
    return written(study, panels, heads=heads)


def test_a_headline_shows_number_sentence_and_control_without_a_click(tmp_path, look):
    page, seen = look(file := study_with_findings(tmp_path))
    head = page.locator("#findings .headline")
    assert head.count() == 1
    for said in ("90 % are right", "80 to 95 %", "Control: 10 %", "answers shuffled"):
        assert head.get_by_text(said).first.is_visible()
    assert head.bounding_box()["y"] < 600, "in the first window"
    assert silent(seen, file)


def test_what_could_not_be_assessed_unfolds_with_its_reason(tmp_path, look):
    page, _ = look(study_with_findings(tmp_path))
    reason = page.locator(".unassessed").get_by_text("no problem has two attempts")
    assert reason.is_hidden()
    page.get_by_text("1 finding could not be assessed").click()
    assert reason.is_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_the_contents_lead_to_a_panel_and_unfold_it(tmp_path, look, width):
    page, seen = look(study_with_findings(tmp_path), viewport={"width": width, "height": 800})
    assert page.get_by_text("Folded lead.").is_hidden()
    page.mouse.wheel(0, 400)
    page.locator("#contents summary").click()
    page.locator("#contents a", has_text="Length").click()
    assert page.locator("#contents ol").is_hidden()
    until(page, "document.querySelector('#panel-1 > details').open")
    expect(page.get_by_text("Folded lead.")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert not seen.errors


def test_the_contents_close_with_escape(tmp_path, look):
    page, _ = look(study_with_findings(tmp_path))
    page.locator("#contents summary").focus()
    page.keyboard.press("Enter")
    assert page.locator("#contents ol").is_visible()
    page.keyboard.press("Escape")
    assert page.locator("#contents ol").is_hidden()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_print_unfolds_everything_but_the_contents(tmp_path, look):
    page, _ = look(study_with_findings(tmp_path))
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.get_by_text("Folded lead.").is_visible()
    assert page.locator(".unassessed").is_visible()
    assert page.locator("#contents ol").is_hidden()


def test_narrow_tables_scroll_instead_of_breaking_words(tmp_path, look):
    from reasonscope.report.panel import Table

    table = Table(
        title="T",
        columns=tuple(f"column{n}" for n in range(12)),
        rows=(("reasoner", *range(1000, 1011)),),
    )
    panel = Panel(name="x", title="T", lead="L.", tables=(table,))
    file = written(make_study(tmp_path / "s"), [panel])
    page, _ = look(file, viewport={"width": 390, "height": 800})
    assert page.locator("td").nth(3).bounding_box()["height"] < 40
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
