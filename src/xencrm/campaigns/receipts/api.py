"""Routes of messages."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from xencrm.campaigns.accounts.audit import service as audit
from xencrm.campaigns.delivery import deciding
from xencrm.campaigns.delivery.model import State
from xencrm.campaigns.planning import service as planning
from xencrm.campaigns.receipts import reads
from xencrm.campaigns.receipts.schemas import MessageInFull, ShownMessage
from xencrm.campaigns.receipts.webhook import ReceiptsTaken, Webhooks
from xencrm.campaigns.services import Provided
from xencrm.kernel.http.app import Caller
from xencrm.kernel.http.paging import Limit, Page, PageCursor, decode_cursor, encode_cursor
from xencrm.kernel.logging import get_logger

log = get_logger(__name__)

Search = Annotated[
    str, QueryParameter(max_length=255, description="words in the customer's name, e-mail or phone")
]
InState = Annotated[State | None, QueryParameter(name="state", description="only messages in this state")]


async def list_messages(
    *,
    campaign_id: FromPath[UUID],
    services: Provided,
    q: Search = "",
    in_state: InState = None,
    limit: Limit = 100,
    cursor: PageCursor = None,
) -> Page[ShownMessage]:
    """A campaign's messages, by customer; all of them, those in one state, those to whom the words lead."""
    after = decode_cursor(cursor, tuple[UUID])
    async with services.database.transaction() as tx:
        campaign = await planning.get_campaign(tx, campaign_id)
        found = await reads.list_messages(
            tx,
            campaign_id,
            campaign.campaign_month,
            state=in_state,
            words=q.replace("\0", " ").split(),
            after=after[0] if after else None,
            most=limit + 1,
        )
    more = len(found) > limit
    return Page(found[:limit], encode_cursor(found[limit - 1].customer_id) if more else None)


async def get_message(message_id: FromPath[UUID], services: Provided) -> MessageInFull:
    """One message: its text, where it went, and what the vendor said."""
    async with services.database.transaction() as tx:
        return await reads.find_message(tx, message_id)


async def resend_message(message_id: FromPath[UUID], principal: Caller, services: Provided) -> MessageInFull:
    """Send an UNCONFIRMED message once more; the customer may then get it twice."""
    async with services.database.transaction() as tx:
        await deciding.resend(tx, message_id)
        await audit.note(tx, "message.resent", "message", message_id)
        message = await reads.find_message(tx, message_id)
    log.info("message.resent", message_id=str(message_id), attempt=message.attempt, by=principal.name)
    return message


async def give_up_message(message_id: FromPath[UUID], principal: Caller, services: Provided) -> MessageInFull:
    """Count an UNCONFIRMED message as failed."""
    async with services.database.transaction() as tx:
        await deciding.give_up(tx, message_id)
        await audit.note(tx, "message.given_up", "message", message_id)
        message = await reads.find_message(tx, message_id)
    log.info("message.given_up", message_id=str(message_id), by=principal.name)
    return message


async def take_receipts(
    vendor: FromPath[str], request: Request[Any, Any, Any], webhooks: NamedDependency[Webhooks]
) -> ReceiptsTaken:
    """A vendor's own receipts, signed by it."""
    return await webhooks.take(vendor, request.headers, await request.body())
