"""What can go wrong, and what to do about it.

The caller's and the wire's faults raise; the model's faults are issues in the record (``llmx.record.Issue``). ::

    LlmxError                       exit_code 2, hint
    ├── UsageError                  the command or the call is wrong
    │   ├── ConfigError             a setting is missing, unknown or contradicts another
    │   ├── SchemaError             a schema cannot be loaded or is not one
    │   ├── PromptError             a template or an example is wrong
    │   └── OutputError             the output exists, is locked or cannot be written
    ├── DocumentError               one document cannot be read; the others go on
    ├── BudgetError                 the bound on cost or tokens is reached; the documents before it are done
    ├── AwaitsBatchError            the answer comes with a batch: the document is worked on again then
    ├── CassetteError               a recording is damaged, or nothing recorded answers this request
    └── EndpointError               the wire failed; ``retryable`` says whether trying again may help
        ├── AuthError               401 or 403: the key
        ├── RequestError            400, 404, 422: the request or the model's name
        ├── RateLimitError          429, with ``retry_after_s`` where the server said it
        ├── ServerError             408, 409, 5xx, or an answer that is not one
        ├── OutageError             it is away, and another model is asked meanwhile
        └── ConnectError            no answer: refused, reset, timed out, name not found
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import ClassVar

_MOST_NAMES = 10_000  # of a folder that are compared with one that is not in it


class LlmxError(Exception):
    """An error that llmx raises on purpose: what happened, and in ``hint`` what to do next."""

    exit_code: ClassVar[int] = 2
    retryable: ClassVar[bool] = False

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  {self.hint}" if self.hint else self.message

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.__dict__.copy())


def did_you_mean(word: str, known: Iterable[str], *, least: float = 0.6) -> str:
    """Return the question whether the nearest of ``known`` was meant, with a space after it.

    Return '' where the likeness of the nearest, from 0 to 1, is under ``least``.
    """
    import difflib  # noqa: PLC0415 - only where something is wrong

    by_case = {name.lower(): name for name in known}
    close = difflib.get_close_matches(word.lower(), by_case, n=1, cutoff=least)
    return f"Did you mean {by_case[close[0]]}? " if close else ""


def nearest_path(path: Path) -> str:
    """Return the question whether another name beside that of the missing ``path`` was meant, or '' as above."""
    import difflib  # noqa: PLC0415 - only where something is wrong

    try:
        beside = [each.name for each in islice(path.parent.iterdir(), _MOST_NAMES)]
    except OSError:
        return ""
    close = difflib.get_close_matches(path.name, beside, n=1)
    return f"Did you mean {path.with_name(close[0])}? " if close else ""


def choices(word: object, allowed: Iterable[str]) -> str:
    """Return the hint of an option whose value is none of ``allowed``: the nearest, then all of them."""
    listed = list(allowed)
    return f"{did_you_mean(str(word), listed)}Choose one of {', '.join(listed)}."


def _rebuild(kind: type[LlmxError], state: dict[str, object]) -> LlmxError:
    """Unpickle an error whatever its constructor takes: errors cross process borders."""
    error = kind.__new__(kind)
    Exception.__init__(error, state["message"])
    error.__dict__.update(state)
    return error


class UsageError(LlmxError):
    """The command or the call is wrong."""


class ConfigError(UsageError):
    """A setting is missing, unknown, or contradicts another."""


class SchemaError(UsageError):
    """A schema cannot be loaded, or is not one."""


class PromptError(UsageError):
    """A prompt template or one of its examples is wrong."""


class OutputError(UsageError):
    """The output exists, is locked, or cannot be written."""


class DocumentError(LlmxError):
    """One document cannot be read. It becomes a failed record; the others go on."""

    exit_code = 1


class BudgetError(LlmxError):
    """The run's bound on cost or tokens is reached. The documents before it are done; nothing more was sent."""

    exit_code = 1


class AwaitsBatchError(LlmxError):
    """The answer comes with a batch. The document is left for now, and worked on again once it is there."""

    exit_code = 1


class CassetteError(LlmxError):
    """A recording is damaged, or nothing recorded answers this request."""


class EndpointError(LlmxError):
    """The wire failed. ``status`` is the HTTP status, None where there was no answer."""

    exit_code = 1

    def __init__(
        self, message: str, *, hint: str = "", status: int | None = None, retry_after_s: float | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.retry_after_s = retry_after_s


class AuthError(EndpointError):
    """401 or 403: the key is missing, wrong, expired, or may not do this."""

    exit_code = 2


class RequestError(EndpointError):
    """400, 404, 413, 422: the endpoint will never accept this request."""


class RateLimitError(EndpointError):
    """429: too many requests or tokens; ``retry_after_s`` where the server said how long to wait."""

    retryable = True


class ServerError(EndpointError):
    """408, 409, 5xx, or an answer with status 200 that is not a chat completion."""

    retryable = True


class ConnectError(EndpointError):
    """No answer at all: refused, reset, timed out, or the host's name is not known."""

    exit_code = 2  # raised where nothing could be asked; in a run it is the fault of a document
    retryable = True


class OutageError(EndpointError):
    """The endpoint is known to be away: nothing was sent, because there is another model to ask."""
