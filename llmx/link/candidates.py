"""Which names are compared: those that share a key, so that the work grows with the names and not their square."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

from llmx.link import wording
from llmx.link.latin import consonants, is_unspaced, plain, sounds
from llmx.link.names import Name
from llmx.link.nodes import NameNode

MOST_IN_BLOCK = 40
"""Names that share a word, or the beginning of one: where there are more, the word says little, and is left out."""


def pairs_of(nodes: Sequence[NameNode]) -> Iterator[tuple[NameNode, NameNode]]:
    """Yield the pairs that are worth a comparison, each once."""
    strong: dict[str, list[NameNode]] = defaultdict(list)
    weak: dict[str, list[NameNode]] = defaultdict(list)
    for node in nodes:
        for key in dict.fromkeys(_strong_keys(node.name)):
            strong[key].append(node)
        for key in dict.fromkeys(_weak_keys(node.name)):
            weak[key].append(node)
    seen: set[tuple[int, int]] = set()
    for block in strong.values():
        yield from _new(_of_strong(block), seen)
    for block in weak.values():
        if len(block) <= MOST_IN_BLOCK:
            yield from _new(combinations(block, 2), seen)


def _new(pairs: Iterator[tuple[NameNode, NameNode]], seen: set[tuple[int, int]]) -> Iterator[tuple[NameNode, NameNode]]:
    for a, b in pairs:
        key = (min(a.number, b.number), max(a.number, b.number))
        if key not in seen:
            seen.add(key)
            yield a, b


def _of_strong(block: list[NameNode]) -> Iterator[tuple[NameNode, NameNode]]:
    """Yield the pairs of names that are almost the same: of many, each with the first ones and with its neighbours."""
    if len(block) <= MOST_IN_BLOCK:
        yield from combinations(block, 2)
        return
    for number, node in enumerate(block):
        for other in {0, 1, max(number - 1, 0)} - {number}:
            yield node, block[other]


def _strong_keys(name: Name) -> Iterator[str]:
    for spelling in name.spellings:
        yield f"= {spelling}"
    yield f"= {name.latin}"
    yield f"~ {name.sound}"
    if name.kind == "person":
        yield f"p {' '.join(sorted(map(sounds, name.plain_words)))}"
        yield from (f"~ {sounds(reading)}" for reading in _orders(name))
    else:
        yield f"i {' '.join(sorted(name.ideas))}"


def _orders(name: Name) -> Iterator[str]:
    """Yield a person's name with the family name first, or as Koreans write theirs in Latin letters."""
    if is_unspaced(name.text):
        text = "".join(name.words)
        yield from (family + plain(text[1:]) for family in wording.family_names().get(text[:1], ()))
    elif len(name.words) > 1:
        yield "".join((name.plain_words[-1], *name.plain_words[:-1]))
        yield "".join((*name.plain_words[1:], name.plain_words[0]))


def _weak_keys(name: Name) -> Iterator[str]:
    skeleton = consonants(name.latin)
    if len(skeleton) >= 4:
        yield f"c {skeleton}"
    if len(name.latin) >= 5:
        yield f"< {name.latin[:5]}"
        yield f"> {name.latin[-5:]}"
    yield from (f"w {word}" for word in name.own_words if len(word) >= 3)
    if len(name.words) == 1 and 2 <= len(name.latin) <= 6:
        yield f"a {name.latin}"
    elif len(name.ideas) > 1:
        yield f"a {name.initials}"
    if is_unspaced(name.text):
        yield f"< {''.join(name.words)[:2]}"
