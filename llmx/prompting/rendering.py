"""Rendering: a prompt, a schema and examples become messages with slots for the document.

The stable part comes first (instructions, sketch, examples), the document last between fences, so that providers'
prompt caches and llama.cpp's KV cache are hit. The text of a document is data: it is put in after the template was
rendered, and never interpreted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from llmx.errors import PromptError
from llmx.prompting.examples import Example
from llmx.prompting.prompt import Prompt
from llmx.prompting.template import render
from llmx.request import fingerprint
from llmx.schema import Schema

_SLOTS = {name: f"\x00{name}\x00" for name in ("document", "context")}  # NUL stands in no template

Message = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Turn:
    """An example as two messages, and the language of its text ('' where it cannot be told)."""

    messages: tuple[Message, Message]
    language: str


_UNSPACED = frozenset({"zh", "ja", "ko"})


def closeness(language: str, other: str | None) -> int:
    """Return how near two languages are for the order of examples: 3 the same, 2 the same kind of script and neither
    is English (whose example would invite a translation), 1 the same kind of script, 0 else.

    >>> closeness("fr", "fr"), closeness("fr", "de"), closeness("en", "de"), closeness("zh", "de")
    (3, 2, 1, 0)
    """
    if not other or not language:
        return 0
    if language == other:
        return 3
    if (language in _UNSPACED) != (other in _UNSPACED):
        return 0
    return 1 if "en" in {language, other} else 2


@dataclass(frozen=True)
class Rendering:
    """A prompt bound to a schema: the messages that never change, and the slots for the document.

    ``system`` is the message that never changes, ``turns`` are the examples as turns of the conversation; ``fence`` is
    the delimiter, derived from the configuration, so that it is stable for the request key and yet not known to
    whoever wrote the document.
    """

    system: tuple[Message, ...]
    user: str
    fence: str
    fingerprint: str
    turns: tuple[Turn, ...] = field(default=(), repr=False)

    def prefix(self, language: str | None = None) -> list[Message]:
        """Return the messages before the document's, for documents in ``language`` (None: not known)."""
        near = sorted(self.turns, key=lambda turn: closeness(turn.language, language))
        return [*self.system, *(message for turn in near for message in turn.messages)]

    def messages(
        self,
        document: str,
        context: str = "",
        *,
        language: str | None = None,
        pictures: Sequence[Message] = (),
        question: str = "",
    ) -> list[Message]:
        """Return the chat messages for one document (or chunk); ``context`` is what stands before it, and ``pictures``
        are parts of a content that follow it.

        The example in the ``language`` of the document, or the nearest to it, comes last: a small model imitates the
        last one most, and answers in its language. There is one prefix a language, so that prompt caches are hit.
        A ``question`` about the document takes the place of what the prompt says behind it.
        """
        content = _fill(self.user, self.fence, document, context=context, tail=f"\n\n{question}" if question else None)
        if not pictures:
            return [*self.prefix(language), {"role": "user", "content": content}]
        parts = [{"type": "text", "text": content}, *pictures]
        return [*self.prefix(language), {"role": "user", "content": parts}]

    def follow_up(self, messages: Sequence[Message], answer: str, question: str) -> list[Message]:
        """Return the messages of a follow-up: the same prefix, the answer, and one more question."""
        return [*messages, {"role": "assistant", "content": answer}, {"role": "user", "content": question}]


