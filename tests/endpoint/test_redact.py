from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmx.endpoint.redact import MARK, MASK, Redactor
from llmx.errors import ConfigError
from tests.planted_secrets import KINDS, planted

SECRETS = [
    planted(kind, random.Random(kind)).text
    for kind in KINDS
    if planted(kind, random.Random(kind)).text == planted(kind, random.Random(kind)).secret
]


AROUND = ("use {}, please", "密钥{}。", "é{}é", "_{} ", "key\n{}\nend", "('{}')", '"{}"', "<b>{}</b>")


@pytest.mark.parametrize("kind", KINDS)
def test_a_secret_is_found_by_its_form_whatever_stands_beside_it(kind: str) -> None:
    for around in AROUND:
        found = planted(kind, random.Random(f"{kind} {around}"))
        text = around.replace("{}", found.text)
        assert found.secret not in Redactor().text(text), text
        masked = Redactor().masked(text)
        assert (found.secret in masked, len(masked), MASK in masked) == (False, len(text), True)
        assert Redactor().masked(masked) is masked, "twice is as once"


def escaped(text: str) -> str:
    return "".join(f"\\u{ord(letter):04x}" for letter in text)


WRITTEN: dict[str, Callable[[str], bytes]] = {
    "JSON": lambda text: json.dumps({"error": {"message": text}}).encode(),
    "every letter escaped": lambda text: f'{{"error": "{escaped(text)}"}}'.encode(),
    "JSON in JSON": lambda text: json.dumps({"arguments": f'{{"said": "{escaped(text)}"}}'}).encode(),
    "JSON in JSON in JSON": lambda text: json.dumps([json.dumps([json.dumps([text])])]).encode(),
    "not UTF-8": lambda text: b"\xff\xfe\xfd " + text.encode() + b" \xe9t\xe9",
    "UTF-16": lambda text: f"the key {text} is wrong".encode("utf-16"),
    "UTF-16 big end first": lambda text: f"the key {text} is wrong".encode("utf-16-be"),
    "UTF-32": lambda text: f"the key {text} is wrong".encode("utf-32"),
    "percent": lambda text: "".join(f"%{ord(letter):02X}" for letter in text).encode(),
    "HTML": lambda text: "".join(f"&#{ord(letter)};" for letter in text).encode(),
}


def plain(body: bytes) -> str:
    """Return what a reader can make of ``body``: all of its encodings and escapes undone."""
    from llmx.endpoint.escapes import unescaped

    texts = [body.decode(name, "replace") for name in ("utf-8", "utf-16", "utf-16-be", "utf-16-le", "utf-32")]
    for _ in range(4):
        texts += [found.text for text in texts if (found := unescaped(text)) is not None]
    return "\n".join(texts)


@pytest.mark.parametrize("kind", KINDS)
def test_a_secret_is_found_however_a_body_writes_it(kind: str) -> None:
    for written, write in WRITTEN.items():
        found = planted(kind, random.Random(f"{kind} {written}"))
        body = write(found.text)
        assert found.secret in plain(body).replace("\\/", "/")
        clean = Redactor().body(body)
        assert found.secret not in plain(clean).replace("\\/", "/"), body
        if written.startswith("JSON"):
            json.loads(clean)


@pytest.mark.parametrize("written", WRITTEN)
def test_the_endpoints_own_key_of_no_known_form_is_found_however_a_body_writes_it(written: str) -> None:
    redactor = Redactor.of(secrets=["hunter2hunter2"])
    body = WRITTEN[written]("your hunter2hunter2 is wrong")
    assert "hunter2" not in plain(redactor.body(body))
    assert "hunter2" not in plain(redactor.of_answers.body(body)) or written in {"percent", "HTML"}


