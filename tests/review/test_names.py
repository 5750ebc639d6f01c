"""Merges of names are corrected in the review: what is said is kept, the run is linked anew, and it can be taken back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from llmx.errors import UsageError
from llmx.link.kept_tables import read_links
from llmx.link.linking import LinkOptions, corrections_path, figures_of, link_run
from llmx.link.output import undo, write_links
from llmx.link.tables import rows_of
from llmx.review import ReviewSession, open_review
from llmx.review.names import names_of, say
from tests.review.serving import serving
from tests.view.browser import barriers

if TYPE_CHECKING:
    from playwright.sync_api import Page

NAMES = {"a": ("Lorant GmbH", "Kestrel"), "b": ("LORANT", "Kestrel Energy"), "c": ("Harrow", "Kestrel")}


@pytest.fixture
def session(tmp_path: Path) -> Iterator[ReviewSession]:
    run = tmp_path / "out.jsonl"
    rows: list[dict[str, object]] = [
        {"id": id_, "source": None, "status": "ok", "data": {"seller": one, "buyer": two}, "issues": [], "evidence": {}}
        for id_, (one, two) in NAMES.items()
    ]
    run.write_text("".join(json.dumps(row) + "\n" for row in rows))
    linked = link_run(run, None, LinkOptions(on=("seller", "buyer")))
    write_links(run, rows_of(linked), figures_of(linked))
    opened = open_review(run, tmp_path / "gold", user="Ada")
    yield opened
    opened.journal.close()


def entities(session: ReviewSession) -> set[tuple[str, ...]]:
    return {tuple(row["names"]) for row in read_links(session.run.path)["entities"]}


def test_a_merge_that_is_refused_in_the_review_parts_the_names_until_that_is_taken_back(session: ReviewSession) -> None:
    before = entities(session)
    assert ("LORANT", "Lorant GmbH") in before
    pairs = {(pair["name_a"], pair["name_b"]): pair["decision"] for pair in names_of(session)["pairs"]}
    assert pairs == {("Kestrel", "Kestrel Energy"): "open", ("Lorant GmbH", "LORANT"): "merged"}
    answer = say(session, ("Lorant GmbH", "LORANT"), "different")
    assert answer["applied"]
    assert {pair["said"] for pair in answer["pairs"]} == {"different", ""}
    assert {("LORANT",), ("Lorant GmbH",)} <= entities(session)
    say(session, ("Kestrel Energy", "Kestrel"), "same")
    assert ("Kestrel", "Kestrel Energy") in entities(session)
    with pytest.raises(UsageError, match="is nothing that can be said"):
        say(session, ("Lorant GmbH", "LORANT"), "perhaps")
    for pair in (("LORANT", "Lorant GmbH"), ("Kestrel", "Kestrel Energy")):
        say(session, pair, "")
    assert entities(session) == before
    assert undo(session.run.path).bytes_restored
    assert corrections_path(session.run.path).exists()


@pytest.mark.slow
@pytest.mark.browser
def test_names_are_corrected_by_keyboard_in_the_page(page: Page, session: ReviewSession) -> None:
    with serving(session) as served:
        page.goto(served.address)
        page.wait_for_selector(".row.chosen")
        page.keyboard.press("m")
        page.get_by_label("Lorant GmbH, LORANT: Two things").press("Enter")
        page.get_by_text("the run is linked anew").wait_for()
        assert barriers(page) == []
        page.keyboard.press("m")
        assert not page.locator("dialog.names").is_visible()
    assert {("LORANT",), ("Lorant GmbH",)} <= entities(session)
