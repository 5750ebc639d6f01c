from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from llmx.view import write_view
from tests.view import made
from tests.view.browser import chromium, window

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "browser: needs Chromium and playwright")


@pytest.fixture(scope="module")  # not longer: while it is open, no other event loop can run in this thread
def browser() -> Iterator[Browser]:
    with chromium() as each:
        yield each


@pytest.fixture(scope="module")
def shared_window(browser: Browser) -> Iterator[Page]:
    with window(browser) as each:
        yield each


@pytest.fixture
def page(shared_window: Page) -> Page:
    """A window that was used before, on an empty page: a new profile for each test costs half of the time."""
    shared_window.goto("about:blank")
    return shared_window


@pytest.fixture(scope="session")
def one_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of one run with gold."""
    home = tmp_path_factory.mktemp("one")
    run = made.write_run(home / "small" / "out.jsonl", made.first_run())
    return write_view(
        [run], home / "view.html", documents=[made.write_texts(home / "texts")], gold=made.write_gold(home / "gold")
    )


@pytest.fixture(scope="session")
def two_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of two runs with gold."""
    home = tmp_path_factory.mktemp("two")
    runs = [
        made.write_run(home / name / "out.jsonl", rows)
        for name, rows in (("small", made.first_run()), ("large", made.second_run()))
    ]
    return write_view(
        runs, home / "view.html", documents=[made.write_texts(home / "texts")], gold=made.write_gold(home / "gold")
    )
