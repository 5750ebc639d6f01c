"""A text with the languages that decide between two readings of its marks and words."""

from __future__ import annotations

from dataclasses import field

from llmx.dataclass import dataclass
from llmx.types.languages import language_of, languages_of


@dataclass(slots=True)
class Source:
    """A text with the languages that decide its ambiguous marks and words; guessed only when first asked for."""

    text: str
    locale: str | None = None
    _languages: tuple[str, ...] | None = field(default=None, repr=False)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages known or guessed, likeliest first; empty where nothing tells."""
        if self._languages is None:
            known = language_of(self.locale)
            self._languages = (known,) if known else languages_of(self.text)
        return self._languages
