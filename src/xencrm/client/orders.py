"""`/orders`: purchases."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from msgspec import UNSET, Struct, UnsetType, to_builtins

from xencrm.client.batches import MAX_ROWS, Progress, Row, Sent, post_chunks
from xencrm.client.events import Queued
from xencrm.client.pages import Page
from xencrm.client.transport import Call, Params, Transport, encode

PATH = "/api/v1/orders"
WAITING = "/api/v1/waiting-orders"


class NewOrder(Struct, kw_only=True):
    """What `POST /orders` takes: one of `customer_email` and `customer_id` says whose it is."""

    order_amount: Decimal
    customer_email: str | UnsetType = UNSET
    customer_id: str | UnsetType = UNSET
    order_status: str | UnsetType = UNSET
    order_id: str | UnsetType = UNSET
    ordered_at: datetime | UnsetType = UNSET
    items: list[Any] | UnsetType = UNSET


class Order(Struct, kw_only=True):
    order_id: str
    order_amount: Decimal
    order_status: str = "COMPLETED"
    customer_id: str = ""
    ordered_at: datetime | None = None
    items: list[Any] | None = None


class WaitingOrder(Struct, kw_only=True):
    """An order that was accepted and waits for its customer."""

    event_id: str
    order_id: str
    customer_email: str | None = None
    customer_id: str | None = None
    reason: str = ""
    accepted_at: datetime | None = None
    waiting_since: datetime


class Orders:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def post(self, order: Row, *, key: str | None = None) -> Queued:
        """Record or update an order; one without an `order_id` gets a key, so that a repeat adds nothing."""
        named = "order_id" in to_builtins(order, str_keys=True)
        call = Call(
            "POST", PATH, body=encode(order), key=key or (None if named else uuid4().hex), repeatable=True
        )
        return await self._transport.ask(call, Queued)

    async def list_waiting(
        self, *, customer_email: str | None = None, limit: int = 100, cursor: str | None = None
    ) -> Page[WaitingOrder]:
        """The longest waiting first."""
        params: Params = {"customer_email": customer_email, "limit": limit, "cursor": cursor}
        return await self._transport.ask(Call("GET", WAITING, params), Page[WaitingOrder])

    async def post_batch(
        self,
        orders: Iterable[Row],
        *,
        key: str | None = None,
        chunk_rows: int = MAX_ROWS,
        progress: Progress | None = None,
    ) -> Sent:
        """Any number of orders, in chunks; `progress` is called with the sum so far."""
        return await post_chunks(
            self._transport, f"{PATH}/batch", orders, key=key, chunk_rows=chunk_rows, progress=progress
        )
