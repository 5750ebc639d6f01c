"""The pages of a PDF in a real browser: the page beside the record, each value's words in their boxes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from llmx.documents import Document, read_documents
from llmx.view import write_view
from llmx.view.pages import PageView, PictureBudget
from tests.documents.made_pdf import text_pdf
from tests.view.paged import WORDS, write_paged_run

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture(scope="module")
def paged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The view of a run over an invoice of two pages; beside it lies out.jsonl."""
    home = tmp_path_factory.mktemp("paged")
    return write_view([write_paged_run(home)], home / "view.html")


def visit(page: Page, file: Path) -> None:
    page.goto(file.as_uri())
    page.wait_for_selector(".sheet img")


@pytest.mark.slow
@pytest.mark.browser
def test_the_words_of_each_value_lie_in_boxes_on_the_picture_of_their_page(page: Page, paged: Path) -> None:
    visit(page, paged)
    page.wait_for_function("[...document.images].every(each => each.complete && each.naturalWidth > 500)")
    evidence = json.loads((paged.parent / "out.jsonl").read_text())["evidence"]
    for name in WORDS:
        page.click(f'.row[data-pointer="/{name}"]')
        proof = evidence[f"/{name}"]
        seen = page.evaluate(
            """[...document.querySelectorAll('.box.on')].map(box => {
                const at = box.getBoundingClientRect(), sheet = box.closest('.sheet'), paper = sheet.getBoundingClientRect();
                return [Number(sheet.dataset.page), (at.left - paper.left) / paper.width, (at.top - paper.top) / paper.height, at.width / paper.width];
            })"""
        )
        wanted = [[proof["page"], x0 / 595, y0 / 842, (x1 - x0) / 595] for x0, y0, x1, _ in proof["boxes"]]
        assert seen == [pytest.approx(each, abs=0.003) for each in wanted], name


@pytest.mark.browser
def test_a_click_leads_both_ways_and_the_page_of_a_value_comes_into_sight(page: Page, paged: Path) -> None:
    visit(page, paged)
    page.click('.row[data-pointer="/account"]')
    page.locator(".strip [aria-current]", has_text="2").wait_for()  # the strip follows once the sheet has come in sight
    page.keyboard.press("Escape")
    page.locator(".strip button").first.click()
    page.locator('.sheet[data-page="1"] .box').first.click()
    assert page.locator(".row.chosen").get_attribute("data-pointer") in {f"/{name}" for name in WORDS}


@pytest.mark.browser
def test_the_page_can_be_enlarged_and_changed_for_its_text(page: Page, paged: Path) -> None:
    visit(page, paged)
    width = "document.querySelector('.sheet').getBoundingClientRect().width"
    before = page.evaluate(width)
    page.keyboard.press("+")
    assert page.evaluate(width) == pytest.approx(1.25 * before, rel=0.02)
    page.keyboard.press("v")
    assert page.locator("#text").is_visible()
    assert not page.locator("#paper").is_visible()
    page.click('.row[data-pointer="/day"]')
    assert page.locator(".hit.on").inner_text() == WORDS["day"]
    page.keyboard.press("v")
    assert page.locator(".box.on").count() == 1


def test_the_pictures_in_a_view_keep_to_their_budget_and_those_with_proofs_come_first(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(text_pdf("page", "page", "page", "page"))
    (document,) = read_documents(tmp_path / "a.pdf")
    assert isinstance(document, Document)
    ready = PageView.of(document)
    assert ready is not None
    records = [{"evidence": {"/a": {"page": 3, "boxes": [[1, 2, 3, 4]]}, "/b": None}}]
    size = len(ready.picture(1))
    budget = PictureBudget(5 * size + 9, documents=2)
    assert [number for number, _ in budget.pictures(ready, records)] == [3, 1]
    assert len(list(budget.pictures(ready, records))) == 3


def test_a_document_without_pages_has_the_same_block_as_ever(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Order 7")
    run = tmp_path / "out.jsonl"
    run.write_text(
        json.dumps({"id": "a", "source": str(tmp_path / "a.txt"), "status": "ok", "data": {"n": 7}, "evidence": {}})
    )
    assert (
        '"pages"'
        not in write_view([run], tmp_path / "view.html").read_text().split('id="d0">')[1].split("</script>")[0]
    )
