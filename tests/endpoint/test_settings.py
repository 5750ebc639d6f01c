from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from llmx.endpoint import EndpointSettings, cache_folder, open_endpoint
from llmx.endpoint.known_providers import fallback_settings
from llmx.endpoint.opening import open_provider
from llmx.endpoint.settings import is_loopback
from llmx.errors import ConfigError


@pytest.mark.parametrize(
    "given",
    [
        {"record": Path("a"), "replay": Path("b")},
        {"retry_attempts": 0},
        {"timeout_s": 0},
        {"retry_s": -1},
        {"base_url": "x"},
    ],
    ids=str,
)
def test_settings_that_contradict_each_other_are_refused(given: Any) -> None:
    with pytest.raises(ConfigError):
        EndpointSettings(**given)


@pytest.mark.parametrize(
    ("base_url", "local"),
    [
        ("http://127.0.0.1:1/v1", True),
        ("http://localhost/v1", True),
        ("http://[::1]:1/v1", True),
        ("https://api.openai.com/v1", False),
        ("http://10.0.0.1/v1", False),
        (None, False),
    ],
)
def test_this_machine_is_known_by_its_address(base_url: Any, local: Any) -> None:
    assert is_loopback(base_url) is local


def test_a_model_on_this_machine_gets_more_time_and_always_a_second_try() -> None:
    here, there = (
        EndpointSettings(base_url="http://127.0.0.1:1/v1"),
        EndpointSettings(base_url="https://example.com/v1"),
    )
    assert here.attempt_s > there.attempt_s
    for given in (here, there, EndpointSettings(timeout_s=2000)):
        assert given.budget_s >= 2 * given.attempt_s


def test_bounds_of_retries_and_cache_reach_what_keeps_them(tmp_path: Path) -> None:
    given = EndpointSettings(
        "m", "http://127.0.0.1:1/v1", retry_attempts=3, retry_s=7.0, cache_dir=tmp_path, cache_bytes=4096
    )
    endpoint = open_endpoint(given)
    assert (endpoint.sender.policy.attempts, endpoint.sender.policy.budget_s) == (3, 7.0)
    assert endpoint.cache is not None
    assert endpoint.cache.limit_bytes == endpoint.retention.limit_bytes == 4096


def test_the_key_stands_in_no_repr() -> None:
    assert "hunter2" not in repr(EndpointSettings(api_key="hunter2", redact=("hunter2",), headers=(("x", "hunter2"),)))


def test_the_key_comes_from_the_named_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEAM_KEY", "from-the-environment")
    assert EndpointSettings(api_key_env="TEAM_KEY").key == "from-the-environment"
    assert EndpointSettings(api_key_env="TEAM_KEY", api_key="given").key == "given"


def test_the_cache_folder_is_the_given_one_else_the_variables_else_the_users(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("LLMX_CACHE_DIR", raising=False)
    users = cache_folder()
    assert users.name == "llmx"
    monkeypatch.setenv("LLMX_CACHE_DIR", str(tmp_path))
    assert cache_folder() == tmp_path
    assert cache_folder(EndpointSettings(cache_dir=tmp_path / "given")) == tmp_path / "given"


def test_settings_cross_process_borders() -> None:
    given: dict[str, Any] = {"model": "m", "api_key": "k", "replay": Path("tape")}
    assert pickle.loads(pickle.dumps(EndpointSettings(**given))) == EndpointSettings(**given)


@pytest.mark.parametrize(
    "ending", ["/v1/chat/completions", "/v1/chat/completions/", "/v1/chat/completions?api-version=1"]
)
def test_a_base_url_that_ends_in_the_path_of_the_questions_is_refused(ending: str) -> None:
    with pytest.raises(ConfigError, match="/chat/completions") as caught:
        EndpointSettings(base_url=f"http://127.0.0.1:1{ending}")
    assert caught.value.hint.endswith("--base-url http://127.0.0.1:1/v1")


@pytest.mark.parametrize("secret", ["sk-a\nb", "sk-a\n", "sk-a\r", "sk-a\x00b"])
def test_a_key_or_a_header_that_cannot_be_sent_is_told_without_it(secret: str) -> None:
    for given in (EndpointSettings(api_key=secret), EndpointSettings(headers=(("x-token", secret),))):
        with pytest.raises(ConfigError, match=r"a line break|a control character") as caught:
            open_provider(given)
        assert "sk-a" not in str(caught.value)


@pytest.mark.parametrize(
    ("first", "reference", "wanted"),
    [
        (EndpointSettings("a", "http://one/v1", api_key="k"), "b", ("b", "http://one/v1", "k")),
        (EndpointSettings("a", "http://one/v1", api_key="k"), "b@http://two/v1", ("b", "http://two/v1", "none")),
        (EndpointSettings("a", "http://one/v1", api_key="k"), "b@http://two/v1#TWO_KEY", ("b", "http://two/v1", "two")),
        (EndpointSettings("a", "http://one/v1", api_key="k"), "groq/b", ("groq/b", None, None)),
        (EndpointSettings("a", "http://one/v1", api_key="k"), "anthropic/b", ("anthropic/b", None, None)),
        (EndpointSettings("groq/a", api_key="k"), "b", ("b", None, None)),
        (EndpointSettings("a", api_key="k"), "b", ("b", None, "k")),
    ],
    ids=["same server", "another", "another with a key", "a name", "a native name", "after a name", "OpenAI"],
)
def test_a_fallback_gets_the_key_of_the_first_model_on_its_own_server_only(
    *,
    first: EndpointSettings,
    reference: str,
    wanted: tuple[str, str | None, str | None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for variable in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("TWO_KEY", "two")
    more: dict[str, Any] = {"headers": (("X-Team", "blue"),), "extra_body": {"top_k": 1}, "mode": "tools"}
    made = fallback_settings(replace(first, **more), reference)
    assert (made.model, made.base_url, made.key, made.mode) == (*wanted, "auto")
    stays = made.base_url == first.base_url and made.key == "k"
    assert (bool(made.headers), bool(made.extra_body)) == (stays, stays)


def test_a_fallback_has_no_cassette_of_its_own_and_shares_that_of_the_first(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="record of its own"):
        EndpointSettings("a", fallbacks=(EndpointSettings("b", record=tmp_path),))
    _, after = EndpointSettings("a", record=tmp_path, fallbacks=(EndpointSettings("b"),)).in_turn
    assert (after.model, after.record) == ("b", tmp_path)
