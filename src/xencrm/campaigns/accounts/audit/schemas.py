"""The audit log over HTTP."""

from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta, Struct

from xencrm.campaigns.accounts.audit.store import Noted
from xencrm.kernel.http.shapes import Time


class ShownDeed(Struct, kw_only=True):
    """`actor_id` is empty and `actor_kind` is `system` for what the product did by itself or by a command."""

    audit_id: UUID
    at: Time
    actor_id: str
    actor_name: str
    actor_kind: Annotated[str, Meta(examples=["person"])]
    action: Annotated[str, Meta(examples=["campaign.launched"])]
    subject_kind: Annotated[str, Meta(examples=["campaign"])]
    subject_id: str
    detail: dict[str, Any]


def shown_deed(noted: Noted) -> ShownDeed:
    return ShownDeed(**{name: getattr(noted, name) for name in ShownDeed.__struct_fields__})
