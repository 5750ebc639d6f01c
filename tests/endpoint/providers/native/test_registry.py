from __future__ import annotations

import subprocess
import sys

import pytest

from llmx.endpoint import EndpointSettings
from llmx.endpoint.providers.native.registry import NATIVE_PROVIDERS, native_provider


@pytest.mark.parametrize(
    ("model", "base_url", "name"),
    [
        ("anthropic/claude-sonnet-4-5", None, "Anthropic"),
        ("anthropic/claude-sonnet-4-5", "https://gateway.example.com/anthropic", "Anthropic"),
        ("anthropic/claude-sonnet-4.5", "https://openrouter.ai/api/v1", None),
        ("google/gemma-3-27b-it", "http://127.0.0.1:8000/v1/", None),
        ("google/gemini-2.5-flash", "https://generativelanguage.googleapis.com/v1beta/openai/", None),
        ("gemini/gemini-2.5-flash", None, "Google"),
        ("bedrock/arn:aws:bedrock:eu-west-1:1:inference-profile/eu.amazon.nova-lite-v1:0", None, "Amazon Bedrock"),
        ("claude-sonnet-4-5", None, None),
        ("anthropic/", None, None),
        ("groq/llama-3.3-70b-versatile", None, None),
    ],
)
def test_the_prefix_says_the_provider_unless_the_base_url_is_an_openai_compatible_apis(
    *, model: str, base_url: str | None, name: str | None
) -> None:
    found = native_provider(model, base_url)
    assert (found and found.name) == name


def test_the_key_of_openai_goes_to_no_other_provider(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-openai")
    for provider in NATIVE_PROVIDERS:
        for name in provider.key_variables:
            monkeypatch.delenv(name, raising=False)
        assert EndpointSettings(f"{provider.prefix}/a-model").key is None


def test_another_variable_for_the_key_may_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "the usual one")
    monkeypatch.setenv("TEAM_KEY", "the team's")
    assert EndpointSettings("anthropic/claude-sonnet-4-5").key == "the usual one"
    assert EndpointSettings("anthropic/claude-sonnet-4-5", api_key_env="TEAM_KEY").key == "the team's"


def test_help_and_what_decides_on_the_provider_import_no_sdk() -> None:
    code = (
        "import sys, contextlib; sys.argv = ['llmx', 'extract', '--help']\n"
        "from llmx.cli import main\n"
        "with contextlib.suppress(SystemExit): main()\n"
        "from llmx.endpoint import EndpointSettings, open_endpoint\n"
        "assert EndpointSettings('anthropic/claude-sonnet-4-5').native\n"
        "open_endpoint(EndpointSettings('anthropic/claude-sonnet-4-5', api_key='k'))\n"
        "loaded = {'instructor', 'openai', 'anthropic', 'google.genai', 'mistralai', 'cohere', 'boto3'}\n"
        "sys.exit(','.join(sorted(loaded & set(sys.modules))) or None)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
