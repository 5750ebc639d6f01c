"""Echoes: answers that repeat the words in which the schema was shown instead of words of the document.

A small model that finds no value may write the placeholder, the field's description or a name from the schema. Such
words are no value, whatever the policy says of unproven ones. Words that the document states are never an echo: only
those are looked at that are not proven.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from llmx.dataclass import dataclass
from llmx.schema.per_tree import once_per_tree
from llmx.schema.sketch import placeholders
from llmx.schema.tree import Leaf, ObjectOf, nodes_of

_WORD = re.compile(r"\w+")
_PHRASE_WORDS = 2
"""So many words of a description in a row are taken from it; a single one may be a value that the model inferred."""


@dataclass(frozen=True, slots=True)
class SchemaWords:
    """What a schema shows to the model, in lower case and without punctuation.

    ``whole`` are its placeholders, names, choices and descriptions; ``phrases`` the placeholders and what has more than
    a word, with blanks at both ends; ``samples`` are single words of descriptions that stand there as examples: with
    digits or capitals.
    """

    whole: frozenset[str]
    phrases: tuple[str, ...]
    samples: frozenset[str]

    def echoed(self, words: str, *, free: bool = False) -> bool:
        """Return whether ``words`` repeat the schema; those of a ``free`` field only where they are all of a phrase."""
        plain = _plain(words)
        if free:
            return f" {plain} " in self.phrases
        if plain in self.whole or plain in self.samples:
            return True
        return plain.count(" ") + 1 >= _PHRASE_WORDS and any(f" {plain} " in phrase for phrase in self.phrases)


@once_per_tree
def schema_words(tree: ObjectOf) -> SchemaWords:
    """Return the words in which ``tree`` is shown."""
    shown = [text for node in nodes_of(tree) if isinstance(node, Leaf) for text in placeholders(node)]
    told = [plain for text in (*_descriptions(tree), *shown) if (plain := _plain(text))]
    whole = {*told, *(_plain(text) for text in _names(tree))} - {""}
    phrases = tuple(f" {text} " for text in dict.fromkeys(told) if " " in text or text in shown)
    samples = {word.casefold() for text in _descriptions(tree) for word in _WORD.findall(text) if _is_sample(word)}
    return SchemaWords(frozenset(whole), phrases, frozenset(samples))


def _descriptions(tree: ObjectOf) -> Iterator[str]:
    for node in nodes_of(tree):
        if isinstance(node, ObjectOf):
            yield node.description or ""
            yield from (member.description for member in node.members)


def _names(tree: ObjectOf) -> Iterator[str]:
    for node in nodes_of(tree):
        if isinstance(node, ObjectOf):
            yield node.name
            yield from (member.name for member in node.members)
        elif isinstance(node, Leaf):
            yield from map(str, (*node.choices, *node.names))


def _is_sample(word: str) -> bool:
    """Whether a word of a description is one of its examples: G5, DDR3, SATA."""
    return len(word) > 1 and (any(map(str.isdigit, word)) or sum(map(str.isupper, word)) > 1)


def _plain(text: str) -> str:
    """Return ``text`` in lower case, its words with single blanks between them."""
    return " ".join(_WORD.findall(text.replace("_", " ").casefold()))
