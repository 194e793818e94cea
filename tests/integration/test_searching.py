"""What is looked for in the lists of messages, campaigns and segments."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.support.campaigns import add_customers, customer, running_campaigns, walk
from tests.support.full_databases import CUSTOMERS, fill_business
from tests.support.postgres import PostgresServer
from tests.support.service import RunningService
from tests.support.statements import captured, indexes_used, plans_of, scanned
from xencrm.campaigns.delivery import audience
from xencrm.campaigns.profiles import service as profiles
from xencrm.campaigns.profiles.model import Sort, SortField
from xencrm.campaigns.readiness import MIGRATIONS
from xencrm.campaigns.receipts import reads
from xencrm.kernel.database import Database, Tx
from xencrm.kernel.migrations import migrate

NAMES = ("Asha Rao", "Asha 100% Iyer", "Ravi Rao", "ÀSHA Das", "under_score")


@pytest.fixture(scope="module")
async def campaigns(postgres: PostgresServer) -> AsyncIterator[RunningService]:
    async with running_campaigns(postgres) as running:
        people = [customer(name=name, email=f"p{place}@shop.example") for place, name in enumerate(NAMES)]
        await add_customers(running, people)
        yield running


async def make_campaign(campaigns: RunningService, name: str) -> dict[str, Any]:
    condition = {"field": "status", "operator": "=", "value": "ACTIVE"}
    rules = {"combinator": "and", "rules": [condition]}
    _, segment = await campaigns.post("/segments", {"name": uuid4().hex, "rules": rules})
    body = {"name": name, "segment_id": segment["segment_id"], "message_template": "Hi"}
    status, made = await campaigns.post("/campaigns", body)
    assert status == 201, made
    return dict(made)


async def names_of(campaigns: RunningService, path: str, **params: str) -> list[str]:
    return sorted(item["name"] for item in await walk(campaigns, path, limit=2, **params))


async def test_messages_are_found_by_words_in_name_or_address(campaigns: RunningService) -> None:
    campaign_id = (await make_campaign(campaigns, "searched"))["campaign_id"]
    assert (await campaigns.ask("POST", f"/campaigns/{campaign_id}/launch"))[0] == 202
    while await audience.prepare_chunk(campaigns.database, UUID(campaign_id), zone="UTC"):
        pass
    path = f"/campaigns/{campaign_id}/messages"
    assert await names_of(campaigns, path) == sorted(NAMES)
    for q, expected in {
        "asha": ["Asha 100% Iyer", "Asha Rao"],
        "RAO": ["Asha Rao", "Ravi Rao"],
        "rao  asha": ["Asha Rao"],
        "P3@": ["ÀSHA Das"],
        "àsha": ["ÀSHA Das"],
        "100%": ["Asha 100% Iyer"],
        "_": ["under_score"],
        "nobody": [],
        " ": sorted(NAMES),
    }.items():
        assert await names_of(campaigns, path, q=q) == expected, q
    assert await names_of(campaigns, path, q="asha", state="DELIVERED") == []
    _, page = await campaigns.get(path, params={"q": "P3@"})
    assert page["items"][0]["email"] == "p3@shop.example"


async def test_campaigns_are_found_by_a_part_of_the_name_and_by_status(campaigns: RunningService) -> None:
    for name in ("Diwali offer", "DIWALI thanks", "Ünder 50%", "Under 500"):
        await make_campaign(campaigns, name)
    assert await names_of(campaigns, "/campaigns", q=" diwali") == ["DIWALI thanks", "Diwali offer"]
    assert await names_of(campaigns, "/campaigns", q="50%") == ["Ünder 50%"]
    assert await names_of(campaigns, "/campaigns", q="üNDER") == ["Ünder 50%"]
    assert await names_of(campaigns, "/campaigns", q="diwali", status="RUNNING") == []
    assert len(await names_of(campaigns, "/campaigns", q="diwali", status="DRAFT")) == 2


async def test_segments_are_found_by_a_part_of_the_name_and_say_how_many_campaigns_use_them(
    campaigns: RunningService,
) -> None:
    segment_id = (await make_campaign(campaigns, "user"))["segment_id"]
    _, segment = await campaigns.get(f"/segments/{segment_id}")
    assert segment["campaigns"] == 1
    body = {"name": "Searched Ünder 50%", "rules": segment["rules"]}
    assert (await campaigns.ask("PUT", f"/segments/{segment_id}", json=body))[1]["campaigns"] == 1
    assert await names_of(campaigns, "/segments", q="ünder 50%") == [body["name"]]
    assert await names_of(campaigns, "/segments", q="50_") == []
    await campaigns.post("/campaigns", {"name": "x", "segment_id": segment_id, "message_template": "Hi"})
    _, page = await campaigns.get("/segments", params={"q": "searched"})
    assert [item["campaigns"] for item in page["items"]] == [2]


@pytest.fixture(scope="module")
async def busy(postgres: PostgresServer) -> AsyncIterator[Database]:
    database = Database(await postgres.create_database("messages_of_a_busy_shop"), pool_size=1)
    await migrate(database, MIGRATIONS)
    await fill_business(database.url)
    yield database
    await database.close()


@pytest.mark.parametrize("words", [["asha.rao"], ["a"], ["example", "mail"], ["nobody is called so"]])
async def test_messages_are_found_by_index_among_many(busy: Database, words: list[str]) -> None:
    async with busy.transaction() as tx:
        query = "SELECT campaign_id, campaign_month FROM campaigns LIMIT 1"
        campaign_id, month = (await tx.exec_driver_sql(query)).one()
        with captured(busy) as statements:
            found = await reads.list_messages(
                tx, campaign_id, month, state=None, words=words, after=None, most=100
            )
    assert len(found) <= 100 < CUSTOMERS
    for plan in await plans_of(busy, statements[-1]):
        assert scanned(plan) == set(), plan
        assert indexes_used(plan) & {"profile_texts_search", "profile_texts_pkey"}


async def look_for_messages(tx: Tx) -> None:
    month = date(2026, 11, 1)
    await reads.list_messages(tx, uuid4(), month, state=None, words=["a"], after=None, most=5)


async def look_for_profiles(tx: Tx) -> None:
    sort = Sort(SortField.CREATED_AT, descending=True)
    await profiles.search_profiles(tx, words=["a"], matching=None, sort=sort, after=None, limit=5)


@pytest.mark.parametrize("look", [look_for_messages, look_for_profiles])
async def test_what_is_looked_for_by_words_is_planned_for_these_words(
    busy: Database, look: Callable[[Tx], Awaitable[None]]
) -> None:
    """A plan for any words would be chosen after some executions, and reads a million rows for one."""
    async with busy.transaction() as tx:
        await look(tx)
        assert (await tx.exec_driver_sql("SHOW plan_cache_mode")).scalar_one() == "force_custom_plan"
    async with busy.transaction() as tx:
        assert (await tx.exec_driver_sql("SHOW plan_cache_mode")).scalar_one() == "auto"
