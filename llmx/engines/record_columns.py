"""A record as columns of Arrow whose types follow from the schema alone: engines want them the same for every batch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Context, Decimal, Inexact, InvalidOperation
from functools import lru_cache
from typing import Any

from pydantic import BaseModel

from llmx import json_pointer
from llmx.errors import OutputError
from llmx.record import Issue, Record
from llmx.sinks.arrow_table import issue_type, proof_type, proofs
from llmx.sinks.columns import dumped_schema
from llmx.sinks.parquet import arrow_type
from llmx.sinks.writing import dump

_DECIMALS = Context(prec=38, traps=[Inexact, InvalidOperation])
_PLACES = Decimal("1e-10")
_MOST_INTEGER = 2**63
_MOST_EXACT = 2**53  # integers up to it are floating-point numbers as they are


def arrow() -> Any:
    """Return pyarrow. Raises OutputError where it is not installed."""
    try:
        import pyarrow as pa  # noqa: PLC0415 -- an extra
    except ImportError as exc:
        raise OutputError("batches need pyarrow", hint="pip install 'llmx-extract[parquet]'") from exc
    return pa


@lru_cache(maxsize=64)
def record_columns(model: type[BaseModel]) -> Any:
    """Return the columns of records whose data are of class ``model``, as a ``pyarrow.Schema``.

    Times with a date are text: a column cannot hold both those with an offset and those without.
    """
    pa = arrow()
    schema = dumped_schema(model, by_alias=bool(model.model_config.get("serialize_by_alias")))
    return pa.schema(
        [
            ("llmx_status", pa.string()),
            ("llmx_data", _same_in_all(pa, arrow_type(pa, schema, definitions=schema.get("$defs", {})))),
            ("llmx_issues", pa.list_(issue_type(pa))),
            ("llmx_evidence", pa.list_(proof_type(pa))),
            ("llmx_record", pa.string()),
        ]
    )


def record_table(records: Sequence[Record[Any]], columns: Any) -> Any:
    """Return a ``pyarrow.Table`` with a row for each record.

    A value that the type of its column cannot hold is null there, and an issue says so; ``llmx_record`` has it.
    """
    pa = arrow()
    rows = [record.to_json() for record in records]
    type_ = columns.field("llmx_data").type
    whole = [dump(row).decode() for row in rows]
    data: list[Any] = []
    for row in rows:
        misfits: list[str] = []
        data.append(_fitted(pa, row["data"], type_, path="", misfits=misfits))
        row["issues"] += [_issue(path).to_json() for path in misfits]
    values = [
        [row["status"] for row in rows],
        data,
        [row["issues"] for row in rows],
        [proofs(row) for row in rows],
        whole,
    ]
    arrays = [pa.array(column, each.type) for column, each in zip(values, columns, strict=True)]
    return pa.table(arrays, schema=columns)


def _issue(path: str) -> Issue:
    what = "the type of the column llmx_data cannot hold this value, which is null there; llmx_record has it"
    return Issue("column_type", path, what)


def _same_in_all(pa: Any, type_: Any) -> Any:
    """Return ``type_`` with text for times, at any depth."""
    if pa.types.is_list(type_):
        return pa.list_(_same_in_all(pa, type_.value_type))
    if pa.types.is_struct(type_):
        return pa.struct([(each.name, _same_in_all(pa, each.type)) for each in type_])
    return pa.string() if pa.types.is_timestamp(type_) else type_


def _fitted(pa: Any, value: Any, type_: Any, *, path: str, misfits: list[str]) -> Any:
    """Return ``value`` as ``type_`` takes it; what it does not take is None, and its pointer goes to ``misfits``."""
    if value is None:
        return None
    if pa.types.is_list(type_) and isinstance(value, list):
        inner = type_.value_type
        return [_fitted(pa, each, inner, path=f"{path}/{number}", misfits=misfits) for number, each in enumerate(value)]
    if pa.types.is_struct(type_) and isinstance(value, dict):
        names = {each.name: each.type for each in type_}
        misfits += [path + json_pointer.from_parts([name]) for name in value if name not in names]
        return {
            name: _fitted(pa, value.get(name), each, path=path + json_pointer.from_parts([name]), misfits=misfits)
            for name, each in names.items()
        }
    try:
        return _leaf(pa, value, type_)
    except (ArithmeticError, TypeError, ValueError):
        misfits.append(path)
        return None


def _leaf(pa: Any, value: Any, type_: Any) -> Any:
    """Return a single value as ``type_`` takes it. Raises ArithmeticError, TypeError or ValueError."""
    if pa.types.is_string(type_):
        return value if isinstance(value, str) else dump(value).decode()
    if pa.types.is_date(type_):
        return date.fromisoformat(value)
    if pa.types.is_decimal(type_):
        return _DECIMALS.quantize(Decimal(value), _PLACES)
    if pa.types.is_boolean(type_):
        fits = isinstance(value, bool)
    elif isinstance(value, bool) or not isinstance(value, int | float):
        fits = False
    elif pa.types.is_int64(type_):
        fits = isinstance(value, int) and abs(value) < _MOST_INTEGER
    else:
        fits = isinstance(value, float) or abs(value) <= _MOST_EXACT
    if not fits:
        raise ValueError(f"{value!r} is no {type_}")
    return value
