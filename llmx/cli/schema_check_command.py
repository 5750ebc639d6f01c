"""``llmx schema check`` and ``llmx schema diff``: what is amiss in a schema, and what differs between two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from llmx.cli.completion import schema_names
from llmx.cli.json_output import AsJson, print_json
from llmx.cli.panels import argument

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmx.schema.diff import FieldDifference, SchemaDiff

_SIGNS = {"added": "+", "removed": "-", "renamed": ">", "changed": "~"}
_MOST_CHARS = 100  # of a value that is shown; --json has all

_HELP = "name, file.py:Class, package.module:Class, a JSON Schema file, or one line of fields."


def check(
    schemas: Annotated[list[str], argument("SCHEMAS", f"The schemas, each a {_HELP}", complete=schema_names)],
    as_json: AsJson = False,
) -> None:
    """Check schemas: fields that no answer satisfies, that small models do not fill, or that endpoints refuse.

    Exit codes: 0 without errors, warnings or not, 1 with errors, 2 for a schema that does not load.
    """
    errors = [_errors_of(schema, as_json=as_json) for schema in schemas]
    raise typer.Exit(1 if any(errors) else 0)


def _errors_of(schema: str, *, as_json: bool) -> int:
    """Print what is amiss in a schema; return the number of errors."""
    import asyncio  # noqa: PLC0415

    from llmx.run.schema_cost import schema_cost  # noqa: PLC0415
    from llmx.schema import load_schema  # noqa: PLC0415
    from llmx.schema.check import check_schema  # noqa: PLC0415

    loaded = load_schema(schema)
    cost = asyncio.run(schema_cost(schema, loaded))
    found = (*check_schema(loaded), *cost.findings())
    errors = sum(each.level == "error" for each in found)
    if as_json:
        told = {"schema": loaded.name, "findings": [each.to_json() for each in found], "cost": cost.to_json()}
        print_json(told)
    else:
        for each in found:
            typer.echo(f"{each.level}: {each.pointer or loaded.name}: {each.what} [{each.code}]")
            typer.echo(f"    why: {each.why}\n    do:  {each.advice}")
        typer.echo(
            f"{loaded.name}: {_count(errors, 'error')}, {_count(len(found) - errors, 'warning')}. A request has "
            f"{cost.prompt:,} tokens beside the document, and {cost.wire:,} more in the mode tools; an answer has "
            f"about {cost.answer:,} ({cost.counted})."
        )
    return errors


def diff(
    before: Annotated[str, argument("BEFORE", f"The earlier schema: {_HELP}")],
    after: Annotated[str, argument("AFTER", "The later schema, named in the same way.")],
    as_json: AsJson = False,
) -> None:
    """Compare two schemas field by field, and say what a run that is resumed with the later one asks for again.

    Exit codes: 0 where nothing differs, 1 where something does, 2 for a schema that does not load.
    """
    from llmx.schema import load_schema  # noqa: PLC0415
    from llmx.schema.diff import diff_schemas  # noqa: PLC0415

    found = diff_schemas(load_schema(before), load_schema(after))
    if as_json:
        print_json(found.to_json())
    elif found.differences:
        for each in found.differences:
            for line in _lines(each):
                typer.echo(line)
        typer.echo(_resumed(found))
    raise typer.Exit(1 if found.differences else 0)


def _lines(each: FieldDifference) -> Iterator[str]:
    place = each.pointer or "the record"
    renamed = f" is now {each.renamed_to}" if each.renamed_to else ""
    asks = "asked for again" if each.change != "added" else "asked for"
    yield f"{_SIGNS[each.change]} {place}{renamed}  ({each.change}; {asks if each.asks else 'nothing is asked for'})"
    for name, (old, new) in each.details.items():
        if each.change == "changed" and (old or new):
            yield f"    {name}: {_shown(old)} -> {_shown(new)}"
        elif old or new:
            yield f"    {name}: {_shown(old or new)}"


def _resumed(found: SchemaDiff) -> str:
    """Return what --resume makes of it."""
    if found.whole or not found.kept:
        why = found.whole or "every field has changed"
        return f"--resume asks for everything again: {why}."
    asked = f"asks for {', '.join(found.asked)}" if found.asked else "asks for nothing"
    removed = f", and leaves out {', '.join(found.removed)}" if found.removed else ""
    return f"--resume {asked}, keeps {', '.join(found.kept)}{removed}."


def _shown(value: str) -> str:
    if not value:
        return "none"
    return value if len(value) <= _MOST_CHARS else f"{value[:_MOST_CHARS]}…"


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
