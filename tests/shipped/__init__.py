"""Documents with gold for the schemas that come with llmx: a folder for each schema, all of them invented.

``NN_lang_topic.txt`` is a document, ``NN_lang_topic.gold.json`` its gold record. They were written for llmx by its authors
and annotated before a model saw them; none is an example of the prompt. Licence: Apache-2.0, as the rest.
"""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent
SCHEMAS = sorted(path.name for path in FOLDER.iterdir() if path.is_dir() and any(path.glob("*.txt")))


def documents(schema: str) -> list[Path]:
    """Return the documents of ``schema``, in the order of their numbers."""
    return sorted((FOLDER / schema).glob("*.txt"))
