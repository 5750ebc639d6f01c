"""A schema as a tree: what llmx needs to know about a schema, compiled once.

Wire model, sketch, grounding and merging all walk this tree; none of them looks at Pydantic's insides or at a JSON
Schema again. Two kinds of node say how a model is asked, objects and lists; the others are kinds of these that a record
writes in another form, which ``forms.py`` knows: a map is asked for as a list of entries, a tuple as an object of its
places, a root that is no object as the one field of an object, and a union as one of its alternatives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal

from llmx.dataclass import dataclass
from llmx.schema.marks import Check, Cues, Policy, Rows
from llmx.schema.per_tree import once_per_tree
from llmx.types import Reader

LeafKind = Literal["quote", "text", "choice", "flag"]

LIST_CAP = 16  # elements; a list that fills it is continued by asking what else there is
TEXT_CAP = 240  # characters; where the endpoint keeps to it, a runaway string cannot run to the token limit
DEPTH = 4  # levels of a class that contains itself

KEY, VALUE = "key", "value"
"""The names of the two fields of a map's entry on the wire."""


class Unset:
    """The kind of ``UNSET``, which stands for a default that is not there."""


UNSET = Unset()


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value at the end of a path. ``quote``: the model gives words and ``reader`` computes; ``text``: the words are
    the value; ``choice``: one of ``choices``, inferred; ``flag``: true or false, inferred.

    ``quoted``: beside an inferred value the model is asked for words that say it. ``ruled``: the user's class refuses
    some of the values that the wire lets through. ``names`` are those of the choices, where the values are numbers;
    ``meanings`` are the values of choices that the wire writes in another form. ``firm``: the cap is the schema's own,
    and what is longer is refused; else it only guards against loops where an endpoint keeps to it.
    """

    kind: LeafKind
    label: str
    reader: Reader | None = None
    choices: tuple[Any, ...] = ()
    policy: Policy | None = None
    checks: tuple[Check, ...] = ()
    language: str | None = None
    cues: Cues | None = None
    cap: int = TEXT_CAP
    free: bool = False
    near: int | None = None
    quoted: bool = False
    kind_of: Any = str
    ruled: bool = False
    names: tuple[str, ...] = ()
    meanings: tuple[tuple[Any, Any], ...] = ()
    firm: bool = False

    @property
    def translated(self) -> bool:
        """Whether the model gives words of the text and, beside them, the value in another language."""
        return self.kind == "text" and self.language is not None and not self.free

    def meaning(self, choice: Any) -> Any:
        """Return the value of a choice, which is mostly the choice itself."""
        return next((value for spelled, value in self.meanings if spelled == choice), choice)


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of ``item``, of which the model may write ``cap``; ``remainder`` as the mark says. ``least`` is how many
    elements the schema demands; ``firm`` as in a leaf. ``rows`` says that it is one of rows, or of some of them.
    """

    item: Node
    cap: int = LIST_CAP
    policy: Policy | None = None
    remainder: bool = False
    complete: bool = False
    least: int = 0
    firm: bool = False
    rows: Rows | None = None


@dataclass(frozen=True, slots=True)
class MapOf(ListOf):
    """An object with free keys: on the wire a list of entries, objects with the fields ``KEY`` and ``VALUE``."""


@dataclass(frozen=True, slots=True)
class Member:
    """A field of an object: its node, whether null is allowed, whether it has a default, and its description.

    ``default`` is what stands in the record where nothing was found, for schemas that are no classes.
    """

    name: str
    node: Node
    nullable: bool
    required: bool
    description: str
    default: Any = UNSET


