"""The pages of a PDF in the review: pictures and boxes come from the server, for the documents of the run only."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from llmx.review import open_review
from tests.documents.made_pdf import text_pdf
from tests.review.serving import Served, serving
from tests.view.paged import WORDS, write_paged_run

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture
def paged(tmp_path: Path) -> Iterator[Served]:
    with serving(open_review(write_paged_run(tmp_path / "run"), tmp_path / "gold", user="ada")) as served:
        yield served


def test_the_server_gives_the_picture_of_a_page_and_the_boxes_of_places(paged: Served) -> None:
    _, opened = paged.call("open", id="invoice")
    assert [page["number"] for page in opened["pages"]] == [1, 2]
    status, answer = paged.call("page", id="invoice", page=2)
    assert status == 200
    assert base64.b64decode(answer["picture"].partition(",")[2]).startswith(b"\x89PNG")
    start = opened["text"].index(WORDS["account"])
    _, found = paged.call("places", id="invoice", spans={"/x": [start, start + 4]})
    ((page, x0, y0, x1, y1),) = found["places"]["/x"]
    assert page == 2
    assert 0 < x0 < x1 < 595
    assert 0 < y0 < y1 < 842


@pytest.mark.slow
@pytest.mark.parametrize(
    ("call", "body"),
    [
        ("page", {"id": "invoice", "page": 3}),
        ("page", {"id": "invoice", "page": "1"}),
        ("page", {"id": "../invoice", "page": 1}),
        ("places", {"id": "invoice", "spans": {"/x": [1]}}),
        ("places", {"id": "invoice", "spans": [1, 2]}),
    ],
    ids=["no such page", "no number", "no such document", "half a place", "no places"],
)
def test_a_call_for_what_is_not_there_is_refused(paged: Served, call: str, body: dict[str, object]) -> None:
    status, answer = paged.call(call, **body)
    assert status == 400, answer


@pytest.mark.slow
@pytest.mark.browser
def test_the_page_stands_beside_the_form_and_its_boxes_lead_to_the_values(page: Page, paged: Served) -> None:
    page.goto(paged.address)
    page.wait_for_selector(".sheet img")
    page.wait_for_selector(".box")
    page.locator('.row[data-pointer="/goods"]').click(position={"x": 30, "y": 9})
    assert page.locator(".box.on").count() == 2
    page.locator('.sheet[data-page="2"] .box').click()
    assert page.locator(".row.chosen").get_attribute("data-pointer") == "/account"
    page.keyboard.press("c")  # words are chosen in the text
    assert page.locator("#text").is_visible()


@pytest.mark.slow
@pytest.mark.browser
def test_three_hundred_pages_are_drawn_only_where_somebody_looks(page: Page, tmp_path: Path) -> None:
    (tmp_path / "long.pdf").write_bytes(text_pdf(*(f"The page {n}." for n in range(1, 301))))
    run = write_paged_run(tmp_path / "run", {"last": "The page 300."}, source=tmp_path / "long.pdf")
    with serving(open_review(run, tmp_path / "gold", user="ada")) as served:
        page.goto(served.address)
        page.wait_for_selector('.sheet[data-page="300"] img')  # the first value is chosen, and stands there
        assert page.locator(".sheet").count() == 300
        page.wait_for_function("document.querySelectorAll('.sheet img').length < 10")
        assert page.locator(".strip [aria-current]").inner_text() in {"299", "300"}
