"""Secrets made up by chance, in the forms that their issuers publish: the repository itself holds none."""

from __future__ import annotations

import base64
import random
import string
from collections.abc import Callable
from dataclasses import dataclass

_ALNUM = string.ascii_letters + string.digits
_HEX = "0123456789abcdef"
_UPPER = string.ascii_uppercase + string.digits
_URL_SAFE = _ALNUM + "-_"


@dataclass(frozen=True)
class Planted:
    """A secret of one kind, and the ``text`` in which it stands, as in a header, a log or a document."""

    kind: str
    secret: str
    text: str


_PREFIXED: dict[str, tuple[str, str, int]] = {
    "OpenAI project": ("sk-proj-", _URL_SAFE, 48), "OpenAI": ("sk-", _ALNUM, 48),
    "Anthropic": ("sk-ant-api03-", _URL_SAFE, 80), "OpenRouter": ("sk-or-v1-", _HEX, 64),
    "Groq": ("gsk_", _ALNUM, 52), "Hugging Face": ("hf_", _ALNUM, 34), "xAI": ("xai-", _ALNUM, 80),
    "NVIDIA": ("nvapi-", _URL_SAFE, 64), "Perplexity": ("pplx-", _ALNUM, 48), "Replicate": ("r8_", _ALNUM, 37),
    "Cerebras": ("csk-", _ALNUM, 48), "Fireworks": ("fw_", _ALNUM, 24), "Together": ("tgp_v1_", _URL_SAFE, 43),
    "Google API": ("AIza", _URL_SAFE, 35), "Google OAuth": ("ya29.", _URL_SAFE, 60), "Google client": ("GOCSPX-", _URL_SAFE, 28),
    "AWS": ("AKIA", _UPPER, 16), "AWS temporary": ("ASIA", _UPPER, 16),
    "GitHub ghp": ("ghp_", _ALNUM, 36), "GitHub gho": ("gho_", _ALNUM, 36), "GitHub ghs": ("ghs_", _ALNUM, 36),
    "GitHub ghu": ("ghu_", _ALNUM, 36), "GitHub fine-grained": ("github_pat_", _ALNUM + "_", 82),
    "GitLab": ("glpat-", _URL_SAFE, 20), "GitLab runner": ("glrt-", _URL_SAFE, 20),
    "Slack bot": ("xoxb-", string.digits, 24), "Slack user": ("xoxp-", string.digits, 30), "Slack app": ("xapp-", _ALNUM, 60),
    "Stripe live": ("sk_live_", _ALNUM, 24), "Stripe restricted": ("rk_test_", _ALNUM, 24), "Stripe webhook": ("whsec_", _ALNUM, 32),
    "npm": ("npm_", _ALNUM, 36), "PyPI": ("pypi-", _URL_SAFE, 90), "SendGrid": ("SG.", _URL_SAFE, 66),
    "Databricks": ("dapi", _HEX, 32), "DigitalOcean": ("dop_v1_", _HEX, 64), "Vault": ("hvs.", _URL_SAFE, 24),
    "Grafana": ("glsa_", _ALNUM, 41), "Salesforce": ("00D5g000004abcd!", _ALNUM + "._", 90),
    "Docker": ("dckr_pat_", _URL_SAFE, 27), "Twilio": ("SK", _HEX, 32),
}  # fmt: skip


def _pem(chance: random.Random) -> tuple[str, str]:
    lines = ["".join(chance.choices(_ALNUM + "+/", k=64)) for _ in range(4)]
    name = "PRIVATE" + " KEY"
    body = "\n".join(lines)
    return lines[1], f"-----BEGIN RSA {name}-----\n{body}\n-----END RSA {name}-----"


def _jwt(chance: random.Random) -> tuple[str, str]:
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode().rstrip("=")
    rest = ["".join(chance.choices(_URL_SAFE, k=count)) for count in (60, 43)]
    return ".".join([head, *rest]), ".".join([head, *rest])


def _basic(chance: random.Random) -> tuple[str, str]:
    value = base64.b64encode(f"user:{_word(chance, 14)}".encode()).decode()
    return value, f"Authorization: Basic {value}"


def _word(chance: random.Random, count: int) -> str:
    """Return letters and digits, at least one of each."""
    return "".join(chance.choices(_ALNUM, k=count - 2)) + chance.choice("abc") + chance.choice(string.digits)


_IN_WORDS: dict[str, str] = {
    "bearer": "bearer {}", "Bearer": "Authorization: Bearer {}", "BEARER": "BEARER {}", "cookie": "Cookie: sid={}; theme=dark",
    "set-cookie": "Set-Cookie: session={}; Path=/; HttpOnly", "password in a URL": "postgres://app:{}@db.example/prod",
    "api-key header": "api-key: {}", "x-api-key header": "X-Api-Key: {}", "password": "password={}", "JSON member": '"client_secret": "{}"',
    "signed URL": "https://files.example/a?sv=2024&sig={}", "AWS secret": "aws_secret_access_key = {}",
}  # fmt: skip

_SHAPED: dict[str, Callable[[random.Random], tuple[str, str]]] = {"PEM": _pem, "JWT": _jwt, "basic": _basic}

KINDS = (*_PREFIXED, *_IN_WORDS, *_SHAPED)


def planted(kind: str, chance: random.Random) -> Planted:
    """Return a new secret of ``kind``."""
    if kind in _PREFIXED:
        prefix, letters, count = _PREFIXED[kind]
        secret = prefix + "".join(chance.choices(letters, k=count - 1)) + chance.choice(letters.strip("-_"))
        return Planted(kind, secret, secret)
    if kind in _IN_WORDS:
        secret = _word(chance, 24)
        return Planted(kind, secret, _IN_WORDS[kind].format(secret))
    return Planted(kind, *_SHAPED[kind](chance))
