"""Records as an expression of Daft: ``frame.with_column("answer", llmx.daft.extract(daft.col("text"), Invoice))``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from llmx.engines import BatchExtractor
from llmx.errors import UsageError

if TYPE_CHECKING:
    from llmx.endpoint import EndpointSettings
    from llmx.extraction.options import Options
    from llmx.run import RunOptions
    from llmx.schema import SchemaLike

_BATCH_ROWS = 2000
_PREFIX = "llmx_"


class DaftAsked(TypedDict, total=False):
    """What ``extract`` takes besides, as ``BatchExtractor`` does."""

    model: str
    endpoint: EndpointSettings
    options: Options
    run: RunOptions
    workers: int


def extract(
    text: Any,
    schema: SchemaLike,
    *,
    id: Any = None,  # noqa: A002 - as in a row
    date: Any = None,
    batch_size: int = _BATCH_ROWS,
    **asked: Unpack[DaftAsked],
) -> Any:
    """Return an expression of Daft for the records of ``text``, a column or an expression that gives one.

    Its values are structs with the fields ``status``, ``data``, ``issues``, ``evidence`` and ``record`` (a line of
    JSON). ``id`` and ``date`` are expressions too. The other arguments are those of ``llmx.engines.BatchExtractor``;
    ``batch_size`` is the most rows that it gets at a time. Raises UsageError where Daft is not installed.
    """
    try:
        import daft  # noqa: PLC0415 -- the caller's
    except ImportError as exc:
        raise UsageError("daft is not installed", hint="pip install daft 'llmx-extract[parquet]'") from exc
    named = {"text": text, "id": id, "date": date}
    given = {
        name: daft.col(each) if isinstance(each, str) else each for name, each in named.items() if each is not None
    }
    names = list(given)
    extractor = BatchExtractor(
        schema, id="id" if "id" in given else None, date="date" if "date" in given else None, **asked
    )

    def answers(*columns: Any) -> Any:
        return _structs(extractor, dict(zip(names, columns, strict=True)))

    import pyarrow as pa  # noqa: PLC0415 -- an extra, which daft needs

    struct = pa.struct([(each.name.removeprefix(_PREFIX), each.type) for each in extractor.columns])
    made = daft.func.batch(return_dtype=daft.DataType.from_arrow_type(struct), batch_size=batch_size)(answers)
    return made(*given.values())


def _structs(extractor: BatchExtractor, columns: dict[str, Any]) -> Any:
    """Return the records of the rows of ``columns``, series of Daft, as an array of structs."""
    import pyarrow as pa  # noqa: PLC0415 -- an extra, which daft needs

    table = extractor(pa.table({name: column.to_arrow() for name, column in columns.items()}))
    added = [table[name].combine_chunks() for name in extractor.columns.names]
    return pa.StructArray.from_arrays(added, names=[name.removeprefix(_PREFIX) for name in extractor.columns.names])
