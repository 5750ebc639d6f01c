"""A file is replaced whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from llmx.errors import OutputError
from llmx.sinks.atomic import write_atomically


def test_a_file_that_cannot_be_finished_leaves_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "page.html"
    target.write_bytes(b"the old page")

    def parts() -> Iterator[bytes]:
        yield b"half"
        raise MemoryError

    with pytest.raises(MemoryError):
        write_atomically(target, parts())
    assert target.read_bytes() == b"the old page"
    assert [file.name for file in tmp_path.iterdir()] == ["page.html"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_a_replaced_file_keeps_its_permissions(tmp_path: Path) -> None:
    target = tmp_path / "gold.json"
    target.write_bytes(b"{}")
    target.chmod(0o640)
    write_atomically(target, [b'{"a": 1}', b"\n"])
    assert target.read_bytes() == b'{"a": 1}\n'
    assert target.stat().st_mode & 0o777 == 0o640


def test_folders_are_made_and_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    write_atomically(tmp_path / "new" / "a.json", [b"{}"])
    with pytest.raises(OutputError, match=r"cannot write .*a\.json"):
        write_atomically(tmp_path / "new" / "a.json" / "b.json", [b"{}"])


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="needs /dev/fd")
def test_a_folder_is_told_as_one_and_stays(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    with pytest.raises(OutputError, match="there is a folder"):
        write_atomically(tmp_path / "there", [b"x"])
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


def test_a_pipe_is_written_directly() -> None:
    reading, writing = os.pipe()
    write_atomically(Path(f"/dev/fd/{writing}"), [b"one ", b"two"])
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        assert stream.read() == b"one two"
