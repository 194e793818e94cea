"""Numbers of the whole shop, and events that were put aside."""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

from xencrm.client.campaigns import CampaignWithStats
from xencrm.client.dead_letters import DeadLetter, Service
from xencrm.client.reporting import Dashboard, OrdersOfDay, Totals
from xencrm.mcp_server.desk import Desk
from xencrm.mcp_server.shapes import ShownCustomer, customer_line, shown_customer
from xencrm.mcp_server.tool import Arguments, Reply, Tool
from xencrm.mcp_server.words import Words, count, percent, quoted


class AskDashboard(Arguments, kw_only=True, forbid_unknown_fields=True):
    days: Annotated[int, Meta(ge=1, le=90)] = 30


class AskDeadLetters(Arguments, kw_only=True, forbid_unknown_fields=True):
    service: Annotated[Literal["ingestion", "campaigns"], Meta(description="both when left out")] | None = (
        None
    )
    limit: Annotated[int, Meta(ge=1, le=100)] = 20


class Figures(Struct, kw_only=True):
    """`current`: of the days; `previous`: of as many before them. `orders`: by day."""

    days: int
    currency: str
    totals: Totals
    current: Totals
    previous: Totals
    orders: list[OrdersOfDay]
    latest_campaigns: list[CampaignWithStats]
    newest_customers: list[ShownCustomer]


class Why(Struct, kw_only=True):
    """Whom the event is about, and the reason, which may quote what was sent."""

    subject: str
    reason: str


class ShownLetter(Struct, kw_only=True):
    service: str
    dead_letter_id: str
    queue: str
    type: str
    failed_at: datetime
    customer_data: Why


class Letters(Struct, kw_only=True):
    dead_letters: list[ShownLetter]


async def dashboard(desk: Desk, asked: AskDashboard) -> Reply[Figures]:
    seen = await desk.client.dashboard(asked.days)
    figures = Figures(
        days=asked.days,
        currency=desk.words.currency,
        totals=seen.totals,
        current=seen.current,
        previous=seen.previous,
        orders=seen.series.orders,
        latest_campaigns=seen.latest_campaigns,
        newest_customers=[shown_customer(profile) for profile in seen.newest_customers],
    )
    return Reply("\n".join(_lines(seen, asked.days, desk.words)), figures)


async def dead_letters(desk: Desk, asked: AskDeadLetters) -> Reply[Letters]:
    services = [Service(asked.service)] if asked.service else list(Service)
    letters = [
        _shown(service, letter)
        for service in services
        for letter in (await desk.client.dead_letters.list(service, limit=asked.limit)).items
    ]
    if not letters:
        return Reply("No event was put aside.", Letters(dead_letters=[]))
    lines = [_letter_line(letter, desk.words) for letter in letters]
    advice = "A person can replay or drop them: `xencrm dead-letters`, or the page Operations."
    return Reply(
        "\n".join([f"{count(len(letters), 'event')} put aside.", *lines, advice]),
        Letters(dead_letters=letters),
    )


def _shown(service: Service, letter: DeadLetter) -> ShownLetter:
    return ShownLetter(
        service=service.value,
        dead_letter_id=letter.dead_letter_id,
        queue=letter.queue,
        type=letter.type,
        failed_at=letter.failed_at,
        customer_data=Why(subject=letter.subject, reason=letter.reason),
    )


def _letter_line(letter: ShownLetter, words: Words) -> str:
    return (
        f"- {words.time(letter.failed_at)}, {letter.service}, {letter.type} in {letter.queue}: "
        f"{quoted(letter.customer_data.reason)} [{letter.dead_letter_id}]"
    )


def _lines(seen: Dashboard, days: int, words: Words) -> list[str]:
    totals, now, before = seen.totals, seen.current, seen.previous
    return [
        f"In all: {count(totals.customers, 'customer')} ({totals.active_customers:,} active), "
        f"{count(totals.orders, 'order')}, {words.money(totals.revenue)} revenue, "
        f"{count(totals.campaigns, 'campaign')} ({totals.active_campaigns:,} under way), "
        f"{totals.delivered:,} messages delivered, {totals.failed:,} failed.",
        f"Last {count(days, 'day')}, and the change to the {days} before:",
        f"- revenue {words.money(now.revenue)}{_change(now.revenue, before.revenue)}",
        f"- orders {now.orders:,}{_change(now.orders, before.orders)}",
        f"- new customers {now.customers:,}{_change(now.customers, before.customers)}",
        f"- messages delivered {now.delivered:,}{_change(now.delivered, before.delivered)}, failed "
        f"{now.failed:,}",
        "Latest campaigns:",
        *(_campaign_line(campaign, words) for campaign in seen.latest_campaigns),
        "Newest customers:",
        *(customer_line(profile, words) for profile in seen.newest_customers),
    ]


def _change(now: Any, before: Any) -> str:
    return f" ({(float(now) / float(before) - 1) * 100:+.1f} %)" if before else ""


def _campaign_line(campaign: CampaignWithStats, words: Words) -> str:
    return (
        f"- {campaign.name!r}, {campaign.status}: {campaign.delivered:,} of {campaign.audience:,} delivered "
        f"({percent(campaign.delivery_rate)}), revenue {words.money(campaign.revenue)} "
        f"[{campaign.campaign_id}]"
    )


TOOLS: Final = (
    Tool(
        "dashboard",
        "Show the shop's numbers",
        "Customers, orders, revenue and messages in all and of the last days, compared with as many days "
        "before; the "
        "latest campaigns and the newest customers.",
        AskDashboard,
        Figures,
        dashboard,
        reads=True,
    ),
    Tool(
        "dead_letters",
        "Show events that were put aside",
        "Events of both services that could not be applied, with the reasons, the last first. Only for "
        "admins.",
        AskDeadLetters,
        Letters,
        dead_letters,
        reads=True,
    ),
)
