"""What becomes a record (``--target``): the document, each of its pages, or each row of its tables."""

from __future__ import annotations

from llmx.assembly.list_places import counted_lists
from llmx.errors import ConfigError
from llmx.extraction.options import Target
from llmx.schema import RootOf, Schema, list_of


def for_target(schema: Schema, target: Target) -> Schema:
    """Return the schema to ask for: with the target 'row' a list of ``schema``, where that has none itself.

    Raises ConfigError for a schema of which there are no records of that kind.
    """
    if target == "page" and schema.row is not None:
        raise ConfigError(
            f"--target page: {schema.name} is a list of records, and a page would be one record",
            hint="Name the schema of one record; or leave out --target, and each element is a record.",
        )
    if target != "row" or counted_lists(schema.tree):
        return schema
    if isinstance(schema.tree, RootOf):
        raise ConfigError(f"--target row: {schema.name} is no object that a row could be", hint="Name one with fields.")
    return list_of(schema)
