"""Comparing word by word: whether the words of a quote stand in a stretch of text, but for small faults.

Letters alone prove little ('300 million' and '320 million' share nine in ten), so a quote is compared as a sequence of
tokens: words, numbers, currency signs, single characters in scripts without blanks. Each fault has a price; numbers,
months, negations and names may not change at any price. Where in the text to look is decided in ``fuzzy.py``.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from functools import lru_cache

from rapidfuzz.distance import OSA, LCSseq

from llmx.dataclass import dataclass
from llmx.locating.borders import in_word, thai_like, unspaced
from llmx.locating.fixed_words import fixed_words, negations
from llmx.locating.lookalikes import look_alike

_NEVER = float("inf")
_NUMBER = re.compile(r"\d+(?:[.,']\d+)*")
_GROUPING = re.compile(r"[.,'](?=\d{3}(?:\D|$))")
# A word in which a scanner read a digit or two: '1ocation', 'a11iance'. '10min' is a number with its unit.
_SCANNED = re.compile(r"(?=[^\W_]*[^\W\d_]{2})[^\W_]{3,}")

# Prices, in words. A quote of n words may have faults for n/4: one fault in four words is the most that still reads as
# the same sentence. Words that the quote adds or changes cost more than words that it leaves out, so that another word
# is only forgiven among ten; little words, and single characters of scripts without blanks, cost less.
_TRIVIAL, _NEAR, _LEFT_OUT, _CHANGED, _ADDED = 0.25, 0.5, 1.0, 2.5, 2.7
_LITTLE = 3  # letters
_LITTLE_LEFT_OUT, _LITTLE_CHANGED, _LITTLE_ADDED = 0.5, 1.0, 1.2
_CHARACTER_CHANGED, _CHARACTER_ADDED = 1.5, 1.6
_FAULTS_PER_WORD = 0.25
_MOST_FAULTS = 8.0
_LEAST_EQUAL = 0.6  # of the quote's words must be there, letter by letter
_LEAST_WORDS, _LEAST_CHARACTERS = 0.3, 0.8  # of the tokens stand in the text in order; slips are not counted here
_STRANGE_CHARACTERS = 0.08  # of the characters may be others; beyond that it is another name or word
_LONG_QUOTE = 6.0  # words; from here a name with one wrong letter is a slip and not another name


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a number or a sign: its normal form, its place in the normal text, and what it weighs in words.

    ``fixed`` tokens may not change; ``name`` 1 is a capitalised word, 2 one in capitals only.
    """

    form: str
    start: int
    end: int
    weight: float
    fixed: bool
    name: int = 0


@dataclass(frozen=True, slots=True)
class Alignment:
    """Where the quote's tokens lie in the text: ``start``, ``end`` in the normal text, ``cost`` in words."""

    start: int
    end: int
    cost: float


def tokens(normal: str, start: int = 0, end: int | None = None) -> list[Token]:
    """Return the tokens of ``normal[start:end]``, in order; blanks and other punctuation fall away."""
    out, at, stop = [], start, len(normal) if end is None else min(end, len(normal))
    fixed = fixed_words()
    while at < stop:
        char = normal[at]
        if char.isdecimal() and (word := _scanned_word(normal, at, stop)):
            out.append(Token(word, at, at + len(word), 1.0, fixed=True))
            at += len(word)
        elif number := _NUMBER.match(normal, at, stop):
            out.append(Token(_GROUPING.sub("", number.group()), at, number.end(), 1.0, fixed=True))
            at = number.end()
        elif unspaced(char):
            weight = 0.25 if thai_like(char) else 0.5
            out.append(Token(char, at, at + 1, weight, fixed=char in fixed))
            at += 1
        elif in_word(char):
            word_end = at + 1
            while word_end < stop and in_word(normal[word_end]) and not unspaced(normal[word_end]):
                word_end += 1
            form = normal[at:word_end]
            out.append(Token(form, at, word_end, 1.0, fixed=form in fixed or _is_code(form)))
            at = word_end
        else:
            if char in "%‰°" or unicodedata.category(char) == "Sc":
                out.append(Token(char, at, at + 1, 0.25, fixed=True))
            at += 1
    return out


def _scanned_word(normal: str, at: int, stop: int) -> str:
    """Return the word that begins with a digit at ``at``, '' where it is a number, its unit or not.

    Twice as many letters as digits make a word.
    """
    word = _SCANNED.match(normal, at, stop)
    if word is None or any(map(unspaced, word[0])):
        return ""
    digits = sum(map(str.isdigit, word[0]))
    return word[0] if len(word[0]) >= 3 * digits + (digits == 1) else ""


