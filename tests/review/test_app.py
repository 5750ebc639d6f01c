"""The web application from outside: what it refuses, and what each call does."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from llmx.errors import ConfigError, UsageError
from llmx.review import serve_review
from tests.review.serving import TOKEN, Served, process, serving, token_of
from tests.review.session_case import session_in
from tests.view import made


@pytest.mark.slow
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"x_llmx_token": None}, 403),
        ({"x_llmx_token": "wrong"}, 403),
        ({"x_llmx_token": TOKEN[:-1]}, 403),
        ({"host": "attacker.example"}, 403),
        ({"host": "attacker.example:80"}, 403),
        ({"host": ""}, 403),
        ({"origin": "https://attacker.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec_fetch_site": "cross-site"}, 403),
        ({"sec_fetch_site": "same-site"}, 403),
        ({"content_type": "text/plain"}, 415),
        ({"content_type": None}, 415),
        ({"sec_fetch_site": "same-origin"}, 200),
        ({}, 200),
    ],
    ids=["no token", "another token", "a part of the token", "another host", "another host with a port", "no host",
         "another origin", "no origin to speak of", "another site", "a sibling site", "a simple request", "no type",
         "the page itself", "a program with the token"],
)  # fmt: skip
def test_only_the_page_itself_may_call(served: Served, headers: dict[str, str | None], status: int) -> None:
    assert served.ask("POST", "/api/stages", **headers)[0] == status


@pytest.mark.parametrize("path", ["/", "/?token=", "/?token=wrong", f"/?token={TOKEN}x"])
def test_the_page_needs_the_token_too(served: Served, path: str) -> None:
    status, _, text = served.ask("GET", path)
    assert status == 403
    assert "harbour" not in text


def test_the_page_is_not_kept_not_framed_and_runs_only_its_own_script(served: Served) -> None:
    status, headers, text = served.ask("GET", f"/?token={TOKEN}")
    assert status == 200
    csp = dict(rule.split(" ", 1) for rule in headers["content-security-policy"].split("; "))
    assert csp["default-src"] == csp["frame-ancestors"] == csp["form-action"] == "'none'"
    assert csp["script-src"].startswith("'sha256-")
    assert csp["connect-src"] == "'self'"
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"
    assert "<script>document.title" not in text


def test_nothing_is_read_by_get_and_no_file_is_served(served: Served) -> None:
    assert served.ask("GET", "/api/stages")[0] == 405
    assert served.ask("GET", "/../pyproject.toml")[0] == 404


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("open", {}, "needs a text 'id'"),
        ("open", {"id": "nobody"}, "no document 'nobody'"),
        ("edit", {"id": "harbour", "version": "x", "label": ""}, "a state is an object"),
        ("words", {"id": "harbour", "pointer": "/jobs"}, "needs a text 'words'"),
    ],
    ids=["no id", "an unknown id", "no state", "no words"],
)
def test_a_wrong_call_is_told_what_is_wrong(served: Served, *, name: str, body: dict[str, Any], said: str) -> None:
    status, answer = served.call(name, **body)
    assert status == 400
    assert said in answer["error"]


@pytest.mark.parametrize(
    "body", [b"{", b"[1]", b"\xff", b" " * 9_000_000], ids=["torn", "no object", "no text", "too long"]
)
def test_a_body_that_is_no_call_is_refused(served: Served, body: bytes) -> None:
    assert served.ask("POST", "/api/open", body=body)[0] == 400


def test_the_calls_of_a_whole_review(served: Served, tmp_path: Path) -> None:
    _, opened = served.call("open", id="harbour")
    assert opened["text"] == made.TEXTS["harbour"]
    assert (opened["undo"], opened["redo"], opened["stage"]) == (None, None, "todo")
    _, said = served.call("words", id="harbour", pointer="/jobs", words="601 jobs")
    assert said["value"] == 601
    state = {"gold": opened["gold"] | {"jobs": said["value"]}, "notes": opened["notes"]}
    _, edited = served.call("edit", id="harbour", version=opened["version"], label="jobs", state=state)
    assert (edited["undo"], edited["stage"]) == ("jobs", "edited")
    _, undone = served.call("undo", id="harbour", version=edited["version"])
    assert (undone["gold"]["jobs"], undone["redo"], undone["stage"]) == (600, "jobs", "todo")
    _, redone = served.call("redo", id="harbour", version=undone["version"])
    status, _ = served.call("save", id="harbour", version=undone["version"])
    assert status == 409
    _, saved = served.call("save", id="harbour", version=redone["version"])
    assert saved["stage"] == "saved"
    assert json.loads((tmp_path / "gold" / "harbour.json").read_text(encoding="utf-8"))["jobs"] == 601
    _, skipped = served.call("skip", id="emoji", version=served.call("open", id="emoji")[1]["version"], skipped=True)
    assert skipped["stage"] == "skipped"
    assert served.call("stages")[1]["harbour"] == "saved"


def test_two_windows_conflict_and_the_second_learns_of_it(served: Served) -> None:
    _, first = served.call("open", id="harbour")
    _, second = served.call("open", id="harbour")
    state = {"gold": first["gold"], "notes": {}}
    assert served.call("edit", id="harbour", version=first["version"], label="", state=state)[0] == 200
    status, answer = served.call("edit", id="harbour", version=second["version"], label="", state=state)
    assert (status, answer["conflict"]) == (409, "window")


@pytest.mark.slow
def test_what_was_edited_survives_the_server_being_killed(tmp_path: Path) -> None:
    session_in(tmp_path).journal.close()
    with process(tmp_path) as (server, address):
        assert address.startswith("http://127.0.0.1:")
        first = Served(address, None)  # type: ignore[arg-type]  # the session is in the other process
        token = token_of(address)
        opened = json.loads(first.ask("POST", "/api/open", body={"id": "harbour"}, x_llmx_token=token)[2])
        state = {"gold": opened["gold"] | {"jobs": 77}, "notes": opened["notes"]}
        body = {"id": "harbour", "version": opened["version"], "label": "jobs", "state": state}
        assert first.ask("POST", "/api/edit", body=body, x_llmx_token=token)[0] == 200
        server.send_signal(signal.SIGKILL)
        server.wait()
    session = session_in(tmp_path)
    assert session.draft("harbour").state.gold["jobs"] == 77
    assert session.stage("harbour") == "edited"


@pytest.mark.slow
def test_it_stops_quietly_on_ctrl_c_and_gives_the_folder_back(tmp_path: Path) -> None:
    session_in(tmp_path).journal.close()
    with process(tmp_path) as (server, address):
        assert Served(address, None).ask("GET", "/")[0] == 403  # type: ignore[arg-type]  # the session is elsewhere
        server.send_signal(signal.SIGINT)
        assert server.wait(10) == 0
    session_in(tmp_path).journal.close()


def test_a_wrong_input_is_told_before_anything_is_served(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no such file"):
        serve_review(tmp_path / "none.jsonl", tmp_path / "gold", open_browser=False)
    run = made.write_run(tmp_path / "run.jsonl", made.first_run())
    with serving(session_in(tmp_path / "other")) as served, pytest.raises(ConfigError, match=f"port {served.port}"):
        serve_review(run, tmp_path / "gold", port=served.port, open_browser=False)
    session_again = session_in(tmp_path / "other")  # and the folder's lock was given back
    session_again.journal.close()
