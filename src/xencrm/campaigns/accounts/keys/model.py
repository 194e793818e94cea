"""API keys: who may ask for what."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from xencrm.kernel.errors import Conflict, FieldError, InvalidInput, NotFound
from xencrm.kernel.http.principals import Role, split_key

SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Limits:
    """What a key may not although its role may, so that a program that acts by itself can be let in.

    `agent`: launches and schedules only with the plan token of a pre-flight. `draft_only`: writes drafts and
    segments, and moves nothing. `daily_recipients`: to how many customers a day its launches may write.
    """

    agent: bool = False
    draft_only: bool = False
    daily_recipients: int | None = None

    def __bool__(self) -> bool:
        return self != NO_LIMITS


NO_LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A stored key; its text is known only when it is made."""

    key_id: str
    principal_id: UUID
    name: str
    role: Role
    limits: Limits
    secret_hash: bytes
    version: int
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class KeyText:
    """The two things that are kept of a key's text: its id and the SHA-256 of the whole."""

    key_id: str
    secret_hash: bytes


class MalformedKey(InvalidInput):
    """A key that does not look like `xk_<12 hex>_<32 or more>`."""


class LimitsMisplaced(InvalidInput):
    """Limits of a key whose role does not launch, or could make keys without limits."""


class KeyTaken(Conflict):
    """Another key has this id."""


class KeyUnknown(NotFound):
    """No key has this id."""


def new_key() -> str:
    """The text of a new key; 256 random bits."""
    return f"xk_{secrets.token_hex(6)}_{secrets.token_urlsafe(SECRET_BYTES)}"


def check_limits(role: Role, limits: Limits) -> None:
    """Raises LimitsMisplaced."""
    if limits and role is not Role.MARKETER:
        wrong = "agent, draft_only and daily_recipients are for the role marketer"
        raise LimitsMisplaced(errors=[FieldError("role", wrong)])


def read_key(text: str) -> KeyText:
    """Raises MalformedKey."""
    parts = split_key(text)
    if parts is None:
        raise MalformedKey("A key looks like xk_<12 hex digits>_<32 to 128 of A-Z a-z 0-9 _ ->.")
    return KeyText(*parts)
