"""Headers of every answer that tell browsers what not to do with it."""

from collections.abc import Iterable
from typing import Any, Final

from litestar.types import Message, Scope

RawHeaders = list[tuple[bytes, bytes]]

SET_COOKIE: Final = "xencrm.set_cookie"  # in the scope: what an answer gives beside what its handler says
PROTECTING: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
)
_BY_HTTPS: Final = (b"strict-transport-security", b"max-age=31536000")


def protecting(*, https: bool) -> RawHeaders:
    """The headers; `https`: this is only reached by https."""
    return [*PROTECTING, *([_BY_HTTPS] if https else [])]


class Secured:
    """Adds to an answer the headers that it lacks, and the cookie that is to go with it."""

    def __init__(self, *, https: bool) -> None:
        self._headers = protecting(https=https)

    async def __call__(self, message: Message, scope: Scope) -> None:
        if message["type"] != "http.response.start":
            return
        sent: Iterable[tuple[bytes, bytes]] = message.get("headers", [])
        there = {name.lower() for name, _ in sent}
        added = [header for header in self._headers if header[0] not in there]
        cookie: Any = scope.get(SET_COOKIE)
        if cookie is not None and b"set-cookie" not in there:
            added.append((b"set-cookie", cookie.encode()))
        message["headers"] = [*sent, *added]
