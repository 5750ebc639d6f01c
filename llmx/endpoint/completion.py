"""What an endpoint answered, as one frozen value.

It is read with orjson straight from the bytes: the typed objects of the openai client cost 0.6 ms an answer, and nobody
reads them. Whether the text fits a schema is not known here: ``answer.py`` parses it, the extraction validates it.
"""

from __future__ import annotations

from typing import Any, Literal, cast, get_args

import orjson

from llmx.dataclass import dataclass
from llmx.endpoint.faults import error_inside
from llmx.endpoint.responses_api import as_completion, is_answer
from llmx.endpoint.thoughts import object_at_end, without_thoughts
from llmx.errors import ServerError
from llmx.record import Usage

FinishReason = Literal["stop", "length", "refusal", "content_filter"]
Origin = Literal["wire", "cache", "cassette", "shared", "batch", "collected"]
"""Where an answer came from; shared: another caller had asked the same, and it was sent once; batch: a batch brought
it; collected: it did so earlier, and was counted then."""

NEW: frozenset[Origin] = frozenset({"wire", "batch", "collected"})
"""The origins of answers that the cache may not have yet."""

# Names that servers give to the four ways an answer can end; anything else counts as a regular stop.
_FINISH: dict[str, FinishReason] = {
    "length": "length", "max_tokens": "length", "model_length": "length",
    "content_filter": "content_filter", "safety": "content_filter",
    "refusal": "refusal",
}  # fmt: skip


_NO_USAGE = Usage()


@dataclass(frozen=True, slots=True)
class Completion:
    """One answer.

    ``text`` is the message's content, or in mode tools the arguments of its first tool call (JSON text, perhaps
    malformed); None where the model said nothing. ``seconds`` is how long the endpoint took for this answer,
    ``attempts`` how many requests it needed, retries included. Cache and cassette keep both, and ``usage``, so that
    they do not depend on ``origin``. ``logprobs`` are pairs of a token and the natural logarithm of its probability,
    where they were asked for, and ``choices`` the likeliest tokens for its beginning. ``mode`` is the form in which it
    was asked for: that of the request that was sent, which may differ from the plan's where the endpoint refused that;
    '' where it is not known.
    """

    text: str | None
    finish_reason: FinishReason
    refusal: str | None = None
    usage: Usage = _NO_USAGE
    model: str = ""
    seconds: float = 0.0
    attempts: int = 1
    key: str = ""
    origin: Origin = "wire"
    logprobs: tuple[tuple[str, float], ...] | None = None
    choices: tuple[tuple[str, float], ...] | None = None
    mode: str = ""

    @property
    def complete(self) -> bool:
        """Whether the model ended by itself and said something: only such answers are worth keeping."""
        return self.finish_reason == "stop" and self.text is not None

    @property
    def only_thought(self) -> bool:
        """Whether the model came to its limit before it had begun to answer."""
        return self.finish_reason == "length" and not without_thoughts(self.text or "").strip()

    @classmethod
    def from_body(
        cls,
        body: bytes | dict[str, Any],
        mode: str,
        *,
        key: str = "",
        seconds: float = 0.0,
        attempts: int = 1,
        origin: Origin = "wire",
    ) -> Completion:
        """Return the completion that a 200 answer's ``body`` holds, a chat completion or a response.

        In mode tools, content counts where there is no call. Raises ServerError where the body is not a chat completion
        (cut JSON, HTML, no choices), which is retryable because proxies do this for a moment. A body that holds an
        error object in spite of its status raises what ``faults.error_inside`` makes of it.
        """
        choice, payload = _first_choice(body)
        message = choice["message"]
        said = message.get("refusal")
        refusal = (said if isinstance(said, str) else None) or _parts(message.get("content"), "refusal") or None
        text = _said(message, mode)
        finish = _FINISH.get(str(choice.get("finish_reason")), "stop")
        if refusal:
            text, finish = None, "refusal"
        return cls(
            text=text,
            finish_reason=finish,
            refusal=refusal,
            usage=_usage(payload.get("usage")),
            model=str(payload.get("model") or ""),
            seconds=seconds,
            attempts=attempts,
            key=key,
            origin=origin,
            logprobs=_logprobs(choice.get("logprobs")),
            choices=_choices(choice.get("logprobs")),
            mode=mode,
        )

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object that the cache keeps, without ``origin`` and without what is empty."""
        out: dict[str, Any] = {
            "text": self.text, "finish_reason": self.finish_reason, "usage": self.usage.to_json(), "model": self.model,
            "seconds": self.seconds, "attempts": self.attempts, "key": self.key,
        }  # fmt: skip
        if self.refusal:
            out["refusal"] = self.refusal
        if self.logprobs is not None:
            out["logprobs"] = [list(pair) for pair in self.logprobs]
        if self.choices is not None:
            out["choices"] = [list(pair) for pair in self.choices]
        return out

    @classmethod
    def from_json(cls, value: dict[str, Any], origin: Origin) -> Completion:
        """Return the completion that ``to_json`` wrote. Raises KeyError, TypeError or ValueError on anything else."""
        finish, text, usage = value["finish_reason"], value["text"], value["usage"]
        if finish not in get_args(FinishReason) or not (text is None or isinstance(text, str)):
            raise ValueError("not a completion")
        logprobs, choices = value.get("logprobs"), value.get("choices")
        return cls(
            text=text,
            finish_reason=finish,
            refusal=value.get("refusal"),
            usage=_kept_usage(usage),
            model=value["model"],
            seconds=value["seconds"],
            attempts=value["attempts"],
            key=value["key"],
            origin=origin,
            logprobs=None if logprobs is None else tuple((token, number) for token, number in logprobs),
            choices=None if choices is None else tuple((token, number) for token, number in choices),
        )


def _first_choice(body: bytes | dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the first choice and the whole payload, or raise because the body is no chat completion."""
    payload = body if isinstance(body, dict) else _load(body)
    if "choices" not in payload and is_answer(payload):
        payload = as_completion(payload)
    choices = payload.get("choices")
    if not choices or not isinstance(choices, list) or not isinstance(choices[0], dict):
        raise error_inside(payload) or ServerError("the answer has status 200 but no choices", status=200)
    choice = {**choices[0], "message": _message(choices[0])}
    if choice.get("finish_reason") == "error" or not isinstance(choice.get("message"), dict):
        raise error_inside(choice) or ServerError("the answer has status 200 but no message", status=200)
    return choice, payload


