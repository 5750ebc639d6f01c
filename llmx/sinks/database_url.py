"""The address of a database as an output. Its password is in no message: what is shown of it has none."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

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

    @staticmethod
    def is_one(name: str) -> bool:
        """Return whether ``name`` is such an address."""
        return name.lower().startswith(_SCHEMES)

    def __str__(self) -> str:
        scheme, _, rest = self.url.partition("://")
        user, at, place = rest.rpartition("@")
        if at and ":" in user:
            user = f"{user.partition(':')[0]}:***"
        return _SECRET.sub(r"\1***", f"{scheme}://{user}{at}{place}")

    def __repr__(self) -> str:
        return f"DatabaseUrl({str(self)!r})"
