"""Where words and numbers begin and end: whether a place in a text cuts one in two.

'AI' stands in 'said', and '20' in '320', but neither says so. Chinese, Japanese and Thai write no blanks, so nothing
can be told there; Korean hangs endings onto words, Arabic and Hebrew put small words before them.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from llmx.span import Span

# How badly a span cuts what stands there.
CLEAN: Final = 0  # whole words
TOUCHING: Final = 1  # a word of a script that glues endings or small words on; a unit on its number
INSIDE: Final = 2  # inside a word, in a script that writes blanks
NUMBER: Final = 3  # a long quote that ends in the middle of a number
WRONG: Final = 4  # a value in the middle of a number, or a few letters of a longer word: this says something else

SHORT_LETTERS: Final = 4  # below this a piece of a word proves nothing
LONG_LETTERS: Final = 16  # from here a quote is a piece of a sentence, and a number cut at its end is not its point
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u312f\u3400-\u4dbf"
    "\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)
_THAI = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]")
_GLUING = re.compile("[\u0590-\u06ff\u0750-\u077f]")
_GROUPING_BLANKS = "\u00a0\u202f\u2009"
_PARTING = frozenset(' \n\t"“”„«»()[]{};:!?')  # ends every word and every number: most places need no closer look


def unspaced(char: str) -> bool:
    """Whether ``char`` belongs to a script that writes no blanks between words."""
    return _UNSPACED.match(char) is not None


def thai_like(char: str) -> bool:
    """Whether ``char`` is of an unspaced script with letters for sounds, of which a word takes four or five."""
    return _THAI.match(char) is not None


def in_word(char: str) -> bool:
    """Whether ``char`` is a letter, a digit, or a mark on one."""
    return char.isalnum() or unicodedata.category(char)[0] == "M"


def letter_count(words: str) -> int:
    """Return how many letters ``words`` has, in any script."""
    return sum(map(str.isalpha, words))


def parted(text: str, start: int, end: int) -> bool:
    """Whether blanks, brackets or the text's ends are on both sides of ``text[start:end]``: then nothing is cut."""
    return (not start or text[start - 1] in _PARTING) and (end == len(text) or text[end] in _PARTING) and start < end


def cut(text: str, span: Span, letters: int) -> int:
    """Return how badly ``span`` cuts words or numbers of ``text``: CLEAN to WRONG.

    ``letters`` is the number of letters in the span; few letters are judged more strictly.
    """
    if span.start >= span.end:
        return WRONG
    if letters == 1 and any(map(str.isdecimal, span.of(text))):
        letters = 2  # 1.2万 is more than one character of a longer run
    return max(_cut_before(text, span, letters), _cut_after(text, span, letters))


def _cut_before(text: str, span: Span, letters: int) -> int:
    if span.start == 0:
        return CLEAN
    outer, inner = text[span.start - 1], text[span.start]
    if outer in _PARTING:
        return CLEAN
    if inner.isdecimal() and _number_goes_on(text, span.start, -1):
        return NUMBER if letters >= LONG_LETTERS else WRONG
    if inner.isdecimal() and outer.isalpha() and not unspaced(outer):
        # 'C9', 'CO2' against 'RMB300': a lone digit or two after a letter is a part of the name
        return WRONG if letters == 0 and len(span) < 3 else TOUCHING
    if _HANGUL.match(inner) and _HANGUL.match(outer):
        return WRONG if letters < 2 else TOUCHING
    return _letters_cut(outer, inner, letters)


def _cut_after(text: str, span: Span, letters: int) -> int:
    if span.end == len(text):
        return CLEAN
    inner, outer = text[span.end - 1], text[span.end]
    if outer in _PARTING:
        return CLEAN
    if inner.isdecimal() and _number_goes_on(text, span.end - 1, 1):
        return NUMBER if letters >= LONG_LETTERS else WRONG
    if _HANGUL.match(inner) and _HANGUL.match(outer):
        return CLEAN if letters > 1 else WRONG
    return _letters_cut(outer, inner, letters)


def _letters_cut(outer: str, inner: str, letters: int) -> int:
    if not (in_word(outer) and in_word(inner)):
        return CLEAN
    if unspaced(inner) or unspaced(outer):
        # one Chinese character of a longer run is a piece of a word: 日 in 12月23日 is not Japan
        return WRONG if letters == 1 and unspaced(inner) and unspaced(outer) else CLEAN
    if outer.isdecimal() or inner.isdecimal():
        return TOUCHING
    if letters < SHORT_LETTERS:
        return WRONG
    return TOUCHING if _GLUING.match(inner) else INSIDE


def _number_goes_on(text: str, at: int, step: int) -> bool:
    """Whether the number with its outermost digit at ``at`` has more digits in direction ``step``."""

    def char(distance: int) -> str:
        place = at + step * distance
        return text[place] if 0 <= place < len(text) else " "

    if char(1).isdecimal():
        return True
    if char(1) in ".,'’" and char(2).isdecimal():
        return True
    if char(1) not in _GROUPING_BLANKS or not char(2).isdecimal():
        return False
    first = at if step < 0 else at + 2  # French and Swiss groups of three after a fixed blank
    return re.match(r"\d{3}(?!\d)", text[first : first + 4]) is not None
