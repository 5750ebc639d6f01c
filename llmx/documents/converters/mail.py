"""Mails: their headers and their text; attachments, and mails in mails, are documents of their own.

Of a text that comes as plain text and as HTML the plain one is read, unless it is empty. Pictures that belong to the
HTML of a mail (logos, mostly) stay out; so do signatures.
"""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parsedate_to_datetime

from llmx.documents.converters import Attachment, Converted, ConvertOptions
from llmx.documents.converters.html_lines import page_lines, parse_page
from llmx.documents.converters.lines import joined_text
from llmx.documents.dates import NO_DATE, DocumentDate
from llmx.documents.decode import undecodable
from llmx.documents.limits import MEMBERS
from llmx.errors import DocumentError

_HEADERS = ("From", "Sender", "To", "Cc", "Bcc", "Reply-To", "Date", "Subject")
_SIGNATURES = frozenset({
    "application/pgp-signature", "application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-keys",
})  # fmt: skip
_ENCRYPTED = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
_TEXTS = frozenset({"text/plain", "text/html", "message/delivery-status", "text/rfc822-headers"})
_MOST_DEPTH = 50
_PICTURE = "picture of a mail's HTML"
_WILD_NAME = re.compile(r"[\x00-\x1f/\\:!]+")


@dataclass(slots=True)
class _Mail:
    """What has been found in a mail so far."""

    name: str
    encoding: str | None
    bodies: list[str] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    names: dict[str, int] = field(default_factory=dict)


def convert(data: bytes, name: str, options: ConvertOptions) -> Converted:
    """Return a mail's headers and text. A part is decoded as it declares, else as UTF-8 or as the user says."""
    try:
        message = message_from_bytes(data.lstrip(), policy=policy.compat32)
        mail = _Mail(name, options.encoding)
        _read(message, mail, 0)
    except RecursionError:
        raise DocumentError(f"{name} is a mail whose parts nest out of all bounds", hint="save its text") from None
    headers = [f"{key}: {_header(value)}" for key in _HEADERS for value in message.get_all(key, [])]
    if not headers and not mail.attachments:
        raise DocumentError(f"{name} is no mail: it has no sender, subject or date", hint="save its text as .txt")
    names = ", ".join(each.name for each in mail.attachments)
    lines = [*headers, "", *(line for body in mail.bodies for line in (*body.splitlines(), ""))]
    text = joined_text([*lines, f"Attachments: {names}"] if names else lines, name)
    return Converted(text, _date(message), tuple(mail.attachments), left_out=tuple(mail.left_out))


def _read(part: Message, mail: _Mail, depth: int) -> None:
    """Take the texts and the attachments of one part."""
    kind = part.get_content_type()
    if depth > _MOST_DEPTH:
        raise DocumentError(f"{mail.name} is a mail whose parts nest out of all bounds", hint="save its text")
    if kind in _ENCRYPTED or kind == "multipart/encrypted":
        if "signed" not in str(part.get_param("smime-type", "")):
            raise DocumentError(f"{mail.name} is an encrypted mail", hint="decrypt it, and save it again")
        raise DocumentError(f"{mail.name} is a mail inside its signature", hint="save its text from its program")
    if kind == "message/rfc822":
        _attach_mail(part, mail)
    elif kind == "multipart/alternative":
        _read_best(list(_children(part)), mail, depth)
    elif part.is_multipart():
        children = list(_children(part))
        for number, child in enumerate(children):
            if kind == "multipart/related" and number and _is_inline_picture(child):
                mail.left_out.append(_PICTURE)
            else:
                _read(child, mail, depth + 1)
    elif kind in _TEXTS and not part.get_filename() and part.get_content_disposition() != "attachment":
        mail.bodies.append(_words(part, mail))
    elif kind in _SIGNATURES or (_is_inline_picture(part) and part["Content-ID"]):
        mail.left_out.append("signature of a mail" if kind in _SIGNATURES else _PICTURE)
    else:
        _attach(mail, _file_name(part, mail), _bytes(part))


def _children(part: Message) -> Iterator[Message]:
    payload = part.get_payload()
    return (each for each in payload if isinstance(each, Message)) if isinstance(payload, list) else iter(())


def _read_best(choices: list[Message], mail: _Mail, depth: int) -> None:
    """Take the plain text of several forms of one text, else the one that says something; and every other file."""
    texts = [each for each in choices if each.get_content_type() == "text/plain" and not each.get_filename()]
    words = next((words for each in texts if (words := _words(each, mail)).strip()), "")
    if words:
        mail.bodies.append(words)
    for choice in choices:
        kind = choice.get_content_type()
        rich = kind == "text/html" or kind.startswith("multipart/")
        if choice not in texts and not (words and kind == "text/html"):
            before = len(mail.bodies)
            _read(choice, mail, depth + 1)
            if words and rich:
                del mail.bodies[before:]  # the same words again; what hangs on them stays


def _is_inline_picture(part: Message) -> bool:
    return part.get_content_maintype() == "image" and part.get_content_disposition() != "attachment"


def _attach(mail: _Mail, name: str, data: bytes) -> None:
    stem, point, suffix = name.rpartition(".")
    unique = name
    while unique in mail.names:
        mail.names[name] += 1
        number = mail.names[name]
        unique = f"{stem} ({number}).{suffix}" if point and stem else f"{name} ({number})"
    mail.names[unique] = 1
    if len(mail.attachments) >= MEMBERS:
        raise DocumentError(f"{mail.name} has more than {MEMBERS:,} attachments", hint="save the ones that are wanted")
    mail.attachments.append(Attachment(unique, data))


def _attach_mail(part: Message, mail: _Mail) -> None:
    for inner in _children(part):
        subject = _WILD_NAME.sub("_", _header(inner.get("Subject", ""))).strip()[:100]
        _attach(mail, f"{subject or 'message'}.eml", inner.as_bytes(policy=policy.compat32))


def _file_name(part: Message, mail: _Mail) -> str:
    name = part.get_filename()
    if name:
        return _WILD_NAME.sub("_", _header(name)).strip() or "file"
    return f"part {len(mail.attachments) + 1}{mimetypes.guess_extension(part.get_content_type()) or ''}"


def _bytes(part: Message) -> bytes:
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _words(part: Message, mail: _Mail) -> str:
    data = _bytes(part)
    if part.get_content_type() == "message/delivery-status":
        return "\n".join(str(each) for each in _children(part))
    if not data.strip():
        return ""
    declared = str(part.get_content_charset() or "")
    if part.get_content_type() == "text/html":
        root, _ = parse_page(_text(data, mail, declared))
        return "".join(line.text for line in page_lines(root))
    return _text(data, mail, declared)


def _text(data: bytes, mail: _Mail, declared: str) -> str:
    for encoding in filter(None, (declared, "utf-8", mail.encoding)):
        try:
            return data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as exc:
        raise undecodable(data, exc, name=f"the text of {mail.name}") from None


def _header(value: object) -> str:
    """Return a header as a reader sees it: in one line, its encoded words decoded."""
    text = " ".join(str(value).split())
    with suppress(LookupError, ValueError, UnicodeError):  # else it stays as it stands there
        text = str(make_header(decode_header(text)))
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _date(message: Message) -> DocumentDate:
    try:
        return DocumentDate(parsedate_to_datetime(str(message["Date"])).date(), "the header Date")
    except (TypeError, ValueError, IndexError, OverflowError):
        return NO_DATE
