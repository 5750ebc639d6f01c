"""Writes a prompt as a file: front matter with its examples, and the two parts, as ``load_prompt`` reads them."""

from __future__ import annotations

from typing import Any

from llmx.prompting.prompt import Prompt, parse_prompt

_WIDTH = 10_000  # a text is one line or a block, never folded


def prompt_text(prompt: Prompt, description: str) -> str:
    """Return ``prompt`` as the text of a file. Raises PromptError where it would be read otherwise."""
    head: dict[str, Any] = {"name": prompt.name, "description": " ".join(description.split())}
    if prompt.examples is not None:
        head["examples"] = prompt.examples
    parts = [f"---\n{as_yaml(head)}---"]
    parts += [f"# {name}\n{part}" for name, part in (("system", prompt.system), ("user", prompt.user)) if part]
    text = "\n".join(parts) + "\n"
    parse_prompt(text, prompt.name)
    return text


def as_yaml(value: Any) -> str:
    """Return ``value`` as YAML that a person can read and change: texts of several lines are blocks, nothing is a
    reference.
    """
    import yaml  # noqa: PLC0415 - heavy

    class Dumper(yaml.SafeDumper):
        """Writes texts of several lines as blocks, and uses no references."""

        def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - the signature is PyYAML's
            return True

    def text(dumper: yaml.SafeDumper, data: str) -> yaml.ScalarNode:
        return dumper.represent_scalar("tag:yaml.org,2002:str", data, style="|" if "\n" in data else None)

    Dumper.add_representer(str, text)
    return str(yaml.dump(value, Dumper=Dumper, allow_unicode=True, sort_keys=False, width=_WIDTH))
