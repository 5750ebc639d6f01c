"""Writes the words of a page into the text of a document, line by line, and names pages in messages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from llmx.documents.converters.pdf_layout import page_lines
from llmx.documents.converters.pdf_words import PageWords, PdfWord
from llmx.documents.pages import NO_INDEX, PagesBuilder

# soft hyphens, signs of a font's own, ligatures and the shapes of Arabic letters
_FORMS = re.compile("[\u00ad\ue000-\uf8ff\ufb00-\ufdff\ufe70-\ufefc]")


def write_page(builder: PagesBuilder, found: PageWords, number: int, *, picture: bool = False) -> None:
    """Add the words of one page to ``builder``, line by line; ``picture`` says that the page is one."""
    plain = not _FORMS.search("".join([word.text for word in found.words]))
    slant = found.slant
    for line in page_lines(found.words):
        for part in line:
            if isinstance(part, str):
                builder.add_text(part)
                continue
            box = part[:4] if slant is None else slant.place(part[:4])
            if plain:
                builder.add_word(part.text, box, index=part.first, turn=part.turn, confidence=part.confidence)
            else:
                text, index = _letters(part)
                if text:
                    builder.add_word(text, box, index=index, turn=part.turn, confidence=part.confidence)
        builder.add_text("\n")
    builder.end_page(number, found.width, found.height, picture=picture)


def _letters(word: PdfWord) -> tuple[str, int]:
    """Return the letters of a word without ligatures, and the index of the first one if they are as many."""
    if not _FORMS.search(word.text):
        return word.text, word.first
    if len(word.text) == 1 and "\ue000" <= word.text <= "\uf8ff":
        return "•", word.first  # a sign of a font of signs, nearly always one that begins an item of a list
    plain = unicodedata.normalize("NFKC", word.text).replace("\u00ad", "")
    return plain, word.first if len(plain) == len(word.text) else NO_INDEX


def page_list(numbers: Sequence[int]) -> str:
    """Return 'page 3 is', 'pages 3, 5-7 are'."""
    parts: list[str] = []
    start = previous = numbers[0]
    for number in [*numbers[1:], -1]:
        if number != previous + 1:
            parts.append(str(start) if start == previous else f"{start}-{previous}")
            start = number
        previous = number
    return f"page {parts[0]} is" if len(numbers) == 1 else f"pages {', '.join(parts)} are"
