"""A photo on the command line: what a user sees of it, and what stays out of files.

The server is scripted and no model: it says what the script tells it, and sees nothing.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from llmx.endpoint.sight import NUMBER
from tests.cli.running import EXTRACT, here, project, serving
from tests.documents.test_pictures import drawn, saved
from tests.fault_server import Received, Step, answer


def seeing(request: Received) -> Step:
    """Answer as a model would that sees."""
    asked = json.dumps(request.body)
    assert "data:image/" in asked
    return answer(NUMBER if "Which number" in asked else json.dumps({"number": "2024-0117", "buyer": None}))


def test_a_photo_that_a_model_reads_is_recorded_without_its_picture_and_replayed(tmp_path: Path) -> None:
    project(tmp_path)
    (tmp_path / "photo.png").write_bytes(saved(drawn()))
    command = ["extract", "photo.png", *EXTRACT[2:], "--ocr", "never"]
    with serving(seeing) as server:
        done = here(*command, "--base-url", server.base_url, "--record", "tape", folder=tmp_path)
    assert done.code == 0, done.err
    (record,) = done.records
    assert (record["status"], record["data"]["number"]) == ("ok", "2024-0117")
    assert [each["code"] for each in record["issues"]] == ["shown", "seen"]
    assert record["evidence"]["/number"] == {
        "quote": "", "start": 0, "end": 0, "kind": "seen", "score": 0.0, "chunk": 0, "words": "2024-0117",
        "page": 1, "boxes": [],
    }  # fmt: skip
    assert "base64" not in "".join(path.read_text("utf-8") for path in (tmp_path / "tape").glob("*.json"))
    assert here(*command, "--replay", "tape", folder=tmp_path).out == done.out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--images", "always", "--redact-documents"), "--images always and --redact-documents exclude each other"),
        (("--images", "some"), "--images 'some'"),
        (("--image-px", "9"), "image_px must be at least 200"),
        (("--ocr-engine", "reader"), "--ocr-engine: 'reader' is none of auto, rapidocr, tesseract"),
    ],
    ids=["redacted", "choice", "size", "engine"],
)
def test_what_cannot_be_is_refused_by_name(tmp_path: Path, words: tuple[str, ...], message: str) -> None:
    project(tmp_path)
    (tmp_path / "photo.png").write_bytes(saved(drawn()))
    done = here("extract", "photo.png", *EXTRACT[2:], *words, folder=tmp_path)
    assert done.code == 2
    assert message in done.err


@pytest.mark.parametrize("words", [("--images", "always"), ("--image-px", "900"), ("--ocr-engine", "tesseract")])
def test_what_is_said_of_pictures_where_there_can_be_none_is_refused(tmp_path: Path, words: tuple[str, ...]) -> None:
    project(tmp_path)
    done = here("extract", "docs/a.txt", *EXTRACT[2:], *words, folder=tmp_path)
    assert done.code == 2
    assert f"{words[0]} has no effect: no document is a PDF or a picture" in done.err


def test_a_prompt_names_its_pictures(tmp_path: Path) -> None:
    project(tmp_path)
    (tmp_path / "photo.png").write_bytes(saved(drawn()))
    command = ("prompt", "show", "photo.png", "-s", "bill.py:Bill")
    done = here(*command, folder=tmp_path, LLMX_IMAGES="always", LLMX_OCR="never")
    assert "Page 1 of the document, as a picture:\n[llmx-picture:" in done.out


def test_a_photo_that_nobody_reads_is_an_empty_record_that_says_what_would_help(tmp_path: Path) -> None:
    project(tmp_path)
    (tmp_path / "photo.png").write_bytes(saved(drawn()))
    with serving([answer("none")]) as server:
        command = ("extract", "photo.png", *EXTRACT[2:], "--ocr", "never", "--base-url", server.base_url)
        done = here(*command, folder=tmp_path)
        assert len(server.received) == 1  # whether it sees
    assert done.code == 1
    assert [each["code"] for each in done.records[0]["issues"]] == ["unread_pages", "empty"]
    assert "only OCR or a model that sees (--images) can read" in done.err
