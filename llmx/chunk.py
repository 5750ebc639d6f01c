"""Chunks: a long text in pieces that fit a model, each a span of the text, cut where paragraphs and sentences end.

semchunk finds the borders; this module feeds it a stretch at a time, so that memory does not grow with the text, shows
it the sentence ends of scripts that it does not know, and fills the chunks evenly. What a model makes of a chunk, and
how the answers are joined, is decided elsewhere.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from typing import cast

from llmx.chunk_borders import TableHeaders, is_heading, line_at, line_before, row_borders
from llmx.dataclass import dataclass
from llmx.errors import UsageError
from llmx.span import Span

CARRY_TOKENS = 64  # two or three sentences: who 'the company' is
HEADER_TOKENS = 160  # a row of a broad table
_LEAST_TOKENS = 8  # below this a chunk would not hold a word in every script
_BYTES_PER_TOKEN = 4
_STRETCH_PIECES = 80  # pieces that are cut at one time; the last of them is cut again with what follows
_PIECES_PER_CHUNK = 10
_WELL_FILLED = 0.7  # a chunk ends at a paragraph's end if it is this full then
_UNEVEN = 1.15  # chunks may be this much fuller than the even share, so that borders can follow paragraphs
# Sentence ends after which no blank must follow, with closing brackets and quotes; semchunk knows ASCII marks alone.
_SENTENCE_END = re.compile("[。！？；｡।۔؟…]+[」』”’）》】〕]*")
_BORDER = re.compile("(?:[.!?;。！？；।۔؟…][\"'”’」』）)\\]]*|\n)\\s*")
_BORDERS = (re.compile(r"\n\s*\n"), re.compile(r"\n"), re.compile("[.!?。！？।۔؟…][\"'”’」』）)\\]]?\\s*$"))

Counter = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class Chunk:
    """Piece ``index`` (from 0) of a text: its ``span``, and in ``carry`` the sentences before it that give context.

    ``header`` is that of the table in which it begins, where it stands further before.
    """

    index: int
    span: Span
    carry: Span | None = None
    header: Span | None = None

    def context(self, text: str) -> str:
        """Return what stands before the chunk and is shown with it."""
        return "\n".join(span.of(text) for span in (self.header, self.carry) if span is not None)


def estimate_tokens(text: str) -> int:
    """Return about how many tokens a language model makes of ``text``: a quarter of its UTF-8 bytes, digits one each.

    That is four characters a token in English, two in Russian or Arabic, one and a third in Chinese, Japanese, Korean
    or Thai: what byte-pair vocabularies of 100,000 and more entries come to, on the high side. Linear, no vocabulary.

    >>> estimate_tokens("The two companies signed an agreement."), estimate_tokens("双方签署协议")
    (10, 5)
    """
    written = text.encode("utf-8", "surrogatepass")
    others = len(written.translate(None, b"0123456789"))
    return math.ceil(others / _BYTES_PER_TOKEN) + len(written) - others


def chunk_text(
    text: str,
    *,
    max_tokens: int,
    count: Counter | None = None,
    carry_tokens: int = CARRY_TOKENS,
    page_starts: Sequence[int] = (),
) -> Iterator[Chunk]:
    """Yield the chunks of ``text`` in order: no overlap, no gap but white space, each of at most ``max_tokens``.

    ``count`` tells how many tokens a string has (default: ``estimate_tokens``). The carry has at most ``carry_tokens``
    and comes on top, as does the header of a table in which a chunk begins. A text that fits is one chunk; one of white
    space is none. A text with pages, which begin at the offsets ``page_starts``, is cut between pages, but not amid a
    row of a table that goes on; only a page that does not fit is cut itself. Raises UsageError for a limit below 8.
    """
    if max_tokens < _LEAST_TOKENS:
        hint = f"allow {_LEAST_TOKENS} tokens or more; 1000 to 8000 is usual"
        raise UsageError(f"chunks of {max_tokens} tokens are too small", hint=hint)
    count = count or estimate_tokens
    parts = _whole_pages(text, page_starts, count, max_tokens=max_tokens) if page_starts else [Span(0, len(text))]
    spans = (span for part in parts for span in _spans(text, part, count, max_tokens=max_tokens))
    headers = TableHeaders(text)
    for index, span in enumerate(spans):
        carry = _carry(text, span, count, carry_tokens=carry_tokens) if index else None
        header = headers.at(span.start) if index and carry_tokens > 0 else None
        if header and (count(header.of(text)) > HEADER_TOKENS or (carry and carry.start < header.end)):
            header = None
        yield Chunk(index, span, carry, header)


def _spans(text: str, part: Span, count: Counter, *, max_tokens: int) -> Iterator[Span]:
    """Yield the spans of the chunks of one part of ``text``."""
    inner = text if len(part) == len(text) else part.of(text)
    total = count(inner)
    if total <= max_tokens:
        yield from _trimmed(text, part.start, part.end)
        return
    even = math.ceil(total / max(math.ceil(total / max_tokens), 1) * _UNEVEN)
    size = min(max_tokens, max(even, _LEAST_TOKENS))
    for span in _cut(inner, size, count, max_tokens=max_tokens):
        yield span.shift(part.start) if part.start else span


def _whole_pages(text: str, page_starts: Sequence[int], count: Counter, *, max_tokens: int) -> Iterator[Span]:
    """Yield parts of as many whole pages as fit into ``max_tokens``, and each page that does not fit by itself."""
    if count(text) <= max_tokens:
        yield Span(0, len(text))
        return
    starts = [0, *sorted({start for start in row_borders(text, page_starts) if 0 < start < len(text)})]
    held: Span | None = None
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        longer = Span(held.start if held else start, end)
        if held is not None and count(longer.of(text)) > max_tokens:
            yield held
            longer = Span(start, end)
        held = longer
    if held is not None:
        yield held


def _cut(text: str, size: int, count: Counter, *, max_tokens: int) -> Iterator[Span]:
    """Yield the spans of all chunks: as many of semchunk's small pieces as fit, back to the last paragraph's end."""
    held: list[Span] = []
    for piece in _pieces(text, max(size // _PIECES_PER_CHUNK, _LEAST_TOKENS // 2), count):
        for part in _fitting(text, piece, count, max_tokens=max_tokens):
            if held and count(text[held[0].start : part.end]) > size:
                full = _best_end(text, held, part.start)
                yield Span(held[0].start, held[full - 1].end)
                held = held[full:]
                if held and count(text[held[0].start : part.end]) > size:
                    yield Span(held[0].start, held[-1].end)
                    held = []
            held.append(part)
    if held:
        yield Span(held[0].start, held[-1].end)


def _best_end(text: str, held: list[Span], after: int) -> int:
    """Return how many of the held pieces the chunk keeps, so that it is well filled; ``after`` is where text goes on.

    It ends before a heading if it can, else with a paragraph, a line, a sentence; and never with a heading.
    """
    least = held[0].start + _WELL_FILLED * (held[-1].end - held[0].start)
    kept_well = [kept for kept in range(len(held), 0, -1) if held[kept - 1].end >= least]
    starts = [*(piece.start for piece in held), after]
    for kept in kept_well:
        if "\n" in text[held[kept - 1].end : starts[kept]] and is_heading(line_at(text, starts[kept])):
            return kept
    for border in _BORDERS:
        for kept in kept_well:
            end, gap_end = held[kept - 1].end, held[kept].start if kept < len(held) else held[-1].end
            if border.search(text[end - 2 : gap_end]) and not is_heading(line_before(text, end)):
                return kept
    return len(held)


def _pieces(text: str, size: int, count: Counter) -> Iterator[Span]:
    """Yield semchunk's pieces, a stretch of the text at a time; the last piece of a stretch begins the next one."""
    stretch_chars = size * _BYTES_PER_TOKEN * _STRETCH_PIECES
    start = 0
    while start < len(text):
        end = min(start + stretch_chars, len(text))
        starts = _starts(text[start:end], size, count)
        ends = [*starts[1:], end - start]
        last = len(starts) if end == len(text) or len(starts) < 2 else len(starts) - 1
        for a, b in zip(starts[:last], ends[:last], strict=True):
            yield from _trimmed(text, start + a, start + b)
        start += ends[last - 1] if starts else end - start


