"""Numbers over HTTP."""

from datetime import date
from uuid import UUID

from msgspec import Struct

from xencrm.campaigns.profiles.schemas import ShownProfile
from xencrm.campaigns.tracking.schemas import LinkClicks
from xencrm.kernel.http.shapes import Money, Time


class FailureCount(Struct):
    reason: str
    count: int


class CampaignStats(Struct, kw_only=True):
    """The eight states add up to `audience`; `holdout` is counted apart.

    `delivery_rate`: delivered of delivered and failed, percent; null while there is neither.
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


class CampaignStatsWithLinks(CampaignStats, kw_only=True):
    """`opened` and `clicked`: messages of which that is known; null where the campaign is not tracked."""

    links: list[LinkClicks]


class CampaignWithStats(CampaignStats, kw_only=True):
    campaign_id: UUID
    name: str
    campaign_type: str
    vendor: str
    created_at: Time
    launched_at: Time | None
    finished_at: Time | None


class Totals(Struct, kw_only=True):
    """Of all time. `orders` and `revenue` are COMPLETED ones; active campaigns are SCHEDULED to PAUSED."""

    customers: int
    active_customers: int
    orders: int
    revenue: Money
    campaigns: int
    active_campaigns: int
    delivered: int
    failed: int


class Previous(Struct, kw_only=True):
    """What came in the days before the series, as many as it has: new customers, COMPLETED orders, campaigns
    launched, messages settled. Beside the sums of the series it shows growth."""

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


class Series(Struct):
    """One item a day in the installation's time zone, the last one today."""

    orders: list[OrdersOfDay]
    messages: list[MessagesOfDay]


class Dashboard(Struct, kw_only=True):
    totals: Totals
    previous: Previous
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