def test_bodies_without_secrets_stay_the_bytes_that_they_are() -> None:
    redactor = Redactor.of(["Bluebird"], secrets=["hunter2hunter2"])
    for body in (b'{ "a" : 1.0 }', b"\xff\xfe\x00", b"", "größe".encode("utf-16"), b"plain", b'"\\u00e9"'):
        assert redactor.body(body) is body
        assert redactor.of_answers.body(body) is body


def test_json_keeps_its_layout() -> None:
    redactor = Redactor.of(secrets=["hunter2hunter2"])
    value = {"a": ["hunter2hunter2", 1]}
    for option in (None, orjson.OPT_INDENT_2):
        expected = orjson.dumps({"a": [MARK, 1]}, option=option)
        assert redactor.body(orjson.dumps(value, option=option)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "the risk-averse task-force", "a sk-8 board", "hf_x", "Bearer of good news", "a basic understanding of matters",
        "Basic principles: understanding", "The token: see below", "password: required", "a secret = something else",
        "https://example.com:8080/path@2", "mailto:me@example.com", "10:30@noon", "Cookies: yes", "the key is under it",
        "api_key=os.environ", "-----BEGIN-----", "100% of 50%", '{"max_tokens": 4000, "token": "The"}',
    ],
)  # fmt: skip
def test_ordinary_words_stay(text: Any) -> None:
    assert Redactor().text(text) is text


def test_no_seed_and_no_document_of_the_corpus_holds_what_looks_like_a_secret() -> None:
    from pathlib import Path

    root = Path(__file__).resolve().parents[2]
    for path in [
        *root.glob("seeds/*.txt"),
        *root.glob("tests/corpus/[01]*.txt"),
        *root.glob("tests/corpus/2[0-4]*.txt"),
    ]:
        text = path.read_text("utf-8")
        assert Redactor().text(text) is text, path.name


def test_the_users_own_words_and_patterns_are_taken_out() -> None:
    redactor = Redactor.of(["Project Bluebird", r"/client-\d+/"])
    assert redactor.text("Project Bluebird for client-42") == f"{MARK} for {MARK}"


def test_the_endpoints_key_is_taken_out_unless_it_is_a_dummy() -> None:
    redactor = Redactor.of(secrets=["hunter2hunter2", "x", None])
    assert redactor.text("x: hunter2hunter2") == f"x: {MARK}"


def test_only_the_endpoints_own_long_secrets_are_taken_out_of_answers() -> None:
    redactor = Redactor.of(["Bluebird"], secrets=["ollama", "hunter2hunter2"]).of_answers
    answer = f'{{"a": "ollama and Bluebird, {SECRETS[0]}"}}'.encode()
    assert redactor.body(answer) is answer
    assert redactor.body(b'{"a": "hunter2hunter2"}') == b'{"a":"[redacted]"}'


@pytest.mark.parametrize("rule", ["/(/", "/a*/"])
def test_a_pattern_that_cannot_be_used_is_refused(rule: Any) -> None:
    with pytest.raises(ConfigError, match="redaction rule"):
        Redactor.of([rule])


def test_secrets_in_any_depth_and_in_names_are_taken_out() -> None:
    key = SECRETS[0]
    value = {"a": [{"b": key}], key: 1, "n": None, "password": "Tr0ubador&3", "note": "Tr0ubador&3"}
    clean = {"a": [{"b": MARK}], MARK: 1, "n": None, "password": MARK, "note": "Tr0ubador&3"}
    assert Redactor().value(value) == clean


def test_the_secret_is_not_in_the_redactors_repr() -> None:
    assert "hunter2hunter2" not in repr(Redactor.of(secrets=["hunter2hunter2"]))


words = st.sampled_from(
    [
        *SECRETS,
        "Project Bluebird",
        'quo"ted',
        "text",
        "Zürich\n",
        "Bearer abcdefghijklmnopqrst",
        "password=",
        "\\",
        "u0073k-",
        "cookie: a=",
        "://u:p@h",
        "-----BEGIN X-----",
        "key: ",
    ]
)
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
