"""Takes a name apart: what of it is the name, and what is a legal form, a title, a word that anybody may have."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Literal

from llmx.link import wording
from llmx.link.latin import is_unspaced, plain, script, sounds, without_umlauts
from llmx.link.wording import Words, folded, words_of
from llmx.types.countries import country_of, find_countries

Kind = Literal["organization", "person", "other"]
KINDS: tuple[Kind, ...] = ("organization", "person", "other")

_BEHIND = re.compile(r"^(.*\S)\s*[(（]([^()（）]+)[)）]\s*$", re.DOTALL)
_ROMAN = re.compile(r"(?:x{0,3})(?:ix|iv|v?i{0,3})")
_CYRILLIC_IN_LATIN = frozenset({"OOO", "PAO", "OAO", "ZAO", "AO", "TOO"})  # before a name, and in capitals only
_LONGEST_FORM = 6  # words
_OFFICE = 6  # characters of an office's name that says what it is for; with a place in it, it is longer
_SMALL_KANA = str.maketrans("ァィゥェォッャュョヮ", "アイウエオツヤユヨワ")  # older names write them large


@dataclass(frozen=True)
class Name:
    """A name, taken apart. ``words`` are those of the folded name without legal forms, titles and articles.

    ``forms`` are the ids of its legal forms, of a person's name that of ``Jr.`` and the like; ``in_group`` says that it
    has a word for a group of companies, which is not among ``words``. ``aside`` is what stands in brackets behind it,
    unless that is a country.
    """

    text: str
    kind: Kind
    words: Words
    forms: frozenset[str] = frozenset()
    in_group: bool = False
    aside: str = ""
    folded: str = field(default="", repr=False)

    @cached_property
    def plain_words(self) -> Words:
        """The words in Latin letters."""
        return tuple(plain(word) or word for word in self.words)

    @cached_property
    def spellings(self) -> frozenset[str]:
        """The name as one word in its own script, without accents in a Latin one, and with umlauts written out; in Han
        in simplified characters.

        Two names of one script that share a spelling are the same but for accents, variants, stops and blanks.
        """
        if self.script in {"LATIN", ""}:
            return frozenset({"".join(self.plain_words), "".join(without_umlauts(word) for word in self.words)})
        whole = "".join(self.words).replace("ー", "").translate(_SMALL_KANA)
        return frozenset({whole.translate(wording.simplified()) if self.script == "HAN" else whole})

    @cached_property
    def latin(self) -> str:
        """The name as one word in Latin letters."""
        return "".join(self.plain_words)

    @cached_property
    def sound(self) -> str:
        """``latin`` as it sounds; Hangul without the vowel that it puts between the consonants of foreign names."""
        return sounds(self.latin.replace("eu", "") if self.script == "HANGUL" else self.latin)

    @cached_property
    def script(self) -> str:
        """The script of the name."""
        return script("".join(self.words))

    @cached_property
    def ideas(self) -> Words:
        """The words that count, general ones by what they mean in any language."""
        joining = wording.word_set("organizations", "joining")
        known = wording.concepts()
        pairs = [(word, latin) for word, latin in zip(self.words, self.plain_words, strict=True) if word not in joining]
        if self.kind != "organization" or not any(latin in known for _, latin in pairs):
            return tuple(latin for _, latin in pairs)
        return tuple(known.get(latin) or _country(word) or latin for word, latin in pairs)

    @cached_property
    def own_words(self) -> Words:
        """The words that not any organisation may have."""
        general = set(wording.concepts().values())
        ends = wording.phrase_list("organizations", "office_ends")
        return tuple(word for word in self.ideas if word not in general and not word.endswith(ends))

    @cached_property
    def is_general(self) -> bool:
        """Whether every country may have one that is called so: a ministry, a national bank."""
        if self.kind != "organization":
            return False
        if is_unspaced(self.text):
            whole = "".join(self.words)
            return len(whole) <= _OFFICE and whole.endswith(wording.phrase_list("organizations", "offices"))
        return not self.own_words

    @cached_property
    def is_local(self) -> bool:
        """Whether it has a general word, so that two countries may each have one: a university of a town."""
        return self.is_general or (self.kind == "organization" and len(self.own_words) < len(self.ideas))

    @cached_property
    def numbers(self) -> Words:
        """The numbers in the name, in digits or Roman, which tell a second one from a third."""
        return tuple(word for word in self.plain_words if word.isdecimal() or (_ROMAN.fullmatch(word) and word))

    @cached_property
    def initials(self) -> str:
        """The first letters of the words, joining ones left out."""
        joining = wording.word_set("organizations", "joining")
        return "".join(
            latin[0] for word, latin in zip(self.words, self.plain_words, strict=True) if word not in joining
        )


@lru_cache(maxsize=1 << 14)
def _country(word: str) -> str:
    """Return the code of the country that a word is the name of, '' for adjectives: a Banco Português may be any."""
    found = [each for each in find_countries(word.title()) if each.rule == "country.name"]
    return found[0].codes[0] if len(found) == 1 and len(found[0].codes) == 1 else ""


@lru_cache(maxsize=1 << 16)
def name_of(text: str, kind: Kind) -> Name:
    """Return ``text``, the name of an organisation, a person or something else, taken apart."""
    if kind == "organization":
        return _organization(text)
    whole = folded(text)
    found = words_of(whole)
    if kind != "person":
        return Name(text, kind, found or (whole,), folded=whole)
    found, generation = _person(found)
    return Name(text, kind, found or (whole,), generation, folded=whole)


def _organization(text: str) -> Name:
    body, aside = text, ""
    if (match := _BEHIND.match(text)) and not _attached(folded(text))[1] and not country_of(match[2].strip()):
        body, aside = match[1], match[2].strip().strip("\"'«»“”„「」 ")
    rest, forms, in_group = _attached(folded(body))
    found = words_of(rest)
    articles = wording.word_set("organizations", "articles")
    if body.partition(" ")[0] in _CYRILLIC_IN_LATIN and len(found) > 1:
        forms.add(found[0])
        found = found[1:]
    while True:
        before = found
        found, form = _without_form(found)
        forms |= {form} if form else set()
        found, grouped = _without_group(found)
        in_group = in_group or grouped
        if len(found) > 1 and found[0] in articles:
            found = found[1:]
        if found == before:
            break
    return Name(text, "organization", found or (folded(text),), frozenset(forms), in_group, aside, folded(text))


def _attached(text: str) -> tuple[str, set[str], bool]:
    """Return a name without the forms and the words for a group that stand at its ends without a blank."""
    forms: set[str] = set()
    in_group = False
    if not is_unspaced(text):
        return text, forms, in_group
    while True:
        before = text
        for spelled, id_ in wording.attached_forms().items():
            if rest := _cut(text, spelled):
                text = rest
                forms.add(id_)
                break
        for spelled in wording.phrase_list("organizations", "group_attached"):
            if text.endswith(spelled) and len(text) > len(spelled) + 1:
                text, in_group = text.removesuffix(spelled).strip(), True
        if text == before:
            return text, forms, in_group


def _cut(text: str, spelled: str) -> str:
    if text.startswith(spelled) and len(text) > len(spelled):
        return text.removeprefix(spelled).strip()
    return text.removesuffix(spelled).strip() if text.endswith(spelled) and len(text) > len(spelled) else ""


def _without_form(found: Words) -> tuple[Words, str]:
    """Return the words without a legal form at an end, the longest that is there, and its id."""
    forms = wording.legal_forms()
    for length in range(min(_LONGEST_FORM, len(found) - 1), 0, -1):
        if id_ := forms.get(found[-length:]):
            return found[:-length], id_
        if (id_ := forms.get(found[:length])) and not "".join(found[:length]).isascii():
            return found[length:], id_  # Cyrillic ones stand before names, too
    return found, ""


def _without_group(found: Words) -> tuple[Words, bool]:
    words = wording.word_set("organizations", "group")
    if len(found) > 1 and found[0] in words:
        return found[1:], True
    if len(found) > 1 and found[-1] in words:
        return found[:-1], True
    return found, False


def _person(found: Words) -> tuple[Words, frozenset[str]]:
    """Return the words of a person's name without titles, and what tells a father from a son."""
    titles = wording.word_set("persons", "titles")
    suffixes = wording.word_set("persons", "suffixes")
    for phrase in wording.phrase_list("persons", "phrases"):
        parts = tuple(phrase.split())
        found = found[len(parts) :] if found[: len(parts)] == parts and len(found) > len(parts) else found
    while len(found) > 1 and found[0] in titles:
        found = found[1:]
    generation: set[str] = set()
    while len(found) > 2 and (found[-1] in suffixes or found[-1] in wording.generations()):
        generation |= {wording.generations()[found[-1]]} if found[-1] in wording.generations() else set()
        found = found[:-1]
    for behind in wording.phrase_list("persons", "behind"):
        if found and found[-1] == behind and len(found) > 1:
            found = found[:-1]
        elif found and found[-1].endswith(behind) and len(found[-1]) > len(behind) + 2 - (len(found) > 1):
            found = (*found[:-1], found[-1].removesuffix(behind))
    return found, frozenset(generation)
