"""What is looked for of a quote: its words in the normal form, and its tokens with the names among them."""

from __future__ import annotations

import re
from functools import lru_cache

from llmx.locating.align import Token, tokens
from llmx.locating.borders import SHORT_LETTERS
from llmx.locating.normal import NormalForm

_AGAIN_CHARS = 60  # a longer quote is of one text
_BULLET = re.compile(r"^\s*[-–—*•·●▪]\s+")
_EDGES = " '.,;:!?…·*()[]{}<>|/\\~_"


def says_something(quote: str) -> bool:
    """Whether the quote has a letter or a digit, or is a sign such as € or %."""
    return any(char.isalnum() for char in quote) or bool(tokens(quote.strip()))


def needles_of(quote: str) -> tuple[str, ...]:
    """The normal form of the quote, as it is and without the marks at its ends; none where nothing is left."""
    return _needles_again(quote) if len(quote) <= _AGAIN_CHARS else _needles_anew(quote)


def _needles_anew(quote: str) -> tuple[str, ...]:
    value = NormalForm(_BULLET.sub("", quote)).value.strip()
    bare = value.strip(_EDGES)
    if not (bare[:1] == "-" and bare[1:2].isdigit()):
        bare = bare.lstrip("-" + _EDGES)
    bare = bare.rstrip("-" + _EDGES)
    return tuple(needle for needle in dict.fromkeys((value, bare)) if says_something(needle))


_needles_again = lru_cache(maxsize=2048)(_needles_anew)  # the cues of a schema are looked for in every text


def named_tokens(quote: str) -> list[Token]:
    """The tokens of the quote, knowing which may be names: capitalised, but for little words that open a sentence."""
    form = NormalForm(quote)
    out: list[Token] = []
    for token in tokens(form.value):
        words = form.origin(token.start, token.end).of(quote)
        opens = not out or any(mark in form.value[out[-1].end : token.start] for mark in ".!?:'")
        acronym = len(words) > 1 and words.isupper()
        capital = any(map(str.isupper, words)) and not (opens and len(words) < SHORT_LETTERS)
        name = 2 if acronym else 1 if capital else 0
        out.append(Token(token.form, token.start, token.end, token.weight, token.fixed, name))
    return out
