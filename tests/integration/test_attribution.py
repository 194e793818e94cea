"""Which campaign an order is due to, on cases worked out by hand and on random ones."""

import random
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from tests.support.campaigns import (
    add_customers,
    add_orders,
    customer,
    order,
    publish_erased,
    running_campaigns,
)
from tests.support.postgres import PostgresServer
from tests.support.results import ROLES, launch_long_ago, result_of, tell, worked_out
from tests.support.service import RunningService
from tests.support.waiting import until
from xencrm.campaigns.profiles import service as profiles
from xencrm.campaigns.reporting import rollup
from xencrm.contracts.customers import CustomerChanged
from xencrm.contracts.receipts import Outcome
from xencrm.kernel.clock import utc_now

WEEK = timedelta(days=7)
MOMENT = timedelta(microseconds=1)
HOUR = timedelta(hours=1)
REACHED = (utc_now() - timedelta(days=22)).replace(hour=10, minute=7, second=30, microsecond=0)
NOTHING = (0, Decimal("0.00"))


@pytest.fixture(scope="module")
async def running(postgres: PostgresServer) -> AsyncIterator[RunningService]:
    mail = {"smtp_host": "127.0.0.1", "smtp_from": "news@shop.example"}
    async with running_campaigns(postgres, roles=(*ROLES, "customer_mv_queue"), **mail) as campaigns:
        yield campaigns


@pytest.fixture
async def asha(running: RunningService) -> CustomerChanged:
    person = customer()
    await add_customers(running, [person])
    return person


async def test_an_order_is_due_from_the_moment_of_reach_to_exactly_seven_days_later(
    running: RunningService, asha: CustomerChanged
) -> None:
    campaign = await launch_long_ago(running)
    moments = {
        "just before": REACHED - MOMENT,
        "the moment": REACHED,
        "seven days": REACHED + WEEK,
        "just after": REACHED + WEEK + MOMENT,
    }
    amounts = dict(zip(moments, map(Decimal, ("1.00", "20.00", "300.00", "4000.00")), strict=True))
    await add_orders(
        running,
        [
            order(customer_id=asha.customer_id, ordered_at=moments[name], order_amount=amounts[name])
            for name in moments
        ],
    )
    assert await result_of(running, campaign) == NOTHING
    await tell(running, campaign, {asha.customer_id: REACHED})
    assert await result_of(running, campaign) == (2, Decimal("320.00"))


async def test_the_last_campaign_that_reached_the_customer_before_the_order_wins(
    running: RunningService, asha: CustomerChanged
) -> None:
    first, second, third = [await launch_long_ago(running) for _ in range(3)]
    await tell(running, second, {asha.customer_id: REACHED + 2 * HOUR})
    await tell(running, first, {asha.customer_id: REACHED})
    times = [REACHED + HOUR, REACHED + 3 * HOUR, REACHED + WEEK + HOUR]
    await add_orders(running, [order(customer_id=asha.customer_id, ordered_at=at) for at in times])
    assert await result_of(running, first) == (1, Decimal("10.00"))
    assert await result_of(running, second) == (2, Decimal("20.00"))
    await tell(running, third, {asha.customer_id: REACHED + 3 * HOUR})
    assert await result_of(running, second) == NOTHING
    assert await result_of(running, third) == (2, Decimal("20.00"))


async def test_a_later_reach_hides_an_earlier_one_that_was_longer_than_a_week_ago(
    running: RunningService, asha: CustomerChanged
) -> None:
    campaign = await launch_long_ago(running)
    await tell(running, campaign, {asha.customer_id: REACHED})
    await add_orders(running, [order(customer_id=asha.customer_id, ordered_at=REACHED + 8 * 24 * HOUR)])
    assert await result_of(running, campaign) == NOTHING
    again = await launch_long_ago(running)
    await tell(running, again, {asha.customer_id: REACHED + 5 * 24 * HOUR})
    assert await result_of(running, again) == (1, Decimal("10.00"))


