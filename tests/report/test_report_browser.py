"""What a person does with the page, in Chromium: read, click, type, press keys, print."""

import pytest
from looking import silent, step_said, until
from small_studies import make_case, make_finding, make_study, make_verdict, three_cases, written

from reasonscope.report.panel import Mark
from reasonscope.traces.schema import Verdict

expect = pytest.importorskip("playwright.sync_api").expect
pytestmark = pytest.mark.browser


def test_the_page_opens_without_a_word_or_a_request(small_study, look):
    file = written(small_study)
    page, seen = look(file)
    assert page.title() == "a small study · reasonscope"
    assert silent(seen, file)


def test_the_first_trace_is_the_wrong_one_at_its_first_error(small_study, look):
    page, _ = look(written(small_study))
    assert page.locator("#list [aria-selected=true] .asked").inner_text() == (
        "Three and three and one?"
    )
    assert step_said(page) == "Step 2 of 3: false"
    card = page.locator(".card").inner_text()
    assert "Expected: 6" in card
    assert "3 + 3 = 5" in card


def test_arrows_move_through_steps_and_stop_at_the_ends(small_study, look):
    page, _ = look(written(small_study))
    for key, said in (
        ("ArrowRight", "Step 3 of 3: holds"),
        ("ArrowRight", "Step 3 of 3: holds"),
        ("ArrowLeft", "Step 2 of 3: false"),
        ("ArrowLeft", "Step 1 of 3: nothing to check"),
        ("ArrowLeft", "Step 1 of 3: nothing to check"),
        ("n", "Step 2 of 3: false"),
    ):
        page.keyboard.press(key)
        assert step_said(page) == said
    expect(page.locator(".step.now")).to_have_text("3 + 3 = 5.")


def test_a_retracted_claim_links_to_the_step_that_takes_it_back(small_study, look):
    page, _ = look(written(small_study))
    page.keyboard.press("j")
    until(page, "document.querySelector('.question').textContent == 'Four and three?'")
    page.keyboard.press("ArrowLeft")
    assert step_said(page) == "Step 1 of 3: false, taken back later"
    page.get_by_role("button", name="Taken back in step 3").click()
    assert step_said(page) == "Step 3 of 3: holds"


def test_a_deep_link_opens_its_trace_at_its_step_and_follows(small_study, look):
    cases = three_cases()[0]
    name = cases[1].trace.trace_id
    page, _ = look(written(small_study), f"#trace={name}&step=2")
    assert step_said(page) == "Step 2 of 3: nothing to check"
    page.keyboard.press("ArrowRight")
    assert page.evaluate("location.hash") == f"#trace={name}&step=3"
    page.evaluate(f"location.hash = '#trace={cases[0].trace.trace_id}&step=1'")
    until(page, "document.querySelector('.question').textContent.startsWith('Three')")
    assert step_said(page) == "Step 1 of 3: nothing to check"


@pytest.mark.parametrize("address", ["#trace=nosuch", "#trace=&step=x", "#step=99", "#%00&=&&"])
def test_a_link_to_nothing_opens_the_page_all_the_same(small_study, look, address):
    file = written(small_study)
    page, seen = look(file, address)
    assert page.locator(".question").count() == 1
    assert silent(seen, file)


def test_a_step_number_past_the_end_is_the_last_step(small_study, look):
    name = three_cases()[0][0].trace.trace_id
    page, _ = look(written(small_study), f"#trace={name}&step=999")
    assert step_said(page) == "Step 3 of 3: holds"


def test_search_finds_words_of_the_reasoning_and_filters_narrow(small_study, look):
    page, _ = look(written(small_study))
    page.keyboard.press("/")
    page.keyboard.type("nobody KNOWS")
    until(page, "document.querySelectorAll('#list [role=option]').length == 1")
    assert page.locator("#list .asked").inner_text() == "Who is there?"
    assert page.locator("#count").inner_text() == "1 of 3 traces"
    page.fill("#query", "")
    page.select_option("#outcome", "true")
    until(page, "document.querySelector('#list .asked').textContent == 'Four and three?'")
    page.select_option("#outcome", "")
    page.select_option("#has", "unchecked")
    until(page, "document.querySelector('#list .asked').textContent == 'Who is there?'")
    page.select_option("#outcome", "true")
    page.wait_for_selector("text=No trace fits these filters.")


