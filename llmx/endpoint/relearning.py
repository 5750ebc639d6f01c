"""Learns from refusals how an endpoint wants its requests, while a run goes on.

What the probe found, or what was assumed of a given mode, may be wrong for this schema or out of date. A refusal that
names what it refuses is answered by the same request in other terms; what then succeeds holds for all further requests,
and is remembered for the next run, which builds them so from the beginning. The key is always that of the body that is
sent.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from llmx.dataclass import dataclass
from llmx.endpoint.answer import parse
from llmx.endpoint.modes import MODES, STRICT_MODES
from llmx.endpoint.quirks import ParamQuirks, refuses_mode
from llmx.endpoint.rewriting import in_mode, in_terms_of
from llmx.endpoint.settings import shown_url
from llmx.errors import RequestError
from llmx.request import TOKEN_LIMITS, Request, limit_name

if TYPE_CHECKING:
    from llmx.endpoint.completion import Completion
    from llmx.endpoint.modes import Mode
    from llmx.endpoint.settings import EndpointSettings

_LOG = logging.getLogger("llmx.endpoint")
_MOST_REFUSALS = 10  # there are nine quirks
_FALLBACKS: tuple[Mode, ...] = ("json", "text")

_DISPROOFS = 3  # a model may fail to write JSON now and then; one that never does is not held to it

Send = Callable[[Request], Awaitable["Completion"]]


@dataclass(frozen=True, slots=True)
class Terms:
    """In which terms to ask: by ``quirks``, and in ``mode`` where the one that was resolved is refused."""

    quirks: ParamQuirks
    mode: Mode | None = None

    def applied(self, request: Request) -> Request:
        """Return ``request`` in these terms, the same object where nothing changes."""
        body, mode = in_terms_of(self.quirks, request.body), request.mode
        if self.mode is not None and mode in MODES and MODES.index(mode) < MODES.index(self.mode):
            body, mode = in_mode(self.mode, body), self.mode
        return request if body is request.body else Request(body, mode, request.sample)


class Relearning:
    """What one endpoint taught by its refusals; ``terms`` is None until it taught something.

    All copies of an endpoint share one of these. ``remembers`` is False where no provider answers (a replay).
    """

    def __init__(self, settings: EndpointSettings, *, remembers: bool) -> None:
        self.terms: Terms | None = None
        self._settings = settings
        self._remembers = remembers
        self._remembered: Terms | None = None
        self._honoured = False
        self._disproofs = 0

    def applied(self, request: Request) -> Request:
        """Return ``request`` in the terms that are known by now."""
        return request if self.terms is None else self.terms.applied(request)

    async def answer(self, request: Request, refusal: RequestError, send: Send, *, known: ParamQuirks) -> Completion:
        """Return the answer to ``request``, which ``refusal`` refused, in other terms.

        ``known`` are the quirks by which it was built. Raises the last refusal where there are no other terms.
        """
        if (limit := limit_name(request.body)) in TOKEN_LIMITS:
            known = replace(known, limit_name=limit)
        terms = self.terms or Terms(known)
        tried = {request.key}
        for _ in range(_MOST_REFUSALS):
            current = terms.applied(request)
            if current.key in tried:
                changed = self._next(terms, refusal, current)
                if changed is None:
                    break
                terms, current = changed, changed.applied(request)
                if current.key in tried:
                    break
            tried.add(current.key)
            try:
                completion = await send(current)
            except RequestError as error:
                refusal = error
                continue
            self._learn(terms, current)
            return completion
        raise refusal

    def kept(self, completion: Completion) -> None:
        """Hear of a valid answer: the mode in which it was asked for is honoured."""
        self._honoured = self._honoured or completion.mode in STRICT_MODES

    def rejected(self, completion: Completion) -> None:
        """Hear of an answer that is not valid.

        Where all of a run are no JSON, in a mode that is to give nothing else, the verdict on it is forgotten.
        """
        if self._honoured or not self._remembers or self._settings.mode != "auto":
            return
        if completion.mode not in STRICT_MODES or not completion.complete or parse(completion.text).found:
            return
        self._disproofs += 1
        if self._disproofs == _DISPROOFS:
            from llmx.endpoint.resolving import forget  # noqa: PLC0415 - only once a verdict is false

            where = shown_url(self._settings.base_url)
            if forget(self._settings, self._settings.model or completion.model):
                _LOG.warning(
                    "%s does not honour mode %s, as a probe had found: it is forgotten", where, completion.mode
                )

    def replayed(self, request: Request, recorded: Callable[[Request], int | None], known: ParamQuirks) -> Request:
        """Return ``request`` in the terms in which it was recorded; as it is where it was recorded in none."""
        for terms in _possible(known):
            variant = terms.applied(request)
            if variant is not request and recorded(variant) is not None:
                self.terms = terms
                return variant
        return request

    def _next(self, terms: Terms, refusal: RequestError, request: Request) -> Terms | None:
        quirks = terms.quirks.other_api(refusal, request.body) if self._settings.api == "auto" else None
        quirks = quirks or terms.quirks.after(refusal, request.body)
        if quirks is not None:
            return replace(terms, quirks=quirks)
        if self._settings.mode != "auto" or not refuses_mode(refusal) or request.mode == "text":
            return None
        return replace(terms, mode=next(mode for mode in _FALLBACKS if MODES.index(mode) > MODES.index(request.mode)))

    def _learn(self, terms: Terms, request: Request) -> None:
        self.terms = terms
        if not self._remembers or terms == self._remembered:
            return
        from llmx.endpoint.resolving import forget, remember_quirks  # noqa: PLC0415 - only once something was refused

        self._remembered = terms
        if terms.mode is None:
            remember_quirks(self._settings, request, terms.quirks)
            return
        where = shown_url(self._settings.base_url)
        _LOG.warning("%s refuses the mode that its probe found: asking in mode %s", where, terms.mode)
        forget(self._settings, request.model)


def _possible(known: ParamQuirks) -> Iterator[Terms]:
    """Yield the terms that differ from ``known`` in what a refusal teaches, those with few differences first."""
    names = ("system", "definitions", "unions", "closed", "caps")
    for count in range(1, len(names) + 1):
        for refused in itertools.combinations(names, count):
            yield Terms(known.without(*refused))
