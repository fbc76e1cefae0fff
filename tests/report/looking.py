"""What browser tests ask of an open page."""


def step_said(page) -> str:
    return page.locator(".strip [role=slider]").get_attribute("aria-valuetext")


def until(page, condition: str) -> None:
    """Wait for a condition; the page's policy forbids what Playwright's own waiting needs."""
    for _ in range(100):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"still not so: {condition}")


def silent(seen, file) -> bool:
    return (
        not seen.console
        and not seen.errors
        and not seen.dialogs
        and [url.partition("#")[0] for url in seen.requests] == [file.as_uri()]
    )
