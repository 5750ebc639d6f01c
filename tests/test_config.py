"""The command line comes before the environment, that before the file, and every value tells where it comes from."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from llmx.config import Config, load_settings
from llmx.errors import ConfigError


def write(folder: Path, text: str, name: str = "llmx.toml") -> Path:
    (folder / name).write_text(text)
    return folder


def test_without_anything_no_setting_is_given(tmp_path: Path) -> None:
    settings = load_settings({}, environ={}, folder=tmp_path)
    assert settings.values == Config()
    assert set(settings.origins.values()) == {"default"}
    assert set(settings.origins) == {field.name for field in fields(Config)}


def test_the_command_line_goes_before_the_environment_and_that_before_the_file(tmp_path: Path) -> None:
    write(tmp_path, 'model = "from-file"\nprompt = "from-file"\npasses = 3\n')
    environ = {"LLMX_MODEL": "from-env", "LLMX_PROMPT": "from-env"}
    settings = load_settings({"model": "given", "prompt": None}, environ=environ, folder=tmp_path)
    assert (settings.values.model, settings.values.prompt, settings.values.passes) == ("given", "from-env", 3)
    assert settings.origins["model"] == "command line"
    assert settings.origins["prompt"] == "LLMX_PROMPT"
    assert settings.origins["passes"] == str(tmp_path / "llmx.toml")
    assert settings.origins["samples"] == "default"


FILE = """schema = "bills.py:Bill"
prompt = "extract"
examples = "few/bills.yaml"
cache_dir = "cache"
"""


def test_paths_in_a_file_count_from_its_folder(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    write(tmp_path, FILE)
    values = load_settings({"prompt": None}, environ={}, folder=inner).values
    assert values.schema == f"{tmp_path / 'bills.py'}:Bill"
    assert values.examples == str(tmp_path / "few" / "bills.yaml")
    assert values.cache_dir == str(tmp_path / "cache")
    assert values.prompt == "extract"  # a name
    write(tmp_path, 'schema = "partnership"\ncache_dir = "~/cache"\nprompt = "/etc/a.md"\n')
    values = load_settings({}, environ={"LLMX_EXAMPLES": "few.yaml"}, folder=inner).values
    assert (values.schema, values.cache_dir, values.prompt) == ("partnership", "~/cache", "/etc/a.md")
    assert values.examples == "few.yaml"  # of the environment: from the current folder


def test_paths_in_a_file_of_the_current_folder_stay_as_they_are(tmp_path: Path) -> None:
    write(tmp_path, FILE)
    assert load_settings({}, environ={}, folder=tmp_path).values.schema == "bills.py:Bill"


def test_the_openai_clients_own_variable_is_understood_after_ours(tmp_path: Path) -> None:
    environ = {"OPENAI_BASE_URL": "http://a/v1"}
    assert load_settings({}, environ=environ, folder=tmp_path).values.base_url == "http://a/v1"
    assert load_settings({}, environ=environ, folder=tmp_path).origins["base_url"] == "OPENAI_BASE_URL"
    both = environ | {"LLMX_BASE_URL": "http://b/v1"}
    assert load_settings({}, environ=both, folder=tmp_path).values.base_url == "http://b/v1"


def test_the_file_is_found_in_a_folder_above(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    write(tmp_path, "samples = 4\n")
    assert load_settings({}, environ={}, folder=inner).values.samples == 4
    write(tmp_path / "a", "samples = 5\n")
    assert load_settings({}, environ={}, folder=inner).values.samples == 5


def test_pyproject_may_hold_the_settings_and_ends_the_search(tmp_path: Path) -> None:
    inner = tmp_path / "a"
    inner.mkdir()
    write(tmp_path, "samples = 4\n")
    write(inner, "[tool.llmx]\nmax-output-tokens = 99\n", "pyproject.toml")
    settings = load_settings({}, environ={}, folder=inner)
    assert (settings.values.max_output_tokens, settings.values.samples) == (99, None)
    write(inner, "[tool.other]\n", "pyproject.toml")
    assert load_settings({}, environ={}, folder=inner).values.samples is None


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("passes", "3", 3), ("temperature", "0.5", 0.5), ("timeout_s", "2", 2.0), ("cache", "no", False),
        ("cache", "TRUE", True), ("concurrency", "8", "8"), ("model", "m", "m"),
    ],
)  # fmt: skip
def test_the_environment_gives_values_of_the_right_type(name: str, text: str, value: object, *, tmp_path: Path) -> None:
    values = load_settings({}, environ={f"LLMX_{name.upper()}": text}, folder=tmp_path).values
    assert getattr(values, name) == value
    assert type(getattr(values, name)) is type(value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("modle = 'x'", ["modle", "model", "llmx.toml"]),
        ("passes = 'two'", ["passes", "'two'", "a whole number"]),
        ("passes = true", ["passes", "True"]),
        ("cache = 'maybe'", ["cache", "true or false"]),
        ("passes = [1]", ["passes", "[1]"]),
        ("passes = = 1", ["llmx.toml", "line 1"]),
    ],
)
def test_a_file_with_a_fault_is_refused_with_its_name_and_what_is_allowed(
    text: str, told: list[str], tmp_path: Path
) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings({}, environ={}, folder=write(tmp_path, text))
    for words in told:
        assert words in str(caught.value)


def test_a_variable_with_a_value_that_does_not_fit_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="LLMX_PASSES"):
        load_settings({}, environ={"LLMX_PASSES": "many"}, folder=tmp_path)


def test_an_empty_variable_is_none_and_other_programs_variables_are_theirs(tmp_path: Path) -> None:
    environ = {"LLMX_MODEL": "", "LLMX_NO_SUCH_SETTING": "1", "LLMX_API_KEY": "k", "MODEL": "x"}
    assert load_settings({}, environ=environ, folder=tmp_path).values == Config()


def test_a_variable_that_is_almost_a_setting_is_refused_with_the_right_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="LLMX_CHUNKS_TOKENS is not a setting") as caught:
        load_settings({}, environ={"LLMX_CHUNKS_TOKENS": "9"}, folder=tmp_path)
    assert "LLMX_CHUNK_TOKENS?" in caught.value.hint


def test_a_whole_number_is_not_made_of_a_fraction(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="passes"):
        load_settings({}, environ={}, folder=write(tmp_path, "passes = 2.7"))
