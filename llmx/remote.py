"""Files in object stores and archives, by names such as ``s3://bucket/key``: fsspec and its drivers reach them.

Only the protocols in ``DRIVERS`` are taken. What fsspec also has (http, ftp, ssh, …) would go past the guard of
``llmx.web``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from llmx.errors import LlmxError, UsageError

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

DRIVERS = {
    "s3": "s3fs", "s3a": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "az": "adlfs", "abfs": "adlfs", "abfss": "adlfs",
    "zip": "", "memory": "",
}  # fmt: skip
"""The package that fsspec needs for each protocol, '' for none."""

_NAME = re.compile(rf"({'|'.join(DRIVERS)}):/+(.*)", re.DOTALL)
_ANY = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_CREDENTIALS = {
    "s3fs": "it is reached with the credentials of AWS (AWS_PROFILE, AWS_ACCESS_KEY_ID), others by AWS_ENDPOINT_URL",
    "gcsfs": "it is reached with the credentials of Google Cloud: gcloud auth application-default login",
    "adlfs": "it is reached with AZURE_STORAGE_ACCOUNT_NAME and a key, or AZURE_STORAGE_CONNECTION_STRING",
}


def remote_name(path: object) -> str:
    """Return the name of a file in a store, with the two slashes that a Path makes one of; '' for anything else.

    >>> remote_name("s3:/bucket/out.jsonl"), remote_name("docs/a.txt")
    ('s3://bucket/out.jsonl', '')
    """
    found = _NAME.fullmatch(str(path)) if path is not None else None
    return f"{found[1]}://{found[2]}" if found else ""


def open_store(name: str) -> tuple[AbstractFileSystem, str]:
    """Return the store in which ``name`` is, and its path there.

    Raises UsageError where a package is missing, or the name leads through a protocol that is not taken.
    """
    if re.match(r"s3a?://[^/]*@|gc?s://[^/]*@|[a-z0-9]+://[^/@]*:[^/]*@", name):
        hint = "leave them out: the environment has the credentials"
        raise UsageError(f"{name.partition('://')[0]}://… has a user or a password in it", hint=hint)
    for protocol in _ANY.findall(name):
        if protocol not in DRIVERS:
            raise UsageError(f"{name}: {protocol}:// is not read in there", hint=f"these are: {', '.join(DRIVERS)}")
    protocol, driver = name.partition(":")[0], DRIVERS[name.partition(":")[0]]
    try:
        from fsspec.core import url_to_fs  # noqa: PLC0415 - an extra
    except ImportError:
        hint = f'pip install "llmx-extract[remote]"{f" {driver}" if driver else ""}'
        raise UsageError(f"{name} needs the package fsspec, which is not installed", hint=hint) from None
    try:
        with telling(name):
            store, path = url_to_fs(name)
    except ImportError as exc:
        hint = f"pip install {driver}" if driver else ""
        raise UsageError(f"{name}: {protocol}:// needs a package that is not installed: {exc}", hint=hint) from None
    return store, path


@contextmanager
def telling(name: str, kind: type[LlmxError] = UsageError) -> Iterator[None]:
    """Raise what a store says within the ``with`` block as an error of ``kind`` that names the file."""
    try:
        yield
    except (LlmxError, ImportError):
        raise
    except FileNotFoundError:
        hint = "look at the names of the bucket and of the file"
        raise kind(f"there is no file or folder {name}", hint=hint) from None
    except Exception as exc:  # noqa: BLE001 - each driver has errors of its own
        hint = _CREDENTIALS.get(DRIVERS.get(name.partition(":")[0], ""), "")
        what = " ".join(str(exc).split())[:300]
        raise kind(f"{name} cannot be reached: {type(exc).__name__}: {what}", hint=hint) from None


def exists(store: Any, path: str) -> bool:
    """Return whether there is a file at ``path`` now, whatever was there when somebody looked before."""
    store.invalidate_cache()
    return bool(store.exists(path))
