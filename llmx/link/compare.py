"""Compares two names: how likely they are of one thing, and what says so.

The score of a pair is that of the strongest thing which they have in common, lowered by what speaks against it. Nothing
is weighed by a model of its own: each reason has one number, which docs/link.md lists, so that a merge can be explained
in a sentence. From ``ACCEPT`` on two names are one without a question; from ``ASK`` on a model or a person may say so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import product

from rapidfuzz.distance import DamerauLevenshtein
from rapidfuzz.fuzz import ratio

from llmx.link import wording
from llmx.link.latin import consonants, doubled, is_unspaced, plain, sounds
from llmx.link.names import Name
from llmx.types.countries import country_of

ACCEPT = 0.85
ASK = 0.6

_SLIP_LETTERS = 5  # of a name in which one may be a slip


@dataclass(frozen=True, slots=True)
class Likeness:
    """``score`` in [0, 1], and the reasons in words: what speaks for it first, then what against."""

    score: float
    reasons: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.score > 0

    def at_most(self, score: float, reason: str) -> Likeness:
        """Return it lowered to ``score``, with the reason."""
        return replace(self, score=min(self.score, score), reasons=(*self.reasons, reason))


NONE = Likeness(0.0)


def compare(a: Name, b: Name) -> Likeness:
    """Return how likely the names ``a`` and ``b``, which are of the same kind, are those of one thing."""
    if a.folded == b.folded:
        return Likeness(1.0, ("the same name",))
    if a.kind == "person":
        return _persons(a, b) if compatible(a.forms, b.forms) else NONE
    if a.numbers != b.numbers:
        return NONE
    found = _same_words(a, b) or _same_ideas(a, b) or _same_sounds(a, b) or _nearly(a, b)
    if found.score and not compatible(a.forms, b.forms):
        found = found.at_most(0.6, f"different legal forms: {_told(a)} and {_told(b)}")
    return found


def compatible(some: frozenset[str], others: frozenset[str]) -> bool:
    """Whether one company may have the legal forms ``some`` in one text and ``others`` in another."""
    if not some or not others or some & others:
        return True
    rendered = wording.renderings()
    return any(b in rendered.get(a, ()) or a in rendered.get(b, ()) for a, b in product(some, others))


def _told(name: Name) -> str:
    return ", ".join(sorted(name.forms)) or "none"


def _same_words(a: Name, b: Name) -> Likeness:
    if a.script != b.script or not a.spellings & b.spellings:
        return NONE
    if a.in_group != b.in_group:
        found = Likeness(0.92, ("the same name but for the word for a group",))
        other = b if a.in_group else a
        if (a.forms and b.forms) or "company" in other.forms:
            return found.at_most(0.7, "one is called a group, the other a company")
        return found
    if a.words == b.words:
        what = "the legal form" if a.forms != b.forms else "articles and signs"
        return Likeness(0.98, (f"the same name but for {what}",))
    return Likeness(0.96, ("the same name but for accents, variants of letters, blanks and the legal form",))


def _same_ideas(a: Name, b: Name) -> Likeness:
    """Two names whose general words say the same in two languages, and whose own words are the same."""
    if a.kind != "organization" or not a.ideas or a.words == b.words or is_unspaced(a.text):
        return NONE
    if a.ideas == b.ideas or (_general_first(a) and _general_first(b) and a.own_words == b.own_words and
                              sorted(a.ideas) == sorted(b.ideas) and sorted(a.words) != sorted(b.words)):  # fmt: skip
        return Likeness(0.93, ("the same words, some in another language or abbreviated",))
    return NONE


def _general_first(name: Name) -> bool:
    """Whether its own words come last: in Banco Central de Chile, and in Central Bank of Chile."""
    count = len(name.own_words)
    return 0 < count < len(name.ideas) - 1 and name.ideas[-count:] == name.own_words


def _same_sounds(a: Name, b: Name) -> Likeness:
    """Two names in different scripts that are read alike."""
    if a.script == b.script or not a.latin or not b.latin:
        return NONE
    return _read_the_same(a, b) or _read_alike(a, b)


def _read_the_same(a: Name, b: Name) -> Likeness:
    if a.latin == b.latin and len(a.latin) >= 3:
        return Likeness(0.95, (f"the same in Latin letters: {a.latin}",))
    if a.sound == b.sound and len(a.sound) >= (4 if doubled(a.latin) == doubled(b.latin) else 5):
        return Likeness(0.92, (f"they sound alike in Latin letters: {a.latin}, {b.latin}",))
    return NONE


def _read_alike(a: Name, b: Name) -> Likeness:
    if consonants(a.latin) == consonants(b.latin) and len(consonants(a.latin)) >= 4 and ratio(a.sound, b.sound) >= 70:
        return Likeness(0.87, (f"the same consonants in Latin letters: {a.latin}, {b.latin}",))
    if ratio(a.sound, b.sound) >= 70:
        return Likeness(0.7, (f"similar in Latin letters: {a.latin}, {b.latin}",))
    return NONE


def _nearly(a: Name, b: Name) -> Likeness:
    """What is no more than a hint: a slip, a short form, initials."""
    if a.script != b.script:
        return NONE
    one, two = ("".join(name.plain_words if a.script == "LATIN" else name.words) for name in (a, b))
    if min(len(one), len(two)) >= _SLIP_LETTERS and DamerauLevenshtein.distance(one, two, score_cutoff=1) <= 1:
        return Likeness(0.7, ("one letter is different",))
    if a.script == "HAN" and a.latin == b.latin:
        return Likeness(0.7, ("the same readings, in different characters",))
    return _by_parts(a, b) or (
        Likeness(0.6, (f"{ratio(one, two):.0f} % of the letters are the same",)) if ratio(one, two) >= 88 else NONE
    )


def _by_parts(a: Name, b: Name) -> Likeness:
    if _are_initials(a, b) or _are_initials(b, a):
        return Likeness(0.65, ("one is the initials of the other",))
    if _is_shorter(a, b) or _is_shorter(b, a) or _is_within(a, b) or _is_within(b, a):
        return Likeness(0.6, ("one is a part of the other",))
    if len(a.ideas) > 1 and sorted(a.ideas) == sorted(b.ideas):
        return Likeness(0.65, ("the same words in another order",))
    return NONE


def _is_within(short: Name, long: Name) -> bool:
    """Whether the words of ``short`` are words of ``long`` in their order, or the beginnings of such."""
    if not short.own_words or len(short.plain_words) > len(long.plain_words) or is_unspaced(short.text):
        return False
    words = iter(long.plain_words)
    return all(any(word == each or (len(word) > 3 and each.startswith(word)) for each in words)
               for word in short.plain_words)  # fmt: skip


def _are_initials(short: Name, long: Name) -> bool:
    return len(long.ideas) > 1 and len(short.words) == 1 and len(short.latin) >= 2 and short.latin == long.initials


def _is_shorter(short: Name, long: Name) -> bool:
    """Whether ``short`` is the first words of ``long``, or its first characters where words have no blanks."""
    if is_unspaced(short.text) and len(short.words) == 1 == len(long.words):
        return len(short.words[0]) >= 2 and long.words[0] != short.words[0] and long.words[0].startswith(short.words[0])
    count = len(short.plain_words)
    if not short.own_words or count >= len(long.plain_words) or long.plain_words[:count] != short.plain_words:
        return False
    return not re.search(rf"{re.escape(short.words[-1])}\s?[-–—/&+]", long.folded)  # Air France-KLM is not Air France


def begins(short: Name, long: Name) -> bool:
    """Whether a text may call ``long`` by ``short`` once it has named it in full."""
    if country_of(short.text):
        return False
    if short.kind == "person" and not is_unspaced(short.text):
        return len(short.words) < len(long.words) and short.plain_words == long.plain_words[-len(short.words) :]
    return _is_shorter(short, long)


def _persons(a: Name, b: Name) -> Likeness:
    if a.script == b.script:
        return _same_script(a, b)
    unspaced = [name for name in (a, b) if is_unspaced(name.text)]
    if len(unspaced) == 1:
        return _unspaced_person(unspaced[0], b if unspaced[0] is a else a)
    if unspaced or len(a.words) < 2 or sorted(map(sounds, a.plain_words)) != sorted(map(sounds, b.plain_words)):
        return NONE
    return Likeness(0.92, ("the same name in Latin letters",))


def _unspaced_person(own: Name, other: Name) -> Likeness:
    """Compare a person's name in Han, Kana or Hangul with one in Latin letters, in either order of the two names."""
    text = "".join(own.words)
    families = wording.family_names().get(text[:1], ())
    readings = [own.latin, *(family + plain(text[1:]) for family in families)]
    orders = {"".join(other.plain_words), "".join((*other.plain_words[1:], other.plain_words[0])),
              "".join((other.plain_words[-1], *other.plain_words[:-1]))}  # fmt: skip
    if any(sounds(reading) == sounds(order) for reading in readings for order in orders):
        if len(text) >= 3:
            return Likeness(0.88, (f"the same name in Latin letters: {other.text}",))
        return Likeness(0.75, (f"the same in Latin letters, which a name of two characters shares: {other.text}",))
    return NONE


