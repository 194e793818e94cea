"""Who asks, and what they may."""

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from xencrm.kernel.errors import Forbidden, Unauthenticated


class Role(StrEnum):
    VIEWER = "viewer"
    MARKETER = "marketer"
    ADMIN = "admin"
    INGEST = "ingest"


READING: Final = frozenset({Role.VIEWER, Role.MARKETER, Role.ADMIN})
MARKETING: Final = frozenset({Role.MARKETER, Role.ADMIN})
ADMINISTERING: Final = frozenset({Role.ADMIN})
INGESTING: Final = frozenset({Role.INGEST, Role.MARKETER, Role.ADMIN})
FOLLOWING_INGEST: Final = READING | INGESTING

_KEY = re.compile(r"^xk_([0-9a-f]{12})_([A-Za-z0-9_-]{32,128})$")


@dataclass(frozen=True, slots=True)
class Principal:
    """A person or an API key."""

    principal_id: str
    name: str
    role: Role


class Authenticator(Protocol):
    async def authenticate(self, token: str) -> Principal | None:
        """The principal that a bearer token stands for, or None."""
        ...


def split_key(token: str) -> tuple[str, bytes] | None:
    """Id of an API key and SHA-256 of its whole text; None when it does not look like one."""
    match = _KEY.match(token)
    return (match[1], hashlib.sha256(token.encode()).digest()) if match else None


async def authorize(
    authenticator: Authenticator, authorization: str | None, allowed: frozenset[Role]
) -> Principal:
    """Raises Unauthenticated or Forbidden."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("Send an API key: Authorization: Bearer <key>.")
    principal = await authenticator.authenticate(token.strip())
    if principal is None:
        raise Unauthenticated("The API key is not known or was revoked.")
    if principal.role not in allowed:
        raise Forbidden(f"The role {principal.role} does not allow this.")
    return principal
