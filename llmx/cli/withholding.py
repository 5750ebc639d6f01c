"""What a settings file found on the way may not do until the user confirms it: name who gets a key, and run code."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmx.config import Settings

_CONFIRM = "Confirm the file by `llmx config trust`"


def withheld(configured: Settings) -> str:
    """Return why no key goes to the endpoint, '' where one may.

    The key goes to an address that the command line or the environment names, or a confirmed file in the working
    folder; OpenAI's own key goes to OpenAI, whoever names it.
    """
    from llmx.endpoint.settings import OPENAI_KEY, is_openai, shown_url  # noqa: PLC0415

    values = configured.values
    variable = values.api_key_env or OPENAI_KEY
    if values.api_key_env and variable != OPENAI_KEY and configured.unconfirmed("api_key_env"):
        return _why(configured, f"the key in {variable} is not sent: its name", "--api-key-env")
    if not values.base_url or not configured.unconfirmed("base_url"):
        return ""
    if is_openai(values.base_url) and variable == OPENAI_KEY:
        return ""
    return _why(configured, f"no API key goes to {shown_url(values.base_url)}: the address", "--base-url")


def withheld_fallback(configured: Settings, base_url: str, variable: str, *, setting: str = "fallback") -> str:
    """Return why no key goes to a fallback of its own ``base_url`` or key ``variable``, '' where one may.

    ``setting`` names it: fallback, or escalate.
    """
    from llmx.endpoint.settings import shown_url  # noqa: PLC0415

    if not (base_url or variable) or not configured.unconfirmed(setting):
        return ""
    return _why(configured, f"no API key goes to the fallback at {shown_url(base_url)}: it", f"--{setting}")


def refused_schema(configured: Settings) -> str:
    """Return why the schema is not loaded, '' where it may be: Python that a file in a folder above names would run."""
    from llmx.trust import is_trusted  # noqa: PLC0415

    named, file = configured.values.schema or "", configured.file
    if not _is_code(named) or file is None or configured.origins["schema"] != str(file):
        return ""
    if configured.here or is_trusted(file):
        return ""
    return f"the schema {named} is Python that {file} names, a file in a folder above that you did not confirm"


def refused_cache(configured: Settings) -> str:
    """Return why the shared cache is not used, '' where it may be: answers, with what documents say, would go there."""
    if not configured.values.cache_url or not configured.unconfirmed("cache_url"):
        return ""
    return _why(configured, "answers do not go to the shared cache: its address", "--cache-url")


def _is_code(schema: str) -> bool:
    """Return whether ``schema`` names a Python file or module. A bare name is looked for where the user is."""
    place = schema.partition(":")[0]
    return place.endswith(".py") or (":" in schema and not place.endswith(".json"))


def _why(configured: Settings, what: str, option: str) -> str:
    told = f"{what} comes from {configured.file}, "
    if configured.here:
        return f"{told}which you did not confirm. {_CONFIRM}, or give {option}."
    return f"{told}a file in a folder above. Run llmx in that folder and confirm the file there, or give {option}."
