"""Chunks of long texts: in order, whole, within the limit, cut where sentences end."""

from __future__ import annotations

import itertools
import time
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmx.chunk import Chunk, chunk_text, estimate_tokens
from llmx.errors import UsageError
from llmx.span import Span
from tests.locating.texts import LANGUAGES, text


def words(string: str) -> int:
    return len(string.split()) + string.count("。") * 12


def check(whole: str, chunks: list[Chunk], *, most: int, count=estimate_tokens) -> None:  # type: ignore[no-untyped-def]  # a counter
    end = 0
    for number, chunk in enumerate(chunks):
        assert chunk.index == number
        assert whole[end : chunk.span.start].strip() == ""
        piece = chunk.span.of(whole)
        assert piece
        assert piece == piece.strip()
        assert count(piece) <= most or len(piece) == 1
        end = chunk.span.end
    assert whole[end:].strip() == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_chunks_cover_a_long_text_in_order_within_the_limit(language: str) -> None:
    whole = text(language, 20_000, 1)
    chunks = list(chunk_text(whole, max_tokens=500))
    check(whole, chunks, most=500)
    assert len(chunks) <= 1.5 * estimate_tokens(whole) / 500


@pytest.mark.parametrize("language", ["en", "fr", "zh", "ja", "ko", "ar"])
def test_chunks_end_where_sentences_end(language: str) -> None:
    whole = text(language, 20_000, 1)
    chunks = list(chunk_text(whole, max_tokens=400))
    ends = [chunk.span.of(whole)[-1] for chunk in chunks]
    assert all(end in ".。”" for end in ends)


def test_a_chunk_ends_with_a_paragraph_where_that_leaves_it_well_filled() -> None:
    paragraph = "The firms met in Oslo. They signed an accord. Nobody was surprised by that.\n\n"
    whole = paragraph * 60
    for chunk in chunk_text(whole, max_tokens=170):
        assert chunk.span.of(whole).endswith("surprised by that.")


def test_the_carry_is_whole_sentences_right_before_the_chunk_within_its_own_limit() -> None:
    whole = text("en", 12_000, 3)
    chunks = list(chunk_text(whole, max_tokens=300, carry_tokens=60))
    assert chunks[0].carry is None
    carries = [chunk.carry for chunk in chunks[1:] if chunk.carry]
    assert len(carries) > len(chunks) / 2
    for chunk in chunks[1:]:
        if chunk.carry:
            assert whole[chunk.carry.end : chunk.span.start].strip() == ""
            assert estimate_tokens(chunk.carry.of(whole)) <= 60
            assert chunk.carry.start == 0 or whole[: chunk.carry.start].rstrip()[-1] in ".”"


def test_no_carry_is_given_where_none_is_wanted() -> None:
    assert all(c.carry is None for c in chunk_text(text("en", 5000, 1), max_tokens=200, carry_tokens=0))


def test_a_text_that_fits_is_one_chunk_without_the_white_space_around_it() -> None:
    assert list(chunk_text("\n Two words. \n", max_tokens=100)) == [Chunk(0, Span(2, 12))]


@pytest.mark.parametrize("whole", ["", " \n\t\u3000 "])
def test_nothing_but_white_space_is_no_chunk(whole: str) -> None:
    assert list(chunk_text(whole, max_tokens=100)) == []


def test_a_limit_that_holds_no_word_is_refused_with_advice() -> None:
    with pytest.raises(UsageError, match="chunks of 3 tokens are too small") as caught:
        list(chunk_text("text", max_tokens=3))
    assert "1000 to 8000" in caught.value.hint


def test_chunks_come_one_by_one_before_the_text_is_cut_to_its_end() -> None:
    calls = 0

    def count(string: str) -> int:
        nonlocal calls
        calls += 1
        return estimate_tokens(string)

    stream = chunk_text(text("en", 400_000, 1), max_tokens=500, count=count)
    list(itertools.islice(stream, 2))
    early = calls
    list(stream)
    assert early < calls / 10


def test_a_text_of_three_hundred_pages_takes_linear_time_and_little_memory() -> None:
    whole = text("fr", 700_000, 1)
    started = time.process_time()
    chunks = list(chunk_text(whole, max_tokens=2000))
    assert time.process_time() - started < 3.0
    check(whole, chunks, most=2000)
    tracemalloc.start()
    for _ in chunk_text(whole, max_tokens=2000):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * len(whole)  # the text's own UTF-8 bytes, once, for the estimate of its length; and a stretch


@pytest.mark.parametrize(
    "whole",
    [
        pytest.param("a" * 60_000, id="one-word"),
        pytest.param("的" * 60_000, id="one-character"),
        pytest.param("." * 60_000, id="marks"),
        pytest.param("".join("a" + " " * n for n in range(600)), id="ever-longer-blanks"),
        pytest.param("a\n" * 30_000, id="short-lines"),
        pytest.param("😀" * 20_000, id="emoji"),
    ],
)
def test_strange_texts_are_cut_too(whole: str) -> None:
    check(whole, list(chunk_text(whole, max_tokens=300)), most=300)


def test_a_counter_that_is_not_additive_is_obeyed() -> None:
    whole = text("zh", 5000, 2) + text("en", 5000, 2)
    check(whole, list(chunk_text(whole, max_tokens=100, count=words)), most=100, count=words)


@settings(max_examples=200, deadline=None)
@given(
    whole=st.text(st.sampled_from("ab .。!\n\t，“”3\u3000é的") | st.characters(), max_size=300),
    most=st.integers(8, 40),
    carry=st.integers(0, 20),
)
def test_every_chunk_of_any_text_slices_back_without_gap_or_overlap(whole: str, most: int, carry: int) -> None:
    chunks = list(chunk_text(whole, max_tokens=most, carry_tokens=carry))
    check(whole, chunks, most=most)
    for chunk in chunks:
        assert chunk.carry is None or (chunk.carry.end <= chunk.span.start and chunk.carry.of(whole).strip())


@pytest.mark.parametrize(
    ("string", "tokens"),
    [("The two companies signed.", 7), ("双方签署协议", 5), ("2024", 4), ("", 0), ("Обе стороны", 6)],
    ids=["english", "chinese", "digits", "empty", "russian"],
)
def test_the_estimate_counts_a_quarter_of_the_bytes_and_each_digit(string: str, tokens: int) -> None:
    assert estimate_tokens(string) == tokens


def test_a_text_with_pages_is_cut_between_them_and_only_a_page_that_is_too_long_is_cut_itself() -> None:
    pages = ["One two three. " * 8, "Four five six. " * 8, "Seven eight nine. " * 40, "Ten eleven. " * 4]
    starts = [sum(map(len, pages[:number])) for number in range(4)]
    text = "".join(pages)
    chunks = [chunk.span for chunk in chunk_text(text, max_tokens=80, page_starts=starts)]
    assert {span.start for span in chunks} >= {0, *starts[2:]}
    assert chunks[0].end <= starts[2]
    assert text[chunks[0].start : chunks[0].end] == "".join(pages[:2]).strip()
    assert "".join(text[span.start : span.end] for span in chunks).replace(" ", "") == text.replace(" ", "")
    assert all(estimate_tokens(span.of(text)) <= 80 for span in chunks)
