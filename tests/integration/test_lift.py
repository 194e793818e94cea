"""What a hold-out shows: both arms as they were prepared, with all that they bought in the week after."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from scipy import stats

from tests.support.campaigns import add_customers, add_orders, customer, order, running_campaigns
from tests.support.postgres import PostgresServer
from tests.support.results import ROLES, tell, worked_out
from tests.support.sending import launch
from tests.support.service import RunningService
from xencrm.contracts.receipts import Outcome

WEEK = timedelta(days=7)
MOMENT = timedelta(microseconds=1)


@pytest.fixture
async def running(postgres: PostgresServer) -> AsyncIterator[RunningService]:
    async with running_campaigns(postgres, roles=ROLES) as campaigns:
        await add_customers(campaigns, [customer() for _ in range(60)])
        yield campaigns


async def arms_of(running: RunningService, campaign_id: UUID) -> tuple[datetime, list[UUID], list[UUID]]:
    """When the audience was prepared, who is in it, and who is held out."""
    rows = await running.rows(
        "SELECT prepared_at, customer_id, state FROM communication_log JOIN campaigns USING (campaign_id)"
        " WHERE campaign_id = :id ORDER BY customer_id",
        id=campaign_id,
    )
    treated = [row.customer_id for row in rows if row.state != "HOLDOUT"]
    return rows[0].prepared_at, treated, [row.customer_id for row in rows if row.state == "HOLDOUT"]


async def lift_of(running: RunningService, campaign_id: UUID) -> Any:
    await worked_out(running)
    _, stats = await running.get(f"/campaigns/{campaign_id}/stats")
    return stats["lift"]


async def test_arms_are_compared_by_all_they_bought_in_the_week_after_preparation(
    running: RunningService,
) -> None:
    campaign = await launch(running, holdout_percent=30)
    prepared_at, treated, control = await arms_of(running, campaign)
    spent = {customer_id: Decimal(0) for customer_id in [*treated, *control]}
    orders = []
    for number, customer_id in enumerate([*treated[::2], *control[::3]]):
        for at in (prepared_at, prepared_at + WEEK, prepared_at + timedelta(days=number % 7)):
            amount = Decimal(number * 7 % 50) + Decimal("0.25")
            orders.append(order(customer_id=customer_id, ordered_at=at, order_amount=amount))
            spent[customer_id] += amount
    outside = [
        order(customer_id=treated[0], ordered_at=prepared_at - MOMENT),
        order(customer_id=treated[0], ordered_at=prepared_at + WEEK + MOMENT),
        order(customer_id=treated[0], ordered_at=prepared_at, order_status="REFUNDED"),
        order(ordered_at=prepared_at),
    ]
    await add_orders(running, [*orders, *outside])
    await tell(running, campaign, {treated[0]: prepared_at}, Outcome.FAILED)  # and counts all the same
    lift = await lift_of(running, campaign)
    one = [float(spent[customer_id]) for customer_id in treated]
    other = [float(spent[customer_id]) for customer_id in control]
    low, high = stats.ttest_ind(one, other, equal_var=False).confidence_interval(0.95)
    assert (lift["treated"], lift["control"]) == (len(treated), len(control))
    assert float(lift["treated_per_head"]) == pytest.approx(sum(one) / len(one), abs=1e-6)
    assert float(lift["control_per_head"]) == pytest.approx(sum(other) / len(other), abs=1e-6)
    assert float(lift["low"]) == pytest.approx(low, abs=2e-6)
    assert float(lift["high"]) == pytest.approx(high, abs=2e-6)


async def test_lift_follows_refunds_and_orders_that_change_hands(running: RunningService) -> None:
    campaign = await launch(running, holdout_percent=30)
    prepared_at, treated, control = await arms_of(running, campaign)
    nothing = await lift_of(running, campaign)
    assert (nothing["difference"], nothing["low"], nothing["high"]) == ("0.000000",) * 3
    made = {"order_id": "o", "ordered_at": prepared_at, "order_amount": Decimal("90.00")}
    await add_orders(running, [order(**made, customer_id=treated[0], version=1)])
    assert float((await lift_of(running, campaign))["treated_per_head"]) == pytest.approx(
        90 / len(treated), abs=1e-6
    )
    await add_orders(running, [order(**made, customer_id=control[0], version=2)])
    moved = await lift_of(running, campaign)
    assert moved["treated_per_head"] == "0.000000"
    assert float(moved["control_per_head"]) == pytest.approx(90 / len(control), abs=1e-6)
    await add_orders(running, [order(**made, customer_id=control[0], version=3, order_status="REFUNDED")])
    assert await lift_of(running, campaign) == nothing


async def test_there_is_no_lift_without_a_hold_out_nor_before_the_audience_is_written_down(
    running: RunningService,
) -> None:
    unprepared = await launch(running, holdout_percent=30, prepare=False)
    without = await launch(running)
    assert await lift_of(running, unprepared) is None
    assert await lift_of(running, without) is None
