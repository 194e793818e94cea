"""Numbers over HTTP."""

from datetime import date
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from msgspec import Struct

from xencrm.campaigns.profiles.schemas import ShownProfile
from xencrm.campaigns.tracking.schemas import LinkClicks
from xencrm.kernel.http.shapes import Money, Time, one_of, said_as

PerHead = Annotated[
    Decimal,
    said_as(
        {"type": "string", "format": "decimal", "pattern": r"^-?[0-9]+\.[0-9]{6}$", "examples": ["12.345679"]}
    ),
]


class FailureCount(Struct):
    reason: str
    count: int


class Lift(Struct, kw_only=True, frozen=True):
    """Revenue a head of the audience and of those held out, in the 7 days after preparation, and what the
    first is above the second, with its 95 % interval (Welch). `treated` and `control`: how many they are."""

    treated_per_head: PerHead
    control_per_head: PerHead
    difference: PerHead
    low: PerHead
    high: PerHead
    treated: int
    control: int


class CampaignStats(Struct, kw_only=True):
    """The eight states add up to `audience`; `holdout` is counted apart.

    `delivery_rate`: delivered of delivered and failed, percent; null while there is neither. `revenue` and
    `orders`: COMPLETED orders within 7 days of a customer's being reached, by this campaign last. `lift`:
    null without a hold-out, before the audience is written down, or with an arm of less than two.
    `computed_at`: when revenue, orders or lift were last worked out; null while there is nothing to tell.
    """

    status: str
    audience: int
    holdout: int
    pending: int
    sending: int
    sent: int
    delivered: int
    failed: int
    skipped: int
    cancelled: int
    unconfirmed: int
    delivery_rate: float | None
    failures: list[FailureCount]
    opened: int | None
    clicked: int | None
    revenue: Money
    orders: int
    lift: Lift | None
    computed_at: Time | None


class CampaignStatsWithLinks(CampaignStats, kw_only=True):
    """`opened` and `clicked`: messages of which that is known; null where the campaign is not tracked."""

    links: list[LinkClicks]


class CampaignEnded(Struct):
    """Nothing is on its way any more; revenue and lift may still change for some days."""

    campaign_id: UUID
    status: str


class CampaignWithStats(CampaignStats, kw_only=True):
    campaign_id: UUID
    name: str
    campaign_type: str
    vendor: str
    created_at: Time
    launched_at: Time | None
    finished_at: Time | None
    archived_at: Time | None


class TimelineItem(Struct, kw_only=True):
    """Something that happened with a customer; what does not belong to its kind is null.

    `status`: of an order, the message's state, or what a receipt says. `count`: how often a message was
    opened, or its link at `url` (as in the template) clicked, for the first time at `at`.
    """

    at: Time
    kind: Annotated[str, one_of("joined", "order", "message", "receipt", "open", "click", "suppression")]
    order_id: str | None
    order_amount: Money | None
    campaign_id: UUID | None
    campaign_name: str | None
    message_id: UUID | None
    status: str | None
    reason: str | None
    url: str | None
    count: int | None


class CampaignsUnderWay(Struct):
    """The campaigns that are SCHEDULED to PAUSED, and those that ended in the last minute."""

    items: list[CampaignWithStats]


class CampaignProgress(Struct):
    """The numbers of one campaign."""

    campaign_id: UUID
    stats: CampaignStatsWithLinks


class Totals(Struct, kw_only=True):
    """Of all time. `orders` and `revenue` are COMPLETED ones; active campaigns are SCHEDULED to PAUSED.

    `campaigns` leaves the archived ones out; what they delivered stays in `delivered` and `failed`.
    """

    customers: int
    active_customers: int
    orders: int
    revenue: Money
    campaigns: int
    active_campaigns: int
    delivered: int
    failed: int


class Span(Struct, kw_only=True):
    """What came in some days: new customers, COMPLETED orders, campaigns launched, messages settled."""

    customers: int
    orders: int
    revenue: Money
    campaigns: int
    delivered: int
    failed: int


class OrdersOfDay(Struct):
    day: date
    orders: int
    revenue: Money


class MessagesOfDay(Struct):
    day: date
    delivered: int
    failed: int


class CustomersOfDay(Struct):
    day: date
    customers: int


class Series(Struct):
    """One item a day in the installation's time zone, the last one today."""

    orders: list[OrdersOfDay]
    messages: list[MessagesOfDay]
    customers: list[CustomersOfDay]


class Dashboard(Struct, kw_only=True):
    """`current`: of the days of the series together; `previous`: of as many days before them."""

    totals: Totals
    current: Span
    previous: Span
    series: Series
    latest_campaigns: list[CampaignWithStats]
    newest_customers: list[ShownProfile]


class QueueDepth(Struct):
    """`frames` counts broker messages, each a batch of events."""

    name: str
    frames: int


class Operations(Struct, kw_only=True):
    """`lag_s`: age of the oldest that waits, by where it waits, in seconds; 0 when nothing does."""

    service: str
    version: str
    broker: str
    queues: list[QueueDepth]
    lag_s: dict[str, float]
    dead_letters: int
