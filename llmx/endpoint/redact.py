"""Takes secrets out of cassettes, logs and error messages.

A secret is recognized by its form (keys of known issuers, bearer tokens), by its value (the endpoint's own API key) or
by the user's list. Its place is marked, so that a reader sees that something was there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

MARK = "[redacted]"

# Forms published by their issuers, each with a literal that must be present: searching 5 KB for a plain word takes a
# microsecond, for the whole pattern fifty.
_FORMS: tuple[tuple[str, str], ...] = (
    ("sk-", r"\bsk-[A-Za-z0-9_\-]{16,}"),  # OpenAI, Anthropic, OpenRouter, DeepSeek
    ("gsk_", r"\bgsk_[A-Za-z0-9]{16,}"),  # Groq
    ("hf_", r"\bhf_[A-Za-z0-9]{16,}"),  # Hugging Face
    ("xai-", r"\bxai-[A-Za-z0-9]{16,}"),  # xAI
    ("AIza", r"\bAIza[A-Za-z0-9_\-]{30,}"),  # Google
    ("AKIA", r"\bAKIA[A-Z0-9]{16}\b"),  # AWS access key id
    ("ghp_", r"\bghp_[A-Za-z0-9]{30,}"),  # GitHub
    ("eyJ", r"\beyJ[A-Za-z0-9_\-]{10,}\.[A-Za-z0-9_\-]{10,}\.[A-Za-z0-9_\-]{10,}"),  # JSON Web Token (RFC 7519)
    ("earer ", r"(?<=[Bb]earer )[A-Za-z0-9._~+/=\-]{16,}"),  # RFC 6750
)
_COMPILED = tuple((word, re.compile(form)) for word, form in _FORMS)
_SHORTEST_SECRET_CHARS = 6  # a shorter 'secret' (the dummy key of a local server) would black out ordinary words


@dataclass(frozen=True, slots=True)
class Redactor:
    """Removes secrets. ``secrets`` are exact values, ``patterns`` the user's regular expressions.

    >>> Redactor().text("Incorrect API key provided: sk-proj-abcdefghijklmnopqrst.")
    'Incorrect API key provided: [redacted].'
    """

    secrets: tuple[str, ...] = field(default=(), repr=False)
    patterns: tuple[re.Pattern[str], ...] = ()
    _needles: tuple[bytes, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        words = [word.encode() for word, _ in _COMPILED] + [orjson.dumps(secret)[1:-1] for secret in self.secrets]
        object.__setattr__(self, "_needles", tuple(words))

    @classmethod
    def of(cls, rules: Sequence[str] = (), *, secrets: Sequence[str | None] = ()) -> Redactor:
        r"""Return a redactor for the user's ``rules`` and known ``secrets``.

        A rule is a plain string, or a regular expression when it is written between slashes: ``/client-\d+/``.
        Raises ConfigError on an expression that is not one, or that matches the empty string.
        """
        plain = [rule for rule in rules if rule and not _is_pattern(rule)]
        known = [secret for secret in secrets if secret and len(secret) >= _SHORTEST_SECRET_CHARS]
        longest_first = tuple(sorted({*plain, *known}, key=lambda s: (-len(s), s)))
        return cls(longest_first, tuple(_pattern(rule) for rule in rules if _is_pattern(rule)))

    def text(self, text: str) -> str:
        """Return ``text`` with every secret replaced by ``[redacted]``; the same object where there is none."""
        for secret in self.secrets:
            if secret in text:
                text = text.replace(secret, MARK)
        for word, form in _COMPILED:
            if word in text:
                text = form.sub(MARK, text)
        for pattern in self.patterns:
            text = pattern.sub(MARK, text)
        return text

    def surely_clean(self, value: Any) -> bool:
        """Return whether a JSON value certainly holds no secret, in a few microseconds; False means 'look closer'."""
        if self.patterns:
            return False  # what they match may be escaped in JSON
        text = orjson.dumps(value)
        return all(needle not in text for needle in self._needles)

    def value(self, value: Any) -> Any:
        """Return a JSON value with every string in it redacted, keys included; the same object where there is none."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            new = {self.text(str(k)): self.value(v) for k, v in value.items()}
            same = all(a is b for a, b in zip(new.values(), value.values(), strict=False)) and list(new) == list(value)
            return value if same else new
        if isinstance(value, list | tuple):
            items = [self.value(item) for item in value]
            return value if all(a is b for a, b in zip(items, value, strict=True)) else items
        return value


FORMS_ONLY = Redactor()
"""Knows only the published forms of keys and tokens."""


def _is_pattern(rule: str) -> bool:
    return len(rule) > 2 and rule[0] == rule[-1] == "/"


def _pattern(rule: str) -> re.Pattern[str]:
    from llmx.errors import ConfigError  # noqa: PLC0415 - only when it is needed

    try:
        pattern = re.compile(rule[1:-1])
    except re.error as error:
        raise ConfigError(f"the redaction rule {rule} is not a regular expression: {error}") from None
    if pattern.search(""):
        raise ConfigError(f"the redaction rule {rule} matches the empty string", hint="It would black out everything.")
    return pattern
