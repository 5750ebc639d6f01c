"""A run with a schema whose root is a list: a document has several lines, and is counted, resumed and kept as one."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.invoices import Invoice
from bench.mock_server import Mock
from llmx.documents import Document
from llmx.evaluate import load_run
from llmx.extraction.options import Options
from llmx.run import run_report, run_status
from tests.run.mocked import into, invoices, lines, mocked


class ManyInvoices(Mock):
    """Answers with an invoice for each number of the document; it is no model."""

    def reply(self, body: bytes) -> tuple[str, bytes]:
        fault, out = super().reply(body)
        asked = json.loads(body)["messages"][-1]["content"]
        numbers = list(dict.fromkeys(re.findall(r"INV-\d{6}", asked)))
        head, _, payload = out.partition(b"\r\n\r\n")
        completion = json.loads(payload)
        message = completion["choices"][0]["message"]
        one = json.dumps(json.loads(message["content"])["items"][0])
        items = [json.loads(re.sub(r"INV-\d{6}", number, one)) for number in numbers]
        message["content"] = json.dumps({"items": items})
        content = json.dumps(completion).encode()
        return fault, re.sub(
            rb"content-length: \d+", b"content-length: %d" % len(content), head
        ) + b"\r\n\r\n" + content


def letters(count: int, *, each: int = 3) -> Iterator[Document]:
    """Documents of ``each`` invoices; the first of them has none."""
    yield Document("letter-0", "Dear customer, we have moved.", "letters:0")
    for number in range(1, count):
        parts = [document.text for document in invoices(each, first=number * each)]
        yield Document(f"letter-{number}", "\n\n".join(parts), f"letters:{number}")


WANTED = ["letter-0", *(f"letter-{n}#{k}" for n in range(1, 5) for k in range(1, 4))]


async def test_a_run_writes_a_line_for_each_record_and_counts_documents(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    async with mocked(ManyInvoices(), schema=list[Invoice]) as setup:
        summary = await into(setup, out, letters(5))
    rows = lines(out)
    assert [row["id"] for row in rows] == WANTED
    assert [row["data"]["invoice_no"] for row in rows[1:4]] == ["INV-000004", "INV-000005", "INV-000006"]
    assert (summary.documents, summary.statuses) == (5, {"ok": 5})
    assert sum(row["usage"]["output_tokens"] for row in rows) == summary.paid.output_tokens
    assert run_status(out).documents == 5
    assert run_report(out)


async def test_a_run_that_was_broken_off_goes_on_with_whole_documents(tmp_path: Path) -> None:
    out, whole = tmp_path / "out.jsonl", tmp_path / "whole.jsonl"
    async with mocked(ManyInvoices(), schema=list[Invoice], cache=tmp_path / "cache") as setup:
        await into(setup, whole, letters(5))
        await into(setup, out, letters(5), max_documents=2)
        with out.open("ab") as file:
            file.write(b'{"id":"letter-2#1"')  # what a killed run leaves
        summary = await into(setup, out, letters(5), resume=True)
        assert setup.mock.requests == 5
    assert (summary.documents, summary.skipped) == (3, 2)
    assert out.read_bytes() == whole.read_bytes()


async def test_records_that_are_finished_are_the_same_lines_from_the_cache(tmp_path: Path) -> None:
    async with mocked(ManyInvoices(), schema=list[Invoice], cache=tmp_path / "cache") as setup:
        for name in ("first.jsonl", "again.jsonl", "again.csv"):
            await into(setup, tmp_path / name, letters(5))
        assert setup.mock.requests == 5
    assert (tmp_path / "first.jsonl").read_bytes() == (tmp_path / "again.jsonl").read_bytes()
    assert (tmp_path / "again.csv").read_text().count("letter-3#") == 3


async def test_documents_that_are_done_in_any_order_are_put_in_order(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    async with mocked(ManyInvoices(), schema=list[Invoice], cache=tmp_path / "cache") as setup:
        await into(setup, out, list(letters(5))[2:])
        await into(setup, out, letters(5), resume=True)
    assert [row["id"] for row in lines(out)] == WANTED


@pytest.mark.parametrize("name", ["out.csv", "out.sqlite", "out.parquet", "out.json"])
async def test_every_format_has_a_row_for_each_record(tmp_path: Path, name: str) -> None:
    target = tmp_path / name
    async with mocked(ManyInvoices(), schema=list[Invoice]) as setup:
        await into(setup, target, letters(5))
    run = load_run(target, model=Invoice)
    assert list(run.predictions) == WANTED
    assert run.predictions["letter-4#2"].data["invoice_no"] == "INV-000014"
    if name.endswith(".sqlite"):
        found: Any = sqlite3.connect(target).execute("select count(distinct invoice_no) from records").fetchone()
        assert found == (12,)


async def test_a_file_that_was_changed_is_not_gone_on_with(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    async with mocked(ManyInvoices(), schema=list[Invoice], cache=tmp_path / "cache") as setup:
        await into(setup, out, letters(5))
        out.write_bytes(out.read_bytes().replace(b'"letter-4#2"', b'"letter-4#9"'))
        with pytest.raises(Exception, match="was changed"):
            await into(setup, out, letters(5), resume=True)


async def test_a_page_without_text_is_no_change_of_the_file(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    one, two = invoices(2)
    paged = Document("paged", f"{one.text}\f \f{two.text}", "paged.txt")
    async with mocked(extraction=Options(target="page"), cache=tmp_path / "cache") as setup:
        await into(setup, out, [paged])
        summary = await into(setup, out, [paged, *invoices(1, first=7)], resume=True)
        await into(setup, tmp_path / "whole.jsonl", [paged, *invoices(1, first=7)])
    assert (summary.documents, summary.skipped) == (1, 1)
    assert [row["id"] for row in lines(out)] == ["paged#1", "paged#3", "INV-000008#1"]
    assert out.read_bytes() == (tmp_path / "whole.jsonl").read_bytes()