@dataclass(frozen=True, slots=True)
class ObjectOf:
    """A nested model with its fields in order; ``key`` names the field that tells its instances apart.

    ``model`` is the class, None for an object of a JSON Schema; ``title`` and ``about`` are the name and the
    description of one without a class. ``level`` counts the instances of the same class around it. ``ends`` are fields
    that are not asked for because the class contains itself and the depth is reached, with what they hold.
    """

    model: Any
    members: tuple[Member, ...]
    key: str | None
    policy: Policy | None = None
    title: str = ""
    about: str = ""
    level: int = 0
    ends: tuple[tuple[str, Any], ...] = ()

    def member(self, name: str) -> Member:
        """Return the field called ``name``; KeyError if there is none."""
        for each in self.members:
            if each.name == name:
                return each
        raise KeyError(name)

    @property
    def name(self) -> str:
        """What the object is called."""
        return self.title or getattr(self.model, "__name__", "Record")

    @property
    def description(self) -> str | None:
        """What the class or the schema says of itself, None where it says nothing."""
        return self.about or getattr(self.model, "__doc__", None)


@dataclass(frozen=True, slots=True)
class TupleOf(ObjectOf):
    """A list with a kind of its own for each place: on the wire an object of its places.

    ``open``: the last member is a list of what follows the places.
    """

    open: bool = False


@dataclass(frozen=True, slots=True)
class RootOf(ObjectOf):
    """A record that is no object: on the wire an object with one field, which is the record."""


@dataclass(frozen=True, slots=True)
class UnionOf(ObjectOf):
    """One of several alternatives, which are its members, called by their numbers. On the wire it is the alternative
    itself; a grounded value of it is an object that has the field of one alternative only.

    ``encoded``: the record holds the value as JSON text, which the user's class parses.
    """

    encoded: bool = False


Node = Leaf | ListOf | ObjectOf


MOST_FIELDS = 10_000
"""How many fields a schema may have when it is shown to a model: far more than one answers, and a second's work."""


def written_out(node: Node, known: dict[int, int]) -> int:
    """Return how many nodes there are when one that stands in several places is counted at each of them.

    A class within itself counts as one, for its fields are shown once. ``known`` keeps the counts by
    the nodes' ids: definitions that hold each other several times grow exponentially.
    """
    if id(node) not in known:
        below: list[Node] = []
        if isinstance(node, ListOf):
            below = [node.item]
        elif isinstance(node, ObjectOf) and not node.level:
            below = [member.node for member in node.members]
        known[id(node)] = 1 + sum(written_out(each, known) for each in below)
    return known[id(node)]


@once_per_tree
def nodes_of(tree: ObjectOf) -> tuple[Node, ...]:
    """Return ``tree`` and all nodes below it."""
    return tuple(nodes_below(tree))


def nodes_below(node: Node) -> Iterator[Node]:
    """Yield ``node`` and all nodes below it; one that stands in several places once."""
    yield from _walk(node, set())


def _walk(node: Node, seen: set[int]) -> Iterator[Node]:
    """Yield the nodes; one that stands in several places of the tree once."""
    if id(node) in seen:
        return
    seen.add(id(node))
    yield node
    if isinstance(node, ListOf):
        yield from _walk(node.item, seen)
    elif isinstance(node, ObjectOf):
        for member in node.members:
            yield from _walk(member.node, seen)


def marks_of(node: Node) -> list[Any]:
    """Return what the tree knows of a node and no JSON Schema says, as plain JSON values, for a fingerprint."""
    if isinstance(node, ListOf):
        return [type(node).__name__, node.cap, node.policy, node.remainder, node.complete, node.least, node.firm] + (
            [] if node.rows is None else [node.rows.pattern, node.rows.counted]
        )
    if isinstance(node, ObjectOf):
        return [type(node).__name__, node.key, node.policy, node.level, [name for name, _ in node.ends]]
    return [
        node.kind, node.label, _name_of(node.kind_of), node.policy, [_check(each) for each in node.checks],
        node.language, _cues(node.cues), node.cap, node.free, node.near, node.quoted, node.firm,
    ]  # fmt: skip


def _check(check: Check) -> list[Any]:
    return [_name_of(check.test), check.message, check.hard]


def _cues(cues: Cues | None) -> list[Any]:
    return [] if cues is None else [cues.words, cues.weak]


def _name_of(value: type[Any] | Callable[..., Any]) -> str:
    return str(getattr(value, "__qualname__", type(value).__qualname__))
