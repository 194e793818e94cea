"""E-mails as RFC 5322 wants them: one recipient, a text, maybe an HTML alternative.

Names and subjects are written as encoded words (RFC 2047) unless they are of harmless letters only, so
nothing in them can be read as syntax.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from datetime import datetime
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from typing import Final

import idna
from msgspec import Struct

from xencrm.campaigns.delivery.vendor import Outgoing

BOUNDARY: Final = "=_xencrm"  # in no encoded body: "=_" is neither quoted-printable nor base64
WORD_BYTES: Final = 36
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_PLAIN = re.compile(r"[\x20-\x7e]{1,60}")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9' -]{1,60}")
_LOCAL = re.compile(r"[^\x00-\x20\x7f-\xa0\s\"(),:;<>@\[\\\]]{1,64}")
_LINE_ENDS = re.compile(r"\r\n|\r|\n")


class NoAddress(ValueError):
    """What is no e-mail address that mail can be sent to."""


class Mailbox(Struct, frozen=True):
    """An address with its domain in ASCII, and whose it is."""

    name: str
    local: str
    domain: str

    @property
    def address(self) -> str:
        return f"{self.local}@{self.domain}"


class Letterhead(Struct, frozen=True):
    """Who letters are from, and where answers go."""

    sender: Mailbox
    reply_to: Mailbox | None = None


class Letter(Struct, frozen=True):
    """`sender` and `recipient` are those of the envelope; with `utf8` the server has to know SMTPUTF8."""

    sender: str
    recipient: str
    utf8: bool
    content: bytes


def letterhead(sender: str, reply_to: str | None = None) -> Letterhead:
    """Of texts such as `Shop <news@shop.example>`. Raises NoAddress."""
    return Letterhead(_parsed(sender), _parsed(reply_to) if reply_to else None)


def write(outgoing: Outgoing, head: Letterhead, now: datetime) -> Letter:
    """Raises NoAddress. Whatever could end a line of a header becomes a space."""
    recipient = mailbox(outgoing.to, outgoing.name)
    headers = [f"{name}: {value}\r\n" for name, value in _headers(outgoing, head, recipient, now)]
    content = "".join(headers).encode() + _body(outgoing)
    sender = head.sender.address
    return Letter(sender, recipient.address, not (sender + recipient.address).isascii(), content)


def mailbox(email: str, name: str = "") -> Mailbox:
    """Raises NoAddress."""
    local, at, domain = email.rpartition("@")
    if not at or not _LOCAL.fullmatch(local) or ".." in f".{local}.":
        raise NoAddress(f"{email!r} is not an e-mail address")
    return Mailbox(one_line(name), local, _ascii_domain(domain))


def one_line(text: str) -> str:
    return _CONTROLS.sub(" ", text).strip()


def _headers(
    outgoing: Outgoing, head: Letterhead, recipient: Mailbox, now: datetime
) -> Iterator[tuple[str, str]]:
    yield "From", _shown(head.sender)
    yield "To", _shown(recipient)
    if head.reply_to is not None:
        yield "Reply-To", _shown(head.reply_to)
    if subject := one_line(outgoing.subject or ""):
        yield "Subject", _words(subject, _PLAIN)
    yield "Date", format_datetime(now)
    yield "Message-ID", f"<{outgoing.message_id}.{outgoing.attempt}@{head.sender.domain}>"
    for name, value in outgoing.headers:
        yield name, one_line(value)
    yield "MIME-Version", "1.0"


def _shown(whose: Mailbox) -> str:
    return f"{_words(whose.name, _PLAIN_NAME)}\r\n <{whose.address}>" if whose.name else whose.address


def _words(text: str, plain: re.Pattern[str]) -> str:
    if plain.fullmatch(text) and "=?" not in text:
        return text
    words = (base64.b64encode(piece.encode()).decode() for piece in _pieces(text))
    return "\r\n ".join(f"=?utf-8?b?{word}?=" for word in words)


def _pieces(text: str) -> Iterator[str]:
    """Of at most WORD_BYTES bytes each, no character divided."""
    start = size = 0
    for place, char in enumerate(text):
        size += len(char.encode())
        if size > WORD_BYTES:
            yield text[start:place]
            start, size = place, len(char.encode())
    yield text[start:]


def _body(outgoing: Outgoing) -> bytes:
    text = _part("plain", outgoing.text)
    if outgoing.html is None:
        return text
    between, end = f"--{BOUNDARY}\r\n".encode(), f"--{BOUNDARY}--\r\n".encode()
    head = f'Content-Type: multipart/alternative; boundary="{BOUNDARY}"\r\n\r\n'.encode()
    return head + between + text + between + _part("html", outgoing.html) + end


def _part(subtype: str, text: str) -> bytes:
    """In seven bits: not every server that a message meets takes eight."""
    lines = "".join(f"{line}\r\n" for line in _LINE_ENDS.split(text))
    raw = lines.encode()
    mostly_ascii = len(raw) - len(lines) < len(raw) // 5
    encoding = "quoted-printable" if mostly_ascii else "base64"
    encoded = binascii.b2a_qp(raw) if mostly_ascii else base64.encodebytes(raw).replace(b"\n", b"\r\n")
    head = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n'
    return head.encode() + encoded + (b"" if encoded.endswith(b"\n") else b"\r\n")


def _parsed(text: str) -> Mailbox:
    name, email = parseaddr(text)
    return mailbox(email, name)


@lru_cache(maxsize=4096)
def _ascii_domain(domain: str) -> str:
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except idna.IDNAError as error:
        raise NoAddress(f"{domain!r} is not a domain") from error
