"""Headers of every answer that tell browsers, and what is in between, what not to do with it."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, cast

from litestar.types import Message, Scope

RawHeaders = list[tuple[bytes, bytes]]

_COOKIES: Final = "xencrm.cookies"  # in the scope
PROTECTING: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
)
_BY_HTTPS: Final = (b"strict-transport-security", b"max-age=31536000")


def give_cookies(scope: Scope, *values: str) -> None:
    """Values of `Set-Cookie` for the answer to this request, instead of those given before."""
    cast(dict[str, Any], scope)[_COOKIES] = values


def protecting(*, https: bool) -> RawHeaders:
    """The headers; `https`: this is only reached by https."""
    return [*PROTECTING, *([_BY_HTTPS] if https else [])]


class Secured:
    """Adds to an answer the headers that it lacks, and the cookies that are to go with it."""

    def __init__(self, *, https: bool) -> None:
        self._headers = protecting(https=https)

    async def __call__(self, message: Message, scope: Scope) -> None:
        if message["type"] != "http.response.start":
            return
        sent: Iterable[tuple[bytes, bytes]] = message.get("headers", [])
        there = {name.lower() for name, _ in sent}
        added = [header for header in self._headers if header[0] not in there]
        given: Sequence[str] = cast(dict[str, Any], scope).get(_COOKIES, ())
        cookies = [(b"set-cookie", value.encode()) for value in given]
        message["headers"] = [*sent, *added, *cookies]
