"""Finds the names in the records of a run: every one with its place, its proof, and what stands beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from llmx import json_pointer
from llmx.link.fields import EntityField, Path
from llmx.link.names import Kind
from llmx.record import document_of

_SITES = ("website", "url", "homepage", "site", "web")
_COUNTRIES = ("country", "country_code", "nation")
_SHARED_HOSTS = frozenset({"gmail.com", "outlook.com", "hotmail.com", "yahoo.com", "linkedin.com", "facebook.com",
                           "twitter.com", "x.com", "youtube.com", "wikipedia.org", "github.com"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a record. ``path`` is its JSON pointer, ``in_list`` that of the list whose element it names, '' for
    none; ``quote`` and ``start`` are its proof, '' and -1 where it has none.

    ``country`` and ``site`` (a host) are what stands beside it, and ``beside`` the organisation, for a person.
    """

    record: str
    path: str
    name: str
    kind: Kind
    field: str
    in_list: str = ""
    country: str = ""
    site: str = ""
    beside: str = ""
    quote: str = ""
    start: int = -1

    @property
    def document(self) -> str:
        """The id of the document."""
        return document_of(self.record)


def mentions_of(row: Mapping[str, Any], fields: tuple[EntityField, ...]) -> Iterator[Mention]:
    """Yield the names in one record, field after field."""
    evidence = row.get("evidence") or {}
    for field in fields:
        for pointer, value, holder, in_list in values_at(row.get("data"), field.path):
            if isinstance(value, str) and value.strip():
                proof = evidence.get(pointer) or {}
                yield Mention(
                    str(row["id"]), pointer, value, field.kind, field.shown, in_list=in_list,
                    country=_text(holder, (field.country,) if field.country else _COUNTRIES).upper(),
                    site=_host(_text(holder, (field.site,) if field.site else _SITES)),
                    beside=_text(holder, (field.beside,)) if field.beside else "",
                    quote=str(proof.get("quote") or ""), start=int(proof.get("start", -1)),
                )  # fmt: skip


def values_at(data: Any, path: Path) -> Iterator[tuple[str, Any, Mapping[str, Any], str]]:
    """Yield the pointer of each value at ``path``, the value, the object that holds it, and the list it stands in."""
    yield from _values(data, path, "", holder={}, in_list="")


def _values(
    data: Any, path: Path, pointer: str, *, holder: Mapping[str, Any], in_list: str
) -> Iterator[tuple[str, Any, Mapping[str, Any], str]]:
    if not path:
        yield pointer, data, holder, in_list
    elif path[0] == "[]":
        items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
        for key, item in items:
            yield from _values(item, path[1:], json_pointer.child(pointer, str(key)), holder=holder, in_list=pointer)
    elif isinstance(data, dict) and path[0] in data:
        yield from _values(data[path[0]], path[1:], json_pointer.child(pointer, path[0]), holder=data, in_list=in_list)


def text_at(data: Any, path: Path) -> str:
    """Return the first value at ``path`` as text, '' where there is none or no path."""
    found = next((value for _, value, *_ in values_at(data, path)), None) if path else None
    return "" if found is None else str(found)


def _text(holder: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next((value.strip() for name in names if isinstance(value := holder.get(name), str)), "")


def _host(address: str) -> str:
    """Return the host that an address names, without www; '' for one that many share."""
    host = address.casefold().partition("://")[2] or address.casefold()
    host = host.partition("/")[0].rpartition("@")[2].partition(":")[0].removeprefix("www.")
    return "" if host in _SHARED_HOSTS or "." not in host else host
