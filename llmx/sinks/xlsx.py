"""A workbook of Excel: a sheet for each table, with links from values to their proofs."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from llmx import json_pointer
from llmx.errors import OutputError
from llmx.sinks.heads import ISSUES, TableHeads, issue_cells, proof_cells
from llmx.sinks.kept_columns import KeptColumns, data_of
from llmx.sinks.tables import Kind, RecordTable, TableRow, kind_of, rows_of, tables_of
from llmx.sinks.writing import Model, Row, Writer, dump, output_error

_EVIDENCE = ("id", "path", "quote", "start", "end", "kind", "score", "confidence", "page")
_MOST_ROWS = 1_048_576
_MOST_CHARS = 32_767
_MOST_LINKS = 65_530
_MOST_DIGITS = 15
_NAME_CHARS = 31
"""The bounds of a sheet: support.microsoft.com, "Excel specifications and limits"."""

_FIRST_DAY = date(1900, 3, 1)  # what Excel counts before it is off by a day
_MARK = " […]"


class Xlsx:
    """Sheets as ``tables.tables_of`` has them, ``evidence`` and ``issues``. The file is there once it is closed.

    Numbers and dates are cells of their kind, as far as Excel keeps them as they are: a number with more than 15 digits
    is text. A text that is too long for a cell ends in ``[…]``.
    """

    def __init__(self, path: Path, target: Path) -> None:
        try:
            import xlsxwriter  # noqa: PLC0415 -- an extra
            from xlsxwriter.exceptions import XlsxWriterException  # noqa: PLC0415
        except ImportError as exc:
            hint = "pip install 'llmx-extract[xlsx]', or write .csv, which Excel opens"
            raise OutputError("Excel workbooks need the package xlsxwriter, which is not installed", hint=hint) from exc
        self.errors = (OSError, XlsxWriterException)
        self.target = target
        self.readable = self.closed = False
        self.root: RecordTable | None = None
        self.waiting: list[Row] = []
        self.kept = KeptColumns()
        self.sheets: dict[str, _Sheet] = {}
        self.book = xlsxwriter.Workbook(str(path), {"constant_memory": True, "strings_to_formulas": False})
        self.formats = {
            "head": self.book.add_format({"bold": True}),
            "date": self.book.add_format({"num_format": "yyyy-mm-dd"}),
            "datetime": self.book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }

    def write(self, row: Row, model: Model | None) -> None:
        """Write one record, or keep it until the columns are known."""
        if self.root is None:
            if model is None:
                self.waiting.append(row)
                return
            self._begin(tables_of(model))
        self._add(row)

    def close(self) -> None:
        """Write what is waiting and save the workbook."""
        if self.closed:
            return
        self.closed = True
        if self.root is None:
            self._begin(RecordTable("records", (), ()))
        try:
            self.book.close()
        except self.errors as exc:
            raise output_error(exc, self.target) from exc
        self.readable = True

    def _begin(self, root: RecordTable) -> None:
        root = root.with_kept(self.kept)
        self.root, waiting, self.waiting = root, self.waiting, []
        self.heads = TableHeads(root)
        for table in root.walk():
            head = self.heads.names(table)
            self._sheet(table.name, (*head, *(column.name for column in table.columns)), len(head))
        self._sheet("evidence", _EVIDENCE, 0)
        self._sheet("issues", ISSUES, 0)
        for row in waiting:
            self._add(row)

    def _sheet(self, name: str, columns: tuple[str, ...], head: int) -> None:
        called = _sheet_name(name, {sheet.page.name.lower() for sheet in self.sheets.values()})
        page = self.book.add_worksheet(called)
        page.freeze_panes(1, 1)
        page.write_row(0, 0, columns, self.formats["head"])
        self.sheets[name] = _Sheet(page, self.formats, head)

    def _add(self, row: Row) -> None:
        assert self.root is not None
        lines = list(rows_of(self.root, data_of(row), row["id"]))
        if any(sheet.rows + len(lines) + len(row["evidence"]) >= _MOST_ROWS for sheet in self.sheets.values()):
            raise OutputError(f"{self.target}: a sheet has no more rows", hint="Write .sqlite, .duckdb or .parquet.")
        proofs = self._add_evidence(row)
        for line in lines:
            self._add_line(line, row, proofs)
        for cells in issue_cells(row):
            self.sheets["issues"].add(cells)

    def _add_evidence(self, row: Row) -> dict[str, str]:
        """Write the proofs; return where each is, by its path."""
        sheet, places = self.sheets["evidence"], dict[str, str]()
        for path, cells in proof_cells(row, _EVIDENCE):
            places[path] = f"internal:'{sheet.page.name}'!A{sheet.rows + 1}"
            sheet.add(cells)
        return places

    def _add_line(self, line: TableRow, row: Row, proofs: dict[str, str]) -> None:
        sheet, where = self.sheets[line.table.name], line.key.removeprefix(row["id"])
        kinds = [kind_of(column) for column in line.table.columns]
        proven = [_link(proofs, where, column.path) for column in line.table.columns]
        sheet.add([*self.heads.cells(line, row), *line.cells], kinds, proven)


class _Sheet:
    """A sheet that grows by rows; ``head`` is how many columns stand before those of the schema."""

    def __init__(self, page: Any, formats: dict[str, Any], head: int) -> None:
        self.page, self.formats, self.head = page, formats, head
        self.rows, self.links = 1, 0

    def add(self, cells: list[Any], kinds: list[Kind] | None = None, links: list[str | None] | None = None) -> None:
        """Write a row; ``kinds`` and ``links`` are those of the cells behind the head."""
        for number, value in enumerate(cells):
            at = number - self.head
            link = links[at] if links and at >= 0 else None
            if value is None:
                continue
            if link is not None and self.links < _MOST_LINKS:
                self.links += 1
                self.page.write_url(self.rows, number, link, None, "proof")
            self._put(number, value, kinds[at] if kinds and at >= 0 else "text")
        self.rows += 1

    def _put(self, number: int, value: Any, kind: Kind) -> None:
        if isinstance(value, bool):
            self.page.write_boolean(self.rows, number, value)
            return
        if kind == "decimal" and isinstance(value, str):
            with suppress(ArithmeticError):
                value = Decimal(value)
        if isinstance(value, int | float | Decimal) and _is_kept(value):
            self.page.write_number(self.rows, number, value)
        elif kind in ("date", "datetime") and (moment := _moment(value, kind)) is not None:
            self.page.write_datetime(self.rows, number, moment, self.formats[kind])
        else:
            text = (
                value
                if isinstance(value, str)
                else dump(value).decode()
                if isinstance(value, list | dict)
                else str(value)
            )
            cut = text if len(text) <= _MOST_CHARS else text[: _MOST_CHARS - len(_MARK)] + _MARK
            self.page.write_string(self.rows, number, cut)


def _link(proofs: dict[str, str], where: str, path: tuple[str, ...]) -> str | None:
    """Return the place of the proof of a value, or of the value that it is a part of (the amount of a sum)."""
    pointers = [where]
    for part in path:
        pointers.append(json_pointer.child(pointers[-1], part))
    return next((proofs[each] for each in reversed(pointers) if each in proofs), None)


def _is_kept(value: float | Decimal) -> bool:
    """Whether Excel keeps a number as it is: it has 15 digits, and none that is not finite."""
    number = value if isinstance(value, Decimal) else Decimal(repr(value))
    return number.is_finite() and len(number.normalize().as_tuple().digits) <= _MOST_DIGITS + (
        2 * isinstance(value, float)
    )


def _moment(value: Any, kind: Kind) -> date | datetime | None:
    """Return the date or time that ``value`` is, None where Excel has none such: an offset, a day before March 1900."""
    with suppress(ValueError, TypeError):
        found = date.fromisoformat(value) if kind == "date" else datetime.fromisoformat(value)
        day = found.date() if isinstance(found, datetime) else found
        return found if day >= _FIRST_DAY and getattr(found, "tzinfo", None) is None else None
    return None


def _sheet_name(name: str, taken: set[str]) -> str:
    number = 1
    while True:
        ending = "" if number == 1 else f"_{number}"
        found = name[: _NAME_CHARS - len(ending)] + ending
        if found.lower() not in taken and found.lower() != "history":  # Excel keeps that one for itself
            return found
        number += 1


def open_writer(path: Path, target: Path) -> Writer:
    """Return the writer for ``target``. Raises OutputError if xlsxwriter is not installed."""
    return Xlsx(path, target)
