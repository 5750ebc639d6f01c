"""Where settings are looked for, and what a confirmation is worth."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from llmx.config import load_settings
from llmx.trust import distrust, is_own, is_trusted, search_folders, trust

ROOT = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, with nothing confirmed."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    return folder


def below(folder: Path, *names: str) -> Path:
    inner = folder.joinpath(*names)
    inner.mkdir(parents=True)
    return inner


def test_settings_are_looked_for_up_to_the_root_of_the_repository(tmp_path: Path) -> None:
    inner = below(tmp_path, "outside", "repository", "a", "b")
    (tmp_path / "outside" / "llmx.toml").write_text("samples = 9\n")
    assert load_settings({}, environ={}, folder=inner).values.samples == 9
    (tmp_path / "outside" / "repository" / ".git").mkdir()
    assert load_settings({}, environ={}, folder=inner).values.samples is None
    (tmp_path / "outside" / "repository" / "llmx.toml").write_text("samples = 3\n")
    assert load_settings({}, environ={}, folder=inner).values.samples == 3


def test_a_worktree_ends_the_search_too_where_git_is_a_file(tmp_path: Path) -> None:
    inner = below(tmp_path, "worktree", "a")
    (tmp_path / "worktree" / ".git").write_text("gitdir: elsewhere")
    assert list(search_folders(inner)) == [inner, inner.parent]


def test_settings_are_looked_for_up_to_the_users_home(home: Path, tmp_path: Path) -> None:
    inner = below(home, "a", "b")
    assert list(search_folders(inner)) == [inner, home / "a", home]
    (tmp_path / "llmx.toml").write_text("samples = 9\n")
    assert load_settings({}, environ={}, folder=inner).values.samples is None


def test_a_folder_that_everybody_may_write_into_is_not_looked_into_from_below(tmp_path: Path) -> None:
    inner = below(tmp_path, "shared", "mine")
    (tmp_path / "shared").chmod(0o777)
    (tmp_path / "shared" / "llmx.toml").write_text("samples = 9\n")
    assert load_settings({}, environ={}, folder=inner).values.samples is None


@ROOT
@pytest.mark.parametrize("where", ["here", "above"])
def test_a_file_of_another_user_is_not_read_and_told_unless_it_is_confirmed(where: str, tmp_path: Path) -> None:
    inner = below(tmp_path, "a", "b")
    path = (inner if where == "here" else inner.parent) / "llmx.toml"
    path.write_text("samples = 9\n")
    os.chown(path, 12345, 12345)
    settings = load_settings({}, environ={}, folder=inner)
    assert (settings.values.samples, settings.file) == (None, None)
    assert settings.note.startswith(f"{path} belongs to another user")
    trust(path)
    assert load_settings({}, environ={}, folder=inner).values.samples == 9


@ROOT
def test_a_folder_of_another_user_ends_the_search(tmp_path: Path) -> None:
    inner = below(tmp_path, "theirs", "mine")
    os.chown(tmp_path / "theirs", 12345, 12345)
    assert list(search_folders(inner)) == [inner]
    assert not is_own(tmp_path / "theirs")


def test_what_cannot_be_looked_at_belongs_to_somebody_else(tmp_path: Path) -> None:
    assert is_own(tmp_path)
    assert not is_own(tmp_path / "nothing")


def test_a_confirmation_is_of_a_file_as_it_is(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "llmx.toml"
    path.write_text("samples = 1\n")
    assert not is_trusted(path)
    trust(path)
    assert is_trusted(path)
    path.write_text("samples = 2\n")
    assert not is_trusted(path)
    trust(path)
    assert (distrust(path), distrust(path), is_trusted(path)) == (True, False, False)
    [kept] = home.rglob("trusted.json")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_what_is_kept_of_confirmations_may_be_damaged(home: Path, tmp_path: Path) -> None:
    path = tmp_path / "llmx.toml"
    path.write_text("samples = 1\n")
    trust(path)
    [kept] = home.rglob("trusted.json")
    for text in ("{", "[]", '{"a": 1}'):
        kept.write_text(text)
        assert not is_trusted(path)
