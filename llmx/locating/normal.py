"""The normal form of a text: what stays of it when its way of being written is taken away.

Two writings of the same words have the same normal form: upper and lower case, width forms, typographic quotes and
dashes, runs of white space, hyphens at line ends, soft hyphens and invisible characters, vowel marks of Arabic and
Hebrew, blanks between Chinese characters or around punctuation (as machine translation leaves them). Every character
of the normal form knows the characters of the untouched text that it came from. Which words are looked for, and
whether a place is good enough, is decided elsewhere.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from functools import lru_cache

from llmx.span import Span

# One character each, where neither NFKC nor case folding does it. Quotes of every kind become one: models swap them
# freely because the double one must be escaped in JSON.
_SPECIAL = (
    dict.fromkeys("\"'`´′″‵＂＇「」『』《》〈〉〝〞〟", "'")
    | dict.fromkeys("-‐‑‒–−﹣－", "-")
    | dict.fromkeys("—―⸺⸻﹘", "—")
    | dict.fromkeys("·•・‧∙⋅●▪", "·")
    | dict.fromkeys("\n\r\v\f\x85\u2028\u2029", "\n")
    | {"。": ".", "｡": ".", "۔": ".", "।": ".", "、": ",", "､": ",", "،": ",", "؛": ";", "؟": "?"}
    | {"【": "[", "】": "]", "〔": "[", "〕": "]", "…": "…", "⋯": "…", "〜": "~", "∼": "~"}
    | {"İ": "i", "ı": "i", "ё": "е", "Ё": "е", "ـ": ""}
)
# Marks that NFKC composes with the character before them: Latin accents, kana voicing, the parts of a Hangul syllable.
_JOINING = re.compile("[\u0300-\u036f\u3099\u309a\u1161-\u11ff]")
# Vowel marks that Hebrew and Arabic texts may have or not.
_OPTIONAL_MARKS = re.compile("[\u0591-\u05bd\u05bf\u05c1-\u05c2\u05c4-\u05c5\u05c7\u064b-\u065f\u0670\u06d6-\u06ed]")
_MOST_MARKS = 30
"""How many of them are composed with one character: as many as a stream-safe text has (Unicode Annex 15, 13).
Putting more into order takes the square of their number."""

# Scripts that write no blanks between words, of those that machine translation likes to put blanks into.
_NO_BLANKS = "\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
# With every character: ``str.translate`` raises and catches a KeyError for each that a table does not have.
_ASCII = {code: _SPECIAL.get(chr(code), " " if chr(code).isspace() else chr(code)) for code in range(128)}

Piece = tuple[str, int, int]  # characters of the normal form; where they came from: start and length


class Layer:
    """One rewriting: for each piece of the new text its start there, its start in the old one, and its old width.

    Width 0 marks a stretch that was copied character by character.
    """

    __slots__ = ("_new", "_old", "_width")

    def __init__(self, new: list[int], old: list[int], width: list[int]) -> None:
        self._new, self._old, self._width = new, old, width

    def start(self, index: int) -> int:
        """Where the old characters begin that became the new character ``index``."""
        k = bisect_right(self._new, index) - 1
        return self._old[k] if self._width[k] else self._old[k] + index - self._new[k]

    def end(self, index: int) -> int:
        """Where the old characters end that became the new character ``index``."""
        k = bisect_right(self._new, index) - 1
        return self._old[k] + (self._width[k] or index - self._new[k] + 1)

    def forward(self, old: int) -> int:
        """The new index that stands for the old one, or for the next that was kept."""
        k = bisect_right(self._old, old) - 1
        if k < 0:
            return 0
        new = self._new[k] + (0 if self._width[k] else old - self._old[k])
        # what was left out behind a copied stretch has no place of its own: it must not reach past the next one
        return min(new, self._new[k + 1]) if k + 1 < len(self._new) else new


class NormalForm:
    """The normal form of ``text`` in ``value``, and the way back.

    Cost: linear in the text. The form of a piece is a piece of the form, but for blanks and punctuation at its ends.

    >>> NormalForm("The “Big ” Firm , Inc.").value
    "the'big'firm,inc."
    """

    __slots__ = ("_layers", "value")

    def __init__(self, text: str) -> None:
        folded, characters = _fold_characters(text)
        self.value, places = _tidy(folded)
        self._layers = [layer for layer in (places, characters) if layer is not None]

    def origin(self, start: int, end: int) -> Span:
        """Return the span of the untouched text that became ``value[start:end]``; ``start`` must be below ``end``."""
        first, last = start, end - 1
        for layer in self._layers:
            # the last character may come from several, so its end and not its start is carried through
            first, last = layer.start(first), layer.end(last) - 1
        return Span(first, max(first, last + 1))

    def index(self, position: int) -> int:
        """Return where position ``position`` of the untouched text lies in ``value``, to within a blank."""
        for layer in reversed(self._layers):
            position = layer.forward(position)
        return min(position, len(self.value))

    def bounds(self, region: Span) -> Span:
        """Return where ``region`` of the untouched text lies in ``value``, to within a blank."""
        return Span(self.index(region.start), self.index(region.end))


def _fold_characters(text: str) -> tuple[str, Layer | None]:
    """Fold case, width and typography, character by character; white space becomes a blank or a line feed."""
    if text.isascii():
        return text.lower().translate(_ASCII), None
    table: dict[int, str] = {}
    grown: dict[str, str] = {}
    for char in set(text):
        folded = _fold(char)
        if len(folded) != 1:
            grown[char] = folded
        table[ord(char)] = folded if len(folded) == 1 else char  # those that stay, too: see ``_ASCII``
    text = text.translate(table)
    joining = "".join(sorted(set(_JOINING.findall(text))))
    classes = []
    if joining:
        classes.append(f"[^{joining}][{joining}]{{1,{_MOST_MARKS}}}")
    if grown:
        classes.append(f"[{re.escape(''.join(grown))}]")
    if not classes:
        return text, None

    def edits() -> Iterable[tuple[int, int, list[Piece]]]:
        for match in re.finditer("|".join(classes), text):
            found = match.group()
            new = grown[found] if found in grown else _compose(found)
            yield match.start(), match.end(), [(new, match.start(), len(found))]

    return rewritten(text, edits())


@lru_cache(maxsize=8192)
def _fold(char: str) -> str:
    """Return what one character becomes: mostly one character, none for invisible ones, several for 'ß' or '㎡'."""
    if char in _SPECIAL:
        return _SPECIAL[char]
    category = unicodedata.category(char)
    if category == "Cf" or _OPTIONAL_MARKS.match(char) or "\ufe00" <= char <= "\ufe0f":
        return ""
    if char.isspace() or category in {"Pi", "Pf"}:
        return " " if char.isspace() else "'"
    # superscripts and fractions stay: 10² is not 102; Thai and Lao 'am' stays one letter
    if category == "No" or char in "\u0e33\u0eb3":
        return char
    folded = str(unicodedata.decimal(char)) if category == "Nd" else _compose(char)
    return char if folded.startswith(" ") else _SPECIAL.get(folded, folded)


def _compose(chars: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", chars).casefold())


def _tidy(text: str) -> tuple[str, Layer | None]:
    """Take out the blanks that say nothing, join hyphenated words, and write each run of marks in one way."""

    def edits() -> Iterable[tuple[int, int, list[Piece]]]:
        for match in _places(text).finditer(text):
            start, end = match.span()
            run = match.group()
            before = text[start - 1] if start else " "
            after = text[end] if end < len(text) else " "
            if end - start == 2 and run[1] == " " and run[0] in ".,;:)'" and not after.isdigit():
                yield start + 1, end, []  # nearly all places of most texts: ', '
                continue
            pieces = _marks(run, start, before=before, after=after)
            if len(pieces) != end - start or any(text[at] != new for new, at, _ in pieces):
                yield start, end, pieces

    tidy, layer = rewritten(text, edits())
    return tidy.replace("\n", " ").replace("—", "-"), layer


@lru_cache(maxsize=256)
def _places_for(marks: str, blanks_out: bool) -> re.Pattern[str]:
    mark = f"[{re.escape(marks)}]" if marks else "(?!)"
    mark_or_blank = f"[ \n{re.escape(marks)}]"
    pattern = f"[ \n]+(?={mark}){mark_or_blank}+|{mark}(?={mark_or_blank}){mark_or_blank}*|-|[ \n]{{2,}}"
    if blanks_out:
        pattern += f"|[ \n](?=[{_NO_BLANKS}])|(?<=[{_NO_BLANKS}])[ \n]"
    return re.compile(pattern)


def _places(text: str) -> re.Pattern[str]:
    """Return the pattern of all places in ``text`` that may have to be rewritten; classes hold only what occurs."""
    marks = "".join(sorted(char for char in set(text) if unicodedata.category(char)[0] in "PS"))
    return _places_for(marks, blanks_out=re.search(f"[{_NO_BLANKS}]", text) is not None)


_NO_BLANK = re.compile(f"[{_NO_BLANKS}]")


def _marks(run: str, start: int, *, before: str, after: str) -> list[Piece]:
    """Return what a run of blanks and marks between two characters becomes."""
    kept = [(char, start + i) for i, char in enumerate(run) if char not in " \n"]
    if not kept:
        joined = _NO_BLANK.match(before) or _NO_BLANK.match(after)
        return [] if joined else [(" ", start, len(run))]
    hyphen = run[0] == "-" and len(kept) == 1 and (len(run) == 1 or "\n" in run)
    if hyphen and before.isalpha() and after.isalpha():
        return []  # a hyphenated word, or a word broken at the end of a line
    pieces: list[Piece] = []
    for char, at in kept:
        if pieces and char in ".-'—…" and pieces[-1][0] in {char, "…", "—"}:
            new = {".": "…", "-": "—"}.get(char, char)
            pieces[-1] = (new, pieces[-1][1], at + 1 - pieces[-1][1])
        else:
            pieces.append((char, at, 1))
    if len(kept) == 1 and kept[0][0] in ".,:" and before.isdigit() and after.isdigit() and run[-1] in " \n":
        pieces.append((" ", start + len(run) - 1, 1))  # '3. 2' is not 3.2
    return pieces


def rewritten(text: str, edits: Iterable[tuple[int, int, list[Piece]]]) -> tuple[str, Layer | None]:
    """Apply edits that come in order; None for the layer where there was none."""
    news, olds, widths, out = [], [], [], []
    old = new = 0
    for start, end, pieces in edits:
        if start > old:
            news.append(new)
            olds.append(old)
            widths.append(0)
            out.append(text[old:start])
            new += start - old
        for chars, at, width in pieces:
            if chars:
                news.append(new)
                olds.append(at)
                widths.append(width)
                out.append(chars)
                new += len(chars)
        old = end
    if not old:
        return text, None
    out.append(text[old:])
    return "".join(out), Layer([*news, new], [*olds, old], [*widths, 0])
