from __future__ import annotations

import email.utils
from typing import Any

import orjson
import pytest

from llmx.endpoint.faults import check, error_inside, not_found, retry_after_s
from llmx.endpoint.redact import Redactor
from llmx.endpoint.settings import EndpointSettings
from llmx.endpoint.wire import Response
from llmx.errors import AuthError, EndpointError, RateLimitError, RequestError, ServerError

NOW_S = 1_800_000_000.0


def response(status: int, body: bytes = b"", **headers: str) -> Response:
    return Response(status, {name.replace("_", "-"): value for name, value in headers.items()}, body)


@pytest.mark.parametrize(
    ("status", "kind", "retryable"),
    [
        (400, RequestError, False), (401, AuthError, False), (402, AuthError, False), (403, AuthError, False),
        (404, RequestError, False), (408, ServerError, True), (409, ServerError, True), (413, RequestError, False),
        (422, RequestError, False), (425, ServerError, True), (429, RateLimitError, True), (500, ServerError, True),
        (502, ServerError, True), (503, ServerError, True), (529, ServerError, True), (501, RequestError, False), (302, RequestError, False),
    ],
)  # fmt: skip
def test_each_status_is_an_error_of_its_kind(status: Any, kind: Any, retryable: Any) -> None:
    with pytest.raises(kind) as caught:
        check(response(status))
    assert type(caught.value) is kind
    assert caught.value.status == status
    assert caught.value.retryable is retryable


def test_a_good_status_raises_nothing() -> None:
    check(response(200))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        pytest.param({"retry_after": "7"}, 7.0, id="seconds"),
        pytest.param({"retry_after": "0.25"}, 0.25, id="a fraction"),
        pytest.param({"retry_after_ms": "1500", "retry_after": "9"}, 1.5, id="milliseconds first"),
        pytest.param({"retry_after": email.utils.formatdate(NOW_S + 30, usegmt=True)}, 30.0, id="HTTP date"),
        pytest.param({"retry_after": email.utils.formatdate(NOW_S - 30, usegmt=True)}, 0.0, id="a date that is past"),
        pytest.param(
            {
                "retry_after": email.utils.formatdate(NOW_S + 930, usegmt=True),
                "date": email.utils.formatdate(NOW_S + 900, usegmt=True),
            },
            30.0,
            id="by the server's clock",
        ),
        pytest.param({"retry_after": "-5"}, 0.0, id="never negative"),
        pytest.param({"retry_after": "soon"}, None, id="nonsense"),
        pytest.param({}, None, id="nothing said"),
    ],
)
def test_the_server_says_how_long_to_wait(headers: Any, seconds: Any) -> None:
    assert retry_after_s(response(429, **headers).headers, now_s=NOW_S) == seconds
    with pytest.raises(RateLimitError) as caught:
        check(response(429, **headers), now_s=NOW_S)
    assert caught.value.retry_after_s == seconds


@pytest.mark.parametrize("value", ["nan", "inf", "1e999"])
def test_a_wait_that_is_no_number_of_seconds_is_none(value: Any) -> None:
    assert retry_after_s({"retry-after": value}) is None
    assert retry_after_s({"retry-after-ms": value}) is None


def test_a_wrong_key_is_told_with_the_variable_to_set() -> None:
    with pytest.raises(AuthError) as caught:
        check(response(401, b'{"error": {"message": "no such key"}}'), api_key_env="MY_KEY")
    assert "no such key" in caught.value.message
    assert "MY_KEY" in caught.value.hint


@pytest.mark.parametrize("model", ["google/gemini-2.5-flash", "small"])
def test_a_model_on_another_server_without_a_variable_is_told_how_to_name_one(model: str) -> None:
    elsewhere = EndpointSettings("first").asking(f"{model}@http://127.0.0.1:1")
    with pytest.raises(AuthError) as caught:
        check(
            response(401, b'{"error": {"message": "no key"}}'),
            api_key_env=elsewhere.variable_to_set, redactor=elsewhere.redactor,
        )  # fmt: skip
    assert "BASE_URL#VARIABLE" in caught.value.hint
    assert "GEMINI_API_KEY" not in caught.value.hint
    named = EndpointSettings("first").asking(f"{model}@http://127.0.0.1:1#MY_KEY")
    assert named.variable_to_set == "MY_KEY"


def test_where_no_key_was_to_be_sent_none_is_called_wrong() -> None:
    with pytest.raises(AuthError) as caught:
        check(response(401, b'{"error": {"message": "no key"}}'))
    assert caught.value.hint == "The endpoint wants a key, and none was sent."


def test_no_credit_is_not_waited_for_although_its_status_is_429() -> None:
    with pytest.raises(AuthError, match="quota"):
        check(response(429, b'{"error": {"message": "over quota", "code": "insufficient_quota"}}', retry_after="1"))


@pytest.mark.parametrize("key", ["sk-proj-abcdefghij0123456789", "plainsecretkey"])
def test_the_key_never_reaches_a_message(key: Any) -> None:
    body = f'{{"error": {{"message": "Incorrect API key provided: {key}."}}}}'.encode()
    with pytest.raises(EndpointError) as caught:
        check(response(401, body), redactor=Redactor.of(secrets=[key]))
    assert key not in str(caught.value)
    assert key not in repr(caught.value)


