"""How numerals join to one number: 'two hundred and five', '3億5000万', '18 10000' out of a translation machine.

Atoms come from ``atoms.py``; what is made of a phrase (its value, ranges, issues) is ``number.py``'s.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache, partial
from itertools import pairwise

from llmx.facts import load_facts, one_of, words
from llmx.types.atom import Atom
from llmx.types.atoms import atoms_of
from llmx.types.digits import Real, exact, read_digits
from llmx.types.number_words import numerals
from llmx.types.patterns import LazyPattern
from llmx.types.phrase import Phrase
from llmx.types.source import Source

_facts = partial(load_facts, "types", "number_joints")
_JOINTS = LazyPattern(lambda: rf"(?:[ \u00a0\u202f\n-]|, | {one_of(_facts()['and'])} |-{one_of(_facts()['and'])}-)?")
_SCALE_GAP = LazyPattern(lambda: rf"(?:[ \u00a0\u202f\n-]|\s?{one_of(_facts()['of'])}\s)?")
_ONE_BEFORE = LazyPattern(
    lambda: (
        "(?:"
        + "|".join(f"(?P<{part}>{one_of(_facts()[part])})" for part in ("three_quarters", "quarter", "half", "one"))
        + ")(?:[ \u00a0]{1,3}|-)?$"
    ),
    re.IGNORECASE,
)
_HALF_AFTER = LazyPattern(lambda: rf"[ \u00a0-]{one_of(_facts()['and_a_half'])}(?!\w)", re.IGNORECASE)
_BLANKS = LazyPattern(r"[ \u00a0\u3000]{2,}")
_MANY_INSIDE = LazyPattern(lambda: rf"[{_facts()['more_inside']}]")
_MANY_BEFORE = LazyPattern(lambda: rf"{one_of(_facts()['vague'])}[ \u00a0]?$", re.IGNORECASE)
# What machine translation writes for 万 and 亿 behind digits: 10000, Ten thousand, 100 million, One hundred million.
_MT_ARTIFACTS: dict[tuple[tuple[str, Real], ...], int] = {
    (("digits", 10**4),): 10**4,
    (("digits", 10**8),): 10**8,
    (("number", 10), ("scale", 10**3)): 10**4,
    (("digits", 10), ("scale", 10**3)): 10**4,
    (("digits", 100), ("scale", 10**6)): 10**8,
    (("number", 1), ("scale", 100), ("scale", 10**6)): 10**8,
}
_NEAR = 12
_MOST_BEFORE_FRACTION = 10**8  # a magnitude behind which hundredths are written: 1万2000.5, but not 100 trillion0.01
BARE = "no number stands before the magnitude"
_PARTS = {"half": "0.5", "quarter": "0.25", "three_quarters": "0.75"}


@cache
def _ands() -> frozenset[str]:
    """Return the words for 'and' that join the parts of a number."""
    return frozenset(words(_facts()["and"]))


@cache
def _gaps_before_article() -> frozenset[str]:
    joints = words(_facts()["and_before_article"])
    return frozenset([f" {joint} " for joint in joints] + ["-et-"])


@cache
def _gaps_of_digits() -> frozenset[str]:
    return frozenset(["", " ", ", ", *(f" {joint} " for joint in _ands())])


def phrases_of(source: Source) -> list[Phrase]:
    """Return the numerals of the text in order, each as long as it goes; ranges are not joined."""
    atoms = list(atoms_of(source))
    phrases: list[Phrase] = []
    index = 0
    while index < len(atoms):
        phrase = _start(source.text, atoms, index)
        index += 1
        if phrase is None:
            continue
        while index < len(atoms):
            if atoms[index].start < phrase.end:
                index += 1  # the half of 'and a half'
                continue
            used = _extend(source.text, phrase, atoms, index=index)
            if not used and not _half_after(source.text, phrase):
                break
            index += used
        else:
            _half_after(source.text, phrase)
        phrases.append(phrase)
    return phrases


def _start(text: str, atoms: list[Atom], index: int) -> Phrase | None:
    """Return the phrase that an atom opens, None for one that is no number by itself."""
    atom = atoms[index]
    following = atoms[index + 1] if index + 1 < len(atoms) else None
    lone = following is None or following.start - atom.end > _NEAR
    if atom.kind == "one" and lone and not _HALF_AFTER.match(text, atom.end):
        return None
    phrase = Phrase(atom.start, atom.end, other=atom.other, kinds=[atom.kind], languages=atom.languages)
    if atom.kind == "under":
        phrase.many = atom.plural
    if atom.kind != "scale":
        phrase.open = atom.value
        if atom.scale > 1:
            phrase.groups, phrase.open, phrase.rule = [(atom.value, atom.scale)], None, "number.magnitude"
        elif atom.kind == "number":
            phrase.rule = "number.words"
        return phrase
    bare = _bare_scale(text, phrase, atom)
    behind_fraction = index > 1 and _is_fraction_of(text, atoms[index - 1], atom)
    if (bare is None or phrase.vague) and (behind_fraction or not (atom.plural or text[: atom.start].strip())):
        phrase.groups, phrase.vague, phrase.doubt = [(atom.value, atom.value)], False, "" if behind_fraction else BARE
        return phrase  # three quarters billion; hundred thousand, where it is all
    return bare


def _is_fraction_of(text: str, before: Atom, scale: Atom) -> bool:
    """Whether a magnitude stands right behind the lower part of a fraction: cuarto de millón."""
    return before.kind == "under" and bool(_SCALE_GAP.fullmatch(text, before.end, scale.start))


def _bare_scale(text: str, phrase: Phrase, atom: Atom) -> Phrase | None:
    """Return what a magnitude without a number says: one of it, a half of it, or some vague number of it."""
    head = text[max(0, atom.start - 22) : atom.start]
    phrase.rule = "number.words"
    many = _MANY_BEFORE.search(head)
    if many:
        phrase.vague = True
        phrase.start = atom.start - len(head) + many.start()
        return phrase
    found = _ONE_BEFORE.search(head)
    articles = words(_facts()["english_article"])
    english = found is None or (found["one"] or "").lower() not in articles or "en" in atom.languages
    if found is not None and english and not atom.plural and _starts_word(head, found.start()):
        times = Decimal(_PARTS.get(found.lastgroup or "", "1"))
        phrase.start = atom.start - len(head) + found.start()
        phrase.groups = [(exact(times * atom.value), atom.value)]
        return phrase
    if atom.plural:
        phrase.vague = True
        return phrase
    if text[atom.start : atom.end] in words(numerals()["bare_scales"]):
        phrase.groups = [(atom.value, atom.value)]
        return phrase
    return None


def _starts_word(head: str, at: int) -> bool:
    return at == 0 or not head[at - 1].isalnum()


def _extend(text: str, phrase: Phrase, atoms: list[Atom], *, index: int) -> int:
    """Join the next atom to the phrase; return how many atoms were used, 0 where the phrase ends."""
    atom = atoms[index]
    gap = text[phrase.end : atom.start]
    if len(gap) > _NEAR or atom.kind == "under" or phrase.kinds[0] in {"one", "under"}:
        return 0
    gap = _single_blanks(gap)
    if len(gap) > 6:
        return 0
    wreck = _wreck(phrase, atoms, index=index, gap=gap)
    if wreck:
        phrase.end = atoms[index + wreck - 1].end
        return wreck
    if atom.kind == "scale":
        joined = _join_scale(text, phrase, atom, gap=gap)
    else:
        joined = _join_number(phrase, atoms, index=index, gap=gap)
    if joined:
        phrase.end = atom.end
        phrase.kinds.append(atom.kind)
        if atom.kind != "digits" and atom.languages:
            phrase.languages = atom.languages
    return int(joined)


def _wreck(phrase: Phrase, atoms: list[Atom], *, index: int, gap: str) -> int:
    """Read what machine translation makes of 万 and 亿 behind digits: '18 10000', '300 Ten thousand'.

    Returns the number of atoms used. A year before it stays a year.
    """
    atom = atoms[index]
    if atom.kind == "scale" or phrase.open is None or gap not in {" ", "\u00a0"} or phrase.kinds != ["digits"]:
        return 0
    if 1900 <= phrase.open <= 2100 or phrase.open >= 10**5:
        return 0
    behind = [atom, *atoms[index + 1 : index + 3]]
    while len(behind) > 1 and any(b.start - a.end > 1 for a, b in pairwise(behind)):
        behind.pop()
    for count in (3, 2, 1):
        worth = _MT_ARTIFACTS.get(tuple((a.kind, a.value) for a in behind[:count]))
        if worth is None or len(behind) < count:
            continue
        if count == 1 and len(behind) > 1 and behind[1].kind == "scale":
            return 0  # 300 10000 million is beyond us
        phrase.rule = "number.machine_translation"
        phrase.multiply(worth)
        return count
    return 0


def _single_blanks(gap: str) -> str:
    """Return a gap with one blank for several, and a hyphen without any: fifty - two, cuarenta   y   dos."""
    if len(gap) < 2:
        return gap
    gap = _BLANKS.sub(" ", gap)
    return "-" if gap == " - " else gap


def _join_scale(text: str, phrase: Phrase, atom: Atom, *, gap: str) -> bool:
    if phrase.vague:
        return _SCALE_GAP.fullmatch(gap) is not None
    many = _MANY_INSIDE.fullmatch(gap) is not None
    if not many and _SCALE_GAP.fullmatch(gap) is None and not _dotted(gap):
        return False
    if phrase.rule == "number.words" and atom.other is None and phrase.kinds == ["number"] and gap == "\n":
        return False
    if phrase.other is not None and atom.languages and phrase.kinds == ["digits"]:
        _decide_mark(text, phrase, atom.languages)
    if atom.value == 100 and phrase.open is None and "fr" in atom.languages and phrase.scale >= 1000:
        phrase.open = 1  # mille cent
    if atom.value == 12 and phrase.split is not None:  # three hundred and two dozen
        before = phrase.split[0]
        phrase.groups, phrase.open = [], before + (phrase.value - before) * 12
    elif not phrase.multiply(atom.value):
        return False
    phrase.many = phrase.many or many
    if phrase.rule == "number.digits":
        phrase.rule = "number.magnitude"
    return True


def _decide_mark(text: str, phrase: Phrase, languages: tuple[str, ...]) -> None:
    """Let the language of a magnitude word decide the mark before it: 1.500 millones, 1.500 billion."""
    run = text[phrase.start : phrase.end]
    digits = read_digits(run, None, languages)
    if digits is not None and digits.other is None:
        phrase.open = digits.value
        phrase.other = None
    elif "." in run and phrase.other is not None and phrase.open is not None:
        phrase.open, phrase.other = phrase.other, phrase.open  # 1.234 million: a point before a magnitude is decimal


def _dotted(gap: str) -> bool:
    return gap in {". ", "."}


def _join_number(phrase: Phrase, atoms: list[Atom], *, index: int, gap: str) -> bool:
    """Join a number: words to words, digits where a smaller magnitude follows or the script has no spaces."""
    atom = atoms[index]
    if phrase.vague or atom.other is not None:
        return False
    if atom.kind == "cents":
        return _join_cents(phrase, atom, gap=gap)
    if atom.kind == "part":
        return gap in {"", " ", "\u00a0"} and phrase.kinds[-1] == "digits" and phrase.add_part(atom.value)
    if atom.kind == "digits":
        following = atoms[index + 1] if index + 1 < len(atoms) else None
        return _join_digits(phrase, atom, following, gap=gap)
    if not _joins_words(phrase, atom, gap) and not (gap == ", " and _goes_down(phrase, atoms, index=index)):
        return False
    before = (phrase.value, phrase.end, atom.start) if gap.strip(" -") in _ands() else phrase.split
    joined = phrase.add(atom.value)
    phrase.split = before if joined else phrase.split
    return joined


def _goes_down(phrase: Phrase, atoms: list[Atom], *, index: int) -> bool:
    """Whether a comma parts the groups of one number: one million, two hundred thousand."""
    atom, following = atoms[index], atoms[index + 1] if index + 1 < len(atoms) else None
    if phrase.open is not None or phrase.kinds[-1] != "scale" or "en" not in atom.languages or following is None:
        return False
    last = phrase.groups[-1][1]
    return following.kind == "scale" and following.start - atom.end == 1 and 100 <= following.value < last


def _join_cents(phrase: Phrase, atom: Atom, *, gap: str) -> bool:
    """Join hundredths as cheques write them: five thousand and 00/100, 1,250 and 50/100, mille/00."""
    if gap.strip() not in _ands() and gap != " ":
        return False
    if phrase.value != int(phrase.value) or phrase.other is not None or (gap == " " and phrase.kinds == ["digits"]):
        return False
    phrase.groups, phrase.open = [], exact(phrase.value + atom.value)
    return True


def _join_digits(phrase: Phrase, atom: Atom, following: Atom | None, *, gap: str) -> bool:
    if phrase.open is not None or not phrase.groups:
        return False
    before = phrase.groups[-1][1]
    scaled = atom.scale
    if following is not None and following.kind == "scale" and following.start - atom.end <= 1:
        scaled = int(following.value)
    if gap in {" ", "\u00a0"} and before == 1000 and "es" in phrase.languages:  # mil 200
        return 100 <= atom.value < 1000 and scaled == 1 and phrase.add(atom.value)
    if before == 100 and gap.strip() in _ands() and gap != "" and scaled == 1:  # 3 hundred and 21
        return atom.value < 100 and phrase.add(atom.value)
    if gap == " " and "ko" in phrase.languages and scaled == 1 and before >= 10**4 and atom.scale == 1:
        return 1000 <= atom.value < 10**4 and not 1900 <= atom.value <= 2100 and phrase.add(atom.value)  # 2만 5000
    smaller = 1 < scaled < before and gap in _gaps_of_digits()
    exactly = atom.value == int(atom.value) or before <= _MOST_BEFORE_FRACTION
    glued = not gap and atom.value < before and atom.scale == 1 and exactly
    if atom.scale > 1 and smaller:
        phrase.groups.append((atom.value, atom.scale))
        return True
    return (smaller or glued) and phrase.add(atom.value)


def _joins_words(phrase: Phrase, atom: Atom, gap: str) -> bool:
    """Whether a number word goes on the phrase before it, by the gap between them."""
    if phrase.kinds[-1] == "digits" or _JOINTS.fullmatch(gap) is None or gap in {", ", "\n"}:
        return False
    if atom.kind == "one" and not (phrase.open is not None and gap in _gaps_before_article()):
        if gap.strip() in _ands() and phrase.open is None and phrase.groups[-1][1] in {100, 1000}:  # mille e uno
            return bool(set(phrase.languages) & set(atom.languages)) and gap.strip() != _facts()["and"]["en"]
        if gap == "-":
            return "fr" in phrase.languages and phrase.open is not None and int(phrase.open) % 100 == 80
        hundreds = phrase.open is None or int(phrase.open) % 100 == 0
        return hundreds and gap == " " and _may_trail(phrase, atom)
    return gap.strip() not in _ands() or _compatible(phrase, atom, gap)


def _may_trail(phrase: Phrase, atom: Atom) -> bool:
    """Whether 'one' may end a number without a joint in the language of both: trois cent un, dos mil uno."""
    return bool(set(words(_facts()["trailing_one"])) & set(phrase.languages) & set(atom.languages))


def _compatible(phrase: Phrase, atom: Atom, gap: str) -> bool:
    """Whether a conjunction joins two words: hundred and five, cuarenta y cinco; not 'twenty and five'."""
    if gap.strip() == _facts()["and"]["en"]:
        return phrase.open is None or int(phrase.open) % 100 == 0
    return bool(set(phrase.languages) & set(atom.languages))


def _half_after(text: str, phrase: Phrase) -> bool:
    """Read 'and a half' behind a phrase, and a magnitude behind that: two and a half million."""
    found = _HALF_AFTER.match(text, phrase.end)
    if found is None or phrase.vague:
        return False
    if phrase.open is None:
        value, scale = phrase.groups[-1]
        phrase.groups[-1] = (exact(Decimal(value + scale * Decimal("0.5"))), scale)
    else:
        phrase.open += Decimal("0.5")
    if phrase.kinds == ["one"]:  # uno e mezzo
        phrase.kinds, phrase.rule = ["number"], "number.words"
    phrase.end = found.end()
    return True
