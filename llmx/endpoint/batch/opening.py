"""Which batch API a provider has, and how its requests stand in a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmx.endpoint.batch.native_form import NativeForm
from llmx.endpoint.batch.wire import OpenAIForm
from llmx.errors import ConfigError

if TYPE_CHECKING:
    from llmx.endpoint.batch.service import BatchService
    from llmx.endpoint.batch.wire import LineForm
    from llmx.endpoint.providers.native.wire import NativeWire
    from llmx.endpoint.wire import Provider

_SPOKEN = frozenset({"anthropic", "google"})
_ELSEWHERE = {
    "vertexai": "It takes batches from Cloud Storage: ask google/MODEL with GEMINI_API_KEY, or leave out --batch.",
}


def open_batches(provider: Provider | None) -> tuple[LineForm, BatchService]:
    """Return the form of a line and the batch API of ``provider``; close the latter.

    Raises ConfigError where it has none that llmx knows.
    """
    from llmx.endpoint.providers.openai_compatible import OpenAICompatible  # noqa: PLC0415 - only where it is used

    if isinstance(provider, OpenAICompatible):
        from llmx.endpoint.batch.openai_batches import OpenAIBatches  # noqa: PLC0415 - heavy

        return OpenAIForm(), OpenAIBatches(provider.access)
    from llmx.endpoint.providers.native.wire import NativeWire  # noqa: PLC0415 - only where it is used

    if isinstance(provider, NativeWire):
        return NativeForm(provider), _native_batches(provider)
    raise ConfigError("--batch needs a batch API, and llmx knows none of this provider", hint="Leave out --batch.")


def _native_batches(wire: NativeWire) -> BatchService:
    provider = wire.provider
    if provider.prefix not in _SPOKEN:
        hint = _ELSEWHERE.get(provider.prefix, "Leave out --batch.")
        raise ConfigError(f"llmx does not speak the batch API of {provider.name}", hint=hint)
    try:
        if provider.prefix == "anthropic":
            from llmx.endpoint.batch.anthropic_batches import AnthropicBatches  # noqa: PLC0415 - heavy

            return AnthropicBatches(wire.access)
        from llmx.endpoint.batch.google_batches import GoogleBatches  # noqa: PLC0415 - heavy

        return GoogleBatches(wire.access)
    except ImportError:
        raise wire.not_installed() from None


def open_form(provider: Provider | None) -> LineForm:
    """Return the form of a line in a file that a server takes by hand. Raises ConfigError where there is none."""
    from llmx.endpoint.providers.openai_compatible import OpenAICompatible  # noqa: PLC0415 - only where it is used

    if isinstance(provider, OpenAICompatible):
        return OpenAIForm()
    raise ConfigError(
        "--no-submit is for servers that speak OpenAI's protocol", hint="Leave it out: the batch is submitted then."
    )
