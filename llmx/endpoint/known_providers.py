"""The names with which a model may begin: ``groq/…`` stands for Groq's base URL, key variable and quirks.

They are data (``data/known_providers.yaml``) about servers that speak OpenAI's protocol; those with protocols of their
own are in ``providers/native/registry.py``. A name counts only where nobody gives a base URL: with one, the model's id
is sent as it is, whatever slashes it holds. The key of a name goes to the host of that name and to no other.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from dataclasses import field, replace
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from llmx.dataclass import dataclass
from llmx.endpoint.providers.native.registry import NATIVE_PROVIDERS, native_provider
from llmx.endpoint.settings import ELSEWHERE, OPENAI_KEY, SHARED
from llmx.errors import ConfigError
from llmx.facts import load_facts

if TYPE_CHECKING:
    from llmx.endpoint.settings import EndpointSettings

_AZURE = frozenset({"azure", "azure_openai"})
_EXAMPLES = {
    "databricks": "https://WORKSPACE.cloud.databricks.com",
    "anyscale": "https://SERVICE.anyscaleuserdata.com/v1",
}
_AZURE_VERSION = "OPENAI_API_VERSION"


@dataclass(frozen=True, slots=True)
class KnownProvider:
    """One name. The members are those of known_providers.yaml, whose head explains them; '' is what it does not say."""

    name: str
    title: str
    source: str
    base_url: str = ""
    base_url_env: str = ""
    path: str = ""
    key: str = ""
    key_optional: bool = False
    key_header: str = ""
    token: str = ""
    prices: str = ""
    quirks: Mapping[str, Any] = field(default_factory=dict)

    @property
    def root(self) -> str:
        """The root of its API: of the environment where that names one, '' where there is none."""
        given = os.environ.get(self.base_url_env, "") if self.base_url_env else ""
        return _completed(given, self) if given else self.base_url

    @property
    def key_variable(self) -> str:
        """The variable that the key is read from: that of the token where it is set; '' where no key is wanted."""
        return self.token if self.token and os.environ.get(self.token) else self.key


@cache
def known_providers() -> Mapping[str, KnownProvider]:
    """Return all names, in the order of the data."""
    data = load_facts("endpoint", "known_providers")
    return {name: KnownProvider(name=name, **facts) for name, facts in data.items()}


def provider_of(model: str) -> KnownProvider | None:
    """Return the provider by whose name ``model`` begins, None where it begins with none.

    >>> provider_of("groq/llama-3.3-70b-versatile").title
    'Groq'
    >>> provider_of("gpt-5-mini")
    """
    name, slash, rest = model.partition("/")
    return known_providers().get(name) if slash and rest else None


def with_provider(settings: EndpointSettings) -> EndpointSettings:
    """Return ``settings`` with what the name of their model stands for; as they are where it has none.

    A base URL, from wherever, switches the names off. So does OPENAI_BASE_URL: the key that goes with it is not the
    provider's. Raises ConfigError for a name that is not known, and where a provider wants an address that is not set.
    """
    if settings.provider or "/" not in settings.model or settings.native is not None:
        return settings
    if settings.base_url or os.environ.get("OPENAI_BASE_URL"):
        return settings
    provider = provider_of(settings.model)
    if provider is None:
        if settings.replay is not None:
            return settings
        raise _unknown(settings.model)
    model = settings.model.partition("/")[2]
    variable = provider.key_variable if settings.api_key_env == OPENAI_KEY else settings.api_key_env
    return replace(
        settings, model=model, base_url=_base_url(provider, model, replayed=settings.replay is not None),
        api_key_env=variable, provider=provider.name,
    )  # fmt: skip


def fallback_settings(first: EndpointSettings, reference: str) -> EndpointSettings:
    """Return the settings of a fallback of ``first``: ``NAME``, ``NAME@BASE_URL`` or ``NAME@BASE_URL#VARIABLE``.

    A name means a model of the first one's server; but one that begins with a provider's name is that provider's, and
    where the first one is a provider's by its name, any other is what it is as a first model. The mode is found out:
    models differ in what they honour. To another server neither key nor headers nor extras of the first one are sent.
    """
    usual = type(first)()
    shared = {name: getattr(usual, name) for name in SHARED}
    basic = replace(first, mode="auto", fallbacks=(), provider="", **shared)
    elsewhere = replace(basic, headers=(), api="auto", reasoning_effort=None, extra_body={}, withheld="")
    if ELSEWHERE.match(reference):
        return elsewhere.asking(reference)
    if _is_named(reference) or (_is_named(first.model) and not first.base_url):
        return replace(elsewhere, model=reference, base_url=None, api_key=None, api_key_env=OPENAI_KEY)
    return basic.asking(reference)


def _is_named(model: str) -> bool:
    return provider_of(model) is not None or native_provider(model) is not None


def _base_url(provider: KnownProvider, model: str, *, replayed: bool) -> str | None:
    root = provider.root
    if root and provider.name in _AZURE:
        return _azure(root.rstrip("/"), model)
    if not root and not replayed:
        raise ConfigError(
            f"{provider.name}/… needs an address: {provider.base_url_env} is not set",
            hint=f"Set {provider.base_url_env}, such as {_EXAMPLES.get(provider.name, 'https://NAME.openai.azure.com')}.",
        )
    return root or None


def _azure(endpoint: str, deployment: str) -> str:
    """Return the root of a deployment's API: the openai client's where a version is set, else that of the v1 API."""
    version = os.environ.get(_AZURE_VERSION)
    if version:
        return f"{endpoint}/openai/deployments/{deployment}?api-version={version}"
    return endpoint if endpoint.endswith("/openai/v1") else f"{endpoint}/openai/v1"


def _completed(address: str, provider: KnownProvider) -> str:
    """Return ``address`` as a URL, with what it lacks: the scheme, port and path of the provider's usual one.

    >>> _completed("0.0.0.0", known_providers()["ollama"]), _completed("http://gpu7/v1", known_providers()["ollama"])
    ('http://127.0.0.1:11434/v1', 'http://gpu7/v1')
    """
    usual = urlsplit(provider.base_url or "https://")
    parts = urlsplit(address if "://" in address else f"{usual.scheme}://{address}")
    host = parts.netloc
    if "://" not in address and usual.port and parts.port is None:
        host = f"{host}:{usual.port}"
    if parts.hostname == "0.0.0.0":  # noqa: S104 - where a server listens, not where it is reached
        host = host.replace("0.0.0.0", "127.0.0.1")  # noqa: S104 - the same
    return f"{parts.scheme}://{host}{parts.path.rstrip('/') or provider.path}"


def provider_names() -> list[str]:
    """Return all names with which a model may begin, those of providers with protocols of their own too."""
    return [*known_providers(), *(prefix for native in NATIVE_PROVIDERS for prefix in native.prefixes)]


def _unknown(model: str) -> ConfigError:
    name = model.partition("/")[0]
    close = difflib.get_close_matches(name, provider_names(), n=1, cutoff=0.75)
    meant = f"Did you mean {close[0]}/{model.partition('/')[2]}? " if close else ""
    return ConfigError(
        f"{model!r} begins with no provider's name, and there is no base URL",
        hint=f"{meant}Give --base-url of the server that offers it, or one of the names of `llmx models`.",
    )
