"""Routes of customers."""

from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from litestar import Response
from litestar.params import FromPath, JSONBody, QueryParameter

from xencrm.contracts.customers import CUSTOMER_RECORDED
from xencrm.ingestion.batches.rows import BatchQueued, accept_batch, split_rows
from xencrm.ingestion.customers import changes, reads
from xencrm.ingestion.customers.schemas import Customer, CustomerPatch, NewCustomer
from xencrm.ingestion.intake import Asked, Queued, Word
from xencrm.ingestion.services import Provided, Services
from xencrm.kernel.http import problems
from xencrm.kernel.http.app import Caller
from xencrm.kernel.http.headers import idempotency_key, request_id
from xencrm.kernel.http.inputs import HttpRequest
from xencrm.kernel.http.lean import LeanHandler, LeanRequest
from xencrm.kernel.http.paging import Limit, Page, PageCursor, decode_cursor, encode_cursor
from xencrm.kernel.http.principals import Principal

Search = Annotated[str | None, QueryParameter(description="a part of name or e-mail")]
OfStatus = Annotated[Literal["ACTIVE", "INACTIVE"] | None, QueryParameter(description="only these")]
_decoder = msgspec.json.Decoder(NewCustomer)
_encoder = msgspec.json.Encoder()


def lean_post_customer(services: Services) -> LeanHandler:
    async def post(request: LeanRequest) -> bytes:
        asked = Asked(request.principal, request.idempotency_key, request.correlation_id)
        customer = problems.decode(_decoder, request.body)
        return _encoder.encode(Queued(await services.customers.accept(asked, _word(customer))))

    return post


async def post_customer(
    data: JSONBody[NewCustomer],
    request: HttpRequest,
    principal: Caller,
    services: Provided,
) -> Queued:
    """Queue a customer: upsert by e-mail; a field left out keeps its value."""
    return Queued(await services.customers.accept(asked_by(request, principal), _word(data)))


async def post_customers(
    request: HttpRequest,
    principal: Caller,
    services: Provided,
) -> BatchQueued:
    """Queue up to 10,000 customers: a JSON array or NDJSON."""
    rows = split_rows(await request.body(), request.headers.get("content-type", ""))
    return await accept_batch(services.customers, asked_by(request, principal), rows, _decoder, _words)


async def _words(customers: Sequence[NewCustomer]) -> list[Word]:
    return [_word(customer) for customer in customers]


def _word(customer: NewCustomer) -> Word:
    return Word(CUSTOMER_RECORDED, customer.email, customer)


async def list_customers(
    services: Provided,
    search: Search = None,
    status: OfStatus = None,
    limit: Limit = 50,
    cursor: PageCursor = None,
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


async def patch_customer(
    customer_id: FromPath[UUID],
    data: JSONBody[CustomerPatch],
    request: HttpRequest,
    principal: Caller,
    services: Provided,
) -> Response[Customer | Queued]:
    """Correct a customer; a field left out keeps its value. 202 when it is not applied within two seconds."""
    answer = await changes.patch(services, asked_by(request, principal), customer_id, data)
    return Response(answer, status_code=202 if isinstance(answer, Queued) else 200)


async def erase_customer(
    customer_id: FromPath[UUID], request: HttpRequest, principal: Caller, services: Provided
) -> Response[Queued | None]:
    """Erase a customer everywhere; orders stay, without a person. 202 when it takes over two seconds."""
    answer = await changes.erase(services, asked_by(request, principal), customer_id)
    return Response(answer, status_code=202 if answer else 204)


def asked_by(request: HttpRequest, principal: Principal) -> Asked:
    key = idempotency_key(request.headers.get("idempotency-key"))
    return Asked(principal, key, request_id(request.headers.get("x-request-id")))
