"""Models that are pulled from a server on the loopback; the file is none that could run."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from llmx.cli.app import app
from llmx.errors import ConfigError
from llmx.local import model_name
from llmx.local.pulled import local_models, pulled_file, remove, wanted_model
from llmx.local.weights import QWEN
from tests.web.test_download import FileServer, serving

FILE = b"GGUF" + bytes(1000)
DIGEST = hashlib.sha256(FILE).hexdigest()
CLI = CliRunner()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LLMX_CACHE_DIR", str(tmp_path))
    return tmp_path / "models"


def run(*words: str) -> str:
    """Run the command, and return what it prints on stdout."""
    done = CLI.invoke(app, ["model", *words])
    if isinstance(done.exception, ConfigError):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_model_is_pulled_listed_named_and_removed(folder: Path) -> None:
    with serving(FileServer(content=FILE)) as server:
        told = run("pull", f"{server.url}/Tiny-2.5-3B.gguf?download=true", "--sha256", DIGEST.upper())
        assert told == "local:tiny-2.5-3b\n"
        run("pull", f"{server.url}/Tiny-2.5-3B.gguf", "--sha256", DIGEST)
        assert len(server.asked) == 1, "what is there is not asked for again"
    [_, listed] = json.loads(run("ls", "--json"))
    assert (listed["model"], listed["sha256"], listed["size_bytes"]) == ("local:tiny-2.5-3b", DIGEST, len(FILE))
    assert pulled_file("tiny-2.5-3b") == folder / "tiny-2.5-3b.gguf"
    assert model_name("local:tiny-2.5-3b") == "tiny-2.5-3b"
    run("rm", "local:tiny-2.5-3b")
    assert list(folder.iterdir()) == []
    with pytest.raises(ConfigError, match="no model 'tiny"):
        remove("tiny-2.5-3b")


def test_the_embedded_model_is_listed_first_and_stays() -> None:
    assert run("ls").startswith("local  1.12 GB  Apache-2.0  32,768 tokens")
    with pytest.raises(ConfigError, match="the embedded model is not removed"):
        remove(QWEN.name)


def test_what_is_no_model_is_removed_again(folder: Path) -> None:
    page = b"<html>please log in</html>"
    with serving(FileServer(content=page)) as server, pytest.raises(ConfigError, match="is not a GGUF file"):
        run("pull", f"{server.url}/m.gguf", "--sha256", hashlib.sha256(page).hexdigest())
    assert list(folder.iterdir()) == []


def test_a_catalogue_says_where_a_model_is_and_what_it_is(tmp_path: Path) -> None:
    with serving(FileServer(content=FILE)) as server:
        entry = {"name": "tiny", "url": f"{server.url}/1.gguf", "sha256": DIGEST, "licence": "MIT", "context_tokens": 8}
        (tmp_path / "models.yaml").write_text(json.dumps([entry]))
        run("pull", "tiny", "--catalogue", str(tmp_path / "models.yaml"))
    [_, model] = local_models()
    assert (model.name, model.licence, model.context_tokens, model.there) == ("tiny", "MIT", 8, True)


@pytest.mark.parametrize(
    ("reference", "given", "told"),
    [
        ("https://example.com/m.gguf", {}, "give --sha256"),
        ("https://example.com/m.gguf", {"sha256": "abc"}, "is not a SHA-256"),
        ("https://example.com/m.gguf", {"sha256": DIGEST, "name": "../m"}, "cannot be the name"),
        ("https://example.com/m.gguf", {"sha256": DIGEST, "name": QWEN.name}, "cannot be the name"),
        ("ftp://example.com/m.gguf", {"sha256": DIGEST}, "is not an address"),
        ("tiny", {}, "no catalogue says"),
        ("tiny", {"sha256": DIGEST}, "is no address"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_pulled_is_told_before_anything_is_sent(
    reference: str, given: dict[str, Any], told: str
) -> None:
    with pytest.raises(ConfigError) as error:
        wanted_model(reference, **given)
    assert told in str(error.value)


def test_a_catalogue_that_says_too_little_or_something_else_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "models.yaml"
    for text, told in (
        ("[{name: tiny, url: x}]", "says of 'tiny'"),
        ("[{name: tiny, url: x, sha256: y, quality: 1}]", "quality"),
        ("[{name: tine, url: x, sha256: y}]", "Did you mean tine"),
        ("{", "cannot be read"),
    ):
        file.write_text(text)
        with pytest.raises(ConfigError) as error:
            wanted_model("tiny", catalogue=file)
        assert told in str(error.value)
