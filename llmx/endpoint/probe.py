"""Finds out what an endpoint truly honours, by a trap.

Servers accept ``tools`` and ``response_format`` and ignore them, so accepting proves nothing. The question asks for a
sentence of plain English, and the schema, which stands in no message, demands made-up codes: only an endpoint that
obeys the schema (or shows it to a model that does) can answer with them. One question a mode, in the order tools,
json_schema, json, text, until one is honoured; the verdict is remembered in the cache folder.
"""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal, cast

import orjson
from pydantic import BaseModel, ConfigDict

from llmx.endpoint.answer import parse
from llmx.endpoint.completion import Completion
from llmx.endpoint.faults import check
from llmx.endpoint.modes import MODES, Mode, response_format
from llmx.endpoint.redact import FORMS_ONLY, Redactor
from llmx.endpoint.retry import RetryPolicy, with_retries
from llmx.endpoint.settings import shown_url
from llmx.errors import EndpointError, RequestError, ServerError
from llmx.request import Request, fingerprint

if TYPE_CHECKING:
    from pathlib import Path

    from llmx.endpoint.wire import Wire

_QUESTION = "What is the capital of France? Answer in one short sentence of plain English, not in JSON."
_MAX_TOKENS = 64
_MAX_TOKENS_THINKING = 2048  # models that want max_completion_tokens think before they answer
_FORMAT = 1


class ProbeSchema(BaseModel):
    """The answer form."""

    model_config = ConfigDict(extra="forbid")
    capital_of_france: Literal["QX-7", "ZV-3"]
    proof_code: Literal["R9T"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known about a model at an endpoint.

    ``mode`` is the best that it honours; ``tried`` tells for each mode that was tried what came of it. ``limit_name``
    is what the endpoint calls the limit of an answer's tokens, ``temperature`` whether it lets one choose it.
    """

    model: str
    mode: Mode
    tried: dict[str, str] = field(default_factory=dict)
    limit_name: str = "max_tokens"
    temperature: bool = True
    probed: str = ""


@dataclass(slots=True)
class ParamQuirks:
    """How this endpoint wants its parameters to be named; learnt from what it refuses."""

    limit_name: str = "max_tokens"
    temperature: bool = True

    def body(self) -> dict[str, Any]:
        """Return the sampling parameters of a probe in the endpoint's terms."""
        tokens = _MAX_TOKENS if self.limit_name == "max_tokens" else _MAX_TOKENS_THINKING
        return {self.limit_name: tokens, **({"temperature": 0} if self.temperature else {})}

    def learn(self, error: RequestError) -> bool:
        """Return whether ``error`` is about a setting that can be said in another way."""
        told = error.message.lower()
        if "max_completion_tokens" in told and self.limit_name == "max_tokens":
            self.limit_name = "max_completion_tokens"
        elif "temperature" in told and self.temperature:
            self.temperature = False
        else:
            return False
        return True


async def probe(
    wire: Wire,
    model: str,
    *,
    policy: RetryPolicy | None = None,
    api_key_env: str = "",
    redactor: Redactor = FORMS_ONLY,
    thorough: bool = False,
) -> Verdict:
    """Return what ``model`` honours. Sends one to four short requests (64 tokens each), more where it must retry.

    With ``thorough`` every mode is tried, for ``llmx doctor``; else it ends with the first that is honoured.
    A refusal (400, 422) of a mode, and a failure that stays (a server error for this mode alone), mean 'not honoured'.
    Raises AuthError, RequestError for an unknown model, and ConnectError or ServerError where no mode works at all.
    """
    quirks, tried, best = ParamQuirks(), dict[str, str](), list[Mode]()
    policy = policy or RetryPolicy(attempts=3)
    last: EndpointError | None = None
    for mode in MODES:

        async def ask(_: int, mode: Mode = mode) -> Completion:
            return await _ask(wire, model, mode, quirks=quirks, api_key_env=api_key_env, redactor=redactor)

        try:
            fault = _judge(await with_retries(ask, policy), mode)
        except (RequestError, ServerError) as error:
            if error.status == 404:
                raise
            last, fault = error, f"refused: {error.message}"
        tried[mode] = fault or "honoured"
        best += [] if fault else [mode]
        if best and not thorough:
            break
    if not best:
        raise last or ServerError(f"the model {model!r} answers in no mode: {tried}")
    today = dt.datetime.now(tz=dt.UTC).date().isoformat()
    return Verdict(model, best[0], tried, quirks.limit_name, quirks.temperature, today)


async def _ask(wire: Wire, model: str, mode: Mode, *, quirks: ParamQuirks, **told: Any) -> Completion:
    """Ask the question in ``mode``; once more in another way where a setting is refused."""
    while True:
        body = {
            "model": model,
            "messages": [{"role": "user", "content": _QUESTION}],
            **quirks.body(),
            **response_format(ProbeSchema, mode).body,
        }
        request = Request(body, mode)
        response = await wire.send(request)
        try:
            check(response, **told)
        except RequestError as error:
            if not quirks.learn(error):
                raise
            continue
        return Completion.from_body(response.body, mode, key=request.key, seconds=response.seconds)


def _judge(completion: Completion, mode: Mode) -> str:
    """Return '' where the answer obeys ``mode``, else what was wrong with it."""
    said = (completion.text or "").strip()
    shown = f"{said[:60]!r}" if said else "nothing"
    if mode == "text":
        return "" if said or completion.finish_reason == "length" else "it said nothing"
    if mode == "tools" and not said.startswith("{"):
        return f"ignored: no function was called, it said {shown}"
    parsed = parse(said, "json_schema")
    if not parsed.found or not isinstance(parsed.value, dict) or not said.startswith("{"):
        return f"ignored: it said {shown}"
    if mode == "json":
        return ""
    try:
        ProbeSchema.model_validate(parsed.value)
    except ValueError:
        return f"ignored: the answer does not obey the schema, it said {shown}"
    return ""


def verdict_path(folder: Path, base_url: str | None, model: str) -> Path:
    """Return the file below the cache folder that remembers the verdict on ``model`` at ``base_url``."""
    return folder / "verdicts" / f"{fingerprint([base_url or '', model])[:24]}.json"


def remembered(path: Path) -> Verdict | None:
    """Return the verdict in the file ``path``, None where there is none that can be read."""
    try:
        value = orjson.loads(path.read_bytes())
        if value.pop("v") != _FORMAT or value["mode"] not in MODES:
            return None
        value.pop("base_url", None)
        return Verdict(**cast("dict[str, Any]", value))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def remember(path: Path, verdict: Verdict, base_url: str | None) -> None:
    """Write ``verdict`` to the file ``path`` in one step; a folder that cannot be written means probing again."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = path.with_suffix(f".{os.getpid()}.tmp")
        value = {"v": _FORMAT, "base_url": shown_url(base_url), **asdict(verdict)}
        unfinished.write_bytes(orjson.dumps(value, option=orjson.OPT_INDENT_2))
        unfinished.replace(path)
    except OSError:
        pass
