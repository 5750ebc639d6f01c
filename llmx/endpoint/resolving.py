"""Settles what the settings left open: the model's name, the mode, and the terms in which requests are made."""

from __future__ import annotations

import logging
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any

from llmx.dataclass import dataclass
from llmx.endpoint.adaptive_timeout import AdaptiveTimeout
from llmx.endpoint.modes import MODES, STRICT_MODES, Mode
from llmx.endpoint.quirks import USUAL, ParamQuirks, refuses_form, wanted_api
from llmx.endpoint.settings import cache_folder, shown_url
from llmx.errors import CassetteError, ConfigError, EndpointError, RequestError, choices

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from llmx.endpoint.probe import Probe, ProbeResult
    from llmx.endpoint.settings import EndpointSettings
    from llmx.endpoint.wire import Provider
    from llmx.request import Request

_LOG = logging.getLogger("llmx.endpoint")


@dataclass(frozen=True, slots=True)
class ResolvedModel:
    """What requests are made with.

    ``model`` is the name to send, ``mode`` one of the four; ``how`` says where the mode comes from: given, probed,
    remembered, or cassette. ``quirks`` are the endpoint's terms. ``strict`` says whether schemas go out with OpenAI's
    strict flag: where that was asked for and the endpoint takes it. ``extra`` is added to every request's body.
    ``verifies`` says that asking about values costs no more than time, or was done for a recording.
    """

    model: str
    mode: Mode
    how: str
    quirks: ParamQuirks = USUAL
    strict: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)
    verifies: bool = False


def from_cassette(settings: EndpointSettings, folder: Path) -> ResolvedModel:
    """Return what the recording was made with; model, mode, strictness and extras that the settings give come first.

    Raises CassetteError.
    """
    from llmx.endpoint.cassette import Cassette  # noqa: PLC0415 - only where it is used

    cassette, given = Cassette(folder, redactor=settings.redactor), "" if settings.mode == "auto" else settings.mode
    try:
        recorded = cassette.settings(model=settings.model, mode=given)
    except CassetteError:
        if not settings.provider:
            raise
        # an id that begins as a name does, and was recorded with a base URL
        recorded = cassette.settings(model=f"{settings.provider}/{settings.model}", mode=given)
    mode = _known(recorded.mode if settings.mode == "auto" else settings.mode)
    strict = settings.strict or bool(recorded.quirks.strict)
    extra = settings.extra or recorded.extra
    return ResolvedModel(
        recorded.model, mode, "cassette", recorded.quirks, strict=strict, extra=extra, verifies=recorded.verified
    )


async def from_provider(provider: Provider, settings: EndpointSettings) -> ResolvedModel:
    """Return the given mode, else the remembered one, else the one that a probe finds; and the terms that are known.

    Where the settings ask for strict schemas and it is not known yet whether the endpoint takes them, it is asked, in a
    given mode too; where it does not, a warning says so. Raises ConfigError where no model is named and the
    endpoint does not offer exactly one, and what the probe raises.
    """
    probe = await _probe(provider, settings)
    try:
        result, how = await _mode(probe, settings)
        if settings.strict and result.mode in STRICT_MODES and result.quirks.strict is None:
            result = await _strictness(probe, settings, result)
    except RequestError as error:
        raise await explained(error, probe.model, provider=provider, settings=settings) from None
    strict = settings.strict and result.mode in STRICT_MODES and result.quirks.strict is True
    if settings.strict and not strict:
        why = "refuses the strict flag" if result.mode in STRICT_MODES else f"honours only the mode {result.mode}"
        _LOG.warning("--strict has no effect: %s %s", shown_url(settings.base_url), why)
    return ResolvedModel(
        probe.model, result.mode, how, result.quirks, strict=strict, extra=settings.extra, verifies=settings.embedded
    )


