"""The grid of a sweep: all combinations of models, prompts and options, each a setting with its own name.

Everything that can be wrong with a grid as it was written is found here, before anybody is asked. What a setting does
when it runs is ``trial.py``'s.
"""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from llmx.endpoint import MODES, EndpointSettings
from llmx.endpoint.known_providers import provider_of
from llmx.endpoint.settings import ELSEWHERE, shown_reference
from llmx.errors import ConfigError, UsageError
from llmx.extraction.options import Options
from llmx.request import fingerprint

MOST_SETTINGS = 100
"""A larger grid is a typing error, or a search that needs another method."""

_NAME_CHARS = 80  # of a file; a fingerprint and the ending come on top
_SEPARATOR = " · "
_OF_ENDPOINT = ("mode", "reasoning_effort")
_OWN_OPTION = {"model": "--model", "prompt": "--prompt"}


@dataclass(frozen=True, slots=True)
class Setting:
    """One point of the grid: the endpoint, and the options of the extraction.

    ``name`` tells it from the others of its grid; ``chosen`` holds what the grid says of it, by dimension, as it was
    written. ``file`` is the name of its output.
    """

    name: str
    file: str
    endpoint: EndpointSettings
    options: Options
    chosen: Mapping[str, str]


def make_grid(
    endpoint: EndpointSettings,
    options: Options,
    *,
    models: Iterable[str] = (),
    prompts: Iterable[str] = (),
    sets: Iterable[str] = (),
) -> tuple[Setting, ...]:
    """Return all combinations of ``models``, ``prompts`` and ``sets``, models outermost, the order as given.

    A model is a name, or ``NAME@BASE_URL#VARIABLE`` for one on another server, whose API key is in that environment
    variable (without it no key is sent there). Each of ``sets`` is ``NAME=VALUE,VALUE…`` where NAME is a field of
    Options or ``mode``; a value in double quotes may hold commas, and ``default`` stands for the value in ``options``.
    What is not named stays as in ``endpoint`` and ``options``. Raises UsageError or ConfigError for an unknown name, a
    value that is not allowed, and for more than 100 settings.

    >>> [s.name for s in make_grid(EndpointSettings(model="m"), Options(), sets=["passes=1,2"])]
    ['passes=1', 'passes=2']
    """
    dimensions: dict[str, list[str]] = {}
    for name, values in (("model", models), ("prompt", prompts), *map(_parsed, sets)):
        if given := list(values):
            dimensions[name] = list(dict.fromkeys([*dimensions.get(name, []), *given]))
    count = 1
    for listed in dimensions.values():
        count *= len(listed)
    if count > MOST_SETTINGS:
        sizes = " x ".join(f"{len(listed)} {name}" for name, listed in dimensions.items())
        raise UsageError(f"the grid has {count} settings ({sizes})", hint=f"At most {MOST_SETTINGS}: sweep in parts.")
    if endpoint.fallbacks and options.below is None and "below" not in dimensions:
        raise ConfigError("a sweep compares models one by one, without fallbacks", hint="Name each of them as a model.")
    points = [dict(zip(dimensions, point, strict=True)) for point in itertools.product(*dimensions.values())]
    varied = [name for name, listed in dimensions.items() if len(listed) > 1]
    _check_secrets(endpoint, dimensions.get("model", []))
    made: list[Setting] = []
    for point in points:
        who, how = _endpoint(endpoint, point), _options(options, point)
        name = _SEPARATOR.join(_shown(each, point[each], dimensions[each]) for each in varied)
        name = name or who.model or "as set"
        made.append(
            Setting(
                name,
                file_name(name, {each.file.casefold() for each in made}),
                who,
                how,
                {each: shown_reference(value) for each, value in point.items()},
            )
        )
    return tuple(made)


def _check_secrets(endpoint: EndpointSettings, models: Sequence[str]) -> None:
    """Raise UsageError where a key or headers, which are for one provider, would go to several."""
    given = "headers" if endpoint.headers else "an API key" if endpoint.api_key else ""
    if not given or endpoint.base_url:
        return
    providers = {known.name if known else "" for model in models for known in [provider_of(model)]}
    if len(providers) > 1:
        raise UsageError(
            f"{given} would go to several providers: {', '.join(sorted(providers - {''}))}",
            hint="Sweep each provider by itself; the keys of all can stand in the environment.",
        )


