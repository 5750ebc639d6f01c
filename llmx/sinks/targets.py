"""What an output's name asks for: a file or folder, a folder of tables, or the address of a database."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TypeAlias

from llmx.dataclass import dataclass
from llmx.sinks.database_url import DatabaseUrl

TABLE_SUFFIXES = (".csv", ".tsv", ".parquet")
"""The formats of the files in a folder of tables, as its name ends."""


@dataclass(frozen=True, slots=True)
class TableFolderPath:
    """A folder with a file for each table: its name has the suffix of the files, and a slash: ``deals.parquet/``."""

    path: Path

    @property
    def suffix(self) -> str:
        """The suffix of the files."""
        return self.path.suffix.lower()

    def __str__(self) -> str:
        return f"{self.path}/"


Target: TypeAlias = Path | TableFolderPath | DatabaseUrl
"""Where records go."""


def output_target(name: str | Target) -> Target:
    """Return what ``name`` asks for.

    >>> output_target("deals.parquet/")
    TableFolderPath(path=PosixPath('deals.parquet'))
    """
    if isinstance(name, DatabaseUrl | TableFolderPath):
        return name
    if isinstance(name, str) and DatabaseUrl.is_one(name):
        return DatabaseUrl(name)
    path = Path(name)
    if path.suffix.lower() in TABLE_SUFFIXES and (str(name).endswith(("/", os.sep)) or path.is_dir()):
        return TableFolderPath(path)
    return path
