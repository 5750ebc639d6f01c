"""The words of names as ``data/`` has them: legal forms, words for groups, general words, titles of persons."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

from llmx.facts import load_facts, phrases, words
from llmx.link.latin import plain

_INITIALS = re.compile(r"(?<![^\W\d_])(?:[^\W\d_]\.[ ]?){2,}")
_WORD = re.compile(r"[^\W_]+|&")
_SIGNS = str.maketrans(dict.fromkeys('«»“”„‟"『』「」《》〈〉‹›', " ") | {"’": "'", "`": "'", "´": "'", "+": "&"})

Words = tuple[str, ...]


def facts(name: str) -> Mapping[str, str]:
    """Return the facts of ``data/NAME.yaml``."""
    return load_facts("link", name)


def folded(text: str) -> str:
    """Return ``text`` with one form for each letter, and single blanks.

    >>> folded("㈱リコー  ＡＢＣ")
    '(株)リコー abc'
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def words_of(text: str) -> Words:
    """Return the words of a folded text; initials are one word, elided articles none.

    >>> words_of("l'oréal s.a."), words_of("a.t. & t."), words_of("saint-gobain")
    (('oréal', 'sa'), ('at', '&', 't'), ('saint', 'gobain'))
    """
    found = text.translate(_SIGNS)
    for stopped in _stopped() if "." in found else ():
        found = found.replace(stopped, stopped.replace(".", ""))
    found = _INITIALS.sub(lambda match: match[0].replace(".", "").replace(" ", "") + " ", found)
    return tuple(_WORD.findall(_elided().sub("", found)))


@cache
def _elided() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(words(facts('organizations')['elided']))})'(?=\w)")


@cache
def _stopped() -> tuple[str, ...]:
    return words(facts("organizations")["stopped"])


@cache
def legal_forms() -> dict[Words, str]:
    """Return the id of each legal form by its words."""
    return {words_of(spelled): id_ for id_, spelled in _pairs("legal_forms")} | {
        tuple(plain(word) or word for word in words_of(spelled)): id_ for id_, spelled in _pairs("legal_forms")
    }


@cache
def attached_forms() -> dict[str, str]:
    """Return the id of each legal form that stands before or behind a name without a blank, the longest first."""
    found = {folded(spelled): id_ for id_, spelled in _pairs("attached_forms")}
    return dict(sorted(found.items(), key=lambda pair: -len(pair[0])))


def _pairs(block: str) -> list[tuple[str, str]]:
    lines = (line.partition(" = ") for line in facts("organizations")[block].splitlines())
    return [(id_.strip(), phrase) for id_, _, spelled in lines for phrase in phrases(f"| {spelled} |")]


@cache
def renderings() -> dict[str, frozenset[str]]:
    """Return what English makes of each form of another script."""
    found: Mapping[str, str] = load_facts("link", "organizations")["rendered"]
    return {id_: frozenset(words(spelled)) for id_, spelled in found.items()}


@cache
def word_set(file: str, name: str) -> frozenset[str]:
    """Return a set of words of ``data/FILE.yaml``, folded."""
    return frozenset(map(folded, words(facts(file)[name])))


@cache
def phrase_list(file: str, name: str) -> tuple[str, ...]:
    """Return the phrases of ``data/FILE.yaml``, folded, the longest first."""
    return tuple(sorted(map(folded, phrases(facts(file)[name])), key=len, reverse=True))


@cache
def concepts() -> dict[str, str]:
    """Return the idea of each general word, which is called by its English one; words are as ``plain`` has them."""
    lines = (line.partition(" = ") for line in facts("organizations")["concepts"].splitlines())
    return {plain(word): id_ for id_, _, spelled in lines for word in words(spelled)}


@cache
def generations() -> dict[str, str]:
    """Return the id of each suffix that tells a father from a son: jr, junior."""
    lines = (line.partition(" = ") for line in facts("persons")["generations"].splitlines())
    return {word: id_ for id_, _, spelled in lines for word in words(spelled)}


@cache
def simplified() -> dict[int, int]:
    """Return what ``str.translate`` makes simplified Chinese characters of traditional ones with."""
    found = facts("han")
    return str.maketrans("".join(found["traditional"].split()), "".join(found["simplified"].split()))


@cache
def family_names() -> dict[str, tuple[str, ...]]:
    """Return the ways in which each Korean family name is written in Latin letters."""
    lines = (line.split() for line in facts("persons")["family_names_ko"].splitlines() if line)
    return {first: tuple(rest) for first, *rest in lines}
