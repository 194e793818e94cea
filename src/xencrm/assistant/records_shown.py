"""Cards of customers and orders: added, or what there is overwritten."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from xencrm.assistant.conversation import Card, Fact
from xencrm.client.customers import Customer
from xencrm.client.orders import Order
from xencrm.client.pages import FULL_PAGE
from xencrm.mcp_server.desk import Desk
from xencrm.mcp_server.tool import Mistaken
from xencrm.mcp_server.tools.intake import AddCustomer, AddOrder
from xencrm.mcp_server.words import Words

MOST_PAGES: Final = 10
UNKNOWN: Final = "No customer has the address {}. Propose add_customer first, or ask for the right address."
NONE: Final = "none"
# What is given is an opening balance; totals have the orders in them.
_OPENING: Final = {
    "total_spend": ("opening_total_spend", "Spent before XenCRM"),
    "total_visits": ("opening_total_visits", "Visits before XenCRM"),
    "last_order_at": ("opening_last_order_at", "Last order before XenCRM"),
}


async def show_customer(desk: Desk, card: Card, asked: AddCustomer) -> list[Any]:
    """What the card is bound to. Raises ClientError."""
    given: dict[str, Any] = msgspec.to_builtins(asked)
    attributes: dict[str, Any] = given.pop("attributes", {})
    known = await _find_customer(desk, asked.email)
    before = {} if known is None else {name: getattr(known, _OPENING.get(name, (name,))[0]) for name in given}
    kept = {} if known is None else {name: known.attributes.get(name) for name in attributes}
    card.title = "Add a customer" if known is None else "Update a customer"
    card.action = "Add" if known is None else "Update"
    card.facts = [
        *(
            Fact(_label(name), _change(name, before, value, desk.words, is_new=known is None))
            for name, value in given.items()
        ),
        *(
            Fact(f"Attribute {_told(name)}", _change(name, kept, value, desk.words, is_new=known is None))
            for name, value in attributes.items()
        ),
    ]
    return [None if known is None else known.customer_id, *map(str, before.values()), kept]


async def show_order(desk: Desk, card: Card, asked: AddOrder) -> list[Any]:
    """What the card is bound to. Raises Mistaken for a customer who is not there, ClientError."""
    customer = await _find_customer(desk, asked.customer_email)
    if customer is None:
        raise Mistaken(UNKNOWN.format(asked.customer_email))
    given: dict[str, Any] = msgspec.to_builtins(asked)
    known = await _find_order(desk, customer, given["order_id"]) if "order_id" in given else None
    before = {} if known is None else {name: getattr(known, name) for name in given if hasattr(known, name)}
    card.title = "Add an order" if known is None else "Update an order"
    card.action = "Add" if known is None else "Update"
    card.facts = [
        Fact("Customer", f"{customer.name}, {customer.email}"),
        *(
            Fact(_label(name), _change(name, before, value, desk.words, is_new=known is None))
            for name, value in given.items()
            if name != "customer_email"
        ),
    ]
    if known is None and "order_id" in given:
        card.title, card.action = "Add or overwrite an order", "Add or overwrite"
        card.facts.append(
            Fact("If another customer has an order with this id", "it is overwritten and becomes this one's")
        )
    return [customer.customer_id, None if known is None else msgspec.to_builtins(known)]


async def _find_customer(desk: Desk, email: str) -> Customer | None:
    wanted = email.strip().lower()
    async for customer in desk.client.customers.all(search=wanted):
        if customer.email == wanted:
            return customer
    return None


async def _find_order(desk: Desk, customer: Customer, order_id: str) -> Order | None:
    """Raises Mistaken where there are too many to be sure."""
    cursor: str | None = None
    for _ in range(MOST_PAGES):
        page = await desk.client.customers.orders(customer.customer_id, limit=FULL_PAGE, cursor=cursor)
        found = next((order for order in page.items if order.order_id == order_id.strip()), None)
        cursor = page.next_cursor
        if found is not None or cursor is None:
            return found
    raise Mistaken(
        "The customer has too many orders to tell whether this one is known: a person has to do it."
    )


def _change(name: str, before: Mapping[str, Any], value: Any, words: Words, *, is_new: bool) -> str:
    """The given value; with the former one, if there is one."""
    now = _shown(name, value, words)
    if is_new or name not in before or name == "email":
        return value if now == _told(value) and isinstance(value, str) else now
    was = _shown(name, before[name], words)
    return f"{now}, as it is" if was == now else f"{was} → {now}"


def _shown(name: str, value: Any, words: Words) -> str:
    if value is None:
        return NONE
    if name.endswith("_at"):
        return words.time(value if isinstance(value, datetime) else _moment(value, words))
    if name in ("total_spend", "order_amount"):
        return words.money(Decimal(str(value)))
    return _told(value)


def _moment(text: str, words: Words) -> datetime:
    return datetime.fromisoformat(words.moment(text))


def _label(name: str) -> str:
    return _OPENING[name][1] if name in _OPENING else name.replace("_", " ").capitalize()


def _told(value: Any) -> str:
    """Texts between quotes that they cannot end."""
    return msgspec.json.encode(value).decode()
