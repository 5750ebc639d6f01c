"""Keys in a keyring or in .env reach the endpoint they are for, and no output. The keyring is one in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring

from llmx.keys import keep_key, kept_names
from tests.cli.running import EXTRACT, Done, here, project, serving
from tests.cli.test_faults import bill
from tests.fault_server import FaultServer

KEY = "key-of-nobody-1234"


class MemoryKeyring(KeyringBackend):  # type: ignore[no-untyped-call, unused-ignore]
    """A keyring for tests."""

    priority = 1

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.held[service, username]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return project(tmp_path)


@pytest.fixture
def kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryKeyring]:
    before, own = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(own)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "config"))
    keep_key("OPENAI_API_KEY", KEY)
    yield own
    keyring.set_keyring(before)


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with serving(bill) as running:
        yield running


def extracted(folder: Path, server: FaultServer, **more: str) -> Done:
    given = {"OPENAI_API_KEY": "", "XDG_CONFIG_HOME": str(folder / "config")} | more
    return here(*EXTRACT, "--base-url", server.base_url, "--passes", "1", folder=folder, **given)


def sent(server: FaultServer) -> set[str]:
    return {received.headers.get("authorization", "") for received in server.received}


def test_a_key_of_the_keyring_is_sent_and_said(folder: Path, kept: MemoryKeyring, server: FaultServer) -> None:
    done = extracted(folder, server)
    assert done.code == 0, done
    assert sent(server) == {f"Bearer {KEY}"}
    assert "OPENAI_API_KEY comes from the system's keyring" in done.err
    assert KEY not in done.out + done.err


def test_the_environment_counts_more(folder: Path, kept: MemoryKeyring, server: FaultServer) -> None:
    extracted(folder, server, OPENAI_API_KEY="another-key-5678")
    assert sent(server) == {"Bearer another-key-5678"}


def test_a_key_of_a_dotenv_file_is_sent_and_an_address_in_it_is_not_read(folder: Path, server: FaultServer) -> None:
    (folder / ".env").write_text(
        f"# ours\nexport OPENAI_API_KEY='{KEY}'  \nLLMX_MODEL=other\nOPENAI_BASE_URL=http://x\n"
    )
    done = extracted(folder, server)
    assert done.code == 0, done
    assert sent(server) == {f"Bearer {KEY}"}
    assert "OPENAI_API_KEY comes from .env" in done.err


def test_names_are_listed_and_keys_are_not(folder: Path, kept: MemoryKeyring) -> None:
    (folder / ".env").write_text("MISTRAL_API_KEY=abc\n")
    done = here("keys", "list", folder=folder, OPENAI_API_KEY="", XDG_CONFIG_HOME=str(folder / "config"))
    assert [line.split(" from ") for line in done.out.splitlines() if line.startswith(("OPENAI", "MISTRAL"))] == [
        [f"{'MISTRAL_API_KEY':24}", ".env"],
        [f"{'OPENAI_API_KEY':24}", "the system's keyring"],
    ]
    assert KEY not in done.out + done.err


def test_a_key_that_is_forgotten_is_gone(folder: Path, kept: MemoryKeyring) -> None:
    done = here("keys", "forget", "openai", folder=folder, XDG_CONFIG_HOME=str(folder / "config"))
    assert done.out == "OPENAI_API_KEY is no longer kept\n"
    assert not kept.held
    assert not kept_names()


def test_without_a_keyring_the_error_says_what_to_do(folder: Path, kept: MemoryKeyring, server: FaultServer) -> None:
    keyring.set_keyring(NoKeyring())  # type: ignore[no-untyped-call]
    done = extracted(folder, server, XDG_CONFIG_HOME=str(folder / "config"))
    assert done.code == 2
    assert "keyring cannot be used" in done.err
    assert "or set the variable" in done.err


def test_a_name_that_is_no_provider_is_refused_with_the_names(folder: Path) -> None:
    done = here("keys", "forget", "opnai", folder=folder)
    assert done.code == 2
    assert "no provider with a key is called 'opnai'" in done.err
    assert "openai" in done.err
