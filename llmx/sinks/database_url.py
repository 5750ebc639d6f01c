"""The address of a database as an output. Its password is in no message: what is shown of it has none."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

_SCHEMES = ("postgresql://", "postgres://")
_SECRET = re.compile(r"((?:^|[?&])\w*password=)[^&]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, repr=False)
class DatabaseUrl:
    """An address such as ``postgresql://user@host/database``; ``str`` of it leaves the password out.

    >>> str(DatabaseUrl("postgresql://me:secret@host/db?sslpassword=b"))
    'postgresql://me:***@host/db?sslpassword=***'
    """

    url: str = field()

    suffix = ""

    def __str__(self) -> str:
        scheme, _, rest = self.url.partition("://")
        user, at, place = rest.rpartition("@")
        if at and ":" in user:
            user = f"{user.partition(':')[0]}:***"
        return _SECRET.sub(r"\1***", f"{scheme}://{user}{at}{place}")

    def __repr__(self) -> str:
        return f"DatabaseUrl({str(self)!r})"


def output_target(name: str | Path | DatabaseUrl) -> Path | DatabaseUrl:
    """Return what ``name`` asks for: the address of a database, or a path."""
    if isinstance(name, str) and name.lower().startswith(_SCHEMES):
        return DatabaseUrl(name)
    return name if isinstance(name, DatabaseUrl) else Path(name)
