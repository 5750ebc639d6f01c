"""Further models: ``--fallback`` for what has no answer, ``--escalate`` and ``--below`` for what is doubtful."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

from llmx.cli.completion import model_names
from llmx.cli.panels import MODEL, option

if TYPE_CHECKING:
    from llmx.config import Settings
    from llmx.endpoint import EndpointSettings

Fallback = Annotated[
    list[str] | None,
    option("--fallback", help="A model to ask for what the model before it refuses, gets wrong or does not answer: a "
           "name, also of another provider, or NAME@BASE_URL, or NAME@BASE_URL#VARIABLE with the variable of its key. "
           "Can be repeated.",
           panel=MODEL, metavar="NAME", autocompletion=model_names),
]  # fmt: skip
Escalate = Annotated[
    str | None,
    option("--escalate", help="A model to ask for the fields that the model before it is not sure of, as --below says. "
           "It answers for them, and for what that model does not answer; it is named like a fallback.",
           panel=MODEL, metavar="NAME", autocompletion=model_names),
]  # fmt: skip
Below = Annotated[
    float | None,
    option("--below", help="The confidence, from 0 to 1, below which a value is escalated to the next fallback, or to "
           "the model of --escalate.", panel=MODEL, metavar="CONFIDENCE", default="0.7 with --escalate"),
]  # fmt: skip


def with_fallbacks(
    settings: EndpointSettings, configured: Settings, *, escalation_only: bool = False
) -> EndpointSettings:
    """Return ``settings`` with the fallbacks that are configured, the one to escalate to last. Raises ConfigError for
    one that is not a model.
    """
    values = configured.values
    named = [("fallback", each) for each in (() if escalation_only else values.fallback or ())]
    named += [("escalate", values.escalate)] if values.escalate else []
    if not named:
        return settings
    made = (_fallback(settings, each, configured, setting=setting) for setting, each in named)
    return replace(settings, fallbacks=tuple(made))


def _fallback(first: EndpointSettings, given: Any, configured: Settings, *, setting: str) -> EndpointSettings:
    """Return the settings of a fallback: of a name, or of a table in llmx.toml that says more of it."""
    from llmx.cli.key_origin import say_key_origin  # noqa: PLC0415
    from llmx.cli.withholding import withheld_fallback  # noqa: PLC0415
    from llmx.endpoint.known_providers import fallback_settings  # noqa: PLC0415
    from llmx.errors import ConfigError  # noqa: PLC0415

    table = {"model": given} if isinstance(given, str) else dict(given) if isinstance(given, dict) else {}
    model, base_url, variable = (table.pop(name, "") for name in ("model", "base_url", "api_key_env"))
    wrong = [name for name in table if not isinstance(table[name], _FALLBACK.get(name, ()))]
    if wrong or not all(isinstance(each, str) for each in (model, base_url, variable)) or not model:
        hint = f"Give a name, or a table with {', '.join(('model', 'base_url', 'api_key_env', *_FALLBACK))}."
        raise ConfigError(f"{setting} = {given!r} is not a model", hint=hint)
    changes: dict[str, Any] = {"api_key_env": variable, **table} if variable else table
    made = replace(fallback_settings(first, f"{model}@{base_url}" if base_url else model), **changes)
    say_key_origin(made)
    own_url = made.base_url if made.base_url != first.base_url else ""
    if why := withheld_fallback(configured, own_url or "", variable, setting=setting):
        return replace(made, withheld=why)
    return made


_FALLBACK: dict[str, Any] = {
    "mode": str, "strict": bool, "timeout_s": (int, float), "retry_attempts": int, "api": str, "reasoning_effort": str,
    "extra_body": dict,
}  # fmt: skip