def _parsed(text: str) -> tuple[str, list[str]]:
    """Return the name and the values of a ``--set``."""
    name, equals, values = text.partition("=")
    name = name.strip().replace("-", "_")
    known = [each.name for each in fields(Options) if each.name not in _OWN_OPTION] + list(_OF_ENDPOINT)
    if name in _OWN_OPTION:
        raise UsageError(f"--set {text}: {name} has an option of its own", hint=f"Write {_OWN_OPTION[name]} VALUE.")
    if not equals or name not in known:
        raise UsageError(
            f"--set {text}: no option {name!r} with values" if equals else f"--set {text}: no values",
            hint=f"Write NAME=VALUE,VALUE… where NAME is one of {', '.join(known)}.",
        )
    listed = [value.strip() for value in next(csv.reader([values], skipinitialspace=True), [])]
    if not listed:
        raise UsageError(f"--set {text}: no values", hint=f"Such as {name}=default.")
    return name, listed


def _endpoint(base: EndpointSettings, point: Mapping[str, str]) -> EndpointSettings:
    made = base
    mode = point.get("mode", "default")
    if mode != "default":
        if mode not in ("auto", *MODES):
            raise ConfigError(f"--set mode={mode}", hint=f"Choose from auto, {', '.join(MODES)}.")
        made = replace(made, mode=mode)
    effort = point.get("reasoning_effort", "default")
    if effort != "default":
        made = replace(made, reasoning_effort=effort)
    model = point.get("model")
    return made if model is None else made.asking(model)


def _options(base: Options, point: Mapping[str, str]) -> Options:
    hints = get_type_hints(Options)
    changes: dict[str, Any] = {}
    for name, text in point.items():
        if name == "prompt":
            changes[name] = text
        elif name in hints and text != "default":
            changes[name] = _value(name, text, hints[name])
    return replace(base, **changes)


def _value(name: str, text: str, kind: Any) -> Any:
    """Return ``text`` as a value of the option's type. Raises ConfigError if it is none."""
    kinds = get_args(kind) if get_origin(kind) not in {None, Literal} else (kind,)
    if type(None) in kinds and text in {"", "none"}:
        return None
    choices = [choice for each in kinds if get_origin(each) is Literal for choice in get_args(each)]
    if choices:
        if text not in choices:
            raise ConfigError(f"--set {name}={text}", hint=f"Choose from {', '.join(choices)}.")
        return text
    plain = next(each for each in kinds if each is not type(None))
    try:
        return plain(text)
    except ValueError:
        wanted = {int: "a whole number", float: "a number"}.get(plain, f"a {plain.__name__}")
        raise ConfigError(f"--set {name}={text}: {text!r} is not {wanted}") from None


def _shown(name: str, value: str, values: Sequence[str]) -> str:
    """Return a value as the setting's name shows it: models and prompts without their places where that is enough."""
    if name == "model":
        short = [ELSEWHERE.sub(r"\g<model>", each) for each in values]
        plain = ELSEWHERE.sub(r"\g<model>", value)
        return plain if plain and short.count(plain) == 1 else shown_reference(value).partition("#")[0]
    if name in {"prompt", "examples"} and ("/" in value or "." in value):
        stems = [Path(each).stem for each in values]
        value = Path(value).stem if stems.count(Path(value).stem) == 1 else value
    return value if name == "prompt" else f"{name}={value}"


def file_name(name: str, taken: set[str]) -> str:
    """Return a file name for a setting that is readable, safe in any file system, and not ``taken``."""
    plain = re.sub(r"[^\w.+-]+", "-", name.replace(_SEPARATOR, "__")).strip("-.") or "setting"
    if len(plain) > _NAME_CHARS or f"{plain}.jsonl".casefold() in taken:
        plain = f"{plain[:_NAME_CHARS]}-{fingerprint(name)[:8]}"
    return f"{plain}.jsonl"
