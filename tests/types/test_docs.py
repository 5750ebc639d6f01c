"""The page on the types is true: its examples run."""

from __future__ import annotations

import doctest
import re
from pathlib import Path
from typing import Any

import pytest

import llmx.types

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "types.md").read_text("utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_an_example_of_the_page_runs_and_shows_what_it_says(block: str) -> None:
    names: dict[str, Any] = {}
    if ">>>" in block:
        test = doctest.DocTestParser().get_doctest(block, names, "docs/types.md", None, 0)
        assert doctest.DocTestRunner().run(test).failed == 0
        return
    exec(block, names)  # our own page
    if "Investment" in names:
        value = names["Investment"].from_text("3.2 billion RMB over the next five years").value
        assert value.model_dump(mode="json") == {"amount": 3200000000, "currency": "CNY", "over_years": 5}


def test_the_page_has_a_row_for_every_type() -> None:
    kinds = {name for name in llmx.types.__all__ if name[0].isupper()} - {"Reader", "Reading", "Issue", "TypedValue"}
    assert {name for name in kinds if f"| `{name}` |" not in PAGE} == set()


def test_the_page_names_every_remark_that_the_code_makes() -> None:
    folder = Path(llmx.types.__path__[0])
    code = "\n".join(path.read_text("utf-8") for path in folder.glob("*.py"))
    made = set(re.findall(r'(?:Issue|with_issue|unread\(words,)\(?\s*"([a-z_]+)"', code))
    assert made
    assert {name for name in made if f"`{name}`" not in PAGE} == set()


def test_the_typed_value_of_the_page_on_extending_reads_what_the_page_says() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "extending" / "typed-value.md").read_text("utf-8")
    code, example = re.findall(r"^```python\n(.*?)```", page, re.DOTALL | re.MULTILINE)
    names: dict[str, Any] = {"__name__": "my_schema"}
    exec(compile(code, "typed-value.md", "exec", dont_inherit=True), names)  # our own page
    test = doctest.DocTestParser().get_doctest(example, names, "docs/extending/typed-value.md", None, 0)
    assert doctest.DocTestRunner().run(test).failed == 0
    found = names["Temperature"].find_all("first 20 °C, then 77 Fahrenheit and 30 cm")
    assert [(reading.value.degrees, reading.value.scale) for reading in found] == [(20, "C"), (77, "F")]
    assert llmx.types.reader_for(names["Temperature"]) is not None


def test_the_page_names_every_file_of_facts() -> None:
    folder = Path(llmx.types.__path__[0]) / "data"
    assert {path.name for path in folder.glob("*.yaml") if f"`{path.name}`" not in PAGE} == set()
