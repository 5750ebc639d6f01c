"""Takes the pictures of the docs, of made-up documents: ``python -m tests.view.pictures docs/pictures``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from llmx.view import write_view
from tests.review.serving import serving
from tests.review.session_case import session_in
from tests.view import made
from tests.view.browser import chromium, window

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SIZE = {"viewport": {"width": 1280, "height": 680}}


def take_view(browser: Browser, home: Path, into: Path) -> None:
    """The view of a run, in light, the figures of two, in dark, their differences, and a phone."""
    small = made.write_run(home / "small" / "out.jsonl", made.first_run())
    large = made.write_run(home / "large" / "out.jsonl", made.second_run())
    texts, gold = made.write_texts(home / "texts"), made.write_gold(home / "marked")
    file = write_view([small], home / "view.html", documents=[texts], gold=gold)
    with window(browser, **SIZE) as page:
        page.goto(f"{file.as_uri()}#doc=harbour&value=/investment")
        page.screenshot(path=into / "view.png")
    file = write_view([small, large], home / "two.html", documents=[texts], gold=gold)
    with window(browser, **SIZE, color_scheme="dark") as page:
        page.goto(f"{file.as_uri()}#doc=harbour&page=figures")
        page.screenshot(path=into / "view-figures.png")
    with window(browser, **SIZE) as page:
        page.goto(f"{file.as_uri()}#page=values")
        page.wait_for_selector(".value-row")
        page.screenshot(path=into / "view-values.png")
    with window(browser, viewport={"width": 390, "height": 760}) as page:
        page.goto(f"{file.as_uri()}#doc=harbour&value=/investment")
        page.wait_for_selector(".run-pane")
        page.screenshot(path=into / "view-phone.png")


def take_review(browser: Browser, home: Path, into: Path) -> None:
    """The review, with words selected to become a value."""
    with serving(session_in(home)) as served, window(browser, **SIZE) as page:
        page.goto(f"{served.address}#harbour")
        page.wait_for_selector(".row.chosen")
        for key in ("a", "a", "v"):
            page.keyboard.press(key)
        page.keyboard.insert_text("Baltic Grid")
        page.keyboard.press("Enter")
        page.locator('.row[data-pointer="/fields/2"]').click()
        page.keyboard.press("c")
        while page.evaluate("String(getSelection())") != "grid":
            page.keyboard.press("ArrowRight")
        page.keyboard.press("Shift+ArrowRight")
        page.wait_for_timeout(300)
        page.locator("#form-pane").evaluate("pane => { pane.scrollTop = 210 }")
        page.wait_for_timeout(200)
        page.screenshot(path=into / "review.png")


def main(into: Path) -> None:
    """Take all pictures."""
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, chromium() as browser:
        take_view(browser, Path(home), into)
        take_review(browser, Path(home), into)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
