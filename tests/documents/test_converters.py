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
from llmx.documents.converters import CONVERTERS, Converter, converter_for
from llmx.documents.kind import KINDS
from llmx.errors import DocumentError

PAGE = Path(__file__).parents[2] / "docs" / "extending" / "converter.md"
CALENDAR = """BEGIN:VCALENDAR
BEGIN:VEVENT
DTSTAMP:20240512T233000Z
SUMMARY:Rückruf
DESCRIPTION:Die Geräte wurden
  gestern zurückgerufen.
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture
def calendars() -> Iterator[None]:
    """The converter of the page, added as the page says."""
    code, table = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    name = re.search(r'Converter\("([\w.]+)"', table)
    assert name is not None
    module = ModuleType(name[1])
    exec(code, module.__dict__)  # our own page
    sys.modules[name[1]] = module
    exec(table, {})
    yield
    del CONVERTERS["ics"], KINDS["ics"], sys.modules[name[1]]


@pytest.mark.usefixtures("calendars")
def test_the_converter_of_the_page_reads_a_calendar_with_its_date(tmp_path: Path) -> None:
    path = tmp_path / "a.ics"
    path.write_bytes(CALENDAR.replace("\n", "\r\n").encode())
    text = "Summary: Rückruf\nDescription: Die Geräte wurden gestern zurückgerufen.\n"
    assert list(read_documents(tmp_path)) == [
        Document("a", text, str(path), date=date(2024, 5, 12), date_source="the field DTSTAMP")
    ]


@pytest.mark.usefixtures("calendars")
def test_a_broken_calendar_is_one_unreadable_document(tmp_path: Path) -> None:
    for name, text in (("a.ics", CALENDAR), ("b.ics", "BEGIN:VCARD"), ("c.ics", CALENDAR)):
        (tmp_path / name).write_text(text)
    got = list(read_documents([tmp_path / name for name in ("a.ics", "b.ics", "c.ics")]))
    assert [isinstance(each, Document) for each in got] == [True, False, True]
    assert isinstance(got[1], Unreadable)
    assert "b.ics is no calendar" in got[1].error.message


def test_a_converter_whose_library_is_missing_names_the_extra_and_another_tool() -> None:
    CONVERTERS["7z"] = Converter("llmx.documents.converters.no_such_library", "archives")
    try:
        with pytest.raises(
            DocumentError, match=r"a\.7z is a 7z archive, which cannot be read here: .*no_such_lib"
        ) as caught:
            converter_for(KINDS["7z"], "a.7z")
    finally:
        del CONVERTERS["7z"]
    assert caught.value.hint == 'pip install "llmx-extract[archives]"; or unpack it first, with 7z'


def test_a_kind_without_a_converter_is_named_with_the_tool_that_makes_text_of_it(tmp_path: Path) -> None:
    (tmp_path / "scan.txt").write_bytes(b"\0\0\0\x18ftypheic....")
    (got,) = read_documents(tmp_path / "scan.txt")
    assert isinstance(got, Unreadable)
    assert "scan.txt is a HEIC picture, which llmx does not read" in got.error.message
    assert "save it as JPEG" in got.error.hint
