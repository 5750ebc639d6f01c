"""A folder with a file of CSV, TSV or Parquet for each table: records, each list in them, evidence and issues."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from llmx.errors import OutputError
from llmx.private_file import open_private, take_permissions
from llmx.sinks.columns import Column
from llmx.sinks.heads import ISSUES, TableHeads, issue_cells, proof_cells
from llmx.sinks.kept_columns import KeptColumns, data_of
from llmx.sinks.place import PART
from llmx.sinks.tables import RecordTable, rows_of, tables_of
from llmx.sinks.targets import TableFolderPath
from llmx.sinks.writing import Model, Row, output_error

_EVIDENCE = ("id", "path", "quote", "start", "end", "kind", "score", "confidence", "page", "boxes")
_TYPES = {
    **dict.fromkeys(("position", "start", "end", "page"), "integer"),
    **dict.fromkeys(("score", "confidence"), "number"),
    "boxes": "array",
}
"""The types of llmx's own columns that hold no text."""


class TableFile(Protocol):
    """One table's file. It grows under ``path``, and holds all rows once it is closed."""

    @property
    def path(self) -> Path:
        """Where it grows."""
        ...

    def add(self, cells: list[Any]) -> None:
        """Write one row."""
        ...

    def close(self) -> None:
        """Write what is waiting. Closing twice does no harm."""
        ...


class TableFolder:
    """Tables as ``tables.tables_of`` has them. Each file gets its name at the end, with the records that there are.

    ``overwrite`` replaces the tables of that format which are in the folder; other files stay.
    """

    readable = True

    def __init__(self, target: TableFolderPath, *, overwrite: bool = False, safe: bool = True) -> None:
        self.path, self._suffix, self._safe = target.path, target.suffix, safe
        self.kept = KeptColumns()
        self._waiting: list[Row] = []
        self._root: RecordTable | None = None
        self._files: dict[str, TableFile] = {}
        self._closed = False
        if target.suffix == ".parquet":
            from llmx.sinks.parquet_table import check_pyarrow  # noqa: PLC0415 -- an extra

            check_pyarrow()
        try:
            there = sorted(self.path.iterdir()) if self.path.is_dir() else []
            if there and not overwrite:
                hint = f"--overwrite replaces the {target.suffix} files in it; or name another with -o"
                raise OutputError(f"{target} exists already", hint=hint)
            self.path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise output_error(error, target) from error
        self._stale = [each for each in there if each.suffix.lower() == target.suffix and each.is_file()]

    def write(self, row: Row, model: Model | None) -> None:
        """Write one record, or keep it until the columns are known."""
        if self._root is None:
            if model is None:
                self._waiting.append(row)
                return
            self._begin(tables_of(model))
        self._add(row)

    def close(self) -> None:
        """Write what is waiting, and give the files their names."""
        if self._closed:
            return
        self._closed = True
        try:
            if self._root is None:
                self._begin(RecordTable("records", (), ()))
            for file in self._files.values():
                file.close()
            for stale in self._stale:
                if stale.stem not in self._files:
                    stale.unlink(missing_ok=True)
            for name, file in self._files.items():
                whole = self.path / f"{name}{self._suffix}"
                take_permissions(file.path, whole)
                file.path.replace(whole)
        except OSError as error:
            raise output_error(error, self.path) from error
        finally:
            for file in self._files.values():
                with suppress(OSError, OutputError):
                    file.close()
                with suppress(OSError):  # where something failed, what is no table is removed
                    file.path.unlink(missing_ok=True)

    def _begin(self, root: RecordTable) -> None:
        self._root = root = root.with_kept(self.kept)
        self._heads = TableHeads(root)
        for table in root.walk():
            self._open(table.name, self._heads.names(table), table.columns)
        self._open("evidence", _EVIDENCE)
        self._open("issues", ISSUES)
        waiting, self._waiting = self._waiting, []
        for row in waiting:
            self._add(row)

    def _open(self, name: str, head: tuple[str, ...], columns: tuple[Column, ...] = ()) -> None:
        own = (Column(each, (), schema={"type": _TYPES.get(each, "string")}) for each in head)
        path = self.path / f".{name}{self._suffix}{PART}"
        try:
            open_private(path, "wb").close()
        except OSError as error:
            raise output_error(error, path) from error
        self._files[name] = self._table_file(path, (*own, *columns))

    def _table_file(self, path: Path, columns: tuple[Column, ...]) -> TableFile:
        if self._suffix == ".parquet":
            from llmx.sinks.parquet_table import ParquetTable  # noqa: PLC0415 -- an extra

            return ParquetTable(path, columns)
        from llmx.sinks.delimited import DelimitedTable  # noqa: PLC0415

        delimiter = "\t" if self._suffix == ".tsv" else ","
        return DelimitedTable(path, columns, delimiter=delimiter, safe=self._safe)

    def _add(self, row: Row) -> None:
        assert self._root is not None
        for line in rows_of(self._root, data_of(row), row["id"]):
            self._files[line.table.name].add([*self._heads.cells(line, row), *line.cells])
        for _, cells in proof_cells(row, _EVIDENCE):
            self._files["evidence"].add(cells)
        for cells in issue_cells(row):
            self._files["issues"].add(cells)
