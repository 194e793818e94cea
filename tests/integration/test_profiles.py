"""Profiles: projected from snapshots, searched, sorted and paged."""

import json
import random
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from tests.support.campaigns import (
    SINCE,
    add_customers,
    customer,
    order,
    publish_customers,
    publish_orders,
    running_campaigns,
    walk,
)
from tests.support.postgres import PostgresServer
from tests.support.service import RunningService
from xencrm.campaigns.profiles.tables import customers_mv
from xencrm.campaigns.profiles.texts import has_text, is_told
from xencrm.contracts.customers import CustomerChanged
from xencrm.kernel.clock import utc_now

DAY = timedelta(days=1)
SORTS = ("name", "email", "total_spend", "last_order_at", "created_at")


@pytest.fixture(scope="module")
async def campaigns(postgres: PostgresServer) -> AsyncIterator[RunningService]:
    roles = ("http", "customer_mv_queue", "order_mv_queue")
    async with running_campaigns(postgres, roles=roles) as running:
        yield running


async def profile_of(campaigns: RunningService, customer_id: UUID) -> dict[str, Any]:
    status, profile = await campaigns.get(f"/profiles/{customer_id}")
    assert status == 200, profile
    return dict(profile)


async def found(campaigns: RunningService, **params: str) -> set[str]:
    return {item["name"] for item in await walk(campaigns, "/profiles", limit=100, **params)}


async def test_a_snapshot_on_the_queue_becomes_a_profile(campaigns: RunningService) -> None:
    snapshot = customer(
        name="Ünsal O'Neil",
        phone="+91 98",
        total_spend=Decimal("120.50"),
        total_orders=2,
        total_visits=5,
        last_order_at=utc_now() - 3 * DAY - timedelta(hours=5),
        attributes={"city": "Pune", "tier": 2, "vip": True, "note": None},
    )
    await publish_customers(campaigns, [snapshot])
    query = "SELECT count(*) FROM customers_mv WHERE customer_id = :id"
    await campaigns.until(query, 1, id=snapshot.customer_id)
    profile = await profile_of(campaigns, snapshot.customer_id)
    assert profile.pop("synced_at")
    assert profile.pop("last_order_at")
    assert profile == {
        "customer_id": str(snapshot.customer_id),
        "name": "Ünsal O'Neil",
        "email": snapshot.email,
        "phone": "+91 98",
        "status": "ACTIVE",
        "total_spend": "120.50",
        "total_orders": 2,
        "total_visits": 5,
        "days_since_last_order": 3,
        "attributes": {"city": "Pune", "tier": 2, "vip": True, "note": None},
        "created_at": "2026-01-01T00:00:00Z",
        "suppressions": [],
    }


async def test_the_newest_version_wins_in_whatever_order_snapshots_come(campaigns: RunningService) -> None:
    customer_id = uuid4()
    versions = [customer(customer_id=customer_id, name=f"v{number}", version=number) for number in (2, 4, 3)]
    await add_customers(campaigns, versions)
    assert (await profile_of(campaigns, customer_id))["name"] == "v4"
    await add_customers(campaigns, [customer(customer_id=customer_id, name="late", version=3)])
    await add_customers(campaigns, [customer(customer_id=customer_id, name="again", version=4)])
    assert (await profile_of(campaigns, customer_id))["name"] == "v4"
    await add_customers(campaigns, [customer(customer_id=customer_id, name="v5", version=5)])
    assert (await profile_of(campaigns, customer_id))["name"] == "v5"


async def test_an_order_moves_with_its_newest_version(campaigns: RunningService) -> None:
    first, refunded = order(order_id="moving"), order(order_id="moving", order_status="REFUNDED", version=3)
    stale = order(order_id="moving", version=2)
    await publish_orders(campaigns, [first, refunded])
    await publish_orders(campaigns, [stale, order(order_id="after")])
    await campaigns.until("SELECT count(*) FROM orders_mv WHERE order_id = 'after'", 1)
    rows = await campaigns.rows("SELECT * FROM orders_mv WHERE order_id = 'moving'")
    assert [(row.order_status, row.customer_id, row.version) for row in rows] == [
        ("REFUNDED", refunded.customer_id, 3)
    ]


async def test_a_snapshot_that_cannot_be_kept_is_put_aside_and_the_rest_goes_on(
    campaigns: RunningService,
) -> None:
    good, bad = customer(name="good one"), customer(name="bad\0one")
    await publish_customers(campaigns, [good, bad])
    query = "SELECT count(*) FROM dead_letters WHERE subject = :id"
    await campaigns.until(query, 1, id=str(bad.customer_id))
    assert (await profile_of(campaigns, good.customer_id))["name"] == "good one"


