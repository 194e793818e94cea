"""The dashboard's and the operations' numbers."""

import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from tests.support.campaigns import add_customers, add_orders, customer, order, running_campaigns
from tests.support.postgres import PostgresServer
from tests.support.service import RunningService
from xencrm.campaigns.delivery.counters import Moves
from xencrm.campaigns.reporting.period import period_until
from xencrm.contracts.orders import OrderChanged
from xencrm.contracts.topology import ALL_QUEUES
from xencrm.kernel.clock import utc_now

ZONE = ZoneInfo("Asia/Kolkata")
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
async def campaigns(postgres: PostgresServer) -> AsyncIterator[RunningService]:
    async with running_campaigns(postgres, time_zone=str(ZONE)) as running:
        yield running


@pytest.fixture(scope="module")
async def orders(campaigns: RunningService) -> list[OrderChanged]:
    """Of the last 20 days and long ago, some at the very edges of a day."""
    pick = random.Random(3)
    midnight = datetime.combine(utc_now().astimezone(ZONE).date(), time.min, ZONE).astimezone(UTC)
    edges = [midnight - 3 * DAY, midnight - 3 * DAY - timedelta(microseconds=1), midnight]
    times = [utc_now() - pick.random() * 20 * DAY for _ in range(200)] + edges
    made = [
        order(
            order_amount=Decimal(pick.randrange(0, 100_000)) / 100,
            order_status=pick.choice(("COMPLETED", "COMPLETED", "PENDING", "REFUNDED", "CANCELLED")),
            ordered_at=moment,
        )
        for moment in [*times, datetime(1997, 1, 1, tzinfo=UTC)]
    ]
    await add_orders(campaigns, made)
    return made


def completed(orders: list[OrderChanged], first_day: int, days: int) -> list[OrderChanged]:
    """COMPLETED orders of `days` days, the first one so many days before today."""
    today = utc_now().astimezone(ZONE).date()
    wanted = {today - timedelta(days=first_day - number) for number in range(days)}
    return [
        item
        for item in orders
        if item.order_status == "COMPLETED" and item.ordered_at.astimezone(ZONE).date() in wanted
    ]


def revenue(orders: list[OrderChanged]) -> str:
    return str(sum((item.order_amount for item in orders), Decimal("0.00")))


async def dashboard(campaigns: RunningService, days: int = 30) -> dict[str, Any]:
    status, body = await campaigns.get("/dashboard", params={"days": str(days)}, role="viewer")
    assert status == 200, body
    return dict(body)


async def test_orders_and_revenue_equal_a_recount_of_every_day(
    campaigns: RunningService, orders: list[OrderChanged]
) -> None:
    shown = await dashboard(campaigns, 7)
    all_time = [item for item in orders if item.order_status == "COMPLETED"]
    assert (shown["totals"]["orders"], shown["totals"]["revenue"]) == (len(all_time), revenue(all_time))
    before = completed(orders, 13, 7)
    assert (shown["previous"]["orders"], shown["previous"]["revenue"]) == (len(before), revenue(before))
    today = utc_now().astimezone(ZONE).date()
    assert shown["series"]["orders"] == [
        {"day": str(today - timedelta(days=ago)), "orders": len(those), "revenue": revenue(those)}
        for ago in range(6, -1, -1)
        for those in [completed(orders, ago, 1)]
    ]


async def test_days_without_anything_are_there_with_zeros(campaigns: RunningService) -> None:
    series = (await dashboard(campaigns, 366))["series"]
    assert [len(series["orders"]), len(series["messages"])] == [366, 366]
    assert series["orders"][0]["orders"] == 0
    assert series["orders"][0]["revenue"] == "0.00"
    assert {tuple(day)[1:] for day in series["messages"]} == {("delivered", "failed")}
    assert {tuple(day) for day in series["customers"]} == {("day", "customers")}


async def test_customers_are_counted_and_the_newest_shown(campaigns: RunningService) -> None:
    now = utc_now()
    people = [customer(name=f"n{number}", created_at=now - timedelta(hours=number)) for number in range(6)]
    earlier = [customer(created_at=now - 9 * DAY), customer(created_at=now - 9 * DAY, status="INACTIVE")]
    await add_customers(campaigns, [*people, *earlier])
    shown = await dashboard(campaigns, 7)
    assert (shown["totals"]["customers"], shown["totals"]["active_customers"]) == (8, 7)
    assert (shown["previous"]["customers"], shown["current"]["customers"]) == (2, 6)
    assert sum(day["customers"] for day in shown["series"]["customers"]) == 6
    assert [person["name"] for person in shown["newest_customers"]] == ["n0", "n1", "n2", "n3", "n4"]
    assert "days_since_last_order" in shown["newest_customers"][0]


