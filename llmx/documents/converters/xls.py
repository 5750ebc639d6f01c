"""Excel workbooks of the formats that are not XML (.xls, .xlsb), by python-calamine: sheets and rows as in ``xlsx``.

calamine tells dates from numbers, but not percentages, sums of money and leading zeros; they are numbers like others.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from llmx.documents.converters import Converted, ConvertOptions
from llmx.documents.converters.lines import SheetRow, SheetTitle, located_text
from llmx.documents.converters.sheet import Cell, sheet_lines
from llmx.errors import DocumentError


def convert(data: bytes, name: str, options: ConvertOptions) -> Converted:  # noqa: ARG001 -- the format says its encoding
    """Return the sheets of a workbook, one after the other."""
    try:
        text, cells = located_text(_lines(CalamineWorkbook.from_filelike(io.BytesIO(data))), name)
        return Converted(text, cells=cells)
    except PasswordError:
        raise DocumentError(f"{name} is a workbook with a password", hint="save it without the password") from None
    except CalamineError as exc:
        raise DocumentError(f"{name} is a workbook, and damaged: {exc}", hint="save it as .xlsx") from None
    except BaseException as exc:
        if type(exc).__name__ != "PanicException":  # what a fault in Rust raises; it is no Exception
            raise
        raise DocumentError(f"{name} is a workbook, and damaged: {exc}", hint="save it as .xlsx") from None


def _lines(workbook: CalamineWorkbook) -> Iterator[str | SheetTitle | SheetRow]:
    for sheet in workbook.sheets_metadata:
        if sheet.typ is not SheetTypeEnum.WorkSheet:
            continue
        hidden = "" if sheet.visible is SheetVisibleEnum.Visible else " (hidden)"
        yield from sheet_lines(f"[Sheet: {sheet.name}{hidden}]", sheet.name, _cells(workbook, sheet.name))


def _cells(workbook: CalamineWorkbook, sheet: str) -> Iterator[Cell]:
    for row, values in enumerate(workbook.get_sheet_by_name(sheet).iter_rows(), start=1):
        for column, value in enumerate(values, start=1):
            if words := _shown(value):
                yield Cell(row, column, words)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d}" if value.time() == dt.time() else f"{value:%Y-%m-%d %H:%M:%S}".removesuffix(":00")
    if isinstance(value, float):
        return f"{value:.15g}"
    return str(value)
