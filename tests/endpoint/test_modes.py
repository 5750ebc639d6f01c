from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field

from llmx.endpoint import MODES, response_format
from llmx.errors import ConfigError
from llmx.request import canonical_json


class Party(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str = Field(description="As written")
    role: str | None


class Agreement(BaseModel):
    """A deal between companies."""

    model_config = ConfigDict(extra="forbid")
    zeta: str
    alpha: int | None
    parties: list[Party]


@pytest.mark.parametrize(("mode", "theirs"), [("tools", "TOOLS"), ("json_schema", "JSON_SCHEMA")])
@pytest.mark.parametrize("model", [Agreement, Party])
def test_a_request_has_the_form_that_instructor_builds(mode: Any, theirs: Any, model: Any) -> None:
    import instructor
    from instructor.v2.core.registry import mode_registry

    handlers = mode_registry.get_handlers(instructor.Provider.OPENAI, instructor.Mode[theirs])
    _, built = handlers.request_handler(model, {"messages": []})
    built.pop("messages")
    ours: dict[str, Any] = dict(response_format(model, mode).body)
    if mode == "tools":  # instructor sorts 'required', which says nothing and loses the order of the fields
        for body in (built, ours):
            body["tools"][0]["function"]["parameters"]["required"].sort()
    assert canonical_json(ours) == canonical_json(built)


def test_the_order_of_the_fields_is_the_schemas() -> None:
    schema = response_format(Agreement, "json_schema").body["response_format"]["json_schema"]["schema"]
    assert list(schema["properties"]) == ["zeta", "alpha", "parties"]


def test_a_shape_is_made_once() -> None:
    assert response_format(Agreement, "tools") is response_format(Agreement, "tools")


def test_strict_is_only_promised_when_asked_for() -> None:
    assert "strict" not in response_format(Party, "tools").body["tools"][0]["function"]
    assert response_format(Party, "tools", strict=True).body["tools"][0]["function"]["strict"] is True
    assert response_format(Party, "json_schema", strict=True).body["response_format"]["json_schema"]["strict"] is True


def test_json_asks_for_some_object_and_text_for_nothing() -> None:
    assert response_format(Party, "json").body == {"response_format": {"type": "json_object"}}
    assert response_format(Party, "text").body == {}


def test_a_mode_that_is_none_is_told_with_those_there_are() -> None:
    with pytest.raises(ConfigError, match="yaml") as caught:
        response_format(Party, "yaml")
    assert all(mode in caught.value.hint for mode in MODES)
