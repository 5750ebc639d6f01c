"""The expression of Daft, where Daft is installed: it wants an older pyarrow than the lock has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import llmx
import llmx.daft
from llmx.errors import UsageError
from tests.cli.running import serving
from tests.engines.test_batch_extractor import Order, ordered, text_of


def test_an_expression_gives_structs_with_the_records_in_the_order_of_the_rows(tmp_path: Path) -> None:
    daft = pytest.importorskip("daft", reason="daft is not installed: it wants pyarrow below 26")
    frame = daft.from_pydict({"nr": [1, 2, 3], "text": [text_of(1), None, text_of(3)]})
    with serving(ordered) as server:
        asked: Any = llmx.EndpointSettings(
            model="scripted-1", base_url=server.base_url, mode="json_schema", cache_dir=tmp_path, api_key="k"
        )
        answer = llmx.daft.extract("text", Order, id="nr", endpoint=asked, batch_size=2)
        got = frame.with_column("answer", answer).sort("nr").to_pydict()["answer"]
    assert [row["data"] and row["data"]["number"] for row in got] == ["O-1", None, "O-3"]
    assert [row["status"] for row in got][1] == "failed"


def test_without_daft_its_name_is_said() -> None:
    try:
        import daft  # noqa: F401
    except ImportError:
        with pytest.raises(UsageError, match="daft is not installed"):
            llmx.daft.extract("text", Order)
    else:
        pytest.skip("daft is installed")
