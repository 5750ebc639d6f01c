"""The endpoint of an instructor client that the user has already: its model, address, key, headers and mode.

What a client says becomes settings, so that cache, cassettes, limits and proof work as with settings that were written
by hand. A client of OpenAI's SDK takes the straight path; one with a connection, a token or a version of its own sends
the requests itself. Clients of other SDKs are asked through llmx's own client of the same provider. instructor's hooks,
retries and templates have no part in it: docs/moving-from-instructor.md says what takes their place.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from llmx.endpoint.settings import OPENAI_KEY, EndpointSettings
from llmx.errors import ConfigError, UsageError

_HTTP_WRAPPERS = frozenset(
    {"SyncHttpxClientWrapper", "AsyncHttpxClientWrapper"}
)  # what the SDKs of OpenAI and Anthropic connect with where the user brings nothing

_USUAL_RETRIES = 2  # of the SDKs: nobody chose it

_MODES: dict[str, dict[str, Any]] = {
    "TOOLS": {"mode": "tools"}, "FUNCTIONS": {"mode": "tools"},
    "JSON": {"mode": "json"}, "JSON_O1": {"mode": "text"}, "MD_JSON": {"mode": "text"},
    "JSON_SCHEMA": {"mode": "json_schema"}, "RESPONSES_TOOLS": {"mode": "tools", "api": "responses"},
    "OPENROUTER_STRUCTURED_OUTPUTS": {"mode": "json_schema"},
}  # fmt: skip
"""Modes of instructor, by name, and what they are here; a mode of one provider is found out."""

_INTERNAL = frozenset({"model", "_cohere_client_version"})
_LIMITS = frozenset({"max_tokens", "max_completion_tokens", "max_output_tokens"})


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """What a client stands for: the endpoint, and of its default arguments those that are options of an extraction."""

    endpoint: EndpointSettings
    options: dict[str, Any]


def client_settings(client: Any, base: EndpointSettings, *, model: str = "") -> ClientSettings:
    """Return the settings of an instructor ``client``, sync or async; ``base`` says what a client does not.

    ``model`` counts before the client's own. Raises UsageError for what is no client of instructor, ConfigError for one
    that does not say its model, whose provider or mode llmx does not have, or that ``base`` contradicts.
    """
    if not hasattr(client, "create_fn") or not hasattr(client, "mode"):
        raise UsageError(
            f"client is a {type(client).__name__}, not a client of instructor",
            hint="Such as instructor.from_provider('openai/gpt-4o-mini'), or instructor.from_openai(OpenAI()).",
        )
    given = [name for name in ("base_url", "api_key", "headers", "provider") if getattr(base, name)]
    if given:
        raise ConfigError(f"client and endpoint both say {', '.join(given)}", hint="Leave it to one of them.")
    name = model or base.model or _model(client)
    if not name:
        raise ConfigError(
            "the client does not say which model to ask", hint="Give model=, or make it by from_provider."
        )
    sdk = client.client
    package = type(sdk).__module__.partition(".")[0]
    if package == "openai":
        made = _openai(sdk, replace(base, model=name))
    elif package in _NATIVE:
        made = _native(sdk, replace(base, model=name), _NATIVE[package])
    else:
        raise ConfigError(
            f"llmx does not know how to ask through {package}'s client",
            hint="`llmx models` lists the providers; most also speak OpenAI's protocol, for --base-url.",
        )
    extra, options = _defaults(client.kwargs)
    if base.mode == "auto":
        made = replace(made, **_mode(client.mode.name, native=package != "openai"))
    if extra:
        made = replace(made, extra_body={**extra, **made.extra_body})
    return ClientSettings(made, options)


def _model(client: Any) -> str:
    """Return the model that a client asks by default: instructor keeps it in its arguments, or in a closure."""
    if named := client.kwargs.get("model"):
        return str(named)
    try:
        kept = inspect.getclosurevars(client.create_fn).nonlocals
    except TypeError:
        return ""
    return str(kept.get("default_model") or "")


def _mode(name: str, *, native: bool) -> dict[str, Any]:
    if "PARALLEL" in name or "INBUILT" in name:
        raise ConfigError(f"instructor's mode {name} asks for several calls", hint="Extract one schema with a list.")
    return {} if native else _MODES.get(name, {})


def _defaults(arguments: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the default arguments of a client: those for the body of a request, and those that are options."""
    extra, options = dict[str, Any](), dict[str, Any]()
    for name, value in arguments.items():
        if name in _INTERNAL:
            continue
        if name in _LIMITS:
            options["max_output_tokens"] = int(value)
        elif name in {"temperature", "seed"}:
            options[name] = value
        elif name in {"max_retries", "context", "strict", "hooks", "response_model"}:
            hint = "Give it with llmx.Options (reasks), or as a mark of the schema."
            raise ConfigError(f"the client's default {name} has no effect here", hint=hint)
        else:
            extra[name] = value
    return extra, options


