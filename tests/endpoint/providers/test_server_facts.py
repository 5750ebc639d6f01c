"""What a server tells about itself is asked where it has it, and unknown where it does not."""

from __future__ import annotations

from pathlib import Path

from llmx.endpoint import EndpointSettings, open_endpoint
from llmx.endpoint.providers.openai_compatible import OpenAICompatible
from llmx.endpoint.providers.route import Access
from llmx.endpoint.wire import Response
from tests.endpoint.asking import settings
from tests.fault_server import FaultServer


async def test_tokens_and_context_are_those_of_the_server(tmp_path: Path) -> None:
    async with FaultServer(tokenizes=True) as server:
        endpoint = open_endpoint(settings(server.base_url, tmp_path))
        assert await endpoint.count_tokens("three short words") == 3
        assert await endpoint.context_length() == 4096
        await endpoint.aclose()


async def test_a_server_without_a_tokenizer_counts_nothing(tmp_path: Path) -> None:
    async with FaultServer() as server:
        endpoint = open_endpoint(settings(server.base_url, tmp_path))
        assert await endpoint.count_tokens("three short words") is None
        await endpoint.aclose()


async def test_a_cassette_knows_neither(tmp_path: Path) -> None:
    endpoint = open_endpoint(EndpointSettings(replay=tmp_path))
    assert (await endpoint.count_tokens("a"), await endpoint.context_length()) == (None, None)


async def test_the_context_length_may_stand_in_the_list_of_models() -> None:
    class Listed(OpenAICompatible):
        async def get(self, path: str) -> Response:
            assert path == "/models"
            return Response(200, {}, b'{"data": [{"id": "m", "max_model_len": 32768}]}')

    assert await Listed(Access("http://127.0.0.1:9/v1")).context_length() == 32768
