"""A review corrects what a record holds, also where it was asked for in another form."""

from __future__ import annotations

from pydantic import BaseModel

from llmx.review.form import form_json, tree_of_data
from llmx.schema import compile_tree


class Place(BaseModel):
    city: str


class Held(BaseModel):
    scores: dict[str, int]
    what: Place | int
    pair: tuple[str, int]
    rows: list[dict[str, str]]


def test_maps_unions_and_tuples_have_the_form_of_the_data() -> None:
    data = {"scores": {"Oslo": 3}, "what": {"city": "Rome"}, "pair": ["a", 1], "rows": [{"x": "1"}, {"y": "2"}]}
    form = form_json(tree_of_data(compile_tree(Held), [data]))
    fields = {each["name"]: each for each in form["fields"]}
    assert [each["name"] for each in fields["scores"]["fields"]] == ["Oslo"]
    assert [each["name"] for each in fields["what"]["fields"]] == ["city"]
    assert fields["pair"]["kind"] == "list"
    assert [each["name"] for each in fields["rows"]["item"]["fields"]] == ["x", "y"]