def _is_code(word: str) -> bool:
    """Whether a word with digits in it names something ('c9', 'x5') and is not a word that was badly scanned."""
    digits = sum(map(str.isdigit, word))
    return digits > 0 and len(word) - digits <= 4


def align(quote: list[Token], text: list[Token]) -> Alignment | None:
    """Return the cheapest place of ``quote`` within ``text``, None where every place costs more than its faults may.

    Costs len(quote) times len(text) steps; the caller passes windows, not documents.
    """
    weight = sum(token.weight for token in quote)
    if not quote or not text or not _worth_filling(quote, text, weight):
        return None
    prices, steps = _fill(quote, text, weight)
    end = min(range(len(prices)), key=prices.__getitem__)
    if prices[end] > faults_allowed(weight):
        return None
    first, equal = _trace(steps, quote, end)
    if equal < _LEAST_EQUAL * weight:
        return None
    return Alignment(text[first].start, text[end - 1].end, prices[end])


def _worth_filling(quote: list[Token], text: list[Token], weight: float) -> bool:
    """Whether so many tokens stand there in order that the table can end well; rapidfuzz counts them fast."""
    share = _LEAST_CHARACTERS if weight < 0.75 * len(quote) else _LEAST_WORDS
    forms, words = [token.form for token in quote], [token.form for token in text]
    return LCSseq.similarity(forms, words) >= share * len(quote)


def faults_allowed(weight: float) -> float:
    """Return what the faults of a quote of ``weight`` words may cost."""
    return min(_MOST_FAULTS, _FAULTS_PER_WORD * weight)


# Steps of an alignment: tokens of the quote and of the text that each takes.
_SAME, _OTHER, _QUOTE_ONLY, _TEXT_ONLY, _SWAPPED, _SPLIT, _JOINED = range(7)
_TAKES = ((1, 1), (1, 1), (1, 0), (0, 1), (2, 2), (1, 2), (2, 1))


def _fill(quote: list[Token], text: list[Token], weight: float) -> tuple[list[float], list[list[int]]]:
    """Fill the table of Sellers (1980): the quote may begin anywhere in the text for nothing.

    Returns the prices of ending at each token of the text, and the step taken into each cell.
    """
    left_out = [_left_out_price(token) for token in text]
    forms = {token.form for token in text}
    mixed = {token.form for token in text if token.fixed and _is_mixed(token.form)}
    pairs = [""] + [a.form + b.form for a, b in itertools.pairwise(text)]
    rows: list[list[float]] = [[0.0] * (len(text) + 1)]
    steps: list[list[int]] = [[_TEXT_ONLY] * (len(text) + 1)]
    for i, q in enumerate(quote):
        above, added = rows[-1], _added_price(q)
        row, step = [above[0] + added], [_QUOTE_ONLY]
        before = quote[i - 1] if i else None
        joins = before is not None and (before.form + q.form in forms or q.form + before.form in pairs)
        split = q.form in pairs
        other, changed = _changed_prices(q, text, weight, mixed=mixed)
        for j, t in enumerate(text):
            if q.form == t.form:
                price, how = above[j], _SAME
            else:
                price, how = above[j] + changed.get(t.form, other), _OTHER
            if above[j + 1] + added < price:
                price, how = above[j + 1] + added, _QUOTE_ONLY
            if row[j] + left_out[j] < price:
                price, how = row[j] + left_out[j], _TEXT_ONLY
            if split and j and q.form == pairs[j] and above[j - 1] + _TRIVIAL < price:
                price, how = above[j - 1] + _TRIVIAL, _SPLIT
            if joins and before is not None:
                price, how = min((price, how), _two_tokens((before, q), text, j, twice=rows[-2]))
            row.append(price)
            step.append(how)
        rows.append(row)
        steps.append(step)
    return rows[-1], steps


def _two_tokens(two: tuple[Token, Token], text: list[Token], j: int, *, twice: list[float]) -> tuple[float, int]:
    """The price of two tokens of the quote being one of the text, or the same two the other way round."""
    (before, q), t = two, text[j]
    if t.form == before.form + q.form:
        return twice[j] + _TRIVIAL, _JOINED
    if j and q.form == text[j - 1].form and t.form == before.form:
        return twice[j - 1] + (_NEVER if q.fixed and t.fixed else _TRIVIAL + 0.5 * max(q.weight, t.weight)), _SWAPPED
    return _NEVER, _JOINED


