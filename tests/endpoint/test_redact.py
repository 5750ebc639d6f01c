from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmx.endpoint.redact import MARK, Redactor
from llmx.errors import ConfigError

SECRETS = [
    "sk-proj-abcdefghijklmnop1234", "sk-ant-api03-abcdefghijklmnop", "gsk_abcdefghijklmnop1234", "hf_abcdefghijklmnop1234",
    "xai-abcdefghijklmnop1234", "AIzaSyA1234567890abcdefghijklmnopqrstuv", "AKIAIOSFODNN7EXAMPLE",
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abcdefghijklmnop",
]  # fmt: skip


@pytest.mark.parametrize("secret", SECRETS)
def test_what_has_the_form_of_a_key_is_taken_out(secret: Any) -> None:
    assert Redactor().text(f"use {secret}, please") == f"use {MARK}, please"


@pytest.mark.parametrize("prefix", ["Bearer ", "bearer ", '"Authorization": "Bearer '])
def test_a_bearer_token_is_taken_out(prefix: Any) -> None:
    assert "abcdefghijklmnop" not in Redactor().text(prefix + "abcdefghijklmnopqrst")


@pytest.mark.parametrize("text", ["the risk-averse task-force", "a sk-8 board", "hf_x", "Bearer of good news"])
def test_ordinary_words_stay(text: Any) -> None:
    assert Redactor().text(text) is text


def test_the_users_own_words_and_patterns_are_taken_out() -> None:
    redactor = Redactor.of(["Project Bluebird", r"/client-\d+/"])
    assert redactor.text("Project Bluebird for client-42") == f"{MARK} for {MARK}"


def test_the_endpoints_key_is_taken_out_unless_it_is_a_dummy() -> None:
    redactor = Redactor.of(secrets=["hunter2hunter2", "x", None])
    assert redactor.text("x: hunter2hunter2") == f"x: {MARK}"


@pytest.mark.parametrize("rule", ["/(/", "/a*/"])
def test_a_pattern_that_cannot_be_used_is_refused(rule: Any) -> None:
    with pytest.raises(ConfigError, match="redaction rule"):
        Redactor.of([rule])


def test_secrets_in_any_depth_and_in_names_are_taken_out() -> None:
    value = {"a": [{"b": "sk-abcdefghijklmnop1234"}], "sk-abcdefghijklmnop1234": 1, "n": None}
    assert Redactor().value(value) == {"a": [{"b": MARK}], MARK: 1, "n": None}


def test_the_secret_is_not_in_the_redactors_repr() -> None:
    assert "hunter2hunter2" not in repr(Redactor.of(secrets=["hunter2hunter2"]))


words = st.sampled_from([*SECRETS, "Project Bluebird", 'quo"ted', "text", "Zürich\n", "Bearer abcdefghijklmnopqrst"])
trees = st.recursive(
    words | st.integers(-9, 9) | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)


@given(value=trees)
def test_what_is_surely_clean_is_clean(value: Any) -> None:
    redactor = Redactor.of(["Project Bluebird", 'quo"ted'])
    if redactor.surely_clean(value):
        assert redactor.value(value) is value


@given(value=trees)
def test_redacting_twice_changes_nothing_more(value: Any) -> None:
    redactor = Redactor.of(["Project Bluebird", 'quo"ted'])
    once = redactor.value(value)
    assert redactor.value(once) == once
