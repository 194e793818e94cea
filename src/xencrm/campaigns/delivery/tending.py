"""What time does to messages: leases end, doubts are given up, campaigns complete or are cancelled."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from xencrm.campaigns.delivery import audience, store
from xencrm.campaigns.delivery.stride import Stride
from xencrm.contracts.topology import RECEIPT_QUEUE
from xencrm.kernel.database import Database, Listener, Tx
from xencrm.kernel.endurance import keep_going
from xencrm.kernel.logging import get_logger
from xencrm.kernel.messaging.broker import Broker
from xencrm.kernel.process import Role, wake_or_stop

CHUNK = 5000
EVERY_S = 0.5
log = get_logger(__name__)


@dataclass(frozen=True)
class Patience:
    """Seconds: how long an unanswered attempt is asked again, and how long SENT waits for a receipt."""

    doubt_s: float
    receipt_s: float


# True when there is more to do at once.
Task = Callable[[], Awaitable[bool]]
Step = Callable[[Tx], Awaitable[int]]


def tending(database: Database, broker: Broker, patience: Patience, *, silent: Sequence[str]) -> Role:
    """`silent`: vendors that give no receipts. Any number may run; every step is compare-and-set."""
    judging: Sequence[Step] = (
        lambda tx: store.end_leases(tx, most=CHUNK),
        lambda tx: store.give_up_doubt(tx, budget_s=patience.doubt_s, most=CHUNK),
        lambda tx: store.expire_sent(tx, wait_s=patience.receipt_s, silent=silent, most=CHUNK),
    )

    async def tend() -> bool:
        await _to_the_end(database, lambda tx: store.cancel_messages(tx, most=CHUNK))
        # while receipts wait to be recorded, silence says nothing
        if await broker.depth(RECEIPT_QUEUE) == 0:
            for step in judging:
                await _to_the_end(database, step)
        async with database.transaction() as tx:
            for campaign_id in await store.complete_campaigns(tx, silent=silent):
                log.info("campaign.completed", campaign_id=str(campaign_id))
        return False

    return _repeating(database, "delivery.tend", tend)


def preparing(database: Database, *, zone: str) -> Role:
    """Writes down the audiences of launched campaigns, in turns of a chunk; who fails has had its turn."""
    strides: dict[UUID, Stride] = {}

    async def prepare() -> bool:
        waiting = await audience.list_preparing(database)
        known = [campaign_id for campaign_id in strides if campaign_id in waiting]
        turns = [*(campaign_id for campaign_id in waiting if campaign_id not in strides), *known]
        for gone in strides.keys() - set(waiting):
            del strides[gone]
        return any([await take_turn(campaign_id) for campaign_id in turns])

    async def take_turn(campaign_id: UUID) -> bool:
        stride = strides[campaign_id] = strides.pop(campaign_id, Stride())
        return await audience.prepare_chunk(database, campaign_id, stride, zone=zone)

    return _repeating(database, "delivery.prepare", prepare)


async def _to_the_end(database: Database, step: Step) -> None:
    moved = CHUNK
    while moved >= CHUNK:
        async with database.transaction() as tx:
            moved = await step(tx)


def _repeating(database: Database, name: str, task: Task) -> Role:
    """A role that does the task every half second, and at once when a campaign changes."""

    async def role(stop: asyncio.Event) -> None:
        wake = asyncio.Event()

        async def repeat() -> None:
            async with Listener(database, "campaigns").session(wake.set) as session:
                while session.alive and not stop.is_set():
                    if not await task():
                        await wake_or_stop(wake, stop, EVERY_S)

        await keep_going(stop, name, repeat)

    return role
