"""The addresses that stand in a tracked message: where a link leads is said, signed, in its own address."""

import re
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Final
from urllib.parse import quote
from uuid import UUID

from xencrm.campaigns.consent.links import MOST_DETAIL, Link, Links, LinkUnknown, Purpose
from xencrm.campaigns.tracking.html_links import attribute_text
from xencrm.campaigns.tracking.model import Seen
from xencrm.campaigns.tracking.template_links import TemplateLink

CLICK_PATH: Final = "/c/"
OPEN_PATH: Final = "/o/"
PIXEL_SUFFIX: Final = ".gif"
_KEY_BYTES: Final = 8
_IN_A_URL: Final = "!#$%&'()*+,-./:;=?@[]_~"
_LEFT_OUT: Final = re.compile(r"[\t\r\n]")


@dataclass(frozen=True, slots=True)
class MessageTracker:
    """The addresses of one message, always the same. Those of a trial lead there too and are not counted."""

    links: Links
    message_id: UUID
    campaign_month: date
    trial: bool = False

    def address(self, link: TemplateLink, target: str) -> str:
        """A target that is too long for an address of ours stays as it is."""
        detail = link.key.to_bytes(_KEY_BYTES, signed=True) + attribute_text(target).strip().encode()
        if len(detail) > MOST_DETAIL:
            return target
        return self._url(CLICK_PATH, Purpose.CLICK, detail)

    def pixel(self) -> str:
        source = self._url(OPEN_PATH, Purpose.OPEN) + PIXEL_SUFFIX
        return f'<img src="{source}" width="1" height="1" alt="" style="border:0">'

    def _url(self, path: str, purpose: Purpose, detail: bytes = b"") -> str:
        used = Purpose.TRIAL if self.trial else purpose
        token = self.links.token(Link(used, self.message_id, self.campaign_month, detail))
        return f"{escape(self.links.base)}{path}{token}"


@dataclass(frozen=True, slots=True)
class Click:
    """`location`: where to; `seen` is None in a trial."""

    location: str
    seen: Seen | None


def read_click(links: Links, token: str) -> Click:
    """Raises LinkUnknown."""
    link = links.read(token, Purpose.CLICK, Purpose.TRIAL)
    if len(link.detail) <= _KEY_BYTES:
        raise LinkUnknown("This link leads nowhere.")
    key = int.from_bytes(link.detail[:_KEY_BYTES], signed=True)
    return Click(_location(link.detail[_KEY_BYTES:].decode()), _seen(link, key))


def read_open(links: Links, name: str) -> Seen | None:
    """None in a trial. Raises LinkUnknown."""
    if not name.endswith(PIXEL_SUFFIX):
        raise LinkUnknown("There is no such picture.")
    return _seen(links.read(name.removesuffix(PIXEL_SUFFIX), Purpose.OPEN, Purpose.TRIAL), None)


def _seen(link: Link, key: int | None) -> Seen | None:
    return Seen(link.campaign_month, link.message_id, key) if link.purpose is not Purpose.TRIAL else None


def _location(target: str) -> str:
    """As browsers read an address: without tabs and line ends, the rest in ASCII."""
    return quote(_LEFT_OUT.sub("", target), safe=_IN_A_URL)