def _trace(steps: list[list[int]], quote: list[Token], end: int) -> tuple[int, float]:
    """Return the text's first token of the alignment ending before token ``end``, and the weight of equal tokens.

    The weight is 0 where single characters were changed or added so thickly that another word came of it.
    """
    i, j, equal, run, strange = len(quote), end, 0.0, 0.0, 0.0
    strange_allowed = _STRANGE_CHARACTERS * sum(token.weight for token in quote)
    while i > 0:
        step = steps[i][j]
        takes, gives = _TAKES[step]
        taken = quote[i - takes : i]
        weight = sum(token.weight for token in taken)
        if step in {_OTHER, _QUOTE_ONLY} and weight < 1.0:
            run, strange = run + weight, strange + weight
            if run >= 1.0 or strange > max(weight, strange_allowed):
                return j, 0.0
        elif step != _TEXT_ONLY:
            run = 0.0
        if step not in {_OTHER, _QUOTE_ONLY, _TEXT_ONLY}:
            equal += weight
        elif step == _OTHER:
            equal += 0.5 * weight
        i, j = i - takes, j - gives
    return j, equal


def _left_out_price(token: Token) -> float:
    """The price of a word of the text that the quote leaves out."""
    if token.form in negations():
        return _NEVER
    return token.weight * (_LITTLE_LEFT_OUT if _is_little(token) else _LEFT_OUT)


def _added_price(token: Token) -> float:
    """The price of a word of the quote that the text does not have; a name or a number is never made up."""
    if token.fixed or token.name:
        return _NEVER
    if token.weight < 1.0:
        return token.weight * _CHARACTER_ADDED
    return _LITTLE_ADDED if _is_little(token) else _ADDED


def _changed_prices(q: Token, text: list[Token], weight: float, *, mixed: set[str]) -> tuple[float, dict[str, float]]:
    """The price of another word than ``q``, and those of the words of ``text`` that cost more or less than that.

    ``mixed`` are the words of the text with letters and digits. Numbers never change; a name may have a wrong letter
    where the quote is long; swapped neighbours are forgiven anywhere, and what a scanner takes for another letter.
    """
    others = {token.form for token in text} if q.fixed and _is_mixed(q.form) else mixed
    scanned = {form: _TRIVIAL for form in others if look_alike(q.form, form, little=weight >= _LONG_QUOTE)}
    if q.fixed or q.name > 1:
        return _NEVER, scanned
    if q.name:
        other = _NEVER
    elif q.weight < 1.0:
        other = q.weight * _CHARACTER_CHANGED
    else:
        other = _LITTLE_CHANGED if _is_little(q) else _CHANGED
    perhaps_name = q.name or not _has_case(q.form)  # Arabic or Korean has no capitals to tell
    costliest = _NEAR if weight >= _LONG_QUOTE or (weight >= 3 and not perhaps_name) else _TRIVIAL
    prices = {token.form: _NEVER for token in text if token.fixed}
    # 'Oitober' is a slip of October, while 'million' is none of billion: fixed words are kept apart by ``q.fixed``
    least = _LITTLE + 1 if _has_case(q.form) or weight < _LONG_QUOTE else 2
    for form in {token.form for token in text} if len(q.form) >= least else ():
        alike = form[0] == q.form[0] or form[-1] == q.form[-1] or len(form) <= _LITTLE
        if alike and len(form) >= least and abs(len(form) - len(q.form)) <= 2 and not _has_digit(form):
            slip = _slip_price(q.form, form)
            if slip <= costliest:
                # of two or three Korean or Arabic letters one is a large part
                prices[form] = slip if len(q.form) > _LITTLE else _LITTLE_CHANGED
    return other, prices | scanned


def _is_little(token: Token) -> bool:
    """Whether the word is likely to be 'of' or 'the'; three letters of Korean or Arabic are a full word."""
    return token.weight == 1.0 and len(token.form) <= (_LITTLE if _has_case(token.form) else 1)


def _has_case(word: str) -> bool:
    return word.upper() != word


def _is_mixed(word: str) -> bool:
    """Whether the word has letters and digits, as scanners write it."""
    return _has_digit(word) and any(map(str.isalpha, word))


def _has_digit(word: str) -> bool:
    return any(map(str.isdigit, word))


@lru_cache(maxsize=4096)
def _slip_price(a: str, b: str) -> float:
    """The price of writing ``a`` for ``b``: swapped neighbours or lookalikes, one wrong letter, or another word."""
    if sorted(a) == sorted(b) and OSA.distance(a, b) == 1:
        return _TRIVIAL
    if look_alike(a, b):
        return _TRIVIAL
    distance = OSA.distance(a, b, score_cutoff=2)
    if distance == 1 or (distance == 2 and min(len(a), len(b)) >= 9):
        return _NEAR
    return _CHANGED
