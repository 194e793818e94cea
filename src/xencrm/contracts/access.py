"""What Campaigns tells others about who may do what, and is told about what they did."""

from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec import Struct

PRINCIPAL_CHANGED: Final = "principal.changed.v1"
SIGNING_KEY_ADDED: Final = "signing_key.added.v1"
SESSION_REVOKED: Final = "session.revoked.v1"
AUDIT_NOTED: Final = "audit.noted.v1"


class PrincipalChanged(Struct, frozen=True, kw_only=True):
    """The present state of an API key; the highest version wins. The hash is SHA-256 of the whole key."""

    principal_id: UUID
    key_id: str
    name: str
    role: str
    secret_hash: str
    version: int
    revoked_at: datetime | None = None


class SigningKeyAdded(Struct, frozen=True, kw_only=True):
    """A key by which session tokens of this installation are signed; of Ed25519 the 32 public bytes. One that
    is retired, as its secret was changed, stays so."""

    key_id: str
    public_key: str
    retired: bool = False


class SessionRevoked(Struct, frozen=True, kw_only=True):
    """Tokens of a session, or of all sessions of a person, that were issued before a moment are good no more;
    the latest moment wins."""

    subject_id: UUID
    issued_before: datetime


class AuditNoted(Struct, frozen=True, kw_only=True):
    """What a person or a key did in Ingestion; `detail` has nothing of customers in it but ids."""

    actor_id: str
    action: str
    subject_kind: str
    subject_id: str
    detail: dict[str, object] = {}
