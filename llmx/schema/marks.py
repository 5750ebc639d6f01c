"""Marks that a schema may put on a field with ``Annotated``; without them every field has a sound default.

They say what a type cannot: what becomes of an unproven value, a check that files an issue, a language to translate
to, the cue words of an inferred value, how many elements are asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import field
from typing import Any, Literal

from llmx.dataclass import dataclass
from llmx.errors import SchemaError

Policy = Literal["keep", "null", "drop", "fail"]
POLICIES: tuple[Policy, ...] = ("keep", "null", "drop", "fail")


@dataclass(frozen=True, slots=True)
class Proof:
    """What becomes of this field's value if no words of the document prove it; overrides ``--unproven``.

    keep: the value stays, with the issue ``unproven``; null: it becomes null (a list element loses the value);
    drop: the object or list element that holds it goes; fail: the record is invalid.
    """

    policy: Policy


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """A condition on the value. Soft (default): the value stays and an issue ``check`` is filed; hard: the model is
    asked again, and the record is invalid if it insists.

    ``test`` gets the value and the document's text and returns whether all is well, or a message that says what is
    not. It must be a plain importable function where the extractor is to be pickled.
    """

    test: Callable[[Any, str], bool | str]
    message: str = "does not pass its check"
    hard: bool = False


@dataclass(frozen=True, slots=True)
class Translated:
    """The value is given in ``language`` (ISO 639-1); the words of the text are kept beside it as its evidence."""

    language: str


@dataclass(frozen=True, slots=True, eq=False)  # a mapping has no hash, and typing hashes marks
class Cues:
    """Words one of which must stand in the document for this boolean or enum value to count as proven.

    On a value that is quoted (``int``, ``Number`` …) a tuple names words one of which must stand in the same sentence,
    or the value is unproven. A tuple serves a boolean's True; a mapping names the cues of each enum value. A value of
    the model's without a cue in the text gives way to the value whose cue stands first; if there is none, to the
    one of ``weak`` whose cue stands first. Values that are named in neither are the model's to infer.
    """

    words: tuple[str, ...] | dict[str, tuple[str, ...]]
    weak: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cap:
    """How many elements (of a list) or characters (of a string) the model may write at most."""

    most: int


@dataclass(frozen=True, slots=True)
class Depth:
    """How many levels of a class that contains itself are asked for below this field; four without it."""

    levels: int

    def __post_init__(self) -> None:
        if self.levels < 1:
            raise SchemaError(f"Depth({self.levels}): a class has at least one level", hint="Write Depth(2) or more.")


@dataclass(frozen=True, slots=True)
class Key:
    """This field tells elements of a list apart when chunks and passes are merged (default: the first text field)."""


@dataclass(frozen=True, slots=True)
class Free:
    """The model writes this text in its own words (a label, a summary): it needs no proof."""


@dataclass(frozen=True, slots=True)
class Remainder:
    """This list holds what no other field holds; an element whose words also prove another field's value is dropped.

    With ``complete``, the list means 'every other quantity', and llmx adds what the text states and the model left out
    (``assembly/remainder.py``). That takes a list of objects with one number and otherwise ``Free`` text: a label, then
    a unit.
    """

    complete: bool = False


@dataclass(frozen=True, slots=True)
class Rows:
    """Each row of the document is an element of this list: code counts them, and every one must come.

    ``pattern`` is a regular expression that begins each row, at the beginning of a line; without one, the rows are
    those of the table or list in which the elements stand. What is missing is asked for again, and what is still
    missing then is the issue ``incomplete``. ``counted=False`` says that the list is of some rows only: llmx counts
    none, although the elements stand in a table.
    """

    pattern: str = ""
    counted: bool = True

    def __post_init__(self) -> None:
        try:
            re.compile(rf"^(?:{self.pattern})", re.MULTILINE)
        except re.error as error:
            raise SchemaError(f"Rows({self.pattern!r}) is no regular expression: {error}") from None


@dataclass(frozen=True, slots=True)
class Near:
    """This field of an object is proven only by words within ``chars`` of a place where the object's key stands.

    A country's name stands somewhere in many texts; that it is this company's, only words beside its name say.
    """

    chars: int = 60
