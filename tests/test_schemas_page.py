"""docs/schemas.md lists what is supported: each line is a case that the tests extract."""

from __future__ import annotations

from pathlib import Path

from tests.extraction import test_json_schemas, test_pydantic_types

PAGE = Path(__file__).resolve().parent.parent / "docs" / "schemas.md"


def table() -> str:
    kinds: dict[str, list[str]] = {
        "Pydantic": list(test_pydantic_types.CASES),
        "JSON Schema": list(test_json_schemas.CASES),
    }
    lines = ["| in | supported |", "| --- | --- |"]
    lines += [f"| {kind} | {' · '.join(cases)} |" for kind, cases in kinds.items()]
    return "\n".join(lines)


def test_the_table_of_what_is_supported_is_that_of_the_tests() -> None:
    written = PAGE.read_text("utf-8").partition("holds it -->\n")[2].partition("\n<!-- end of table")[0]
    assert written == table(), f"put this into docs/schemas.md:\n{table()}"
