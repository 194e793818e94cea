"""Customers and orders, sent in."""

import asyncio
from typing import Annotated, Any, Final, Literal
from uuid import uuid4

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from xencrm.client.client import Client
from xencrm.client.errors import ConnectionLost, Unavailable
from xencrm.client.events import Event, Queued
from xencrm.kernel.validation import PHONE_LENGTH, clean_email, clean_text
from xencrm.mcp_server import limits
from xencrm.mcp_server.desk import Desk
from xencrm.mcp_server.refusals import explained
from xencrm.mcp_server.tool import Arguments, Mistaken, Reply, Tool
from xencrm.mcp_server.words import ZoneUnknown, quoted

LOOKS: Final = 10
BETWEEN_S: Final = 0.2
Amount = Annotated[int | float | str, Meta(description="in the installation's currency, such as 1499.50")]
When = Annotated[str, Meta(description="RFC 3339 or a day, such as 2026-11-23T14:05:00+05:30 or 2026-11-23")]
Attributes = dict[str, str | int | float | bool | None]


class AddCustomer(Arguments, kw_only=True, forbid_unknown_fields=True):
    name: str
    email: str
    phone: str | UnsetType | None = UNSET
    status: Literal["ACTIVE", "INACTIVE"] | UnsetType = UNSET
    total_spend: Annotated[Amount, Meta(description="spent before XenCRM knew of orders")] | UnsetType = UNSET
    total_visits: (
        Annotated[int, Meta(ge=0, le=limits.MOST_VISITS, description="visits from before")] | UnsetType
    ) = UNSET
    last_order_at: When | UnsetType = UNSET
    attributes: Attributes | UnsetType = UNSET

    def __post_init__(self) -> None:
        limits.check_name(self.name)
        clean_email("email", self.email)
        if isinstance(self.phone, str):
            clean_text("phone", self.phone, PHONE_LENGTH)
        if self.total_spend is not UNSET:
            limits.check_given_amount("total_spend", self.total_spend)
        if self.last_order_at is not UNSET:
            limits.check_moment("last_order_at", self.last_order_at)
        if self.attributes is not UNSET:
            limits.check_attributes(self.attributes)


class AddOrder(Arguments, kw_only=True, forbid_unknown_fields=True):
    customer_email: str
    order_amount: Amount
    order_status: Literal["PENDING", "COMPLETED", "CANCELLED", "REFUNDED"] = "COMPLETED"
    order_id: (
        Annotated[str, Meta(description="the shop's own; a known one updates that order")] | UnsetType
    ) = UNSET
    ordered_at: When | UnsetType = UNSET
    items: list[dict[str, Any]] | UnsetType = UNSET

    def __post_init__(self) -> None:
        clean_email("customer_email", self.customer_email)
        limits.check_given_amount("order_amount", self.order_amount)
        if self.order_id is not UNSET:
            clean_text("order_id", self.order_id, limits.ORDER_ID_LENGTH)
        if self.ordered_at is not UNSET:
            limits.check_moment("ordered_at", self.ordered_at)
        if self.items is not UNSET:
            limits.check_items(self.items)


class Taken(Struct, kw_only=True):
    """`status` is queued, applied or waiting (for its customer)."""

    event_id: str
    status: str


async def add_customer(desk: Desk, asked: AddCustomer) -> Reply[Taken]:
    body = msgspec.to_builtins(asked)
    if asked.last_order_at is not UNSET:
        body["last_order_at"] = _moment(desk, "last_order_at", asked.last_order_at)
    taken = await _settled(desk.client, await desk.client.customers.post(body))
    return Reply(f"The customer {quoted(asked.email)} is {_standing(taken)}.", taken)


async def add_order(desk: Desk, asked: AddOrder) -> Reply[Taken]:
    body = msgspec.to_builtins(asked)
    if asked.ordered_at is not UNSET:
        body["ordered_at"] = _moment(desk, "ordered_at", asked.ordered_at)
    if asked.order_id is UNSET:
        body["order_id"] = uuid4().hex
    taken = await _ordered(desk, body)
    return Reply(
        f"The order {body['order_id']} of {quoted(asked.customer_email)} is {_standing(taken)}.", taken
    )


async def _ordered(desk: Desk, body: dict[str, Any]) -> Taken:
    """An order that may have been taken must not be another one the next time."""
    try:
        return await _settled(desk.client, await desk.client.orders.post(body))
    except (ConnectionLost, Unavailable) as error:
        if desk.by_card:
            raise
        again = f"When you call again, give order_id {body['order_id']!r}: the order then counts once."
        raise Mistaken(f"{explained(error)} {again}") from error


def _moment(desk: Desk, field: str, text: str) -> str:
    """Raises Mistaken."""
    try:
        return desk.words.moment(text)
    except ZoneUnknown as error:
        raise Mistaken(
            f"{field} has no offset, and the installation's time zone cannot be asked for at the moment. "
            "Give it with one, such as 2026-11-23T14:05:00+05:30."
        ) from error


async def _settled(client: Client, queued: Queued) -> Taken:
    """What became of it within two seconds. Raises Mistaken when it was refused."""
    event = Event(queued.event_id, queued.status)
    for _ in range(LOOKS):
        event = await client.events.get(queued.event_id)
        if event.status != "queued":
            break
        await asyncio.sleep(BETWEEN_S)
    if event.status == "rejected":
        raise Mistaken(
            f"It was taken, but could not be applied: {quoted(event.reason)}. Correct it and call again."
        )
    return Taken(event_id=event.event_id, status=event.status)


def _standing(taken: Taken) -> str:
    if taken.status == "applied":
        return "recorded"
    return "safely queued and will be there soon" if taken.status == "queued" else "waiting for its customer"


TOOLS: Final = (
    Tool(
        "add_customer",
        "Add or update a customer",
        "Add a customer, or update the one with this e-mail address: what is left out keeps its value. "
        "Totals are the "
        "opening balance from before XenCRM; orders add to it.",
        AddCustomer,
        Taken,
        add_customer,
        repeatable=True,
        anyway=True,
    ),
    Tool(
        "add_order",
        "Add an order",
        "Record an order of a customer who is known by e-mail address. COMPLETED orders count in the "
        "customer's totals. "
        "With an order_id that is known the order is updated.",
        AddOrder,
        Taken,
        add_order,
        hint="If the customer is not known, call add_customer first.",
        anyway=True,
    ),
)
