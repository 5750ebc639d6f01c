"""Takes secrets out of cassettes, logs, records and error messages.

A secret is recognized by its form (``secret_forms.py``), by its value (the endpoint's own key, headers and password) or
by the user's list, also where it is escaped. Its place is marked, so that a reader sees that something was there.
"""

from __future__ import annotations

import json
import re
import urllib.parse
from collections.abc import Iterable, Sequence
from dataclasses import field
from typing import Any

import orjson

from llmx.dataclass import dataclass
from llmx.endpoint.escapes import unescaped
from llmx.endpoint.secret_forms import form_spans, names_secret

MARK = "[redacted]"
MASK = "█"

_SHORTEST_SECRET_CHARS = 6  # a shorter 'secret' (the dummy key of a local server) would black out ordinary words
_SURE_CHARS = 12  # from here on the endpoint's secret is no word of a document, and is taken out of answers, too


@dataclass(frozen=True, slots=True)
class Redactor:
    """Removes secrets. ``secrets`` are exact values, ``patterns`` the user's regular expressions.

    ``known`` are those of the secrets that are surely the endpoint's own. ``forms`` says whether whatever has the form
    of a secret is one.

    >>> Redactor().text("Incorrect API key provided: sk-proj-abcdefghijklmnopqrst.")
    'Incorrect API key provided: [redacted].'
    """

    secrets: tuple[str, ...] = field(default=(), repr=False)
    patterns: tuple[re.Pattern[str], ...] = ()
    known: tuple[str, ...] = field(default=(), repr=False)
    forms: bool = True

    @classmethod
    def of(cls, rules: Sequence[str] = (), *, secrets: Iterable[str | None] = ()) -> Redactor:
        r"""Return a redactor for the user's ``rules`` and the endpoint's ``secrets``.

        A rule is a plain string, or a regular expression when it is written between slashes: ``/client-\d+/``.
        Raises ConfigError on an expression that is not one, or that matches the empty string.
        """
        plain = [rule for rule in rules if rule and not _is_pattern(rule)]
        known = [secret for secret in secrets if secret and len(secret) >= _SHORTEST_SECRET_CHARS]
        patterns = tuple(_pattern(rule) for rule in rules if _is_pattern(rule))
        return cls(_written([*plain, *known]), patterns, _written(s for s in known if len(s) >= _SURE_CHARS))

    @property
    def of_answers(self) -> Redactor:
        """The redactor for answers: it knows the endpoint's own secrets and leaves the documents' words alone."""
        return Redactor(self.known, forms=False)

    def text(self, text: str) -> str:
        """Return ``text`` with every secret replaced by ``[redacted]``; the same object where there is none."""
        return _replaced(text, self.spans(text))

    def masked(self, text: str) -> str:
        """Return ``text`` with a block for each character of a secret, so that everything else keeps its place."""
        spans = self.spans(text)
        return _replaced(text, spans, marks=[MASK * (end - begin) for begin, end in spans])

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Return the places of the secrets in ``text``, in their order; none overlap."""
        found = list(self._spans(text))
        if ("\\" in text or "%" in text or "&#" in text) and (plain := unescaped(text)) is not None:
            found += [plain.place(begin, end) for begin, end in self._spans(plain.text)]
        return _merged(found)

    def _spans(self, text: str) -> Iterable[tuple[int, int]]:
        for secret in self.secrets:
            at = text.find(secret)
            while at >= 0:
                yield at, at + len(secret)
                at = text.find(secret, at + len(secret))
        if self.forms:
            yield from form_spans(text)
        for pattern in self.patterns:
            yield from (found.span() for found in pattern.finditer(text) if found[0])

    def surely_clean(self, value: Any) -> bool:
        """Return whether a JSON value certainly holds no secret; False means 'look closer'."""
        if self.patterns:
            return False  # what they match may be escaped in JSON
        return not self.spans(orjson.dumps(value).decode())

    def value(self, value: Any) -> Any:
        """Return a JSON value with every string in it redacted, keys included; the same object where there is none."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            new = {self.text(str(k)): self._member(str(k), v) for k, v in value.items()}
            same = all(a is b for a, b in zip(new.values(), value.values(), strict=False)) and list(new) == list(value)
            return value if same else new
        if isinstance(value, list | tuple):
            items = [self.value(item) for item in value]
            return value if all(a is b for a, b in zip(items, value, strict=True)) else items
        return value

    def _member(self, name: str, value: Any) -> Any:
        """Return the ``value`` of a member redacted, by its ``name`` too: in {"password": …} two strings make one."""
        clean = self.value(value)
        if not (self.forms and isinstance(clean, str) and names_secret(name)):
            return clean
        said = f"{name}: '"
        spans = [(max(0, b - len(said)), e - len(said)) for b, e in form_spans(said + clean) if e > len(said)]
        return _replaced(clean, _merged(spans))

    def body(self, body: bytes) -> bytes:
        """Return the body of an answer redacted, in its own encoding; the same object where there is no secret.

        JSON stays JSON, laid out as before.
        """
        if self._surely_without(body):
            return body
        try:
            value = orjson.loads(body)
        except orjson.JSONDecodeError:
            text, encoding = _decoded(body)
            clean = self.text(text)
            return body if clean is text else clean.encode(*encoding)
        redacted = self.value(value)
        if redacted is value:
            return body
        return orjson.dumps(redacted, option=orjson.OPT_INDENT_2 if body.startswith((b"{\n", b"[\n")) else None)

    def _surely_without(self, body: bytes) -> bool:
        """Return whether no exact secret can be in ``body``, and nothing else is looked for."""
        if self.forms or self.patterns or b"\\u00" in body or b"\0" in body:
            return False
        return not any(secret.encode("utf-8", "surrogatepass") in body for secret in self.secrets)