@pytest.mark.parametrize(
    ("body", "told"),
    [
        pytest.param(b'{"error": {"message": "no"}}', "500: no", id="OpenAI"),
        pytest.param(b'{"error": "no"}', "500: no", id="Ollama"),
        pytest.param(b'{"detail": "no"}', "500: no", id="FastAPI"),
        pytest.param(b'{"object": "error", "message": "no", "code": 500}', "500: no", id="vLLM"),
        pytest.param(b"no", "500: no", id="plain text"),
        pytest.param(b"<html>a long page</html>", "500: an HTML page", id="HTML"),
        pytest.param(b"", "the endpoint answered 500", id="nothing"),
        pytest.param(b"x" * 10_000, "xxx", id="cut to a line"),
    ],
)
def test_an_error_tells_what_the_server_told(body: Any, told: Any) -> None:
    with pytest.raises(ServerError) as caught:
        check(response(500, body))
    assert told in caught.value.message
    assert len(caught.value.message) < 500


@pytest.mark.parametrize(
    ("status", "message", "hint"),
    [
        (404, "model not found", "llmx doctor"),
        (400, "This model's maximum context length is 4096 tokens", "smaller chunks"),
        (400, "response_format is not supported", "--mode"),
        (422, "bad", "will not accept"),
    ],
)
def test_a_refused_request_says_what_to_do_next(status: Any, message: Any, hint: Any) -> None:
    with pytest.raises(RequestError) as caught:
        check(response(status, f'{{"error": {{"message": "{message}"}}}}'.encode()))
    assert hint in caught.value.hint


def test_an_unknown_model_is_told_with_the_nearest_that_are_offered() -> None:
    offered = [f"other-{i}" for i in range(20)] + ["gpt-4o-mini"]
    error = not_found(RequestError("404", status=404), "gpt-4o-mni", offered, base_url="http://x/v1")
    assert "gpt-4o-mni" in error.message
    assert error.hint.startswith("It offers: gpt-4o-mini,")
    assert "13 more" in error.hint


@pytest.mark.parametrize("offered", [["m"], []], ids=["models listed", "nothing listed"])
def test_a_base_url_without_a_version_is_told(offered: list[str]) -> None:
    error = not_found(RequestError("404 page not found", status=404), "m", offered, base_url="http://127.0.0.1:1/")
    assert "--base-url http://127.0.0.1:1/v1" in error.hint
    assert "404 page not found" in error.message


@pytest.mark.parametrize("base_url", ["https://x/api/v3", "https://x/v1beta/openai/", None])
def test_a_base_url_with_a_version_is_not_corrected(base_url: str | None) -> None:
    error = not_found(RequestError("404", hint="Check --model.", status=404), "m", [], base_url=base_url)
    assert error.hint == "Check --model."


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        pytest.param('{"error": {"message": "no max_tokens here"}}', "no max_tokens here", id="JSON text"),
        pytest.param({"error": {"message": "no max_tokens here"}}, "no max_tokens here", id="JSON"),
        pytest.param("no max_tokens here", "no max_tokens here", id="plain text"),
        pytest.param("the key sk-abcdefghijklmnop1234", "[redacted]", id="a secret"),
    ],
)
def test_what_the_provider_behind_a_gateway_said_is_told(raw: Any, told: str) -> None:
    body = {"error": {"message": "Provider returned error", "code": 400, "metadata": {"raw": raw}}}
    with pytest.raises(RequestError) as caught:
        check(response(400, orjson.dumps(body)))
    assert caught.value.message.startswith("the endpoint answered 400: Provider returned error: ")
    assert told in caught.value.message
    assert "sk-a" not in caught.value.message


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        pytest.param({"message": "no", "code": 400}, RequestError, id="a bad request"),
        pytest.param({"message": "no", "code": "422"}, RequestError, id="a code in words"),
        pytest.param({"message": "no", "code": 401}, AuthError, id="a wrong key"),
        pytest.param({"message": "no", "code": 402}, AuthError, id="no credit"),
        pytest.param({"message": "no", "code": 429}, RateLimitError, id="a rate limit"),
        pytest.param({"message": "no", "code": 408}, ServerError, id="a time-out"),
        pytest.param({"message": "no", "code": 502}, ServerError, id="a gateway"),
        pytest.param("no", ServerError, id="words"),
        pytest.param("Unexpected endpoint or method. (POST /chat/completions)", RequestError, id="LM Studio"),
    ],
)
def test_an_error_under_status_200_is_final_where_its_code_is(error: Any, kind: Any) -> None:
    assert type(error_inside({"error": error})) is kind
    assert error_inside({"choices": []}) is None


@pytest.mark.parametrize(
    ("location", "told"),
    [
        ("https://me:secret@other.example/v1?key=secret", "redirects to https://other.example,"),
        ("/v2/chat?key=secret", "redirects to /v2/chat,"),
        ("", "another address"),
    ],
)
def test_a_redirect_names_its_target_and_no_secret_in_it(location: str, told: str) -> None:
    with pytest.raises(RequestError, match=told) as caught:
        check(response(307, location=location))
    assert "--base-url" in caught.value.hint
    assert "secret" not in str(caught.value)


def test_a_page_of_a_proxy_that_forbids_one_request_is_not_taken_for_a_wrong_key() -> None:
    with pytest.raises(RequestError, match="403: an HTML page") as caught:
        check(Response(403, {"content-type": "text/html"}, b"<html>Attention Required!</html>"))
    assert "firewall" in caught.value.hint


@pytest.mark.parametrize("message", ["[" * 900 + "]" * 900, '{"a":' * 900 + "1" + "}" * 900])
def test_an_error_that_is_nested_without_end_is_told(message: str) -> None:
    with pytest.raises(RequestError, match="nested too deep"):
        check(Response(400, {}, f'{{"error": {{"message": {message}}}}}'.encode()))