def _message(choice: dict[str, Any]) -> Any:
    """Return the message of a choice: a server that streams unasked calls it delta, an old one gives its text alone."""
    message = choice.get("message") or choice.get("delta")
    return {"content": choice["text"]} if message is None and isinstance(choice.get("text"), str) else message


def _load(body: bytes) -> dict[str, Any]:
    try:
        payload = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        from llmx.endpoint.odd_bodies import read_odd_body  # noqa: PLC0415 - only where a server is odd

        payload = read_odd_body(body)
        if payload is None:
            raise ServerError(
                f"the answer has status 200 but its body of {len(body)} bytes is not JSON: {error.args[0]}",
                hint="A proxy may have cut or replaced it; is the base URL that of the API (it often ends in /v1)?",
                status=200,
            ) from None
    if not isinstance(payload, dict):
        raise ServerError(
            f"the answer has status 200 but is a JSON {type(payload).__name__}, not an object", status=200
        )
    return payload


def _said(message: dict[str, Any], mode: str) -> str | None:
    """Return what the model said, in mode tools the arguments of the first call that has any."""
    text = _words(message.get("content")) or None
    if text is None or not text.strip():
        text = _in_thoughts(message)
    if mode != "tools":
        return text
    calls = message.get("tool_calls")
    held = calls if isinstance(calls, list) else [calls]  # some servers send the call itself
    all_calls = [*held, {"function": message.get("function_call")}]
    return next((arguments for call in all_calls if (arguments := _arguments(call)) is not None), text)


def _words(content: Any) -> str:
    """Return a message's content as text: some servers send parts, or the object itself."""
    if isinstance(content, dict):
        return _dumped(content)
    return content if isinstance(content, str) else _parts(content, "text")


def _in_thoughts(message: dict[str, Any]) -> str | None:
    """Return the answer that stands in the field for thoughts: a server's parser may put it there."""
    thoughts = message.get("reasoning_content") or message.get("reasoning")
    return (object_at_end(thoughts) or None) if isinstance(thoughts, str) else None


def _arguments(call: Any) -> str | None:
    function = call.get("function") if isinstance(call, dict) else None
    arguments = function.get("arguments") if isinstance(function, dict) else None
    if isinstance(arguments, dict):  # some servers send the object itself
        return _dumped(arguments)
    return arguments if isinstance(arguments, str) else None


def _dumped(value: dict[str, Any]) -> str:
    try:
        return orjson.dumps(value).decode()
    except orjson.JSONEncodeError:  # nested deeper, or of a larger number, than orjson writes
        return ""


def _parts(content: Any, kind: str) -> str:
    """Join the parts of one kind ('text' or 'refusal'), where the content comes as a list of parts."""
    return "".join(_part(part, kind) for part in content) if isinstance(content, list) else ""


def _part(part: Any, kind: str) -> str:
    if isinstance(part, str):
        return part if kind == "text" else ""
    if not isinstance(part, dict) or str(part.get("type", kind)).removeprefix("output_") != kind:
        return ""
    words = part.get(kind)
    words = words.get("value") if isinstance(words, dict) else words
    return words if isinstance(words, str) else ""


def _usage(value: Any) -> Usage:
    if not isinstance(value, dict):
        return Usage()
    details, out = value.get("prompt_tokens_details"), value.get("completion_tokens_details")
    return Usage(
        _count(value.get("prompt_tokens")),
        _count(value.get("completion_tokens")),
        _count(details.get("cached_tokens")) if isinstance(details, dict) else 0,
        _count(out.get("reasoning_tokens")) if isinstance(out, dict) else 0,
    )


def _kept_usage(kept: dict[str, Any]) -> Usage:
    reasoning = kept.get("reasoning_tokens", 0)
    return Usage(kept["input_tokens"], kept["output_tokens"], kept["cached_tokens"], reasoning)


_MOST_TOKENS = 10**9
"""No request has more: a larger count is none, and would make nonsense of costs and budgets."""


def _count(value: Any) -> int:
    return int(value) if isinstance(value, int | float) and 0 <= value <= _MOST_TOKENS else 0


def _logprobs(value: Any) -> tuple[tuple[str, float], ...] | None:
    """Return the tokens with their log probabilities; None where the server gives none, or in another form."""
    content = value.get("content") if isinstance(value, dict) else None
    if not isinstance(content, list):
        return None
    pairs = cast("list[dict[str, Any]]", content)
    try:
        return tuple((str(p.get("token", "")), float(p.get("logprob") or 0.0)) for p in pairs)
    except (AttributeError, TypeError, ValueError):
        return None


def _choices(value: Any) -> tuple[tuple[str, float], ...] | None:
    """Return the likeliest tokens for the beginning of the answer, None where the server gives none."""
    content = value.get("content") if isinstance(value, dict) else None
    first = content[0] if isinstance(content, list) and content else None
    likeliest = first.get("top_logprobs") if isinstance(first, dict) else None
    return _logprobs({"content": likeliest}) if likeliest else None
