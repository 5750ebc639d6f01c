"""A key goes to nobody whom only a file on the way names, and the user is told so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.running import Done, here, project, serving
from tests.cli.test_faults import bill
from tests.fault_server import FaultServer, status

KEY = "plain-key-of-nobody"
EXTRACT = ("extract", "docs", "--schema", "bill.py:Bill", "--passes", "1")


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with serving(bill) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    return project(tmp_path / "work")


def settings_file(folder: Path, server: FaultServer, more: str = "") -> Path:
    path = folder / "llmx.toml"
    path.write_text(f'base_url = "{server.base_url}"\nmodel = "scripted-1"\nmode = "json_schema"\n{more}')
    return path


def ran(folder: Path, *words: str, **more: str) -> Done:
    return here(*EXTRACT, *words, folder=folder, OPENAI_API_KEY=KEY, **more)


def keys(server: FaultServer) -> set[str]:
    return {received.headers.get("authorization", "") for received in server.received}


def test_no_key_goes_to_an_address_that_an_unconfirmed_file_names_and_the_summary_says_so(
    folder: Path, server: FaultServer
) -> None:
    path = settings_file(folder, server)
    done = ran(folder)
    assert {record["status"] for record in done.records} == {"ok"}
    assert keys(server) == {"Bearer none"}
    assert f"no API key goes to {server.base_url}: the address comes from {path}" in done.err.splitlines()[-1]
    assert "llmx config trust" in done.err


def test_a_withheld_key_that_is_kept_in_a_file_is_told_as_well(folder: Path, server: FaultServer) -> None:
    settings_file(folder, server)
    (folder / ".env").write_text(f"OPENAI_API_KEY={KEY}\n")
    done = here(*EXTRACT, folder=folder)
    assert keys(server) == {"Bearer none"}
    assert f"no API key goes to {server.base_url}" in done.err


def test_a_server_that_wants_the_withheld_key_is_not_told_as_a_wrong_key(folder: Path) -> None:
    with serving([status(401, "no key")]) as refusing:
        settings_file(folder, refusing)
        for mode in ("json_schema", "auto"):
            done = ran(folder, "--mode", mode)
            assert "The endpoint wants a key, and none was sent." in done.err, mode
            assert "Set a valid key" not in done.err, mode
            assert "no API key goes to" in done.err, mode


def test_it_goes_there_once_the_user_confirmed_the_file_in_the_working_folder(
    folder: Path, server: FaultServer
) -> None:
    path = settings_file(folder, server)
    confirmed = here("config", "trust", folder=folder)
    assert f"{path} is trusted" in confirmed.out
    assert server.base_url in confirmed.out
    done = ran(folder)
    assert keys(server) == {f"Bearer {KEY}"}
    assert "no API key" not in done.err
    server.received.clear()
    path.write_text(path.read_text() + "passes = 1\n")
    ran(folder, "--no-cache")
    assert keys(server) == {"Bearer none"}, "it was changed since"
    server.received.clear()
    here("config", "trust", folder=folder)
    here("config", "trust", "--forget", folder=folder)
    ran(folder, "--no-cache")
    assert keys(server) == {"Bearer none"}


def test_a_file_in_a_folder_above_gets_no_key_even_if_it_is_confirmed(folder: Path, server: FaultServer) -> None:
    path = settings_file(folder.parent, server)
    here("config", "trust", str(path), folder=folder, HOME=str(folder.parent))
    done = ran(folder, HOME=str(folder.parent))
    assert keys(server) == {"Bearer none"}
    assert "a file in a folder above" in done.err


@pytest.mark.parametrize("named", ["option", "LLMX_BASE_URL", "OPENAI_BASE_URL"])
def test_it_goes_to_an_address_that_the_user_names(named: str, folder: Path, server: FaultServer) -> None:
    path = settings_file(folder, server)
    path.write_text(path.read_text().replace("base_url", "# base_url"))
    words = ("--base-url", server.base_url) if named == "option" else ()
    done = ran(folder, *words, **({} if words else {named: server.base_url}))
    assert keys(server) == {f"Bearer {KEY}"}
    assert "no API key" not in done.err


def test_a_file_that_is_not_confirmed_chooses_no_variable_whose_value_is_sent(
    folder: Path, server: FaultServer
) -> None:
    (folder / "llmx.toml").write_text('api_key_env = "AWS_SECRET"\n')
    words = ("--base-url", server.base_url, "--model", "scripted-1", "--mode", "json_schema")
    done = ran(folder, *words, AWS_SECRET="a-secret-of-the-cloud")
    assert keys(server) == {"Bearer none"}
    assert "AWS_SECRET is not sent" in done.err


def test_neither_headers_of_the_command_line_nor_those_of_openai_go_there(folder: Path, server: FaultServer) -> None:
    settings_file(folder, server)
    ran(folder, "--header", "X-Team=a-secret-team", OPENAI_ORG_ID="org-1", OPENAI_CUSTOM_HEADERS="X-Own: secret")
    for received in server.received:
        assert not {"x-team", "openai-organization", "x-own"} & set(received.headers)
    server.received.clear()
    settings_file(folder, server, 'headers = { X-Team = "of the file" }\n')
    ran(folder, "--no-cache")
    assert {received.headers["x-team"] for received in server.received} == {"of the file"}


def test_no_fallback_of_an_unconfirmed_file_gets_a_key(folder: Path, server: FaultServer) -> None:
    with serving(bill) as other:
        table = f'{{ model = "scripted-1", base_url = "{other.base_url}", api_key_env = "OPENAI_API_KEY" }}'
        (folder / "llmx.toml").write_text(f"fallback = [{table}]\n")
        words = ("--base-url", server.base_url, "--model", "gone", "--mode", "json_schema")
        server.script = [status(400, "not this")]
        done = ran(folder, *words)
        assert keys(server) == {f"Bearer {KEY}"}
        assert keys(other) == {"Bearer none"}
        assert "no API key goes to the fallback" in done.err


def test_a_python_schema_that_a_file_in_a_folder_above_names_is_not_run(folder: Path, server: FaultServer) -> None:
    (folder.parent / "evil.py").write_text("raise SystemExit('was run')")
    path = settings_file(folder.parent, server, 'schema = "evil.py:Evil"\n')
    words, home = ("extract", "docs"), str(folder.parent)
    done = here(*words, folder=folder, HOME=home)
    assert (done.code, "was run" in done.err + done.out) == (2, False)
    assert f"llmx config trust {path}" in done.err
    path.write_text(path.read_text().replace('"evil.py:Evil"', '"work/bill.py:Bill"'))
    assert here(*words, folder=folder, HOME=home).code == 2
    here("config", "trust", str(path), folder=folder, HOME=home)
    assert here(*words, folder=folder, HOME=home).code == 0


def test_there_may_be_nothing_to_confirm(folder: Path) -> None:
    done = here("config", "trust", folder=folder)
    assert done.code == 2
    assert "there is no settings file here" in done.err
    assert here("config", "trust", "nothing.toml", folder=folder).code == 2


def test_config_shows_no_secret(folder: Path) -> None:
    (folder / "llmx.toml").write_text(
        'base_url = "http://me:hunter2hunter2@127.0.0.1/v1?code=hunter3hunter3"\nredact = "Bluebird,Robin"\n'
        'headers = { api-key = "hunter4hunter4" }\n'
    )
    shown = here("config", folder=folder).out
    assert "hunter" not in shown
    assert "Bluebird" not in shown
    assert "2 rules" in shown
    assert '"http://127.0.0.1/v1"' in shown
