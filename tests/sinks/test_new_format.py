"""A format is one module and one line of a table; the page that says so is tried by following it."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from llmx.errors import OutputError
from llmx.sinks import open_sink
from llmx.sinks.formats import FORMATS
from tests.sinks.records import Deal, record

PAGE = Path(__file__).parents[2] / "docs" / "extending" / "sink.md"


@pytest.fixture
def _markdown() -> Iterator[None]:
    """The sink of the page, added as the page says."""
    code, table = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    name = re.search(r'= "([\w.]+)"', table)
    assert name is not None
    module = ModuleType(name[1])
    exec(code, module.__dict__)  # our own page
    sys.modules[name[1]] = module
    exec(table, {})
    yield
    del FORMATS[".md"], sys.modules[name[1]]


@pytest.mark.usefixtures("_markdown")
def test_the_sink_of_the_page_writes_a_section_for_each_document(tmp_path: Path) -> None:
    with open_sink(tmp_path / "out.md") as sink:
        sink.write(record("x", None))
        sink.write(record("a", Deal(title="Nordhavn", fields=["AI"], jobs=600)))
    assert (tmp_path / "out.md").read_text("utf-8") == (
        "## x (failed)\n\n- **document.empty** x.txt is empty\n\n"
        '## a (ok)\n\n- title: Nordhavn\n- parties: []\n- fields: ["AI"]\n- jobs: 600\n'
        "- **unproven** no words of the text say it\n\n"
    )


@pytest.mark.usefixtures("_markdown")
def test_the_sink_of_the_page_keeps_the_records_of_a_run_that_stopped(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt) as caught, open_sink(tmp_path / "out.md") as sink:  # noqa: PT012 - the point
        sink.write(record("x", None))
        raise KeyboardInterrupt
    assert "## x" in (tmp_path / "out.md").read_text("utf-8")
    assert "records so far are in" in caught.value.__notes__[0]


def test_without_the_line_of_the_table_the_suffix_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"no format for '\.md'"), open_sink(tmp_path / "out.md"):
        pass
