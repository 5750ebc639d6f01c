"""A format is one module and one line of a table; the page that says so is tried by following it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest

from llmx.documents import Document, Unreadable, read_documents
from llmx.documents.converters import CONVERTERS, converter_for
from llmx.errors import DocumentError

PAGE = Path(__file__).parents[2] / "docs" / "extending" / "converter.md"
MAIL = """From: Jane Doe <jane@example.org>
Subject: =?utf-8?q?R=C3=BCckruf?=
Date: Sun, 12 May 2024 23:30:00 -0500
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: 8bit

Die Geräte wurden gestern zurückgerufen.
"""


@pytest.fixture
def mails() -> Iterator[None]:
    """The converter of the page, added as the page says, but for the suffixes that folders are searched for."""
    code, table = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    name = re.search(r'= "([\w.]+)"', table)
    assert name is not None
    module = ModuleType(name[1])
    exec(code, module.__dict__)  # our own page
    sys.modules[name[1]] = module
    exec(table, {})
    yield
    del CONVERTERS[".eml"], sys.modules[name[1]]


@pytest.mark.usefixtures("mails")
def test_the_converter_of_the_page_reads_a_mail_with_its_date(tmp_path: Path) -> None:
    path = tmp_path / "a.eml"
    path.write_bytes(MAIL.encode("iso-8859-1"))
    text = "Rückruf\n\nDie Geräte wurden gestern zurückgerufen.\n"
    assert list(read_documents(path)) == [
        Document("a", text, str(path), date=date(2024, 5, 12), date_source="the header Date")
    ]


@pytest.mark.usefixtures("mails")
def test_a_broken_mail_is_one_unreadable_document(tmp_path: Path) -> None:
    for name, text in (("a.eml", MAIL), ("b.eml", "Content-Type: image/png\n\nxyz"), ("c.eml", MAIL)):
        (tmp_path / name).write_bytes(text.encode("iso-8859-1"))
    got = list(read_documents([tmp_path / name for name in ("a.eml", "b.eml", "c.eml")]))
    assert [isinstance(each, Document) for each in got] == [True, False, True]
    assert isinstance(got[1], Unreadable)
    assert "b.eml is a mail without a plain text" in got[1].error.message


def test_a_folder_is_searched_for_every_suffix_that_has_a_converter(tmp_path: Path) -> None:
    for suffix in CONVERTERS:
        (tmp_path / f"a{suffix}").write_text("<html><body><p>" + "Words of a page. " * 30 + "</p></body></html>")
    assert len(list(read_documents(tmp_path))) == len(CONVERTERS)


def test_a_converter_whose_library_is_missing_says_which() -> None:
    CONVERTERS[".zzz"] = "llmx.documents.converters.no_such_library"
    try:
        with pytest.raises(DocumentError, match=r"\.zzz files cannot be read here: .*no_such_library"):
            converter_for(".zzz")
    finally:
        del CONVERTERS[".zzz"]
    assert converter_for(".txt") is None
