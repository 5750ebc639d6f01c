from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.review.serving import Served, serving
from tests.review.session_case import session_in
from tests.view.browser import chromium, window

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "browser: needs Chromium and playwright")


@pytest.fixture(scope="module")  # not longer: while it is open, no other event loop can run in this thread
def browser() -> Iterator[Browser]:
    with chromium() as each:
        yield each


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with window(browser) as each:
        yield each


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serving(session_in(tmp_path)) as each:
        yield each
