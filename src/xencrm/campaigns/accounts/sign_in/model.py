"""Signing in with a provider: what is kept while somebody is there, and why it fails."""

from enum import StrEnum
from typing import Final, Protocol

import msgspec

from xencrm.campaigns.accounts.people.model import Identity

MOST_NEXT: Final = 1000
HOME: Final = "/"


class Failure(StrEnum):
    """What the sign-in page is told, as `?error=`."""

    DENIED = "denied"
    STATE = "state"
    NONCE = "nonce"
    UNVERIFIED = "unverified"
    NOT_ALLOWED = "not-allowed"
    PROVIDER = "provider"
    EXPIRED = "expired"


class SignInFailed(Exception):
    """`detail` is for the log."""

    def __init__(self, failure: Failure, detail: str = "") -> None:
        super().__init__(f"{failure}: {detail}")
        self.failure = failure
        self.detail = detail


class Flow(msgspec.Struct, frozen=True):
    """One way to the provider and back; nobody else can have begun it. `next`: where to go then."""

    state: str
    nonce: str
    verifier: str
    next: str


def local_path(wanted: str | None) -> str:
    """What stays on this host whatever a browser makes of it; otherwise the first page."""
    path = wanted or HOME
    is_plain = path.isascii() and path.isprintable() and "\\" not in path and len(path) <= MOST_NEXT
    is_local = path.startswith("/") and not path.startswith("//")
    return path if is_plain and is_local else HOME


class Issuer(Protocol):
    """Whom people sign in with."""

    async def begin(self, path: str) -> tuple[str, Flow]:
        """The issuer's address to go to, and what to remember meanwhile. Raises SignInFailed."""
        ...

    async def identify(self, flow: Flow, code: str) -> Identity:
        """Who came back with a code. Raises SignInFailed."""
        ...
