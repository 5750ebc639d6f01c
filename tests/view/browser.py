"""A real Chromium for tests: headless, a fresh profile, no network but loopback."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--force-color-profile=srgb",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)  # fmt: skip
_EXPECTED = re.compile(
    r"status of 40[39]|ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE"
)  # conflicts, restarted and killed servers
REQUIRED = "LLMX_REQUIRE_BROWSER"  # set in CI, where a missing browser is a fault and not a reason to skip


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser; skips the test, with the reason, where there is none."""
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        path, reason = None, "playwright is not installed: pip install playwright"
    else:
        reason = "no Chromium on the PATH: apt-get install chromium"
    if path is None:
        (pytest.fail if os.environ.get(REQUIRED) else pytest.skip)(reason)
    with unmeasured(), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@contextmanager
def unmeasured() -> Iterator[None]:
    """Measure no coverage within the block: playwright's calls are greenlets.

    A tracer that knows nothing of greenlets takes the lines of one for those of another. One that does keeps its data in a
    dictionary with weak references, and never returns if it is called while the greenlet of a thread that has ended goes.
    """
    try:
        from coverage import Coverage
    except ImportError:
        measuring = None
    else:
        measuring = Coverage.current()
    if measuring is None:
        yield
        return
    measuring.stop()
    try:
        yield
    finally:
        measuring.start()


@contextmanager
def window(browser: Browser, **options: Any) -> Iterator[Page]:
    """A window with a profile of its own, in which no script may fail and no policy may be violated."""
    context = browser.new_context(**({"viewport": {"width": 1440, "height": 900}} | options))
    context.set_default_timeout(40_000)  # a busy machine is slow, not wrong
    context.on("dialog", lambda dialog: dialog.accept())  # leaving a page whose edits are on their way
    page = context.new_page()
    faults = watch(page)
    yield page
    context.close()
    assert not faults, faults


def barriers(page: Page) -> list[str]:
    """What axe (https://github.com/dequelabs/axe-core) finds serious or critical for people who hear the page."""
    from importlib.resources import files

    page.evaluate(files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8"))
    found: list[str] = page.evaluate(
        "async () => (await axe.run()).violations.filter(each => ['serious', 'critical'].includes(each.impact))"
        ".flatMap(each => each.nodes.map(node => `${each.id}: ${node.html.slice(0, 200)}`))"
    )
    return found


def watch(page: Page) -> list[str]:
    """Collect what goes wrong in a page."""
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda said: faults.append(said.text) if said.type == "error" and not _EXPECTED.search(said.text) else None,
    )
    return faults
