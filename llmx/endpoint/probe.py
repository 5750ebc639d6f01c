"""Finds out what an endpoint truly honours, by questions that only an obedient endpoint answers right.

Servers accept ``tools`` and ``response_format`` and ignore them, so accepting proves nothing. The question asks for a
sentence of plain English, and the schema, which is in no message, demands made-up codes: only an endpoint that
obeys the schema (or shows it to a model that does) can answer with them. One question per mode, in the order tools,
json_schema, json, text, until one is honoured. The result is remembered in the cache folder.
"""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import asdict, field, replace
from typing import TYPE_CHECKING, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict

from llmx.dataclass import dataclass
from llmx.endpoint.answer import parse
from llmx.endpoint.completion import Completion
from llmx.endpoint.faults import check
from llmx.endpoint.modes import MODES, Mode, response_format
from llmx.endpoint.quirks import USUAL, ParamQuirks
from llmx.endpoint.redact import FORMS_ONLY, Redactor
from llmx.endpoint.retry import RetryPolicy, with_retries
from llmx.endpoint.settings import shown_url
from llmx.errors import EndpointError, RequestError, ServerError
from llmx.private_file import open_private
from llmx.request import TOKEN_LIMITS, Request, fingerprint

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from llmx.endpoint.wire import Wire

HONOURED = "honoured"

_QUESTION = "What is the capital of France? Answer in one short sentence of plain English, not in JSON."
_MAX_TOKENS = 64
_MAX_TOKENS_THINKING = 4096  # models that want max_completion_tokens think before they answer
_FORMAT = 2


class ProbeSchema(BaseModel):
    """The answer form."""

    model_config = ConfigDict(extra="forbid")
    capital_of_france: Literal["QX-7", "ZV-3"]
    proof_code: Literal["R9T"]


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What is known about a model at an endpoint.

    ``mode`` is the best one that it honours; ``tried`` says for each mode that was tried what came of it, HONOURED or
    what was wrong. ``probed`` is the date. ``sees`` says whether it sees pictures, None until it was asked.
    """

    model: str
    mode: Mode
    tried: dict[str, str] = field(default_factory=dict)
    quirks: ParamQuirks = USUAL
    probed: str = ""
    sees: bool | None = None


@dataclass(slots=True)
class Probe:
    """Asks ``model`` over ``wire``; ``quirks`` are what its refusals have taught so far, ``thinks`` that it needs room.

    ``extra`` is what every request of the run adds to its body. ``free_api`` is False where the user chose the API.
    Every method raises AuthError, RequestError for an unknown model (404), and ConnectError where there is no answer.
    """

    wire: Wire
    model: str
    policy: RetryPolicy = field(default_factory=lambda: RetryPolicy(attempts=3))
    api_key_env: str = ""
    redactor: Redactor = FORMS_ONLY
    quirks: ParamQuirks = field(default_factory=ParamQuirks)
    thinks: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)
    free_api: bool = True

    async def best_mode(self) -> ProbeResult:
        """Return the first mode that is honoured. Sends one to four short requests, 64 tokens each; a model
        that thinks before it answers gets 4096.

        A mode is not honoured when it is refused (400, 422), or fails for good (a server error for this mode alone).
        Raises the last error where no mode works at all.
        """
        return await self._result(stop_at_first=True)

    async def every_mode(self) -> ProbeResult:
        """Return what becomes of each of the four modes. Raises the last error where none works."""
        return await self._result(stop_at_first=False)

    async def strictness(self, mode: Mode) -> ParamQuirks:
        """Return the quirks with ``strict`` known: whether ``mode`` may carry OpenAI's strict flag.

        It is accepted when a question with it is answered, refused when only the one without it is. Sends one or two
        requests; raises the error where both fail.
        """
        try:
            await self._ask(mode, strict=True)
        except (RequestError, ServerError) as error:
            if _of_the_address(error):
                raise
            await self._ask(mode)
            return replace(self.quirks, strict=False)
        return replace(self.quirks, strict=self.quirks.strict is not False)

    async def said(self, content: list[dict[str, Any]]) -> str:
        """Return what the model says to a message with ``content``, '' for nothing. Raises the error where it fails."""
        return (await self._ask("text", content=content)).text or ""

    async def _result(self, *, stop_at_first: bool) -> ProbeResult:
        tried, best = dict[str, str](), list[Mode]()
        last: EndpointError | None = None
        for mode in MODES:
            try:
                tried[mode] = _violation(await self._ask(mode), mode) or HONOURED
            except (RequestError, ServerError) as error:
                if _of_the_address(error):
                    raise
                last, tried[mode] = error, f"refused: {error.message}"
            best += [mode] if tried[mode] == HONOURED else []
            if best and stop_at_first:
                break
        if not best:
            raise last or ServerError(f"the model {self.model!r} answers in no mode: {tried}")
        return ProbeResult(self.model, best[0], tried, self.quirks, today())

    async def _ask(self, mode: Mode, *, strict: bool = False, content: Any = _QUESTION) -> Completion:
        """Ask the question, or another one, in ``mode``, in other terms where a parameter is refused."""

        async def attempt(_: int) -> Completion:
            request = self._request(mode, strict=strict, content=content)
            response = await self.wire.send(request)
            check(response, api_key_env=self.api_key_env, redactor=self.redactor)
            return Completion.from_body(response.body, mode, key=request.key, seconds=response.seconds)

        tried = {self.quirks}
        while True:
            try:
                completion = await with_retries(attempt, self.policy)
                if self.thinks or not completion.only_thought:
                    return completion
                self.thinks = True  # it had no room for an answer
            except RequestError as error:
                body = self._request(mode, strict=strict, content=content).body
                learnt = self.quirks.other_api(error, body) if self.free_api else None
                learnt = learnt or self.quirks.after(error, body)
                if learnt is None or learnt in tried:
                    raise
                tried.add(learnt)
                self.quirks = learnt

    def _request(self, mode: Mode, *, strict: bool, content: Any) -> Request:
        thinks = self.thinks or self.quirks.limit_name != TOKEN_LIMITS[0] or self.quirks.api == "responses"
        body = {
            "model": self.model,
            "messages": [{"role": "user", "content": content}],
            **self.quirks.params(max_output_tokens=_MAX_TOKENS_THINKING if thinks else _MAX_TOKENS),
            **response_format(ProbeSchema, mode, strict=strict).body,
            **self.extra,
        }
        return Request(self.quirks.body(body), mode)


def _of_the_address(error: EndpointError) -> bool:
    """Return whether ``error`` is about the address or the model's name (a 404, a redirect), whatever the mode."""
    return error.status == 404 or 300 <= (error.status or 0) < 400


