from __future__ import annotations

import json
from pathlib import Path

from pydantic import BaseModel, Field

from llmx.schema import load_schema


class Order(BaseModel):
    number: str = Field(description="The order's number.", examples=["PO-17", "PO-2231", "17", "18"])
    buyer: str = Field(examples=["Acme Ltd", {"no": "plain value"}, "long " * 20])


def test_examples_of_a_pydantic_field_are_shown_to_the_model() -> None:
    sketch = load_schema(Order).sketch
    assert '// The order\'s number, such as "PO-17", "PO-2231", "17"\n' in sketch
    assert '// such as "Acme Ltd"\n' in sketch


def test_examples_of_a_json_schema_are_shown_to_the_model(tmp_path: Path) -> None:
    number = {"type": "string", "description": "like PO-17", "examples": ["PO-17", "PO-2231"]}
    schema = {"type": "object", "properties": {"number": number}, "examples": [{"number": "PO-1"}]}
    (tmp_path / "order.json").write_text(json.dumps(schema))
    sketch = load_schema(str(tmp_path / "order.json")).sketch
    assert '// like PO-17, such as "PO-2231"\n' in sketch
    assert "PO-1," not in sketch
