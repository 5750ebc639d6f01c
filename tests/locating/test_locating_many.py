"""Words that stand in thousands of places inside of others are no proof; what stands cleanly is found among them."""

from __future__ import annotations

import random
import sys

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


def test_words_that_are_asked_for_again_and_again_are_found_where_they_are_found_once() -> None:
    draw = random.Random(4)
    for letters in ("ab ", "aB b", "万1 ", "…. a", "가 나a"):
        text = "".join(draw.choices(letters, k=800))
        again, quotes = TextIndex(text), [text[at : at + size] for at, size in ((5, 2), (90, 3), (200, 1))]
        for _ in range(30):
            quote, at = draw.choice(quotes), draw.randrange(790)
            near = draw.choice((None, Span(at, at + draw.randrange(6))))
            within = draw.choice((None, Span(at, min(800, at + 300))))
            once = TextIndex(text).locate(quote, near=near, within=within, faults=False)
            if once is not None:  # of words that stand nowhere cleanly, an index remembers that they say nothing
                assert again.locate(quote, near=near, within=within, faults=False) == once


def test_all_places_of_words_that_are_asked_for_again_and_again_are_looked_at_once() -> None:
    index, calls = TextIndex("1 or " * 1000), 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        for at in range(0, 5000, 25):
            index.locate("1 or", near=Span(at, at + 1))
            index.find_all("r 1", limit=3)
    finally:
        sys.setprofile(None)
    assert calls < 100_000  # a few for each of 2,000 places; 280,000 where places are looked at for each question