def _openai(sdk: Any, base: EndpointSettings) -> EndpointSettings:
    """Return the settings of a client of OpenAI's SDK."""
    named = {"OpenAI-Organization": sdk.organization, "OpenAI-Project": sdk.project}
    headers = {**{name: value for name, value in named.items() if value}, **sdk._custom_headers}
    own = type(sdk).__name__ not in {"OpenAI", "AsyncOpenAI"} or _is_own(sdk) or bool(sdk._custom_query)
    own = own or getattr(sdk, "_api_key_provider", None) is not None
    made = replace(
        base, base_url=str(sdk.base_url).rstrip("/"), api_key=str(sdk.api_key) or "none",
        headers=() if own else tuple((str(name), str(value)) for name, value in headers.items()),
        sdk=sdk if own else None,
    )  # fmt: skip
    return _patience(sdk, made)


def _is_own(sdk: Any) -> bool:
    """Return whether the user brought the connection: with a proxy, certificates or a transport of his."""
    return type(sdk._client).__name__ not in _HTTP_WRAPPERS


def _patience(sdk: Any, made: EndpointSettings) -> EndpointSettings:
    """Return ``made`` with the time-out and the retries that the user chose for the client; the usual ones stay out."""
    timeout = sdk.timeout
    if isinstance(timeout, int | float) and made.timeout_s is None:
        made = replace(made, timeout_s=float(timeout))
    if sdk.max_retries != _USUAL_RETRIES and made.retry_attempts == EndpointSettings().retry_attempts:
        made = replace(made, retry_attempts=sdk.max_retries + 1)
    return made


@dataclass(frozen=True, slots=True)
class _Native:
    """How a client of another SDK says its provider's name, its address, and its key."""

    prefix: Callable[[Any], str]
    key: Callable[[Any], str | None]
    base_url: Callable[[Any], str | None]
    usual: str = ""


def _native(sdk: Any, base: EndpointSettings, native: _Native) -> EndpointSettings:
    prefix = native.prefix(sdk)
    model = base.model if base.model.startswith(f"{prefix}/") else f"{prefix}/{base.model}"
    address = (native.base_url(sdk) or "").rstrip("/")
    made = replace(
        base, model=model, base_url=None if address in {"", native.usual} else address, api_key=native.key(sdk),
        api_key_env=OPENAI_KEY,
    )  # fmt: skip
    if made.native is None:
        raise ConfigError(
            f"llmx does not know how to ask {model} at the address of the client",
            hint="Give model= and endpoint= instead of the client.",
        )
    if prefix == "anthropic":
        if _is_own(sdk):
            raise ConfigError("the client of Anthropic's SDK has a connection of its own", hint=_WITHOUT_CLIENT)
        headers = {name: value for name, value in sdk._custom_headers.items() if name.lower() != "user-agent"}
        made = _patience(sdk, replace(made, headers=tuple(headers.items())))
    return made


_WITHOUT_CLIENT = "Give model= and endpoint= instead of the client; proxies are those of the environment."


def _bedrock_key(sdk: Any) -> str | None:
    """Return no key: the SDK finds the credentials. Raises ConfigError where the client was given some itself."""
    if getattr(sdk._request_signer._credentials, "method", "") == "explicit":
        hint = "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile, from which both read them."
        raise ConfigError("the client of Bedrock was given its credentials itself", hint=hint)
    return None


def _mistral_key(sdk: Any) -> str | None:
    kept = sdk.sdk_configuration.security
    return getattr(kept() if callable(kept) else kept, "api_key", None)


_NATIVE: dict[str, _Native] = {
    "anthropic": _Native(
        lambda _: "anthropic", lambda sdk: sdk.api_key, lambda sdk: str(sdk.base_url), "https://api.anthropic.com"
    ),
    "mistralai": _Native(
        lambda _: "mistral", _mistral_key, lambda sdk: sdk.sdk_configuration.get_server_details()[0],
        "https://api.mistral.ai",
    ),
    "cohere": _Native(
        lambda _: "cohere", lambda sdk: sdk._client_wrapper._get_token(), lambda sdk: sdk._client_wrapper._base_url,
        "https://api.cohere.com",
    ),
    "google": _Native(
        lambda sdk: "vertexai" if sdk._api_client.vertexai else "google", lambda sdk: sdk._api_client.api_key,
        lambda sdk: sdk._api_client._http_options.base_url, "https://generativelanguage.googleapis.com",
    ),
    "writerai": _Native(
        lambda _: "writer", lambda sdk: sdk.api_key, lambda sdk: str(sdk.base_url), "https://api.writer.com"
    ),
    "botocore": _Native(lambda _: "bedrock", _bedrock_key, lambda sdk: sdk.meta.endpoint_url),
}  # fmt: skip
"""By the package of the SDK's class."""
