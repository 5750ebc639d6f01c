"""A number is widened to the whole of what stands there, and no further."""

from __future__ import annotations

import pytest

from llmx.grounding.text import SourceText
from llmx.grounding.widen import widened
from llmx.locating import TextIndex
from llmx.span import Span
from llmx.types import Address, reader_for


@pytest.mark.parametrize(
    ("text", "words", "whole"),
    [
        ("It cost 3.2 billion yuan.", "3.2", "3.2 billion"),
        ("Some two hundred and five people came.", "two hundred", "two hundred and five"),
        ("Half a million people came.", "million", "Half a million"),
        ("It takes 5 to 6 million euros.", "5", "5 to 6 million"),
        ("It takes between 5 and 6 million euros.", "6 million", "5 and 6 million"),
        ("On 40 ships and 12 boats.", "40", "40"),
        ("220 m coil at 4310.25 and 3 of HM-0093", "4310.25", "4310.25"),
        ("On page 12, 3 people", "3", "3"),
        ("约300万人", "300", "300万"),
        ("Kosztowało to 2,5 miliarda złotych.", "2,5", "2,5 miliarda"),
        ("มูลค่า 5.2 ล้านบาท", "5.2", "5.2 ล้าน"),
    ],
)
def test_a_number_goes_as_far_as_its_words_do(text: str, words: str, whole: str) -> None:
    reader = reader_for(float)
    assert reader is not None
    start = text.index(words)
    source = SourceText(text, TextIndex(text), Span(0, len(text)))
    assert widened(reader, Span(start, start + len(words)), source).of(text) == whole


def test_a_postal_address_is_taken_as_it_was_quoted() -> None:
    text, quote = "Wir zogen aus dem Haus Lindenallee 14a, 04277 Leipzig, aus.", "Lindenallee 14a, 04277 Leipzig"
    reader = reader_for(Address)
    assert reader is not None
    start = text.index(quote)
    source = SourceText(text, TextIndex(text), Span(0, len(text)))
    assert widened(reader, Span(start, start + len(quote)), source).of(text) == quote
    cut = Span(start, start + len("Lindenallee"))
    assert widened(reader, cut, source).end == start + len(quote)
