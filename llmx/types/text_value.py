"""Values that are a string and their own JSON form: an address, a number of an account, a time.

Each has a pattern of its form, which its JSON Schema shows, and one function that finds such expressions in a text.
"""

# ruff: noqa: ARG003 - every typed value has the same signature, whatever it needs of it

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, ClassVar, Self

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from llmx.types.fields import value_schema
from llmx.types.reading import Reading, read_one

#: Digits and Latin letters, for a character class. An expression in digits or Latin letters ends where these end: the
#: letters of a script without blanks may stand right beside it.
LATIN = r"\dA-Za-z\u00aa\u00ba\u00c0-\u024f"
#: Letters of scripts that have no blanks between words, and Hangul, whose particles stand right behind a name.
UNSPACED = r"\u0e00-\u0eff\u3005-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7a3\uff66-\uff9f"


class TextValue(str):
    """What such values share. ``what`` names the thing sought, for messages; ``pattern`` is the form of a value."""

    __slots__ = ()
    what: ClassVar[str] = ""
    pattern: ClassVar[str] = ""

    @classmethod
    def from_text(cls, words: str, *, locale: str | None = None, reference: date | None = None) -> Reading[Self]:
        """Return the one value that ``words`` hold."""
        return read_one(cls.find_all(words, locale=locale), words, cls.what)

    @classmethod
    def find_all(cls, text: str, *, locale: str | None = None, reference: date | None = None) -> list[Reading[Self]]:
        """Return every value in ``text``, in order."""
        return list(cls._find(text, locale))

    @classmethod
    def _find(cls, text: str, locale: str | None) -> Iterator[Reading[Self]]:
        """Yield what ``text`` holds; each type has its own way."""
        return iter(())

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return value_schema(
            cls, load=cls._load, dump=str, json_schema=core_schema.str_schema(pattern=f"^({cls.pattern})$")
        )

    @classmethod
    def _load(cls, given: Any) -> Self | None:
        return cls(given) if isinstance(given, str) and re.fullmatch(cls.pattern, given) else None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"
