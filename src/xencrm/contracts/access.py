"""What Campaigns tells others about who may do what."""

from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec import Struct

PRINCIPAL_CHANGED: Final = "principal.changed.v1"


class PrincipalChanged(Struct, frozen=True, kw_only=True):
    """The present state of an API key; the highest version wins. The hash is SHA-256 of the whole key."""

    principal_id: UUID
    key_id: str
    name: str
    role: str
    secret_hash: str
    version: int
    revoked_at: datetime | None = None
