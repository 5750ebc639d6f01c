"""Finds secrets by their form: keys of known issuers, tokens in headers, passwords in addresses, PEM blocks.

The forms are those that the issuers publish. A key may stand beside any letter that is not ASCII, and beside ``_``.
Finding is linear in the text: no pattern has a condition behind its last repetition, so a match that has begun either
ends within a bounded number of steps or is taken whole.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from functools import cache

from llmx.dataclass import dataclass

Spans = Iterator[tuple[int, int]]

_ALNUM, _WORD, _DOTTED, _HEX = "[A-Za-z0-9]", r"[A-Za-z0-9_\-]", r"[A-Za-z0-9_\-.]", "[0-9a-fA-F]"

_PREFIXES: tuple[tuple[str, str, str, int], ...] = (
    # a literal that must be there, the prefix, what follows it, how often at least
    ("sk-", "sk-", _WORD, 16),  # OpenAI, Anthropic, OpenRouter, DeepSeek
    ("csk-", "csk-", _ALNUM, 16),  # Cerebras
    ("gsk_", "gsk_", _ALNUM, 16),  # Groq
    ("hf_", "hf_", _ALNUM, 16),  # Hugging Face
    ("api_org_", "api_org_", _ALNUM, 16),  # Hugging Face, organizations
    ("xai-", "xai-", _ALNUM, 16),  # xAI
    ("nvapi-", "nvapi-", _WORD, 16),  # NVIDIA
    ("pplx-", "pplx-", _ALNUM, 16),  # Perplexity
    ("r8_", "r8_", _ALNUM, 16),  # Replicate
    ("fw_", "fw_", _ALNUM, 16),  # Fireworks
    ("tgp_v1_", "tgp_v1_", _WORD, 16),  # Together
    ("pcsk_", "pcsk_", r"[A-Za-z0-9_]", 20),  # Pinecone
    ("lsv2_", "lsv2_(?:pt|sk)_", r"[A-Za-z0-9_]", 20),  # LangSmith
    ("AIza", "AIza", _WORD, 30),  # Google, API keys
    ("ya29.", r"ya29\.", _DOTTED, 16),  # Google, OAuth
    ("GOCSPX-", "GOCSPX-", _WORD, 16),  # Google, client secrets
    ("AKIA", "AKIA", "[A-Z0-9]", 16),  # AWS, access key ids
    ("ASIA", "ASIA", "[A-Z0-9]", 16),  # AWS, temporary ones
    ("gh", "gh[opsur]_", _ALNUM, 20),  # GitHub
    ("github_pat_", "github_pat_", r"[A-Za-z0-9_]", 20),
    ("gl", "gl(?:pat|dt|rt|ptt|cbt|soat|ft|imt|agent|oas|ffct)-", _DOTTED, 16),  # GitLab
    ("xox", r"xox[a-z][\-.]", r"[A-Za-z0-9\-.]", 10),  # Slack
    ("xapp-", "xapp-", r"[A-Za-z0-9\-]", 10),  # Slack, apps
    ("hooks.slack.com", r"hooks\.slack\.com/(?:services|workflows|triggers)/", "[A-Za-z0-9/]", 16),
    ("k_", "[prs]k_(?:live|test)_", _ALNUM, 10),  # Stripe
    ("whsec_", "whsec_", "[A-Za-z0-9+/=]", 16),  # Stripe, webhooks
    ("npm_", "npm_", _ALNUM, 30),
    ("pypi-", "pypi-", _WORD, 16),
    ("rubygems_", "rubygems_", _HEX, 32),
    ("dckr_", "dckr_(?:pat|oat)_", _WORD, 20),  # Docker
    ("SG.", r"SG\.", _DOTTED, 20),  # SendGrid
    ("key-", "key-", "[0-9a-f]", 32),  # Mailgun
    ("SK", "SK", "[0-9a-f]", 32),  # Twilio
    ("_v1_", "do[opr]_v1_", "[0-9a-f]", 32),  # DigitalOcean
    ("shp", "shp(?:at|ca|pa|ss)_", _HEX, 32),  # Shopify
    ("dapi", "dapi", "[0-9a-f]", 32),  # Databricks
    ("lin_", "lin_(?:api|oauth)_", _ALNUM, 20),  # Linear
    ("ntn_", "ntn_", _ALNUM, 20),  # Notion
    ("dp.", r"dp\.(?:pt|st|ct|sa|scim|audit)\.", _DOTTED, 20),  # Doppler
    ("hv", r"hv[bsr]\.", _DOTTED, 20),  # HashiCorp Vault
    ("glsa_", "glsa_", r"[A-Za-z0-9_]", 20),  # Grafana
    ("sntry", "sntry[su]_", r"[A-Za-z0-9_+/=]", 20),  # Sentry
    ("NRAK-", "NRAK-", "[A-Z0-9]", 20),  # New Relic
    ("PMAK-", "PMAK-", _WORD, 20),  # Postman
    ("ATATT3", "ATATT3", r"[A-Za-z0-9_\-=]", 20),  # Atlassian
    ("sq0", "sq0[a-z]{3}-", _WORD, 20),  # Square
    ("00D", "00D[A-Za-z0-9]{12,15}!", r"[A-Za-z0-9._]", 40),  # Salesforce, session ids
    ("AGE-SECRET-KEY-1", "AGE-SECRET-KEY-1", "[A-Z0-9]", 20),  # age
    ("eyJ", "eyJ", _WORD, 16),  # JSON Web Token (RFC 7519); its parts are joined below
)

_ODD = re.compile(r"[\d!@#$%^*+/=~]")
_LONG_CHARS = 24


def _odd(value: str) -> bool:
    """Return whether ``value`` is hardly a word of a language: it holds a digit or a sign, or is very long."""
    return _ODD.search(value) is not None or len(value) >= _LONG_CHARS


def _credentials(value: str) -> bool:
    """Return whether ``value`` is base64 of 'user:password' (RFC 7617)."""
    try:
        plain = base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_" if "-" in value else None)
        return ":" in plain.decode()
    except (binascii.Error, ValueError):
        return False


@dataclass(frozen=True, slots=True)
class _Form:
    """``pattern`` where one of ``words`` (lower case) is in the text; its group, if it has one, is the secret.

    ``means`` decides whether what was found is one.
    """

    words: tuple[str, ...]
    pattern: str
    means: Callable[[str], bool] = bool


_VALUE = r"""[^█\s"'&,;<>(){}\[\]\\]"""
_QUOTE, _QUOTED = """["']""", r"""["']([^█\s"'<>\\]{8,})"""
_IS = r"""["']?\s{0,3}(?:=>|[:=])\s{0,3}"""
_NAMES = (
    r"(?:api|access|account|secret|private|auth|shared|subscription|signing|encryption|master)"
    r"[ _-]?(?:access[ _-]?)?key|token|secret|passw(?:or)?d|passphrase|passwd|pwd|credentials?"
)

_FORMS: tuple[_Form, ...] = (
    _Form(("bearer",), r"(?i)(?<![a-z])bearer[\s:]{1,4}(?:token\s)?([a-z0-9._~+/=\-]{16,})"),  # RFC 6750
    _Form(("bearer",), r"(?i)(?<![a-z])bearer[\s:]{1,4}(?:token\s)?([a-z0-9._~+/=\-]{8,15})(?![a-z0-9])", _odd),
    _Form(("basic",), r"(?i)(?<![a-z0-9])basic\s{1,3}([a-z0-9+/=_\-]{6,})", _credentials),  # RFC 7617
    _Form(("authorization",), rf"(?i)authorization{_IS}{_QUOTE}?(?:[a-z\-]{{3,16}}\s{{1,2}})?({_VALUE}{{8,}})", _odd),
    _Form(
        ("cookie",),
        r"""(?i)cookie2?["']?\s{0,3}[:=]\s{0,3}["']?([^\s=;,"'<>]{1,128}=[^█\s;,"'<>]{4,}"""
        r"""(?:;[ ]?[^\s=;,"'<>]{1,128}=[^\s;,"'<>]*)*)""",
    ),  # RFC 6265
    _Form(("://",), r"""://([^\s/@:"'<>]{0,256}:[^█\s/@"'<>]{1,256})@"""),  # RFC 3986, userinfo
    _Form(("key=", "sig=", "code=", "auth="), r"""(?i)[?&;](?:key|sig|code|auth)=([^█\s&"'#<>]{8,})""", _odd),
    _Form(("key", "token", "secret", "passw", "passphrase", "pwd", "credential"),
          rf"(?i)(?:{_NAMES}){_IS}(?:{_QUOTED}|({_VALUE}{{8,}}))", _odd),
    _Form((":aa",), r"(?<![0-9])[0-9]{8,10}:AA[A-Za-z0-9_\-]{30,}"),  # Telegram
)  # fmt: skip

_NAMED = re.compile(rf"(?i)(?:authorization|cookie|{_NAMES})[\"']?$")

_PEM_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{1,40}-----")
_PEM_END = re.compile(r"-----END [A-Z0-9 ]{1,40}-----")
_PEM_BODY = re.compile(r"(?:[A-Za-z0-9+/=\s]|\\[nr])*")
_JWT_PARTS = re.compile(r"(?:\.[A-Za-z0-9_\-]*){0,4}")


def form_spans(text: str) -> Spans:
    """Yield the places of everything in ``text`` that has the form of a secret, in no order; they may overlap."""
    for word, prefix, follows, count in _PREFIXES:
        if word in text:
            yield from _prefixed(text, rf"{prefix}{follows}{{{count},}}")
    low = text.lower()
    for form in _FORMS:
        if any(word in low for word in form.words):
            for found in _compiled(form.pattern).finditer(text):
                group = found.lastindex or 0
                if form.means(found[group]):
                    yield found.span(group)
    if "-----BEGIN " in text:
        yield from _pem_blocks(text)


def names_secret(name: str) -> bool:
    """Return whether what is called ``name`` is a secret: a header or a member of JSON."""
    return _NAMED.search(name) is not None


def _prefixed(text: str, pattern: str) -> Spans:
    for found in _compiled(rf"(?<![A-Za-z0-9]){pattern}").finditer(text):
        begin, end = found.span()
        if pattern.startswith("eyJ") and (parts := _JWT_PARTS.match(text, end)):
            end = parts.end()
        yield begin, end


def _pem_blocks(text: str) -> Spans:
    """Yield PEM blocks (RFC 7468); one without an end is as long as its base64."""
    end, begin = _PEM_END.search(text), _PEM_BEGIN.search(text)
    while begin is not None:
        if end is not None and end.start() < begin.end():
            end = _PEM_END.search(text, begin.end())
        body = _PEM_BODY.match(text, begin.end())
        at = begin.end() if body is None else body.end()
        after = _PEM_BEGIN.search(text, at)
        if end is not None and (after is None or end.start() < after.start()) and _is_block(text, at, end.start()):
            at = end.end()
        yield begin.start(), at
        begin = after if after is None or after.start() >= at else _PEM_BEGIN.search(text, at)


def _is_block(text: str, begin: int, end: int) -> bool:
    """Return whether nothing ends a string of JSON in between: a block in two of them is none."""
    return text.find('"', begin, end) < 0


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
