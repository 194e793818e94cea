"""Routes of suppressions, and the unsubscribe page."""

from typing import Annotated
from uuid import UUID

from litestar import Response
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from sqlalchemy.exc import DBAPIError

from xencrm.campaigns.accounts.audit import service as audit
from xencrm.campaigns.consent import page, service
from xencrm.campaigns.consent.links import Link, Links, LinkUnknown, Purpose
from xencrm.campaigns.consent.model import AddressHashes, Reason
from xencrm.campaigns.consent.schemas import (
    ShownSuppression,
    SuppressionInput,
    SuppressionsInput,
    SuppressionsTaken,
    cleaned,
    shown_suppression,
)
from xencrm.campaigns.services import Provided
from xencrm.kernel.database import is_transient
from xencrm.kernel.http.app import Caller
from xencrm.kernel.http.paging import Limit, Page, PageCursor, decode_cursor, encode_cursor
from xencrm.kernel.logging import get_logger

Search = Annotated[str, QueryParameter(max_length=255, description="a part of the address")]
OfReason = Annotated[Reason | None, QueryParameter(description="only these")]
log = get_logger(__name__)


async def list_suppressions(
    *,
    services: Provided,
    hashes: NamedDependency[AddressHashes],
    q: Search = "",
    reason: OfReason = None,
    limit: Limit = 100,
    cursor: PageCursor = None,
) -> Page[ShownSuppression]:
    """Who must not be written to, the newest first. A whole address finds erased persons' too."""
    before = decode_cursor(cursor, tuple[UUID])
    async with services.database.transaction() as tx:
        found = await service.search(
            tx,
            hashes,
            q=q.replace("\0", " "),
            reason=reason,
            before=before[0] if before else None,
            most=limit + 1,
        )
    shown = [shown_suppression(each) for each in found[:limit]]
    return Page(shown, encode_cursor(shown[-1].suppression_id) if len(found) > limit else None)


async def create_suppression(
    data: JSONBody[SuppressionInput],
    principal: Caller,
    services: Provided,
    hashes: NamedDependency[AddressHashes],
) -> ShownSuppression:
    """Suppress an address or a customer, for the reason MANUAL. The same again changes nothing."""
    async with services.database.transaction() as tx:
        kept = await service.suppress(
            tx,
            hashes,
            email=data.email,
            customer_id=data.customer_id,
            note=data.note,
            created_by=principal.name,
        )
        await audit.note(tx, "suppression.added", "suppression", kept.suppression_id, reason=kept.reason)
    log.info("suppression.made", suppression_id=str(kept.suppression_id), by=principal.name)
    return shown_suppression(kept)


async def create_suppressions(
    data: JSONBody[SuppressionsInput],
    principal: Caller,
    services: Provided,
    hashes: NamedDependency[AddressHashes],
) -> SuppressionsTaken:
    """Suppress up to 10,000 addresses; good ones go on when others are bad."""
    emails, rejected = cleaned(data.emails)
    added = 0
    if emails:
        async with services.database.transaction() as tx:
            added = await service.suppress_all(
                tx, hashes, emails, reason=data.reason, note=data.note, created_by=principal.name
            )
            await audit.note(tx, "suppression.imported", "suppression", "", reason=data.reason, added=added)
    log.info("suppression.taken_over", addresses=len(emails), added=added, by=principal.name)
    return SuppressionsTaken(len(data.emails) - len(rejected), added, rejected)


async def delete_suppression(suppression_id: FromPath[UUID], principal: Caller, services: Provided) -> None:
    """Lift a suppression; there may be others on the same person."""
    async with services.database.transaction() as tx:
        lifted = await service.lift(tx, suppression_id)
        await audit.note(tx, "suppression.lifted", "suppression", suppression_id, reason=lifted.reason)
    log.info(
        "suppression.lifted", suppression_id=str(suppression_id), reason=lifted.reason, by=principal.name
    )


async def show_unsubscribe(token: FromPath[str], links: NamedDependency[Links]) -> Response[bytes]:
    """Asks whether to unsubscribe. Changes nothing: mail scanners follow links."""
    link = _read(token, links)
    if link is None:
        return _shown(page.UNKNOWN, 404)
    return _shown(page.TRIAL if link.purpose is Purpose.TRIAL else page.ASK)


async def unsubscribe(
    token: FromPath[str],
    services: Provided,
    links: NamedDependency[Links],
    hashes: NamedDependency[AddressHashes],
) -> Response[bytes]:
    """Unsubscribes, by the page's button or by a mail program's one click (RFC 8058)."""
    link = _read(token, links)
    if link is None:
        return _shown(page.UNKNOWN, 404)
    try:
        async with services.database.transaction() as tx:
            await service.unsubscribe(tx, hashes, link)
    except LinkUnknown:
        return _shown(page.UNKNOWN, 404)
    except (DBAPIError, OSError) as error:
        if not is_transient(error):
            raise
        return _shown(page.AWAY, 503, retry_after_s=1)
    log.info("message.unsubscribed", message_id=str(link.message_id), trial=link.purpose is Purpose.TRIAL)
    return _shown(page.TRIAL if link.purpose is Purpose.TRIAL else page.DONE)


def _read(token: str, links: Links) -> Link | None:
    try:
        return links.read(token, Purpose.UNSUBSCRIBE, Purpose.TRIAL)
    except LinkUnknown:
        return None


def _shown(body: bytes, status: int = 200, *, retry_after_s: int | None = None) -> Response[bytes]:
    headers = dict(page.HEADERS)
    if retry_after_s is not None:
        headers["retry-after"] = str(retry_after_s)
    return Response(body, status_code=status, media_type=page.CONTENT_TYPE, headers=headers)
