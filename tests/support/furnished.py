"""A product with something on every page: the sample shop, segments, campaigns, people, a key."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.ledger import STATES
from tests.support.product import Product
from tests.support.waiting import until

# Small calls, so that a campaign has a life that can be watched.
PACE = {"XENCRM_SEND_BATCH": "5", "XENCRM_RETRY_BASE_S": "0.1", "XENCRM_TIME_ZONE": "Asia/Kolkata"}
DIALS = {"success_rate": 0.9, "latency_ms": 0, "latency_jitter_ms": 0, "outage": False}
SLOW = {"latency_ms": 2000}
LIKELY = {"combinator": "and", "rules": [{"field": "total_spend", "operator": ">", "value": 20000}]}
ASLEEP = {
    "combinator": "and",
    "rules": [
        {"field": "status", "operator": "=", "value": "ACTIVE"},
        {
            "combinator": "or",
            "rules": [
                {"field": "days_since_last_order", "operator": ">", "value": 180},
                {"field": "total_orders", "operator": "=", "value": 0},
            ],
        },
    ],
}
TEXT = "Hi {{ first_name }}, our autumn sale starts today."

Row = dict[str, Any]


async def load_sample_data(product: Product) -> None:
    """Returns when all of it is in the profiles."""
    queued = await product.ask("POST", "/sample-data")

    async def unfinished() -> list[Row]:
        batches = [await product.ask("GET", f"/batches/{each['batch_id']}") for each in queued["batches"]]
        return [batch for batch in batches if batch["status"] != "done" or batch["waiting"]]

    await until(unfinished, lambda batches: not batches, within_s=90)
    rows = {batch["kind"]: batch["rows"] for batch in queued["batches"]}
    await until(
        lambda: product.ask("GET", "/dashboard"),
        lambda seen: seen["totals"]["customers"] >= rows["customers"],
        within_s=60,
    )


@dataclass(frozen=True)
class Ids:
    """What pages of one thing are opened with."""

    customer: str
    segment: str
    campaign: str
    draft: str
    paused: str


@dataclass(frozen=True)
class Office:
    """A running product, and how a marketer's program works at it."""

    product: Product

    async def turn(self, **dials: Any) -> None:
        """The simulator's dials: those given, the others as they are here by default."""
        await self.product.simulator("/v1/dials", "PUT", json={**DIALS, **dials})

    async def segment(self, name: str, rules: Row) -> str:
        made = await self.product.ask("POST", "/segments", json={"name": name, "rules": rules})
        return str(made["segment_id"])

    async def draft(self, name: str, segment_id: str, **fields: Any) -> str:
        body = {"name": name, "segment_id": segment_id, "message_template": TEXT, **fields}
        return str((await self.product.ask("POST", "/campaigns", json=body))["campaign_id"])

    async def do(self, campaign_id: str, verb: str, **body: Any) -> None:
        options = {"json": body} if body else {}
        await self.product.ask("POST", f"/campaigns/{campaign_id}/{verb}", **options)

    async def launched(self, name: str, segment_id: str, **fields: Any) -> str:
        campaign_id = await self.draft(name, segment_id, **fields)
        await self.do(campaign_id, "launch")
        return campaign_id

    async def stats(self, campaign_id: str) -> Row:
        stats: Row = await self.product.ask("GET", f"/campaigns/{campaign_id}/stats")
        assert sum(stats[state] for state in STATES) == stats["audience"], stats
        return stats

    async def has_status(self, campaign_id: str, status: str) -> Row:
        return await until(
            lambda: self.stats(campaign_id), lambda stats: stats["status"] == status, within_s=60
        )

    async def half_sent(self, name: str, segment_id: str, **fields: Any) -> str:
        """A campaign that goes on slowly: some is sent, most is not."""
        await self.turn(**SLOW)
        campaign_id = await self.launched(name, segment_id, **fields)
        await until(lambda: self.stats(campaign_id), lambda stats: stats["delivered"] >= 20, within_s=60)
        return campaign_id

    async def paused(self, name: str, segment_id: str, **fields: Any) -> str:
        campaign_id = await self.half_sent(name, segment_id, **fields)
        await self.do(campaign_id, "pause")
        await self.turn()
        return campaign_id


@dataclass(frozen=True)
class Furnished(Office):
    """With something on every page."""

    ids: Ids


async def furnish(product: Product) -> Furnished:
    await load_sample_data(product)
    office = Office(product)
    await office.turn()
    likely = await office.segment("Big spenders", LIKELY)
    asleep = await office.segment("Asleep, worth waking", ASLEEP)
    completed = await office.launched("Autumn sale", likely, holdout_percent=10)
    await office.has_status(completed, "COMPLETED")
    await _answer(product, completed)
    draft = await office.draft("Welcome back", asleep, subject="We miss you, {{ first_name }}")
    scheduled = await office.draft("Diwali greetings", likely)
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    await office.do(scheduled, "schedule", scheduled_at=tomorrow)
    paused = await office.paused("New arrivals", asleep, campaign_type="NEWSLETTER")
    await _let_in(product)
    top = await product.ask("GET", "/profiles", params={"sort": "-total_spend", "limit": "1"})
    return Furnished(product, Ids(top["items"][0]["customer_id"], likely, completed, draft, paused))


async def _answer(product: Product, campaign_id: str) -> None:
    """Some of those who were reached order something."""
    page = await product.ask("GET", f"/campaigns/{campaign_id}/messages", params={"limit": "24"})
    orders = [
        {"customer_id": message["customer_id"], "order_amount": 900 + 137 * number}
        for number, message in enumerate(page["items"])
    ]
    await product.ask("POST", "/orders/batch", json=orders)


async def _let_in(product: Product) -> None:
    await product.ask("POST", "/people", json={"email": "priya@shop.example", "role": "marketer"})
    await product.ask("POST", "/people", json={"email": "dev@shop.example", "role": "viewer"})
    await product.ask("POST", "/api-keys", json={"name": "Web shop", "role": "ingest"})
