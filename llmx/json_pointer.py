"""JSON pointers (RFC 6901): how records, evidence and issues name a place in the data.

A pointer is '' for the whole document, else a '/' before each part; '~' and '/' within a part are written '~0' and
'~1'. This is the only module that builds or takes apart pointers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

Part = str | int


def escape(part: Part) -> str:
    """Return one part of a pointer as it is written.

    >>> escape("unit/price"), escape("a~b"), escape(0)
    ('unit~1price', 'a~0b', '0')
    """
    text = str(part)
    return text.replace("~", "~0").replace("/", "~1") if "/" in text or "~" in text else text


def unescape(part: str) -> str:
    """Return the name that a written part stands for.

    >>> unescape("unit~1price")
    'unit/price'
    """
    return part.replace("~1", "/").replace("~0", "~") if "~" in part else part


def child(pointer: str, part: Part) -> str:
    """Return the pointer of ``part`` below ``pointer``.

    >>> child("/items/0", "unit/price")
    '/items/0/unit~1price'
    """
    return f"{pointer}/{escape(part)}"


def from_parts(parts: Iterable[Part]) -> str:
    """Return the pointer that names ``parts`` in turn.

    >>> from_parts(["items", 0, "unit/price"]), from_parts([])
    ('/items/0/unit~1price', '')
    """
    return "".join("/" + escape(part) for part in parts)


def to_parts(pointer: str) -> tuple[str, ...]:
    """Return the parts of ``pointer``, unescaped. Raises ValueError for a text that is no pointer.

    >>> to_parts("/items/0/unit~1price"), to_parts("")
    (('items', '0', 'unit/price'), ())
    """
    if not pointer:
        return ()
    if not pointer.startswith("/"):
        raise ValueError(f"{pointer!r} is not a JSON pointer: it must be empty or start with '/'")
    return tuple(unescape(part) for part in pointer[1:].split("/"))


def last(pointer: str) -> str:
    """Return the last part of ``pointer``, unescaped; '' for the whole document.

    >>> last("/items/0/unit~1price")
    'unit/price'
    """
    return unescape(pointer.rpartition("/")[2])


def upwards(pointer: str) -> Iterator[str]:
    """Yield ``pointer`` and the places around it, from the inside out, without the whole document ('').

    >>> list(upwards("/items/0"))
    ['/items/0', '/items']
    """
    while pointer:
        yield pointer
        pointer = pointer.rpartition("/")[0]


def is_below(pointer: str, above: str) -> bool:
    """Return whether ``pointer`` is ``above`` or a place within it.

    >>> is_below("/items/10", "/items/1"), is_below("/items/1/name", "/items/1")
    (False, True)
    """
    return pointer == above or pointer.startswith(above + "/")


def resolve(data: Any, pointer: str) -> Any:
    """Return the value in ``data`` (dicts and lists) that ``pointer`` names. Raises KeyError where there is none.

    >>> resolve({"items": [{"unit/price": 3}]}, "/items/0/unit~1price")
    3
    """
    for part in to_parts(pointer):
        if isinstance(data, dict) and part in data:
            data = data[part]
        elif isinstance(data, list) and part.isdecimal() and int(part) < len(data):
            data = data[int(part)]
        else:
            raise KeyError(pointer)
    return data
