"""Where an API key comes from when the environment does not have it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmx.endpoint import EndpointSettings


def say_key_origin(settings: EndpointSettings) -> None:
    """Take the key out of the keyring or ``.env`` where it is kept there, and say so."""
    from llmx.cli.options import say  # noqa: PLC0415
    from llmx.keys import ENVIRONMENT, provide_key  # noqa: PLC0415

    if settings.replay is not None or settings.withheld or settings.api_key:
        return
    if (origin := provide_key(settings.key_variable)) not in {"", ENVIRONMENT}:
        say(f"{settings.key_variable} comes from {origin}")
