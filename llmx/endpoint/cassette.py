"""Cassettes: recorded exchanges in a folder, one file each, committed, reviewed, and replayed without a network.

A cassette stands in for the wire, so that everything above it (retries, parsing, reasks) works on a replay as it did
when it was recorded; failures are recorded and replayed too. Only recording writes it, and a request that was not
recorded fails: nothing is guessed. Requests are matched by the key of the redacted request alone.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmx.dataclass import dataclass
from llmx.endpoint.exchange import (
    Exchange,
    Failure,
    endpoint_kind,
    is_final,
    read_exchange,
    redacted_request,
    redacted_response,
    replay,
)
from llmx.endpoint.providers.native.registry import native_provider
from llmx.endpoint.quirks import USUAL, ParamQuirks
from llmx.endpoint.redact import FORMS_ONLY, Redactor
from llmx.endpoint.rewriting import added_members, is_verification
from llmx.endpoint.settings import shown_url
from llmx.errors import CassetteError, ConnectError
from llmx.private_file import open_private
from llmx.request import canonical_json

if TYPE_CHECKING:
    from llmx.endpoint.wire import Response, Wire
    from llmx.request import Request

_NAME_CHARS = 16  # of the key: 64 bits, enough for a folder
_MOST_HEADS = 200  # files read to find out model and mode
_FEW_HEADS = 5  # where both are given


Mark = tuple[int, int, str]
"""Size in bytes, time of change in nanoseconds, 16 hex digits of the sha256: of a file."""


@dataclass(frozen=True, slots=True)
class CassetteSettings:
    """What a cassette was recorded with, so that a replay needs no options. ``verified``: values were asked about."""

    model: str
    mode: str
    endpoint: str
    quirks: ParamQuirks = USUAL
    extra: Mapping[str, Any] = field(default_factory=dict)
    verified: bool = False


class Cassette:
    """The exchanges in ``folder``. A file is read when it is asked for; ``used`` are the keys that were."""

    def __init__(self, folder: Path, *, redactor: Redactor = FORMS_ONLY) -> None:
        self.folder = folder
        self.redactor = redactor
        self.used: set[str] = set()
        self._paths: dict[str, Path] | None = None

    def paths(self) -> list[Path]:
        """Return the files, in the order of their names. Raises CassetteError where there is no such folder."""
        index = self._index()
        return [index[stem] for stem in sorted(index)]

    def exchanges(self) -> Iterator[Exchange]:
        """Yield every exchange in the order of the files' names. Raises CassetteError on a damaged one."""
        return (read_exchange(path) for path in self.paths())

    def find(self, request: Request) -> Exchange | None:
        """Return the exchange of ``request``, None where none was recorded."""
        # Unredacted first: where that was recorded there was nothing to redact, and looking for secrets takes longer
        # than everything else.
        if (exchange := self._recorded(request)) is not None:
            return exchange
        clean = redacted_request(request, self.redactor)
        return None if clean is request else self._recorded(clean)

    def _recorded(self, wanted: Request) -> Exchange | None:
        path = self._index().get(wanted.key[:_NAME_CHARS])
        if path is None:
            return None
        exchange = read_exchange(path)
        if exchange.request.body != wanted.body or exchange.request.sample != wanted.sample:
            return None  # an edited request no longer answers; verify says so
        self.used.add(wanted.key)
        return exchange

    def mark(self, key: str) -> Mark | None:
        """Return what identifies the file of the exchange ``key``, None where there is none."""
        path = self._index().get(key[:_NAME_CHARS])
        try:
            return None if path is None else (*_state(path), _digest(path))
        except OSError:
            return None

    def unchanged(self, key: str, mark: Mark) -> bool:
        """Return whether the file of the exchange ``key`` is still the one of ``mark``.

        It is where its size and time of change are the same, else where its bytes are (a fresh checkout has other
        times).
        """
        path = self._index().get(key[:_NAME_CHARS])
        try:
            return path is not None and (_state(path) == tuple(mark[:2]) or _digest(path) == mark[2])
        except OSError:
            return False

    def settings(self, *, model: str = "", mode: str = "") -> CassetteSettings:
        """Return what the exchanges, of ``model`` where it is given, were recorded with.

        Where ``mode`` is given too, a few exchanges show the rest. Raises CassetteError where there are none, or
        several models.
        """
        heads, verified = self._heads(model, mode)
        kinds = Counter((e.request.model, e.request.mode, e.endpoint) for e in heads if model in {"", e.request.model})
        if not kinds:
            which = f"of the model {model!r}" if model else "at all"
            raise CassetteError(
                f"the cassette {self.folder} holds no exchange {which}", hint="Record it with --record."
            )
        models = sorted({name for name, _, _ in kinds})
        if len(models) > 1:
            listed = ", ".join(models)
            hint = "Choose by --model; name those that were its fallbacks by --fallback, as for the recording."
            raise CassetteError(f"the cassette {self.folder} holds several models: {listed}", hint=hint)
        best = kinds.most_common(1)[0][0]
        alike = [e for e in heads if (e.request.model, e.request.mode, e.endpoint) == best]
        sample = next((e for e in alike if e.answered), alike[0])  # what was refused is no example
        added = [added_members(e.request.body) for e in alike if e.answered] or [{}]
        usual = Counter(map(canonical_json, added)).most_common(1)[0][0]  # where it only thought, less effort was asked
        extra = next(each for each in added if canonical_json(each) == usual)
        return CassetteSettings(*best, ParamQuirks.seen_in(sample.request.body), extra, verified)

    def _heads(self, model: str, mode: str) -> tuple[list[Exchange], bool]:
        """Return exchanges that show what was recorded, those of ``model`` however rare they are, and whether there are
        questions about values among the first; these show nothing else.
        """
        first = [read_exchange(path) for path in self.paths()[:_MOST_HEADS]]
        verified = any(is_verification(e.request.body) for e in first)
        answers = [e for e in first if not is_verification(e.request.body)]
        first = answers or [e for e in self.exchanges() if not is_verification(e.request.body)]
        if model and mode:
            fitting = (e for e in first if (e.request.model, e.request.mode) == (model, mode) and e.answered)
            heads = list(islice(fitting, _FEW_HEADS)) or first
        else:
            heads = first
        if model and all(exchange.request.model != model for exchange in heads):
            later = map(read_exchange, self.paths()[_MOST_HEADS:])  # a fallback is asked for few documents
            heads += islice((e for e in later if e.request.model == model and e.answered), 1)
        return heads, verified

    def models(self) -> set[str]:
        """Return the names of all models that were asked."""
        return {exchange.request.model for exchange in self.exchanges()}

    def save(self, exchange: Exchange) -> Path:
        """Write ``exchange`` in one step and return its file."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{exchange.key[:_NAME_CHARS]}.json"
        unfinished = path.with_suffix(f".{os.getpid()}.tmp")
        try:
            with open_private(unfinished, "w", encoding="utf-8") as file:
                file.write(exchange.to_text())
            unfinished.replace(path)
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise
        if self._paths is not None:
            self._paths[path.stem] = path
        return path

    def forget(self) -> None:
        """Forget the list of files, because some were removed."""
        self._paths = None

    def _index(self) -> dict[str, Path]:
        if self._paths is None:
            if not self.folder.is_dir():
                raise CassetteError(
                    f"there is no cassette folder {self.folder}", hint="Record it: the same command with --record."
                )
            names = [entry.name for entry in os.scandir(self.folder) if entry.name.endswith(".json")]
            self._paths = {name.removesuffix(".json"): self.folder / name for name in names}
        return self._paths


def _state(path: Path) -> tuple[int, int]:
    state = os.stat(path)  # noqa: PTH116 - once for every document of a replay
    return state.st_size, state.st_mtime_ns


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


class ReplayWire:
    """Answers from ``cassette`` and never touches the network.

    Failures come in the order in which they were recorded; asked again after the last answer, it starts over.
    """

    def __init__(self, cassette: Cassette) -> None:
        self.cassette = cassette
        self._next: dict[str, int] = {}

    async def send(self, request: Request) -> Response:
        """Return the recorded answer. Raises the recorded failure, or CassetteError where nothing was recorded."""
        exchange = self.cassette.find(request)
        if exchange is None:
            from llmx.endpoint.nearest import miss  # noqa: PLC0415 - only when it fails

            raise miss(self.cassette, request)
        if len(exchange.responses) == 1:
            return replay(exchange.responses[0])
        key = exchange.key
        at = self._next.get(key, 0)
        self._next[key] = (at + 1) % len(exchange.responses)
        return replay(exchange.responses[at % len(exchange.responses)])

    def recorded(self, request: Request) -> int | None:
        """Return how many answers were recorded, so that a replay gives up where the recording did."""
        exchange = self.cassette.find(request)
        return None if exchange is None else len(exchange.responses)

    async def aclose(self) -> None:
        """Nothing to close."""


class RecordWire:
    """Sends over ``wire`` and records what comes back, failures included.

    The first answer to a request replaces what an earlier recording had for it. ``version`` is llmx's. ``base_url``
    and the model's prefix show what kind of endpoint it is; the first is not written.
    """

    def __init__(
        self,
        wire: Wire,
        cassette: Cassette,
        *,
        version: str,
        base_url: str | None = None,
        today: Callable[[], dt.date] = lambda: dt.datetime.now(tz=dt.UTC).date(),
    ) -> None:
        self.wire = wire
        self.cassette = cassette
        self._version = version
        self._base_url = base_url
        self._today = today
        self._unfinished: dict[str, Exchange] = {}
        self._unwritable: CassetteError | None = None
        self._told = False

    async def send(self, request: Request) -> Response:
        """Return the answer, which is recorded by then. Raises what the wire raises, recorded too.

        An answer that cannot be written, because the disk is full, is returned all the same: it is paid for. The next
        request, or else ``aclose``, raises CassetteError.
        """
        if self._unwritable is not None:
            self._told = True
            raise self._unwritable
        try:
            response = await self.wire.send(request)
        except ConnectError as error:
            message = error.message.replace(shown_url(self._base_url), "the endpoint")
            self._add(request, Failure(message), final=False)
            raise
        self._add(request, response, final=is_final(response, request.mode))
        return response

    def _add(self, request: Request, response: Response | Failure, *, final: bool) -> None:
        redactor = self.cassette.redactor
        clean = redacted_request(request, redactor)
        before = self._unfinished.pop(clean.key, None)
        native = native_provider(request.model, self._base_url)
        kind = endpoint_kind(self._base_url, response) if native is None else native.prefix
        exchange = Exchange(
            llmx=self._version,
            recorded=self._today().isoformat(),
            endpoint=redactor.text(kind),
            request=clean,
            responses=(redacted_response(response, redactor),),
        )
        if before is not None:
            exchange = replace(exchange, responses=before.responses + exchange.responses)
        try:
            self.cassette.save(exchange)
        except OSError as error:
            self._unwritable = CassetteError(
                f"cannot write the cassette {self.cassette.folder}: {(error.strerror or str(error)).lower()}",
                hint="Free some space and record again, or go on without --record: what was answered is in the output.",
            )
        if not final:
            self._unfinished[clean.key] = exchange

    async def aclose(self) -> None:
        """Close the wire. Raises CassetteError where an answer was not written and nobody was told."""
        await self.wire.aclose()
        if self._unwritable is not None and not self._told:
            raise self._unwritable
