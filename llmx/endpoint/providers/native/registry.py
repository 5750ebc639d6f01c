"""Which models are reached through instructor: those whose name begins with the prefix of a provider in this table.

The table is data and imports nothing, so that a replay, which needs a provider's prices and nothing else, stays fast.
Providers that speak OpenAI's protocol are not in it: they take the straight path.
"""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from llmx.dataclass import dataclass

_OPENAI_ROOTS = ("/v1", "/openai", "/openai/v1")
"""How the path of an OpenAI-compatible API's root ends. A model may have the name ``google/gemma-3`` there, too."""


@dataclass(frozen=True, slots=True)
class NativeProvider:
    """A provider with a protocol of its own.

    ``name`` is what people call it, ``prefixes`` what its models' names begin with, the first being its own. ``module``
    is our module beside this one, ``extra`` the pip extra that brings its SDK, ``package`` what is imported of that.
    ``key_variables`` may hold the key, the first that is set counts. ``price_id`` is the provider's id in genai-prices,
    ``span_name`` that of OpenTelemetry's conventions. ``opens`` is the function of ``module`` that opens its dialect,
    ``credentials`` says what else than a key the SDK takes.
    """

    name: str
    prefixes: tuple[str, ...]
    module: str
    extra: str
    package: str
    key_variables: tuple[str, ...]
    price_id: str
    span_name: str
    opens: str = "open_dialect"
    credentials: str = ""

    @property
    def prefix(self) -> str:
        """What the names of its models begin with, without the slash."""
        return self.prefixes[0]

    @property
    def key_variable(self) -> str:
        """The environment variable that holds its key: the first that is set, else the first; '' for none."""
        return next((name for name in self.key_variables if os.environ.get(name)), (*self.key_variables, "")[0])


NATIVE_PROVIDERS: tuple[NativeProvider, ...] = (
    NativeProvider(
        name="Anthropic", prefixes=("anthropic",), module="anthropic", extra="anthropic", package="anthropic",
        key_variables=("ANTHROPIC_API_KEY",), price_id="anthropic", span_name="anthropic",
    ),
    NativeProvider(
        name="Google", prefixes=("google", "gemini", "generative-ai"), module="google", extra="google",
        package="google.genai", key_variables=("GEMINI_API_KEY", "GOOGLE_API_KEY"), price_id="google",
        span_name="gcp.gemini",
    ),
    NativeProvider(
        name="Vertex AI", prefixes=("vertexai",), module="google", extra="google", package="google.genai",
        key_variables=("GOOGLE_API_KEY",), price_id="google", span_name="gcp.vertex_ai", opens="open_vertex",
        credentials="GOOGLE_CLOUD_PROJECT and application default credentials (gcloud auth application-default login)",
    ),
    NativeProvider(
        name="Mistral", prefixes=("mistral",), module="mistral", extra="mistral", package="mistralai",
        key_variables=("MISTRAL_API_KEY",), price_id="mistral", span_name="mistral_ai",
    ),
    NativeProvider(
        name="Cohere", prefixes=("cohere",), module="cohere", extra="cohere", package="cohere",
        key_variables=("CO_API_KEY", "COHERE_API_KEY"), price_id="cohere", span_name="cohere",
    ),
    NativeProvider(
        name="Writer", prefixes=("writer",), module="writer", extra="writer", package="writerai",
        key_variables=("WRITER_API_KEY",), price_id="writer", span_name="writer",
    ),
    NativeProvider(
        name="Amazon Bedrock", prefixes=("bedrock",), module="bedrock", extra="bedrock", package="boto3",
        key_variables=("AWS_BEARER_TOKEN_BEDROCK",), price_id="aws", span_name="aws.bedrock",
        credentials="the credentials of AWS (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or a role)",
    ),
)  # fmt: skip


def native_provider(model: str, base_url: str | None = None) -> NativeProvider | None:
    """Return the provider through whose own protocol ``model`` is asked, None where that is OpenAI's.

    Servers that speak OpenAI's protocol offer models with such names, too: a ``base_url`` whose path ends in ``/v1`` or
    ``/openai``, as the root of their APIs does, is one of theirs.

    >>> native_provider("anthropic/claude-sonnet-4-5").name
    'Anthropic'
    >>> native_provider("anthropic/claude-sonnet-4-5", "https://openrouter.ai/api/v1")
    """
    prefix, slash, name = model.partition("/")
    if not slash or not name or _is_openai_root(base_url):
        return None
    return next((provider for provider in NATIVE_PROVIDERS if prefix in provider.prefixes), None)


def bare_model(model: str) -> str:
    """Return ``model`` without the provider's prefix, as the provider calls it.

    >>> bare_model("anthropic/claude-sonnet-4-5")
    'claude-sonnet-4-5'
    """
    return model.partition("/")[2]


def _is_openai_root(base_url: str | None) -> bool:
    return base_url is not None and urlsplit(base_url).path.rstrip("/").endswith(_OPENAI_ROOTS)
