"""The figures of the fields are those that a person counts in the output."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from llmx.run.field_figures import FieldFigures, field_figures

_LINES: tuple[dict[str, Any], ...] = (
    {"id": "a", "data": {"name": "old", "parties": []}, "issues": []},
    {"id": "b", "data": {"name": None, "parties": [{"role": "buyer"}, {"role": ""}]},
     "issues": [{"code": "unproven", "path": "/parties/1/role"}, {"code": "language", "path": ""}]},
    {"id": "c", "data": None, "issues": []},
    {"id": "a", "data": {"name": "new", "parties": [{"role": "seller"}]}, "issues": []},
)  # fmt: skip


def test_each_field_has_its_places_its_values_and_its_issues(tmp_path: Path) -> None:
    target = tmp_path / "out.jsonl"
    target.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in _LINES) + b'{"id": "d", "da')
    assert list(field_figures(target)) == [
        FieldFigures("name", 2, 1),
        FieldFigures("parties", 2, 2),
        FieldFigures("parties.role", 3, 2, {"unproven": 1}),
        FieldFigures("", 0, 0, {"language": 1}),
    ]


def test_the_rate_of_a_field_is_a_share_and_none_without_a_place() -> None:
    assert FieldFigures("name", 3, 2).to_json()["rate"] == 0.6667
    assert FieldFigures("", 0, 0).to_json()["rate"] is None