def _same_script(a: Name, b: Name) -> Likeness:
    if a.spellings & b.spellings:
        what = "the title" if a.words == b.words else "accents and blanks"
        return Likeness(0.96 if len(a.words) > 1 or is_unspaced(a.text) else 0.7, (f"the same name but for {what}",))
    if len(a.words) > 1 and sorted(a.plain_words) == sorted(b.plain_words):
        return Likeness(0.9, ("the same names in another order",))
    return NONE if is_unspaced(a.text) else _nearly_persons(a, b)


def _nearly_persons(a: Name, b: Name) -> Likeness:
    if a.plain_words[-1] == b.plain_words[-1] and a.plain_words[0][0] == b.plain_words[0][0]:
        firsts = sorted((a.plain_words[0], b.plain_words[0]), key=len)
        if len(firsts[0]) == 1 or (firsts[0] == firsts[1] and len(a.words) != len(b.words)):
            return Likeness(0.7, ("the same but for initials or further names",))
    if begins(a, b) or begins(b, a):
        return Likeness(0.6, ("one is a part of the other",))
    one, two = "".join(a.plain_words), "".join(b.plain_words)
    if min(len(one), len(two)) >= 8 and DamerauLevenshtein.distance(one, two, score_cutoff=1) <= 1:
        return Likeness(0.6, ("one letter is different",))
    return NONE
