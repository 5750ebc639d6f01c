"""Words that stand in thousands of places inside of others are no proof; what stands cleanly is found among them."""

from __future__ import annotations

from llmx.locating import TextIndex
from llmx.span import Span


def test_words_in_thousands_of_places_inside_of_others_are_not_found() -> None:
    index = TextIndex("abcabc" * 1500)
    assert index.locate("bcab") is None
    assert index.find_all("bcab") == []


def test_a_clean_place_among_thousands_of_unclean_ones_is_found() -> None:
    text = "xabcx" * 3000 + " abc " + "xabcx" * 3000
    found = TextIndex(text).locate("abc", near=Span(15_000, 15_001))
    assert found is not None
    assert found.span == Span(15_001, 15_004)


def test_of_clean_places_the_nearest_is_found_however_far_the_others_are() -> None:
    text = ("abc " + "word " * 300) * 20
    for near in (0, 5000, 12_000, 29_000):
        found = TextIndex(text).locate("abc", near=Span(near, near + 1))
        assert found is not None
        places = [at for at in range(len(text)) if text.startswith("abc", at)]
        distance = found.span.distance(Span(near, near + 1))
        assert distance == min(Span(at, at + 3).distance(Span(near, near + 1)) for at in places)