async def test_campaigns_and_messages_equal_a_recount(campaigns: RunningService) -> None:
    rules = {"combinator": "and", "rules": [{"field": "name", "operator": "notNull"}]}
    _, segment = await campaigns.post("/segments", {"name": uuid4().hex, "rules": rules})
    made = [await _campaign(campaigns, segment["segment_id"]) for _ in range(7)]
    for campaign in made[:3]:
        await campaigns.ask("POST", f"/campaigns/{campaign['campaign_id']}/launch")
    await campaigns.ask("POST", f"/campaigns/{made[0]['campaign_id']}/cancel")
    await _settle(campaigns, made[1]["campaign_id"], {"DELIVERED": 5, "FAILED": 2, "PENDING": 4}, utc_now())
    await _settle(campaigns, made[2]["campaign_id"], {"DELIVERED": 3, "FAILED": 1}, utc_now() - 9 * DAY)
    shown = await dashboard(campaigns, 7)
    totals = shown["totals"]
    assert (totals["campaigns"], totals["active_campaigns"]) == (7, 2)
    assert (totals["delivered"], totals["failed"]) == (8, 3)
    assert (shown["previous"]["delivered"], shown["previous"]["failed"]) == (3, 1)
    assert (shown["current"]["delivered"], shown["current"]["failed"]) == (5, 2)
    assert (shown["previous"]["campaigns"], shown["current"]["campaigns"]) == (0, 3)
    assert sum(day["delivered"] for day in shown["series"]["messages"]) == 5
    assert sum(day["failed"] for day in shown["series"]["messages"]) == 2
    latest = [item["campaign_id"] for item in shown["latest_campaigns"]]
    assert latest == [item["campaign_id"] for item in reversed(made[2:])]


async def _campaign(campaigns: RunningService, segment_id: str) -> dict[str, Any]:
    body = {"name": "c", "segment_id": segment_id, "message_template": "Hi"}
    return dict((await campaigns.post("/campaigns", body))[1])


async def _settle(
    campaigns: RunningService, campaign_id: str, states: dict[str, int], settled_at: datetime
) -> None:
    """Messages as delivery leaves them, with the counters that go with them."""
    await campaigns.rows(
        "INSERT INTO communication_log (campaign_month, campaign_id, customer_id, state, settled_at)"
        " SELECT campaign_month, campaign_id, uuidv7(), state,"
        "        CASE WHEN state <> 'PENDING' THEN CAST(:settled_at AS timestamptz) END"
        " FROM campaigns, unnest(CAST(:states AS text[])) AS state WHERE campaign_id = :id RETURNING 1",
        states=[state for state, count in states.items() for _ in range(count)],
        settled_at=settled_at,
        id=campaign_id,
    )
    moves = Moves()
    for state in ("DELIVERED", "FAILED"):
        moves.add(UUID(campaign_id), "SENDING", state, states[state], at=settled_at)
    async with campaigns.database.transaction() as tx:
        await moves.apply(tx)


@pytest.mark.parametrize("days", ["0", "367", "x"])
async def test_days_have_limits(campaigns: RunningService, days: str) -> None:
    assert (await campaigns.get("/dashboard", params={"days": days}))[0] == 400


def test_a_period_ends_with_today_in_its_zone_also_when_clocks_change() -> None:
    period = period_until(datetime(2026, 10, 25, 23, 30, tzinfo=UTC), 2, "Europe/Berlin")
    assert [str(day) for day in period.each_day()] == ["2026-10-25", "2026-10-26"]
    assert period.start.astimezone(UTC) == datetime(2026, 10, 24, 22, tzinfo=UTC)
    assert period.end.astimezone(UTC) == datetime(2026, 10, 26, 23, tzinfo=UTC)
    assert period.previous_start.astimezone(UTC) == datetime(2026, 10, 22, 22, tzinfo=UTC)


async def test_operations_show_queues_lag_and_dead_letters(campaigns: RunningService) -> None:
    _, shown = await campaigns.get("/operations", role="viewer")
    assert (shown["service"], shown["broker"], shown["dead_letters"]) == ("campaigns", "ok", 0)
    assert [queue["name"] for queue in shown["queues"]] == [queue.name for queue in ALL_QUEUES]
    assert shown["lag_s"]["outbox"] > 0, "nobody relays the keys that were made"


async def test_an_archived_campaign_is_listed_apart_and_its_messages_stay_counted(
    campaigns: RunningService,
) -> None:
    rules = {"combinator": "and", "rules": [{"field": "name", "operator": "notNull"}]}
    _, segment = await campaigns.post("/segments", {"name": uuid4().hex, "rules": rules})
    campaign = await _campaign(campaigns, segment["segment_id"])
    path = f"/campaigns/{campaign['campaign_id']}"
    await campaigns.ask("POST", f"{path}/launch")
    await _settle(campaigns, campaign["campaign_id"], {"DELIVERED": 2, "FAILED": 0}, utc_now())
    await campaigns.ask("POST", f"{path}/cancel")
    before = (await dashboard(campaigns))["totals"]
    assert (await campaigns.ask("POST", f"{path}/archive"))[0] == 200

    async def listed(archived: str) -> set[str]:
        _, page = await campaigns.get("/campaignStats", params={"limit": "1000", "archived": archived})
        return {item["campaign_id"] for item in page["items"] if item["archived_at"] is not None}

    assert await listed("true") == {campaign["campaign_id"]}
    assert await listed("false") == set()
    shown = await dashboard(campaigns)
    assert shown["totals"] == {**before, "campaigns": before["campaigns"] - 1}
    assert campaign["campaign_id"] not in {item["campaign_id"] for item in shown["latest_campaigns"]}
