"""Makes frozen dataclasses with slots quicker to construct, for those of which every document has dozens.

The ``__init__`` of a frozen dataclass sets each field through ``object.__setattr__``, which looks the name up anew and
takes twice as long as setting the slot itself. Nothing else changes: instances are frozen, and compare, copy and pickle
as before.
"""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any, TypeVar

T = TypeVar("T")


def with_slot_setters(cls: type[T]) -> type[T]:
    """Return ``cls``, a frozen dataclass with slots, with an ``__init__`` of the same signature that fills its slots.

    >>> from dataclasses import dataclass
    >>> @with_slot_setters
    ... @dataclass(frozen=True, slots=True)
    ... class Place:
    ...     start: int
    ...     end: int = 0
    >>> Place(3), Place(3) == Place(3, end=0)
    (Place(start=3, end=0), True)
    """
    given = cls.__init__
    defaults = given.__defaults__ or ()
    members = fields(cls)  # type: ignore[arg-type]  # a dataclass, as every caller's is
    names = [each.name for each in members]
    by_default = dict(zip(reversed(names), reversed(defaults), strict=False))
    scope: dict[str, Any] = {}
    lines = []
    for each in members:
        name = value = each.name
        scope[f"set_{name}"] = getattr(cls, name).__set__
        if each.default_factory is not MISSING:
            scope[f"make_{name}"], scope["absent"] = each.default_factory, by_default[name]
            value = f"make_{name}() if {name} is absent else {name}"
        lines.append(f" set_{name}(self, {value})")
    if hasattr(cls, "__post_init__"):
        lines.append(" self.__post_init__()")
    exec(f"def __init__(self, {', '.join(names)}):\n" + "\n".join(lines), scope)  # noqa: S102 - as ``dataclass`` does
    init = scope["__init__"]
    init.__defaults__, init.__annotations__, init.__qualname__ = defaults, given.__annotations__, given.__qualname__
    cls.__init__ = init  # type: ignore[method-assign]  # as ``dataclass`` sets it
    return cls
