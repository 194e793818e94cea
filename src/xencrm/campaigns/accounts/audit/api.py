"""The route of the audit log."""

from typing import Annotated
from uuid import UUID

from litestar.params import QueryParameter

from xencrm.campaigns.accounts.audit import store
from xencrm.campaigns.accounts.audit.schemas import ShownDeed, shown_deed
from xencrm.campaigns.services import Provided
from xencrm.kernel.http.paging import Limit, Page, PageCursor, decode_cursor, encode_cursor

OfActor = Annotated[str | None, QueryParameter(name="actor_id", description="only what they did")]
OfKind = Annotated[str | None, QueryParameter(name="subject_kind", description="only what was done to such")]
OfSubject = Annotated[str | None, QueryParameter(name="subject_id", description="only what was done to this")]


async def list_audit(
    *,
    services: Provided,
    actor: OfActor = None,
    kind: OfKind = None,
    subject: OfSubject = None,
    limit: Limit = 100,
    cursor: PageCursor = None,
) -> Page[ShownDeed]:
    """Who did what, the last first."""
    before = decode_cursor(cursor, tuple[UUID])
    async with services.database.transaction() as tx:
        found = await store.list_deeds(
            tx,
            before=before[0] if before else None,
            most=limit + 1,
            actor_id=actor,
            subject_kind=kind,
            subject_id=subject,
        )
    shown = [shown_deed(noted) for noted in found[:limit]]
    return Page(shown, encode_cursor(shown[-1].audit_id) if len(found) > limit else None)
