"""A customer's values, and how one word on a customer changes them. Pure."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from msgspec import UNSET, Struct
from msgspec.json import encode
from msgspec.structs import replace

from xencrm.contracts.customers import CustomerRecorded


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


def revised(values: CustomerValues, recorded: CustomerRecorded) -> CustomerValues:
    """The values after a record: a field left out keeps its value, attributes are merged key by key."""
    given = {
        "name": recorded.name,
        "phone": recorded.phone,
        "status": recorded.status,
        "opening_total_spend": recorded.total_spend,
        "opening_total_visits": recorded.total_visits,
        "opening_last_order_at": recorded.last_order_at,
    }
    changes: dict[str, Any] = {name: value for name, value in given.items() if value is not UNSET}
    if recorded.attributes is not UNSET:
        changes["attributes"] = {**(values.attributes or {}), **recorded.attributes}
    return replace(values, **changes)


def folded(
    known: dict[str, CustomerValues], records: Sequence[CustomerRecorded]
) -> dict[str, CustomerValues]:
    """The changed or new customers by e-mail, after all records in their order."""
    present: dict[str, CustomerValues] = {}
    for recorded in records:
        email = recorded.email
        before = present.get(email) or known.get(email) or CustomerValues(email)
        present[email] = revised(before, recorded)
    return {email: values for email, values in present.items() if not _same(values, known.get(email))}


def _same(values: CustomerValues, known: CustomerValues | None) -> bool:
    """As they are kept: in JSON 1 and true are not the same, in Python they are equal."""
    return values == known and encode(values.attributes) == encode(known.attributes)


class TotalsChange(Struct):
    """What orders change in a customer's totals. `recompute`: an order that counted was taken back."""

    spend: Decimal = Decimal(0)
    orders: int = 0
    last_at: datetime | None = None
    recompute: bool = False
