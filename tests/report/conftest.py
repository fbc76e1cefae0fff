"""A small study, and a headless Chromium to look at its page."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from small_studies import make_finding, make_study, three_cases

from reasonscope.traces.store import Study

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
def small_study(tmp_path: Path) -> Study:
    """Three traces, each of another kind, with one finding."""
    return make_study(tmp_path / "small", *three_cases(), [make_finding()])


@pytest.fixture(scope="session")
def chromium() -> Iterator[object]:
    """A headless Chromium; tests that need it are skipped where there is none."""
    sync_api = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with sync_api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def look(chromium) -> Iterator[Callable]:
    """Open a file; ``seen`` collects whatever a safe page must not do."""
    contexts = []

    def opened(file: Path, hash_: str = "", **context_settings) -> tuple:
        context = chromium.new_context(
            **({"viewport": {"width": 1280, "height": 900}} | context_settings)
        )
        contexts.append(context)
        page = context.new_page()
        seen = SimpleNamespace(console=[], errors=[], dialogs=[], requests=[])
        page.on("console", lambda message: seen.console.append(message.text))
        page.on("pageerror", lambda error: seen.errors.append(str(error)))
        page.on("dialog", lambda dialog: (seen.dialogs.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: seen.requests.append(request.url))
        page.goto(file.as_uri() + hash_)
        page.wait_for_selector("html[data-ready]", state="attached")
        return page, seen

    yield opened
    for context in contexts:
        context.close()
