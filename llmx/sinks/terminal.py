"""Records for a person at a terminal: a table of the columns that are filled most often, page by page."""

from __future__ import annotations

import unicodedata
from collections import Counter
from typing import Any, TextIO

from llmx.record import Issue, fatal_issue
from llmx.sinks.columns import Column, columns_of
from llmx.sinks.writing import Model, Row, dump

PAGE_ROWS = 50  # held until the columns are chosen and their widths known
_COLUMN_CHARS = 18  # a column narrower than this says too little
_CELL_CHARS = 60
_NAMED_COLUMNS = 12  # of those that are left out
_STYLES = {"ok": "green", "partial": "yellow", "invalid": "red", "refused": "red", "failed": "red"}


class Terminal:
    """A table on ``stream``: id, status, the scalars that are filled most often, lists as their number and first words.

    The columns are chosen from the first page and stay. What went wrong with a document follows its page.
    """

    readable = True

    def __init__(self, stream: TextIO, *, width: int | None = None) -> None:
        from rich.console import Console  # noqa: PLC0415 -- 0.05 s, for a terminal only

        self.console = Console(file=stream, width=width, highlight=False, emoji=False)
        self.all: tuple[Column, ...] | None = None
        self.shown: tuple[Column, ...] | None = None
        self.rows: list[Row] = []

    def write(self, row: Row, model: Model | None) -> None:
        """Take one record; a full page is printed."""
        if self.all is None and model is not None:
            self.all = columns_of(model)
        self.rows.append({name: row[name] for name in ("id", "status", "data", "issues")})
        if len(self.rows) >= PAGE_ROWS:
            self._print()

    def close(self) -> None:
        """Print the last page, and which columns were left out."""
        if self.rows:
            self._print()
        left = [column.name for column in self.all or () if column not in (self.shown or ())]
        if left:
            from rich.text import Text  # noqa: PLC0415

            named = f"{', '.join(left[:_NAMED_COLUMNS])}{' …' if len(left) > _NAMED_COLUMNS else ''}"
            said = f"{len(left)} of {len(self.all or ())} columns are left out: {named}. -o FILE writes all of them."
            self.console.print(Text(_clean(said, len(said)), style="dim"))

    def _print(self) -> None:
        from rich.table import Table  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415

        if self.shown is None and self.all is not None:
            self.shown = _choose(self.all, self.rows, self.console.width)
        table = Table(box=None, pad_edge=False, header_style="bold", expand=False)
        for name in ("id", "status", *(column.name for column in self.shown or ())):
            table.add_column(name, no_wrap=True, overflow="ellipsis", min_width=min(len(name), 8))
        for row in self.rows:
            cells = [Text(_shown(column.of(row["data"]))) for column in self.shown or ()]
            status = Text(_status(row), style=_STYLES[row["status"]])
            table.add_row(Text(_clean(row["id"])), status, *cells)
        self.console.print(table)
        for row in self.rows:
            if row["data"] is None and (issue := fatal_issue([Issue(**each) for each in row["issues"]])):
                self.console.print(Text(_clean(f"{row['id']}: {issue.message}"), style="red"))
        self.rows.clear()


def _choose(columns: tuple[Column, ...], rows: list[Row], width: int) -> tuple[Column, ...]:
    """Return as many columns as fit ``width``, those that are filled most often, in the order of the schema.

    Of equally filled ones a scalar goes before a list, and an earlier one before a later.
    """
    filled = Counter(dict.fromkeys(range(len(columns)), 0))
    lists: set[int] = set()
    for row in rows:
        for number, column in enumerate(columns):
            value = column.of(row["data"])
            filled[number] += value not in (None, "", [], {})
            if isinstance(value, list):
                lists.add(number)
    room = max(1, (width - 2 * _COLUMN_CHARS) // _COLUMN_CHARS)
    best = sorted(filled, key=lambda number: (-filled[number], number in lists, number))[:room]
    return tuple(columns[number] for number in sorted(best) if filled[number])


def _status(row: Row) -> str:
    count = len(row["issues"])
    return f"{row['status']} ({count})" if count else str(row["status"])


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        first = _clean(_first_words(value[0]), _CELL_CHARS) if value else ""
        return f"{len(value)}: {first}" if value else "0"
    if isinstance(value, dict):
        return _clean(dump(value).decode(), _CELL_CHARS)
    return _clean(
        f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 9999 else str(value)
    )


def _first_words(value: Any) -> str:
    """Return the first text in ``value``, which is the name of an object in most schemas."""
    if isinstance(value, dict):
        return next((_first_words(each) for each in value.values() if each not in (None, "", [], {})), "")
    return str(value)


def _clean(text: str, limit: int = _CELL_CHARS) -> str:
    """Return ``text`` on one line and without control characters: a document must not steer the terminal."""
    plain = "".join(" " if unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp", "Cs"} else c for c in text[: limit + 1])
    return f"{plain[: limit - 1]}…" if len(text) > limit else plain
