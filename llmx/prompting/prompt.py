"""Prompts: finding and parsing templates.

A template is Markdown with YAML front matter and two parts, ``# system`` and ``# user``, in sandboxed Jinja2 with
strict undefined names. What it becomes for a schema and a document is ``rendering.py``'s.
"""

from __future__ import annotations

from dataclasses import field
from pathlib import Path
from typing import Any

from llmx.dataclass import dataclass
from llmx.errors import PromptError, did_you_mean
from llmx.request import fingerprint
from llmx.resources import shipped_folders

DEFAULT_PROMPT = "extract"

OWN_EXAMPLES = ("none", "made")
"""What a prompt may say of its examples, beside a list of them."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A loaded template: where it came from, the sources of its two parts, and the lines where they begin.

    ``examples`` are the prompt's own, a list as in a file of examples; or 'none' or 'made', as the option has it; None
    where the prompt says nothing of them.
    """

    name: str
    system: str
    user: str
    path: Path | None = None
    system_line: int = 1
    user_line: int = 1
    examples: Any = field(default=None, hash=False)

    @property
    def fingerprint(self) -> str:
        """The sha256 of both parts; stored with each record, together with that of the examples."""
        return fingerprint({"system": self.system, "user": self.user})


def load_prompt(reference: str | Path | Prompt = DEFAULT_PROMPT) -> Prompt:
    """Return the prompt that ``reference`` names: a name (./prompts first, then those that ship) or a path (``.md``).

    Raises PromptError that names the file, the place and what was allowed.
    """
    if isinstance(reference, Prompt):
        return reference
    path = _find(str(reference))
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PromptError(f"{path}: cannot be read: {error}") from None
    return parse_prompt(text, path.stem, path)


def _find(reference: str) -> Path:
    if reference.endswith(".md") or "/" in reference:
        if not Path(reference).is_file():
            raise PromptError(f"{reference}: no such file", hint="A prompt is a Markdown file or a name.")
        return Path(reference)
    known: list[str] = []
    for folder in shipped_folders("prompts"):
        if (path := folder / f"{reference}.md").is_file():
            return path
        known += [p.stem for p in folder.glob("*.md")]
    raise PromptError(
        f"no prompt is called {reference!r}",
        hint=f"{did_you_mean(reference, known)}Known: {', '.join(sorted(set(known)))}; or give a path ending in .md.",
    )


def parse_prompt(text: str, name: str, path: Path | None = None) -> Prompt:
    """Return the prompt that ``text`` holds: front matter between ``---`` lines, then ``# system`` and ``# user``."""
    place = str(path or name)
    meta, body = _front_matter(text, place)
    skipped = text[: len(text) - len(body)].count("\n")
    parts: dict[str, list[str]] = {}
    begins: dict[str, int] = {}
    lines: list[str] = []
    for number, line in enumerate(body.split("\n"), start=skipped + 1):
        heading = line.strip().lower()
        if heading in {"# system", "# user"}:
            lines = parts.setdefault(heading[2:], [])
            begins.setdefault(heading[2:], number + 1)
        elif parts or not line.strip():
            lines.append(line)
        else:
            raise PromptError(f"{place}: line {number} stands before '# system' or '# user'")
    if "user" not in parts:
        raise PromptError(f"{place}: there is no '# user' part", hint="It holds {{ document }}.")
    system, user = ("\n".join(parts.get(part, ())) for part in ("system", "user"))
    return Prompt(
        str(meta.get("name", name)), system.strip(), user.strip(), path,
        begins.get("system", 1) + _blank_lines(system), begins["user"] + _blank_lines(user), meta.get("examples"),
    )  # fmt: skip


def _blank_lines(part: str) -> int:
    return part[: len(part) - len(part.lstrip())].count("\n")


def _front_matter(text: str, place: str) -> tuple[dict[str, Any], str]:
    if not text.startswith("---"):
        return {}, text
    head, separator, body = text[3:].partition("\n---")
    if not separator:
        raise PromptError(f"{place}: the front matter that begins with '---' never ends")
    import yaml  # noqa: PLC0415 - heavy

    try:
        meta = yaml.safe_load(head) or {}
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise PromptError(f"{place}: the front matter is not YAML: {error}") from None
    if not isinstance(meta, dict) or set(meta) - {"name", "description", "examples"}:
        told = f"{place}: the front matter may hold 'name', 'description' and 'examples', not {sorted(meta)}"
        raise PromptError(told)
    own = meta.get("examples", "none")
    if not (own and isinstance(own, list)) and own not in OWN_EXAMPLES:
        hint = f"Write {' or '.join(OWN_EXAMPLES)}, or a list of {{text: …, record: {{…}}}}."
        raise PromptError(f"{place}: 'examples' in the front matter is {own!r}", hint=hint)
    return meta, body.partition("\n")[2]
