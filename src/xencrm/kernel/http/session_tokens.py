"""The token in a session's cookie: `<header>.<claims>.<signature>`, each base64url, signed with Ed25519.

The header names the key and nothing else: how a token is signed is not the token's to say.
"""

import base64
import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from xencrm.kernel.http.principals import Kind, Principal, Role, Session

MOST_LENGTH = 4096
MOST_LIFE: Final = timedelta(minutes=5)


class Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kid: str


class Claims(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The session and its person, their role, the CSRF token; good from `iat` up to `exp`."""

    sid: UUID
    pid: UUID
    name: str
    role: Role
    csrf: str
    iat: datetime
    exp: datetime


FindKey = Callable[[str], Awaitable[Ed25519PublicKey | None]]
_header = msgspec.json.Decoder(Header)
_claims = msgspec.json.Decoder(Claims)


def key_id_of(key: Ed25519PublicKey) -> str:
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


def sign(claims: Claims, key: Ed25519PrivateKey) -> str:
    header = Header(key_id_of(key.public_key()))
    signed = f"{_written(msgspec.json.encode(header))}.{_written(msgspec.json.encode(claims))}"
    return f"{signed}.{_written(key.sign(signed.encode()))}"


async def read(token: str, find_key: FindKey) -> Claims | None:
    """The claims of a token that one of our keys has signed, however old it is; None for any other, and for
    one that was to be good for longer than ours are."""
    parts = token.split(".") if len(token) <= MOST_LENGTH and token.isascii() else []
    if len(parts) != 3:
        return None
    try:
        raw_header, raw_claims, signature = (_read(part) for part in parts)
        key = await find_key(_header.decode(raw_header).kid)
        if key is None:
            return None
        key.verify(signature, f"{parts[0]}.{parts[1]}".encode())
        claims = _claims.decode(raw_claims)
        return claims if claims.exp - claims.iat <= MOST_LIFE else None
    except (ValueError, msgspec.MsgspecError, InvalidSignature):
        return None


def principal_of(claims: Claims) -> Principal:
    session = Session(claims.sid, claims.csrf, claims.iat, claims.exp)
    return Principal(str(claims.pid), claims.name, claims.role, Kind.PERSON, session)


def _written(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _read(text: str) -> bytes:
    """Raises ValueError for what is not written as `_written` writes it."""
    raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if _written(raw) != text:
        raise ValueError("not in its one form")
    return raw
