"""Examples as YAML that a person can read, change and review, and that ``load_examples`` takes."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from llmx.errors import UsageError
from llmx.few_shot.pick import Candidate
from llmx.prompting.examples import load_examples
from llmx.prompting.prompt_file import as_yaml
from llmx.schema import Schema


def examples_yaml(chosen: Sequence[Candidate], schema: Schema) -> str:
    """Return ``chosen`` as the text of an examples file, checked by loading it.

    Comments name the documents, because they must not be scored with these examples. Raises UsageError if there is
    none, PromptError where a word of a record does not stand in its text.
    """
    if not chosen:
        raise UsageError(
            "no document makes an example", hint="Gold must state facts in the words of the text; see llmx review."
        )
    head = [
        f"# Examples for {schema.name}, picked from gold by llmx examples; the richest one comes last.",
        "# Do not score these documents with them: " + ", ".join(_one_line(each.id) for each in chosen),
    ]
    parts = [as_yaml([{"text": each.text, "record": each.record}]) for each in chosen]
    blocks = [f"# {_about(each)}\n{part}" for each, part in zip(chosen, parts, strict=True)]
    text = "\n".join([*head, *(block.rstrip("\n") for block in blocks)]) + "\n"
    with tempfile.TemporaryDirectory(prefix="llmx-") as folder:
        path = Path(folder) / "picked.examples.yaml"
        path.write_text(text, "utf-8")
        load_examples(path, schema)
    return text


def _about(each: Candidate) -> str:
    told = f"{_one_line(each.id)}: {each.said} facts in about {each.tokens} tokens"
    if each.lost:
        told += f"; gold also states, in no words that were found: {', '.join(dict.fromkeys(each.lost))}"
    if each.wrong:
        told += f"; read otherwise than gold states: {', '.join(each.wrong)}"
    return told


def _one_line(text: str) -> str:
    return " ".join(text.split())
