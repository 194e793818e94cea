"""A marketer at work on a running product: people, segments, campaigns, and what became of them."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tests.support.ledger import STATES, Ledger
from tests.support.product import Product
from tests.support.waiting import until

PEOPLE = 400
INACTIVE = 10
DIALS = {
    "success_rate": 1.0,
    "latency_ms": 0,
    "latency_jitter_ms": 0,
    "http_429_rate": 0.0,
    "receipts": "answer",
    "late_ms": 0,
    "repeat_rate": 0.0,
    "reorder": False,
    "outage": False,
}
# Small calls and short pauses, so that a campaign of a few hundred has a life that can be watched.
PACE = {"XENCRM_SEND_BATCH": "20", "XENCRM_RETRY_BASE_S": "0.1", "XENCRM_SEND_LEASE_S": "9"}

Stats = dict[str, Any]


def seats(first: int, after_last: int) -> list[dict[str, Any]]:
    """A rule for people with consecutive seat numbers."""
    return [
        {"field": "attributes.seat", "operator": ">=", "value": first},
        {"field": "attributes.seat", "operator": "<", "value": after_last},
    ]


@dataclass(frozen=True)
class Campaign:
    """A draft or launched campaign."""

    shop: "Shop"
    campaign_id: str

    @property
    def path(self) -> str:
        return f"/campaigns/{self.campaign_id}"

    async def do(self, verb: str) -> Any:
        return await self.shop.product.ask("POST", f"{self.path}/{verb}")

    async def edit(self, **changes: Any) -> Any:
        return await self.shop.product.ask("PATCH", self.path, json=changes)

    async def stats(self) -> Stats:
        """The shown numbers; they add up in every answer (I1)."""
        stats: Stats = await self.shop.product.ask("GET", f"{self.path}/stats")
        assert sum(stats[state] for state in STATES) == stats["audience"], stats
        return stats

    async def ended(self, status: str = "COMPLETED", within_s: float = 60) -> Stats:
        """The numbers at the end; counters equal a recount all the way (I3)."""

        async def look() -> Stats:
            await self.shop.ledger.check_counters()
            return await self.stats()

        return await until(look, lambda stats: stats["status"] == status, within_s=within_s)

    async def messages(self) -> list[dict[str, Any]]:
        page = await self.shop.product.ask("GET", f"{self.path}/messages?limit=1000")
        assert page["next_cursor"] is None
        return list(page["items"])

    async def in_full(self, message: dict[str, Any]) -> dict[str, Any]:
        """A message with its text and receipts."""
        return dict(await self.shop.product.ask("GET", f"/messages/{message['message_id']}"))


@dataclass(frozen=True)
class Shop:
    """`people` active customers with seats 0, 1, ... and some INACTIVE ones after them."""

    product: Product
    ledger: Ledger

    async def open(self) -> None:
        rows = [
            {
                "name": f"Person {seat}",
                "email": f"seat{seat}@shop.example",
                "status": "ACTIVE" if seat < PEOPLE else "INACTIVE",
                "attributes": {"seat": seat, "city": "Pune" if seat % 2 else "Köln"},
            }
            for seat in range(PEOPLE + INACTIVE)
        ]
        await self.product.ask("POST", "/customers/batch", json=rows)
        await until(self._customers, lambda count: count == len(rows))

    async def _customers(self) -> int:
        return int((await self.product.ask("GET", "/dashboard"))["totals"]["customers"])

    async def turn(self, **dials: Any) -> None:
        """The simulator's dials: those given, the others as they are by default here."""
        await self.product.simulator("/v1/dials", "PUT", json={**DIALS, **dials})

    async def accepted(self) -> int:
        stats = await self.product.simulator("/v1/stats")
        assert stats["accepted"] == stats["unique_accepted"], "each message accepted at most once (I2)"
        return int(stats["accepted"])

    async def accepted_ids(self) -> set[str]:
        """All messages that the vendor ever accepted."""
        ids: set[str] = set()
        cursor = ""
        while cursor is not None:
            page = await self.product.simulator(f"/v1/accepted?limit=1000&cursor={cursor}")
            ids |= {item["message_id"] for item in page["items"]}
            cursor = page["next_cursor"]
        return ids

    async def preview(self, rules: list[dict[str, Any]]) -> int:
        body = {"rules": {"combinator": "and", "rules": rules}, "sample": 0}
        return int((await self.product.ask("POST", "/segments/preview", json=body))["count"])

    async def draft(self, rules: list[dict[str, Any]], **fields: Any) -> Campaign:
        tree = {"combinator": "and", "rules": rules}
        segment = await self.product.ask("POST", "/segments", json={"name": uuid4().hex, "rules": tree})
        body = {
            "name": "A campaign",
            "segment_id": segment["segment_id"],
            "message_template": "Hi {{ first_name }}",
            **fields,
        }
        made = await self.product.ask("POST", "/campaigns", json=body)
        return Campaign(self, made["campaign_id"])

    async def launch(self, rules: list[dict[str, Any]], **fields: Any) -> Campaign:
        campaign = await self.draft(rules, **fields)
        await campaign.do("launch")
        return campaign
