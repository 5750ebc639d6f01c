"""Settles what the settings left open: the model's name and the mode."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmx.endpoint.adaptive_timeout import AdaptiveTimeout
from llmx.endpoint.modes import MODES, Mode
from llmx.endpoint.settings import cache_folder, shown_url
from llmx.errors import ConfigError, ConnectError, RequestError

if TYPE_CHECKING:
    from pathlib import Path

    from llmx.endpoint.redact import Redactor
    from llmx.endpoint.settings import EndpointSettings
    from llmx.endpoint.wire import OpenAIWire


@dataclass(frozen=True, slots=True)
class Resolved:
    """What requests are made with.

    ``model`` is the name to send, ``mode`` one of the four. ``how`` says where the mode comes from: given, probed,
    remembered, or cassette. ``limit_name`` is what the endpoint calls the limit of an answer (max_tokens or
    max_completion_tokens), ``temperature`` whether it may be set.
    """

    model: str
    mode: Mode
    how: str
    limit_name: str = "max_tokens"
    temperature: bool = True


def from_cassette(settings: EndpointSettings, folder: Path, redactor: Redactor) -> Resolved:
    """Return model and mode of the recording; what the settings give goes first. Raises CassetteError."""
    from llmx.endpoint.cassette import Cassette  # noqa: PLC0415 - only where it is used

    recorded = Cassette(folder, redactor=redactor).settings(
        model=settings.model, mode="" if settings.mode == "auto" else settings.mode
    )
    mode = recorded.mode if settings.mode == "auto" else settings.mode
    return Resolved(recorded.model, _known(mode), "cassette", recorded.limit_name, recorded.temperature)


async def from_server(
    server: OpenAIWire, settings: EndpointSettings, *, redactor: Redactor, thorough: bool = False
) -> Resolved:
    """Return the given mode, else the remembered one, else the one that a probe finds.

    With ``thorough`` every mode is probed anew, even where one is given, and the verdict is remembered.
    Raises ConfigError where no model is named and the endpoint does not offer exactly one, and what the probe raises.
    """
    from llmx.endpoint.probe import probe, remember, remembered, verdict_path  # noqa: PLC0415 - only where it is used

    model = settings.model or await _only_model(server, settings)
    path = verdict_path(cache_folder(settings), settings.base_url, model)
    verdict, how = None if settings.refresh or thorough else remembered(path), "remembered"
    if thorough or (verdict is None and settings.mode == "auto"):
        wire, how = AdaptiveTimeout(server, settings.attempt_s), "probed"
        try:
            verdict = await probe(wire, model, api_key_env=settings.api_key_env, redactor=redactor, thorough=thorough)
        except RequestError as error:
            raise await explained(server, model, error) from None
        remember(path, verdict, settings.base_url)
    if settings.mode != "auto":
        mode, how = _known(settings.mode), "given"
    else:
        assert verdict is not None
        mode = verdict.mode
    if verdict is None:
        return Resolved(model, mode, how)
    return Resolved(model, mode, how, verdict.limit_name, verdict.temperature)


async def explained(server: OpenAIWire | None, model: str, error: RequestError) -> RequestError:
    """Return a 404 with the models that the endpoint does offer, any other error as it is."""
    if error.status != 404 or server is None:
        return error
    from llmx.endpoint.faults import not_offered  # noqa: PLC0415 - only where it fails

    try:
        return not_offered(error, model, await server.models())
    except ConnectError:
        return error


async def _only_model(server: OpenAIWire, settings: EndpointSettings) -> str:
    offered = await server.models()
    if len(offered) == 1:
        return offered[0]
    where = shown_url(settings.base_url)
    if not offered:
        raise ConfigError(f"no model is named, and {where} does not say which it offers", hint="Set --model.")
    listed = ", ".join(sorted(offered)[:12])
    raise ConfigError(f"no model is named, and {where} offers {len(offered)}: {listed}", hint="Set --model.")


def _known(mode: str) -> Mode:
    if mode not in MODES:
        raise ConfigError(f"{mode!r} is not a mode", hint=f"Choose one of auto, {', '.join(MODES)}.")
    return mode
