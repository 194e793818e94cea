"""`/profiles`: the denormalised customers that segments read."""

from collections.abc import AsyncIterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from msgspec import Struct

from xencrm.client.customers import Attribute
from xencrm.client.pages import FULL_PAGE, Page, walk
from xencrm.client.transport import Call, Params, Transport, encode

PATH = "/api/v1/profiles"


class Profile(Struct, kw_only=True):
    customer_id: str
    name: str
    email: str
    phone: str | None = None
    status: str = "ACTIVE"
    total_spend: Decimal = Decimal(0)
    total_orders: int = 0
    total_visits: int = 0
    last_order_at: datetime | None = None
    days_since_last_order: int | None = None
    attributes: dict[str, Attribute] = {}
    created_at: datetime | None = None
    synced_at: datetime | None = None


class TimelineItem(Struct, kw_only=True):
    """`kind`: joined, order, message, receipt, open, click or suppression; what is not of it is None."""

    at: datetime
    kind: str
    order_id: str | None = None
    order_amount: Decimal | None = None
    campaign_id: str | None = None
    campaign_name: str | None = None
    message_id: str | None = None
    status: str | None = None
    reason: str | None = None
    url: str | None = None
    count: int | None = None


class Profiles:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def list(
        self,
        *,
        q: str | None = None,
        sort: str | None = None,
        rules: Any = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> Page[Profile]:
        """`q`: words in name or e-mail; `sort`: a field, `-` before it for descending; `rules`: a tree."""
        rule = None if rules is None else encode(rules).decode()
        params: Params = {"q": q, "sort": sort, "rules": rule, "limit": limit, "cursor": cursor}
        return await self._transport.ask(Call("GET", PATH, params), Page[Profile])

    def all(
        self, *, q: str | None = None, sort: str | None = None, rules: Any = None
    ) -> AsyncIterator[Profile]:
        return walk(lambda at: self.list(q=q, sort=sort, rules=rules, limit=FULL_PAGE, cursor=at))

    async def get(self, customer_id: str) -> Profile:
        return await self._transport.ask(Call("GET", f"{PATH}/{customer_id}"), Profile)

    async def timeline(
        self, customer_id: str, *, kind: str | None = None, limit: int = 100, cursor: str | None = None
    ) -> Page[TimelineItem]:
        """What happened with a customer, the newest first; all kinds, or one."""
        params: Params = {"kind": kind, "limit": limit, "cursor": cursor}
        call = Call("GET", f"{PATH}/{customer_id}/timeline", params)
        return await self._transport.ask(call, Page[TimelineItem])
