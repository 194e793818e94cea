"""Routes of customers."""

from uuid import UUID

import msgspec
from litestar.params import FromPath, FromQuery, JSONBody

from xencrm.ingestion import batches
from xencrm.ingestion.batches import BatchQueued
from xencrm.ingestion.customers import reads
from xencrm.ingestion.customers.schemas import Customer, NewCustomer
from xencrm.ingestion.intake import Asked, Queued
from xencrm.ingestion.services import Provided, Services
from xencrm.kernel.http import problems
from xencrm.kernel.http.app import Caller, HttpRequest
from xencrm.kernel.http.lean import LeanHandler, LeanRequest, required_key
from xencrm.kernel.http.paging import Limit, Page, decode_cursor, encode_cursor
from xencrm.kernel.http.principals import Principal

_decoder = msgspec.json.Decoder(NewCustomer)
_encoder = msgspec.json.Encoder()


def lean_post_customer(services: Services) -> LeanHandler:
    async def post(request: LeanRequest) -> bytes:
        asked = Asked(request.principal, required_key(request.idempotency_key), request.correlation_id)
        customer = problems.decode(_decoder, request.body)
        return _encoder.encode(Queued(await services.customers.accept(asked, customer)))

    return post


async def post_customer(
    data: JSONBody[NewCustomer],
    request: HttpRequest,
    principal: Caller,
    services: Provided,
) -> Queued:
    """Queue a customer: upsert by e-mail; a field left out keeps its value."""
    return Queued(await services.customers.accept(asked_by(request, principal), data))


async def post_customers(
    request: HttpRequest,
    principal: Caller,
    services: Provided,
) -> BatchQueued:
    """Queue up to 10,000 customers: a JSON array or NDJSON."""
    rows = batches.split_rows(await request.body(), request.headers.get("content-type", ""))
    return await batches.accept_batch(services.customers, asked_by(request, principal), rows, _decoder)


async def list_customers(
    services: Provided,
    search: FromQuery[str | None] = None,
    status: FromQuery[str | None] = None,
    limit: Limit = 50,
    cursor: FromQuery[str | None] = None,
) -> Page[Customer]:
    """Customers of the Master DB, newest first."""
    after = decode_cursor(cursor, tuple[UUID])
    async with services.database.transaction() as tx:
        found = await reads.list_customers(
            tx, search=search, status=status, after=after[0] if after else None, limit=limit + 1
        )
    more = len(found) > limit
    return Page(found[:limit], encode_cursor(found[limit - 1].customer_id) if more else None)


async def get_customer(customer_id: FromPath[UUID], services: Provided) -> Customer:
    """One customer with opening balance and totals."""
    async with services.database.transaction() as tx:
        return await reads.find_customer(tx, customer_id)


def asked_by(request: HttpRequest, principal: Principal) -> Asked:
    key = required_key(request.headers.get("idempotency-key"))
    return Asked(principal, key, request.headers.get("x-request-id", ""))
