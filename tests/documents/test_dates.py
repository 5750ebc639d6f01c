"""A document's date comes from the named field, from the page's metadata or from its dateline, and says which."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from llmx.documents import Document, DocumentDate, Unreadable, document_date, read_documents
from llmx.errors import UsageError

MAY_12 = dt.date(2024, 5, 12)
SENTENCE = "The two companies said on Friday that they had signed a contract to build a plant together."


def read(path: Path, content: str, **options: Any) -> list[Document | Unreadable]:
    path.write_text(content, "utf-8")
    return list(read_documents(path, **options))


def dates(documents: list[Document | Unreadable]) -> list[tuple[dt.date | None, str]]:
    return [(d.date, d.date_source) for d in documents if isinstance(d, Document)]


def page_date(tmp_path: Path, *, head: str = "", body: str = "") -> tuple[dt.date | None, str]:
    markup = f"<html><head><title>A plant</title>{head}</head><body><article>{body}<p>{SENTENCE * 6}</p></article></body></html>"
    (found,) = dates(read(tmp_path / "page.html", markup))
    return found


def test_the_field_that_the_user_names_dates_each_row(tmp_path: Path) -> None:
    rows = '{"text": "one", "published": "2024-05-12T23:30:00-05:00"}\n{"text": "two", "published": null}\n'
    found = read(tmp_path / "a.jsonl", rows, date_field="published")
    assert dates(found) == [(MAY_12, "the field 'published'"), (None, "")]


@pytest.mark.parametrize(
    "written",
    ["2024-05-12", "20240512", "12 May 2024", "Sun, 12 May 2024 10:00:00 +0200", "12.05.2024", "2024年5月12日"],
)
def test_a_full_date_in_any_common_form_is_read(written: str) -> None:
    (found,) = read_documents([{"text": "one", "on": written}], date_field="on")
    assert dates([found]) == [(MAY_12, "the field 'on'")]


@pytest.mark.parametrize("value", [dt.date(2024, 5, 12), dt.datetime(2024, 5, 12, 23, 30)])  # noqa: DTZ001
def test_a_mapping_may_hold_a_date_of_python(value: Any) -> None:
    (found,) = read_documents([{"text": "one", "on": value}], date_field="on")
    assert dates([found]) == [(MAY_12, "the field 'on'")]


@pytest.mark.parametrize("written", ["05/12/2024", "May 2024", "yesterday", "1715472000", 1715472000, "n/a"])
def test_a_field_without_one_certain_day_leaves_the_date_unknown_and_says_why(written: Any) -> None:
    (found,) = read_documents([{"text": "one", "on": written}], date_field="on")
    assert dates([found]) == [(None, f"the field 'on' is no full date: '{written}'")]


def test_a_row_without_the_named_field_is_unreadable_and_a_table_without_it_is_refused(tmp_path: Path) -> None:
    (row,) = read(tmp_path / "a.jsonl", '{"text": "one"}\n', date_field="on")
    assert isinstance(row, Unreadable)
    assert "has no field 'on'" in row.error.message
    with pytest.raises(UsageError, match="has no column 'on'"):
        read(tmp_path / "a.csv", "text\none\n", date_field="on")


def test_a_column_that_nobody_names_is_no_date(tmp_path: Path) -> None:
    assert dates(read(tmp_path / "a.csv", "text,date\none,2024-05-12\n")) == [(None, "")]


@pytest.mark.parametrize(
    ("head", "body", "source"),
    [
        (
            '<meta property="article:published_time" content="2024-05-12T08:30:00+08:00">',
            "",
            "<meta> article:published_time",
        ),
        ('<meta name="citation_publication_date" content="2024/05/12">', "", "<meta> citation_publication_date"),
        ('<meta name="DC.date.issued" content="2024-05-12">', "", "<meta> DC.date.issued"),
        ('<meta name="date" content="2024-05-12">', "", "<meta> date"),
        (
            '<script type="application/ld+json">{"@type": "NewsArticle", "datePublished": "2024-05-12T09:00:00Z"}</script>',
            "",
            "JSON-LD datePublished",
        ),
        (
            '<script type="application/ld+json">{"@graph": [{"@type": "WebSite"}, {"datePublished": "2024-05-12"}]}</script>',
            "",
            "JSON-LD datePublished",
        ),
        ("", '<time itemprop="datePublished" datetime="2024-05-12">Sunday</time>', "itemprop datePublished"),
        ("", '<header><h1>A plant</h1><time datetime="2024-05-12">Sunday</time></header>', "<time>"),
        ("", '<span class="byline published">12 May 2024</span>', "<span>"),
    ],
)
def test_the_metadata_of_a_page_date_it(tmp_path: Path, head: str, body: str, *, source: str) -> None:
    assert page_date(tmp_path, head=head, body=body) == (MAY_12, source)


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ('<meta property="article:modified_time" content="2024-05-12">', ""),
        ('<meta name="date" content="May 2024">', ""),
        ('<script type="application/ld+json">{"comment": [{"datePublished": "2024-05-12"}]}</script>', ""),
        ('<script type="application/ld+json">{"datePublished": </script>', ""),
        ("", 'The fair opens on <time datetime="2024-05-12">12 May</time>.'),
        ("", '<article><header><time datetime="2024-05-12">another article</time></header></article>'),
    ],
    ids=["modified", "no day", "of a comment", "broken JSON", "of an event", "of a teaser"],
)
def test_other_dates_of_a_page_do_not_date_it(tmp_path: Path, head: str, body: str) -> None:
    assert page_date(tmp_path, head=head, body=body) == (None, "")


def test_a_page_that_states_several_dates_has_none_and_says_so(tmp_path: Path) -> None:
    both = (
        '<meta property="article:published_time" content="2024-05-12"><meta name="dcterms.issued" content="2024-05-10">'
    )
    day, source = page_date(tmp_path, head=both)
    assert day is None
    assert "several dates" in source
    assert "2024-05-12" in source
    assert "2024-05-10" in source


@pytest.mark.parametrize(
    ("time", "known"),
    [("T23:00:00Z", False), ("T03:00:00+00:00", False), ("T12:00:00Z", True), ("T00:00:00Z", True), ("T23:00:00+08:00", True)],
)  # fmt: skip
def test_a_time_in_utc_counts_if_it_is_the_same_day_for_most_readers(tmp_path: Path, time: str, *, known: bool) -> None:
    day, source = page_date(tmp_path, head=f'<meta property="article:published_time" content="2024-05-12{time}">')
    assert day == (MAY_12 if known else None)
    assert ("time zone" in source) != known


def test_the_date_that_was_given_comes_before_the_dateline() -> None:
    text = f"BERLIN, May 11, 2024 (Reuters) - {SENTENCE}"
    assert document_date(Document("a", text)) == DocumentDate(dt.date(2024, 5, 11), "the dateline")
    assert document_date(Document("a", text, date=MAY_12)) == DocumentDate(MAY_12, "given with the document")
    assert document_date(Document("a", "one", date_source="why not")) == DocumentDate(None, "why not")


def test_a_time_of_day_given_with_a_document_is_its_day() -> None:
    assert Document("a", "one", date=dt.datetime(2024, 5, 12, 23, 30)).date == MAY_12  # noqa: DTZ001


def test_documents_that_were_read_before_are_sources_unreadable_ones_too() -> None:
    first = list(read_documents([{"text": "one", "on": "2024-05-12"}, {"text": ""}], date_field="on"))
    assert list(read_documents(first)) == first
