"""The laws of locating, on long texts of many languages and on whatever hypothesis thinks up."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from functools import cache

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from llmx.locating import TextIndex
from llmx.locating.borders import NUMBER, cut, letter_count
from llmx.locating.normal import NormalForm
from llmx.span import Span
from tests.locating.texts import LANGUAGES, SPACED, text

Edit = Callable[[str, str, random.Random], str]
CHARS = 20_000
QUOTES = 40
_RESTYLE = str.maketrans({"“": '"', "”": '"', "–": "-", "’": "'", "'": "’", "«": '"', "»": '"', "，": ",", "。": "."})


@cache
def index(language: str, seed: int = 1) -> TextIndex:
    return TextIndex(text(language, CHARS, seed))


def pick(language: str, draw: random.Random) -> Span:
    """A quote of 8 to 16 words, or as many characters as that takes in scripts without blanks."""
    whole = index(language).text
    if language in SPACED:
        words = list(re.finditer(r"\S+", whole))
        first = draw.randrange(len(words) - 20)
        return Span(words[first].start(), words[first + draw.randint(7, 15)].end())
    while True:
        start = draw.randrange(len(whole) - 120)
        span = Span(start, start + draw.randint(*{"zh": (20, 40), "ja": (30, 50), "th": (60, 100)}[language]))
        quote = span.of(whole)
        if quote == quote.strip() and cut(whole, span, letter_count(quote)) < NUMBER:
            return span


def as_it_is(language: str, quote: str, draw: random.Random) -> str:
    return quote


def word_dropped(language: str, quote: str, draw: random.Random) -> str:
    if language in SPACED:
        words = quote.split()
        del words[draw.randrange(1, len(words) - 1)]
        return " ".join(words)
    size = 4 if language == "th" else 2
    places = [i for i in range(2, len(quote) - size - 2) if quote[i : i + size].isalpha()]
    at = draw.choice(places)
    return quote[:at] + quote[at + size :]


def letters_swapped(language: str, quote: str, draw: random.Random) -> str:
    places = [i for i in range(len(quote) - 1) if quote[i : i + 2].isalpha() and quote[i] != quote[i + 1]]
    at = draw.choice(places)
    return quote[:at] + quote[at + 1] + quote[at] + quote[at + 2 :]


def letter_wrong(language: str, quote: str, draw: random.Random) -> str:
    at = draw.choice([i for i, char in enumerate(quote) if char.isalpha()])
    letters = [char for char in index(language).text[:2000] if char.isalpha()]
    return quote[:at] + draw.choice(letters).lower() + quote[at + 1 :]


def restyled(language: str, quote: str, draw: random.Random) -> str:
    return " ".join(quote.translate(_RESTYLE).split())


def overlap(a: Span, b: Span) -> float:
    shared = max(0, min(a.end, b.end) - max(a.start, b.start))
    return shared / (max(a.end, b.end) - min(a.start, b.start))


@pytest.mark.slow
@pytest.mark.parametrize("edit", [as_it_is, word_dropped, letters_swapped, letter_wrong, restyled])
@pytest.mark.parametrize("language", LANGUAGES)
def test_edited_quotes_are_found_where_they_came_from_in_19_of_20_cases(language: str, edit: Edit) -> None:
    draw = random.Random(11)
    hits = 0
    for _ in range(QUOTES):
        span = pick(language, draw)
        quote = span.of(index(language).text)
        match = index(language).locate(edit(language, quote, draw), near=span)
        hits += match is not None and overlap(match.span, span) >= 0.9
    assert hits >= 0.95 * QUOTES


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_quotes_of_one_text_are_not_found_in_another_nor_proven_by_likeness(language: str) -> None:
    draw = random.Random(12)
    other = index(language, seed=2)
    quotes = {pick(language, draw).of(index(language).text) for _ in range(4 * QUOTES)}
    # the grammar of the texts is small: a quote that truly stands in both is no false proof
    strange = [quote for quote in quotes if NormalForm(quote).value not in other.normal.value]
    false = [quote for quote in strange if other.locate(quote) is not None]
    assert len(strange) > 2 * QUOTES
    assert len(false) < max(1.01, 0.01 * len(quotes))


@settings(max_examples=300, deadline=None)
@given(language=st.sampled_from(LANGUAGES), data=st.data())
def test_any_slice_of_four_letters_is_found_exactly(language: str, data: st.DataObject) -> None:
    whole = index(language).text
    start = data.draw(st.integers(0, len(whole) - 4))
    quote = whole[start : start + data.draw(st.integers(4, 400))]
    assume(letter_count(quote) >= 4)
    assume(letter_count(quote) >= 16 or cut(whole, Span(start, start + len(quote)), 4) < NUMBER)
    match = index(language).locate(quote)
    assert match is not None
    assert match.kind == "exact"
    assert match.span.of(whole) == quote


SCRIPTS = "abcdeABE éßİıﬁæ 0123456789.,  \n\t-–—…'“”«»()&%$€ 汽车，。「」ガｶﾞﾞ한국 ไทยที่ عربيَّ \u00ad\u200b\u0301ﷺ①½²"


@settings(max_examples=500, deadline=None)
@given(whole=st.text(st.sampled_from(SCRIPTS) | st.characters(), max_size=120), data=st.data())
def test_every_span_slices_back_to_its_quote_or_to_its_normal_form(whole: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(whole)))
    quote = whole[start : data.draw(st.integers(start, len(whole)))]
    quote = data.draw(st.sampled_from([quote, quote.upper(), quote.swapcase(), " ".join(quote.split()), f"“{quote}”"]))
    for match in [*TextIndex(whole).find_all(quote), TextIndex(whole).locate(quote)]:
        if match is None:
            continue
        words = match.span.of(whole)
        assert words
        if match.kind == "exact":
            assert words == quote
        elif match.kind == "normalised":
            assert bare(words) == bare(quote)


def bare(words: str) -> str:
    return re.sub(r"[\s'.,;:!?…·*()\[\]{}<>|/\\~_-]", "", NormalForm(words).value)


@settings(max_examples=300, deadline=None)
@given(whole=st.text(st.sampled_from(SCRIPTS) | st.characters(), max_size=80))
def test_the_normal_form_maps_back_in_order_and_inside_the_text(whole: str) -> None:
    form = NormalForm(whole)
    ends = 0
    for at in range(len(form.value)):
        span = form.origin(at, at + 1)
        assert span.start < span.end <= len(whole)
        assert span.end >= ends
        ends = span.end
        assert form.index(span.start) <= at


@settings(max_examples=200, deadline=None)
@given(whole=st.text(max_size=60), quote=st.text(max_size=20), near=st.integers(0, 60))
def test_no_text_and_no_quote_make_it_fail(whole: str, quote: str, near: int) -> None:
    match = TextIndex(whole).locate(quote, near=Span(near, near + 1))
    assert match is None or (0.0 < match.score <= 1.0 and match.span.end <= len(whole))


@given(st.text(alphabet="aﬁ %0\n’.-中，", max_size=40))
@example("ﬁnance %  0000000   \n   \n ’")
def test_what_stands_later_in_the_text_stands_no_earlier_in_its_normal_form(words: str) -> None:
    form = NormalForm(words)
    places = [form.index(position) for position in range(len(words) + 1)]
    assert places == sorted(places)
