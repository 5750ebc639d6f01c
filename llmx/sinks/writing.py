"""What all sinks share: the protocol of a format, the JSON of a record, and the errors of an output."""

from __future__ import annotations

import errno
import json
from typing import Any, Protocol, TypeAlias

import orjson
from pydantic import BaseModel

from llmx.errors import OutputError
from llmx.sinks.targets import Target

Row: TypeAlias = dict[str, Any]  # a record as Record.to_json gives it
Model: TypeAlias = type[BaseModel]  # the user's class

_NO_SPACE = frozenset({"SQLITE_FULL", "SQLITE_IOERR_SHMSIZE"})  # the latter: no room for the file that writers share


class Writer(Protocol):
    """One format, writing to one place. A ``write`` that raises leaves what was written before as it was.

    ``readable`` says whether the closed file can be read: in most formats after a fault, too.
    """

    @property
    def readable(self) -> bool:
        """Whether the file, once closed, holds every record that was written."""
        ...

    def write(self, row: Row, model: Model | None) -> None:
        """Write one record. ``model`` is the class of its data, None if it has no data."""
        ...

    def close(self) -> None:
        """Write what is waiting and close the file. Closing twice does no harm."""
        ...


def dump(value: Any) -> bytes:
    """Return the JSON of ``value`` on one line, without a line end."""
    try:
        return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:  # an integer beyond 64 bits, or half a surrogate pair: both are JSON, but not orjson's
        return json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode("ascii")


def dump_line(value: Any) -> bytes:
    """Return ``value`` as a line of JSON Lines."""
    return dump(value) + b"\n"


def output_error(error: Exception, target: Target) -> OutputError:
    """Return the error for a write that failed, with what to do about it."""
    number = error.errno if isinstance(error, OSError) else None
    name = getattr(error, "sqlite_errorname", "")  # of an error that SQLite itself reports
    if number in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG} or name in _NO_SPACE:
        said = "the file would be larger than is allowed" if number == errno.EFBIG else "the disk is full"
        hint = "free some space; what was answered already comes from the cache, unless --no-cache left it out"
    else:
        said = (error.strerror if isinstance(error, OSError) else None) or str(error)
        hint = "write to another place, with -o if this is the output of a run"
    return OutputError(f"cannot write {target}: {said}", hint=hint)
