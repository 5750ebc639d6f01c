"""What the tests of the native providers share: one small extraction, and one small request."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel

from llmx.documents import Document
from llmx.endpoint import EndpointSettings, open_endpoint
from llmx.errors import LlmxError
from llmx.extraction.document import extract_document
from llmx.extraction.options import Options
from llmx.extraction.plan import Extractor
from llmx.extraction.session import open_session
from llmx.record import Record
from tests.endpoint.asking import Clock, ask
from tests.endpoint.providers.native.servers import KEY, ApiServer


class Note(BaseModel):
    """A note."""

    subject: str


async def extracted(settings: EndpointSettings) -> tuple[Record[Any], str]:
    """Return the record of one small document, and the mode in which it was asked for."""
    async with open_session(Extractor(Note, Options(passes=1)), settings) as session:
        record = await extract_document(Document("1", "Subject: harvest."), session.plan, session.endpoint)
        return record, session.plan.mode


def settings(server: ApiServer, model: str, folder: Path, **more: Any) -> EndpointSettings:
    """Return settings to ask ``model`` at ``server``."""
    given = {"base_url": server.base_url, "api_key": KEY, "cache_dir": folder / "cache", **more}
    return EndpointSettings(model, **given)


async def outcome(server: ApiServer, model: str, folder: Path, *, attempts: int = 8, **more: Any) -> tuple[Any, Any]:
    """Return the completion of one request in mode tools, or the error, and the endpoint's figures."""
    clock = Clock()
    asked = {"mode": "tools", **more}
    endpoint = open_endpoint(settings(server, model, folder, **asked), policy=clock.policy(attempts))
    try:
        return await endpoint.complete(ask(mode=asked["mode"], model=model)), (endpoint.stats, clock)
    except LlmxError as error:
        return error, (endpoint.stats, clock)
    finally:
        await endpoint.aclose()
