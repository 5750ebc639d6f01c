"""Records as one table of Arrow, with columns of the types of the user's class."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import InvalidOperation
from typing import Any

from llmx.errors import OutputError
from llmx.sinks.columns import Column, columns_of
from llmx.sinks.parquet import arrow_type, fitted, text_of
from llmx.sinks.tables import safe_name
from llmx.sinks.writing import Model, Row

_PROOF = ("quote", "start", "end", "kind", "score")


def record_table(rows: Sequence[Row], model: Model | None, *, beside: Any = None) -> Any:
    """Return ``rows`` as a table: the columns of ``beside``, a table with as many rows, then ours and those of
    ``model``. Raises OutputError if pyarrow is not installed.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415 -- an extra
    except ImportError as exc:
        raise OutputError("tables need pyarrow", hint="pip install 'llmx-extract[parquet]'") from exc
    taken: dict[str, Any] = {} if beside is None else dict(zip(beside.column_names, beside.columns, strict=True))

    def add(name: str, array: Any) -> None:
        found = f"data_{name}" if name in taken else name
        number = 1
        while (unique := found if number == 1 else f"{found}_{number}") in taken:
            number += 1
        taken[unique] = array

    text = pa.string()
    if "id" not in taken:
        add("id", pa.array([row["id"] for row in rows], text))
    add("status", pa.array([row["status"] for row in rows], text))
    for column in columns_of(model) if model is not None else ():
        add(safe_name(column.name), _array(pa, column, [column.of(row["data"]) for row in rows]))
    add("issues", pa.array([row["issues"] for row in rows], pa.list_(issue_type(pa))))
    add("evidence", pa.array([proofs(row) for row in rows], pa.list_(proof_type(pa))))
    return pa.table(taken)


def issue_type(pa: Any) -> Any:
    """Return the Arrow type of an issue."""
    return pa.struct([("code", pa.string()), ("path", pa.string()), ("message", pa.string())])


def proof_type(pa: Any) -> Any:
    """Return the Arrow type of a proof with the pointer of its value."""
    text, number = pa.string(), pa.int64()
    return pa.struct(
        [("path", text), ("quote", text), ("start", number), ("end", number), ("kind", text), ("score", pa.float64())]
    )


def _array(pa: Any, column: Column, values: list[Any]) -> Any:
    """Return the values of a column in its type; as text where one does not fit it."""
    type_ = arrow_type(pa, column.schema, definitions=column.definitions)
    if pa.types.is_timestamp(type_) and all(value is None or _is_naive(value) for value in values):
        return pa.array([value and datetime.fromisoformat(value) for value in values], pa.timestamp("us"))
    try:
        return pa.array([fitted(pa, value, type_) for value in values], type_)
    except (pa.ArrowException, InvalidOperation, OverflowError, TypeError, ValueError, AttributeError):
        return pa.array([text_of(value) for value in values], pa.string())


def _is_naive(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is None
    except ValueError:
        return False


def proofs(row: Row) -> list[dict[str, Any]]:
    """Return the proofs of a record's JSON, as ``proof_type`` has them."""
    return [
        {"path": path, **{name: proof[name] for name in _PROOF}}
        for path, proof in row["evidence"].items()
        if proof is not None
    ]
