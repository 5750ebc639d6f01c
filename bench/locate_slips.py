"""How many quotes with one slip are found where they stand: the rows of ``locate_bench.py --slips``.

Sentences (8 to 30 words) and names (one to three words of four letters or more) of texts are changed once in the quote,
as a model slips, and once in the text, as a scanner does. Changed digits and the quotes of other texts must not be
found at all.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

Edit = Callable[[str, random.Random], "str | None"]
Span = tuple[int, int]
OVERLAP = 0.8  # of a place that is found, at least
FOREIGN_TEXTS = 3  # in which each quote is looked for
LOOKALIKES = (("l", "1"), ("o", "0"), ("O", "0"), ("rn", "m"), ("m", "rn"), ("I", "l"), ("s", "5"), ("B", "8"))
ACCENTS = {"a": "á", "e": "é", "i": "í", "o": "ö", "u": "ü", "c": "ç", "n": "ñ"}


@dataclass(frozen=True, slots=True)
class Slip:
    """A row: how many of the quotes were found in their place."""

    kind: str
    edit: str
    side: str
    found: int
    quotes: int


def typographic(quote: str, _: random.Random) -> str | None:
    return quote.replace('"', "“").replace("'", "’").replace("-", "–")


def word_dropped(quote: str, draw: random.Random) -> str | None:
    words = quote.split(" ")
    if len(words) < 4:  # of fewer the rest says nothing
        return None
    del words[draw.randrange(1, len(words) - 1)]
    return " ".join(words)


def letters_swapped(quote: str, draw: random.Random) -> str | None:
    places = [i for i in range(len(quote) - 1) if quote[i : i + 2].isalpha() and quote[i] != quote[i + 1]]
    at = draw.choice(places or [0])
    return quote[:at] + quote[at + 1] + quote[at] + quote[at + 2 :] if places else None


def letter_dropped(quote: str, draw: random.Random) -> str | None:
    places = [i for i in range(1, len(quote) - 1) if quote[i - 1 : i + 2].isalpha()]
    at = draw.choice(places or [0])
    return quote[:at] + quote[at + 1 :] if places else None


def accents(quote: str, draw: random.Random) -> str | None:
    places = [i for i, char in enumerate(quote) if char in ACCENTS]
    for at in draw.sample(places, min(2, len(places))):
        quote = quote[:at] + ACCENTS[quote[at]] + quote[at + 1 :]
    return quote


def misread(slips: int) -> Edit:
    """Return an edit of so many characters that are taken for others, none of them in or beside a number."""

    def edit(quote: str, draw: random.Random) -> str | None:
        for _ in range(slips):
            places = [
                (match.start(), seen, meant)
                for seen, meant in LOOKALIKES
                for match in re.finditer(re.escape(seen), quote)
                if not re.search(r"\d", quote[max(0, match.start() - 2) : match.end() + 2])
            ]
            if not places:
                return None
            at, seen, meant = draw.choice(places)
            quote = quote[:at] + meant + quote[at + len(seen) :]
        return quote

    return edit


def digit_changed(quote: str, draw: random.Random) -> str | None:
    places = [i for i, char in enumerate(quote) if char.isdigit()]
    if not places:
        return None
    at = draw.choice(places)
    return quote[:at] + str((int(quote[at]) + draw.randint(1, 9)) % 10) + quote[at + 1 :]


EDITS: dict[str, Edit] = {
    "clean": lambda quote, _: quote,
    "typographic": typographic,
    "one word dropped": word_dropped,
    "one misread": misread(1),
    "three misread": misread(3),
    "letters swapped": letters_swapped,
    "letter dropped": letter_dropped,
    "accents": accents,
}


def quotes(texts: Sequence[str], draw: random.Random, *, names: bool) -> Iterator[tuple[str, int]]:
    """Yield quotes that stand in their text once, with the number of the text."""
    for number, text in enumerate(texts):
        words = list(re.finditer(r"\S+", text))
        for _ in range(20):
            size = draw.randint(1, 3) if names else draw.choice((8, 12, 20, 30))
            first = draw.randrange(max(1, len(words) - size))
            quote = text[words[first].start() : words[min(first + size, len(words)) - 1].end()].strip(" .,;:'\"()")
            named = all(word.isalpha() and len(word) > 3 for word in quote.split())
            if quote and text.count(quote) == 1 and "\n" not in quote and (not names or named):
                yield quote, number


def rows(texts: Sequence[str], index_of: Callable[[str], Any]) -> Iterator[Slip]:
    """Yield the rows; ``index_of`` makes of a text what has ``locate``."""
    for names in (False, True):
        kind, wanted = "names" if names else "sentences", list(quotes(texts, random.Random(1), names=names))
        for name, edit in EDITS.items():
            for side in ("quote", "text"):
                pairs = list(_edited(wanted, texts, edit, side=side))
                found = sum(_overlaps(index_of(text).locate(words), place) for text, words, place in pairs)
                yield Slip(kind, name, side, found, len(pairs))
        indexes = [index_of(text) for text in texts]
        draw = random.Random(2)
        changed = [(digit_changed(quote, draw), number) for quote, number in wanted]
        absent = [(quote, number) for quote, number in changed if quote and quote not in texts[number]]
        yield Slip(kind, "a digit changed", "quote", _found(absent, indexes), len(absent))
        strange = [
            (quote, other)
            for quote, number in wanted
            for other in draw.sample(range(len(texts)), min(FOREIGN_TEXTS, len(texts)))
            if other != number and quote.casefold() not in texts[other].casefold()
        ]
        yield Slip(kind, "of another text", "quote", _found(strange, indexes), len(strange))


def _edited(
    wanted: list[tuple[str, int]], texts: Sequence[str], edit: Edit, *, side: str
) -> Iterator[tuple[str, str, Span]]:
    """Yield text, quote and place, one of the first two edited."""
    draw = random.Random(3)
    for quote, number in wanted:
        changed, text = edit(quote, draw), texts[number]
        at = text.index(quote)
        if changed is None or (changed == quote and edit is not EDITS["clean"]):
            continue
        if side == "quote":
            yield text, changed, (at, at + len(quote))
        else:
            yield text[:at] + changed + text[at + len(quote) :], quote, (at, at + len(changed))


def _overlaps(match: Any, place: Span) -> bool:
    shared = 0 if match is None else min(match.span.end, place[1]) - max(match.span.start, place[0])
    return bool(shared >= OVERLAP * (place[1] - place[0]))


def _found(wanted: list[tuple[str, int]], indexes: Sequence[Any]) -> int:
    matches = (indexes[number].locate(quote) for quote, number in wanted)
    return sum(match is not None and match.kind == "fuzzy" for match in matches)
