"""One document of a run: its record, whatever happens. What no document could survive stops the run instead."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from llmx.documents import Document, Unreadable
from llmx.errors import AuthError, CassetteError, DocumentError
from llmx.extraction.document import extract_document
from llmx.record import Issue, Record
from llmx.run.limiter import current_document
from llmx.run.long_documents import LONG_CHARS, cpu_limit_s, work_apart

if TYPE_CHECKING:
    from llmx.extraction.plan import Plan
    from llmx.extraction.session import Session
    from llmx.run.finished_records import FinishedRecords
    from llmx.run.summary import Stopped

_LOG = logging.getLogger("llmx.run")


class RecordMaker:
    """Makes records with ``session``, or finds them among ``finished``, where those that are made are kept too.

    ``stop`` is called with an error that every other document would meet. ``waits`` says whether the endpoint is away
    and the run waits for it: a document that failed meanwhile is extracted once more. ``cpu_s`` says, by its text, how
    much CPU time a long document may take.
    """

    def __init__(
        self,
        session: Session,
        finished: FinishedRecords | None,
        *,
        stop: Callable[[Stopped, BaseException], None],
        waits: Callable[[], bool],
        cpu_s: Callable[[str], float] = cpu_limit_s,
    ) -> None:
        self._session, self._finished = session, finished
        self._stop, self._waits, self._cpu_s = stop, waits, cpu_s

    async def make(self, document: Document | Unreadable) -> Record[Any] | None:
        """Return the record of ``document``; None where the run stops and there is none."""
        plan = self._session.plan
        if isinstance(document, Unreadable):
            return failed_record(document, plan, Issue("unreadable", "", str(document.error)))
        current_document.set(document.id)
        try:
            return await self._extracted(document)
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
        if self._finished is not None and (known := self._finished.get(document)) is not None:
            return known
        while True:
            record = await self._record_of(document)
            if not (self._waits() and any(issue.code == "endpoint" for issue in record.issues)):
                return record if self._finished is None else self._finished.keep(document, record)

    async def _record_of(self, document: Document) -> Record[Any]:
        async def extracted(session: Session) -> Record[Any]:
            return await extract_document(document, session.plan, session.endpoint, fallbacks=session.fallbacks)

        if len(document.text) < LONG_CHARS:
            return await extracted(self._session)
        return await work_apart(extracted, self._session, cpu_s=self._cpu_s(document.text))


def failed_record(document: Document | Unreadable, plan: Plan, issue: Issue) -> Record[Any]:
    """Return the record of a document of which nothing is known but why."""
    return Record(
        id=document.id, source=document.source, status="failed", issues=(issue,), model=plan.model, mode=plan.mode,
        schema=plan.schema.fingerprint, prompt=plan.rendering.fingerprint,
    )  # fmt: skip
