"""The links and the pixel of tracked messages. Whoever follows a link gets there, counted or not."""

import base64
from dataclasses import dataclass
from typing import Any, Final

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.params import FromPath

from xencrm.campaigns.consent.links import Links
from xencrm.campaigns.tracking.addresses import read_click, read_open
from xencrm.campaigns.tracking.model import Seen
from xencrm.campaigns.tracking.recorder import Recorder
from xencrm.kernel.http.headers import ASKED_HEAD

# One transparent dot.
PIXEL: Final = base64.b64decode("R0lGODlhAQABAIAAAP///wAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")
_HEADERS: Final = {"cache-control": "no-store", "referrer-policy": "no-referrer"}
_AHEAD: Final = ("purpose", "sec-purpose", "x-purpose", "x-moz")


@dataclass(frozen=True, slots=True)
class Tracking:
    """What the routes work with."""

    links: Links
    recorder: Recorder

    def note(self, seen: Seen | None, request: Request[Any, Any, Any]) -> None:
        """Not for a test message, and not for programs that look ahead of people."""
        if seen is not None and not _is_ahead(request):
            self.recorder.note(seen)


Tracked = NamedDependency[Tracking]


async def follow_link(
    token: FromPath[str], request: Request[Any, Any, Any], tracking: Tracked
) -> Response[None]:
    """On to where the link of a message leads."""
    click = read_click(tracking.links, token)
    tracking.note(click.seen, request)
    return Response(None, status_code=302, headers={**_HEADERS, "location": click.location})


async def show_pixel(
    name: FromPath[str], request: Request[Any, Any, Any], tracking: Tracked
) -> Response[bytes]:
    """A transparent dot, which says that a message was opened."""
    tracking.note(read_open(tracking.links, name), request)
    return Response(PIXEL, media_type="image/gif", headers=_HEADERS)


def _is_ahead(request: Request[Any, Any, Any]) -> bool:
    said = " ".join(request.headers.get(name, "") for name in _AHEAD).lower()
    return ASKED_HEAD in request.scope or "prefetch" in said or "preview" in said
