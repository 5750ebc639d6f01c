"""Who answers? A server, the embedded model, or a cassette: settled before anything is sent."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel

from llmx.endpoint import EndpointSettings
from llmx.endpoint.sight import NUMBER
from llmx.errors import CassetteError, ConfigError, PromptError
from llmx.extraction.options import Options
from llmx.extraction.plan import Extractor
from llmx.extraction.session import answering, is_embedded, open_session
from tests.fault_server import FaultServer, answer


class Note(BaseModel):
    """A note."""

    title: str | None = None


NO_KEY = "LLMX_TEST_NO_KEY_OF_THIS_NAME"


@pytest.mark.parametrize(
    ("model", "embedded"),
    [("local", True), ("local:/a/b.gguf", True), ("localhost-model", False), ("", False), ("gpt-4o", False)],
)
def test_local_and_a_file_for_it_are_the_embedded_model(model: str, *, embedded: bool) -> None:
    assert is_embedded(model) is embedded


@pytest.mark.parametrize(
    "settings",
    [
        EndpointSettings(model="gpt-4o", api_key_env=NO_KEY),
        EndpointSettings(base_url="http://127.0.0.1:1/v1", api_key_env=NO_KEY),
        EndpointSettings(model="m", base_url="http://127.0.0.1:1/v1"),
        EndpointSettings(replay=Path("cassette")),
    ],
)
def test_a_server_that_was_named_or_a_cassette_is_taken_as_it_is(settings: EndpointSettings) -> None:
    heard: list[str] = []
    with answering(settings, say=heard.append) as ready:
        assert ready == settings
    assert heard == []


def test_a_replay_of_the_embedded_model_starts_no_model() -> None:
    with answering(EndpointSettings(model="local", replay=Path("cassette"))) as ready:
        assert ready.model == ""


def test_a_key_without_a_model_is_a_question_back() -> None:
    with pytest.raises(ConfigError, match=r"(?s)no model.*--model"), answering(EndpointSettings(api_key="k")):
        pass


async def test_a_session_has_a_plan_for_what_the_endpoint_honours(tmp_path: Path) -> None:
    async with FaultServer() as server:
        settings = EndpointSettings(base_url=server.base_url, mode="tools", cache_dir=tmp_path)
        async with open_session(Extractor(Note, Options()), settings) as session:
            assert (session.plan.model, session.plan.mode) == ("scripted-1", "tools")
            assert "tools" in session.plan.shared


async def test_a_fault_of_the_prompt_is_told_and_the_endpoint_is_closed(tmp_path: Path) -> None:
    async with FaultServer() as server:
        settings = EndpointSettings(base_url=server.base_url, model="m", mode="json_schema", cache_dir=tmp_path)
        with pytest.raises(PromptError):
            async with open_session(Extractor(Note, Options(prompt="no-such-prompt")), settings):
                pass
        assert server.received == []


@pytest.mark.parametrize("says", ["none", "It shows 42."])
async def test_a_model_that_does_not_see_is_refused_before_the_run_where_every_page_is_to_be_shown(
    tmp_path: Path, says: str
) -> None:
    async with FaultServer([answer(says)]) as server:
        settings = EndpointSettings("scripted-1", base_url=server.base_url, mode="tools", cache_dir=tmp_path)
        with pytest.raises(ConfigError, match="'scripted-1' did not read the number in a tiny picture"):
            async with open_session(Extractor(Note, Options(images="always")), settings):
                pass
        async with open_session(Extractor(Note, Options()), settings) as session:
            assert not await session.endpoint.sees()
        assert len(server.received) == 1


async def test_whether_a_model_sees_is_not_asked_before_a_page_comes_that_needs_it(tmp_path: Path) -> None:
    async with FaultServer([answer(NUMBER)]) as server:
        settings = EndpointSettings("scripted-1", base_url=server.base_url, mode="tools", cache_dir=tmp_path)
        async with open_session(Extractor(Note, Options()), settings) as session:
            assert server.received == []
            assert await session.endpoint.sees()


async def test_a_cassette_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(CassetteError, match="nowhere"):
        async with open_session(Extractor(Note, Options()), EndpointSettings(replay=tmp_path / "nowhere")):
            pass
