"""Facts about languages, countries, currencies and pages: YAML files that the code beside them interprets.

A file lies in ``llmx/<package>/data`` and says in its head where its facts come from. Long tables are block scalars
with one fact a line: they read well in a diff, and the parser takes such a block whole, in microseconds. docs/types.md
tells how to add a fact.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias

#: Words or phrases, in one string or in one for each language.
Entry: TypeAlias = str | Mapping[str, str]

_PACKAGE = Path(__file__).resolve().parent


@cache
def load_facts(package: str, name: str) -> Mapping[str, Any]:
    """Return the facts of ``llmx/{package}/data/{name}.yaml``; each file is read once, when it is first needed."""
    import yaml  # noqa: PLC0415

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C parser, which all but exotic platforms have
    text = (_PACKAGE / package / "data" / f"{name}.yaml").read_text("utf-8")
    facts: Mapping[str, Any] = yaml.load(text, Loader=loader)  # noqa: S506  # both are safe loaders
    return facts


def words(entry: Entry) -> tuple[str, ...]:
    """Return the words of an entry, which stand between blanks, in their order and each once."""
    if isinstance(entry, str):
        return _words(entry)
    return tuple(dict.fromkeys(word for text in entry.values() for word in text.split()))


@lru_cache(maxsize=512)  # the short entries that are asked for at every number
def _words(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text.split()))


def phrases(entry: Entry) -> tuple[str, ...]:
    """Return the phrases of an entry, which stand between bars with blanks, in their order and each once."""
    if isinstance(entry, str):
        return _phrases(entry)
    return tuple(dict.fromkeys(phrase for text in entry.values() for phrase in _phrases(text)))


@lru_cache(maxsize=512)
def _phrases(text: str) -> tuple[str, ...]:
    pieces = (piece.strip() for piece in re.split(r"(?:^|\s)\|(?=\s|$)", text))
    return tuple(dict.fromkeys(piece for piece in pieces if piece))


def pairs(entry: Entry) -> Mapping[str, str]:
    """Return the pairs of an entry, which are written key=value and stand between blanks."""
    return _pairs(entry) if isinstance(entry, str) else _parted(words(entry))


@lru_cache(maxsize=512)
def _pairs(text: str) -> Mapping[str, str]:
    return MappingProxyType(_parted(_words(text)))


def _parted(given: Iterable[str]) -> dict[str, str]:
    return dict(pair.rsplit("=", 1) for pair in given)


def rows(block: str) -> Iterator[tuple[str, str]]:
    """Yield (first word, rest) of each line of a table."""
    for line in block.splitlines():
        first, _, rest = line.partition(" ")
        if first:
            yield first, rest.strip()


def one_of(*entries: Entry) -> str:
    """Return a pattern that matches any phrase of the entries, longer ones first; phrases are patterns themselves."""
    found = dict.fromkeys(phrase for entry in entries for phrase in phrases(entry))
    return "(?:" + "|".join(sorted(found, key=len, reverse=True)) + ")"