def test_search_for_what_is_nowhere_finds_nothing(small_study, look):
    page, _ = look(written(small_study))
    page.fill("#query", "<b>zzz</b>")
    page.wait_for_selector("text=No trace fits these filters.")


def test_length_and_model_filters(small_study, look):
    page, _ = look(written(small_study))
    page.fill("#most", "20")
    until(page, "document.querySelectorAll('#list [role=option]').length == 1")
    page.fill("#most", "")
    page.select_option("#model", label="other")
    until(page, "document.querySelectorAll('#list [role=option]').length == 1")
    assert page.locator("[data-word=family]").is_hidden(), "one family needs no filter"


def test_the_list_works_by_keyboard_with_one_stop_for_tab(small_study, look):
    page, _ = look(written(small_study))
    assert page.locator("#list [tabindex='0']").count() == 1
    page.locator("#list [tabindex='0']").focus()
    page.keyboard.press("ArrowDown")
    until(page, "document.activeElement.innerText.includes('Four and three?')")
    assert page.locator("#list [tabindex='0']").count() == 1
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#list')") is None


def test_all_of_the_page_can_be_reached_by_tab(small_study, look):
    page, _ = look(written(small_study))
    page.evaluate("document.activeElement.blur()")
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate(
                """(e => e.id || e.getAttribute('role') || e.className || e.tagName)(
                document.activeElement)"""
            )
        )
    assert {"theme", "query", "outcome", "option", "slider", "card", "help-open"} <= reached


def test_help_opens_with_a_question_mark_and_closes(small_study, look):
    page, _ = look(written(small_study))
    page.keyboard.press("?")
    assert page.locator("#help").is_visible()
    page.keyboard.press("Escape")
    assert page.locator("#help").is_hidden()


def test_typing_in_the_search_moves_nothing(small_study, look):
    page, _ = look(written(small_study))
    before = step_said(page)
    page.focus("#query")
    page.keyboard.type("njk?")
    assert step_said(page) == before
    assert page.locator("#help").is_hidden()


def test_a_finding_opens_to_its_method_and_control(small_study, look):
    page, _ = look(written(small_study))
    assert page.get_by_text("answers shuffled between problems").is_hidden()
    page.locator(".finding summary").click()
    assert page.get_by_text("answers shuffled between problems").is_visible()
    assert page.get_by_text("95 % interval: wilson").is_visible()


def test_the_theme_toggle_changes_the_paper(small_study, look):
    page, _ = look(written(small_study), color_scheme="light")
    paper = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(paper)
    page.click("#theme")
    page.click("#theme")
    assert page.locator("#theme").inner_text() == "Theme: dark"
    assert page.evaluate(paper) != light


def test_dark_is_followed_and_paper_is_always_light(small_study, look):
    page, _ = look(written(small_study), color_scheme="dark")
    paper = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(paper)
    page.emulate_media(media="print")
    assert page.evaluate(paper) != dark
    assert page.locator(".finder").is_hidden()
    assert page.locator(".prose").is_visible()


def test_it_prints(small_study, look):
    page, seen = look(written(small_study))
    assert page.pdf()[:5] == b"%PDF-"
    assert not seen.errors


