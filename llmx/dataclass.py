"""``dataclass`` for classes with slots: made in a third of the time, and quicker to construct where they are frozen.

A command makes some two hundred of these classes before it does anything. ``dataclasses`` writes and compiles the
source of up to six methods for each, which took a fifth of the time that a command needs to start. Here ``__init__``
alone is compiled; the other methods are functions that all these classes share, over the fields of each.

The ``__init__`` of a frozen class sets its slots through their own setters. That of ``dataclasses`` looks each name up
anew through ``object.__setattr__`` and takes twice as long, and every document has dozens of such instances.

Instances are frozen, compare, copy, pickle and are shown as those of ``dataclasses.dataclass``, and ``fields`` and
``replace`` work on them. Classes without slots and rarer options (``unsafe_hash``, ``repr``, ``InitVar``) are left to
``dataclasses``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError, fields
from operator import attrgetter, ge, gt, le, lt
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any, Literal, NoReturn, TypeVar

if TYPE_CHECKING:
    from dataclasses import dataclass

__all__ = ["dataclass"]

T = TypeVar("T")


def _dataclass(
    *, slots: Literal[True], frozen: bool = False, eq: bool = True, order: bool = False
) -> Callable[[type[T]], type[T]]:
    """Return the decorator that makes a dataclass with slots.

    >>> @dataclass(frozen=True, slots=True)
    ... class Place:
    ...     start: int
    ...     end: int = 0
    >>> Place(3), Place(3) == Place(3, end=0)
    (Place(start=3, end=0), True)
    """

    def decorated(cls: type[T]) -> type[T]:
        own = set(vars(cls))
        if cls.__doc__ is None:
            cls.__doc__ = cls.__name__  # else dataclasses makes one of the signature, which takes longer than all else
        if any(hasattr(base, "__dataclass_fields__") for base in cls.__mro__[1:]):
            made = dataclasses.dataclass(frozen=frozen, slots=slots, eq=eq, order=order)(cls)
        else:
            made = dataclasses.dataclass(init=False, repr=False, eq=False, slots=slots)(cls)
            _add_methods(made, own, frozen=frozen, eq=eq, order=order)
        if "__init__" not in own:
            _add(made, "__init__", _init_of(made, frozen=frozen))
        return made

    return decorated


if not TYPE_CHECKING:
    dataclass = _dataclass


def _add(cls: type, name: str, method: Any) -> None:
    method.__qualname__ = f"{cls.__qualname__}.{name}"
    setattr(cls, name, method)


def _add_methods(cls: type, own: set[str], *, frozen: bool, eq: bool, order: bool) -> None:
    """Give ``cls`` the methods that ``dataclasses`` would give it, but for those that it has as its ``own``."""
    params: Any = vars(cls)["__dataclass_params__"]
    params.init, params.repr, params.eq, params.order, params.frozen = True, True, eq, order, frozen
    methods: dict[str, Any] = {"__repr__": _repr}
    if eq:
        members = fields(cls)
        compared = _values_of(*(each.name for each in members if each.compare))
        methods["__eq__"] = _equality(compared)
        if order:
            methods |= {f"__{each.__name__}__": _comparison(compared, each) for each in (lt, le, gt, ge)}
        hashed = [each.name for each in members if (each.compare if each.hash is None else each.hash)]
        methods["__hash__"] = _hashing(_values_of(*hashed)) if frozen else None
        if "__eq__" in own and "__hash__" in own and vars(cls)["__hash__"] is None:
            own = own - {"__hash__"}  # Python's doing: a class with an __eq__ of its own has no hash unless it says so
    if frozen:
        methods |= _FROZEN
    for name, method in methods.items():
        if name not in own:
            setattr(cls, name, method)


def _init_of(cls: type, *, frozen: bool) -> Any:
    """Return the ``__init__`` of ``cls``, with the signature that ``dataclasses`` would give it."""
    scope: dict[str, Any] = {"_absent": _ABSENT}
    given: list[str] = []
    by_name: list[str] = []
    lines: list[str] = []
    annotations: dict[str, Any] = {}
    for each in fields(cls):
        name = value = each.name
        made = each.default_factory is not MISSING
        if made:
            scope[f"_make_{name}"] = each.default_factory
            value = f"_make_{name}()" + f" if {name} is _absent else {name}" * each.init
        elif each.default is not MISSING:
            scope[f"_default_{name}"] = each.default
            value = name if each.init else f"_default_{name}"
        elif not each.init:
            continue
        if each.init:
            default = "=_absent" if made else f"=_default_{name}" * (each.default is not MISSING)
            (by_name if each.kw_only else given).append(f"{name}{default}")
            annotations[name] = each.type
        if frozen:
            scope[f"_set_{name}"] = getattr(cls, name).__set__
        lines.append(f" _set_{name}(self, {value})" if frozen else f" self.{name} = {value}")
    if hasattr(cls, "__post_init__"):
        lines.append(" self.__post_init__()")
    head = ", ".join(["self", *given, *(["*", *by_name] if by_name else [])])
    body = "\n".join(lines or [" pass"])
    exec(f"def __init__({head}):\n{body}", scope)  # noqa: S102 - as ``dataclasses`` does; the names are the fields'
    scope["__init__"].__annotations__ = {**annotations, "return": None}
    return scope["__init__"]


class _Absent:
    def __repr__(self) -> str:
        return "<factory>"


_ABSENT = _Absent()
"""Stands in a signature for the default of a field that is made for each instance."""


def _values_of(*names: str) -> Callable[[Any], tuple[Any, ...]]:
    if len(names) > 1:
        return attrgetter(*names)
    if names:
        get = attrgetter(names[0])
        return lambda instance: (get(instance),)
    return lambda _: ()


def _equality(values: Callable[[Any], tuple[Any, ...]]) -> Callable[[Any, object], bool]:
    def __eq__(self: Any, other: object) -> bool:  # noqa: N807 - it becomes a method
        if other.__class__ is not self.__class__:
            return NotImplemented
        return values(self) == values(other)

    return __eq__


def _comparison(
    values: Callable[[Any], tuple[Any, ...]], compare: Callable[[Any, Any], Any]
) -> Callable[[Any, object], Any]:
    def compared(self: Any, other: object) -> Any:
        return compare(values(self), values(other)) if other.__class__ is self.__class__ else NotImplemented

    return compared


def _hashing(values: Callable[[Any], tuple[Any, ...]]) -> Callable[[Any], int]:
    def __hash__(self: Any) -> int:  # noqa: N807 - it becomes a method
        return hash(values(self))

    return __hash__


@recursive_repr()
def _repr(self: Any) -> str:
    members: tuple[Field[Any], ...] = fields(self)
    shown = ", ".join(f"{each.name}={getattr(self, each.name)!r}" for each in members if each.repr)
    return f"{type(self).__qualname__}({shown})"


def _refuse_to_set(self: object, name: str, value: object) -> NoReturn:
    del self, value
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(self: object, name: str) -> NoReturn:
    del self
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> list[Any]:
    return [getattr(self, each.name) for each in fields(self)]


def _set_state(self: Any, state: list[Any]) -> None:
    for each, value in zip(fields(self), state, strict=True):
        object.__setattr__(self, each.name, value)


_FROZEN = {
    "__setattr__": _refuse_to_set, "__delattr__": _refuse_to_delete, "__getstate__": _state, "__setstate__": _set_state,
}  # fmt: skip
