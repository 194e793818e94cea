"""Routes of orders."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar.params import FromPath, JSONBody, QueryParameter

from xencrm.contracts.orders import ORDER_RECORDED
from xencrm.ingestion.batches.rows import BatchQueued, accept_batch, split_rows
from xencrm.ingestion.customers import reads as customers
from xencrm.ingestion.customers.api import asked_by
from xencrm.ingestion.intake import Asked, Queued, Word
from xencrm.ingestion.orders import reads
from xencrm.ingestion.orders.reads import Cursor, WaitingCursor
from xencrm.ingestion.orders.schemas import NewOrder, Order, WaitingOrder
from xencrm.ingestion.services import Provided, Services
from xencrm.kernel.errors import NotFound
from xencrm.kernel.http import problems
from xencrm.kernel.http.app import Caller
from xencrm.kernel.http.inputs import HttpRequest
from xencrm.kernel.http.lean import LeanHandler, LeanRequest
from xencrm.kernel.http.paging import Limit, Page, PageCursor, decode_cursor, encode_cursor

OfEmail = Annotated[str | None, QueryParameter(description="only those of a customer with this e-mail")]
_decoder = msgspec.json.Decoder(NewOrder)
_encoder = msgspec.json.Encoder()


def lean_post_order(services: Services) -> LeanHandler:
    async def post(request: LeanRequest) -> bytes:
        asked = Asked(request.principal, request.idempotency_key, request.correlation_id)
        order = problems.decode(_decoder, request.body)
        return _encoder.encode(await _accept(services, asked, order))

    return post


async def post_order(
    data: JSONBody[NewOrder],
    request: HttpRequest,
    principal: Caller,
    services: Provided,
) -> Queued:
    """Queue an order, or an update of a known one; 404 for a customer that stays unknown."""
    return await _accept(services, asked_by(request, principal), data)


async def _accept(services: Services, asked: Asked, order: NewOrder) -> Queued:
    since = asyncio.get_running_loop().time()
    key = order.customer_email if isinstance(order.customer_email, str) else order.customer_id
    email = await services.known.find_email(key) if isinstance(key, str | UUID) else None
    if email is None and not await _may_come(services, asked, key, since):
        raise NotFound(f"There is no customer {key}.")
    return Queued(await services.orders.accept(asked, _word(order, email)))


def _word(order: NewOrder, email: str | None = None) -> Word:
    """By id or e-mail, a customer's orders go to one queue."""
    if isinstance(order.customer_email, str):
        return Word(ORDER_RECORDED, order.customer_email, order)
    return Word(ORDER_RECORDED, str(order.customer_id), order, email or "")


async def _may_come(services: Services, asked: Asked, key: object, since: float) -> bool:
    """An unknown customer may still be in a queue that lags: then the order will wait. By id nobody is asked
    for who is not there."""
    if not isinstance(key, str):
        return False
    if not await services.marks.has_passed(asked, key, since):
        return True
    return bool(await services.known.find_emails([key]))


async def post_orders(
    request: HttpRequest,
    principal: Caller,
    services: Provided,
) -> BatchQueued:
    """Queue up to 10,000 orders: a JSON array or NDJSON; those of unknown customers wait."""

    async def words(orders: Sequence[NewOrder]) -> list[Word]:
        emails = await _emails_of(services, orders) if services.partitions > 1 else {}
        return [_word(order, emails.get(order.customer_id)) for order in orders]

    rows = split_rows(await request.body(), request.headers.get("content-type", ""))
    return await accept_batch(services.orders, asked_by(request, principal), rows, _decoder, words)


async def _emails_of(services: Services, orders: Sequence[NewOrder]) -> Mapping[Any, str]:
    """By customer id, of those that are known: what names a customer by id goes the way of the e-mail."""
    ids = {order.customer_id for order in orders if isinstance(order.customer_id, UUID)}
    return await services.known.find_emails(sorted(ids)) if ids else {}


async def list_waiting(
    services: Provided,
    customer_email: OfEmail = None,
    limit: Limit = 100,
    cursor: PageCursor = None,
) -> Page[WaitingOrder]:
    """Orders that wait for their customer, the longest waiting first, with the reason."""
    after = decode_cursor(cursor, WaitingCursor)
    email = customer_email.strip().lower() if customer_email else None
    async with services.database.transaction() as tx:
        found = await reads.list_waiting(tx, email=email, after=after, limit=limit + 1)
    more = len(found) > limit
    last = found[limit - 1] if more else None
    return Page(found[:limit], encode_cursor(last.waiting_since, last.event_id) if last else None)


async def list_orders(
    customer_id: FromPath[UUID],
    services: Provided,
    limit: Limit = 50,
    cursor: PageCursor = None,
) -> Page[Order]:
    """A customer's orders, newest first."""
    after = decode_cursor(cursor, Cursor)
    async with services.database.transaction() as tx:
        await customers.check_exists(tx, customer_id)
        found = await reads.list_orders(tx, customer_id, after=after, limit=limit + 1)
    more = len(found) > limit
    last = found[limit - 1] if more else None
    return Page(found[:limit], encode_cursor(last.ordered_at, last.order_id) if last else None)
