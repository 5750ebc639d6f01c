"""The kinds of batches that engines hand over: tables of Arrow, data frames of pandas, and columns in a dict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llmx.errors import UsageError


def column_names(batch: Any) -> list[str]:
    """Return the names of the columns of ``batch``. Raises UsageError for what is no batch."""
    if isinstance(batch, Mapping):
        return list(batch)
    if _is_arrow(batch):
        return list(batch.schema.names)
    if _is_pandas(batch):
        return list(batch.columns)
    hint = "Tables and record batches of pyarrow are, data frames of pandas, and dicts of columns."
    raise UsageError(f"{type(batch).__name__} is no batch of rows", hint=hint)


def batch_rows(batch: Any, names: Sequence[str]) -> list[dict[str, Any]]:
    """Return the rows of ``batch``, with the columns ``names`` alone, as Python's own values; missing ones are None."""
    columns = [_values(batch, name) for name in names]
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


def with_columns(batch: Any, added: Any) -> Any:
    """Return ``batch`` with the columns of ``added``, a ``pyarrow.Table``, in its own kind."""
    if isinstance(batch, Mapping):
        return {**batch, **{name: added[name].to_pylist() for name in added.column_names}}
    if _is_pandas(batch):
        import pandas as pd  # noqa: PLC0415 -- the caller's

        arrays = {name: pd.arrays.ArrowExtensionArray(added[name]) for name in added.column_names}
        return batch.assign(**{name: pd.Series(array, index=batch.index) for name, array in arrays.items()})
    of_table = hasattr(batch, "combine_chunks")
    for field, column in zip(added.schema, added.columns, strict=True):
        batch = batch.append_column(field, column if of_table else column.combine_chunks())
    return batch


def _values(batch: Any, name: str) -> list[Any]:
    column = batch.column(name) if _is_arrow(batch) else batch[name]
    values = column.to_pylist() if _is_arrow(batch) else column.tolist() if hasattr(column, "tolist") else list(column)
    return [None if _is_missing(value) else value for value in values]


def _is_missing(value: Any) -> bool:
    """Whether ``value`` is one that stands for none: not a number, or pandas' own."""
    return type(value).__name__ in {"NAType", "NaTType"} or (isinstance(value, float) and value != value)  # noqa: PLR0124 - not a number


def _is_arrow(batch: Any) -> bool:
    return type(batch).__module__.partition(".")[0] == "pyarrow"


def _is_pandas(batch: Any) -> bool:
    return hasattr(batch, "columns") and hasattr(batch, "assign")