async def test_revenue_follows_what_becomes_of_an_order(
    running: RunningService, asha: CustomerChanged
) -> None:
    campaign = await launch_long_ago(running)
    await tell(running, campaign, {asha.customer_id: REACHED})
    other = customer()
    await add_customers(running, [other])
    made = {"order_id": str(asha.customer_id), "customer_id": asha.customer_id, "ordered_at": REACHED + HOUR}
    told = [
        ({}, (1, Decimal("10.00"))),
        ({"order_amount": Decimal("7.50")}, (1, Decimal("7.50"))),
        ({"order_status": "REFUNDED"}, NOTHING),
        ({"order_status": "COMPLETED"}, (1, Decimal("10.00"))),
        ({"customer_id": other.customer_id}, NOTHING),
        ({}, (1, Decimal("10.00"))),
        ({"ordered_at": REACHED - HOUR}, NOTHING),
        ({"ordered_at": REACHED + WEEK}, (1, Decimal("10.00"))),
        ({"order_status": "CANCELLED"}, NOTHING),
    ]
    for version, (change, expected) in enumerate(told, start=1):
        await add_orders(running, [order(**{**made, **change}, version=version)])
        assert await result_of(running, campaign) == expected, change


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.ACCEPTED])
async def test_who_was_not_reached_brings_no_revenue(
    running: RunningService, asha: CustomerChanged, outcome: Outcome
) -> None:
    campaign = await launch_long_ago(running)
    await add_orders(running, [order(customer_id=asha.customer_id, ordered_at=REACHED + HOUR)])
    await tell(running, campaign, {asha.customer_id: REACHED}, outcome)
    assert await result_of(running, campaign) == NOTHING


async def test_where_no_receipts_are_given_sent_is_reached_until_the_message_comes_back(
    running: RunningService, asha: CustomerChanged
) -> None:
    campaign = await launch_long_ago(running, vendor="smtp")
    await add_orders(running, [order(customer_id=asha.customer_id, ordered_at=REACHED + HOUR)])
    await tell(running, campaign, {asha.customer_id: REACHED}, Outcome.ACCEPTED)
    assert await result_of(running, campaign) == (1, Decimal("10.00"))
    await tell(running, campaign, {asha.customer_id: REACHED + 3 * HOUR}, Outcome.FAILED)
    assert await result_of(running, campaign) == NOTHING


async def test_an_erased_customer_takes_no_revenue_along(
    running: RunningService, asha: CustomerChanged
) -> None:
    campaign = await launch_long_ago(running)
    await tell(running, campaign, {asha.customer_id: REACHED})
    await add_orders(running, [order(customer_id=asha.customer_id, ordered_at=REACHED + HOUR)])
    assert await result_of(running, campaign) == (1, Decimal("10.00"))
    await publish_erased(running, asha.customer_id)

    async def gone() -> bool:
        async with running.database.transaction() as tx:
            return bool(await profiles.find_erased(tx, {asha.customer_id}))

    await until(gone, bool)
    assert await result_of(running, campaign) == (1, Decimal("10.00"))


def winner(reached: dict[UUID, datetime], at: datetime) -> UUID | None:
    """Of campaigns that reached a customer, the one that an order is due to."""
    before = [(moment, campaign) for campaign, moment in reached.items() if moment <= at]
    if not before:
        return None
    moment, campaign = max(before)
    return campaign if at <= moment + WEEK else None


async def test_random_campaigns_and_orders_are_as_a_plain_loop_has_them_also_counted_anew(
    running: RunningService,
) -> None:
    pick = random.Random(5)
    people = [customer() for _ in range(40)]
    await add_customers(running, people)
    reached: dict[UUID, dict[UUID, datetime]] = {person.customer_id: {} for person in people}
    campaigns = [await launch_long_ago(running) for _ in range(4)]
    orders = [
        order(
            customer_id=pick.choice(people).customer_id,
            order_amount=Decimal(pick.randrange(10_000)) / 100,
            order_status=pick.choice(("COMPLETED", "COMPLETED", "REFUNDED")),
            ordered_at=REACHED + pick.random() * 20 * timedelta(days=1),
        )
        for _ in range(400)
    ]
    await add_orders(running, orders[:200])
    for campaign in campaigns:
        moments = {
            person.customer_id: REACHED + pick.random() * 15 * timedelta(days=1)
            for person in pick.sample(people, 30)
        }
        for customer_id, moment in moments.items():
            reached[customer_id][campaign] = moment
        await tell(running, campaign, moments)
    await add_orders(running, orders[200:])
    expected = dict.fromkeys(campaigns, NOTHING)
    for item in orders:
        due = winner(reached[item.customer_id], item.ordered_at)
        if due is not None and item.order_status == "COMPLETED":
            count, revenue = expected[due]
            expected[due] = (count + 1, revenue + item.order_amount)
    assert {campaign: await result_of(running, campaign) for campaign in campaigns} == expected
    async with running.database.transaction() as tx:
        await rollup.recount(tx)
    await worked_out(running)
    assert {campaign: await result_of(running, campaign) for campaign in campaigns} == expected
