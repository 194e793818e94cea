"""Numbers of the whole installation, and how its parts are."""

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct

from xencrm.client.campaigns import CampaignWithStats
from xencrm.client.profiles import Profile
from xencrm.client.transport import Call, Transport


class Totals(Struct, kw_only=True):
    """Of all time, or of a span of days, then without what only makes sense of all time."""

    customers: int = 0
    active_customers: int = 0
    orders: int = 0
    revenue: Decimal = Decimal(0)
    campaigns: int = 0
    active_campaigns: int = 0
    delivered: int = 0
    failed: int = 0


class OrdersOfDay(Struct):
    day: date
    orders: int
    revenue: Decimal


class MessagesOfDay(Struct):
    day: date
    delivered: int
    failed: int


class CustomersOfDay(Struct):
    day: date
    customers: int


class Series(Struct):
    """One item a day, the last one today."""

    orders: list[OrdersOfDay] = []
    messages: list[MessagesOfDay] = []
    customers: list[CustomersOfDay] = []


class Dashboard(Struct, kw_only=True):
    """`current`: of the days of the series together; `previous`: of as many days before them."""

    totals: Totals
    current: Totals = msgspec.field(default_factory=Totals)
    previous: Totals = msgspec.field(default_factory=Totals)
    series: Series = msgspec.field(default_factory=Series)
    latest_campaigns: list[CampaignWithStats] = []
    newest_customers: list[Profile] = []


class QueueDepth(Struct, frozen=True):
    """`frames` counts broker messages, each a batch of events."""

    name: str
    frames: int


class Operations(Struct, kw_only=True):
    """`lag_s`: age of the oldest event that waits, by where it waits; None when that is not known."""

    version: str = ""
    service: str = ""
    queues: list[QueueDepth] = []
    lag_s: dict[str, float | None] = {}
    dead_letters: int = 0
    broker: str = ""


class IngestionOperations(Struct, kw_only=True):
    """What only Ingestion knows of itself; of waiting orders at most 10,000 are counted."""

    version: str = ""
    broker: str = ""
    lag_s: dict[str, float] = {}
    dead_letters: int = 0
    waiting_orders: int = 0
    waiting_orders_oldest_s: float = 0.0


class Readiness(Struct):
    """`ready` is the answer's 200; `said` is its body as it came."""

    ready: bool
    said: Any = None


async def fetch_dashboard(transport: Transport, days: int | None) -> Dashboard:
    return await transport.ask(Call("GET", "/api/v1/dashboard", {"days": days}), Dashboard)


async def fetch_operations(transport: Transport) -> Operations:
    return await transport.ask(Call("GET", "/api/v1/operations"), Operations)


async def fetch_ingestion_operations(transport: Transport) -> IngestionOperations:
    return await transport.ask(Call("GET", "/api/v1/ingestion/operations"), IngestionOperations)


async def fetch_readiness(transport: Transport) -> Readiness:
    answer = await transport.send(Call("GET", "/readyz", accept=frozenset({503})))
    try:
        said = msgspec.json.decode(answer.body)
    except msgspec.DecodeError:
        said = answer.body.decode("utf-8", "replace")
    return Readiness(answer.status == 200, said)
