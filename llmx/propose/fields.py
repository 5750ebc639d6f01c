"""Brings together what several documents gave: fields with proven words, and what was left out and why."""

from __future__ import annotations

import keyword
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from pydantic import BaseModel

from llmx.documents import Document
from llmx.propose.answer import Kind, NamedField, NamedFields
from llmx.record import Record
from llmx.span import Span
from llmx.types import guess_locale

_NAME_CHARS = 40
_SHOWN_CHARS = 40
_USED = frozenset({"list", "dt"})  # names that the class itself uses


@dataclass(frozen=True, slots=True)
class Sighting:
    """Words of a document that say a field: where they stand, and the locale of the document."""

    document: str
    words: str
    span: Span
    locale: str | None = None


@dataclass(frozen=True, slots=True)
class FieldProposal:
    """A field, what the model says of it, and the words that prove it, in the order of the documents."""

    name: str
    description: str
    kinds: tuple[Kind, ...]
    sightings: tuple[Sighting, ...]

    @property
    def kind(self) -> Kind:
        """What most documents say that it is; the first of several as frequent ones."""
        return Counter(self.kinds).most_common(1)[0][0]

    @property
    def documents(self) -> tuple[str, ...]:
        """The ids of the documents that say it."""
        return tuple(dict.fromkeys(each.document for each in self.sightings))

    @property
    def listed(self) -> bool:
        """Whether some document says several different things for it."""
        values = Counter(document for document, _ in {(each.document, each.words) for each in self.sightings})
        return any(count > 1 for count in values.values())


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A field that the model named and that is not in the schema, and why."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class SchemaProposal:
    """The fields of a schema, in the order in which they were first named, and what was left out."""

    fields: tuple[FieldProposal, ...]
    left_out: tuple[LeftOut, ...] = ()


def merged(answers: Iterable[tuple[Document, Record[NamedFields]]]) -> SchemaProposal:
    """Return the fields that ``answers`` name and prove.

    Fields of one name are one field. A field whose words prove another one in every document is left out, and so is
    one of whose words none stands in its document.
    """
    named = [each for document, record in answers for each in _named(document, record)]
    together: dict[str, FieldProposal] = {}
    unproven: dict[str, LeftOut] = {}
    for field, left_out in named:
        if left_out is not None:
            unproven.setdefault(field.name, left_out)
        known = together.get(field.name)
        together[field.name] = field if known is None else _joined(known, field)
    proven = [each for each in together.values() if each.sightings]
    kept, again = _without_repetition(proven)
    missing = tuple(each for name, each in unproven.items() if not together[name].sightings)
    return SchemaProposal(tuple(kept), missing + again)


def _named(document: Document, record: Record[NamedFields]) -> Iterator[tuple[FieldProposal, LeftOut | None]]:
    """Yield each field that a record names with its proven words, and why there are none."""
    if record.data is None:
        return
    locale = guess_locale(document.text)
    for number, field in enumerate(record.data.fields):
        name = field_name(field.name) or field_name(field.kind)
        proofs = [record.evidence.get(f"/fields/{number}/words/{n}") for n in range(len(field.words))]
        sightings = tuple(
            Sighting(document.id, proof.quote, Span(proof.start, proof.end), locale)
            for proof in proofs
            if proof is not None and proof.proves
        )
        yield FieldProposal(name, _sentence(field.description), (field.kind,), sightings), _why(field, name, document)


def _why(field: NamedField, name: str, document: Document) -> LeftOut:
    said = ", ".join(f'"{_shown(str(each))}"' for each in field.words)
    told = f"{said} does not stand in {document.id}" if said else f"no words of {document.id} say it"
    return LeftOut(name, told)


def _joined(known: FieldProposal, more: FieldProposal) -> FieldProposal:
    """Return a field with what one more document gives; without words it says nothing of the kind."""
    if not more.sightings:
        return known
    if not known.sightings:
        return more
    return replace(known, kinds=known.kinds + more.kinds, sightings=known.sightings + more.sightings)


def _without_repetition(fields: Sequence[FieldProposal]) -> tuple[list[FieldProposal], tuple[LeftOut, ...]]:
    """Return the fields without those that quote nothing but what an earlier one quotes, and these."""
    kept: list[FieldProposal] = []
    again: list[LeftOut] = []
    for field in fields:
        places = {(each.document, each.span) for each in field.sightings}
        same = next((k for k in kept if places <= {(each.document, each.span) for each in k.sightings}), None)
        if same is None:
            kept.append(field)
        else:
            again.append(LeftOut(field.name, f"its words are those of {same.name}"))
    return kept, tuple(again)


def field_name(said: str) -> str:
    """Return ``said`` as the name of a field: in snake_case, no keyword, and none that a model has already.

    >>> field_name("Invoice No."), field_name("class"), field_name("!"), field_name("signedOn")
    ('invoice_no', 'class_', '', 'signed_on')
    """
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", said[:_NAME_CHARS])
    name = re.sub(r"[\W_]+", "_", apart.casefold()).strip("_").removeprefix("model_")
    if name and not name.isidentifier():
        name = f"field_{name}"
    if not name.isidentifier():
        return ""
    return f"{name}_" if keyword.iskeyword(name) or hasattr(BaseModel, name) or name in _USED else name


def _sentence(said: str) -> str:
    return " ".join(said.split())


def _shown(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= _SHOWN_CHARS else line[: _SHOWN_CHARS - 1] + "…"
