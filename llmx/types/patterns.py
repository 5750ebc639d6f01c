"""Patterns that are compiled when they are first used: importing the types costs nothing for those not in use."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_DIGIT = re.compile(r"\d")


class LazyPattern:
    """A regular expression with the methods of a compiled one; after the first use they are the compiled one's own.

    Its source may be a function, which is called at the first use: so that the words in it are read from data then.
    """

    __slots__ = ("_flags", "_source", "findall", "finditer", "fullmatch", "match", "search", "split", "sub")

    match: Callable[..., re.Match[str] | None]
    search: Callable[..., re.Match[str] | None]
    fullmatch: Callable[..., re.Match[str] | None]
    finditer: Callable[..., Iterator[re.Match[str]]]
    findall: Callable[..., list[str]]
    split: Callable[..., list[str]]
    sub: Callable[..., str]

    def __init__(self, source: str | Callable[[], str], flags: re.RegexFlag = re.NOFLAG) -> None:
        self._source = source
        self._flags = flags

    def __getattr__(self, name: str) -> Callable[..., object]:
        if name.startswith("_"):
            raise AttributeError(name)
        source = self._source if isinstance(self._source, str) else self._source()
        compiled = re.compile(source, self._flags)
        for method in ("match", "search", "fullmatch", "finditer", "findall", "split", "sub"):
            setattr(self, method, getattr(compiled, method))
        found: Callable[..., object] = getattr(compiled, name)
        return found

    def from_digits(self, text: str) -> Iterator[re.Match[str]]:
        """Yield what ``finditer`` does, for a pattern that begins with a digit: it is tried at the digits alone.

        A lookbehind at its beginning keeps ``re`` from seeing that itself.
        """
        end = 0
        for digit in _DIGIT.finditer(text):
            if digit.start() >= end and (found := self.match(text, digit.start())) is not None:
                yield found
                end = found.end()
