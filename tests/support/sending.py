"""Campaigns sent step by step: a vendor of ours, and what is left of a person in a database."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from tests.support.ledger import Ledger
from tests.support.service import RunningService
from xencrm.campaigns.consent.links import Links
from xencrm.campaigns.consent.model import AddressHashes
from xencrm.campaigns.delivery import audience
from xencrm.campaigns.delivery.composing import Composed, Composer
from xencrm.campaigns.delivery.lane import Lane
from xencrm.campaigns.delivery.pace import Pace
from xencrm.campaigns.delivery.reporting import Reporter
from xencrm.campaigns.delivery.room import Share
from xencrm.campaigns.delivery.store import Claimed, RunningCampaign
from xencrm.campaigns.delivery.vendor import Answer, Delivered, Outgoing, ReceiptMode
from xencrm.contracts.topology import RECEIPT_QUEUE
from xencrm.kernel.messaging.publisher import Publisher

Step = Callable[[], Awaitable[None]]
LINKS = Links("test-secret", "https://shop.example")
HASHES = AddressHashes("test-secret")


async def nothing() -> None:
    """A step at which nothing happens."""


class StandInVendor:
    """Delivers everything, remembers it, and does something in the middle of each call."""

    name = "simulator"
    receipts = ReceiptMode.ANSWER
    calls_at_once: int | None = None

    def __init__(self, during: Step = nothing, *, idempotent: bool = True, max_batch: int = 100) -> None:
        self.idempotent = idempotent
        self.max_batch = max_batch
        self.calls: list[Sequence[Outgoing]] = []
        self._during = during

    @property
    def sent(self) -> list[Outgoing]:
        return [message for call in self.calls for message in call]

    async def send(self, messages: Sequence[Outgoing], *, timeout_s: float) -> list[Answer]:
        self.calls.append(messages)
        await self._during()
        return self.answers(messages)

    def answers(self, messages: Sequence[Outgoing]) -> list[Answer]:
        return [Delivered(vendor_ref=f"ref of {message.to}") for message in messages]

    async def close(self) -> None:
        pass


class ScriptedVendor(StandInVendor):
    """The n-th call ends as the n-th entry of `script` says, for all its messages; then all is delivered."""

    def __init__(self, *script: Answer | Exception, idempotent: bool = True, max_batch: int = 100) -> None:
        super().__init__(idempotent=idempotent, max_batch=max_batch)
        self.script = list(script)

    def answers(self, messages: Sequence[Outgoing]) -> list[Answer]:
        step = self.script.pop(0) if self.script else None
        if isinstance(step, Exception):
            raise step
        return super().answers(messages) if step is None else [step] * len(messages)


class InterruptedComposer(Composer):
    """Something happens once the texts are made."""

    after: Step = staticmethod(nothing)

    async def compose(
        self, campaign: RunningCampaign, claimed: Sequence[Claimed], share: Share
    ) -> list[Composed]:
        composed = await super().compose(campaign, claimed, share)
        await self.after()
        return composed


class Sending:
    """A sender that is asked for one batch at a time."""

    def __init__(
        self,
        running: RunningService,
        vendor: StandInVendor,
        composed: Step = nothing,
        lease_s: float = 30,
        rates: Mapping[str, float] | None = None,
    ) -> None:
        composer = InterruptedComposer(running.database, "INR", LINKS, HASHES)
        composer.after = composed
        reporter = Reporter(Publisher(running.broker, RECEIPT_QUEUE.topic))
        pace = Pace(concurrency=1, batch=100, lease_s=lease_s, rates=rates or {})
        self._lane = Lane(running.database, vendor, composer, reporter, pace)

    async def send(self, stop: asyncio.Event | None = None) -> bool:
        return await self._lane.send_next(stop or asyncio.Event())


async def launch(running: RunningService, *, prepare: bool = True, **fields: Any) -> UUID:
    """A campaign to everybody who is ACTIVE, with its audience written down."""
    rule = {"combinator": "and", "rules": [{"field": "status", "operator": "=", "value": "ACTIVE"}]}
    _, segment = await running.post("/segments", {"name": uuid4().hex, "rules": rule})
    body = {
        "name": "Autumn",
        "segment_id": segment["segment_id"],
        "message_template": "Hi {{ name }}, is {{ email }} still right?",
        "subject": "{{ name }}",
        **fields,
    }
    _, made = await running.post("/campaigns", body)
    status, answer = await running.ask("POST", f"/campaigns/{made['campaign_id']}/launch")
    assert status == 202, answer
    campaign_id = UUID(made["campaign_id"])
    while prepare and await audience.prepare_chunk(running.database, campaign_id, zone="UTC"):
        pass
    return campaign_id


async def check_counters(running: RunningService) -> None:
    """Every counter of every campaign equals a recount (I3), and they add up (I1)."""
    connection = await asyncpg.connect(running.database.url)
    try:
        ledger = Ledger(connection)
        await ledger.check_counters()
        assert (
            await ledger.rows(
                "SELECT * FROM campaign_stats WHERE audience <> pending + sending + sent + delivered + failed"
                " + skipped + cancelled + unconfirmed"
            )
            == []
        )
    finally:
        await connection.close()


async def tables_with(running: RunningService, texts: Collection[str]) -> list[str]:
    """The tables in which one of the texts stands anywhere, in whatever case, also in binary columns."""
    patterns = [f"%{pattern}%" for given in texts for pattern in (given, given.encode().hex())]
    return [name for name in await _tables(running) if await _has_any(running, name, patterns)]


async def _tables(running: RunningService) -> list[str]:
    rows = await running.rows(
        "SELECT oid::regclass::text FROM pg_class"
        " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1"
    )
    return [row[0] for row in rows]


async def _has_any(running: RunningService, table: str, patterns: Collection[str]) -> bool:
    query = f"SELECT 1 FROM {table} AS row WHERE row::text ILIKE ANY(CAST(:patterns AS text[])) LIMIT 1"
    return bool(await running.rows(query, patterns=list(patterns)))