FORMS_ONLY = Redactor()
"""Knows only the published forms of keys and tokens."""


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for begin, end in sorted(spans):
        if merged and begin < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged


def _replaced(text: str, spans: Sequence[tuple[int, int]], marks: Sequence[str] = ()) -> str:
    """Return ``text`` with a mark in place of each span; the same object where there is none."""
    if not spans:
        return text
    parts, at = list[str](), 0
    for (begin, end), mark in zip(spans, marks or [MARK] * len(spans), strict=True):
        parts += [text[at:begin], mark]
        at = end
    return "".join([*parts, text[at:]])


def _written(secrets: Iterable[str]) -> tuple[str, ...]:
    """Return the secrets in the ways in which they may be written (plain, in JSON, in a URL), the longest first."""
    quote, dumps = urllib.parse.quote, json.dumps
    ways = {
        way for s in secrets for way in (s, dumps(s, ensure_ascii=False)[1:-1], quote(s, safe="", errors="replace"))
    }
    return tuple(sorted(ways, key=lambda s: (-len(s), s)))


def _decoded(body: bytes) -> tuple[str, tuple[str, str]]:
    """Return ``body`` as a text, and the encoding and way with faults by which the text gives the same bytes."""
    if b"\0" in body:  # in UTF-16 every other byte of ASCII is 0, in UTF-32 three of four are
        wide, size = ("utf-32", 4) if body.count(0) > 0.6 * len(body) else ("utf-16", 2)
        name = f"{wide}-{'le' if body.find(0) % size else 'be'}"
        try:
            return body.decode(name, "surrogatepass"), (name, "surrogatepass")
        except UnicodeDecodeError:
            pass
    return body.decode("utf-8", "surrogateescape"), ("utf-8", "surrogateescape")


def _is_pattern(rule: str) -> bool:
    return len(rule) > 2 and rule[0] == rule[-1] == "/"


def _pattern(rule: str) -> re.Pattern[str]:
    from llmx.errors import ConfigError  # noqa: PLC0415 - only when it is needed

    try:
        pattern = re.compile(rule[1:-1])
    except re.error as error:
        raise ConfigError(f"the redaction rule {rule} is not a regular expression: {error}") from None
    if pattern.search(""):
        raise ConfigError(f"the redaction rule {rule} matches the empty string", hint="It would black out everything.")
    return pattern
