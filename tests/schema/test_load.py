"""Schemas are found by name, path, module or JSON file, and never by accident."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import RootModel

from llmx.errors import SchemaError
from llmx.resources import shipped_folder
from llmx.schema import load_schema
from llmx.trust import trust

ROOT = Path(__file__).resolve().parents[2]
SOURCE = "from pydantic import BaseModel, RootModel\n\nclass Thing(BaseModel):\n    name: str\n"


def test_the_flagship_is_found_by_name_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_schema("partnership").name == "Partnership"


@pytest.fixture
def shadowing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A schema in ./schemas that has the name of a shipped one, in a home of its own."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    (tmp_path / "schemas").mkdir()
    path = tmp_path / "schemas" / "partnership.py"
    path.write_text(SOURCE, "utf-8")
    monkeypatch.chdir(tmp_path)
    return path


def test_a_schema_with_the_name_of_a_shipped_one_is_announced_and_not_run(
    shadowing: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shadowing.write_text("raise SystemExit('was run')", "utf-8")
    assert load_schema("partnership").name != "Thing"
    assert f"{shadowing} has the name of a schema that comes with llmx" in caplog.text
    assert "llmx config trust" in caplog.text


def test_it_runs_where_it_is_named_as_a_path(shadowing: Path) -> None:
    assert load_schema("./schemas/partnership.py").name == "Thing"
    assert load_schema(str(shadowing)).name == "Thing"


def test_it_runs_where_it_was_confirmed_as_it_is_and_is_announced(
    shadowing: Path, caplog: pytest.LogCaptureFixture
) -> None:
    trust(shadowing)
    assert load_schema("partnership").name == "Thing"
    assert f"{shadowing} is used for 'partnership'" in caplog.text
    shadowing.write_text("raise SystemExit('was run')", "utf-8")
    assert load_schema("partnership").name != "Thing"


def test_a_copy_of_the_shipped_one_is_no_other_schema(shadowing: Path, caplog: pytest.LogCaptureFixture) -> None:
    shadowing.write_bytes((shipped_folder("schemas") / "partnership.py").read_bytes())
    assert load_schema("partnership").path == shadowing
    assert caplog.text == ""


def test_a_file_in_the_current_folder_is_not_run_by_its_bare_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "thing.py").write_text("raise SystemExit('was run')", "utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SchemaError, match="no schema is called 'thing'"):
        load_schema("thing")


def test_a_class_is_named_behind_a_colon_and_may_be_left_out_when_there_is_one(tmp_path: Path) -> None:
    path = tmp_path / "things.py"
    path.write_text(SOURCE + "\nclass Box(BaseModel):\n    things: list[Thing]\n", "utf-8")
    assert load_schema(f"{path}:Thing").name == "Thing"
    assert load_schema(str(path)).name == "Box"


@pytest.mark.parametrize(
    ("text", "reference", "words"),
    [
        (SOURCE, "{path}:Other", "there is no 'Other'"),
        ("Thing = 1\n", "{path}:Thing", "not a Pydantic model"),
        ("import nothing_of_that_name\n", "{path}", "line 1"),
        (SOURCE + "\nclass Second(BaseModel):\n    a: int\n", "{path}", "which model"),
    ],
    ids=["missing class", "not a model", "does not import", "two models"],
)
def test_a_file_that_does_not_hold_the_schema_says_why(
    tmp_path: Path, text: str, *, reference: str, words: str
) -> None:
    path = tmp_path / "bad.py"
    path.write_text(text, "utf-8")
    with pytest.raises(SchemaError, match=words):
        load_schema(reference.format(path=path))


def test_a_missing_file_is_named() -> None:
    with pytest.raises(SchemaError, match=r"nowhere\.py: no such file"):
        load_schema("nowhere.py:Thing")


def test_a_module_is_imported_where_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "thing_module.py").write_text(SOURCE, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert load_schema("thing_module:Thing").name == "Thing"
    del sys.modules["thing_module"]


JSON: dict[str, Any] = {
    "title": "invoice",
    "type": "object",
    "required": ["number", "lines"],
    "properties": {
        "number": {"type": "string", "description": "the invoice's number"},
        "day": {"type": ["string", "null"], "format": "date"},
        "state": {"enum": ["open", "paid"]},
        "lines": {"type": "array", "items": {"$ref": "#/$defs/line"}},
    },
    "$defs": {"line": {"type": "object", "properties": {"sku": {"type": "string"}, "price": {"type": "number"}}}},
}


def _file(tmp_path: Path, value: Any) -> str:
    path = tmp_path / "invoice.json"
    path.write_text(value if isinstance(value, str) else json.dumps(value), "utf-8")
    return str(path)


def test_a_json_schema_becomes_a_model(tmp_path: Path) -> None:
    schema = load_schema(_file(tmp_path, JSON))
    assert schema.name == "Invoice"
    data = schema.model.model_validate({"number": "7", "day": "2024-05-01", "lines": [{"sku": "a", "price": 2}]})
    assert data.day == "2024-05-01"  # type: ignore[attr-defined]
    assert data.lines[0].price == 2  # type: ignore[attr-defined]
    assert "the invoice's number" in schema.sketch


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("{", "not JSON"),
        ([], "is an object"),
        (False, "no value fits"),
        ({"type": "null"}, "no value fits"),
        ({"properties": {"a": {"allOf": []}}}, "no JSON Schema"),
        ({"properties": {"a": {"$ref": "#/$defs/none"}}}, "none"),
        (
            {"$ref": "#/$defs/x", "$defs": {"x": {"properties": {"y": {"$ref": "#/$defs/x"}}, "required": ["y"]}}},
            "fits",
        ),
        ("[" * 100_000, "nested too deeply"),
    ],
    ids=["broken", "list", "false", "null", "empty allOf", "dangling", "endless", "deep"],
)
def test_a_json_schema_that_cannot_be_used_is_refused_with_its_place(tmp_path: Path, value: Any, words: str) -> None:
    with pytest.raises(SchemaError, match=words):
        load_schema(_file(tmp_path, value))


def test_what_is_no_model_is_refused() -> None:
    with pytest.raises(SchemaError, match="not a Pydantic model"):
        load_schema(3)  # type: ignore[arg-type]


def test_any_type_is_the_root_of_a_schema_and_named_after_its_parts() -> None:
    class Names(RootModel[list[str]]):
        pass

    assert load_schema(Names).name == "Names"
    assert load_schema(list[Names]).name == "ListNames"
    assert load_schema(dict[str, int]).model.model_validate({"a": 1}).model_dump() == {"a": 1}


def test_a_schema_file_imports_its_neighbours_and_not_those_of_another_folder(tmp_path: Path) -> None:
    for folder, field in (("one", "a"), ("two", "b")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "shared_parts.py").write_text(SOURCE.replace("name", field), "utf-8")
        (tmp_path / folder / "thing.py").write_text("from shared_parts import Thing\n\nclass Own(Thing):\n    n: int\n")
    assert list(load_schema(f"{tmp_path}/one/thing.py").model.model_fields) == ["a", "n"]
    assert list(load_schema(f"{tmp_path}/two/thing.py").model.model_fields) == ["b", "n"]
    assert str(tmp_path / "one") not in sys.path


def test_a_list_of_a_schema_and_an_alias_are_schemas(tmp_path: Path) -> None:
    path = tmp_path / "things.py"
    path.write_text(SOURCE + "\nThings = dict[str, Thing]\n", "utf-8")
    for reference in (f"{path}:list[Thing]", f"list[{path}:Thing]", f"{path}:Things"):
        assert load_schema(reference).tree.members[0].name in {"items", "value"}
    assert load_schema("list[partnership]").name == "ListPartnership"


def test_schemas_whose_values_are_of_other_types_have_other_fingerprints() -> None:
    lines = ("x: text", "x: number", "x: person", "x: organization", "x: datetime", "x: money", "x: integer")
    assert len({load_schema(line).fingerprint for line in lines}) == len(lines)