def today() -> str:
    """Return the date, in UTC, that a result is stamped with."""
    return dt.datetime.now(tz=dt.UTC).date().isoformat()


def _violation(completion: Completion, mode: Mode) -> str:
    """Return '' where the answer obeys ``mode``, else what is wrong with it."""
    text = (completion.text or "").strip()
    shown = f"{text[:60]!r}" if text else "nothing"
    if mode == "text":
        return "" if text or completion.finish_reason == "length" else "it said nothing"
    if mode == "tools" and not text.startswith("{"):
        return f"ignored: no function was called, it said {shown}"
    parsed = parse(text, "json_schema")
    if not parsed.found or not isinstance(parsed.value, dict) or not text.startswith("{"):
        return f"ignored: it said {shown}"
    if mode == "json":
        return ""
    try:
        ProbeSchema.model_validate(parsed.value)
    except ValueError:
        return f"ignored: the answer does not obey the schema, it said {shown}"
    return ""


def result_path(
    folder: Path, base_url: str | None, model: str, *, mode: str = "auto", choices: Sequence[Any] = ()
) -> Path:
    """Return the file below the cache folder that remembers what is known of ``model`` at ``base_url``.

    What was learnt of a ``mode`` that the user chose is kept apart: it is not the best mode. So is what was learnt with
    other ``choices``: an API, an effort, an extra body.
    """
    chosen = [*([] if mode == "auto" else [mode]), *choices]
    return folder / "probes" / f"{fingerprint([base_url or '', model, *chosen])[:24]}.json"


def remembered(path: Path) -> ProbeResult | None:
    """Return the result in the file ``path``, None where there is none that can be read."""
    try:
        value = orjson.loads(path.read_bytes())
        if value.pop("v") != _FORMAT or value["mode"] not in MODES:
            return None
        value.pop("base_url", None)
        return ProbeResult(**{**value, "quirks": ParamQuirks(**value["quirks"])})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def remember(path: Path, result: ProbeResult, base_url: str | None) -> None:
    """Write ``result`` to the file ``path`` in one step; a folder that cannot be written means probing again."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = path.with_suffix(f".{os.getpid()}.tmp")
        value: dict[str, Any] = {"v": _FORMAT, "base_url": shown_url(base_url), **asdict(result)}
        with open_private(unfinished, "wb") as file:
            file.write(orjson.dumps(value, option=orjson.OPT_INDENT_2))
        unfinished.replace(path)
    except OSError:
        pass
