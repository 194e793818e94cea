"""`/customers`: the system of record's people."""

from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from msgspec import UNSET, Struct, UnsetType

from xencrm.client.batches import MAX_ROWS, Progress, Row, Sent, post_chunks
from xencrm.client.events import Queued
from xencrm.client.orders import Order
from xencrm.client.pages import FULL_PAGE, Page, walk
from xencrm.client.transport import Call, Params, Transport, decode, encode

Attribute = str | int | float | bool | None
PATH = "/api/v1/customers"
ACCEPTED = 202


class NewCustomer(Struct, kw_only=True):
    """What `POST /customers` takes; an unset field keeps its value. Totals are the opening balance."""

    name: str
    email: str
    phone: str | UnsetType | None = UNSET
    status: str | UnsetType = UNSET
    total_spend: Decimal | UnsetType = UNSET
    total_visits: int | UnsetType = UNSET
    last_order_at: datetime | UnsetType | None = UNSET
    attributes: dict[str, Attribute] | UnsetType = UNSET


class Customer(Struct, kw_only=True):
    """A customer of the Master DB; `opening_*` is from before XenCRM, the totals include it."""

    customer_id: str
    name: str
    email: str
    phone: str | None = None
    status: str = "ACTIVE"
    total_spend: Decimal = Decimal(0)
    total_orders: int = 0
    total_visits: int = 0
    last_order_at: datetime | None = None
    opening_total_spend: Decimal = Decimal(0)
    opening_total_visits: int = 0
    opening_last_order_at: datetime | None = None
    attributes: dict[str, Attribute] = {}
    created_at: datetime | None = None


class Customers:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def post(self, customer: Row, *, key: str | None = None) -> Queued:
        """Create or update by e-mail. The same customer twice changes nothing."""
        call = Call("POST", PATH, body=encode(customer), key=key, repeatable=True)
        return await self._transport.ask(call, Queued)

    async def post_batch(
        self,
        customers: Iterable[Row],
        *,
        key: str | None = None,
        chunk_rows: int = MAX_ROWS,
        progress: Progress | None = None,
    ) -> Sent:
        """Any number of customers, in chunks; `progress` is called with the sum so far."""
        return await post_chunks(
            self._transport, f"{PATH}/batch", customers, key=key, chunk_rows=chunk_rows, progress=progress
        )

    async def list(
        self,
        *,
        search: str | None = None,
        status: str | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page[Customer]:
        params: Params = {"search": search, "status": status, "limit": limit, "cursor": cursor}
        return await self._transport.ask(Call("GET", PATH, params), Page[Customer])

    def all(self, *, search: str | None = None, status: str | None = None) -> AsyncIterator[Customer]:
        return walk(lambda at: self.list(search=search, status=status, limit=FULL_PAGE, cursor=at))

    async def get(self, customer_id: str) -> Customer:
        return await self._transport.ask(Call("GET", f"{PATH}/{customer_id}"), Customer)

    async def patch(
        self, customer_id: str, change: Mapping[str, object], *, key: str | None = None
    ) -> Customer | Queued:
        """The customer as changed, or Queued when it took longer than two seconds."""
        call = Call("PATCH", f"{PATH}/{customer_id}", body=encode(change), key=key)
        answer = await self._transport.send(call)
        if answer.status == ACCEPTED:
            return decode(answer.body, Queued)
        return decode(answer.body, Customer)

    async def erase(self, customer_id: str) -> Queued | None:
        """Everywhere. None when it is done, Queued when it took longer than two seconds."""
        answer = await self._transport.send(Call("DELETE", f"{PATH}/{customer_id}"))
        return decode(answer.body, Queued) if answer.status == ACCEPTED else None

    async def export(self, customer_id: str) -> dict[str, object]:
        """Everything that Ingestion knows of one customer."""
        return await self._transport.ask(Call("GET", f"{PATH}/{customer_id}/export"), dict[str, object])

    async def orders(self, customer_id: str, *, limit: int = 100, cursor: str | None = None) -> Page[Order]:
        params: Params = {"limit": limit, "cursor": cursor}
        return await self._transport.ask(Call("GET", f"{PATH}/{customer_id}/orders", params), Page[Order])