def test_it_fits_a_phone(small_study, look):
    page, _ = look(written(small_study), viewport={"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_click_on_a_sentence_makes_it_current(small_study, look):
    page, _ = look(written(small_study))
    page.locator(".prose .step").nth(2).click()
    assert step_said(page) == "Step 3 of 3: holds"


def test_a_click_on_the_strip_goes_there(small_study, look):
    page, _ = look(written(small_study))
    box = page.locator(".strip canvas").first.bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.8, box["y"] + 40)
    assert step_said(page) == "Step 3 of 3: holds"


def test_the_strip_draws_the_colours_of_its_verdicts(small_study, look):
    page, _ = look(written(small_study))
    colours = page.evaluate("""() => {
        const canvas = document.querySelector('.strip canvas');
        const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
        const seen = new Set();
        for (let i = 0; i < data.length; i += 4) if (data[i + 3] === 255) seen.add(
            [data[i], data[i + 1], data[i + 2]].join());
        return [...seen];
    }""")
    assert "217,87,31" in colours, "a false step"
    assert "142,205,189" in colours, "a step that holds"


def test_marks_of_other_instruments_get_a_row_and_a_note(small_study, look):
    name = three_cases()[0][0].trace.trace_id
    mark = Mark(trace_id=name, step_index=1, layer="flips", kind="neutral", text="turns round")
    page, _ = look(written(small_study, marks=lambda ids: [mark]))
    assert page.get_by_text("Rows below the cells: flips").is_visible()
    assert "turns round" in page.locator(".card").inner_text()


def test_offsets_count_right_beside_wide_characters(tmp_path, look):
    case = make_case("😀?", ["😀😀 so ", "2 + 2 = 5."])
    start = case.trace.reasoning.index("2 + 2")
    verdict = make_verdict(case, 1, False, char_start=start, char_end=start + 9)
    page, _ = look(written(make_study(tmp_path / "s", [case], [verdict])))
    assert page.locator(".prose .claimed").inner_text() == "2 + 2 = 5"


def test_a_trace_without_reasoning_and_a_study_without_verdicts(tmp_path, look):
    case = make_case("And?", [], answer="Just so.")
    file = written(make_study(tmp_path / "s", [case]))
    page, seen = look(file)
    assert page.get_by_text("No steps: the reasoning is empty.").is_visible()
    assert page.get_by_text("Just so.").is_visible()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("n")
    assert silent(seen, file)


def test_an_empty_study_says_so(tmp_path, look):
    file = written(make_study(tmp_path / "s"))
    page, seen = look(file)
    assert page.get_by_text("Nothing has been measured yet").is_visible()
    assert page.get_by_text("No traces yet.", exact=True).is_visible()
    assert silent(seen, file)


def test_a_trace_left_out_is_listed_with_the_command_that_shows_it(tmp_path, look):
    # Pieces of hashes: text that does not shrink, so that the budget holds only one trace.
    from hashlib import sha256

    cases = [
        make_case(f"Question {n}?", [sha256(f"{n} {i}".encode()).hexdigest() for i in range(400)])
        for n in range(3)
    ]
    file = written(make_study(tmp_path / "s", cases), budget_bytes=40_000)
    page, seen = look(file)
    assert "Showing 1 of 3 traces" in page.locator(".embedded").inner_text()
    page.locator("#list .row.absent").first.click()
    assert "reasonscope show STUDY" in page.locator(".reader").inner_text()
    page.keyboard.press("ArrowRight")
    assert silent(seen, file)


def test_ten_thousand_steps_stay_usable(tmp_path, look):
    pieces = [f"{n} + 1 = {n + 1}. " for n in range(10_000)]
    case = make_case("Count!", pieces)
    verdicts = [make_verdict(case, n, n != 9_000) for n in range(10_000)]
    page, seen = look(written(make_study(tmp_path / "s", [case], verdicts)))
    assert step_said(page) == "Step 9001 of 10000: false"
    page.keyboard.press("ArrowRight")
    now = page.locator(".step.now")
    expect(now).to_have_text("9001 + 1 = 9002.")
    expect(now).to_be_in_viewport()
    page.locator(".strip [role=slider]").focus()
    page.keyboard.press("Home")
    expect(now).to_have_text("0 + 1 = 1.")
    expect(now).to_be_in_viewport()
    assert page.get_by_text("Closer: steps 1 to 60").is_visible()
    assert page.evaluate("document.querySelectorAll('.prose *').length") < 6_000
    assert not seen.errors


def test_a_line_of_a_megabyte_is_cut_until_asked_for(tmp_path, look):
    case = make_case("Long?", ["x" * 1_000_000, " end."])
    page, seen = look(written(make_study(tmp_path / "s", [case])))
    shown = page.evaluate("document.querySelector('.prose .step').textContent.length")
    assert shown < 20_000
    page.locator(".prose .cut").click()
    assert page.evaluate("document.querySelector('.prose .step').textContent.length") == 1_000_000
    assert not seen.errors


def test_a_verdict_on_a_step_that_is_not_there_does_no_harm(tmp_path, look):
    case = make_case("One?", ["One."])
    stray = Verdict(
        trace_id=case.trace.trace_id, step_index=77, verifier="v", correct=False, reason="stray"
    )
    file = written(make_study(tmp_path / "s", [case], [stray], findings=[make_finding(None)]))
    page, seen = look(file)
    assert step_said(page) == "Step 1 of 1: nothing to check"
    assert silent(seen, file)
