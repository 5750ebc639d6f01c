"""Everything that describes an endpoint, in one frozen value, with the defaults.

Where a value comes from (option, environment, file) is the command line's business, what follows from it
``opening.py``'s.
"""

from __future__ import annotations

import ipaddress
import os
import re
import urllib.parse
from collections.abc import Mapping
from dataclasses import field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmx.dataclass import dataclass
from llmx.endpoint.extras import checked_extra, checked_headers
from llmx.endpoint.own_secrets import own_secrets
from llmx.endpoint.providers.native.registry import NativeProvider, native_provider
from llmx.endpoint.redact import Redactor
from llmx.errors import ConfigError, choices

if TYPE_CHECKING:
    from llmx.endpoint.quirks import ParamQuirks

REMOTE_TIMEOUT_S = 120.0
"""How long one attempt may take. A hosted model answers 4,000 tokens at 50 a second in 80 s."""

LOCAL_TIMEOUT_S = 900.0
"""The same on a loopback address: the model runs on somebody's CPU, and requests wait in its queue."""

RETRY_ATTEMPTS = 8
"""Requests for one answer. With full jitter from 0.5 s, doubling up to 30 s, eight take 47 s on average and 95 s at
most: longer than a server takes to restart, or the window of a rate limit (a minute)."""

RETRY_S = 600.0
"""Seconds from the first attempt in which another may begin: five remote time-outs, and the longest Retry-After that is
worth waiting for."""

CACHE_BYTES = 2**30
"""Room for half a million answers of some 1.5 KB."""

OPENAI_KEY = "OPENAI_API_KEY"

APIS = ("auto", "chat", "responses")
"""The values of ``api``."""

_COMPLETIONS = "/chat/completions"

ELSEWHERE = re.compile(r"^(?P<model>.*?)@(?P<url>https?://[^#\s]+)(?:#(?P<variable>\w+))?$")
"""A model on another server, in one word; ``EndpointSettings.asking`` says what it means."""

KEYLESS = "none"
"""The key that goes to the server of a model on another server for which no variable is named."""

SHARED = ("cache", "cache_dir", "cache_bytes", "cache_url", "refresh", "record", "replay", "redact", "redact_documents")
"""What a model and its fallbacks have in common."""


