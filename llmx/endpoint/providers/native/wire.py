"""Sends our requests through instructor's client of a provider, and returns its answers as chat completions.

A request stays what it is everywhere else, the body of a chat completion: it is what the key is taken over and what a
cassette holds. A ``Dialect`` puts it into the words of one provider, and the raw completion, which instructor's hook
brings, back into ours; as the provider sent it, it is kept beside that. instructor's retries and the SDK's are off:
``retry.py`` repeats what failed, the extraction asks again for what is wrong with an answer.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

import orjson

from llmx.endpoint.faults import connect_error
from llmx.endpoint.pictures import drawn
from llmx.endpoint.providers.native.registry import bare_model
from llmx.endpoint.providers.native.transport import SENDING, Sent
from llmx.endpoint.providers.route import Access, check_key
from llmx.endpoint.settings import OPENAI_KEY, shown_url
from llmx.endpoint.wire import Response
from llmx.errors import AuthError, ConfigError, LlmxError

if TYPE_CHECKING:
    from pydantic import BaseModel

    from llmx.endpoint.providers.native.registry import NativeProvider
    from llmx.endpoint.settings import EndpointSettings
    from llmx.request import Request

Json = dict[str, Any]

_MOST_CHARS = 300

_KEYLESS = ("api_key", "api key", "key inputs", "authentication", "credential")
"""Words of an SDK that was given no key and finds none."""


@dataclass(frozen=True, slots=True)
class Call:
    """What to ask a client of instructor for: its ``mode``, and the ``arguments`` of its method ``create``.

    ``answer`` is the model from which instructor builds the form of the answer; None where the arguments hold it.
    """

    arguments: Json
    mode: str = "TOOLS"
    answer: type[BaseModel] | None = None


class Client(Protocol):
    """A client of instructor's."""

    async def create(self, *args: Any, **kwargs: Any) -> Any:
        """Return the completion, or what instructor made of it. Raises what the SDK or instructor raises."""
        ...


class HeldBackError(Exception):
    """A request was made and is not to be sent."""


class NotOfferedError(Exception):
    """The provider has no such thing: the mode that is asked for, or strict schemas."""


class Dialect(Protocol):
    """How one provider is spoken to. Opened by the function ``open_dialect`` of its module."""

    def client(self, mode: str) -> Client:
        """Return instructor's client for one of instructor's modes."""
        ...

    def call(self, request: Request) -> Call:
        """Return ``request`` in the provider's words. Raises NotOfferedError."""
        ...

    def completion(self, raw: Any) -> Json:
        """Return the body of a chat completion that says what the SDK's object ``raw`` does."""
        ...

    def heard(self, sent: Sent) -> Response:
        """Return the answer's status, headers and body as ``faults.check`` and the limiter read them."""
        ...

    async def models(self) -> dict[str, int | None]:
        """Return the names of its models, each with its context length in tokens, None where that is not said."""
        ...

    async def aclose(self) -> None:
        """Close its connections."""
        ...