def bind(
    prompt: Prompt, schema: Schema, *, examples: Sequence[Example] = (), instructions: str = "", turns: bool = True
) -> Rendering:
    """Return ``prompt`` rendered for ``schema``.

    ``turns``: examples become turns of the conversation, which small models follow best; else (tools mode) they stand
    in the system message. Raises PromptError for an unknown variable, with the file and line.
    """
    identity = fingerprint([prompt.fingerprint, [e.fingerprint for e in examples], instructions])
    fence = f"document-{fingerprint([identity, schema.shape])[:6]}"
    values: dict[str, Any] = {
        "sketch": schema.sketch,
        "schema": {"name": schema.name, "description": " ".join((schema.model.__doc__ or "").split())},
        "fields": [member.name for member in schema.tree.members],
        "instructions": instructions.strip(),
        "examples": [] if turns else [{"text": e.text, "record": answer_text(e.record)} for e in examples],
        **_SLOTS,
    }
    values |= _other_notations(prompt, schema)
    place = str(prompt.path or prompt.name)
    system = render(prompt.system, values, place=place, line=prompt.system_line)
    user = render(prompt.user, values, place=place, line=prompt.user_line)
    _has_its_slots(system, user, place)
    first: tuple[Message, ...] = ({"role": "system", "content": system},) if system else ()
    pairs = tuple(_turn(user, fence, example) for example in examples) if turns else ()
    return Rendering(first, user, fence, identity, pairs)


def _other_notations(prompt: Prompt, schema: Schema) -> dict[str, str]:
    """Return the schema in the notations that a prompt may use instead of the sketch; only these are written out."""
    source = prompt.system + prompt.user
    return {
        "outline": _outline(schema) if "outline" in source else "",
        "json_schema": answer_text(schema.wire.model_json_schema()) if "json_schema" in source else "",
    }


def _turn(user: str, fence: str, example: Example) -> Turn:
    from llmx.types import guess_locale  # noqa: PLC0415 - only where there are examples

    question: Message = {"role": "user", "content": _fill(user, fence, example.text)}
    answer: Message = {"role": "assistant", "content": answer_text(example.record)}
    return Turn((question, answer), (guess_locale(example.text) or "").partition("_")[0])


def answer_text(record: Any) -> str:
    """Return ``record`` as the one-line JSON in which answers are wanted: no indentation that would cost tokens."""
    return json.dumps(record, ensure_ascii=False, separators=(", ", ": "))


def _has_its_slots(system: str, user: str, place: str) -> None:
    """Raise PromptError unless the document comes once, as it is, in the user part."""
    if any(slot in system for slot in _SLOTS.values()):
        raise PromptError(
            f"{place}: the '# system' part uses {{{{ document }}}} or {{{{ context }}}}",
            hint="They belong into '# user': what stands before the document is the same for all of them.",
        )
    if user.count(_SLOTS["document"]) != 1 or user.count(_SLOTS["context"]) > 1:
        raise PromptError(
            f"{place}: the '# user' part does not use {{{{ document }}}} just once, and without a filter",
            hint="Write {{ document }} where the document goes; it comes with its fences.",
        )


_CONTROL = re.compile(r"(<)(?=\|\w{1,40}\|>|(?:start|end)_of_turn>|/?s>)|(\[)(?=/?INST\])")
"""Control tokens of chat templates (ChatML, Llama, Gemma, Mistral): a server may take them for the real thing."""


def _disarmed(text: str) -> str:
    """Return ``text`` with a zero-width space in what looks like a control token, so that it stays text.

    Locating overlooks zero-width characters, so quotes of such places are still found.
    """
    return _CONTROL.sub(lambda match: f"{match[0]}\u200b", text) if "<" in text or "[" in text else text


def _fill(user: str, fence: str, document: str, *, context: str = "", tail: str | None = None) -> str:
    """Put the document between its fences into the rendered user part; ``tail`` comes after it instead of the rest.

    A document that holds the fence gets a longer one; nothing in it is interpreted.
    """
    document, context = _disarmed(document), _disarmed(context)
    tail = None if tail is None else _disarmed(tail)
    while fence in document or fence in context:
        fence += "-x"
    fenced = f"<{fence}>\n{document.strip()}\n</{fence}>"
    before = f"<context-{fence}>\n{context.strip()}\n</context-{fence}>\n" if context.strip() else ""
    head, _, rest = user.partition(_SLOTS["document"])
    tail = rest if tail is None else tail
    if _SLOTS["context"] in head + tail:
        head, tail = (part.replace(_SLOTS["context"], before) for part in (head, tail))
        before = ""
    return head + before + fenced + tail


def _outline(schema: Schema) -> str:
    from llmx.schema.outline import outline  # noqa: PLC0415 - few prompts show it

    return outline(schema.tree)
