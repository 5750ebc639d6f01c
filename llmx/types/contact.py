"""Addresses on the net: Email and Url. One is kept as it is written, but for what its standard calls the same.

Both are also found right beside letters of scripts without blanks: '请联系info@example.com即可'.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Self

from llmx.facts import load_facts
from llmx.facts import words as words_of
from llmx.types.countries import is_territory
from llmx.types.patterns import LazyPattern
from llmx.types.reading import Reading, read_one
from llmx.types.text_value import LATIN, UNSPACED, TextValue


@cache
def _domains() -> tuple[str, ...]:
    return words_of(load_facts("types", "contacts")["domains"])


@cache
def _second_level() -> tuple[str, ...]:
    return words_of(load_facts("types", "contacts")["second_level"])


_OTHER = r"(?![A-Za-z\u00c0-\u024f_])\w"  # a letter of another script, or a digit
_LATIN_USER = rf"(?<![{LATIN}_.%+-])[{LATIN}_][{LATIN}_%+'-]{{0,63}}(?:\.[{LATIN}_%+'-]{{1,63}}){{0,9}}"
_USER = rf"(?:{_LATIN_USER}|(?<![\w.+-])(?:{_OTHER}){{1,64}})"
_LABEL = rf"(?:[{LATIN}](?:[{LATIN}-]{{0,61}}[{LATIN}])?|(?:{_OTHER}){{1,63}})"
#: The last part of a host, in small letters or in capitals: 'it was done.So' is no host.
_TOP = (
    rf"(?:xn--[a-z0-9-]{{2,59}}|[a-z]{{2,24}}|[A-Z]{{2,24}}|(?<=\.)(?:(?![{LATIN}_])\w){{2,24}}(?!\w))(?!-?[{LATIN}_])"
)
_HOST = rf"(?:(?:{_LABEL}\.){{1,8}}{_TOP}|(?:[A-Z][\w-]{{0,62}}\.){{1,4}}[A-Z][a-z]{{1,23}}(?!-?[{LATIN}_]))"
_EMAIL = LazyPattern(rf"{_USER}@{_HOST}")
_OBFUSCATED = LazyPattern(
    rf"(?<![{LATIN}_.+-])(?P<user>[{LATIN}_][{LATIN}_.+-]{{0,63}})\s?(?:\[at\]|\(at\)|\{{at\}}|＠)\s?"
    rf"(?P<host>[{LATIN}][{LATIN}-]{{0,62}}(?:(?:\.|\s?(?:\[dot\]|\(dot\))\s?)[{LATIN}][{LATIN}-]{{0,62}}){{1,5}})",
    re.IGNORECASE,
)  # fmt: skip
_SCHEME = LazyPattern(rf"(?<![{LATIN}@.])(?:(?:https?|ftps?)://|www\.(?=[\w-]))", re.IGNORECASE)
_AUTHORITY = LazyPattern(
    rf"(?:[\w.%+:-]{{1,64}}@)?(?:(?P<full>{_HOST}|(?:{_LABEL}\.){{1,8}}[A-Za-z](?![{LATIN}_-])|\d{{1,3}}(?:\.\d{{1,3}}){{3}}|\[[0-9a-fA-F:.]{{2,45}}\]|localhost)"
    rf"|(?P<label>[A-Za-z\d][\w-]{{0,62}}))(?P<port>:\d{{1,5}})?",
    re.IGNORECASE,
)
_BARE_HOST = LazyPattern(
    lambda: (
        rf"(?<![{LATIN}@./_-])(?:[{LATIN}](?:[{LATIN}-]{{0,61}}[{LATIN}])?\.){{1,4}}"
        rf"(?:{'|'.join(_domains())}|{'|'.join(_domains()).upper()}|(?:{'|'.join(_second_level())})\.[a-z]{{2}})"
        rf"(?![{LATIN}@_-]|\.[{LATIN}])(?::\d{{2,5}}(?![\d:.]))?"
    )
)
_WHOLE_HOST = LazyPattern(rf"(?:{_LABEL}\.){{1,8}}(?P<top>[A-Za-z]{{2,24}})\.?(?=[/?#]|\Z)")
_BEHIND_HOST = LazyPattern(r"[/?#][^\s<>\"'“”„«»‹›`|\\^{}（）【】「」『』《》〈〉，。；：！？、…]*")
_UNSPACED = LazyPattern(rf"[{UNSPACED}]")
_HIRAGANA = LazyPattern(r"[\u3040-\u309f]")
_NO_HAN = LazyPattern(r"[\u0e00-\u0eff\u3040-\u30ff\uac00-\ud7a3]")


class Email(TextValue):
    """An e-mail address as a field type; the host is put in small letters, the rest stays as it is written."""

    __slots__ = ()
    what = "e-mail address"
    pattern = r"[^\s@]+@[^\s@A-Z]+\.[^\s@A-Z]+"

    @classmethod
    def _find(cls, text: str, locale: str | None) -> Iterator[Reading[Self]]:  # noqa: ARG003 - as all of them
        found = [(m, m.group(), "email") for m in _EMAIL.finditer(text)] if "@" in text else []
        for match in _OBFUSCATED.finditer(text) if any(sign in text for sign in "[({＠") else ():
            host = re.sub(r"\s?[(\[]dot[)\]]\s?", ".", match["host"], flags=re.IGNORECASE)
            found.append((match, f"{match['user']}@{host}", "email.spelled_out"))
        for match, address, rule in sorted(found, key=lambda item: item[0].start()):
            user, _, host = address.rpartition("@")
            reading = Reading(cls(f"{user}@{host.lower()}"), match.group(), match.start(), match.end(), rule)
            if _UNSPACED.search(address) is not None:
                reading = reading.with_issue("ambiguous", f"where {address!r} begins and ends, no blank says")
            yield reading


class Url(TextValue):
    """A web address as a field type, as it is written; no scheme is added, no character changed."""

    __slots__ = ()
    what = "web address"
    pattern = r"(?:https?://|ftps?://)?[^\s/@]+[.:/\]]?[^\s]*"

    @classmethod
    def from_text(cls, words: str, *, locale: str | None = None, reference: date | None = None) -> Reading[Self]:
        """Return the one address that ``words`` hold; words that are a host and no more need no common domain."""
        found = cls.find_all(words, locale=locale, reference=reference)
        if not found and (whole := cls._whole(words)) is not None:
            return whole
        return read_one(found, words, cls.what)

    @classmethod
    def _find(cls, text: str, locale: str | None) -> Iterator[Reading[Self]]:  # noqa: ARG003 - as all of them
        at = 0
        starts = [(m.start(), _host_end(text, m)) for m in _SCHEME.finditer(text)]
        starts += [m.span() for m in _BARE_HOST.finditer(text)] if "." in text else []
        for start, end in sorted(starts):
            if start >= at and end is not None:
                reading = cls._reading(text, start, end)
                at = reading.end
                yield reading

    @classmethod
    def _whole(cls, words: str) -> Reading[Self] | None:
        """Read a host alone, with what may stand behind it: 27.pm, example.museum/plan."""
        stripped = words.strip(" \t\n,;()[]<>\"'“”")
        found = _WHOLE_HOST.match(stripped)
        if found is None or "@" in stripped:
            return None
        reading = cls._reading(stripped, 0, found.end()).shift(words.index(stripped))
        if reading.end - reading.start < len(stripped.rstrip(".")) or is_territory(found["top"].upper()):
            top = found["top"].lower()
            if top in words_of(load_facts("types", "contacts")["suffixes"]):
                return reading.with_issue("ambiguous", f"{reading.words!r} may be the name of a file")
            return reading if is_territory(top.upper()) else None
        return reading.with_issue("ambiguous", f"{found['top']!r} is not known as the end of an address")

    @classmethod
    def _reading(cls, text: str, start: int, end: int) -> Reading[Self]:
        """Return the address whose host ends at ``end``, with what belongs to it behind the host."""
        behind = _BEHIND_HOST.match(text, end)
        stop = end if behind is None else _stop(text, behind.start(), behind.end())
        whole = _without_tail(text[start:stop])
        turn = _UNSPACED.search(text, end, start + len(whole))
        if turn is None or turn.start() <= end:
            return Reading(cls(whole), whole, start, start + len(whole), "url")
        short = _without_tail(text[start : turn.start()])
        glued = text[turn.start() - 1].isascii() and text[turn.start() - 1].isalnum()
        first = short if glued or _HIRAGANA.match(turn.group()) else whole
        reading = Reading(cls(first), first, start, start + len(first), "url")
        if glued and _NO_HAN.match(turn.group()):
            return reading  # a particle behind an address: news?id=5をご覧ください
        both = (cls(first), cls(whole if first == short else short))
        return replace(reading, candidates=both).with_issue("ambiguous", f"{whole!r} may end at {short!r}")


def _host_end(text: str, scheme: re.Match[str]) -> int | None:
    """Return where the host behind a scheme ends; None where there is none, as in 'http://#'."""
    begin = scheme.end() if "/" in scheme.group() else scheme.start()
    found = _AUTHORITY.match(text, begin)
    if found is None:
        return None
    if found["label"] and not found["port"] and text[found.end() : found.end() + 1] != "/":
        return None  # one name is a host in a house's own net, where a port or a path follows
    return found.end()


def _stop(text: str, start: int, end: int) -> int:
    """Return where an address ends at the latest: before a bracket that was opened before it."""
    depth = {")": 0, "]": 0}
    for at in range(start, end):
        letter = text[at]
        if letter in "([":
            depth[")" if letter == "(" else "]"] += 1
        elif letter in depth:
            depth[letter] -= 1
            if depth[letter] < 0:
                return at
    return end


def _without_tail(address: str) -> str:
    """Return an address less the punctuation behind it."""
    return address.rstrip(".,;:!?*…")