def _starts(stretch: str, size: int, count: Counter) -> list[int]:
    """Return where semchunk would begin each piece of ``stretch``; the first is 0, but for white space alone."""
    from semchunk.semchunk import chunk  # noqa: PLC0415  loading takes a tenth of a second; most texts are short

    marked, blanks = _mark_sentences(stretch)
    try:
        offsets = cast("list[tuple[int, int]]", chunk(marked, size, count, memoize=False, offsets=True)[1])
    except RecursionError:  # it goes one level deeper for each length of white space in the text
        offsets = [(0, len(marked))]
    starts = [start - bisect_left(blanks, start) for start, _ in offsets]
    return sorted({0, *starts[1:]}) if starts else []


def _mark_sentences(stretch: str) -> tuple[str, list[int]]:
    """Put a blank after each sentence end that semchunk does not know; return where the blanks are in the new text."""
    out, blanks, at = [], list[int](), 0
    for match in _SENTENCE_END.finditer(stretch):
        out.append(stretch[at : match.end()])
        at = match.end()
        blanks.append(at + len(blanks))
    return " ".join([*out, stretch[at:]]), blanks


def _fitting(text: str, piece: Span, count: Counter, *, max_tokens: int) -> Iterator[Span]:
    """Yield the piece, in halves as long as it is too large after all: a counter need not be additive."""
    if len(piece) < 2 or count(piece.of(text)) <= max_tokens:
        yield piece
        return
    middle = (piece.start + piece.end) // 2
    for start, end in ((piece.start, middle), (middle, piece.end)):
        for half in _trimmed(text, start, end):
            yield from _fitting(text, half, count, max_tokens=max_tokens)


def _trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield the span without white space at its ends, nothing where nothing else is there."""
    inner = text[start:end]
    left = len(inner) - len(inner.lstrip())
    if left < len(inner):
        yield Span(start + left, start + len(inner.rstrip()))


def _carry(text: str, span: Span, count: Counter, *, carry_tokens: int) -> Span | None:
    """Return the last whole sentences before ``span`` that have at most ``carry_tokens``, None if none has so few."""
    if carry_tokens <= 0:
        return None
    window = max(0, span.start - carry_tokens * _BYTES_PER_TOKEN * 2)
    before = text[window : span.start]
    borders = [match.end() for match in _BORDER.finditer(before) if before[match.end() :].strip()]
    if window == 0:
        borders.insert(0, 0)
    for border in borders:
        for carry in _trimmed(text, window + border, span.start):
            if count(carry.of(text)) <= carry_tokens:
                return carry
    return None
