"""Learns other names from the texts: "Société Générale (SG)", "丰田（Toyota）", "X, hereafter Y".

A name counts as introduced only right behind one that the run has found. What a text says with a word for it
("hereafter", 以下简称) is taken at its word. Brackets alone say less: they hold a place, a parent company or a person
as often, so the two names must have to do with each other: initials, a shorter form, or another script.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice

from llmx.facts import load_facts, phrases
from llmx.link import wording
from llmx.link.compare import begins
from llmx.link.latin import is_unspaced, plain
from llmx.link.names import Kind, Name, name_of
from llmx.link.wording import folded
from llmx.types.countries import country_of

_STOPS = frozenset('.!?。！？:：;；\n"“”„«»(（')
_NO_NAME = re.compile(r"[:：;；/|=<>@%\n]")
_LONGEST = 60  # characters of another name
_PLACES = 200  # of one name in one text that are looked at
_QUOTED = r"[\"'“”„«‹「『‘‚]\s*([^\"'“”„«»‹›「」『』‘’‚]{1,60}?)\s*[\"'“”»›」』’‘]"
_GAP = r"[\"'“”»›」』’]?\s*"
_BRACKET = re.compile(rf"{_GAP}[(（\[]\s*([^()（）\[\]]{{1,120}}?)\s*[)）\]]")


@dataclass(frozen=True, slots=True)
class Alias:
    """Another name for ``name``, which ``document`` introduces in the words ``quote``, from the character ``start``.

    ``told`` says that it has a word for that; else it is in brackets.
    """

    name: str
    other: str
    kind: Kind
    document: str
    quote: str
    start: int
    told: bool


def learnt(text: str, names: Iterable[tuple[str, Kind]], document: str) -> Iterator[Alias]:
    """Yield the other names that ``text`` introduces for any of ``names``."""
    ends: set[int] = set()
    for name, kind in sorted(dict.fromkeys(names), key=lambda each: (-len(each[0]), each[0])):
        for at in islice(_places(text, name), _PLACES):
            end = at + len(name)
            if end in ends:  # of a longer name
                continue
            ends.add(end)
            if _begins_at(text, at) and (found := _introduced(text, end, name_of(name, kind))) is not None:
                other, told, stop = found
                yield Alias(name, other, kind, document, text[at:stop], at, told)


def _places(text: str, name: str) -> Iterator[int]:
    at = text.find(name)
    while at >= 0:
        yield at
        at = text.find(name, at + len(name))


def _begins_at(text: str, at: int) -> bool:
    """Whether a name may begin at ``at``: not where it can be the end of a longer one."""
    before = text[:at][-80:]
    if not before or not before[-1].isalnum():
        words = before.split()
        if not words or before.rstrip()[-1:] in _STOPS or not before[-1].isspace():
            return not before.endswith(("-", "–", "&"))
        last = words[-1].strip("\"'“”„«»‹›「」『』()（）[]")
        known = wording.word_set("aliases", "before") | wording.word_set("organizations", "joining")
        return not last[:1].isupper() or folded(last) in known
    if is_unspaced(text[at]) != is_unspaced(before[-1]):
        return True
    if not is_unspaced(text[at]):
        return False
    return "\u3041" <= before[-1] <= "\u309f" or before[-1] in wording.word_set("aliases", "before_unspaced")


def in_name(name: Name) -> tuple[str, bool] | None:
    """Return the other name that a name holds itself, in brackets behind it, and whether a word says so."""
    return _judged(name.aside, name_of(name.text[: name.text.rfind(name.aside)].rstrip(" (（\"'“„«"), name.kind)) \
        if name.aside else None  # fmt: skip


def _introduced(text: str, end: int, name: Name) -> tuple[str, bool, int] | None:
    window = text[end : end + 200]
    if match := _BRACKET.match(window):
        found = _judged(match[1], name)
    elif match := _behind_comma().match(window):
        found = (match[1], True) if _is_name(match[1]) and not country_of(match[1]) else None
    else:
        return None
    return None if found is None else (*found, end + match.end())


def _judged(inner: str, name: Name) -> tuple[str, bool] | None:
    """Return the name that the words in brackets introduce, and whether they have a word for it."""
    told = _cue().match(inner)
    other = (inner[told.end() :] if told else inner).strip()
    if quoted := re.search(_QUOTED, other):
        other, told = quoted[1], told or re.match(_QUOTED, inner)
    other = re.sub(r"(?:という|と いう|と呼ぶ)$", "", other.strip(" ,:;：，、—–-\"'“”„«»「」‘’")).strip("「」\"' ")
    if not _is_name(other) or folded(other) == name.folded:
        return None
    short = name_of(other, name.kind)
    if country_of(other) and not _abbreviates(short, name):  # initials may be the code of a country, too
        return None
    return (other, bool(told)) if told or _have_to_do(name, short) else None


def _is_name(text: str) -> bool:
    """Whether ``text`` may be somebody's name: a number, a ticker or a part in a contract is none, nor are words in
    small letters.
    """
    words = wording.word_set("aliases", "roles")
    found = wording.words_of(folded(text))
    articles = wording.word_set("organizations", "articles")
    rest = [word for word in found if word not in words and word not in articles]
    if not rest or len(text) > _LONGEST or _NO_NAME.search(text):
        return False
    first = next((char for char in text if char.isalnum()), "")
    return first.isalpha() and (first.isupper() or not first.islower())


def _have_to_do(name: Name, other: Name) -> bool:
    if name.script != other.script:
        return "LATIN" in {name.script, other.script} or {name.script, other.script} == {"HAN", "KANA"}
    return begins(other, name) or _abbreviates(other, name) or _abbreviates(name, other)


def _abbreviates(short: Name, long: Name) -> bool:
    """Whether ``short`` is made of the letters of ``long`` in their order: initials, or the beginnings of its words."""
    if is_unspaced(short.text):
        return 2 <= len("".join(short.words)) < len("".join(long.words)) and _within("".join(short.words), long)
    if len(short.words) != 1 or len(short.latin) < 2 or len(long.plain_words) < 2:
        return False
    with_form = "".join(plain(word)[:1] for word in wording.words_of(long.folded))
    if short.latin in {long.initials, "".join(word[0] for word in long.plain_words), with_form}:
        return True
    if len(short.latin) < 3 or short.latin[0] != long.latin[0]:
        return False
    return _begin(short.latin, long.plain_words) or (short.text.isupper() and _letters(short.latin, long))


def _within(short: str, long: Name) -> bool:
    letters = iter("".join(long.words))
    return all(char in letters for char in short)


def _letters(short: str, long: Name) -> bool:
    """Whether ``short`` has the first letter of every word of ``long``, and others of these words, in their order."""
    joining = wording.word_set("organizations", "joining")
    pattern = "".join(
        f"{word[0]}[{''.join(sorted(set(word)))}]{{0,2}}"
        for word, own in zip(long.plain_words, long.words, strict=True)
        if own not in joining
    )
    return re.fullmatch(pattern, short) is not None


def _begin(short: str, words: tuple[str, ...]) -> bool:
    """Whether ``short`` is the beginnings of at least two of ``words``, in their order."""

    def rest(left: str, at: int, used: int) -> bool:
        if not left:
            return used >= 2
        if at == len(words):
            return False
        most = next((n for n, (a, b) in enumerate(zip(left, words[at], strict=False)) if a != b),
                    min(len(left), len(words[at])))  # fmt: skip
        return any(rest(left[count:], at + 1, used + (count > 0)) for count in range(most, -1, -1))

    return rest(short, 0, 0)


@cache
def _cue() -> re.Pattern[str]:
    spelled = [phrase for text in load_facts("link", "aliases")["cues"].values() for phrase in phrases(f"| {text} |")]
    longest = sorted((phrase.replace(" ", r"\s+") for phrase in spelled), key=len, reverse=True)
    after = r"(?=[\s:：,，\"'“„«「『‘—–-]|$|(?<=[\u3000-\u9fff\uac00-\ud7a3]))"
    return re.compile(rf"\s*(?:{'|'.join(longest)}){after}\s*[:：,，]?\s*", re.IGNORECASE)


@cache
def _behind_comma() -> re.Pattern[str]:
    """Return the pattern of a name behind a comma and a word that introduces it, in quotation marks."""
    return re.compile(rf"{_GAP}[,，、]\s*{_cue().pattern}[^\"'“”„«‹「『‘‚.。;；]{{0,30}}{_QUOTED}", re.IGNORECASE)
