"""A customer's values, and how one word on a customer changes them. Pure."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from msgspec import UNSET, Struct
from msgspec.json import encode
from msgspec.structs import replace

from xencrm.contracts.customers import CustomerRecorded, CustomerRevised

MOST_ATTRIBUTES = 100
MOST_ATTRIBUTES_BYTES = 256_000  # as JSON; a snapshot has all of them


class CustomerValues(Struct, frozen=True):
    """What the shop says of a customer; totals are opening balances from before XenCRM."""

    email: str
    name: str = ""
    phone: str | None = None
    status: str = "ACTIVE"
    opening_total_spend: Decimal = Decimal("0.00")
    opening_total_visits: int = 0
    opening_last_order_at: datetime | None = None
    attributes: dict[str, Any] | None = None


def revised(values: CustomerValues, said: CustomerRecorded | CustomerRevised) -> CustomerValues:
    """The values after a record or a correction: a field left out keeps its value, attributes are merged
    key by key. The e-mail stays."""
    given = {
        "name": said.name,
        "phone": said.phone,
        "status": said.status,
        "opening_total_spend": said.total_spend,
        "opening_total_visits": said.total_visits,
        "opening_last_order_at": said.last_order_at,
    }
    changes: dict[str, Any] = {name: value for name, value in given.items() if value is not UNSET}
    if said.attributes is not UNSET:
        changes["attributes"] = {**(values.attributes or {}), **said.attributes}
    return replace(values, **changes)


def is_too_large(values: CustomerValues) -> bool:
    """Whether merging has given the customer more attributes than one can have."""
    attributes = values.attributes or {}
    return len(attributes) > MOST_ATTRIBUTES or len(encode(attributes)) > MOST_ATTRIBUTES_BYTES


def is_same(values: CustomerValues, known: CustomerValues | None) -> bool:
    """As they are kept: in JSON 1 and true are not the same, in Python they are equal."""
    return known is not None and values == known and encode(values.attributes) == encode(known.attributes)


class TotalsChange(Struct):
    """What orders change in a customer's totals. `recompute`: an order that counted was taken back."""

    spend: Decimal = Decimal(0)
    orders: int = 0
    last_at: datetime | None = None
    recompute: bool = False