def assumed(settings: EndpointSettings) -> ResolvedModel:
    """Return what requests would be made with, as far as it is known without asking anybody, for a dry run.

    Where the mode is open, it is the one that a probe tries first, and ``how`` is 'assumed'. A model that is not named
    is ''. Raises CassetteError on a replay.
    """
    from llmx.endpoint.probe import ProbeResult  # noqa: PLC0415 - only here

    if settings.replay is not None:
        return from_cassette(settings, settings.replay)
    guess = ProbeResult(settings.model, MODES[0], quirks=settings.assumed_quirks)
    result, how = _mode_known(settings, settings.model) or (guess, "assumed")
    strict = settings.strict and result.mode in STRICT_MODES and result.quirks.strict is not False
    return ResolvedModel(
        settings.model, result.mode, how, result.quirks, strict=strict, extra=settings.extra, verifies=settings.embedded
    )


async def examine(provider: Provider, settings: EndpointSettings) -> ProbeResult:
    """Return what becomes of every mode, and of the strict flag in the best; ``llmx doctor`` shows it.

    Sends up to six short requests, whatever is remembered, and remembers the result. Raises as ``from_provider`` does.
    """
    from llmx.endpoint.probe import remember  # noqa: PLC0415 - only where it is used

    probe = await _probe(provider, settings)
    try:
        result = await probe.every_mode()
        if result.mode in STRICT_MODES:
            result = replace(result, quirks=await probe.strictness(result.mode))
    except RequestError as error:
        raise await explained(error, probe.model, provider=provider, settings=settings) from None
    remember(verdict_path(settings, probe.model), result, settings.base_url)
    return result


def verdict_path(settings: EndpointSettings, model: str, *, mode: str = "auto") -> Path:
    """Return the file that remembers what is known of ``model`` at the endpoint, with the API and extras asked for."""
    from llmx.endpoint.probe import result_path  # noqa: PLC0415 - only where it is used

    api = [] if settings.api == "auto" else [f"api {settings.api}"]
    extra = [settings.extra] if settings.extra else []
    return result_path(cache_folder(settings), settings.base_url, model, mode=mode, choices=[*api, *extra])


async def _probe(provider: Provider, settings: EndpointSettings) -> Probe:
    from llmx.endpoint.probe import Probe  # noqa: PLC0415 - only where it is used

    model = settings.model or await _only_model(provider, settings)
    wire = AdaptiveTimeout(provider, settings.attempt_s)
    return Probe(
        wire, model, api_key_env=settings.variable_to_set, redactor=settings.redactor, quirks=settings.assumed_quirks,
        extra=settings.extra, free_api=settings.api == "auto",
    )  # fmt: skip


async def _mode(probe: Probe, settings: EndpointSettings) -> tuple[ProbeResult, str]:
    """Return what is known about the mode to use, and where it comes from."""
    from llmx.endpoint.probe import remember  # noqa: PLC0415 - only here

    known = _mode_known(settings, probe.model)
    if known is not None:
        return known
    best = await probe.best_mode()
    remember(verdict_path(settings, probe.model), best, settings.base_url)
    return best, "probed"


def _mode_known(settings: EndpointSettings, model: str) -> tuple[ProbeResult, str] | None:
    """Return the given or the remembered mode with what is known of it, and which of the two; None where it is open."""
    from llmx.endpoint.probe import ProbeResult, remembered  # noqa: PLC0415 - only here

    best = None if settings.refresh else remembered(verdict_path(settings, model))
    if settings.mode == "auto":
        return None if best is None else (best, "remembered")
    mode = _known(settings.mode)
    chosen = None if settings.refresh else remembered(verdict_path(settings, model, mode=mode))
    if chosen is None and best is not None:  # the parameters' names do not depend on the mode, strictness does
        chosen = best if best.mode == mode else replace(best, mode=mode, quirks=replace(best.quirks, strict=None))
    return chosen or ProbeResult(model, mode, quirks=settings.assumed_quirks), "given"


