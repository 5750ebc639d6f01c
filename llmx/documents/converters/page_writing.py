"""Writes the words of a page into the text of a document, line by line, and names pages in messages."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING

from llmx.documents.converters.pdf_layout import page_lines, text_lines
from llmx.documents.converters.pdf_plain import plain_lines
from llmx.documents.converters.pdf_tables import markdown_lines
from llmx.documents.converters.pdf_words import PageWords, PdfWord
from llmx.documents.page_range import numbers_told
from llmx.documents.pages import NO_INDEX, PagesBuilder

if TYPE_CHECKING:
    from llmx.documents.converters.slant import Slant

# soft hyphens, signs of a font's own, ligatures, the shapes of Arabic letters, and what pdfium has in two halves
_FORMS = re.compile("[\u00ad\ue000-\uf8ff\ufb00-\ufdff\ufe70-\ufefc\U00010000-\U0010ffff]")
_MATHEMATICAL = re.compile("[\U0001d400-\U0001d7ff]")  # letters of formulas: a variable, the µ of a unit


_LINES = {"text": text_lines, "markdown": markdown_lines, "plain": plain_lines}


def write_page(
    builder: PagesBuilder,
    found: PageWords,
    number: int,
    *,
    picture: bool = False,
    layout: str = "text",
    notes: Sequence[Sequence[PdfWord]] = (),
) -> None:
    """Add the words of one page to ``builder``, line by line, and the ``notes`` of readers below.

    ``picture`` says that the page is one.
    """
    plain = found.slant is None and not _FORMS.search("".join([word.text for word in found.words]))
    for line in page_lines(found.words, _LINES[layout], found.tables):
        builder.add_line(
            line if plain else [part if isinstance(part, str) else _as_shown(part, found.slant) for part in line]
        )
    for note in notes:
        written: list[PdfWord | str] = ["[Note]"]
        for word in note:
            written += (" ", word)
        builder.add_line(written)
    builder.end_page(number, found.width, found.height, picture=picture)


def _as_shown(word: PdfWord, slant: Slant | None) -> PdfWord | str:
    """Return a word in its place on the page, without ligatures; without an index if they are more letters now."""
    if slant is not None:
        x0, y0, x1, y1 = slant.place(word[:4])
        word = word._replace(x0=x0, y0=y0, x1=x1, y1=y1, turn=slant.turn)
    if not _FORMS.search(word.text):
        return word
    if len(word.text) == 1 and "\ue000" <= word.text <= "\uf8ff":
        return word._replace(text="•")  # a sign of a font of signs, nearly always one that begins an item of a list
    if max(word.text) > "\uffff":
        plain = _MATHEMATICAL.sub(lambda match: unicodedata.normalize("NFKC", match[0]), word.text)
        return word._replace(text=plain, first=NO_INDEX)
    plain = unicodedata.normalize("NFKC", word.text).replace("\u00ad", "")
    return word._replace(text=plain, first=word.first if len(plain) == len(word.text) else NO_INDEX) if plain else ""


def page_list(numbers: Sequence[int]) -> str:
    """Return 'page 3 is', 'pages 3, 5-7 are'."""
    told = numbers_told(numbers)
    return f"page {told} is" if len(numbers) == 1 else f"pages {told} are"