async def test_a_search_finds_every_word_in_name_email_or_phone_whatever_the_case(
    campaigns: RunningService,
) -> None:
    await add_customers(
        campaigns,
        [
            customer(name="Zoë Quartz", email="zq@quarry.example"),
            customer(name="Zoë Plain", email="zp@field.example"),
            customer(name="100%_sure", email="sure@field.example"),
            customer(name="100 percent", email="percent@field.example", phone="+91 98765-43210"),
        ],
    )
    assert await found(campaigns, q="zoë") == {"Zoë Quartz", "Zoë Plain"}
    assert await found(campaigns, q="QUARRY ZOË") == {"Zoë Quartz"}
    assert await found(campaigns, q="uart") == {"Zoë Quartz"}
    assert await found(campaigns, q="100%") == {"100%_sure"}
    assert await found(campaigns, q="0%_s") == {"100%_sure"}
    assert await found(campaigns, q="43210 98765") == {"100 percent"}
    assert await found(campaigns, q="zoë field nothing") == set()


async def test_a_search_finds_what_a_profile_is_now(campaigns: RunningService) -> None:
    before = customer(name="Wanda Former", email="wanda@before.example", version=1)
    await add_customers(campaigns, [before])
    await add_customers(
        campaigns, [customer(customer_id=before.customer_id, name="Wanda Ordering", version=2)]
    )
    await add_customers(campaigns, [customer(customer_id=before.customer_id, name="Late Former", version=1)])
    assert await found(campaigns, q="wanda") == {"Wanda Ordering"}
    assert await found(campaigns, q="before.example") == await found(campaigns, q="former") == set()


async def test_a_search_is_served_by_the_trigram_index(campaigns: RunningService) -> None:
    query = select(customers_mv.c.customer_id).where(is_told(has_text("quartz")))
    statement = query.compile(compile_kwargs={"literal_binds": True})
    async with campaigns.database.transaction() as tx:
        await tx.exec_driver_sql("SET LOCAL enable_seqscan = off")
        plan = await tx.exec_driver_sql(f"EXPLAIN {statement}")
        assert "profile_texts_search" in str(plan.all())


@pytest.mark.parametrize("sort", [sign + name for name in SORTS for sign in ("", "-")])
async def test_pages_of_every_order_hold_everyone_once_and_in_order(
    campaigns: RunningService, sort: str
) -> None:
    group = await _sortable(campaigns)
    rules = json.dumps({"combinator": "and", "rules": [_is("attributes.group", "sortable")]})
    items = await walk(campaigns, "/profiles", limit=7, sort=sort, rules=rules)
    assert [item["customer_id"] for item in items] == [str(item.customer_id) for item in _sorted(group, sort)]


async def _sortable(campaigns: RunningService) -> list[CustomerChanged]:
    """Customers with ties and missing values; the same ones each time."""
    pick = random.Random(1)
    group = [
        customer(
            customer_id=UUID(int=pick.getrandbits(128)),
            name=pick.choice(("ann", "Ann", "Bob", "émile", "Émile")),
            total_spend=Decimal(pick.choice(("0.00", "9.90", "10.00", "100.00"))),
            last_order_at=pick.choice((None, SINCE, SINCE + DAY, SINCE + timedelta(microseconds=1))),
            created_at=SINCE + pick.choice((DAY, 2 * DAY, 2 * DAY + timedelta(microseconds=7))),
            attributes={"group": "sortable"},
        )
        for _ in range(40)
    ]
    await add_customers(campaigns, group)
    return group


def _sorted(group: list[CustomerChanged], sort: str) -> list[CustomerChanged]:
    field, descending = sort.removeprefix("-"), sort.startswith("-")

    def key(item: CustomerChanged) -> Any:
        value = getattr(item, field)
        return (value.lower() if field == "name" else value), item.customer_id

    there = [item for item in group if getattr(item, field) is not None]
    missing = [item for item in group if getattr(item, field) is None]
    missing.sort(key=lambda item: item.customer_id, reverse=descending)
    return sorted(there, key=key, reverse=descending) + missing


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"sort": "phone"}, "sort"),
        ({"sort": "--name"}, "sort"),
        ({"limit": "0"}, "limit"),
        ({"limit": "1001"}, "limit"),
        ({"cursor": "!"}, "cursor"),
        ({"cursor": "WyJuYW1lIl0"}, "cursor"),
        ({"rules": "{"}, "rules"),
        ({"rules": '{"combinator": "and", "rules": [{"field": "x", "operator": "="}]}'}, "rules[0].field"),
        ({"q": "x" * 256}, "q"),
    ],
)
async def test_bad_parameters_are_named(
    campaigns: RunningService, params: dict[str, str], field: str
) -> None:
    status, problem = await campaigns.get("/profiles", params=params)
    assert (status, [error["field"] for error in problem["errors"]]) == (400, [field])


async def test_a_cursor_is_good_for_its_own_order_only(campaigns: RunningService) -> None:
    await add_customers(campaigns, [customer(), customer()])
    _, page = await campaigns.get("/profiles", params={"sort": "name", "limit": "1"})
    params = {"sort": "-name", "cursor": page["next_cursor"]}
    assert (await campaigns.get("/profiles", params=params))[0] == 400


async def test_an_unknown_profile_is_not_found(campaigns: RunningService) -> None:
    assert (await campaigns.get(f"/profiles/{uuid4()}"))[0] == 404
    assert (await campaigns.get("/profiles/nobody"))[0] == 404


def _is(field: str, value: str) -> dict[str, str]:
    return {"field": field, "operator": "=", "value": value}