async def _strictness(probe: Probe, settings: EndpointSettings, result: ProbeResult) -> ProbeResult:
    """Return ``result`` with strictness known, and remember it."""
    from llmx.endpoint.probe import remember, today  # noqa: PLC0415 - only where it is used

    asked = replace(probe, quirks=result.quirks)
    result = replace(result, quirks=await asked.strictness(result.mode), probed=today())
    remember(verdict_path(settings, probe.model, mode=settings.mode), result, settings.base_url)
    return result


async def explained(
    error: RequestError, model: str, *, provider: Provider | None, settings: EndpointSettings
) -> RequestError:
    """Return ``error`` with what to do about it; as it is where no ``provider`` answered (on a replay).

    An API that was given and is refused is told with the one that is wanted. A 404 names the models that the endpoint
    does offer, or what is wrong with the base URL. Where the form of the request is refused, what was remembered about
    the model, by ``settings``, no longer holds: it is forgotten, so that the next run learns it anew.
    """
    if provider is None:
        return error
    if settings.api != "auto" and settings.native is None and (wanted := wanted_api(error, settings.api)):
        hint = f"--api {settings.api} was given, and this endpoint wants --api {wanted}: give that, or --api auto."
        return RequestError(error.message, hint=hint, status=error.status)
    if refuses_form(error) and forget(settings, model):
        hint = f"{error.hint} What was remembered of this endpoint is forgotten: the next run probes it anew."
        return RequestError(error.message, hint=hint, status=error.status)
    if error.status != 404:
        return error
    from llmx.endpoint.faults import not_found  # noqa: PLC0415 - only where it fails

    try:
        base_url = None if settings.native else settings.base_url  # only roots of OpenAI's API have a usual end
        offered = [settings.redactor.text(name) for name in await provider.models()]
        return not_found(error, model, offered, base_url=base_url)
    except EndpointError:
        return error


def remember_quirks(settings: EndpointSettings, request: Request, quirks: ParamQuirks) -> None:
    """Remember what the endpoint taught by refusals of ``request``, beside what was known of the model."""
    from llmx.endpoint.probe import ProbeResult, remember, remembered, today  # noqa: PLC0415 - only here

    path = verdict_path(settings, request.model, mode=settings.mode)
    known = remembered(path)
    if known is None and settings.mode == "auto":
        return  # it was forgotten meanwhile: the next run probes anew
    known = known or ProbeResult(request.model, _known(settings.mode))
    remember(path, replace(known, quirks=quirks, probed=today()), settings.base_url)


def forget(settings: EndpointSettings, model: str) -> bool:
    """Forget what was remembered of ``model`` at the endpoint; return whether there was anything."""
    from llmx.endpoint.probe import remembered  # noqa: PLC0415 - only where it is used

    paths = [verdict_path(settings, model, mode=mode) for mode in ("auto", *MODES)]
    known = [path for path in paths if remembered(path) is not None]
    for path in known:
        path.unlink(missing_ok=True)
    return bool(known)


async def _only_model(provider: Provider, settings: EndpointSettings) -> str:
    offered = await provider.models()
    if len(offered) == 1:
        return offered[0]
    where = shown_url(settings.base_url)
    if not offered:
        hint = "Set --model."
        if settings.key is None:
            hint += (
                f" It may want a key, and none was sent: {settings.withheld or f'{settings.key_variable} is not set'}."
            )
        raise ConfigError(f"no model is named, and {where} does not say which it offers", hint=hint)
    listed = ", ".join(map(settings.redactor.text, sorted(offered)[:12]))
    raise ConfigError(f"no model is named, and {where} offers {len(offered)}: {listed}", hint="Set --model.")


def _known(mode: str) -> Mode:
    if mode not in MODES:
        raise ConfigError(f"{mode!r} is not a mode", hint=choices(mode, ("auto", *MODES)))
    return mode
