"""Each provider gets the picture of a page as its own API wants it, through its own SDK.

The servers are scripted and no models: they show what arrives, not what a model would see.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from llmx.endpoint import Mode, open_endpoint
from llmx.endpoint.pictures import PictureReference, picture_part
from llmx.endpoint.sight import picture
from tests.endpoint.asking import ask
from tests.endpoint.providers.native.extracting import settings
from tests.endpoint.providers.native.servers import (
    AnthropicApi,
    Api,
    ApiServer,
    BedrockApi,
    CohereApi,
    GoogleApi,
    MistralApi,
    VertexApi,
    WriterApi,
)

BASE64 = base64.b64encode(picture()).decode()
URL = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{BASE64}"}}
Form = tuple[Callable[[], Api], str, Any, tuple[Mode, ...]]
FORMS: list[Form] = [
    (
        AnthropicApi,
        "anthropic/claude-scripted-1",
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": BASE64}},
        ("tools", "json_schema", "text"),
    ),
    (GoogleApi, "google/gemini-scripted-1", {"inlineData": {"data": BASE64, "mime_type": "image/png"}}, ("tools",)),
    (VertexApi, "vertexai/gemini-scripted-1", {"inlineData": {"data": BASE64, "mime_type": "image/png"}}, ("tools",)),
    (MistralApi, "mistral/mistral-scripted-1", URL, ("tools", "json", "text")),
    (CohereApi, "cohere/command-scripted-1", URL, ("tools", "text")),
    (WriterApi, "writer/palmyra-scripted-1", URL, ("tools", "text")),
    (
        BedrockApi,
        "bedrock/anthropic.claude-scripted-1-v1:0",
        {"image": {"format": "png", "source": {"bytes": BASE64}}},
        ("tools", "text"),
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize("case", FORMS, ids=[each[1].partition("/")[0] for each in FORMS])
async def test_a_picture_arrives_in_the_form_of_the_provider_beside_its_text(case: Form, tmp_path: Path) -> None:
    api, model, form, modes = case
    async with ApiServer(api()) as server:
        for mode in modes:
            request = ask(mode=mode, model=model)
            content = [
                {"type": "text", "text": "Who is it?"},
                picture_part(PictureReference.of(["a file", 1], 1568, picture)),
            ]
            said = [request.body["messages"][0], {"role": "user", "content": content}]
            endpoint = open_endpoint(settings(server, model, tmp_path, mode=mode, cache=False))
            completion = await endpoint.complete(replace(request, body={**request.body, "messages": said}))
            await endpoint.aclose()
            assert completion.text
            sent = server.asked[-1].body
            assert _holds(sent, form), json.dumps(sent)[:2000].replace(BASE64, "…")
            assert "Who is it?" in json.dumps(sent)


def _holds(value: Any, part: Any) -> bool:
    """Whether ``part`` stands in ``value``; the two ways to write base64 are one."""
    if isinstance(value, dict):
        same = {key: each for key, each in value.items() if each is not None}
        return _alike(same, part) or any(_holds(each, part) for each in value.values())
    return isinstance(value, list) and any(_holds(each, part) for each in value)


def _alike(one: Any, other: Any) -> bool:
    return json.dumps(one, sort_keys=True).replace("-", "+").replace("_", "/") == json.dumps(
        other, sort_keys=True
    ).replace("-", "+").replace("_", "/")