class NativeWire:
    """A ``Provider`` over instructor's client. The SDK is imported at the first request."""

    def __init__(self, provider: NativeProvider, access: Access, *, model: str = "") -> None:
        self.provider = provider
        self.access = access
        self.model = model
        self._dialect: Dialect | None = None

    async def send(self, request: Request) -> Response:
        """Return the answer to ``request``, whatever its status. Raises ConnectError where there was none."""
        return await self._exchanged(request, Sent())

    async def held_back(self, request: Request) -> tuple[str, bytes] | Response:
        """Return the URL and the body that ``request`` would go out with, or the refusal of what the provider lacks."""
        kept: list[tuple[str, bytes]] = []

        def keep(url: str, body: bytes) -> tuple[int, bytes]:
            kept.append((url, body))
            raise HeldBackError

        refused = await self._exchanged(request, Sent(instead=keep))
        return kept[0] if kept else refused

    async def answered(self, request: Request, status: int, body: bytes) -> Response:
        """Return what ``send`` would have returned, had the provider answered ``status`` and ``body``."""
        response = await self._exchanged(request, Sent(instead=lambda _, __: (status, body)))
        return Response(response.status, response.headers, response.body)

    async def _exchanged(self, request: Request, sent: Sent) -> Response:
        dialect = self._opened()
        begin_s = time.perf_counter()
        token = SENDING.set(sent)
        try:
            raw = await _raw_completion(dialect, request)
            completion = {**dialect.completion(raw), "raw": orjson.loads(sent.body)}
            response = Response(200, dialect.heard(sent).headers, orjson.dumps(completion))
        except NotOfferedError as error:
            response = _refused(400, f"{self.provider.name} has no {error}")
        except Exception as error:  # noqa: BLE001 - each SDK has its own
            response = self._failed(dialect, sent, error)
        finally:
            SENDING.reset(token)
        return Response(response.status, response.headers, response.body, round(time.perf_counter() - begin_s, 3))

    def _failed(self, dialect: Dialect, sent: Sent, error: Exception) -> Response:
        """Return what was answered where something was; raise ConnectError where nothing was."""
        if isinstance(sent.failure, LlmxError):
            raise sent.failure from None
        if sent.failure is not None:
            raise connect_error(sent.failure, shown_url(sent.url or self.access.base_url)) from None
        if sent.status:  # an error, or a 200 that the SDK could not read, which the caller is to see
            return dialect.heard(sent)
        unsent = self._unsent(error)
        if isinstance(unsent, AuthError):
            raise unsent from None
        return _refused(400, unsent.message)

    def _unsent(self, error: Exception) -> AuthError | ConfigError:
        """Return what it means that the SDK raised ``error`` before it had sent anything."""
        provider, told = self.provider, " ".join(str(error).split())
        if not any(word in told.lower() for word in _KEYLESS):
            return ConfigError(f"{provider.name}'s SDK refuses: {told}")
        key = f"the key in {provider.key_variable} (or name another variable by --api-key-env)"
        hint = " or ".join(filter(None, (provider.key_variable and key, provider.credentials)))
        return AuthError(f"{provider.name}'s SDK has no credentials: {told[:_MOST_CHARS]}", hint=f"Set {hint}.")

    async def models(self) -> list[str]:
        """Return the names of the models as ``--model`` takes them, [] where the provider does not list them."""
        return [f"{self.provider.prefix}/{name}" for name in await self._listed()]

    async def _listed(self) -> dict[str, int | None]:
        sent = Sent()
        token = SENDING.set(sent)
        try:
            return await self._opened().models()
        except LlmxError:
            raise
        except Exception as error:
            if sent.failure is not None:
                raise connect_error(sent.failure, shown_url(sent.url or self.access.base_url)) from error
            return {}
        finally:
            SENDING.reset(token)

    async def count_tokens(self, text: str) -> int | None:  # noqa: ARG002 - the protocol's
        """Return None: no provider counts the tokens of a text without a request for it."""
        return None

    async def context_length(self) -> int | None:
        """Return the context length of the model that was named, None where the list of models does not say it."""
        return (await self._listed()).get(bare_model(self.model))

    def _opened(self) -> Dialect:
        if self._dialect is None:
            check_key(self.access)
            provider = self.provider
            try:
                module = import_module(f"llmx.endpoint.providers.native.{provider.module}")
                self._dialect = getattr(module, provider.opens)(self.access)
            except ImportError as error:
                raise self.not_installed(error.name or "") from None
            except LlmxError:
                raise
            except Exception as error:  # noqa: BLE001 - each SDK has its own
                raise self._unsent(error) from None
        assert self._dialect is not None
        return self._dialect

    def not_installed(self, missing: str = "") -> ConfigError:
        """Return the error that says what to install."""
        provider = self.provider
        return ConfigError(
            f"models of {provider.name} need the packages instructor and {provider.package}"
            f" ({missing or provider.package} is not installed)",
            hint=f"Install them: pip install 'llmx-extract[{provider.extra}]'",
        )

    async def aclose(self) -> None:
        """Close the connections."""
        dialect, self._dialect = self._dialect, None
        if dialect is not None:
            await dialect.aclose()


def open_native(provider: NativeProvider, settings: EndpointSettings) -> NativeWire:
    """Return the wire to ``provider``; nothing is imported or opened yet."""
    named = settings.api_key_env if settings.api_key_env != OPENAI_KEY else ""  # else the SDK looks for another key
    access = Access(settings.base_url, settings.key, dict(settings.headers), key_variable=named)
    return NativeWire(provider, access, model=settings.model)


async def _raw_completion(dialect: Dialect, request: Request) -> Any:
    """Return what the SDK returned: instructor's hook keeps it, whatever instructor then makes of it."""
    from instructor.v2.core.hooks import Hooks  # noqa: PLC0415 - heavy

    if "logprobs" in request.body:
        raise NotOfferedError("logprobs that llmx reads (--logprobs)")
    call = dialect.call(replace(request, body=await drawn(request.body)))
    _silence()
    kept: list[Any] = []
    hooks = Hooks()
    hooks.on("completion:response", kept.append)
    try:
        returned = await dialect.client(call.mode).create(
            response_model=call.answer, max_retries=0, hooks=hooks, **call.arguments
        )
    except Exception:
        if not kept:
            raise
        return kept[0]  # instructor found no valid answer in it: whether there is one, the extraction decides
    return kept[0] if kept else returned


def _refused(status: int, message: str) -> Response:
    return Response(status, {}, orjson.dumps({"error": {"message": message}}))


def _silence() -> None:
    """Keep instructor from logging what fails in our requests: it is told elsewhere, and may quote a document."""
    log = logging.getLogger("instructor.v2.retry")
    if _outside not in log.filters:
        log.addFilter(_outside)


def _outside(_: logging.LogRecord) -> bool:
    return SENDING.get() is None
