"""One document of a run: its record, whatever happens. What no document could survive stops the run instead."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import ValidationError

from llmx.dataclass import dataclass
from llmx.documents import Document, Unreadable
from llmx.errors import AuthError, AwaitsBatchError, CassetteError, DocumentError
from llmx.extraction.session import part_session
from llmx.record import Issue, Record, Status
from llmx.run.limiter import current_document
from llmx.run.long_documents import LONG_CHARS, cpu_limit_s, work_apart

if TYPE_CHECKING:
    from llmx.extraction.plan import Plan
    from llmx.extraction.session import Session
    from llmx.run.finished_records import FinishedRecords
    from llmx.run.record_update import RecordUpdate
    from llmx.run.summary import Stopped

_LOG = logging.getLogger("llmx.run")


class Updates(Protocol):
    """The documents of which an earlier record has all fields but some."""

    def update_of(self, document: Document) -> RecordUpdate | None:
        """Return what there is of ``document``; None where all of it is to be asked for."""
        ...

    def ask_whole(self, document: Document, reason: str) -> None:
        """Hear that all of ``document`` is asked for after all, and why."""
        ...

    def leave(self, document: Document) -> None:
        """Hear that ``document`` waits for a batch: nothing is done about it in this run."""
        ...


class Maker(Protocol):
    """Makes the records of a run: ``RecordMaker``, or one that has them made in other processes."""

    @property
    def places(self) -> int:
        """How many documents it has to be given at once to be busy, beside those that wait for the endpoint."""
        ...

    async def make(self, document: Document | Unreadable) -> Record[Any] | None:
        """Return the record of ``document``; None where the run stops and there is none. Raises AwaitsBatchError."""
        ...

    def let_go(self) -> None:
        """Send no more requests."""
        ...

    async def aclose(self) -> None:
        """Release what it holds."""
        ...


class Opener(Protocol):
    """What has a look at a document before it is worked on."""

    async def open(self, document: Document, plan: Plan) -> None:
        """Return where ``document`` may be worked on with ``plan``. Raises AwaitsBatchError where it may not yet."""
        ...


@dataclass(frozen=True, slots=True)
class EarlierRecords:
    """What is there of earlier runs: the ``finished`` records, where those that are made are kept too, and the
    ``updates``, of which the fields that are missing are asked for alone. ``opener`` says which documents may be worked
    on, in a batch run.
    """

    finished: FinishedRecords | None = None
    updates: Updates | None = None
    opener: Opener | None = None


NO_RECORDS = EarlierRecords()


class RecordMaker:
    """Makes records with ``session``, or finds them in ``earlier``.

    ``stop`` is called with an error that every other document would meet. ``waits`` says whether the endpoint is away
    and the run waits for it: a document that failed meanwhile is extracted once more. ``cpu_s`` says, by its text, how
    much CPU time a long document may take.
    """

    def __init__(
        self,
        session: Session,
        earlier: EarlierRecords,
        *,
        stop: Callable[[Stopped, BaseException], None],
        waits: Callable[[], bool],
        cpu_s: Callable[[str], float] = cpu_limit_s,
    ) -> None:
        self._session, self._finished, self._updates = session, earlier.finished, earlier.updates
        self._opener = earlier.opener
        self._parts: dict[tuple[str, ...], Session] = {}
        self._stop, self._waits, self._cpu_s = stop, waits, cpu_s

    @property
    def places(self) -> int:
        """No more than wait for the endpoint."""
        return 0

    def let_go(self) -> None:
        """Do nothing: the run's limiters let nothing more go."""

    async def aclose(self) -> None:
        """Do nothing: the session is its opener's."""

    def updates(self, document: Document) -> bool:
        """Return whether an earlier record of ``document`` has all fields but some."""
        return self._updates is not None and self._updates.update_of(document) is not None

    async def make(self, document: Document | Unreadable) -> Record[Any] | None:
        """Return the record of ``document``; None where the run stops and there is none. Raises AwaitsBatchError."""
        plan = self._session.plan
        if isinstance(document, Unreadable):
            return failed_record(document, plan, Issue("unreadable", "", str(document.error)))
        current_document.set(document.id)
        try:
            return await self._extracted(document)
        except AwaitsBatchError:
            if self._updates is not None:
                self._updates.leave(document)
            raise
        except (AuthError, CassetteError) as error:
            self._stop("auth" if isinstance(error, AuthError) else "cassette", error)
            return None
        except DocumentError as error:  # it took too long
            return failed_record(document, plan, Issue("cpu_limit", "", str(error)))
        except Exception as error:  # noqa: BLE001 - one document must not end the run
            _LOG.exception("%s: an error inside llmx or the schema", document.id)
            return failed_record(document, plan, Issue("internal", "", f"{type(error).__name__}: {error}"))
        finally:
            current_document.set("")  # not reset(): a task that is collected unfinished ends in another context

    async def _extracted(self, document: Document) -> Record[Any]:
        """Extract; once more where the retries were used up while the endpoint was away: that is not its fault."""
        if self._updates is not None and (update := self._updates.update_of(document)) is not None:
            added = await self._added(document, update)
            if added.status in {"failed", "refused"}:
                return added
            if not (why := update.refused(self._session.plan.schema, added)):
                return update.merged(self._session.plan.schema, added)
            self._updates.ask_whole(document, why)
        if self._finished is None:
            return await self._answered(document, self._session)
        key = self._finished.key(document)
        if (known := self._finished.get(document, key)) is not None:
            return known
        return self._finished.keep(document, key, await self._answered(document, self._session))

    async def _added(self, document: Document, update: RecordUpdate) -> Record[Any]:
        """Return the record of the fields that ``update`` asks for; its data are those of the whole."""
        names, plan = update.change.asked, self._session.plan
        known = update.known(plan.schema)
        if names:
            if names not in self._parts:
                self._parts[names] = part_session(self._session, names)
            return await self._answered(document, self._parts[names], known)
        from llmx.assembly.validation import validated  # noqa: PLC0415

        try:
            data = validated(plan.schema.model, known, document)
        except ValidationError as error:
            return failed_record(document, plan, Issue("invalid_value", "", str(error)), status="invalid")
        return replace(failed_record(document, plan, status="ok"), data=data)

    async def _answered(
        self, document: Document, session: Session, known: Mapping[str, Any] | None = None
    ) -> Record[Any]:
        while True:
            record = await self._record_of(document, session, known)
            if not (self._waits() and any(issue.code == "endpoint" for issue in record.issues)):
                return record

    async def _record_of(self, document: Document, session: Session, known: Mapping[str, Any] | None) -> Record[Any]:
        if self._opener is not None:
            await self._opener.open(document, session.plan)

        from llmx.extraction.document import extract_document  # noqa: PLC0415 - a run may find all its records made

        async def extracted(session: Session) -> Record[Any]:
            return await extract_document(
                document, session.plan, session.endpoint, fallbacks=session.fallbacks, known=known
            )

        if len(document.text) < LONG_CHARS:
            return await extracted(session)
        return await work_apart(extracted, session, cpu_s=self._cpu_s(document.text))


def failed_record(
    document: Document | Unreadable, plan: Plan, *issues: Issue, status: Status = "failed"
) -> Record[Any]:
    """Return the record of a document of which nothing is known but why."""
    return Record(
        id=document.id, source=document.source, status=status, issues=issues, model=plan.model, mode=plan.mode,
        schema=plan.schema.fingerprint, prompt=plan.rendering.fingerprint,
    )  # fmt: skip
