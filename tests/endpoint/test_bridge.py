from __future__ import annotations

from pathlib import Path
from typing import Any

import instructor
import pytest

from llmx.endpoint import open_endpoint
from llmx.endpoint.bridge import create
from tests.endpoint.asking import Person, settings
from tests.fault_server import FaultServer, answer, call

MESSAGES = [{"role": "user", "content": "Who?"}]


@pytest.mark.parametrize(("mode", "theirs", "say"), [("tools", "TOOLS", call), ("json_schema", "JSON_SCHEMA", answer)])
async def test_instructor_asks_and_asks_again_through_our_endpoint(
    *, mode: Any, theirs: Any, say: Any, tmp_path: Path
) -> None:
    async with FaultServer([say('{"name": 5}'), say('{"name": "Ada"}')]) as server:
        endpoint = open_endpoint(settings(server.base_url, tmp_path))
        patched: Any = instructor.patch(create=create(endpoint, mode), mode=instructor.Mode[theirs])
        for _ in range(2):
            person = await patched(model="scripted-1", messages=MESSAGES, response_model=Person, max_retries=2)
            assert person.name == "Ada"
        await endpoint.aclose()
    assert len(server.received) == 2
    assert endpoint.stats.cache_hits == 2
    assert "name" in str(server.received[1].body["messages"][-1]["content"])


async def test_a_stream_is_refused(tmp_path: Path) -> None:
    endpoint = open_endpoint(settings("http://127.0.0.1:9/v1", tmp_path))
    with pytest.raises(TypeError, match="stream"):
        await create(endpoint, "json")(model="m", messages=MESSAGES, stream=True)
