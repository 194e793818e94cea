"""Signed links in messages: a token says which message it stands in and what it is for. Nothing is stored.

A token is the base64 (URL-safe, no padding) of: purpose, 1 byte; message id, 16; month of its campaign, 2;
detail, any; HMAC-SHA256 of all that, its first 16 bytes.
"""

import base64
import hmac
from datetime import date
from enum import IntEnum
from typing import Final
from uuid import UUID

from msgspec import Struct

from xencrm.kernel.errors import NotFound
from xencrm.kernel.secrets import derived_secret
from xencrm.kernel.settings import Settings

UNSUBSCRIBE_PATH: Final = "/u/"
MOST_DETAIL: Final = 2_048
_MAC: Final = 16
_HEAD: Final = 19
_MOST_TOKEN: Final = (_HEAD + MOST_DETAIL + _MAC) * 4 // 3 + 2


class Purpose(IntEnum):
    """What a link is for. One for UNSUBSCRIBE is good for nothing else; TRIAL stands in test messages."""

    UNSUBSCRIBE = 1
    TRIAL = 2
    OPEN = 3
    CLICK = 4


class Link(Struct, frozen=True):
    """`campaign_month` is the first of a month; `detail`: what else the link has to say."""

    purpose: Purpose
    message_id: UUID
    campaign_month: date
    detail: bytes = b""


class LinkUnknown(NotFound):
    """Not a link that this installation signed for this purpose."""


class Links:
    """Signs links and reads those that were signed with the same secret. `base`: what they start with."""

    def __init__(self, secret: str, base: str) -> None:
        self._key = derived_secret(secret, "message-links").encode()
        self.base = base.rstrip("/")

    def token(self, link: Link) -> str:
        """The same for the same link."""
        payload = _payload(link)
        return base64.urlsafe_b64encode(payload + self._mac(payload)).decode().rstrip("=")

    def read(self, token: str, *purposes: Purpose) -> Link:
        """Raises LinkUnknown."""
        raw = _bytes(token)
        payload, mac = raw[:-_MAC], raw[-_MAC:]
        if len(payload) < _HEAD or not hmac.compare_digest(mac, self._mac(payload)):
            raise LinkUnknown("This link is none of ours.")
        link = _link(payload)
        if link.purpose not in purposes:
            raise LinkUnknown("This link is for something else.")
        return link

    def unsubscribe_url(self, message_id: UUID, campaign_month: date, *, trial: bool = False) -> str:
        """`trial`: its page says that the message is a test, and changes nothing."""
        purpose = Purpose.TRIAL if trial else Purpose.UNSUBSCRIBE
        return f"{self.base}{UNSUBSCRIBE_PATH}{self.token(Link(purpose, message_id, campaign_month))}"

    def _mac(self, payload: bytes) -> bytes:
        return hmac.digest(self._key, payload, "sha256")[:_MAC]


def links_of(settings: Settings) -> Links:
    """Those of the installation."""
    base = settings.public_url or f"http://{settings.host}:{settings.port}"
    return Links(settings.require("secret"), base)


def _payload(link: Link) -> bytes:
    month = link.campaign_month.year * 12 + link.campaign_month.month - 1
    return bytes([link.purpose]) + link.message_id.bytes + month.to_bytes(2) + link.detail


def _link(payload: bytes) -> Link:
    year, month = divmod(int.from_bytes(payload[17:_HEAD]), 12)
    purpose, message_id = Purpose(payload[0]), UUID(bytes=payload[1:17])
    return Link(purpose, message_id, date(year, month + 1, 1), payload[_HEAD:])


def _bytes(token: str) -> bytes:
    """Empty for what is no base64, or not written as `token` writes it."""
    if len(token) > _MOST_TOKEN or not token.isascii():
        return b""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return b""
    return raw if base64.urlsafe_b64encode(raw).decode().rstrip("=") == token else b""
