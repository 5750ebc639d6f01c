"""Which batch API a provider has, and how its requests stand in a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmx.endpoint.batch.wire import OpenAIForm
from llmx.errors import ConfigError

if TYPE_CHECKING:
    from llmx.endpoint.batch.service import BatchService
    from llmx.endpoint.batch.wire import LineForm
    from llmx.endpoint.wire import Provider


def open_batches(provider: Provider | None) -> tuple[LineForm, BatchService]:
    """Return the form of a line and the batch API of ``provider``; close the latter.

    Raises ConfigError where it has none that llmx knows.
    """
    from llmx.endpoint.providers.openai_compatible import OpenAICompatible  # noqa: PLC0415 - only where it is used

    if isinstance(provider, OpenAICompatible):
        from llmx.endpoint.batch.openai_batches import OpenAIBatches  # noqa: PLC0415 - heavy

        return OpenAIForm(), OpenAIBatches(provider.access)
    raise ConfigError("--batch needs a batch API, and llmx knows none of this provider", hint="Leave out --batch.")


def open_form(provider: Provider | None) -> LineForm:
    """Return the form of a line in a file that a server takes by hand. Raises ConfigError where there is none."""
    from llmx.endpoint.providers.openai_compatible import OpenAICompatible  # noqa: PLC0415 - only where it is used

    if isinstance(provider, OpenAICompatible):
        return OpenAIForm()
    raise ConfigError(
        "--no-submit is for servers that speak OpenAI's protocol", hint="Leave it out: the batch is submitted then."
    )
