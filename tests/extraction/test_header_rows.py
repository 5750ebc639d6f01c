"""Tables over several pages: a row that a page's end cuts stays whole, and the header on each page is no row."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from llmx.documents import Document
from llmx.documents.converters import ConvertOptions
from llmx.documents.converters.pdf import convert
from llmx.extraction.document import extract_document
from llmx.request import Request
from tests.documents.made_pdf import Put, pdf
from tests.extraction.scripted import Scripted, codes, plan_for


class Part(BaseModel):
    name: str
    pieces: int | None = None
    store: str | None = None


class Delivery(BaseModel):
    parts: list[Part]


PLACES = (72.0, 300.0, 420.0)
HEADER = {"name": "Part", "pieces": None, "store": "Store"}


def page(*rows: str) -> list[Put]:
    lines = [row.split("|") for row in ("Part|Pieces|Store", *rows)]
    return [
        Put(x, 760 - 24 * number, cell)
        for number, line in enumerate(lines)
        for x, cell in zip(PLACES, line, strict=False)
    ]


def rows(first: int, last: int) -> list[str]:
    return [f"bolt of kind {number}|{number}|North" for number in range(first, last)]


def delivery() -> Document:
    """Return a table of four pages; the name in the last row of the second page goes on at the top of the third."""
    torn = [*rows(20, 29), "bracket of steel that is|77|North"]
    made = convert(
        pdf(page(*rows(10, 20)), page(*torn), page("zinc plated for ships", *rows(30, 40)), page(*rows(40, 50))),
        "a.pdf", ConvertOptions(),
    )  # fmt: skip
    return Document("a", made.text, pages=made.pages, kind="pdf")


def obliging(request: Request) -> dict[str, Any]:
    """Answer, by a script, with each row that is there, and with the header of the table."""
    asked = str(request.body["messages"][-1]["content"]).rpartition("<document")[2]
    parts: list[dict[str, Any]] = [dict(HEADER)]
    parts += [{"name": f"bolt of kind {n}", "pieces": n} for n in range(10, 50) if f"bolt of kind {n}\t" in asked]
    if "zinc plated" in asked:
        begins = "bracket of steel that is " if "bracket" in asked else ""
        parts.append({"name": f"{begins}zinc plated for ships", "pieces": 77 if begins else None})
    elif "bracket" in asked:
        parts.append({"name": "bracket of steel that is", "pieces": 77})
    return {"parts": parts}


async def test_a_row_that_a_page_cuts_is_whole_where_a_chunk_ends_there_and_no_header_is_a_row() -> None:
    scripted = Scripted(obliging)
    record = await extract_document(delivery(), plan_for(Delivery, chunk_tokens=190), scripted)
    assert len(scripted.requests) > 1
    assert record.data is not None
    names = [part.name for part in record.data.parts]
    assert len(names) == len(set(names)) == 40
    assert [part.pieces for part in record.data.parts if "zinc" in part.name or "bracket" in part.name] == [77]
    assert "Part" not in names
    assert ("header_row", "") in codes(record)