@dataclass(frozen=True, slots=True)
class EndpointSettings:
    """Which endpoint to ask, and how.

    ``model`` '' takes the only model that the endpoint offers. ``base_url`` None is the provider's own. ``api_key``
    takes precedence over the variable ``api_key_env``, which is the provider's own by default. ``mode`` auto probes
    once. ``timeout_s`` bounds one attempt, ``retry_s`` the time in which attempts may begin; None takes the defaults
    above. ``cache_dir`` None is the user's cache folder; ``cache`` False (--no-cache) neither reads nor writes it;
    ``cache_url`` is a Redis server or a PostgreSQL database that keeps answers and records for many machines, in the
    place of the folder;
    ``refresh`` asks anew and overwrites. ``record`` and ``replay`` are cassette folders, ``redact`` lists the user's
    secrets (plain, or /regular expressions/); ``redact_documents`` takes secrets out of documents, too, before anything
    is sent. ``strict`` sends schemas in OpenAI's strict subset and with its flag, where the endpoint takes it. ``api``
    is OpenAI's 'chat' (completions) or 'responses'; auto takes chat, and responses where chat is refused.
    ``reasoning_effort`` and ``extra_body`` go into every request's body, ``headers`` beside it: their values stand in
    no file and no message. ``provider`` is the name that the model began with, which ``known_providers.py`` has taken
    off it. ``fallbacks`` are asked in turn for what this model does not answer; cache and cassettes are those of the
    first. ``sdk`` is a client of OpenAI's SDK to send through, where the user brought one that settings cannot
    describe. ``withheld`` says why neither a key nor what the environment says of OpenAI goes to this address, '' where
    they may. ``embedded``: the server is the embedded model's, which gives probabilities of tokens and costs time only;
    ``prefixes`` is the folder where it keeps the beginnings of prompts.
    """

    model: str = ""
    base_url: str | None = None
    api_key_env: str = OPENAI_KEY
    api_key: str | None = field(default=None, repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    mode: str = "auto"
    strict: bool = False
    timeout_s: float | None = None
    retry_attempts: int = RETRY_ATTEMPTS
    retry_s: float | None = None
    cache: bool = True
    cache_dir: Path | None = None
    cache_bytes: int = CACHE_BYTES
    cache_url: str = field(default="", repr=False)
    refresh: bool = False
    record: Path | None = None
    replay: Path | None = None
    redact: tuple[str, ...] = field(default=(), repr=False)
    api: str = "auto"
    reasoning_effort: str | None = None
    extra_body: Mapping[str, Any] = field(default_factory=dict, hash=False)
    provider: str = ""
    fallbacks: tuple[EndpointSettings, ...] = ()
    redact_documents: bool = False
    sdk: Any = field(default=None, repr=False, compare=False)
    withheld: str = ""
    embedded: bool = False
    prefixes: Path | None = None

    def __post_init__(self) -> None:
        check_fallbacks(self.fallbacks)
        if self.record and self.replay:
            raise ConfigError("--record and --replay contradict each other", hint="Give one of them.")
        if self.strict and self.mode in {"json", "text"}:
            raise ConfigError(
                f"--strict and --mode {self.mode} contradict each other",
                hint="Only the modes tools and json_schema send a schema.",
            )
        if self.api not in APIS:
            raise ConfigError(f"{self.api!r} is not an API", hint=choices(self.api, APIS))
        checked_extra(self.extra_body, self.reasoning_effort)
        checked_headers(self.headers)
        if self.retry_attempts < 1:
            raise ConfigError("retry_attempts must be at least 1", hint="1 sends each request once, without retries.")
        for name in ("timeout_s", "retry_s"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise ConfigError(f"{name} must be more than 0 seconds, not {value}")
        if self.base_url and not self.base_url.startswith(("http://", "https://")):
            raise ConfigError(
                f"the base URL {self.base_url.rpartition('@')[2].partition('?')[0]!r} has no http:// or https://",
                hint="For example http://127.0.0.1:8080/v1",
            )
        path = shown_url(self.base_url).rstrip("/")
        if path.endswith(_COMPLETIONS):
            raise ConfigError(
                f"the base URL ends in {_COMPLETIONS}, which is added to it",
                hint=f"Give the root of the API: --base-url {path.removesuffix(_COMPLETIONS)}",
            )

    @property
    def in_turn(self) -> tuple[EndpointSettings, ...]:
        """These settings and those of the fallbacks, in the order in which they are asked, with one cache."""
        shared = {name: getattr(self, name) for name in SHARED}
        return (replace(self, fallbacks=()), *(replace(each, **shared) for each in self.fallbacks))

    def asking(self, reference: str) -> EndpointSettings:
        """Return the settings that ask another model: ``NAME``, or ``NAME@BASE_URL`` for one on another server.

        ``NAME@BASE_URL#VARIABLE`` names the environment variable with the API key of that server: a key is only ever
        sent to the server that it was given for.
        """
        elsewhere = ELSEWHERE.match(reference)
        if elsewhere is None:
            return replace(self, model=reference)
        named = elsewhere["variable"]
        key = {"api_key_env": named, "api_key": None} if named else {"api_key": KEYLESS}
        return replace(self, model=elsewhere["model"], base_url=elsewhere["url"], headers=(), withheld="", **key)

    @property
    def key(self) -> str | None:
        """The API key to use, None where there is none, or it is withheld."""
        return None if self.withheld else self.api_key or os.environ.get(self.key_variable) or None

    @property
    def native(self) -> NativeProvider | None:
        """The provider through whose own protocol the model is asked, None where that is OpenAI's."""
        return native_provider(self.model, self.base_url)

    @property
    def key_variable(self) -> str:
        """The environment variable that the key is read from: the provider's own, unless another is named."""
        native = self.native if self.api_key_env == OPENAI_KEY else None
        return self.api_key_env if native is None else native.key_variable

    @property
    def variable_to_set(self) -> str:
        """The variable to name where the key is refused, '' where the key is withheld: a better one would not go.

        It is ``#VARIABLE`` where the model is on another server and none was named.
        """
        named = "#VARIABLE" if self.api_key == KEYLESS else self.key_variable
        return "" if self.withheld else named

    def check_headers(self) -> None:
        """Raise ConfigError where the key or a header cannot be sent: it holds a line break or another control."""
        key, source = self.key, "the API key" if self.api_key else f"the API key in {self.key_variable}"
        named = [(source, key or ""), *((f"the header {name.strip()!r}", value) for name, value in self.headers)]
        for what, value in named:
            if not value.isprintable():
                kind = "a line break" if {"\n", "\r"} & set(value) else "a control character"
                raise ConfigError(f"{what} holds {kind}, and cannot be sent", hint="Set it again as one line.")

    @property
    def redactor(self) -> Redactor:
        """What takes the user's secrets, the key, custom headers and what the address holds out of files and errors."""
        asked = (self, *self.fallbacks)
        secrets = [secret for each in asked for secret in (each.key, *own_secrets(each.base_url, each.headers))]
        return Redactor.of(self.redact, secrets=secrets)

    @property
    def answer_redactor(self) -> Redactor:
        """What takes secrets out of answers: the endpoint's own, and with ``redact_documents`` all others, too."""
        return self.redactor if self.redact_documents else self.redactor.of_answers

    @property
    def extra(self) -> dict[str, Any]:
        """What the settings add to the body of every request, in the terms of a chat completion."""
        effort = {} if self.reasoning_effort is None else {"reasoning_effort": self.reasoning_effort}
        return {**effort, **self.extra_body}

    @property
    def assumed_quirks(self) -> ParamQuirks:
        """What is assumed of the endpoint before it was asked: what its provider's name and a given API say."""
        from llmx.endpoint.known_providers import known_providers  # noqa: PLC0415 - only where a name is used
        from llmx.endpoint.quirks import ParamQuirks  # noqa: PLC0415 - imports this module

        known = known_providers().get(self.provider) if self.provider else None
        quirks = ParamQuirks(**known.quirks) if known else ParamQuirks()
        return replace(quirks, api="responses") if self.api == "responses" else quirks

    @property
    def local(self) -> bool:
        """Whether the endpoint is on this machine."""
        return is_loopback(self.base_url)

    @property
    def attempt_s(self) -> float:
        """Seconds that one attempt may take."""
        return self.timeout_s or (LOCAL_TIMEOUT_S if self.local else REMOTE_TIMEOUT_S)

    @property
    def budget_s(self) -> float:
        """Seconds in which a new attempt may begin: at least two time-outs, so that a hung request is tried again."""
        return self.retry_s or max(RETRY_S, 2.5 * self.attempt_s)


def check_fallbacks(fallbacks: tuple[EndpointSettings, ...]) -> None:
    """Raise ConfigError where a fallback names no model, or says of itself what all models have in common."""
    usual = {field.name: field.default for field in fields(EndpointSettings)}
    for each in fallbacks:
        if not (each.model or each.base_url):
            raise ConfigError("a fallback names no model", hint="Give --fallback NAME, or NAME@BASE_URL.")
        own = [name for name in ("fallbacks", *SHARED) if getattr(each, name) != usual[name]]
        if own:
            raise ConfigError(
                f"the fallback {each.model!r} has {', '.join(own)} of its own",
                hint="Give these with the settings of the first model: they hold for all.",
            )


def shown_url(base_url: str | None) -> str:
    """Return ``base_url`` as a message may show it: without user, password and query, which can be secrets.

    >>> shown_url("https://me:secret@example.com/v1?key=secret")
    'https://example.com/v1'
    """
    if not base_url:
        return "the endpoint"
    parts = urllib.parse.urlsplit(base_url)
    return urllib.parse.urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def shown_reference(reference: str) -> str:
    """Return a model's name, or its name and address on another server, as a message may show it.

    >>> shown_reference("m@http://me:secret@gpu7/v1?key=secret#GPU_KEY")
    'm@http://gpu7/v1#GPU_KEY'
    """
    found = ELSEWHERE.match(reference)
    if found is None:
        return reference
    variable = f"#{found['variable']}" if found["variable"] else ""
    return f"{found['model']}@{shown_url(found['url'])}{variable}"


def is_openai(base_url: str | None) -> bool:
    """Return whether ``base_url`` is OpenAI's, which None is.

    >>> is_openai("https://eu.api.openai.com/v1"), is_openai("https://api.openai.com.example.net/v1")
    (True, False)
    """
    parts = urllib.parse.urlsplit(base_url or "https://api.openai.com")
    return parts.scheme == "https" and f".{parts.hostname}".endswith(".api.openai.com")


def is_loopback(base_url: str | None) -> bool:
    """Return whether ``base_url`` names this machine.

    >>> is_loopback("http://localhost:8080/v1"), is_loopback("https://api.openai.com/v1")
    (True, False)
    """
    host = urllib.parse.urlsplit(base_url or "").hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def cache_folder(settings: EndpointSettings | None = None) -> Path:
    """Return the cache folder: the given one, $LLMX_CACHE_DIR, or the user's."""
    if settings and settings.cache_dir:
        return settings.cache_dir
    if named := os.environ.get("LLMX_CACHE_DIR"):
        return Path(named).expanduser()
    from platformdirs import user_cache_path  # noqa: PLC0415 - heavy for what it is

    return user_cache_path("llmx")
