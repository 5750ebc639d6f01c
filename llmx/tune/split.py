"""Splits documents with gold: some to choose a prompt on, some that only the result is measured on.

Which side a document is on follows from its text and the seed alone, not from its name or its place, and documents of
one text are on one side: otherwise the held-out half would be known already.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llmx.documents import Document, Unreadable
from llmx.errors import UsageError
from llmx.evaluate.load import matched_ids
from llmx.evaluate.summary import FEWEST as FEWEST_HELD_OUT

FEWEST_TO_CHOOSE_ON = 4
"""With fewer, one odd document decides."""

_LINE_CHARS = 20
"""Of a line of an example that tells where it comes from: shorter ones stand in any document."""


@dataclass(frozen=True, slots=True)
class GoldDocument:
    """A document and its gold, with the id under which gold has it."""

    document: Document
    gold_id: str
    gold: Any

    @property
    def text_key(self) -> str:
        """The sha256 of the text, without regard to white space and capitals."""
        return hashlib.sha256(_plain(self.document.text).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class GoldSplit:
    """The documents to choose on and the held-out ones, each in an order that the seed draws; and notes on the rest."""

    training: tuple[GoldDocument, ...]
    held_out: tuple[GoldDocument, ...]
    notes: tuple[str, ...] = ()


def golds_of(documents: Iterable[GoldDocument]) -> dict[str, Any]:
    """Return the gold of ``documents``, by the ids under which gold has them."""
    return {each.gold_id: each.gold for each in documents}


def without_texts_of(documents: Iterable[GoldDocument], ids: Iterable[str]) -> tuple[GoldDocument, ...]:
    """Return ``documents`` but for those called ``ids``, and for others of the same texts."""
    found, named = tuple(documents), set(ids)
    known = {each.text_key for each in found if each.document.id in named}
    return tuple(each for each in found if each.text_key not in known)


def split_gold(
    documents: Sequence[Document | Unreadable],
    golds: Mapping[str, Any],
    *,
    held_out: float,
    examples: int,
    seed: int = 0,
    shown: Sequence[str] = (),
) -> GoldSplit:
    """Return the documents that have gold in two parts; ``held_out`` is the share of the second one.

    Of ``examples`` documents of the first part examples may be made, so that it needs these, too. Documents of which
    the texts ``shown`` in the present prompt are made take no part. Raises UsageError where there are too few
    documents, which says how many there must be.
    """
    known, notes = _with_gold(documents, golds)
    if seen := [each for each in known if any(_is_made_of(text, each.document.text) for text in shown)]:
        known = [each for each in known if each not in seen]
        names = ", ".join(each.document.id for each in seen)
        notes.append(f"The present prompt shows these documents as examples, so they were left out: {names}.")
    groups: dict[str, list[GoldDocument]] = {}
    for each in known:
        groups.setdefault(each.text_key, []).append(each)
    drawn = sorted(groups, key=lambda key: hashlib.sha256(f"{seed} {key}".encode()).digest())
    needed = FEWEST_TO_CHOOSE_ON + FEWEST_HELD_OUT + examples
    if len(drawn) < needed:
        raise UsageError(_too_few(len(drawn), examples), hint=_remedy(examples))
    most = len(drawn) - FEWEST_TO_CHOOSE_ON - examples
    count = min(most, max(FEWEST_HELD_OUT, round(held_out * len(drawn))))
    parts = drawn[count:], drawn[:count]
    training, held = (tuple(each for key in part for each in groups[key]) for part in parts)
    return GoldSplit(training, held, tuple(notes))


def _with_gold(
    documents: Sequence[Document | Unreadable], golds: Mapping[str, Any]
) -> tuple[list[GoldDocument], list[str]]:
    read = {each.id: each for each in documents if isinstance(each, Document)}
    partner = matched_ids(golds, read)
    known = [GoldDocument(read[id_], gold_id, golds[gold_id]) for gold_id, id_ in partner.items()]
    notes = []
    if len(read) < len(documents):
        notes.append(f"{len(documents) - len(read)} documents cannot be read, and were left out.")
    if len(known) < len(read):
        notes.append(f"{len(read) - len(known)} documents have no gold, and were left out.")
    return known, notes


def _is_made_of(example: str, text: str) -> bool:
    """Whether most of what an example's text says stands in ``text``, line by line: boilerplate may be gone from it."""
    whole = _plain(text)
    lines = [plain for line in example.splitlines() if len(plain := _plain(line)) >= _LINE_CHARS] or [_plain(example)]
    return 2 * sum(line in whole for line in lines) > len(lines)


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _too_few(there: int, examples: int) -> str:
    shown = f", {examples} that become examples" if examples else ""
    return (
        f"{there} different documents with gold are too few: tune needs {FEWEST_TO_CHOOSE_ON} to choose on{shown} and "
        f"{FEWEST_HELD_OUT} that are held out, {FEWEST_TO_CHOOSE_ON + examples + FEWEST_HELD_OUT} in all"
    )


def _remedy(examples: int) -> str:
    less = "; --count 0 makes no examples from gold and needs fewer" if examples else ""
    return f"llmx review writes gold for more documents{less}."
