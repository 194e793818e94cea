"""What the parts can do alone, measured in the same run: the limits beside the product's figures."""

import asyncio
import statistics
import time
from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

from bench.batches import ORDERS
from bench.installation import databases, setting
from bench.measures import TEXT, VENDOR_LATENCY_MS
from tests.support.product import Product
from xencrm.campaigns.delivery.vendor import Outgoing
from xencrm.campaigns.vendors.simulator.sender import SimulatorVendor
from xencrm.kernel.ids import uuid7
from xencrm.kernel.messaging.broker import Broker, Queue, Topic
from xencrm.kernel.messaging.open import open_broker

FRAMES = 200
FRAME_EVENTS = 500
EVENT_BYTES = 400
HOPS = 200
CALLS = 60
CALL_MESSAGES = 500
CALLS_AT_ONCE = 3


async def copy_rate(product: Product) -> float:
    """Rows a second of COPY into a table as `orders` is, with its primary key and index."""
    now = datetime.now(UTC)
    rows = [(f"bench-{n}", uuid7(), Decimal("12.50"), "COMPLETED", now) for n in range(ORDERS)]
    columns = ["order_id", "customer_id", "order_amount", "order_status", "ordered_at"]
    async with databases(product) as dbs:
        await dbs.master.execute("CREATE TABLE bench_orders (LIKE orders INCLUDING ALL)")
        began = time.perf_counter()
        await dbs.master.copy_records_to_table("bench_orders", records=rows, columns=columns)
        elapsed = time.perf_counter() - began
        await dbs.master.execute("DROP TABLE bench_orders")
    return ORDERS / elapsed


async def broker_rates(product: Product) -> dict[str, float]:
    """Events a second in and out again in frames of 500; median milliseconds of one small frame's way."""
    queue = Queue(f"bench-{uuid4().hex[:8]}", Topic("bench", uuid4().hex[:8]))
    broker = await open_broker(setting(product, "XENCRM_BROKER_URL"), [queue], max_bytes=2_000_000_000)
    try:
        hop_ms = await _hop_ms(broker, queue)
        began = time.perf_counter()
        await asyncio.gather(_publish(broker, queue), _consume(broker, queue))
        return {
            "events_per_s": FRAMES * FRAME_EVENTS / (time.perf_counter() - began),
            "hop_ms": hop_ms,
        }
    finally:
        await broker.close()


async def _publish(broker: Broker, queue: Queue) -> None:
    for _ in range(FRAMES):
        await broker.publish(queue.topic, b"x" * FRAME_EVENTS * EVENT_BYTES)


async def _consume(broker: Broker, queue: Queue) -> None:
    taken = 0
    async with broker.subscribe(queue) as subscription:
        while taken < FRAMES:
            frames = await subscription.receive(max_frames=16, wait_s=5)
            await subscription.ack(frames)
            taken += len(frames)


async def _hop_ms(broker: Broker, queue: Queue) -> float:
    times = []
    async with broker.subscribe(queue) as subscription:
        for _ in range(HOPS):
            began = time.perf_counter()
            await broker.publish(queue.topic, b"x" * EVENT_BYTES)
            await subscription.ack(await subscription.receive(max_frames=1, wait_s=5))
            times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


async def vendor_rate(product: Product) -> float:
    """Messages a second that the simulator takes from its adapter, with as many calls at once as a sender."""
    await product.simulator("/v1/dials", "PUT", json={"latency_ms": VENDOR_LATENCY_MS})
    vendor = SimulatorVendor(product.credentials["simulator_url"])
    room = asyncio.Semaphore(CALLS_AT_ONCE)

    async def call() -> None:
        async with room:
            messages = [
                Outgoing(uuid7(), 1, "someone@bench.example", "Someone", None, TEXT)
                for _ in range(CALL_MESSAGES)
            ]
            await vendor.send(messages, timeout_s=10)

    began = time.perf_counter()
    await asyncio.gather(*(call() for _ in range(CALLS)))
    elapsed = time.perf_counter() - began
    await vendor.close()
    return CALLS * CALL_MESSAGES / elapsed
